"""Categories put together along hierarchies that the table declares, as few as will do (pure).

The search goes from the table as it is to coarser ones, the smallest loss first: the number of categories and cells
that disappear. It stops at the first table without a small cell.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from cohorts.gate.outputs import Cell, Magnitude, Predicate, Table
from cohorts.gate.rules import is_small_in
from workspace.settings import DisclosureProfile

MOST_TRIED = 4_000
Merged = tuple[tuple[str, str], ...]


def smallest_merge(table: Table, profile: DisclosureProfile) -> tuple[Table, tuple[str, ...]]:
    """The table with the fewest categories put together that has no small cell; its changes in words.

    The table as it is where nothing is small, or where no merge of the declared ones helps.
    """
    order = count()
    waiting: list[tuple[int, int, Merged, Table]] = [(0, next(order), (), table)]
    seen: set[Merged] = {()}
    for _ in range(MOST_TRIED):
        if not waiting:
            break
        _, _, done, found = heapq.heappop(waiting)
        if not _small(found, profile):
            return found, tuple(f"put together in '{dim}': {parent}" for dim, parent in done)
        for step in _possible(found):
            key = tuple(sorted((*done, step)))
            if key not in seen:
                seen.add(key)
                coarser = merged(found, *step)
                heapq.heappush(waiting, (_size(table) - _size(coarser), next(order), key, coarser))
    return table, ()


def _small(table: Table, profile: DisclosureProfile) -> bool:
    return any(is_small_in(cell, profile, sensitive=table.sensitive) for cell in table.cells)


def _size(table: Table) -> int:
    return len(table.cells) + sum(len(dimension.levels) for dimension in table.dimensions)


def _possible(table: Table) -> Iterator[tuple[str, str]]:
    """Every parent whose children are all there, in every dimension."""
    for dimension in table.dimensions:
        parents = dict(dimension.parents)
        for parent in dict.fromkeys(parents[level] for level in dimension.levels if level in parents):
            children = {child for child, above in dimension.parents if above == parent}
            if children <= set(dimension.levels):
                yield dimension.name, parent


def merged(table: Table, dimension: str, parent: str) -> Table:
    """The table with all children of ``parent`` as one level: cells of single children are added up.

    A cell of all of them together, or of none, stays. The merged cell still says which of the finest levels it is of:
    the name of a parent alone would not tie it to an earlier release of its children. Percentages and other figures
    are left out: they are of the table that was, and are worked out anew from the released counts.
    """
    place = next(d for d in table.dimensions if d.name == dimension)
    children = {child for child, above in place.parents if above == parent}
    finest = place.finest(parent)
    levels = tuple(dict.fromkeys(parent if level in children else level for level in place.levels))
    single = {place.finest(child) for child in children}
    cells: dict[Predicate, Cell] = {}
    known: set[Predicate] = set()
    for cell in table.cells:
        held = frozenset(cell.where.levels(dimension) or ())
        if not held or not held <= finest:
            cells[cell.where] = cell
            continue
        where = Predicate((*(t for t in cell.where.terms if t[0] != dimension), (dimension, tuple(finest))))
        if held == finest:  # a cell of all children is their sum already
            cells[where] = replace(cell, where=where, shown=None)
            known.add(where)
        elif held in single and where not in known:  # what is of some children only is said no more
            cells[where] = _added(cells.get(where), cell, where)
    dims = tuple(replace(d, levels=levels) if d.name == dimension else d for d in table.dimensions)
    return replace(table, dimensions=dims, cells=tuple(cells.values()), shares=(), statistics=())


def _added(before: Cell | None, cell: Cell, where: Predicate) -> Cell:
    if before is None:
        return replace(cell, where=where, shown=None)
    amount = _amounts(before.magnitude, cell.magnitude)
    both = before.structural and cell.structural
    return replace(before, n=before.n + cell.n, magnitude=amount, structural=both)


def _amounts(one: Magnitude | None, other: Magnitude | None) -> Magnitude | None:
    if one is None or other is None:
        return None
    top = sorted((one.largest, one.second, other.largest, other.second), reverse=True)
    return Magnitude(one.total + other.total, top[0], top[1])
