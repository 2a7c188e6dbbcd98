"""Figures on their side: a row for each area, donor or way, its number with its interval along a line (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from evaluation.figures import Figure, Line
from evaluation.reporting.axes import Scale, round_ticks, text_width
from evaluation.reporting.figure_words import described
from evaluation.reporting.lettering import ROW, key_rows, wrapped
from evaluation.reporting.numbers import decimals_for, plain
from evaluation.reporting.signs import INK, QUIET, capital
from evaluation.reporting.strokes import RULE, Strand, dot, known, rule, start_svg, words

WIDTH, NAME_LETTERS = 780.0, 30
REACH = 3.0
HALF = 15.0


def sideways_svg(figure: Figure, looks: Sequence[Strand], *, title: str, prefix: str) -> str:
    """Rows from top to bottom in the order of the labels; several strands stand below one another in a row."""
    low, high = _reach(figure)
    ticks = round_ticks(low, high, 6)
    low, high = min(low, ticks[0].at), max(high, ticks[-1].at)
    names = [wrapped(label, NAME_LETTERS) for label in figure.labels]
    left = max(text_width(line) for name in names for line in name) + 18
    numbers = len(looks) == 1 and len(looks[0].lines) == 1
    across = Scale(low, high, left, WIDTH - (170 if numbers else 20))
    step = max(2 * HALF, ROW * max(len(name) for name in names) + 8, 16.0 * len(looks))
    top, bottom = 12.0, 12.0 + step * len(names)
    middles = [top + step * (i + 0.5) for i in range(len(names))]
    keys, tall = (
        key_rows([s for s in looks if s.name], left, bottom + 70, WIDTH) if len(looks) > 1 else ([], 0.0)
    )
    return "".join(
        (
            start_svg(WIDTH, bottom + 58 + tall, title, described(figure), prefix),
            *_rules(figure, across, (top, bottom)),
            *(part for name, y in zip(names, middles, strict=True) for part in _name(name, y)),
            *(
                part
                for i, strand in enumerate(looks)
                for line in strand.lines
                for part in _row(line, strand, across, middles, 11.0 * (i - (len(looks) - 1) / 2))
            ),
            *(_numbers(looks[0].lines[0], middles) if numbers else ()),
            *keys,
            "</svg>",
        )
    )


def _reach(figure: Figure) -> tuple[float, float]:
    middle = [float(y) for line in figure.lines for y in line.y if y is not None and known(y)]
    ends = [float(y) for line in figure.lines for y in (*line.low, *line.high) if y is not None and known(y)]
    low, high = min([0.0, *(middle or ends)]), max([0.0, *(middle or ends)])
    size = (high - low) or max((abs(y) for y in ends), default=1.0) or 1.0
    return max(min([low, *ends]), low - REACH * size), min(max([high, *ends]), high + REACH * size)


def _rules(figure: Figure, across: Scale, ends: tuple[float, float]) -> Iterator[str]:
    top, bottom = ends
    for tick in round_ticks(across.low, across.high, 6):
        x, nought = across.at(tick.at), abs(tick.at) < 1e-12
        yield rule(x, top, x, bottom, colour=INK if nought else RULE, width=1.2 if nought else 1.0)
        yield words(x, bottom + 19, tick.words, anchor="middle")
    yield words((across.start + across.end) / 2, bottom + 42, capital(figure.y_name), anchor="middle")


def _name(lines: Sequence[str], y: float) -> Iterator[str]:
    first = y + 5 - ROW * (len(lines) - 1) / 2
    return (words(4, first + i * ROW, line) for i, line in enumerate(lines))


def _row(line: Line, strand: Strand, across: Scale, middles: Sequence[float], aside: float) -> Iterator[str]:
    low = line.low or (None,) * len(line.x)
    high = line.high or (None,) * len(line.x)
    for x, value, start, end in zip(line.x, line.y, low, high, strict=True):
        if not 0 <= x < len(middles) or x != int(x):
            continue
        y = middles[int(x)] + aside
        if start is not None and end is not None and not math.isnan(start + end):
            a, b = across.kept(start), across.kept(end)
            yield rule(a, y, b, y, colour=strand.style.colour, width=1.2 if strand.outer else 3.0)
            yield from _beyond(across, (start, end), y, strand.style.colour)
        if value is not None and known(value) and not strand.outer:
            yield dot(across.kept(value), y, strand.style, 4.6)


def _beyond(across: Scale, ends: tuple[float, float], y: float, colour: str) -> Iterator[str]:
    """An arrow where an interval goes on beyond the drawing."""
    if ends[0] < across.low:
        yield f'<path d="M{across.start - 5:.1f} {y:.1f}l8 -5v10z" fill="{colour}"/>'
    if ends[1] > across.high:
        yield f'<path d="M{across.end + 5:.1f} {y:.1f}l-8 -5v10z" fill="{colour}"/>'


def _ends(low: float, high: float, digits: int) -> str:
    said = [plain(end, digits) if math.isfinite(end) else "no limit" for end in (low, high)]
    return " to ".join(said)


def _numbers(line: Line, middles: Sequence[float]) -> Iterator[str]:
    """The value and its interval at the end of each row."""
    low = line.low or (None,) * len(line.x)
    high = line.high or (None,) * len(line.x)
    digits = decimals_for(*(y for y in (*line.y, *low, *high) if y is not None and known(y)))
    for x, value, start, end in zip(line.x, line.y, low, high, strict=True):
        if value is None or not known(value) or not 0 <= x < len(middles):
            continue
        said = plain(value, digits)
        if start is not None and end is not None and not math.isnan(start + end):
            said = f"{said} ({_ends(start, end, digits)})"
        yield words(WIDTH - 4, middles[int(x)] + 5, said, anchor="end", colour=INK if line.low else QUIET)
