"""Staggered adoption: units start at different times; cohorts by start are compared with units still untreated.

Estimand: an average effect on the treated (ATT) over cohorts and periods; the plan says which. Assumptions: parallel
trends of each cohort and its controls (given covariates, where there are any), no anticipation beyond the periods
named, no interference; for ``estimator = "efficient"`` starts drawn by chance instead of parallel trends.
Variance: influence functions by unit or cluster, cohort sizes counted as estimates; see
:mod:`evaluation.differences_in_time`.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np

from evaluation.differences_in_time.adjusted import NoModel
from evaluation.differences_in_time.aggregates import KINDS, Aggregate, Kind, aggregate
from evaluation.differences_in_time.arranged import Arranged, arrange
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.group_time import GroupTime
from evaluation.differences_in_time.random_effect import randomly_timed
from evaluation.differences_in_time.resampling import multiplier_critical
from evaluation.differences_in_time.scores import TooManyCells
from evaluation.differences_in_time.staggered_checks import (
    FEWEST_CLUSTERS,
    before_check,
    cluster_check,
    cohort_check,
    no_adjustment,
    no_cells,
    overlap_check,
    refusal,
    sample_checks,
    trend_check,
    turn_check,
)
from evaluation.differences_in_time.staggered_effect import (
    Units,
    freedom,
    group_time,
    observed_mean,
    spread_of,
    units_of,
    used,
)
from evaluation.differences_in_time.staggered_settings import (
    StaggeredSettings,
    check_design,
    check_outcome,
    describe,
    read_settings,
)
from evaluation.differences_in_time.staggered_views import (
    OVERALL,
    aggregate_table,
    cell_table,
    event_view,
    events_of_cohorts,
    path_rows,
    paths_figure,
    shown,
    two_way_facts,
)
from evaluation.differences_in_time.two_way import two_way
from evaluation.figures import FactTable, Figure
from evaluation.model import Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.observed.propensity import Separation
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome

__all__ = ["check_design", "check_outcome", "describe", "estimate_effect", "read_settings"]

BAND_DRAWS = 10_000
CANNOT = (Separation, NoModel, TooManyCells)


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the planned average of group-time effects, or the efficient effect of randomly timed starts."""
    settings: StaggeredSettings = plan.design.settings
    arranged = arrange(panel, settings.gaps, (plan.design.treatment, settings.first_treated))
    units = units_of(arranged)
    checks = sample_checks(arranged)
    problem = refusal(units, settings)
    if problem is not None:
        return _nothing(panel, plan, outcome, (*checks, problem), arranged)
    if settings.estimator == "efficient":
        return randomly_timed(panel, plan, outcome, units, tuple(checks))
    try:
        effects, highest = group_time(units, settings)
    except CANNOT as bad:
        return _nothing(panel, plan, outcome, (*checks, no_adjustment(bad)), arranged)
    whole = aggregate(effects, settings.aggregate)
    if whole is None:
        return _nothing(panel, plan, outcome, (*checks, no_cells()), arranged)
    rests = [
        cluster_check(units, effects, whole, settings, plan.design.seed),
        cohort_check(effects, units, whole),
    ]
    doubts = [check for check in rests if check is not None]
    trusted = all(check.consequence != "block" for check in doubts)
    treated, controls = used(units, effects)
    one, zero, both = (
        int(units.numbers[rows].sum()) for rows in (treated, controls, np.intersect1d(treated, controls))
    )
    checks += [
        *turn_check(one, zero, both, people=panel.units == "people"),
        before_check(units),
        trend_check(effects, units, settings),
        *overlap_check(highest),
        *doubts,
    ]
    estimate = _dressed(panel, plan, outcome, units, effects, whole, trusted=trusted)
    if panel.bare or not trusted:
        return MethodResult(estimate, tuple(checks), flow=arranged.flow)
    everything = {kind: found for kind in KINDS if (found := aggregate(effects, kind)) is not None}
    tables, figures, path, facts = _views(panel, plan, outcome, units, effects, everything)
    return MethodResult(
        estimate,
        (*checks, *facts),
        sensitivity=_other_ways(panel, plan, outcome, units, effects, everything),
        path=path,
        flow=arranged.flow,
        figures=figures,
        tables=tables,
    )


def _nothing(
    panel: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    checks: tuple[Check, ...],
    arranged: Arranged,
) -> MethodResult:
    return MethodResult(no_panel_estimate(panel, plan, outcome), checks, flow=arranged.flow)


def _dressed(
    panel: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    units: Units,
    effects: GroupTime,
    whole: Aggregate,
    *,
    trusted: bool = True,
) -> Estimate:
    treated, controls = used(units, effects)
    mean = observed_mean(units, effects, whole.whole.weights)
    by_cluster = units.arranged.clusters is not None
    return dressed_panel(
        panel,
        plan,
        outcome,
        value=whole.value,
        std_error=whole.std_error if trusted else None,
        df=freedom(units, plan.design.settings),
        counts=(int(units.numbers[treated].sum()), int(units.numbers[controls].sum())),
        n_clusters=units.inference_on if by_cluster else None,
        means=(mean, mean - whole.value),
        spread=spread_of(units) if panel.units == "people" else None,
    )


def _views(
    panel: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    units: Units,
    effects: GroupTime,
    found: dict[Kind, Aggregate],
) -> tuple[tuple[FactTable, ...], tuple[Figure, ...], tuple[PathRow, ...], tuple[Check, ...]]:
    """Tables, figures, paths, and the check on what a two-way regression would have compared."""
    settings: StaggeredSettings = plan.design.settings
    view = shown(
        panel.axis.labels,
        units,
        plan.analysis.alpha,
        freedom(units, settings),
        people=panel.units == "people",
    )
    name, events = outcome.unit or outcome.label, found["dynamic"]
    band = _band(units, effects, events, plan)
    table, figure, path = event_view(view, events_of_cohorts(view, effects, events), band, name)
    tables = [aggregate_table(found, settings.aggregate, view.quantile), table]
    cells = cell_table(view, effects)
    tables += [cells] if cells is not None else []
    checks: tuple[Check, ...] = ()
    regression = two_way(units.moments, units.starts) if units.moments is not None else None
    if regression is not None:
        facts, check = two_way_facts(view, regression)
        tables.append(facts)
        checks = (check,)
    paths = paths_figure(view, units, name)
    figures = (figure, *((paths,) if paths is not None else ()))
    return tuple(tables), figures, (*path, *path_rows(view, effects, found)), checks


def _band(units: Units, effects: GroupTime, events: Aggregate, plan: AnalysisPlan) -> float:
    """Critical value of the band over the whole event study: normal draws, or multipliers of units or clusters."""
    settings: StaggeredSettings = plan.design.settings
    level, seed = 1 - plan.analysis.alpha, plan.design.seed
    if settings.bands == "normal":
        df = freedom(units, settings)
        return simultaneous(events.values, events.covariance, level, seed, BAND_DRAWS, df)
    if effects.clusters is None:
        each = replace(units.arranged, clusters=np.arange(units.arranged.units, dtype=np.int64))
        effects, _ = group_time(units_of(each), settings)
    scores = effects.cluster_scores(
        np.array([one.weights for one in events.parts]), np.array([one.levels for one in events.parts])
    )
    return multiplier_critical(scores, level, seed, settings.draws)


def _other_ways(
    panel: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    units: Units,
    effects: GroupTime,
    found: dict[Kind, Aggregate],
) -> tuple[Sensitivity, ...]:
    """The other averages, the other controls, without covariates, with one period more of anticipation."""
    settings: StaggeredSettings = plan.design.settings
    ways = [
        Sensitivity(f"average over {OVERALL[kind]}", _dressed(panel, plan, outcome, units, effects, one))
        for kind, one in found.items()
        if kind != settings.aggregate
    ]
    for name, other in _variants(units, settings):
        with contextlib.suppress(*CANNOT):
            again, _ = group_time(units, other)
            whole = aggregate(again, other.aggregate)
            if whole is not None:
                ways.append(Sensitivity(name, _dressed(panel, plan, outcome, units, again, whole)))
    return tuple(ways)


def _variants(units: Units, settings: StaggeredSettings) -> list[tuple[str, StaggeredSettings]]:
    variants = []
    if settings.comparison == "never":
        variants.append(("controls not yet treated", replace(settings, comparison="not-yet")))
    elif units.never >= FEWEST_CLUSTERS:
        variants.append(("controls never treated", replace(settings, comparison="never")))
    if settings.control != "none":
        variants.append(("without covariates", replace(settings, control="none")))
    variants.append(
        ("one period more of anticipation", replace(settings, anticipation=settings.anticipation + 1))
    )
    return variants
