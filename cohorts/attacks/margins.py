"""Margins: from totals that are published, work out what was withheld (pure; linear programming, HiGHS).

Every published count is an interval, every withheld one lies from 1 to the threshold less one, and sums tie them
together. The attack succeeds on a cell when that leaves fewer numbers than withholding promises.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog

from cohorts.attacks.model import Trial, judged
from workspace.settings import DisclosureProfile

MOST = 10_000_000
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
    matrix = np.zeros((len(puzzle.sums), len(puzzle.cells)))
    for row, (whole, parts) in enumerate(puzzle.sums):
        matrix[row, whole] = -1
        for part in parts:
            matrix[row, part] += 1
    bounds = [(cell.low, cell.high) for cell in puzzle.cells]
    found = []
    for place, cell in enumerate(puzzle.cells):
        if cell.hidden:
            found.append(_extent(matrix, bounds, place))
    return [extent for extent in found if extent is not None]


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
    promised = puzzle.profile.threshold - 1
    exact = narrowed = 0
    extents = solve(puzzle)
    for low, high in extents:
        small = low >= 1 and high <= promised
        exact += small and low == high
        narrowed += small and low < high < low + promised - 1
    return Reading(puzzle.name, len(extents), exact, narrowed, puzzle.plain)


def flow_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort flow``: the enrolled are the eligible, the others and the unknown; the observed are enrolled."""
    puzzle = Puzzle(f"cohort flow {payload.get('cohort', '')}", profile)
    steps = {step["step"]: puzzle.add(step["n"]) for step in payload.get("steps", [])}
    parts = [steps[name] for name in ("eligible", "not eligible", "eligibility unknown") if name in steps]
    if len(parts) == 3:
        puzzle.total(steps["enrolled"], *parts)
    arms = [puzzle.add(row["n"]) for row in payload.get("allocated", [])]
    if arms and "withdrawn or restricted" not in steps:
        puzzle.total(steps["enrolled"], *arms)
    for row in payload.get("observed", []):
        puzzle.total(steps["enrolled"], puzzle.add(row["n"]), puzzle.unknown())
    for row in payload.get("deliveries", []):
        rows, accepted = puzzle.add(row["rows"]), puzzle.add(row["accepted"])
        puzzle.total(rows, accepted, puzzle.unknown())
    return puzzle


def follow_up_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort follow-up``: the due are the seen, the missing and the overdue; arms add up to all."""
    puzzle = Puzzle(f"cohort follow-up {payload.get('cohort', '')}", profile)
    for row in payload.get("follow_up", []):
        whole = _standing(puzzle, row)
        arms = [_standing(puzzle, arm) for arm in row.get("arms", [])]
        for key in whole if arms else ():
            puzzle.total(whole[key], *(arm[key] for arm in arms))
    return puzzle


def _standing(puzzle: Puzzle, row: Mapping[str, Any]) -> dict[str, int]:
    cells = {key: puzzle.add(row[key]) for key in ("due", "seen", "overdue", "not_yet_due")}
    missing = [puzzle.add(item["n"]) for item in row["missing"]]
    puzzle.total(cells["due"], cells["seen"], cells["overdue"], *missing)
    return cells


def quality_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort quality``: people are those with a value and those without by reason."""
    puzzle = Puzzle(f"cohort quality {payload.get('cohort', '')}", profile)
    for row in payload.get("variables", []):
        people = puzzle.add(row["people"])
        puzzle.total(people, puzzle.unknown(), *(puzzle.add(item["n"]) for item in row["missing"]))
    for row in payload.get("waves", []):
        puzzle.total(puzzle.add(row["enrolled"]), puzzle.add(row["unobserved"]), puzzle.unknown())
    return puzzle


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
        "The published tables only: evaluation results, and what cohort flow, follow-up and quality print.",
        f"{cells:,} hidden cells in {len(readings)} outputs, least and greatest by linear programming.",
        tuple(found) or ("no small cell is known better than withholding promises",),
        f"Counts below {threshold} are withheld and all others rounded, totals included.",
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
