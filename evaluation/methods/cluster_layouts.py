"""Stepped-wedge and crossover trials of clusters, as a plan asks for them.

Estimand: the effect on people of their cluster having the programme in a period (intention to treat), averaged over
clusters and periods as the model weighs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from evaluation.clusters.checks import cluster_attrition, clusters_of, size_checks
from evaluation.clusters.layout_checks import (
    averaged_check,
    before_or_after_check,
    cluster_checks,
    exposure_check,
    exposure_path,
    layout_checks,
    mixed_arms,
)
from evaluation.clusters.model import Prepared, mixed_effect, strata_within_clusters
from evaluation.clusters.nested_model import layered_effect, likeness, total_sd
from evaluation.clusters.stepped_wedge import (
    ByExposure,
    Periods,
    ahead_of_time,
    carried_over,
    differing_effect,
    exposure_effects,
    order_test,
    periods_of,
    prepare_periods,
    robust_wedge,
)
from evaluation.frame import AnalysisFrame
from evaluation.methods.cluster_parts import (
    Case,
    Wanted,
    adjusters,
    balance_of,
    dressed,
    dropped,
    g_of,
    lines_of,
    tested,
    unidentified,
)
from evaluation.methods.cluster_settings import ClusterRandomisedSettings
from evaluation.methods.nothing import no_estimate
from evaluation.model import Check, EffectSize, Estimate, MethodResult, PathRow
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Fit, NotIdentified

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Case(Case):
    """One outcome in one layout."""

    stepped: bool


def layout_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect where clusters change arms.

    Assumptions: chance decided which cluster was given which sequence; time does to all clusters alike; the effect is
    the same whenever it began and ends with the programme; people of different periods are different people.
    Variance: Kenward and Roger's, from random intercepts of clusters and of clusters by period.
    """
    settings: ClusterRandomisedSettings = plan.design.settings
    case = _Case(frame, plan, outcome, settings, settings.layout == "stepped-wedge")
    clusters, balance = clusters_of(frame), balance_of(frame)
    try:
        periods = periods_of(frame.data, clusters)
    except NotIdentified:
        return MethodResult(no_estimate(frame, plan, outcome), (mixed_arms(),), balance)
    checks = [*layout_checks(periods.rollout, stepped=case.stepped)]
    checks += cluster_checks(periods.rollout, stepped=case.stepped)
    checks += [*size_checks(clusters), *cluster_attrition(frame)]
    if any(check.name in ("allocation", "periods") and check.consequence == "block" for check in checks):
        return MethodResult(no_estimate(frame, plan, outcome), tuple(checks), balance)
    try:
        ready = prepare_periods(frame.data, adjusters(frame, settings), clusters)
        fit, model = layered_effect(ready, periods.layers)
    except NotIdentified:
        return MethodResult(no_estimate(frame, plan, outcome), (*checks, unidentified()), balance)
    checks += [averaged_check(stepped=case.stepped), *likeness(model, "periods")]
    found = _exposure(case, ready, periods)
    beside = _allowing(case, ready, periods)
    checks += [*((exposure_check(found),) if found else ()), _before_or_after(case, beside)]
    path: tuple[PathRow, ...] = exposure_path(found, plan.analysis.alpha) if found else ()
    estimate = dressed(fit, frame, plan, outcome, _standardised(case, fit, ready, periods))
    lines = lines_of(_other_ways(case, ready, periods, found, beside))
    return MethodResult(estimate, (*checks, *dropped(ready)), balance, lines, path)


def _exposure(case: _Case, ready: Prepared, periods: Periods) -> ByExposure | None:
    if not case.stepped:
        return None
    try:
        return exposure_effects(ready, periods)
    except NotIdentified:
        return None


def _allowing(case: _Case, ready: Prepared, periods: Periods) -> tuple[Fit, Fit] | None:
    """What came before the programme or stayed after it, and the effect allowing for it; ``None`` if untold."""
    try:
        return (ahead_of_time if case.stepped else carried_over)(ready, periods)
    except NotIdentified:
        return None


def _before_or_after(case: _Case, found: tuple[Fit, Fit] | None) -> Check:
    if found is None:
        name = "anticipation" if case.stepped else "carry-over"
        note = (
            f"With these periods {name} cannot be told from time or from the effect; it is taken to be nil."
        )
        return Check(name, "info", None, None, "none", note)
    return before_or_after_check(found[0], stepped=case.stepped)


def _standardised(case: _Case, fit: Fit, ready: Prepared, periods: Periods) -> EffectSize | None:
    """Hedges' g over the total standard deviation of the model without covariates; nothing for a yes-or-no outcome."""
    if case.outcome.kind == "binary":
        return None
    sd = total_sd(ready, periods.layers)
    return None if sd is None else g_of(fit, sd, case.frame.data.height, case.plan.analysis.alpha)


def _other_ways(
    case: _Case, ready: Prepared, periods: Periods, found: ByExposure | None, beside: tuple[Fit, Fit] | None
) -> Wanted:
    """Other models of the same data, and the test of the order in which clusters were given their sequences."""
    settings, alpha = case.settings, case.plan.analysis.alpha

    def plain(fit: Fit) -> Estimate:
        return dressed(fit, case.frame, case.plan, case.outcome)

    def unadjusted() -> Estimate:
        bare = prepare_periods(case.frame.data, (), ready.clusters)
        return plain(layered_effect(bare, periods.layers)[0])

    def orders() -> Estimate:
        test = order_test(
            ready, periods, stepped=case.stepped, draws=settings.draws, seed=case.plan.design.seed
        )
        count = ready.clusters.count
        fit = Fit(test.value, test.scale, count - 1, count, (), 0.0)
        return tested(plain(fit), test.p_value, test.interval, alpha)

    adjusted = settings.adjust == "ancova" and bool(
        case.frame.covariates or "strata" in case.frame.data.columns
    )
    after = "allowing for anticipation" if case.stepped else "allowing for carry-over"
    return [
        (adjusted, "not adjusted", unadjusted),
        (True, "random intercepts of clusters only", lambda: plain(mixed_effect(ready)[0])),
        (True, "random intercepts of clusters, errors clustered (CR2)", lambda: plain(robust_wedge(ready))),
        (True, "an effect that differs between clusters", lambda: plain(differing_effect(ready, periods))),
        (beside is not None, after, lambda: plain(_there(beside)[1])),
        (found is not None, "effects by time on treatment, averaged", lambda: plain(_there(found).average)),
        (not strata_within_clusters(ready), "randomisation test of the order of clusters", orders),
    ]


def _there(found: Found | None) -> Found:
    if found is None:
        raise NotIdentified
    return found
