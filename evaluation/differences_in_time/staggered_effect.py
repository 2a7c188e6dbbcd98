"""Units by cohort, and the group-time effects that a plan's settings ask of them (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.differences_in_time.adjusted import People, design_of, from_people
from evaluation.differences_in_time.aggregates import Aggregate, aggregate
from evaluation.differences_in_time.arranged import Arranged
from evaluation.differences_in_time.group_time import GroupTime, from_moments
from evaluation.differences_in_time.moments import Array, Codes, CohortMoments, cohort_moments, unbiased
from evaluation.differences_in_time.pairwise import from_pairs
from evaluation.differences_in_time.rollout import NEVER, Rollout, cohorts_of
from evaluation.differences_in_time.staggered_settings import StaggeredSettings

FEW_UNITS = 20


@dataclass(frozen=True, slots=True)
class Units:
    """Arrays by unit with each one's ``cohort``; ``starts`` of the cohorts; ``moments`` where there are no gaps."""

    arranged: Arranged
    starts: Codes
    cohort: Codes
    moments: CohortMoments | None

    @property
    def numbers(self) -> Codes:
        """Units of each cohort."""
        return np.bincount(self.cohort, minlength=len(self.starts)).astype(np.int64)

    @property
    def never(self) -> int:
        """Units that do not start within the window."""
        return int(self.numbers[self.starts == NEVER].sum())

    @property
    def inference_on(self) -> int:
        """How many units or clusters errors rest on."""
        clusters = self.arranged.clusters
        return self.arranged.units if clusters is None else int(clusters.max()) + 1

    def __repr__(self) -> str:
        """Never the data."""
        return f"Units({self.arranged.units} in {len(self.starts)} cohorts)"


def units_of(arranged: Arranged) -> Units:
    """Cohorts and, in a panel without gaps, their moments."""
    starts, cohort = cohorts_of(arranged.first)
    moments = None
    if arranged.units and not np.isnan(arranged.paths).any():
        moments = cohort_moments(arranged.paths, cohort, len(starts), arranged.weights, arranged.clusters)
    return Units(arranged, starts, cohort, moments)


def group_time(units: Units, settings: StaggeredSettings) -> tuple[GroupTime, float]:
    """Group-time effects as the settings say, and the highest probability of a control to be in a cohort.

    Raises Separation and NoModel where covariates cannot be adjusted for.
    """
    a = units.arranged
    widened = settings.widened and a.clusters is None
    rollout = Rollout(units.starts, a.periods, settings.comparison, settings.base, settings.anticipation)
    if units.moments is None:
        return from_pairs(a.paths, units.cohort, rollout, a.weights, a.clusters, widened=widened), 0.0
    if settings.control == "none":
        return from_moments(unbiased(units.moments) if widened else units.moments, rollout), 0.0
    people = People(a.paths, units.cohort, design_of(a.covariates), a.weights, a.clusters)
    return from_people(people, rollout, settings.control, widened=widened)


def overall(units: Units, settings: StaggeredSettings) -> Aggregate | None:
    """The overall effect as the settings say; None where there is nothing to be averaged."""
    return aggregate(group_time(units, settings)[0], settings.aggregate)


def freedom(units: Units, settings: StaggeredSettings) -> float | None:
    """Degrees of freedom: clusters less one, or units less cohorts.

    None, for the normal distribution, where 20 units or more go with errors that are those of a large sample.
    """
    if units.arranged.clusters is not None:
        return float(max(units.inference_on - 1, 1))
    if settings.widened or units.arranged.units < FEW_UNITS:
        return float(max(units.arranged.units - len(units.starts), 1))
    return None


def observed_mean(units: Units, effects: GroupTime, whole: Array) -> float:
    """Mean of the treated in the cells that an effect averages, by the same weights."""
    means = units.moments.mean if units.moments is not None else _means(units)
    return float(whole @ means[effects.cells.cohort, effects.cells.period])


def _means(units: Units) -> Array:
    paths = units.arranged.paths
    weights = np.ones(len(paths)) if units.arranged.weights is None else units.arranged.weights
    seen = ~np.isnan(paths)
    means = np.zeros((len(units.starts), paths.shape[1]))
    for t in range(paths.shape[1]):
        held = np.bincount(units.cohort, weights=weights * seen[:, t], minlength=len(units.starts))
        total = np.bincount(
            units.cohort, weights=weights * np.nan_to_num(paths[:, t]), minlength=len(units.starts)
        )
        means[:, t] = total / np.maximum(held, 1e-300)
    return means


def spread_of(units: Units) -> float | None:
    """Standard deviation of the outcome within cohorts, over all periods; None where weights or gaps bar it."""
    moments = units.moments
    if moments is None or units.arranged.weights is not None:
        return None
    left = float(moments.n.sum()) - len(units.starts)
    if left < 1:
        return None
    squares = float(np.trace(moments.spread.sum(axis=0)))
    return float(np.sqrt(squares / (left * moments.periods))) or None


def used(units: Units, effects: GroupTime) -> tuple[Codes, Codes]:
    """Cohorts whose effect is estimated, and those that serve as controls of it, some until they start themselves."""
    cells = effects.cells
    treated = np.unique(cells.cohort[cells.after])
    return treated, np.flatnonzero(cells.controls[cells.after].any(axis=0)).astype(np.int64)


def redrawn(units: Units, settings: StaggeredSettings) -> Callable[[Codes], float]:
    """The overall effect over its error for other starts of the same units, covariates left aside."""
    plain, a = replace(settings, control="none"), units.arranged

    def ratio(cohort: Codes) -> float:
        moments = None
        if units.moments is not None:
            moments = cohort_moments(a.paths, cohort, len(units.starts), a.weights)
        found = overall(Units(a, units.starts, cohort, moments), plain)
        return found.value / found.std_error if found is not None and found.std_error > 0 else 0.0

    return ratio
