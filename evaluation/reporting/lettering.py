"""Where the words of a figure stand: names beside the ends of lines, a key below, words of marks above (pure)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.reporting.axes import LETTER, Scale, text_width
from evaluation.reporting.signs import INK, QUIET
from evaluation.reporting.strokes import GREY, Strand, dot, rule, words

ROW = 17.0
BESIDE_LETTERS, MARK_LETTERS = 22, 26
SAMPLE, SPACE = 26.0, 8.0
NEAR = 0.9


@dataclass(frozen=True, slots=True)
class End:
    """Where a strand ends on the page, for its name to stand beside; ``tied`` where a line leads to the name."""

    strand: Strand
    y: float
    x: float
    tied: bool


@dataclass(frozen=True, slots=True)
class MarkWords:
    """The words of a mark, on rows of their own above the drawing."""

    at: float
    middle: float
    row: int
    lines: tuple[str, ...]


def wrapped(text: str, letters: int) -> tuple[str, ...]:
    """A text in lines of so many letters; nothing is cut off."""
    clean = "".join(c for c in text if c.isprintable())
    return tuple(textwrap.wrap(clean, letters, break_long_words=True)) or ("",)


def beside(ends: Sequence[End], right: float, top: float, bottom: float) -> Iterator[str]:
    """Each strand's sample and name right of the drawing, moved apart where they would stand on one another."""
    ordered = sorted(ends, key=lambda end: (end.y, end.strand.outer))
    texts = [wrapped(end.strand.name, BESIDE_LETTERS) for end in ordered]
    tops = _apart([end.y for end in ordered], [ROW * len(text) for text in texts], top, bottom)
    for end, text, y in zip(ordered, texts, tops, strict=True):
        middle = y + ROW / 2
        if end.tied:
            yield rule(end.x + 4, end.y, right + 12, middle, colour=GREY, width=0.8)
        yield from sample(end.strand, right + 16, middle)
        for i, line in enumerate(text):
            yield words(right + 16 + SAMPLE + SPACE, middle + 5 + i * ROW, line, colour=INK)


def _apart(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Tops of boxes near the places wanted, in order, one below the other, inside where they fit."""
    tops: list[float] = []
    floor = top
    for y, height in zip(wanted, heights, strict=True):
        tops.append(max(y - ROW / 2, floor))
        floor = tops[-1] + height + 3
    ceiling = bottom
    for i in range(len(tops) - 1, -1, -1):
        tops[i] = min(tops[i], ceiling - heights[i])
        ceiling = tops[i] - 3
    return tops


def sample(strand: Strand, x: float, y: float) -> Iterator[str]:
    """A piece of a strand, to know it by."""
    style = strand.style
    if strand.form == "dots":
        yield dot(x + SAMPLE / 2, y, style, 4)
    elif strand.form == "bars":
        yield rule(x, y, x + SAMPLE, y, colour=style.colour, width=1.2 if strand.outer else 3.2)
        if strand.outer:
            yield from (rule(end, y - 4, end, y + 4, colour=style.colour) for end in (x, x + SAMPLE))
        else:
            yield dot(x + SAMPLE / 2, y, style, 4)
    else:
        yield rule(x, y, x + SAMPLE, y, colour=style.colour, width=style.width, dash=style.dash)


def key_rows(found: Sequence[Strand], left: float, top: float, right: float) -> tuple[list[str], float]:
    """A key below the drawing, filled row by row, with its height."""
    parts: list[str] = []
    letters = max(int((right - left - SAMPLE - SPACE) / LETTER), 12)
    x, y, deep = left, top, 1
    for strand in found:
        lines = wrapped(strand.name, letters)
        width = SAMPLE + SPACE + max(map(text_width, lines)) + 22
        if x > left and x + width - 22 > right:
            x, y, deep = left, y + ROW * deep + 3, 1
        parts += sample(strand, x, y - 5)
        parts += [words(x + SAMPLE + SPACE, y + i * ROW, line) for i, line in enumerate(lines)]
        x, deep = x + width, max(deep, len(lines))
    return parts, (y - top + ROW * deep + 6 if found else 0.0)


def mark_rows(marks: Sequence[tuple[float, str]], across: Scale) -> tuple[MarkWords, ...]:
    """The words of the marks, each row by row where it does not touch another."""
    taken: list[list[tuple[float, float]]] = []
    found = []
    for place, text in sorted(marks):
        lines = wrapped(text, MARK_LETTERS)
        half = max(text_width(line) for line in lines) / 2 + 5
        at = across.at(place)
        middle = min(max(at, across.start + half), across.end - half + 40)
        row = 0
        while any(_touch(taken, r, middle - half, middle + half) for r in range(row, row + len(lines))):
            row += 1
        for r in range(row, row + len(lines)):
            while len(taken) <= r:
                taken.append([])
            taken[r].append((middle - half, middle + half))
        found.append(MarkWords(at, middle, row, lines))
    return tuple(found)


def _touch(taken: Sequence[Sequence[tuple[float, float]]], row: int, start: float, end: float) -> bool:
    return row < len(taken) and any(start < b and a < end for a, b in taken[row])


def mark_lines(found: Sequence[MarkWords], top: float, bottom: float) -> Iterator[str]:
    """A dashed line down the drawing at each mark, below its words."""
    deepest = max((mark.row + len(mark.lines) for mark in found), default=0)
    firsts = [top - ROW * (deepest - mark.row) + 4 for mark in found]
    for mark, first in zip(found, firsts, strict=True):
        start = first + (len(mark.lines) - 1) * ROW + 6
        yield rule(mark.at, start, mark.at, bottom, colour=QUIET, width=1.4, dash="5 3")
    for mark, first in zip(found, firsts, strict=True):
        for i, line in enumerate(mark.lines):
            yield words(mark.middle, first + i * ROW, line, anchor="middle", weight="bold", halo=True)
