"""A table made safe: categories put together, then every count rounded, then small ones withheld (pure).

Afterwards the table is attacked with everything it shows; where a withheld count could be told more closely than the
rules promise, a neighbouring count is not shown either, until none can. Totals are rounded from the true totals, never
added up from what is shown: a total that leaves the withheld out would be a subtraction away from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cohorts.disclosure import publish_count
from cohorts.gate.extents import narrow_cells
from cohorts.gate.merging import smallest_merge
from cohorts.gate.outputs import Cell, Share, Table
from cohorts.gate.rules import is_small_in
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class Treated:
    """A table as it may leave, and what was done to it, in words without a count."""

    table: Table
    changes: tuple[str, ...]


def treat(table: Table, profile: DisclosureProfile, released: Sequence[Cell] = ()) -> Treated:
    """Make a table safe: merge, round, withhold, and hold back what would undo the withholding.

    ``released`` are cells of the same universe that are out already: nothing may be told with their help either.
    """
    coarser, changes = smallest_merge(table, profile)
    cells = [_published(cell, profile, sensitive=table.sensitive) for cell in coarser.cells]
    said = list(changes)
    if any(cell.state == "withheld" for cell in cells):
        said.append("small counts withheld")
    kept = held_back(cells, profile, released, sensitive=table.sensitive)
    if kept != cells:
        said.append("other counts not shown, because totals would tell the small ones")
    shares = tuple(found for share in coarser.shares if (found := _worked_out(share, kept)))
    if len(shares) < len(coarser.shares):
        said.append("percentages of counts that are not shown left out")
    return Treated(replace(coarser, cells=tuple(kept), shares=shares), tuple(said))


def _published(cell: Cell, profile: DisclosureProfile, *, sensitive: bool) -> Cell:
    if is_small_in(cell, profile, sensitive=sensitive):
        return replace(cell, shown=None, state="withheld")
    return replace(cell, shown=publish_count(cell.n, profile), state="shown")


def held_back(
    cells: list[Cell], profile: DisclosureProfile, released: Sequence[Cell], *, sensitive: bool
) -> list[Cell]:
    """The cells with further ones not shown. Each round takes one more, so it ends.

    What is shown less bounds nothing closer, so between two full rounds only the narrow ones are solved again.
    """
    found = list(cells)
    among: set[int] | None = None
    while any(cell.state != "shown" for cell in (*found, *released)):
        everything = [*found, *released]
        narrow = narrow_cells(everything, profile, sensitive=sensitive, among=among)
        if not narrow and among is None:
            return found
        if not narrow:
            among = None
            continue
        place = _neighbour(everything, narrow, len(found))
        if place is None:
            return found
        found[place] = replace(found[place], shown=None, state="not-shown")
        among = {*narrow, place}
    return found


def _neighbour(cells: Sequence[Cell], narrow: Sequence[int], own: int) -> int | None:
    """The count to hold back next.

    As like the narrow one as any that is shown, there the smallest. Where nothing else is shown, a withheld total that
    is narrow is no longer said to be small (its parts are small already), and at last a nought is not shown.
    """
    mine = dict(cells[narrow[0]].where.terms)

    def unlike(place: int) -> tuple[int, int, int]:
        other = dict(cells[place].where.terms)
        apart = sum(mine.get(name) != other.get(name) for name in {*mine, *other})
        return apart, len(mine) - len(other), cells[place].n  # other cells of its line before the totals

    shown = [i for i in range(own) if cells[i].state == "shown" and not cells[i].structural]
    if some := [i for i in shown if cells[i].n]:
        return min(some, key=unlike)
    small = [i for i in narrow if i < own and cells[i].state == "withheld"]
    if small:
        return min(small, key=lambda i: len(cells[i].where.terms))
    return min(shown, key=unlike) if shown else None


def _worked_out(share: Share, cells: Sequence[Cell]) -> Share | None:
    """A percentage of the released counts; none where one of them is not shown."""
    part, whole = cells[share.part].shown, cells[share.whole].shown
    if part is None or not whole:
        return None
    return replace(share, shown=round(min(part / whole, 1.0), share.decimals))
