"""Margins: from totals that are published, work out what was withheld (pure; linear programming, HiGHS).

Every published count is an interval, every withheld one lies from 1 to the threshold less one, and sums tie them
together. The attack succeeds on a cell when that leaves fewer numbers than withholding promises.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog

from cohorts.attacks.model import Trial, judged
from workspace.settings import DisclosureProfile

MOST = 10_000_000
Extent = tuple[int, int]
Bounds = tuple[Extent, ...]
Sums = tuple[tuple[int, tuple[int, ...]], ...]
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Cell:
    """A count: what an outsider knows of it at first. ``hidden`` says that it is one to find out."""

    low: int
    high: int
    hidden: bool


class Puzzle:
    """Published counts of one output and how they hang together; cells are added, then solved."""

    def __init__(self, name: str, profile: DisclosureProfile) -> None:
        self.name, self.profile = name, profile
        self.cells: list[Cell] = []
        self.places: dict[int, tuple[dict[str, Any], str]] = {}
        self.sums: list[tuple[int, tuple[int, ...]]] = []
        self.plain = 0

    def add(self, published: int | float | None) -> int:
        """A published count, or a withheld one. One that is no multiple of the rounding was not rounded."""
        threshold, base = self.profile.threshold, self.profile.rounding
        if published is None:
            return self._put(Cell(1, threshold - 1, hidden=True))
        n = int(published)
        if 0 < n < threshold:
            self.plain += 1
        if n == 0 or n % base:
            return self._put(Cell(n, n, hidden=False))
        half = base // 2
        return self._put(Cell(max(n - half, min(n, threshold)), n + half, hidden=False))

    def take(self, row: dict[str, Any], key: str) -> int:
        """A count where it stands in a payload. One that is not shown to protect another is not said to be small."""
        hushed = row[key] is None and key in row.get("not_shown", ())
        cell = self.unknown() if hushed else self.add(row[key])
        self.places[cell] = (row, key)
        return cell

    def exact(self, low: int, high: int) -> int:
        """A count of which more is known than its rounded form says."""
        return self._put(Cell(low, high, hidden=False))

    def unknown(self) -> int:
        """A count that was not published: somebody lost between two steps."""
        return self._put(Cell(0, MOST, hidden=True))

    def _put(self, cell: Cell) -> int:
        self.cells.append(cell)
        return len(self.cells) - 1

    def total(self, whole: int, *parts: int) -> None:
        """One count is the sum of others."""
        self.sums.append((whole, parts))


def solve(puzzle: Puzzle) -> list[tuple[int, int]]:
    """What is left for each hidden cell: the least and the greatest whole number, cell by cell."""
    return [extent for _, extent in solved(puzzle)]


def solved(puzzle: Puzzle) -> list[tuple[int, tuple[int, int]]]:
    """The place of each hidden cell with its extent; cells that no sum ties together are solved apart."""
    found: list[tuple[int, tuple[int, int]]] = []
    for cells, sums in _islands(puzzle):
        hidden = [place for place in cells if puzzle.cells[place].hidden]
        if hidden:
            nth = {place: n for n, place in enumerate(cells)}
            bounds = tuple((puzzle.cells[place].low, puzzle.cells[place].high) for place in cells)
            tied = tuple((nth[whole], tuple(nth[part] for part in parts)) for whole, parts in sums)
            extents = _extents(bounds, tied, tuple(nth[place] for place in hidden))
            found += [(place, one) for place, one in zip(hidden, extents, strict=True) if one is not None]
    return found


@lru_cache(maxsize=8192)
def _extents(bounds: Bounds, sums: Sums, hidden: tuple[int, ...]) -> tuple[Extent | None, ...]:
    """Least and greatest of the hidden cells of one island; a tree of sums needs no linear programming."""
    edges = sum(1 + len(parts) for _, parts in sums)
    if edges == len(bounds) + len(sums) - 1:
        ends = _passed_on(bounds, sums)
        return tuple(None if ends is None else ends[place] for place in hidden)
    matrix = np.zeros((len(sums), len(bounds)))
    for row, (whole, parts) in enumerate(sums):
        matrix[row, whole] = -1
        for part in parts:
            matrix[row, part] += 1
    return tuple(_extent(matrix, bounds, place) for place in hidden)


def _passed_on(bounds: Bounds, sums: Sums) -> list[Extent] | None:
    """What each count tells the others through its sums, until nothing is new; None where they do not add up.

    In a tree this is exact: no two sums share more than one count.
    """
    low, high = [one for one, _ in bounds], [one for _, one in bounds]
    before: list[int] = []
    while before != [*low, *high]:
        before = [*low, *high]
        for whole, parts in sums:
            least, most = sum(low[p] for p in parts), sum(high[p] for p in parts)
            for part in parts:
                low[part] = max(low[part], low[whole] - (most - high[part]))
                high[part] = min(high[part], high[whole] - (least - low[part]))
                least, most = sum(low[p] for p in parts), sum(high[p] for p in parts)
            low[whole], high[whole] = max(low[whole], least), min(high[whole], most)
        if any(one > other for one, other in zip(low, high, strict=True)):
            return None
    return list(zip(low, high, strict=True))


def _islands(puzzle: Puzzle) -> list[tuple[list[int], list[tuple[int, tuple[int, ...]]]]]:
    """Cells that sums tie together, with those sums."""
    root = list(range(len(puzzle.cells)))

    def top(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for whole, parts in puzzle.sums:
        for part in parts:
            root[top(part)] = top(whole)
    islands: dict[int, tuple[list[int], list[tuple[int, tuple[int, ...]]]]] = {}
    for place in range(len(puzzle.cells)):
        islands.setdefault(top(place), ([], []))[0].append(place)
    for one in puzzle.sums:
        islands[top(one[0])][1].append(one)
    return list(islands.values())


def _extent(matrix: Any, bounds: Sequence[tuple[int, int]], place: int) -> tuple[int, int] | None:
    ends = []
    for sign in (1.0, -1.0):
        aim = np.zeros(len(bounds))
        aim[place] = sign
        done = linprog(aim, A_eq=matrix if len(matrix) else None, b_eq=np.zeros(len(matrix)) if len(matrix) else None,
                       bounds=bounds, method="highs")  # fmt: skip
        if done.status != 0:  # the counts do not add up: nothing can be said
            return None
        ends.append(float(done.fun) * sign)
    return math.ceil(ends[0] - TOLERANCE), math.floor(ends[1] + TOLERANCE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What solving one output came to: hidden cells, those known exactly, and those narrowed."""

    name: str
    cells: int
    exact: int
    narrowed: int
    plain: int

    @property
    def succeeded(self) -> bool:
        """Say whether anything small was found out."""
        return bool(self.exact or self.narrowed or self.plain)


def read(puzzle: Puzzle) -> Reading:
    """Solve an output and count the small cells of which too much is known."""
    extents = solve(puzzle)
    small = [extent for extent in extents if is_narrow(extent, puzzle.profile)]
    exact = sum(low == high for low, high in small)
    return Reading(puzzle.name, len(extents), exact, len(small) - exact, puzzle.plain)


def is_narrow(extent: tuple[int, int], profile: DisclosureProfile) -> bool:
    """Say whether a count is known to be of a few, and to be one of fewer numbers than withholding promises."""
    low, high = extent
    promised = profile.threshold - 1
    return low >= 1 and high <= promised and high < low + promised - 1


def margins(readings: Sequence[Reading], threshold: int) -> Trial:
    """Every output that was solved."""
    cells = sum(reading.cells for reading in readings)
    found = [
        f"{r.name}: {r.exact} small cells known exactly, {r.narrowed} to fewer numbers than withholding promises, "
        f"{r.plain} small counts not withheld at all"
        for r in readings
        if r.succeeded
    ]
    return Trial(
        "margins",
        "Working withheld counts out of totals",
        "The published tables only: evaluation results, and what cohort flow, cohort follow-up, cohort quality, link "
        "quality and areas show print.",
        f"{cells:,} hidden cells in {len(readings)} outputs, least and greatest by linear programming.",
        tuple(found) or ("no small cell is known better than withholding promises",),
        f"Counts below {threshold} are withheld and all others rounded, totals included; where sums would "
        "still tell one, a second count is kept back.",
        judged(bool(found)),
        "Each output alone: tables are not tied together across outputs (see the differencing attack).",
    )


def evaluation_puzzles(
    results: Iterable[tuple[str, Mapping[str, Any]]],
    sizes: Mapping[str, tuple[tuple[int, int], tuple[int, int]]],
    profile: DisclosureProfile,
) -> list[Puzzle]:
    """Flows of evaluation results. ``sizes`` gives what the estimates say of the two arms' true sizes."""
    return [_evaluation(name, result, sizes.get(name), profile) for name, result in results]


def _evaluation(
    name: str,
    result: Mapping[str, Any],
    arms: tuple[tuple[int, int], tuple[int, int]] | None,
    profile: DisclosureProfile,
) -> Puzzle:
    puzzle = Puzzle(name, profile)
    steps = [puzzle.add(step.get("n")) for step in result.get("flow", [])]
    for before, after in pairwise(steps):
        puzzle.total(before, after, puzzle.unknown())
    if steps and arms and result.get("flow", [{}])[-1].get("n") is not None:
        puzzle.total(steps[-1], *(puzzle.exact(*extent) for extent in arms), puzzle.exact(0, MOST))
    return puzzle
