"""Randomisation inference: how far out is the difference among all allocations there could have been (pure).

The only assumption is that clusters were allocated by chance within strata, as many to each arm as were. Source:
Fisher (1935); Gail and others (1996) for trials that allocate groups.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.inversion import Ends, accepted

MOST_LISTED = 20_000
TIE = 1e-10


@dataclass(frozen=True, slots=True)
class AllocationTest:
    """The weighted difference between arms, its p-value (ties count), and how many allocations it rests on."""

    value: float
    p_value: float
    allocations: int
    exact: bool
    by_outcome: Array
    by_arm: Array
    scale: float

    def p_at(self, shift: float) -> float:
        """Two-sided p-value of the hypothesis that the effect is the estimate plus ``shift``."""
        moved = np.abs(self.by_outcome - shift * self.by_arm)
        seen = abs(shift) * self.by_arm[0]
        far = int((moved >= seen * (1 - TIE)).sum())
        return far / len(moved)

    def interval(self, alpha: float) -> Ends:
        """Ends of the values not rejected at ``alpha``; ``None`` where the test never rejects that far out."""
        return accepted(self.p_at, self.value, self.scale, alpha)


def allocation_test(
    outcome: Array, arm: Array, treated: Array, strata: npt.NDArray[np.int64], weights: Array, *,
    draws: int = 1999, seed: int = 0,
) -> AllocationTest:  # fmt: skip
    """Test the allocation of clusters.

    One value a cluster: ``outcome`` and ``arm`` less what covariates say of them, the arm itself in ``treated``, its
    stratum, and its weight. With ``MOST_LISTED`` allocations or fewer all are tried, else ``draws`` seeded ones beside
    the one that was. Raises NotIdentified where no stratum has clusters in both arms.
    """
    exact = how_many(treated, strata) <= MOST_LISTED
    table = every_allocation(treated, strata) if exact else _drawn(treated, strata, draws, seed)
    centred = _centred(table, strata, weights)
    norm = (centred**2 @ weights)[:, None]
    if not (norm > 0).all():
        raise NotIdentified
    contrast = centred * weights / norm
    by_arm = contrast @ arm
    if not abs(by_arm[0]) > TIE:
        raise NotIdentified
    value = float(contrast[0] @ outcome / by_arm[0])
    rest = outcome - value * arm  # nothing is left of the effect for the allocation that was
    by_outcome = contrast @ rest
    by_outcome[0] = 0.0
    scale = float(by_outcome.std()) or abs(value) or 1.0
    found = AllocationTest(value, 1.0, len(table), exact, by_outcome, by_arm, scale)
    return AllocationTest(value, found.p_at(-value), len(table), exact, by_outcome, by_arm, scale)


def how_many(treated: Array, strata: npt.NDArray[np.int64]) -> int:
    """Allocations there could have been, as many to each arm within strata as were."""
    sizes = [(int((strata == s).sum()), int(treated[strata == s].sum())) for s in np.unique(strata)]
    return math.prod(math.comb(n, k) for n, k in sizes)


def every_allocation(treated: Array, strata: npt.NDArray[np.int64]) -> Array:
    """Every allocation, the one that was first."""
    places = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    choices = [itertools.combinations(where, int(treated[where].sum())) for where in places]
    rows = []
    for chosen in itertools.product(*choices):
        row = np.zeros(len(treated))
        row[list(itertools.chain.from_iterable(chosen))] = 1.0
        rows.append(row)
    table = np.array(rows)
    first = int(np.flatnonzero((table == treated).all(axis=1))[0])
    table[[0, first]] = table[[first, 0]]
    return table


def _drawn(treated: Array, strata: npt.NDArray[np.int64], draws: int, seed: int) -> Array:
    """The allocation that was, and seeded ones, shuffled within strata."""
    source = np.random.default_rng(seed)
    table = np.tile(treated, (draws + 1, 1))
    for stratum in np.unique(strata):
        where = np.flatnonzero(strata == stratum)
        table[1:, where] = source.permuted(table[1:][:, where], axis=1)
    return table


def _centred(table: Array, strata: npt.NDArray[np.int64], weights: Array) -> Array:
    centred = table.copy()
    for stratum in np.unique(strata):
        where = strata == stratum
        mean = (table[:, where] @ weights[where]) / weights[where].sum()
        centred[:, where] -= mean[:, None]
    return centred
