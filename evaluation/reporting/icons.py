"""Our own small drawings: people in a hundred, and one interval. Presentation attributes only (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from evaluation.reporting.signs import INK, PAPER, QUIET

ACROSS, DOWN = 25, 4
STEP_X, STEP_Y = 14, 27
WIDTH, HEIGHT, MARGIN = 360, 122, 16
BAND = "#e4e6e2"
LINE_Y, AXIS_Y, TICK_Y, FOOT_Y = 46, 74, 90, 114
LABEL_GAP, LETTER = 6.0, 7.7
FONT = 'font-family="Arial, Helvetica, sans-serif" font-size="14"'


@dataclass(frozen=True, slots=True)
class Interval:
    """What an interval drawing needs: places on one line, and the words beside them.

    ``zero`` is the place of no difference, ``margins`` those of the minimum important difference either way.
    """

    value: float
    low: float
    high: float
    zero: float
    margins: tuple[float, ...]
    value_label: str
    zero_label: str
    margin_labels: tuple[str, ...]
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class _Ruler:
    """From a value to its place across the drawing."""

    first: float
    room: float

    @classmethod
    def over(cls, places: tuple[float, ...]) -> _Ruler:
        start, end = min(places), max(places)
        length = (end - start) or 1.0
        return cls(start - 0.08 * length, (WIDTH - 2 * MARGIN) / (1.16 * length))

    def at(self, value: float) -> float:
        return MARGIN + (value - self.first) * self.room


def people_svg(count: int, title: str, prefix: str) -> str:
    """A hundred people, 25 by 4: the first ``count`` filled, the others hollow."""
    hollow = "".join(_person(i) for i in range(count, ACROSS * DOWN))
    filled = "".join(_person(i) for i in range(count))
    return (
        f"{_open(ACROSS * STEP_X, DOWN * STEP_Y, title, prefix)}"
        f'<path d="{hollow}" fill="{PAPER}" stroke="{QUIET}" stroke-width="1"/>'
        f'<path d="{filled}" fill="{INK}" stroke="{INK}" stroke-width="1"/></svg>'
    )


def _person(place: int) -> str:
    x, y = place % ACROSS * STEP_X + STEP_X / 2, place // ACROSS * STEP_Y + 6
    return f"M{x - 3:g} {y:g}a3 3 0 1 0 6 0a3 3 0 1 0-6 0zM{x - 4.5:g} {y + 16:g}v-7.5a4.5 4.5 0 0 1 9 0v7.5z"


def interval_svg(interval: Interval, title: str, prefix: str) -> str:
    """The estimate with its interval, against no difference and the minimum important difference."""
    ruler = _Ruler.over((interval.low, interval.high, interval.zero, *interval.margins))
    low, high, value, zero = (
        ruler.at(x) for x in (interval.low, interval.high, interval.value, interval.zero)
    )
    return "".join(
        (
            _open(WIDTH, HEIGHT, title, prefix),
            _band(interval, ruler),
            _line(MARGIN, AXIS_Y, WIDTH - MARGIN, AXIS_Y, 1),
            _line(zero, 26, zero, AXIS_Y, 1.5),
            _line(low, LINE_Y, high, LINE_Y, 4),
            *(_line(x, LINE_Y - 8, x, LINE_Y + 8, 2) for x in (low, high)),
            f'<circle cx="{value:.1f}" cy="{LINE_Y}" r="7" fill="{INK}" stroke="{PAPER}"/>',
            _text(_inside(value, interval.value_label), 16, interval.value_label, weight="bold"),
            *_ticks(interval, ruler),
            _text(MARGIN, FOOT_Y, f"← {interval.left}", anchor="start"),
            _text(WIDTH - MARGIN, FOOT_Y, f"{interval.right} →", anchor="end"),
            "</svg>",
        )
    )


def _band(interval: Interval, ruler: _Ruler) -> str:
    if len(interval.margins) < 2:
        return ""
    left, right = (ruler.at(x) for x in sorted(interval.margins))
    return f'<rect x="{left:.1f}" y="26" width="{right - left:.1f}" height="{AXIS_Y - 26}" fill="{BAND}"/>'


def _ticks(interval: Interval, ruler: _Ruler) -> list[str]:
    """Labels under the axis; one that would stand on another is left out (the caption says it in words)."""
    wanted = [
        (interval.zero, interval.zero_label),
        *zip(interval.margins, interval.margin_labels, strict=True),
    ]
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    for value, label in wanted:
        middle, half = _inside(ruler.at(value), label), LETTER * len(label) / 2 + LABEL_GAP
        if all(middle + half <= start or middle - half >= end for start, end in taken):
            taken.append((middle - half, middle + half))
            parts.append(_text(middle, TICK_Y, label))
    return parts


def _inside(middle: float, label: str) -> float:
    half = LETTER * len(label) / 2
    return min(max(middle, half), WIDTH - half)


def _open(width: int, height: int, title: str, prefix: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{prefix}-title"><title id="{prefix}-title">{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, width: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}" stroke="{INK}" stroke-width="{width:g}"/>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "middle", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:g}" {FONT} font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{INK}">{escape(words)}</text>'
    )
