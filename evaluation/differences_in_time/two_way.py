"""The two-way fixed-effects number, taken apart: which comparisons it is made of, and which of them are bad (pure).

With starts at different times the coefficient of "treated now" in a regression with unit and period effects averages
comparisons of two groups; those that use units already treated as controls take off part of the effect where it grows.
It is shown to be understood, never as an answer.
Source: Goodman-Bacon (2021), theorem 1; de Chaisemartin and D'Haultfoeuille (2020), theorem 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.differences_in_time.moments import Array, Codes, CohortMoments, Contrasts, variance_of
from evaluation.differences_in_time.rollout import NEVER

Sort = Literal["against never treated", "against later treated", "against already treated"]


@dataclass(frozen=True, slots=True)
class PairOfCohorts:
    """One two-by-two comparison: the start of the cohort treated in it, that of its control, its weight and effect."""

    treated: int
    control: int
    sort: Sort
    weight: float
    value: float


@dataclass(frozen=True, slots=True)
class TwoWay:
    """The coefficient with its error by unit (or cluster), and what it is made of.

    ``std_error`` has the factors G/(G-1) and (N-1)/(N-k), units' effects not counted in k, as unit effects are nested
    in the clusters; ``plain_error`` has G/(G-1) alone. ``negative_share``: of the treated cohort-periods, those whose
    effect the coefficient counts with a weight below nought; ``negative_sum`` the sum of these weights.
    """

    value: float
    std_error: float
    plain_error: float
    pairs: tuple[PairOfCohorts, ...]
    negative_share: float
    negative_sum: float

    @property
    def forbidden(self) -> float:
        """Share of the weight on comparisons with units already treated."""
        return sum(pair.weight for pair in self.pairs if pair.sort == "against already treated")


def two_way(moments: CohortMoments, first: Codes) -> TwoWay | None:
    """Decompose the coefficient of a balanced panel; None where the starts cannot be told from the periods."""
    periods = moments.periods
    post = (np.arange(periods)[None, :] >= first[:, None]).astype(np.float64)
    share = moments.weight / moments.weight.sum()
    residual = _centred(post, share)
    total = float(share @ (residual**2).sum(axis=1))
    if total <= 1e-12:
        return None
    value = float(share @ (residual * moments.mean).sum(axis=1)) / total
    plain = _error(moments, residual, value, total)
    count = moments.clusters.count if moments.clusters else int(moments.n.sum())
    rows = float(moments.n.sum() * periods)
    wide = plain * np.sqrt(count / (count - 1))
    weights = residual * post * share[:, None]
    weights = weights / weights.sum()
    return TwoWay(
        value,
        float(wide * np.sqrt((rows - 1) / (rows - periods - 1))),
        float(wide),
        _pairs(moments, first, share, total / periods),
        float((weights[post == 1] < 0).mean()),
        float(weights[weights < 0].sum()),
    )


def _centred(values: Array, share: Array) -> Array:
    """Values (H, T) less the means of cohorts and of periods."""
    rows, columns = values.mean(axis=1, keepdims=True), share @ values
    return np.asarray(values - rows - columns + share @ rows)


def _error(moments: CohortMoments, residual: Array, value: float, total: float) -> float:
    """Error by unit or cluster, without a factor."""
    gap = _centred(moments.mean, moments.weight / moments.weight.sum()) - value * residual
    scale = total * moments.weight.sum()
    level = (residual * gap).sum(axis=1) / scale
    contrast = Contrasts(np.array([value]), level[None], residual[None] / scale)
    return float(np.sqrt(max(variance_of(moments, contrast)[0], 0.0)))


def _pairs(moments: CohortMoments, first: Codes, share: Array, variance: float) -> tuple[PairOfCohorts, ...]:
    """Every two-by-two comparison; weights sum to one and, with the values, to the coefficient."""
    found = []
    periods = moments.periods
    starts = [int(one) if one < periods else NEVER for one in first]
    for k, early in enumerate(starts):
        for late_cohort in range(k + 1, len(starts)):
            late = starts[late_cohort]
            if early == late or early == 0:
                continue
            both = share[k] + share[late_cohort]
            mix = share[k] * share[late_cohort] / both**2
            d_early, d_late = _fraction(early, periods), _fraction(late, periods)
            if late == NEVER:
                weight = both**2 * mix * d_early * (1 - d_early) / variance
                effect = _two_by_two(moments.mean, (k, late_cohort), (0, early), (early, periods))
                found.append(PairOfCohorts(early, NEVER, "against never treated", weight, effect))
                continue
            before = both**2 * mix * (d_early - d_late) * (1 - d_early) / variance
            effect = _two_by_two(moments.mean, (k, late_cohort), (0, early), (early, late))
            found.append(PairOfCohorts(early, late, "against later treated", before, effect))
            after = both**2 * mix * d_late * (d_early - d_late) / variance
            effect = _two_by_two(moments.mean, (late_cohort, k), (early, late), (late, periods))
            found.append(PairOfCohorts(late, early, "against already treated", after, effect))
    return tuple(found)


def _fraction(start: int, periods: int) -> float:
    """Share of the window in which a cohort is treated."""
    return 0.0 if start == NEVER else (periods - start) / periods


def _two_by_two(
    mean: Array, cohorts: tuple[int, int], before: tuple[int, int], after: tuple[int, int]
) -> float:
    change = mean[:, slice(*after)].mean(axis=1) - mean[:, slice(*before)].mean(axis=1)
    return float(change[cohorts[0]] - change[cohorts[1]])
