"""A second count is kept back where what is printed would otherwise tell a withheld one too closely (pure).

Withheld counts are from 1 to the threshold less one, and what is printed must leave all of these possible. So the
sums that hang a command's counts together are solved before anything is printed, with the very attack that
``lifecourse attack`` makes; where a withheld count comes out narrower, the nearest other count is not shown either,
and so on until nothing is narrower. Where none is left to keep back, the count itself is no longer said to be small.
A count that is kept back for another's sake is named in its row's ``not_shown``: nothing is said about its size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cohorts.attacks.margins import Puzzle, is_narrow, solved
from workspace.settings import DisclosureProfile

Build = Callable[[Any, DisclosureProfile], Puzzle]
Place = tuple[dict[str, Any], str]
LEAST_NEEDED = (
    "not_yet_due",
    "overdue",
    "n",
    "missing_share",
    "unobserved",
    "accepted",
    "people",
    "linked",
    "seen",
    "due",
)


def protect(payload: Any, build: Build, profile: DisclosureProfile) -> None:
    """Take out of a payload, in place, what would tell a withheld count too closely.

    Every round takes at least one count out, so it ends.
    """
    while True:
        puzzle = build(payload, profile)
        if not _withholds(puzzle):
            return
        found = [place for place, extent in solved(puzzle) if is_narrow(extent, profile)]
        chosen = [place for cell in found if (place := _nearest(puzzle, cell) or _itself(puzzle, cell))]
        if not chosen:
            return
        for row, key in chosen:
            row[key] = None
            row["not_shown"] = sorted({*row.get("not_shown", ()), key})


def _withholds(puzzle: Puzzle) -> bool:
    return any(cell.hidden and cell.low > 0 for cell in puzzle.cells)


def _nearest(puzzle: Puzzle, cell: int) -> Place | None:
    """The count to keep back: in the fewest sums' distance of the narrow one the least needed, there the largest."""
    reached, edge = {cell}, {cell}
    while edge:
        tied = {other for whole, parts in puzzle.sums if edge & {whole, *parts} for other in (whole, *parts)}
        edge = tied - reached
        reached |= edge
        choice = [place for place in edge if place in puzzle.places and puzzle.cells[place].low > 0]
        shown = [place for place in choice if not puzzle.cells[place].hidden]
        if shown:
            best = min(
                shown, key=lambda place: (_need(puzzle.places[place][1]), -puzzle.cells[place].high, place)
            )
            return puzzle.places[best]
    return None


def _itself(puzzle: Puzzle, cell: int) -> Place | None:
    """The narrow count, no longer said to be small: where few people are in all there is nothing else to keep back."""
    row, key = puzzle.places.get(cell, ({}, ""))
    return (row, key) if row and key not in row.get("not_shown", ()) else None


def _need(key: str) -> int:
    return LEAST_NEEDED.index(key) if key in LEAST_NEEDED else len(LEAST_NEEDED)
