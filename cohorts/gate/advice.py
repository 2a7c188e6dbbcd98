"""What to do about a table that may not leave: which categories to put together, which cells to withhold (pure).

The table is made safe on the side, as the gate would make it, and what was changed is said by the names of categories,
rows and columns: never by a number.
"""

from __future__ import annotations

from collections.abc import Sequence

from cohorts.gate.extents import TooManyCombinations
from cohorts.gate.outputs import Cell, Table
from cohorts.gate.treatment import held_back, treat
from workspace.settings import DisclosureProfile

MOST_NAMED = 6
COARSER = "Make smaller tables of it, or put categories together."


def advice_for(table: Table, profile: DisclosureProfile) -> str:
    """What would let a table leave; empty where nothing about its cells has to change."""
    try:
        done = treat(table, profile)
    except TooManyCombinations:
        return COARSER
    said = [
        f"{change[0].upper()}{change[1:]}." for change in done.changes if change.startswith("put together")
    ]
    before = {cell.where: cell for cell in table.cells}
    others = [c for c in done.table.cells if c.where not in before or c.state != before[c.where].state]
    if said and others:
        said.append("Then:")
    said += _named("Withhold", [c for c in others if c.state == "withheld"])
    said += _named("Show neither its size nor its number for", [c for c in others if c.state == "not-shown"])
    rounded = [c for c in done.table.cells if c.where in before and _is_rounded_anew(before[c.where], c)]
    if rounded:
        said.append(f"Round every count to a multiple of {profile.rounding}, totals too.")
    return " ".join(said)


def _is_rounded_anew(before: Cell, after: Cell) -> bool:
    return before.state == after.state == "shown" and before.shown != after.shown


def advice_beside(cells: Sequence[Cell], released: Sequence[Cell], profile: DisclosureProfile) -> str:
    """Which cells not to show so that nothing can be worked out from them beside what is out; empty for none."""
    try:
        kept = held_back(list(cells), profile, released, sensitive=False)
    except TooManyCombinations:
        return COARSER
    hushed = [after for before, after in zip(cells, kept, strict=True) if before.state != after.state]
    return " ".join(_named("Show neither its size nor its number for", hushed))


def _named(verb: str, cells: Sequence[Cell]) -> list[str]:
    if not cells:
        return []
    names = [f"'{cell.where.words()}'" for cell in cells[:MOST_NAMED]]
    more = f" and {len(cells) - MOST_NAMED} more" if len(cells) > MOST_NAMED else ""
    return [f"{verb} {', '.join(names)}{more}."]
