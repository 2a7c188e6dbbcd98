"""Cohort moments: all that group-time effects, their aggregates and their errors need to know of the units (pure).

A cohort is the units that start in the same period; those that never start are one too. Paths are balanced: one row a
unit, one column a period. Every estimate here is a contrast of cohort means, and a unit's influence on it is affine in
the unit's own path:

    phi_i = w_i (level[h] + slope[h] . (y_i - mean[h]))        for unit i of cohort h

so that its variance, sum of phi_i squared, follows from counts, means and second moments by cohort. Nothing as long as
the data is kept; moments of parts of the data merge into those of the whole.
Source: Callaway and Sant'Anna (2021), section 4; pairwise merging: Chan, Golub and LeVeque (1983).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
BLOCK = 131_072  # values of paths worked on at a time


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums by cluster and cohort, a row a pair there is: weights (p,) and ``w (y - mean of the cohort)`` (p, T)."""

    cluster: Codes
    cohort: Codes
    weight: Array
    tilt: Array
    count: int


@dataclass(frozen=True, slots=True)
class CohortMoments:
    """H cohorts, T periods. ``n``, ``weight`` (sum of w), ``square`` (sum of w^2), all (H,); ``mean`` (H, T) weighted.

    ``tilt`` (H, T): sum of w^2 (y - mean), nought without weights; ``spread`` (H, T, T): sum of w^2 (y - mean)(y -
    mean)'. A cohort without units has a mean of nought and no weight. ``clusters``: where errors are by clusters above
    the unit.
    """

    n: Array
    weight: Array
    square: Array
    mean: Array
    tilt: Array
    spread: Array
    clusters: ClusterSums | None = None

    @property
    def cohorts(self) -> int:
        """How many cohorts."""
        return len(self.n)

    @property
    def periods(self) -> int:
        """How many periods."""
        return int(self.mean.shape[1])


@dataclass(frozen=True, slots=True)
class Contrasts:
    """J estimates that are contrasts of cohort means: ``value`` (J,), ``level`` (J, H), ``slope`` (J, H, T)."""

    value: Array
    level: Array
    slope: Array


def cohort_moments(
    paths: Array, cohort: Codes, cohorts: int, weights: Array | None = None, clusters: Codes | None = None
) -> CohortMoments:
    """Moments in one pass over ``paths`` (n, T), whose rows belong to ``cohort`` (n,), numbers from 0 to cohorts - 1.

    ``weights`` (n,) are positive; ``clusters`` (n,) are numbers from 0, at or above the unit.
    """
    n, periods = paths.shape
    rows = max(BLOCK // max(periods, 1), 1)
    whole = _empty(cohorts, periods)
    for start in range(0, n, rows):
        part = slice(start, min(start + rows, n))
        held = None if weights is None else weights[part]
        whole = _joined(whole, _of_block(paths[part], cohort[part], cohorts, held))
    if clusters is None:
        return whole
    sums = _cluster_sums(paths, cohort, whole, weights, clusters)
    return CohortMoments(whole.n, whole.weight, whole.square, whole.mean, whole.tilt, whole.spread, sums)


def merge(parts: tuple[CohortMoments, ...]) -> CohortMoments:
    """The moments of all parts together; clusters keep their numbers, so parts must number them alike."""
    return reduce(_joined_with_clusters, parts)


def unbiased(moments: CohortMoments) -> CohortMoments:
    """The moments with each cohort's spread as n - 1 units show it, so that variances by unit have no bias (Neyman).

    A unit's influence on a mean is widened by the root of n / (n - 1), n the units of its cohort; a cohort of one is
    left as it is. Errors by cluster have their own factor, and are left as they are.
    """
    factor = cohort_factor(moments.n)
    spread = moments.spread * factor[:, None, None]
    return replace(moments, tilt=moments.tilt * np.sqrt(factor)[:, None], spread=spread)


def cohort_factor(n: Array) -> Array:
    """Return n / (n - 1) of each cohort, 1 where there is no more than one unit."""
    return np.asarray(np.where(n > 1, n / np.maximum(n - 1, 1), 1.0))


def variance_of(moments: CohortMoments, contrasts: Contrasts) -> Array:
    """Variances (J,) of the contrasts, by unit or, where the moments have them, by cluster."""
    if moments.clusters is not None:
        sums = cluster_influence(moments, contrasts)
        return np.asarray((sums * sums).sum(axis=0))
    total = np.zeros(len(contrasts.value))
    for h in range(moments.cohorts):
        level, slope = contrasts.level[:, h], contrasts.slope[:, h]
        total += level * level * moments.square[h] + 2 * level * (slope @ moments.tilt[h])
        total += ((slope @ moments.spread[h]) * slope).sum(axis=1)
    return total


def covariance_of(moments: CohortMoments, contrasts: Contrasts) -> Array:
    """Covariance (J, J) of the contrasts: the sum over units (or clusters) of the products of their influences."""
    if moments.clusters is not None:
        sums = cluster_influence(moments, contrasts)
        return np.asarray(sums.T @ sums)
    total = np.zeros((len(contrasts.value), len(contrasts.value)))
    for h in range(moments.cohorts):
        level, slope = contrasts.level[:, h], contrasts.slope[:, h]
        cross = np.outer(level, slope @ moments.tilt[h])
        total += np.outer(level, level) * moments.square[h] + cross + cross.T
        total += slope @ moments.spread[h] @ slope.T
    return (total + total.T) / 2


def cluster_influence(moments: CohortMoments, contrasts: Contrasts) -> Array:
    """Influence of each cluster on each contrast (clusters, J): the units' summed."""
    sums = moments.clusters
    if sums is None:
        raise ValueError("the moments hold no clusters")
    pairs = np.zeros((len(sums.cohort), len(contrasts.value)))
    for h in np.unique(sums.cohort):
        rows = sums.cohort == h
        pairs[rows] = (
            np.outer(sums.weight[rows], contrasts.level[:, h]) + sums.tilt[rows] @ contrasts.slope[:, h].T
        )
    total = np.zeros((sums.count, len(contrasts.value)))
    np.add.at(total, sums.cluster, pairs)
    return total


def _empty(cohorts: int, periods: int) -> CohortMoments:
    none = np.zeros(cohorts)
    wide = np.zeros((cohorts, periods))
    return CohortMoments(none, none, none, wide, wide, np.zeros((cohorts, periods, periods)))


def _of_block(paths: Array, cohort: Codes, cohorts: int, weights: Array | None) -> CohortMoments:
    """Moments of rows few enough to be sorted by cohort."""
    order = np.argsort(cohort.astype(np.int16) if cohorts < 32_000 else cohort, kind="stable")
    counts = np.bincount(cohort, minlength=cohorts)
    ends = np.cumsum(counts)
    periods = paths.shape[1]
    mean, tilt = np.zeros((cohorts, periods)), np.zeros((cohorts, periods))
    spread = np.zeros((cohorts, periods, periods))
    weight, square = counts.astype(np.float64), counts.astype(np.float64)
    for h in np.flatnonzero(counts):
        rows = order[ends[h] - counts[h] : ends[h]]
        part = paths[rows]
        if weights is None:
            mean[h] = part.mean(axis=0)
            part -= mean[h]
        else:
            held = weights[rows]
            weight[h], square[h] = held.sum(), held @ held
            mean[h] = held @ part / weight[h]
            part -= mean[h]
            part *= held[:, None]
            tilt[h] = held @ part
        spread[h] = part.T @ part
    return CohortMoments(counts.astype(np.float64), weight, square, mean, tilt, spread)


def _joined(one: CohortMoments, other: CohortMoments) -> CohortMoments:
    weight = one.weight + other.weight
    share = np.divide(other.weight, weight, out=np.zeros_like(weight), where=weight > 0)
    mean = one.mean + (other.mean - one.mean) * share[:, None]
    (tilt_one, spread_one), (tilt_other, spread_other) = _moved(one, mean), _moved(other, mean)
    return CohortMoments(
        one.n + other.n,
        weight,
        one.square + other.square,
        mean,
        tilt_one + tilt_other,
        spread_one + spread_other,
    )


def _moved(moments: CohortMoments, mean: Array) -> tuple[Array, Array]:
    """``tilt`` and ``spread`` about another mean."""
    step = np.where(moments.weight[:, None] > 0, mean - moments.mean, 0.0)
    cross = moments.tilt[:, :, None] * step[:, None, :]
    own = moments.square[:, None, None] * step[:, :, None] * step[:, None, :]
    tilt = moments.tilt - moments.square[:, None] * step
    return tilt, moments.spread - cross - np.swapaxes(cross, 1, 2) + own


def _cluster_sums(
    paths: Array, cohort: Codes, moments: CohortMoments, weights: Array | None, clusters: Codes
) -> ClusterSums:
    pairs, which = np.unique(clusters * moments.cohorts + cohort, return_inverse=True)
    weight = np.bincount(which, weights=weights, minlength=len(pairs)).astype(np.float64)
    tilt = np.empty((len(pairs), moments.periods))
    for t in range(moments.periods):
        gap = paths[:, t] - moments.mean[cohort, t]
        tilt[:, t] = np.bincount(
            which, weights=gap if weights is None else gap * weights, minlength=len(pairs)
        )
    count = int(clusters.max()) + 1 if len(clusters) else 0
    return ClusterSums(pairs // moments.cohorts, pairs % moments.cohorts, weight, tilt, count)


def _joined_with_clusters(one: CohortMoments, other: CohortMoments) -> CohortMoments:
    whole = _joined(one, other)
    if one.clusters is None or other.clusters is None:
        return whole
    parts = (one.clusters, other.clusters)
    moved = [
        sums.tilt - sums.weight[:, None] * (whole.mean - part.mean)[sums.cohort]
        for part, sums in zip((one, other), parts, strict=True)
    ]
    key = np.concatenate([sums.cluster * whole.cohorts + sums.cohort for sums in parts])
    pairs, which = np.unique(key, return_inverse=True)
    every = np.concatenate([sums.weight for sums in parts])
    weight = np.bincount(which, weights=every, minlength=len(pairs)).astype(np.float64)
    tilt = np.zeros((len(pairs), whole.periods))
    np.add.at(tilt, which, np.concatenate(moved))
    together = ClusterSums(
        pairs // whole.cohorts, pairs % whole.cohorts, weight, tilt, max(sums.count for sums in parts)
    )
    return CohortMoments(whole.n, whole.weight, whole.square, whole.mean, whole.tilt, whole.spread, together)
