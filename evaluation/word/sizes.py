"""How large and how far apart things stand, so that page one is one page (pure).

Word lays a page out by itself and says to nobody how long it became. So the length of page one is reckoned from its
letters, and its type made smaller where it would run over; below the smallest type it may run over, and stays legible.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.word.blocks import Block, Grid, Layout, Paragraph, Picture, Run

TWIPS = 20  # to a point
PAGE, MARGIN_SIDE, MARGIN_TOP, MARGIN_FOOT = (11906, 16838), 907, 794, 794  # A4, in twips
INSIDE = PAGE[0] - 2 * MARGIN_SIDE
INSIDE_ACROSS = PAGE[1] - 2 * MARGIN_SIDE
COLUMN_GAP = 360
FULL_WIDTH, HALF_WIDTH, SMALL_WIDTH = 6.6, 2.9, 4.3  # inches
TONE_ROOM = 5
LONGEST_WORD, MOST_LETTERS, BESIDE = 18, 110, 1.5  # letters: of a word, of a column, between columns
BODY, SMALLEST = 10.0, 6.0
DENSITIES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5)
ROOM = (PAGE[1] - MARGIN_TOP - MARGIN_FOOT) / TWIPS * 0.94
LETTER, BOLD_LETTER, LEADING = 0.52, 0.6, 1.2  # of the size of the type, on average
FACTORS = {"answer": 1.65, "sentence": 1.15, "status": 0.9, "key": 0.9, "note": 0.9, "kicker": 1.0}
HEADING_FACTORS = {1: 1.9, 2: 1.25, 3: 1.15, 4: 1.0}
FIRST_HEADING_FACTORS = {1: 1.75, 2: 1.15, 3: 1.05, 4: 1.0}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The type of page one in points, and places of tabs in twips."""

    first: float = BODY
    fact: int = 3400
    spread: int = 4600

    def run_size(self, paragraph: Paragraph) -> float:
        """The size of a paragraph's type; 0 leaves it to the style."""
        factor = FACTORS.get(paragraph.role, 1.0)
        if paragraph.kind == "heading" and paragraph.role != "kicker":
            factor = FIRST_HEADING_FACTORS[paragraph.level] if paragraph.first else 0
        if not factor:
            return 0
        base = self.first if paragraph.first else BODY
        return round(2 * base * factor) / 2 if paragraph.first or factor != 1 else 0

    def spacing(self, paragraph: Paragraph) -> tuple[int, int]:
        """Room before and after, in twips."""
        if paragraph.first:
            tight = self.first / BODY
            before, after = (110, 40) if paragraph.kind == "heading" else (0, 50)
            if paragraph.role == "column":
                before = 0
            if paragraph.kind in ("item", "spread", "fact"):
                after = 20
            return round(before * tight**2), round(after * tight**2)
        if paragraph.kind == "heading":
            return {1: (0, 120), 2: (320, 120), 3: (220, 80)}.get(paragraph.level, (120, 60))
        return {"item": (0, 50), "fact": (0, 50), "caption": (160, 80)}.get(paragraph.kind, (0, 110))


def fitting(blocks: Sequence[Block]) -> Sizes:
    """The largest type at which page one is reckoned to fit; a page of ours may have none that stands alone."""
    first = _page_one(blocks)
    if not first:
        return Sizes()
    for size in DENSITIES:
        if _height(first, Sizes(first=size)) <= ROOM:
            return Sizes(first=size)
    return Sizes(first=DENSITIES[-1])


def _page_one(blocks: Sequence[Block]) -> list[Block]:
    ends = [i for i, block in enumerate(blocks) if isinstance(block, Layout) and block.change == "page two"]
    return list(blocks[: ends[0]]) if ends else []


def _height(blocks: Sequence[Block], sizes: Sizes) -> float:
    """About how tall page one is, in points; columns count with their tallest."""
    total, columns, width = 0.0, [0.0], INSIDE / TWIPS
    for block in blocks:
        if isinstance(block, Layout):
            if block.change == "next column":
                columns.append(0.0)
                continue
            total, columns = total + max(columns), [0.0]
            two = block.change == "two columns"
            width = (INSIDE - COLUMN_GAP) / 2 / TWIPS if two else INSIDE / TWIPS
        else:
            columns[-1] += _tall(block, sizes, width)
    return total + max(columns)


def _tall(block: Paragraph | Grid | Picture, sizes: Sizes, width: float) -> float:
    if isinstance(block, Picture):
        _, _, across, down = (float(part) for part in block.svg.split('viewBox="')[1].split('"')[0].split())
        return picture_width(block) * 72 * down / across + 6
    if isinstance(block, Grid):
        return sum(_row_heights(block, grid_size(block, sizes), width))
    size = sizes.run_size(block) or BODY
    before, after = sizes.spacing(block)
    lines = sum(_lines(len(line), size, width - 14) for line in block.text.split("\n"))
    return lines * size * LEADING + (before + after) / TWIPS


def _lines(letters: int, size: float, width: float) -> int:
    return max(1, math.ceil(letters * size * LETTER / width))


def _row_heights(grid: Grid, size: float, width: float) -> Iterator[float]:
    shares = column_shares(grid, size, width)
    yield size * LEADING + 8
    for row in (grid.head, *grid.rows):
        deepest = max(
            (
                _lines(sum(len(run.text) for run in cell), size, width * share - 6)
                for cell, share in zip(row, shares, strict=False)
            ),
            default=1,
        )
        yield deepest * size * LEADING + 4


def column_shares(grid: Grid, size: float, width: float) -> tuple[float, ...]:
    """How wide each column stands, of 1, in a table ``width`` points wide: no word is cut where there is room.

    Each column first gets its longest word; what is left goes to the columns with more to say.
    """
    words = [min(longest, LONGEST_WORD) + BESIDE for longest in _longest(grid)]
    columns = [[sum(len(run.text) for run in cell) for cell in cells] for cells in _columns(grid)]
    more = [
        max(min(max(column), MOST_LETTERS) - word, 0.0) for column, word in zip(columns, words, strict=True)
    ]
    spare = max(width / (size * BOLD_LETTER) - sum(words), 0.0)
    given = min(spare / sum(more), 1.0) if sum(more) else 0.0
    rest = max(spare - sum(more), 0.0) / len(words)
    wants = [word + given * extra + rest for word, extra in zip(words, more, strict=True)]
    return tuple(want / sum(wants) for want in wants)


def grid_size(grid: Grid, sizes: Sizes, width: int = INSIDE) -> float:
    """The size of a table's type: smaller where many columns have to share the width, in twips."""
    if grid.first:
        return max(sizes.first * 0.88, 7.0)
    if len(grid.head) < 7:
        return 8.5
    fits = width / TWIPS / (sum(longest + BESIDE for longest in _longest(grid)) * BOLD_LETTER)
    return max(SMALLEST, min(8.0, round(2 * fits) / 2))


def _columns(grid: Grid) -> list[tuple[tuple[Run, ...], ...]]:
    return list(zip(grid.head, *grid.rows, strict=True))


def _longest(grid: Grid) -> list[int]:
    """The longest word of each column."""
    return [
        max((len(part) for cell in cells for run in cell for part in run.text.split()), default=1)
        for cells in _columns(grid)
    ]


def picture_width(picture: Picture) -> float:
    """How wide a picture stands, in inches."""
    if picture.role == "half":
        return HALF_WIDTH
    return SMALL_WIDTH if picture.first else FULL_WIDTH
