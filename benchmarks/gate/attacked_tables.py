"""Tables of made-up counts, treated by the gate and then attacked by somebody who knows every rule.

``python -m benchmarks.gate.attacked_tables [TABLES] [SEED] [ROWS] [COLUMNS]`` prints how many withheld counts were
recovered exactly or bounded more closely than withholding promises. The attacker is ``cohorts/attacks/margins.py``,
written before the gate and by other means; it is given every release over the same people at once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from cohorts.attacks.margins import MOST, Puzzle, is_narrow, solved
from cohorts.gate.outputs import Cell, Dimension, Predicate, Table, predicate
from cohorts.gate.treatment import treat
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
MOST_LEVELS = (6, 5)
KINDS = ("sparse", "even", "one small", "edges", "lonely row", "two releases")


@dataclass(frozen=True, slots=True)
class Loss:
    """What an attack came to."""

    tables: int = 0
    hidden: int = 0
    exact: int = 0
    narrowed: int = 0
    held_back: int = 0

    def __add__(self, other: Loss) -> Loss:
        """Both together."""
        return Loss(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))


def _values(loss: Loss) -> tuple[int, ...]:
    return loss.tables, loss.hidden, loss.exact, loss.narrowed, loss.held_back


def counts(rng: np.random.Generator, kind: str, most: tuple[int, int] = MOST_LEVELS) -> Any:
    """A table of counts of at most so many rows and columns: random ones, and ones made to be hard."""
    shape = (int(rng.integers(2, most[0] + 1)), int(rng.integers(2, most[1] + 1)))
    if kind == "even":
        return rng.poisson(rng.uniform(6, 60), shape)
    if kind == "one small":
        found = rng.integers(10, 120, shape)
        found[rng.integers(shape[0]), rng.integers(shape[1])] = rng.integers(1, 10)
        return found
    if kind == "edges":
        return rng.choice([0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 17, 18, 22, 23], shape)
    if kind == "lonely row":
        found = rng.integers(10, 90, shape)
        found[rng.integers(shape[0])] = rng.choice([0, 0, 1, 3, 9], shape[1])
        return found
    share = rng.dirichlet(np.full(shape[0] * shape[1], 0.5))
    return rng.multinomial(int(rng.integers(40, 1500)), share).reshape(shape)


def table_of(found: Any, name: str = "table") -> Table:
    """A table with all its totals."""
    names = [f"way {axis}" for axis in range(found.ndim)]
    cells = []
    for place in product(*((*range(size), None) for size in found.shape)):
        inside = tuple(slice(None) if one is None else one for one in place)
        terms = {way: str(one) for way, one in zip(names, place, strict=True) if one is not None}
        cells.append(Cell(predicate(terms), int(found[inside].sum()), None))
    ways = (
        Dimension(way, tuple(map(str, range(size)))) for way, size in zip(names, found.shape, strict=True)
    )
    return Table(name, "COH-001", tuple(cells), tuple(ways))


def attacked(cells: list[Cell], rows: int, columns: int, pairs: list[tuple[Cell, Cell, Cell]]) -> Loss:
    """What somebody who holds these cells, and knows how they add up, finds out of the withheld ones."""
    puzzle, places = _puzzle(cells)
    row = [{"way 0": str(i)} for i in range(rows)]
    column = [{"way 1": str(j)} for j in range(columns)]

    def at(terms: dict[str, str]) -> int:
        return places[predicate(terms)]

    for i in row:
        puzzle.total(at(i), *(at(i | j) for j in column))
    for j in column:
        puzzle.total(at(j), *(at(i | j) for i in row))
    puzzle.total(at({}), *(at(i) for i in row))
    for whole, one, other in pairs:
        puzzle.total(places[whole.where], places[one.where], places[other.where])
    return _lost(puzzle, places, cells)


def attacked_sums(cells: list[Cell], ways: list[tuple[str, int]]) -> Loss:
    """The same of cells of any levels: each is the sum of the finest combinations that it is of.

    ``ways`` are the ways of telling people apart, with how many finest levels each has.
    """
    puzzle, places = _puzzle(cells)
    finest = {place: puzzle.unknown() for place in product(*(range(size) for _, size in ways))}
    for where, whole in places.items():
        levels = [where.levels(name) or tuple(map(str, range(size))) for name, size in ways]
        puzzle.total(whole, *(finest[place] for place in product(*([int(x) for x in one] for one in levels))))
    return _lost(puzzle, places, cells)


def _puzzle(cells: list[Cell]) -> tuple[Puzzle, dict[Predicate, int]]:
    """Every cell once, as it was shown first."""
    puzzle, places = Puzzle("attack", PROFILE), {}
    for cell in cells:
        if cell.where not in places:
            known = puzzle.unknown() if cell.state == "not-shown" else puzzle.add(cell.shown)
            places[cell.where] = known
    return puzzle, places


def _lost(puzzle: Puzzle, places: dict[Predicate, int], cells: list[Cell]) -> Loss:
    small = {places[cell.where] for cell in cells if cell.state == "withheld"}
    ends = [(place, extent) for place, extent in solved(puzzle) if extent[1] < MOST]
    exact = sum(
        low == high > 0 and (place in small or high < PROFILE.threshold) for place, (low, high) in ends
    )
    narrow = sum(is_narrow(extent, PROFILE) for _, extent in ends)
    held = sum(cell.state == "not-shown" for cell in cells)
    return Loss(1, len(small), exact, narrow - exact, held)


def trials(tables: int, seed: int, most: tuple[int, int] = MOST_LEVELS) -> Iterator[Loss]:
    """One loss a table, the kinds in turn."""
    rng = np.random.default_rng(seed)
    for number in range(tables):
        kind = KINDS[number % len(KINDS)]
        found = counts(rng, kind, most)
        first = treat(table_of(found), PROFILE).table
        cells, pairs = list(first.cells), []
        if (
            kind == "two releases"
        ):  # later, the first two rows are released together: with their parts they tell more
            second = _together(found)
            later = treat(second, PROFILE, first.cells).table
            cells += [c for c in later.cells if len(c.where.levels("way 0") or ()) == 2]
            pairs = _pairs(later.cells, first.cells)
        rows, columns = found.shape
        yield attacked(cells, rows, columns, pairs)


def _together(found: Any) -> Table:
    """The first two rows as one, by column and in all."""
    rest = [{"way 1": str(j)} for j in range(found.shape[1])]
    both = {"way 0": ("0", "1")}
    cells = [Cell(predicate(both), int(found[:2].sum()), None)]
    cells += [
        Cell(predicate({**both, **terms}), int(found[:2, j].sum()), None) for j, terms in enumerate(rest)
    ]
    return Table("later", "COH-001", tuple(cells))


def _pairs(later: tuple[Cell, ...], first: tuple[Cell, ...]) -> list[tuple[Cell, Cell, Cell]]:
    by = {cell.where: cell for cell in first}
    found = []
    for whole in later:
        terms = dict(whole.where.terms)
        if terms.get("way 0") == ("0", "1"):
            one, other = (by[predicate({**terms, "way 0": (level,)})] for level in ("0", "1"))
            found.append((whole, one, other))
    return found


def main() -> None:
    """Print what the attacks came to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("asked", nargs="*", type=int, help="how many, the seed, most rows, most columns")
    words: list[int] = parser.parse_args().asked
    asked = [*words, *(10_000, 20261122, *MOST_LEVELS)[len(words) :]]
    began, total = time.process_time(), Loss()
    for loss in trials(asked[0], asked[1], (asked[2], asked[3])):
        total += loss
        if total.tables % 500 == 0:
            print(f"{total.tables:,}: {total.exact} exact, {total.narrowed} close", flush=True)
    print(f"{total.tables:,} tables, {total.hidden:,} withheld counts, {total.held_back:,} others held back")
    print(f"recovered exactly: {total.exact}; bounded more closely than promised: {total.narrowed}")
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
