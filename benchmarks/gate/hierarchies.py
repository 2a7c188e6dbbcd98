"""Tables whose rows can be put together along a hierarchy, treated, released twice, and attacked.

The first release is of all rows, put together as far as the gate will; the second, later, is of the groups of rows
alone, treated with the first in sight. The attacker knows which rows make a group, holds both, and solves all at once.
"""

from __future__ import annotations

from typing import Any

from benchmarks.gate.attacked_tables import PROFILE, Loss, attacked_sums, table_of
from cohorts.gate.outputs import Cell, Dimension, Table, predicate
from cohorts.gate.treatment import treat

ROWS, COLUMNS = "way 0", "way 1"


def with_groups(found: Any, *, deep: bool) -> Table:
    """A table whose neighbouring rows make groups of two (the last may be of three); ``deep``: those make one."""
    table = table_of(found)
    groups = max(found.shape[0] // 2, 1)
    parents = [(str(row), f"group {min(row // 2, groups - 1)}") for row in range(found.shape[0])]
    if deep and groups > 1:
        parents += [(f"group {group}", "all groups") for group in range(groups)]
    rows, columns = table.dimensions
    return Table(
        "hierarchy", table.universe, table.cells, (Dimension(ROWS, rows.levels, tuple(parents)), columns)
    )


def of_groups(table: Table, found: Any) -> Table:
    """The later table: of the groups of rows, by column and in all."""
    rows, columns = table.dimensions
    parts: dict[str, list[int]] = {}
    for row in range(found.shape[0]):
        parts.setdefault(dict(rows.parents)[str(row)], []).append(row)
    cells = [Cell(predicate(), int(found.sum()), None)]
    cells += [
        Cell(predicate({COLUMNS: level}), int(found[:, j].sum()), None)
        for j, level in enumerate(columns.levels)
    ]
    for lines in parts.values():
        terms = {ROWS: [str(row) for row in lines]}
        cells.append(Cell(predicate(terms), int(found[lines].sum()), None))
        cells += [
            Cell(predicate({**terms, COLUMNS: level}), int(found[lines, j].sum()), None)
            for j, level in enumerate(columns.levels)
        ]
    return Table("groups", table.universe, tuple(cells))


def attacked_twice(found: Any, *, deep: bool, again: bool) -> Loss:
    """What both releases together give away, or the first alone."""
    whole = with_groups(found, deep=deep)
    cells = list(treat(whole, PROFILE).table.cells)
    if again:
        said = {cell.where for cell in cells}
        later = treat(of_groups(whole, found), PROFILE, cells).table.cells
        cells += [cell for cell in later if cell.where not in said]
    return attacked_sums(cells, [(ROWS, found.shape[0]), (COLUMNS, found.shape[1])])
