"""Figures of a method drawn as SVG of our own: lines, bands, bars and dots over time or over a score (pure).

No script, no class, no style: presentation attributes only. Every line is named where it ends; dashes, dots and
words tell lines apart without colour. The same figure always gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evaluation.figures import Figure, Line
from evaluation.reporting.axes import Scale, Tick, period_ticks, round_ticks, text_width
from evaluation.reporting.figure_words import described, is_sideways
from evaluation.reporting.lettering import (
    BESIDE_LETTERS,
    NEAR,
    ROW,
    SAMPLE,
    SPACE,
    End,
    beside,
    key_rows,
    mark_lines,
    mark_rows,
)
from evaluation.reporting.ranges import about_nought, ends_across, ends_up, neutral
from evaluation.reporting.sideways import sideways_svg
from evaluation.reporting.signs import INK, QUIET, capital
from evaluation.reporting.strokes import (
    BAND,
    OUTER,
    RULE,
    Place,
    Strand,
    area,
    bands_of,
    dot,
    known,
    path,
    pieces_of,
    rule,
    start_svg,
    strands,
    words,
)

LETTER_ROOM = 6.6
MOST_BESIDE = 6
JOINED, DOTTED = 12, 60
MANY_POINTS, THINNED = 8_000, 1_500


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn figure: empty where there is nothing to draw; ``cut`` where something goes on beyond it."""

    svg: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """How wide a drawing is, how tall the part inside its axes, and whether names stand beside it or below."""

    width: float
    tall: float
    beside: bool
    ticks: int


FULL, SMALL = Size(780.0, 300.0, beside=True, ticks=5), Size(420.0, 190.0, beside=False, ticks=4)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """From values to places on the page, and how fine places are written."""

    size: Size
    x: Scale
    y: Scale
    decimals: int
    dotted: bool

    @property
    def top(self) -> float:
        return self.y.end

    @property
    def bottom(self) -> float:
        return self.y.start

    def place(self, point: Place) -> Place:
        return self.x.at(point[0]), self.y.at(point[1])


def draw_figure(figure: Figure, *, title: str, prefix: str, size: Size = FULL) -> Drawing:
    """Draw a figure under a title; ``prefix`` makes its ids its own.

    Figures whose x are names that are no periods (areas, donors, what was left out) lie on their side, a row a name.
    """
    looks = strands(figure)
    if not any(known(y) for line in figure.lines for y in (*line.y, *line.low, *line.high)):
        return Drawing("")
    if is_sideways(figure):
        return Drawing(sideways_svg(figure, looks, title=title, prefix=prefix))
    low, high, cut = ends_up(figure)
    ticks = round_ticks(low, high, size.ticks)
    low, high = min(low, ticks[0].at), max(high, ticks[-1].at)
    left = max(text_width(tick.words) for tick in ticks) + 14
    room = BESIDE_LETTERS * LETTER_ROOM + SAMPLE + SPACE + 22 if _beside(looks, size) else 18
    right = size.width - room
    across = Scale(*ends_across(figure), left, right)
    marks = mark_rows(figure.marks, across)
    top = 34.0 + ROW * max((mark.row + len(mark.lines) for mark in marks), default=0)
    points = sum(len(line.x) for line in figure.lines)
    up = Scale(low, high, top + size.tall, top)
    clouds = any(line.kind == "points" for line in figure.lines)
    sheet = _Sheet(size, across, up, 0 if points > MANY_POINTS else 1, dotted=not clouds)
    return Drawing(
        _page(figure, sheet, looks, (ticks, tuple(mark_lines(marks, top, sheet.bottom))), title, prefix), cut
    )


def _beside(looks: Sequence[Strand], size: Size) -> bool:
    return size.beside and sum(bool(s.name) for s in looks) <= MOST_BESIDE


def _page(
    figure: Figure,
    sheet: _Sheet,
    looks: Sequence[Strand],
    frame: tuple[Sequence[Tick], Sequence[str]],
    title: str,
    prefix: str,
) -> str:
    """Everything in the order in which it is painted."""
    ticks, marks = frame
    left, right, foot = sheet.x.start, sheet.x.end, sheet.bottom + 66
    named = [s for s in looks if s.name]
    near = _beside(looks, sheet.size)
    under, tall = key_rows([] if near else named, left, foot, sheet.size.width)
    ends = [_end(strand, sheet) for strand in named] if near else []
    clip = f"{prefix}-clip"
    inside = [
        part for i, strand in enumerate(looks) for part in _draw(strand, sheet, _aside(looks, i, sheet))
    ]
    return "".join(
        (
            start_svg(sheet.size.width, sheet.bottom + 58 + tall, title, described(figure), prefix),
            *_ground(figure, sheet, ticks),
            f'<clipPath id="{clip}"><rect x="{left:.1f}" y="{sheet.top - 5:.1f}" width="{right - left:.1f}" '
            f'height="{sheet.bottom - sheet.top + 10:.1f}"/></clipPath><g clip-path="url(#{clip})">',
            *inside,
            "</g>",
            *marks,
            *beside(ends, right, sheet.top, sheet.bottom),
            *under,
            "</svg>",
        )
    )


def _ground(figure: Figure, sheet: _Sheet, ticks: Sequence[Tick]) -> Iterator[str]:
    """Rules, axes and their words."""
    left, right, bottom = sheet.x.start, sheet.x.end, sheet.bottom
    for tick in ticks:
        y = sheet.y.at(tick.at)
        solid = abs(tick.at - neutral(figure)) < 1e-12 and about_nought(figure)
        yield rule(left, y, right, y, colour=INK if solid else RULE, width=1.2 if solid else 1.0)
        yield words(left - 8, y + 5, tick.words, anchor="end")
    yield words(4, 18, capital(figure.y_name), colour=INK)
    yield rule(left, bottom, right, bottom, colour=QUIET)
    for tick in _names_across(figure, sheet):
        x = sheet.x.at(tick.at)
        yield rule(x, bottom, x, bottom + 5, colour=QUIET)
        half = text_width(tick.words) / 2
        yield words(min(max(x, half), sheet.size.width - half), bottom + 21, tick.words, anchor="middle")
    yield words((left + right) / 2, bottom + 44, capital(figure.x_name), anchor="middle")


def _names_across(figure: Figure, sheet: _Sheet) -> tuple[Tick, ...]:
    low, high, room = sheet.x.low, sheet.x.high, sheet.x.end - sheet.x.start
    if figure.labels:
        return period_ticks(figure.labels, math.ceil(low), math.floor(high), room)
    whole = all(x == int(x) for line in figure.lines for x in line.x if math.isfinite(x))
    ticks = round_ticks(low, high, 12 if whole else 8)
    return tuple(t for t in ticks if not whole or abs(t.at - round(t.at)) < 1e-9)


def _aside(looks: Sequence[Strand], place: int, sheet: _Sheet) -> float:
    """How far bars of one strand move aside, so that those of several at one place can be told apart."""
    barred = [s for s in looks if s.form == "bars" and not s.outer]
    if len(barred) < 2 or looks[place].form != "bars":
        return 0.0
    same = next(
        (
            i
            for i, s in enumerate(barred)
            if s.lines[0].x == looks[place].lines[0].x and (s is looks[place] or looks[place].outer)
        ),
        0,
    )
    step = min(9.0, 0.7 * (sheet.x.at(1) - sheet.x.at(0)) / len(barred))
    return step * (same - (len(barred) - 1) / 2)


def _draw(strand: Strand, sheet: _Sheet, aside: float) -> Iterator[str]:
    if strand.form in ("bars", "dots"):
        for line in strand.lines:
            yield from _bars(line, strand, sheet, aside)
        return
    for line in strand.lines:
        yield from _ribbon(line, sheet, OUTER if strand.outer else BAND)
    pieces = [
        _thinned([sheet.place(p) for p in piece], sheet) for line in strand.lines for piece in pieces_of(line)
    ]
    yield path(pieces, strand.style, decimals=sheet.decimals)
    seen = sum(len(piece) for piece in pieces)
    dotted = strand.kind == "observed" and seen <= DOTTED and sheet.dotted
    for piece in pieces:
        if dotted or (len(piece) == 1 and strand.kind != "placebo"):
            yield from (dot(x, y, strand.style, 2.6) for x, y in piece)


def _ribbon(line: Line, sheet: _Sheet, fill: str) -> Iterator[str]:
    for piece in bands_of(line):
        ends = [(sheet.x.at(x), sheet.y.kept(low), sheet.y.kept(high)) for x, low, high in piece]
        if len(ends) > 1:
            yield area(ends[:: max(len(ends) // THINNED, 1)], fill)
        else:
            x, low, high = ends[0]
            yield rule(x, low, x, high, colour=fill, width=7)


def _bars(line: Line, strand: Strand, sheet: _Sheet, aside: float) -> Iterator[str]:
    """Dots with bars; the band around them as a thin bar with ends."""
    colour = strand.style.colour
    for piece in bands_of(line):
        for x, low, high in piece:
            at, ends = sheet.x.at(x) + aside, (sheet.y.kept(low), sheet.y.kept(high))
            yield rule(at, ends[0], at, ends[1], colour=colour, width=1.1 if strand.outer else 3.2)
            if strand.outer or strand.form == "dots":
                yield from (rule(at - 4, y, at + 4, y, colour=colour) for y in ends)
    if not strand.outer:
        yield from _dots(line, strand, sheet, aside)


def _dots(line: Line, strand: Strand, sheet: _Sheet, aside: float) -> Iterator[str]:
    """The dots, joined where there are many of them, so that the eye finds their order."""
    pieces = [[(x + aside, y) for x, y in map(sheet.place, piece)] for piece in pieces_of(line)]
    many = sum(map(len, pieces)) > JOINED
    if many and strand.form == "bars":
        yield path(pieces, replace(strand.style, width=1.4))
    radius = 3.2 if many or strand.form == "dots" else 4.2
    for piece in pieces:
        yield from (dot(x, y, strand.style, radius) for x, y in piece)


def _thinned(piece: list[Place], sheet: _Sheet) -> list[Place]:
    """A very long line with the lowest and the highest of each narrow stretch, in order: it looks the same."""
    if len(piece) <= THINNED:
        return piece
    size = math.ceil(2 * len(piece) / THINNED)
    kept: list[Place] = [piece[0]]
    for i in range(0, len(piece), size):
        stretch = piece[i : i + size]
        kept += sorted({min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])})
    return [*kept, piece[-1]]


def _end(strand: Strand, sheet: _Sheet) -> End:
    """Where the name of a strand belongs: at its last point, tied to it where that is near the edge."""
    ends = [piece[-1] for line in strand.lines for piece in pieces_of(line)]
    ends = ends or [
        (x, (low + high) / 2) for line in strand.lines for b in bands_of(line) for x, low, high in b[-1:]
    ]
    x, y = max(ends, default=(sheet.x.high, sheet.y.high))
    if len(strand.lines) > 1:
        y = sorted(e[1] for e in ends)[len(ends) // 2]
    place = sheet.x.at(x)
    inside = min(max(sheet.y.at(y) if math.isfinite(y) else sheet.top, sheet.top), sheet.bottom)
    near = place > sheet.x.start + NEAR * (sheet.x.end - sheet.x.start)
    return End(strand, inside, place, near and strand.form == "line" and len(strand.lines) == 1)
