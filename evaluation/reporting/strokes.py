"""How lines of a figure look, so that they are told apart in print and without colour; pieces of SVG (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from typing import Literal, TypeGuard

from evaluation.figures import Figure, Line, LineKind
from evaluation.reporting.signs import INK, PAPER, QUIET

FITTED = "#8a5a00"
BLUE, GREY, BAND, OUTER, RULE = "#1d4f91", "#8a8d91", "#d5e0ee", "#eaf0f7", "#d9dcd8"
FONT = 'font-family="Arial, Helvetica, sans-serif"'
SIZE = 14
DASHES = ("", "7 4", "2 3", "11 4 2 4", "1 5", "14 5")
COLOURS: dict[LineKind, tuple[str, ...]] = {
    "observed": (INK, QUIET),
    "expected": (BLUE, INK),
    "effect": (INK, BLUE, FITTED, QUIET),
    "comparison": (QUIET, BLUE),
    "placebo": (GREY,),
    "points": (INK, BLUE),
}
FIRST_DASH: dict[LineKind, int] = {"expected": 1, "comparison": 2}
WIDTHS: dict[LineKind, float] = {"observed": 2.4, "effect": 2.4, "expected": 2.2, "placebo": 0.9}
MARKERS = ("circle", "square", "triangle", "diamond")
FEW_POINTS = 45
DENSE, FINE = 120, 1.5
FITTED_DASH = 3
ONE_BY_ONE = {"placebo": 1, "comparison": 3, "effect": 6, "points": 4, "observed": 4, "expected": 4}
TOGETHER: dict[LineKind, str] = {
    "placebo": "placebos",
    "comparison": "comparison series",
    "effect": "single groups",
    "points": "groups of points",
    "observed": "observed series",
    "expected": "expected series",
}
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """Colour, width, dashes and the shape of the dots of a line."""

    colour: str
    width: float
    dash: str
    marker: str
    filled: bool


@dataclass(frozen=True, slots=True)
class Strand:
    """Lines that look alike and share one name; ``outer`` is a band around another strand's points."""

    name: str
    kind: LineKind
    lines: tuple[Line, ...]
    style: Style
    form: Literal["line", "bars", "dots"]
    outer: bool = False


def strands(figure: Figure) -> tuple[Strand, ...]:
    """The lines of a figure by looks, those to be drawn first (bands, grey lines) ahead."""
    named: dict[tuple[LineKind, str], list[Line]] = {}
    for line in figure.lines:
        named.setdefault((line.kind, line.name), []).append(line)
    found: list[Strand] = []
    for kind in COLOURS:
        groups = [(name, tuple(lines)) for (k, name), lines in named.items() if k == kind]
        if len(groups) > ONE_BY_ONE[kind]:
            groups = [(f"{TOGETHER[kind]} ({len(groups)})", tuple(line for _, g in groups for line in g))]
        found += [_strand(kind, name, lines, figure) for name, lines in groups]
    return tuple(sorted(_distinct(found), key=lambda s: (not s.outer, s.kind != "placebo")))


def _strand(kind: LineKind, name: str, lines: tuple[Line, ...], figure: Figure) -> Strand:
    outer = any(_surrounds(line, other) for line in lines for other in figure.lines)
    style = Style(INK, _width(kind, lines, figure), "", MARKERS[0], filled=kind != "points")
    return Strand(name, kind, lines, style, _form(kind, lines), outer)


def _width(kind: LineKind, lines: tuple[Line, ...], figure: Figure) -> float:
    """Thinner where points are many, or where a model's line lies on what was observed."""
    if kind == "placebo":
        return WIDTHS[kind] if len(lines) > 1 else 1.8
    beside = kind == "effect" and any(line.kind == "observed" for line in figure.lines)
    return FINE if beside or max(len(line.x) for line in lines) > DENSE else WIDTHS.get(kind, 1.8)


def _surrounds(line: Line, other: Line) -> bool:
    """Say whether a line's band lies around the same points as another line's narrower one."""
    if other is line or other.x != line.x or not line.low or not other.low:
        return False
    bare = all(value is None for value in line.y)
    return (bare or other.y == line.y) and _spread(line) > _spread(other)


def _spread(line: Line) -> float:
    pairs = zip(line.low, line.high, strict=True)
    return sum(high - low for low, high in pairs if known(low) and known(high))


def _form(kind: LineKind, lines: Sequence[Line]) -> Literal["line", "bars", "dots"]:
    if kind == "points":
        return "dots"
    few = max(sum(known(y) for y in line.y) or len(line.x) for line in lines) <= FEW_POINTS
    return "bars" if kind == "effect" and few and any(line.low for line in lines) else "line"


def _distinct(found: Sequence[Strand]) -> Iterator[Strand]:
    """Give each strand its own dashes, colour and dots; a band around points takes none away from them."""
    seen: dict[LineKind, int] = {}
    taken: set[tuple[str, str]] = set()
    for strand in found:
        i = seen.get(strand.kind, 0)
        if not strand.outer:
            seen[strand.kind] = i + 1
        colours = COLOURS[strand.kind]
        colour, turn = colours[i % len(colours)], i + FIRST_DASH.get(strand.kind, 0)
        if strand.style.width == FINE and strand.kind == "effect":
            colour, turn = FITTED, FITTED_DASH
        if strand.form == "line" and strand.kind != "placebo":
            turn = next((t for t in range(turn, turn + len(DASHES)) if (colour, _dash(t)) not in taken), turn)
            taken.add((colour, _dash(turn)))
        dash = "" if strand.kind == "placebo" else _dash(turn)
        style = replace(strand.style, colour=colour, dash=dash, marker=MARKERS[i % len(MARKERS)])
        yield replace(strand, style=style)


def _dash(turn: int) -> str:
    return DASHES[turn % len(DASHES)]


def known(value: float | None) -> TypeGuard[float]:
    """Say whether there is a number; infinite ones are none."""
    return value is not None and math.isfinite(value)


def path(pieces: Sequence[Sequence[Place]], style: Style, *, decimals: int = 1) -> str:
    """Pieces of a line as one path, in steps from place to place."""
    drawn = "".join(_piece(piece, decimals) for piece in pieces if len(piece) > 1)
    if not drawn:
        return ""
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return (
        f'<path d="{drawn}" fill="none" stroke="{style.colour}" stroke-width="{style.width:g}"{dash} '
        'stroke-linejoin="round"/>'
    )


def _piece(piece: Sequence[Place], decimals: int) -> str:
    scale = 10**decimals
    whole = [(round(x * scale), round(y * scale)) for x, y in piece]
    steps = [
        f"{_short((b - a) / scale)}{_joined(_short((d - c) / scale))}" for (a, c), (b, d) in pairwise(whole)
    ]
    start = f"M{_short(whole[0][0] / scale)}{_joined(_short(whole[0][1] / scale))}l{steps[0]}"
    return start + "".join(_joined(step) for step in steps[1:])


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0.", "-.") if value else "0"


def _joined(number: str) -> str:
    """A number after another: a minus sign parts them, else a space."""
    return number if number.startswith("-") else f" {number}"


def area(piece: Sequence[tuple[float, float, float]], fill: str) -> str:
    """A band: places across with their lower and upper ends."""
    up = [f"{x:.1f} {top:.1f}" for x, _, top in piece]
    back = [f"{x:.1f} {bottom:.1f}" for x, bottom, _ in reversed(piece)]
    return f'<path d="M{"L".join([*up, *back])}z" fill="{fill}"/>'


def dot(x: float, y: float, style: Style, radius: float) -> str:
    """A dot in the strand's own shape; hollow ones have the ground inside."""
    inside = style.colour if style.filled else PAPER
    paint = f'fill="{inside}" stroke="{style.colour}" stroke-width="1.3"'
    if style.marker == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {paint}/>'
    r = radius * 1.15
    shapes = {
        "square": f"M{x - r:.1f} {y - r:.1f}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z",
        "triangle": f"M{x:.1f} {y - r:.1f}l{r:g} {2 * r:g}h{-2 * r:g}z",
        "diamond": f"M{x:.1f} {y - r:.1f}l{r:g} {r:g}l{-r:g} {r:g}l{-r:g} {-r:g}z",
    }
    return f'<path d="{shapes[style.marker]}" {paint}/>'


def rule(
    x1: float, y1: float, x2: float, y2: float, *, colour: str, width: float = 1.0, dash: str = ""
) -> str:
    """A straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashes}/>'
    )


def words(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = INK,
    weight: str = "normal",
    halo: bool = False,
) -> str:
    """A line of words; what cannot be printed is left out. With a halo they stand out from lines behind them."""
    behind = f' stroke="{PAPER}" stroke-width="5" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{SIZE}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}"{behind}>{_clean(text)}</text>'
    )


def pieces_of(line: Line) -> Iterator[list[Place]]:
    """The stretches of a line between missing points."""
    piece: list[Place] = []
    for x, y in zip(line.x, line.y, strict=True):
        if y is not None and math.isfinite(y) and math.isfinite(x):
            piece.append((x, y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def bands_of(line: Line) -> Iterator[list[tuple[float, float, float]]]:
    """The stretches over which a line has a band; an end without limit is infinite."""
    if not line.low:
        return
    piece: list[tuple[float, float, float]] = []
    for x, low, high in zip(line.x, line.low, line.high, strict=True):
        if low is not None and high is not None and not (math.isnan(low) or math.isnan(high)):
            piece.append((x, low, high))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def start_svg(width: float, height: float, title: str, said: str, prefix: str) -> str:
    """The start of a drawing: its title and what it shows in words, on paper white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" role="img" '
        f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc">'
        f'<title id="{prefix}-title">{_clean(title)}</title><desc id="{prefix}-desc">{_clean(said)}</desc>'
        f'<rect width="{width:g}" height="{height:.0f}" fill="{PAPER}"/>'
    )


def _clean(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable()))
