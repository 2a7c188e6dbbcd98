"""Designs that compare changes over periods: differences in differences, staggered starts, weighted pools (pure).

A unit's outcome is its own level, a course of time that all share, and deviations that follow a first-order
autoregression. Any comparison of means over periods is then a linear form in them, whose variance is exact: Burlig,
Preonas and Woerman (2020), whose serial-correlation-robust formula takes the covariances of a panel, here those of an
AR(1); Bertrand, Duflo and Mullainathan (2004) for why they matter. For staggered starts the same with the weights of
group-time effects (Callaway and Sant'Anna 2021) and known shares of each cohort.
"""

from __future__ import annotations

import math

import numpy as np

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.stated import Factors, Gathering
from evaluation.regression.linear import Array

NO_UNITS = "the number of units (of each arm) is not known yet"
NO_PERIODS = "the number of periods before and after the start is not known yet"
POOL_WORTH = 3.0  # areas that a weighted pool is worth: weights of a synthetic control fall on few donors
FEWEST_DONORS = 3


def likeness(periods: int, rho: float) -> Array:
    """Correlations of an AR(1) between periods (T, T)."""
    at = np.arange(periods)
    apart = np.abs(at[:, None] - at[None, :])
    return np.asarray(np.where(apart == 0, 1.0, np.power(rho, apart, dtype=np.float64) if rho else 0.0))


def change_variance(before: int, after: int, rho: float) -> float:
    """Variance of a unit's mean after the start less its mean before, for deviations of variance 1."""
    weights = np.concatenate([np.full(before, -1 / before), np.full(after, 1 / after)])
    return float(weights @ likeness(before + after, rho) @ weights)


def difference_in_differences(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """Units followed over the periods; without a unit in the plan, different people in every period."""
    if not size.treated or not size.comparison:
        return NO_UNITS
    if not size.before or not size.after:
        return NO_PERIODS
    if not plan.design.unit:
        return _different_people(plan, size, gathering)
    own = _own(gathering)
    change = own * change_variance(size.before, size.after, gathering.take("autocorrelation"))
    factors = Factors(
        change / size.treated, change / size.comparison, float(max(size.treated + size.comparison - 2, 1))
    )
    return clustered(plan, size, gathering, factors)


def _own(gathering: Gathering) -> float:
    """The share of the stated variance that is left once units' own levels are taken out."""
    if gathering.outcome.is_ratio:
        gathering.notes.append("expected_rate is the count of a unit in one period.")
        return gathering.left()
    share = gathering.take("unit_share")
    if not share:
        gathering.notes.append(
            "expected_sd is read as the spread of a unit around its own level; give unit_share where it is the whole."
        )
    return gathering.left() * (1 - share)


def _different_people(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """``treated``/``comparison`` are people of each arm in every period."""
    periods = 1 / (size.before or 1) + 1 / (size.after or 1)
    gathering.notes.append("Without a unit the sizes are people of each arm in every period.")
    left = gathering.left()
    people = [n for n in (size.treated, size.comparison) if n]
    if not plan.design.cluster:
        return Factors(*(left * periods / n for n in people))
    k = (size.clusters_treated, size.clusters_comparison)
    if not k[0] or not k[1] or sum(k[:2]) < 3:  # type: ignore[arg-type]
        return "the number of clusters in each arm is not known yet"
    icc, cac = gathering.take("icc"), gathering.take("cluster_autocorrelation")
    arms = [
        periods * (left * (1 - icc) / n + icc * (1 - cac) / c)
        for n, c in zip(people, (k[0], k[1]), strict=True)
    ]
    return Factors(arms[0], arms[1], float(k[0] + k[1] - 2))


def clustered(plan: AnalysisPlan, size: Size, gathering: Gathering, factors: Factors) -> Factors:
    """Units that lie in clusters: times 1 + (m - 1) ICC of their changes."""
    cluster = plan.design.cluster
    if not cluster or cluster == plan.design.unit:
        return factors
    count = (size.clusters_treated or 0) + (size.clusters_comparison or 0)
    if count < 3:
        gathering.notes.append(
            f"Errors are by '{cluster}', but how many of them there are is not said: what their likeness costs is not "
            "in these figures."
        )
        return factors
    each = ((size.treated or 0) + (size.comparison or 0)) / count
    wide = factors.times(1 + max(each - 1, 0.0) * gathering.take("icc"))
    return Factors(wide.treated, wide.comparison, float(count - 2))


def staggered(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """Units that start at evenly spaced periods, against units that never start (or have not started)."""
    if not size.treated:
        return NO_UNITS
    if not size.before or not size.after:
        return NO_PERIODS
    settings = plan.design.settings
    if settings.comparison == "never" and not size.comparison:
        return NO_UNITS
    starts = min(gathering.assumed.starts or 1, size.after, size.treated)
    if gathering.assumed.starts is None:
        gathering.notes.append(
            "All are taken to start at once: give starts in [power] for several first periods."
        )
    if settings.estimator == "efficient":
        gathering.notes.append(
            "The efficient estimator is at least as exact as the group-time one figured here."
        )
    rho = gathering.take("autocorrelation")
    own = _own(gathering)
    variance = staggered_variance(
        size.treated,
        size.comparison or 0,
        starts,
        size.before,
        size.after,
        rho,
        settings.aggregate,
        settings.comparison,
    )
    if not math.isfinite(variance):
        return "no unit is left to compare with in some period: all have started"
    never = size.comparison or 0
    df = size.treated + never - starts - (never > 0)  # as the method has it: units less cohorts
    factors = Factors(own * variance / 2, own * variance / 2, float(max(df, 1)) if settings.widened else None)
    return clustered(plan, size, gathering, factors)


def staggered_variance(
    treated: int,
    never: int,
    starts: int,
    before: int,
    after: int,
    rho: float,
    aggregate: str,
    comparison: str,
) -> float:
    """Variance of the aggregated group-time effect, for deviations of variance 1 (sizes of cohorts known)."""
    first = [before + k * after // starts for k in range(starts)]
    sizes = np.array([treated / starts] * starts + [float(never)])
    weights = np.zeros((starts + 1, before + after))

    def controls(cohort: int, t: int) -> list[int]:
        later = (
            [g for g in range(starts) if first[g] > max(t, first[cohort] - 1)]
            if comparison == "not-yet"
            else []
        )
        return [*later, *([starts] if never else [])]

    cells = [(g, t) for g, start in enumerate(first) for t in range(start, before + after) if controls(g, t)]
    if not cells:
        return math.inf
    for (cohort, t), weight in _cell_weights(cells, first, aggregate).items():
        base, others = first[cohort] - 1, controls(cohort, t)
        part = sizes[others] / sizes[others].sum()
        weights[cohort, t] += weight
        weights[cohort, base] -= weight
        weights[others, t] -= weight * part
        weights[others, base] += weight * part
    alike, used = likeness(before + after, rho), sizes > 0
    return float(sum(w @ alike @ w / n for w, n in zip(weights[used], sizes[used], strict=True)))


def _cell_weights(
    cells: list[tuple[int, int]], first: list[int], aggregate: str
) -> dict[tuple[int, int], float]:
    """Weight of each cohort and period, cohorts of one size."""

    def key(cell: tuple[int, int]) -> int:
        return {"group": cell[0], "dynamic": cell[1] - first[cell[0]], "calendar": cell[1]}.get(aggregate, 0)

    groups: dict[int, int] = {}
    for cell in cells:
        groups[key(cell)] = groups.get(key(cell), 0) + 1
    return {cell: 1 / (len(groups) * groups[key(cell)]) for cell in cells}


def synthetic_control(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """The spread that placebos would have: donors in turn against pools of the others, read against t.

    ``expected_sd`` is the spread of an area around its own level and the common course. A pool is taken to be worth
    POOL_WORTH areas. The verdict's error is widened where the treated area was fitted worse than the donors; by chance
    alone that costs 1 + 0.4 (2 / T0)^1/2 on average.
    """
    donors = size.comparison
    if not donors:
        return "the number of donors (comparison) is not known yet"
    if not size.before or not size.after:
        return NO_PERIODS
    if donors < FEWEST_DONORS:
        return f"with fewer than {FEWEST_DONORS} donors there are no placebos to tell chance by"
    treated = size.treated or len(plan.design.settings.treated_units) or 1
    rho = gathering.take("autocorrelation")
    gathering.notes.append(
        f"With {donors} donors the smallest share of placebos that can be as large is 1 in {donors + 1}."
        + (
            " That is not below the plan's alpha: ranks alone could never tell."
            if 1 / (donors + 1) > plan.analysis.alpha
            else ""
        )
    )
    gathering.notes.append(
        f"The pool is taken to be worth {POOL_WORTH:g} areas; weights are known only with the data."
    )
    mean = float(likeness(size.after, rho).mean())
    share = min(0.5, treated / donors)
    wide = (1 + share) / (1 - share) * (1 + 0.4 * math.sqrt(2 / size.before)) ** 2
    variance = gathering.left() * mean * wide
    return Factors(variance / treated, variance / min(POOL_WORTH, donors), float(donors - 1))
