"""What everything released leaves possible for each cell: least and greatest, by linear programming (pure; HiGHS).

All cells of one universe are tied together at once, whichever release they stood in: dimensions that they share are
cut into the classes of levels that they tell apart, every combination of classes is an unknown count, and every
released cell says that a sum of them lies in an interval. A withheld cell is then made as small and as large as the
rest allows. Bounds of tables of two dimensions are exact; beyond two a searcher for whole numbers could do better.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from cohorts.gate.outputs import Cell, Predicate
from workspace.settings import DisclosureProfile

MOST = 10_000_000
MOST_UNKNOWN = 20_000
NEAR = 1e-6
Extent = tuple[int, int]


class TooManyCombinations(Exception):  # noqa: N818 - not a fault: the tables are too large to be tied together
    """More combinations of classes than can be solved for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an outsider knows of one cell: of whom, and from how many to how many. ``hidden``: one to be found out."""

    where: Predicate
    low: int
    high: int
    hidden: bool


def claim_of(cell: Cell, profile: DisclosureProfile, *, sensitive: bool = False) -> Claim:
    """What a cell as shown says to somebody who knows the rules."""
    if cell.structural:
        return Claim(cell.where, 0, 0, hidden=False)
    if cell.state == "not-shown":
        return Claim(cell.where, 0, MOST, hidden=True)
    if cell.state == "withheld" or cell.shown is None:
        return Claim(cell.where, 0 if sensitive else 1, profile.threshold - 1, hidden=True)
    half = profile.rounding // 2
    if cell.shown == 0 and not sensitive:
        return Claim(cell.where, 0, 0, hidden=False)
    low = max(cell.shown - half, min(cell.shown, profile.threshold))
    return Claim(cell.where, low, cell.shown + half, hidden=False)


def extents(claims: Sequence[Claim]) -> list[Extent | None]:
    """Least and greatest whole number of every claim's cell; nothing where the claims contradict one another.

    The levels that are named in a dimension are taken to be all there are, because an outsider mostly knows so and it
    bounds closest. Only where that contradicts what is shown may people be elsewhere: in one dimension, or in all.

    Raises
    ------
    TooManyCombinations
        Where the dimensions of all claims together have more combinations than can be solved for.
    """
    wheres = [claim.where for claim in claims]
    low, high = (np.array([getattr(c, end) for c in claims], dtype=float) for end in ("low", "high"))
    hidden = [c.hidden for c in claims]
    names = sorted({name for where in wheres for name, _ in where.terms})
    for opened in dict.fromkeys(((), *((name,) for name in names), tuple(names))):
        found = _Solver(_sums(wheres, names, opened), low, high).extents(hidden)
        if None not in found:
            break
    return found


def _classes(wheres: Sequence[Predicate], name: str, *, opened: bool) -> list[frozenset[int]]:
    """The classes of levels of a dimension: each is the set of predicates that allow it."""
    allowed = [where.levels(name) for where in wheres]
    levels = sorted({level for one in allowed if one is not None for level in one})
    kinds = {frozenset(i for i, one in enumerate(allowed) if one is None or level in one) for level in levels}
    if opened:
        kinds.add(frozenset(i for i, one in enumerate(allowed) if one is None))
    return sorted(kinds, key=sorted)


def _sums(wheres: Sequence[Predicate], names: Sequence[str], opened: Sequence[str]) -> Any:
    """Which unknown counts make up each cell: a matrix of cells by combinations."""
    classes = [_classes(wheres, name, opened=name in opened) for name in names]
    if math.prod(len(kinds) for kinds in classes) > MOST_UNKNOWN:
        raise TooManyCombinations
    everybody = frozenset(range(len(wheres)))
    columns: dict[frozenset[int], int] = {}
    for combination in product(*classes):
        members = everybody.intersection(*combination)
        if members:
            columns.setdefault(members, len(columns))
    rows = [i for members in columns for i in members]
    cols = [j for members, j in columns.items() for _ in members]
    shape = (len(wheres), max(len(columns), 1))
    return csr_matrix((np.ones(len(rows)), (rows, cols)), shape=shape)


class _Solver:
    """Ends of sums under constraints; a solution found for one cell is a witness for the others."""

    def __init__(self, sums: Any, low: Any, high: Any) -> None:
        self.sums, self.low, self.high = sums, low, high
        self.rule = LinearConstraint(sums, low, high)
        self.bounds = Bounds(0, np.inf)

    def solve(self, aim: Any) -> Any | None:
        done = milp(aim, constraints=self.rule, bounds=self.bounds, integrality=np.zeros(len(aim)))
        return done.x if done.status == 0 and done.x is not None else None

    def extents(self, hidden: Sequence[bool]) -> list[Extent | None]:
        ends = [(int(a), int(b)) for a, b in zip(self.low, self.high, strict=True)]
        wanted = [i for i, one in enumerate(hidden) if one]
        if not wanted:
            return list(ends)
        least = self._ends(wanted, 1.0)
        if least is None:
            return [None] * len(ends)
        telling = [i for i in wanted if self.high[i] < MOST or least[i] > NEAR]
        most = (self._ends(telling, -1.0) if telling else {}) or {}
        for i in wanted:
            ends[i] = (math.ceil(least[i] - NEAR), math.floor(most.get(i, float(MOST)) + NEAR))
        return list(ends)

    def _ends(self, wanted: Sequence[int], sign: float) -> dict[int, float] | None:
        """The least (sign 1) or greatest (sign -1) of each; cells seen at their own limit need no solving."""
        limit = self.low if sign > 0 else self.high
        first = self.solve(sign * sum(self._row(i) for i in wanted))
        if first is None:
            return None
        found: dict[int, float] = {}
        self._witness(first, wanted, limit, found)
        for i in wanted:
            if i in found:
                continue
            answer = self.solve(sign * self._row(i))
            if answer is None:
                return None
            self._witness(answer, wanted, limit, found)
            found.setdefault(i, float(self._row(i) @ answer))
        return found

    def _row(self, i: int) -> Any:
        """Which unknown counts make up one cell."""
        row = np.zeros(self.sums.shape[1])
        row[self.sums.indices[self.sums.indptr[i] : self.sums.indptr[i + 1]]] = 1.0
        return row

    def _witness(self, answer: Any, wanted: Sequence[int], limit: Any, found: dict[int, float]) -> None:
        values = self.sums @ answer
        for i in wanted:
            if i not in found and abs(values[i] - limit[i]) < NEAR:
                found[i] = float(values[i])


def is_narrow(extent: Extent | None, profile: DisclosureProfile, *, sensitive: bool = False) -> bool:
    """Say whether a cell is known to be small, and to be one of fewer numbers than withholding promises."""
    if extent is None:
        return False
    low, high = extent
    least, promised = (0 if sensitive else 1), profile.threshold - 1
    return low >= least and high <= promised and high - low < promised - least


def narrow_cells(
    cells: Sequence[Cell],
    profile: DisclosureProfile,
    *,
    sensitive: bool = False,
    among: Collection[int] | None = None,
) -> list[int]:
    """The places of cells of which too much can be worked out from all of these together; ``among`` some of them."""
    claims = [claim_of(cell, profile, sensitive=sensitive) for cell in cells]
    if among is not None:
        claims = [replace(c, hidden=c.hidden and i in among) for i, c in enumerate(claims)]
    found = extents(claims)
    return [
        i
        for i, (cell, extent) in enumerate(zip(cells, found, strict=True))
        if claims[i].hidden and not cell.structural and is_narrow(extent, profile, sensitive=sensitive)
    ]
