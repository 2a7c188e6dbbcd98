"""Stepped-wedge and crossover trials of clusters: periods, other models of the same data, and what to doubt (pure).

Model: an intercept for every period, a random intercept for every cluster and one for every cluster in every period
(nested exchangeable). The effect is one number: the same in all periods and at all times since it began.
Source: Hussey and Hughes (2007); Hooper and others (2016); Kenny and others (2022) for time on treatment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.clusters.checks import Clusters
from evaluation.clusters.model import Prepared, mixed_effect, prepare
from evaluation.clusters.nested import Whole
from evaluation.clusters.nested_model import Layered, as_fit, combined, layered_fit, pairs, widened_design
from evaluation.clusters.robust import Working, cluster_products, robust_contrast
from evaluation.clusters.rollout import Rollout, exposure, rollout_of, rollout_test, scores_of
from evaluation.regression.linear import Array, Fit, NotIdentified
from evaluation.trials.allocation import AllocationTest


@dataclass(frozen=True, slots=True)
class Periods:
    """The period of each person by rank (n,), the groups of clusters by period (n,), the arms of clusters by period."""

    codes: Whole
    groups: Whole
    rollout: Rollout

    @property
    def count(self) -> int:
        """How many periods."""
        return len(self.rollout.arms[0])

    @property
    def layers(self) -> Layered:
        """Random intercepts of clusters, and of clusters by period."""
        return Layered(self.groups)


def periods_of(data: pl.DataFrame, clusters: Clusters) -> Periods:
    """Raises NotIdentified where a cluster holds both arms in one period."""
    codes = np.unique(data["period"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    rollout = rollout_of(data["treated"].to_numpy(), clusters.codes, codes)
    return Periods(codes, pairs(clusters.codes, codes), rollout)


def prepare_periods(data: pl.DataFrame, names: tuple[str, ...], clusters: Clusters) -> Prepared:
    """A design with an intercept for every period. Raises NotIdentified where they say all of the treatment."""
    return prepare(data.with_columns(pl.col("period").cast(pl.String)), (*names, "period"), clusters)


def robust_wedge(ready: Prepared) -> Fit:
    """Random intercept of clusters alone, errors that allow for any likeness within clusters (CR2)."""
    _, model = mixed_effect(ready)
    products = cluster_products(ready.design, ready.y, ready.clusters.codes)
    working = Working(model.tau2, model.sigma2)
    return as_fit(ready, robust_contrast(products, ready.combination, "CR2", working))


def differing_effect(ready: Prepared, periods: Periods) -> Fit:
    """The mean of effects that differ between clusters."""
    layers = Layered(periods.groups, outer=(0, ready.design.shape[1] - 1))
    return combined(ready, layered_fit(ready, ready.design, layers), ready.combination)


@dataclass(frozen=True, slots=True)
class ByExposure:
    """Effects by how many periods the programme has run, their plain average, and their slope in that time."""

    times: Whole
    effects: tuple[Fit, ...]
    average: Fit
    slope: Fit | None


def exposure_effects(ready: Prepared, periods: Periods) -> ByExposure:
    """One effect for each time since the programme began. Raises NotIdentified where they cannot be told apart."""
    since = exposure(periods.rollout)[ready.clusters.codes, periods.codes]
    times = np.unique(since[since > 0])
    if len(times) < 2:
        raise NotIdentified
    columns = (since[:, None] == times[None, :]).astype(np.float64)
    design = widened_design(ready, columns, instead=True)
    fit = layered_fit(ready, design, periods.layers)
    k, p = len(times), design.shape[1]

    def over(weights: Array) -> Fit:
        return combined(ready, fit, np.concatenate([np.zeros(p - k), weights]))

    centred = times - times.mean()
    effects = tuple(over(unit) for unit in np.eye(k))
    return ByExposure(times, effects, over(np.full(k, 1 / k)), over(centred / (centred @ centred)))


def ahead_of_time(ready: Prepared, periods: Periods) -> tuple[Fit, Fit]:
    """What happens in the period before the programme begins, and the effect allowing for it."""
    first = periods.rollout.first_treated[ready.clusters.codes]
    return _beside(ready, periods, (periods.codes == first - 1).astype(np.float64))


def carried_over(ready: Prepared, periods: Periods) -> tuple[Fit, Fit]:
    """What is left in the period after the programme ended, and the effect allowing for it."""
    arms = periods.rollout.arms
    before = np.column_stack([np.full(len(arms), np.nan), arms[:, :-1]])
    after = (before == 1) & (arms == 0)
    return _beside(ready, periods, after[ready.clusters.codes, periods.codes].astype(np.float64))


def _beside(ready: Prepared, periods: Periods, column: Array) -> tuple[Fit, Fit]:
    """The coefficient of one more column, and that of the treatment beside it."""
    design = widened_design(ready, column[:, None])
    fit = layered_fit(ready, design, periods.layers)
    units = np.eye(design.shape[1])
    return combined(ready, fit, units[-2]), combined(ready, fit, units[-1])


def order_test(ready: Prepared, periods: Periods, *, stepped: bool, draws: int, seed: int) -> AllocationTest:
    """Among all orders in which the clusters could have been given their sequences, within strata."""
    schedules, given = periods.rollout.schedules(stepped=stepped)
    fit = layered_fit(ready, ready.design[:, :-1], periods.layers)
    strata = np.round(ready.by_cluster(ready.strata)).astype(np.int64)
    return rollout_test(
        scores_of(fit, _period_of_groups(periods)), schedules, given, strata, draws=draws, seed=seed
    )


def _period_of_groups(periods: Periods) -> Whole:
    """The period of each group, in the order of the groups."""
    found = np.zeros(int(periods.groups.max()) + 1, dtype=np.int64)
    found[periods.groups] = periods.codes
    return found
