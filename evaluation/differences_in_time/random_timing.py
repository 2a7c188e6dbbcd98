"""Starts drawn by chance: the efficient estimator, its errors and its randomisation test (pure).

Where chance decided who starts when, earlier outcomes are a covariate to be adjusted for as much as they are worth, not
a baseline to be taken off whole. The effect is theta - beta X: theta compares those who have started with those who
have not yet, at equal times; X compares the same before the start, where nothing is expected; beta is the regression of
one on the other over draws of the starts. beta = 1 is the estimator of Callaway and Sant'Anna with controls not yet
treated, beta = 0 the plain comparison of means.
Assumptions: starts are as good as random, no anticipation, no interference, a balanced panel.
Errors: Neyman's conservative one, and one less conservative by what the variance before anybody started shows.
Source: Roth and Sant'Anna (2023), sections 2 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.differences_in_time.moments import Array, Codes, CohortMoments

Estimand = Literal["simple", "cohort", "calendar", "event", "dynamic"]
ROUNDING = 1e-10


class NoContrast(ValueError):  # noqa: N818
    """No cohort starts while another is still waiting."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is estimated as contrasts of cohort means, (H, T) each: ``after`` is theta, ``before`` is X."""

    after: Array
    before: Array


@dataclass(frozen=True, slots=True)
class Efficient:
    """The efficient effect with both errors, and the unadjusted difference in differences beside it.

    ``contrast`` (H, T): the cohort means' weights in the effect, after - beta before. ``before`` is X with its error:
    what is seen where nothing can be.
    """

    value: float
    std_error: float
    adjusted_error: float
    beta: float
    plain: float
    plain_error: float
    contrast: Array
    before: float
    before_error: float


def comparison_of(first: Codes, n: Array, periods: int, estimand: Estimand, event: int = 0) -> Comparison:
    """Weights of the cohort means for an estimand; raises NoContrast where no cell has a control.

    ``first`` (H,) rising starts, NEVER last where some never start; ``n`` (H,) units. ``event``: periods since the
    start, for the estimand of that name only; "dynamic" is the plain average over all of them.
    """
    if estimand == "dynamic":
        every = [comparison_of(first, n, periods, "event", event) for event in events_of(first, periods)]
        if not every:
            raise NoContrast
        after = np.mean([one.after for one in every], axis=0)
        return Comparison(after, np.mean([one.before for one in every], axis=0))
    cells = _cells(first, periods)
    if estimand == "event":
        cells = cells[cells[:, 1] - first[cells[:, 0]] == event]
    if not len(cells):
        raise NoContrast
    after, before = np.zeros((len(first), periods)), np.zeros((len(first), periods))
    for (g, t), weight in zip(cells, _weights(cells, n, estimand), strict=True):
        later = first > t
        share = np.where(later, n, 0.0) / n[later].sum()
        base = first[g] - 1
        after[g, t] += weight
        after[:, t] -= weight * share
        before[g, base] += weight
        before[:, base] -= weight * share
    return Comparison(after, before)


def events_of(first: Codes, periods: int) -> tuple[int, ...]:
    """Times since the start at which somebody still waits, from nought."""
    cells = _cells(first, periods)
    return tuple(int(event) for event in np.unique(cells[:, 1] - first[cells[:, 0]]))


def _cells(first: Codes, periods: int) -> Codes:
    """Cohorts and periods, (c, 2), from the start for as long as somebody waits."""
    last = int(first[-1])
    rows = [
        (g, t)
        for g, start in enumerate(first)
        if 0 < start < min(last, periods)
        for t in range(int(start), min(last, periods))
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _weights(cells: Codes, n: Array, estimand: Estimand) -> Array:
    """What each cell counts: by units, by units of a cohort spread over its periods, or by units within a period."""
    size = n[cells[:, 0]]
    if estimand == "cohort":
        cohorts, which, often = np.unique(cells[:, 0], return_inverse=True, return_counts=True)
        return np.asarray(size / n[cohorts].sum() / often[which])
    if estimand == "calendar":
        _, which = np.unique(cells[:, 1], return_inverse=True)
        total = np.bincount(which, weights=size)
        return np.asarray(size / total[which] / len(total))
    return np.asarray(size / size.sum())


def efficient(moments: CohortMoments, first: Codes, comparison: Comparison) -> Efficient:
    """The efficient effect from cohort moments without weights; every cohort needs two units."""
    theta, x = float((comparison.after * moments.mean).sum()), float((comparison.before * moments.mean).sum())
    within = moments.spread / (moments.n - 1)[:, None, None]
    aa, ab, bb = (
        float((np.einsum("ht,htu,hu->h", one, within, other) / moments.n).sum())
        for one, other in (
            (comparison.after, comparison.after),
            (comparison.after, comparison.before),
            (comparison.before, comparison.before),
        )
    )
    beta = ab / bb if bb > ROUNDING * aa else 0.0
    contrast = comparison.after - beta * comparison.before
    variance = max(aa - 2 * beta * ab + beta * beta * bb, 0.0)
    spare = _known_before(moments, within, first, comparison.after)
    return Efficient(
        theta - beta * x,
        float(np.sqrt(variance)),
        float(np.sqrt(max(variance - spare, 0.0))),
        beta,
        theta - x,
        float(np.sqrt(max(aa - 2 * ab + bb, 0.0))),
        contrast,
        x,
        float(np.sqrt(max(bb, 0.0))),
    )


def _known_before(moments: CohortMoments, within: Array, first: Codes, after: Array) -> float:
    """The part of the effects' variance that outcomes before the first start explain, over the number of units."""
    early = int(first[0])
    if early < 1 or first[0] >= moments.periods:
        return 0.0
    slopes = np.zeros(early)
    pooled = np.zeros((early, early))
    for h in range(moments.cohorts):
        own = within[h, :early, :early]
        slopes += np.linalg.lstsq(own, within[h, :early] @ after[h], rcond=ROUNDING)[0]
        pooled += own / moments.cohorts
    return float(slopes @ pooled @ slopes / moments.n.sum())


def joint_covariance(moments: CohortMoments, contrasts: Array) -> Array:
    """Neyman's covariance (K, K) of several effects whose ``contrasts`` are (K, H, T)."""
    total = np.zeros((len(contrasts), len(contrasts)))
    for h in range(moments.cohorts):
        part = contrasts[:, h]
        total += part @ moments.spread[h] @ part.T / ((moments.n[h] - 1) * moments.n[h])
    return (total + total.T) / 2


def randomisation_p(paths: Array, cohort: Codes, comparison: Comparison, seed: int, draws: int) -> float:
    """Fisher's p of no effect on anybody: starts redrawn among units, effects over their errors compared.

    The draw that was made counts as one, so that p is never nought and the test is exact.
    """
    after, before = paths @ comparison.after.T, paths @ comparison.before.T
    rng = np.random.default_rng(seed)
    seen = _ratio(after, before, cohort)
    beyond = sum(
        _ratio(after, before, rng.permutation(cohort)) >= seen * (1 - ROUNDING) for _ in range(draws)
    )
    return float((1 + beyond) / (1 + draws))


def _ratio(after: Array, before: Array, cohort: Codes) -> float:
    """Size of the efficient effect over its Neyman error, for some drawing of the starts."""
    each = np.arange(len(cohort))
    a, b = after[each, cohort], before[each, cohort]
    n = np.bincount(cohort).astype(np.float64)
    mean_a, mean_b = np.bincount(cohort, weights=a) / n, np.bincount(cohort, weights=b) / n
    a, b = a - mean_a[cohort], b - mean_b[cohort]
    share = 1 / (n * (n - 1))
    aa, ab, bb = (float(share @ np.bincount(cohort, weights=one)) for one in (a * a, a * b, b * b))
    beta = ab / bb if bb > ROUNDING * aa else 0.0
    variance = aa - 2 * beta * ab + beta * beta * bb
    gap = abs(float(mean_a.sum() - beta * mean_b.sum()))
    return gap / float(np.sqrt(variance)) if variance > 0 else 0.0
