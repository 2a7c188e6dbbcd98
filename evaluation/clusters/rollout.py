"""Clusters that change arms as time goes on: their sequences, and the test of who was given which (pure).

The only assumption of the test is that chance decided which cluster was given which sequence, within strata. The
statistic is the generalised least squares estimate with the variances found without the treatment, so that the
weights know nothing of the allocation.
Source: Wang and De Gruttola (2017); Ji, Fink, Robyn and Small (2017) for stepped wedges; Fisher (1935).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.clusters.nested import NestedFit, Whole
from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.allocation import MOST_LISTED, TIE, AllocationTest

MOST_GROUPS = 600


@dataclass(frozen=True, slots=True)
class Rollout:
    """The arm of every cluster in every period: ``arms`` (G, T), NaN where nobody was seen; periods by rank."""

    arms: Array

    @property
    def clusters(self) -> int:
        """How many clusters."""
        return len(self.arms)

    @property
    def first_treated(self) -> Whole:
        """The first treated period of each cluster by rank; T for one that never was."""
        treated = self.arms == 1
        firsts = np.where(treated.any(axis=1), treated.argmax(axis=1), self.arms.shape[1])
        return np.asarray(firsts, dtype=np.int64)

    @property
    def goes_back(self) -> int:
        """How many clusters are without the programme after they had it."""
        after = np.arange(self.arms.shape[1])[None, :] > self.first_treated[:, None]
        return int(((self.arms == 0) & after).any(axis=1).sum())

    @property
    def both_arms(self) -> npt.NDArray[np.bool_]:
        """Periods in which some clusters had the programme and some had not."""
        return np.asarray((self.arms == 1).any(axis=0) & (self.arms == 0).any(axis=0))

    @property
    def whole(self) -> bool:
        """Say whether every cluster was seen in every period."""
        return not bool(np.isnan(self.arms).any())

    def schedules(self, *, stepped: bool) -> tuple[Array, Whole]:
        """The sequences there are (S, T), and the one of each cluster. Raises NotIdentified where one is unknown."""
        if stepped:
            firsts, which = np.unique(self.first_treated, return_inverse=True)
            return (np.arange(self.arms.shape[1])[None, :] >= firsts[:, None]).astype(np.float64), which
        if not self.whole:
            raise NotIdentified
        table, which = np.unique(self.arms, axis=0, return_inverse=True)
        return table, which.reshape(-1)


def exposure(rollout: Rollout) -> Whole:
    """For each cluster and period, how many periods the programme has run: 1 in its first, 0 before (G, T)."""
    since = np.arange(rollout.arms.shape[1])[None, :] - rollout.first_treated[:, None] + 1
    return np.asarray(np.maximum(since, 0), dtype=np.int64)


def rollout_of(treated: Array, clusters: Whole, periods: Whole) -> Rollout:
    """The arms by cluster and period. Raises NotIdentified where a cluster holds both arms in one period."""
    shape = (int(clusters.max()) + 1, int(periods.max()) + 1)
    people, sums = np.zeros(shape), np.zeros(shape)
    np.add.at(people, (clusters, periods), 1.0)
    np.add.at(sums, (clusters, periods), treated)
    arms = np.where(people > 0, sums / np.maximum(people, 1.0), np.nan)
    if ((arms > 0) & (arms < 1)).any():
        raise NotIdentified
    return Rollout(arms)


@dataclass(frozen=True, slots=True)
class Scores:
    """Groups (clusters by period) as the test sees them: 1'P y (J,) and 1'P 1 (J, J), and where each group lies.

    P takes out the covariates and periods in the metric of the covariance found without the treatment.
    """

    y: Array
    square: Array
    cluster: Whole
    period: Whole


def scores_of(fit: NestedFit, period: Whole) -> Scores:
    """From a fit without the treatment whose only random effects are intercepts; ``period`` (J,) of each group."""
    nest, state = fit.nest, fit.state
    if len(nest.products) > MOST_GROUPS or nest.outer != (0,):
        raise NotIdentified
    cluster = nest.cluster_of
    ones = state.m[:, 0, 0]
    row = state.m[:, 0, :] - ones[:, None] * (state.lens @ state.m_cluster[:, [0], :])[cluster, 0, :]
    y = row[:, -1] - row[:, :-1] @ state.b
    square = np.diag(ones) - np.where(
        cluster[:, None] == cluster[None, :], np.outer(ones, ones) * state.lens[cluster, 0, 0][:, None], 0.0
    )
    square -= row[:, :-1] @ state.phi @ row[:, :-1].T
    return Scores(y, square, cluster, period)


def rollout_test(
    scores: Scores, schedules: Array, given: Whole, strata: Whole, *, draws: int = 1999, seed: int = 0
) -> AllocationTest:
    """Test the allocation of sequences to clusters, the same number of clusters to each within strata.

    With ``MOST_LISTED`` allocations or fewer all are tried, else ``draws`` seeded ones beside the one that was. Raises
    NotIdentified where there is only one, or one says nothing of the effect.
    """
    count = how_many(given, strata)
    if count < 2:
        raise NotIdentified
    exact = count <= MOST_LISTED
    table = _listed(given, strata) if exact else _drawn(given, strata, draws, seed)
    arms = schedules[table[:, scores.cluster], scores.period[None, :]]
    onto = arms @ scores.square
    norm = (onto * arms).sum(axis=1)
    if not (norm > TIE * float(np.trace(scores.square))).all():
        raise NotIdentified
    value = float(arms[0] @ scores.y / norm[0])
    by_arm = onto @ arms[0] / norm
    by_outcome = arms @ scores.y / norm - value * by_arm
    by_outcome[0] = 0.0
    scale = float(by_outcome.std()) or abs(value) or 1.0
    found = AllocationTest(value, 1.0, len(table), exact, by_outcome, by_arm, scale)
    return AllocationTest(value, found.p_at(-value), len(table), exact, by_outcome, by_arm, scale)


def how_many(given: Whole, strata: Whole) -> int:
    """Allocations there could have been."""
    total = 1
    for stratum in np.unique(strata):
        counts = Counter(given[strata == stratum].tolist())
        total *= math.factorial(sum(counts.values())) // math.prod(map(math.factorial, counts.values()))
    return total


def _listed(given: Whole, strata: Whole) -> Whole:
    """Every allocation of sequences to clusters, the one that was first."""
    rows = [given.copy()]
    for stratum in np.unique(strata):
        places = np.flatnonzero(strata == stratum)
        ways = list(_arrangements(Counter(given[places].tolist()), len(places)))
        grown = []
        for row in rows:
            for way in ways:
                other = row.copy()
                other[places] = way
                grown.append(other)
        rows = grown
    table = np.array(rows, dtype=np.int64)
    first = int(np.flatnonzero((table == given).all(axis=1))[0])
    table[[0, first]] = table[[first, 0]]
    return table


def _arrangements(left: Counter[int], size: int) -> Iterator[tuple[int, ...]]:
    """Orders of a multiset, each once."""
    if size == 0:
        yield ()
        return
    for kind in sorted(left):
        if left[kind]:
            left[kind] -= 1
            for rest in _arrangements(left, size - 1):
                yield (kind, *rest)
            left[kind] += 1


def _drawn(given: Whole, strata: Whole, draws: int, seed: int) -> Whole:
    source = np.random.default_rng(seed)
    table = np.tile(given, (draws + 1, 1))
    for stratum in np.unique(strata):
        places = np.flatnonzero(strata == stratum)
        table[1:, places] = source.permuted(table[1:, places], axis=1)
    return table
