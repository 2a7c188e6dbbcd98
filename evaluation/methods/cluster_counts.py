"""Risk, odds and rate ratios in trials of clusters, as a plan asks for them.

Estimand: the ratio of averages of clusters, each counting once, or of everybody, each counting once, between the arms
(intention to treat).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.clusters.checks import Clusters, cluster_attrition, clusters_of, size_checks
from evaluation.clusters.groups import groups_of, level_checks
from evaluation.clusters.layout_checks import averaged_check, cluster_checks, layout_checks, mixed_arms
from evaluation.clusters.ratio import (
    Averages,
    Counted,
    allocation_ratio,
    averaged_ratio,
    averages,
    logged_ratio,
    marginal_ratio,
)
from evaluation.clusters.stepped_wedge import periods_of
from evaluation.frame import AnalysisFrame
from evaluation.inference import estimate_from, pooled_sd
from evaluation.methods.cluster_parts import (
    Case,
    Wanted,
    adjusters,
    balance_of,
    lines_of,
    tested,
    unidentified,
)
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.model import Check, Estimate, MethodResult
from evaluation.observed.propensity import Separation
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.event_checks import event_checks, exposure_check, separated
from evaluation.regression.linear import Array, Fit, NotIdentified, covariate_matrix
from evaluation.regression.ratios import as_ratio, log_spread

MOST_FOR_ALLOCATIONS = 40


@dataclass(frozen=True, slots=True)
class _Case(Case):
    """One ratio; ``parallel`` where whole clusters kept the arm they were given, so that they can be averaged."""

    clusters: Clusters

    @property
    def parallel(self) -> bool:
        return self.settings.layout == "parallel" and self.settings.intervention_level == "cluster"


def ratio_result(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate a ratio.

    Assumptions: those of the differences; for a ratio of averages, clusters of an arm have a common mean whatever
    their size. Variance: between averages of clusters (Welch), or CR2 with Satterthwaite's degrees of freedom.
    """
    case = _Case(frame, plan, outcome, plan.design.settings, clusters_of(frame))
    balance = balance_of(frame)
    checks = [*event_checks(frame.data, outcome), *_design_checks(case)]
    checks += [*size_checks(case.clusters), *cluster_attrition(frame), *exposure_check(frame.data, outcome)]
    nothing = no_estimate(frame, plan, outcome)
    if any(c.consequence == "block" and c.name in ("events", "allocation", "periods") for c in checks):
        return MethodResult(nothing, tuple(checks), balance)
    try:
        counted = _counted(case, adjust=True)
        fit = _main(case, counted)
    except NotIdentified:
        return MethodResult(nothing, (*checks, unidentified()), balance)
    except Separation:
        return MethodResult(nothing, (*checks, separated()), balance)
    checks += [*_spread_check(case, counted), *_left_out(fit)]
    return MethodResult(_dressed(case, fit), tuple(checks), balance, lines_of(_other_ways(case, counted)))


def _design_checks(case: _Case) -> tuple[Check, ...]:
    if case.settings.layout == "parallel":
        groups = groups_of(case.frame.data, case.clusters)
        return level_checks(case.clusters, groups, case.settings.intervention_level)
    stepped = case.settings.layout == "stepped-wedge"
    try:
        rollout = periods_of(case.frame.data, case.clusters).rollout
    except NotIdentified:
        return (mixed_arms(),)
    found = (*layout_checks(rollout, stepped=stepped), *cluster_checks(rollout, stepped=stepped))
    return (*found, averaged_check(stepped=stepped))


def _counted(case: _Case, *, adjust: bool) -> Counted:
    """The outcome with its covariates; in layouts an intercept for every period stays whatever is adjusted for."""
    data = case.frame.data
    names = adjusters(case.frame, case.settings) if adjust else ()
    if case.settings.layout != "parallel":
        data = data.with_columns(period=pl.col("period").cast(pl.String))
        names = (*names, "period")
    covariates, labels = covariate_matrix(data, names)
    exposure = data["exposure"].to_numpy() if "exposure" in data.columns else None
    return Counted(
        data["outcome"].to_numpy(), data["treated"].to_numpy(), covariates, labels, case.clusters,
        case.outcome.effect, exposure,
    )  # fmt: skip


def _main(case: _Case, counted: Counted) -> Fit:
    if case.settings.ratio_model == "marginal":
        return marginal_ratio(counted)
    return averaged_ratio(counted, averages(counted))


def _dressed(case: _Case, fit: Fit) -> Estimate:
    y, treated = case.frame.data["outcome"].to_numpy(), case.frame.data["treated"].to_numpy()
    means, arms, variances, _ = outcome_means(y, treated)
    spread = pooled_sd(arms[0], variances[0], arms[1], variances[1])
    estimate = estimate_from(
        fit, estimand="ITT", effect=case.outcome.effect, alpha=case.plan.analysis.alpha, distribution="t", arms=arms,
        means=means, spread=log_spread(case.outcome.effect, means[1], spread), standardised=None,
    )  # fmt: skip
    return as_ratio(estimate)


def _left_out(fit: Fit) -> tuple[Check, ...]:
    if not fit.dropped:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in fit.dropped[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(fit.dropped)), None, "none", note),)


def _spread_check(case: _Case, counted: Counted) -> tuple[Check, ...]:
    """How far clusters of one arm differ in what they had over what was expected of their people."""
    if not case.parallel:
        return ()
    try:
        found = averages(counted).observed
    except (Separation, NotIdentified):
        return ()
    arm = case.clusters.treated
    apart = [
        found[arm == which] / found[arm == which].mean() for which in (1.0, 0.0) if (arm == which).sum() > 1
    ]
    if not apart or not np.isfinite(np.concatenate(apart)).all():
        return ()
    free = sum(len(part) - 1 for part in apart)
    k = float(np.sqrt(sum(float(((part - 1) ** 2).sum()) for part in apart) / free))
    note = f"Averages of the clusters of one arm differ by {100 * k:.0f} % of their mean (SD), chance among them."
    return (Check("spread of clusters", "info", k, None, "none", note),)


def _other_ways(case: _Case, counted: Counted) -> Wanted:
    marginal = case.settings.ratio_model == "marginal"
    adjusted, alpha = bool(adjusters(case.frame, case.settings)), case.plan.analysis.alpha

    def safely(way: Callable[[], Fit]) -> Callable[[], Estimate]:
        def tried() -> Estimate:
            try:
                return _dressed(case, way())
            except Separation:
                raise NotIdentified from None

        return tried

    def found() -> Averages:
        return averages(counted)

    def allocations() -> Estimate:
        try:
            test = allocation_ratio(
                counted, found(), _strata(case), case.settings.draws, case.plan.design.seed
            )
        except Separation:
            raise NotIdentified from None
        count = case.clusters.count
        plain = _dressed(case, Fit(test.value, test.scale, count - 1, count, (), 0.0))
        ends = test.interval
        return tested(plain, test.p_value, lambda at: _ratio_ends(ends(at)), alpha)

    whole = case.parallel
    return [
        (adjusted, "not adjusted", safely(lambda: _main(case, _counted(case, adjust=False)))),
        (whole and marginal, "averages of clusters", safely(lambda: averaged_ratio(counted, found()))),
        (whole, "averages of clusters, on the log scale", safely(lambda: logged_ratio(counted, found()))),
        (
            not marginal,
            "everybody counts once, errors clustered (CR2)",
            safely(lambda: marginal_ratio(counted)),
        ),
        (
            whole and case.clusters.count <= MOST_FOR_ALLOCATIONS,
            "randomisation test of clusters",
            allocations,
        ),
    ]


def _ratio_ends(ends: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    return tuple(None if end is None else float(np.exp(end)) for end in ends)  # type: ignore[return-value]


def _strata(case: _Case) -> Array:
    """The stratum of each cluster. Raises NotIdentified where a cluster lies in several."""
    if "strata" not in case.frame.data.columns:
        return np.ones(case.clusters.count)
    ranks = case.frame.data["strata"].rank("dense").to_numpy().astype(np.float64)
    sizes = case.clusters.sizes
    mean = np.bincount(case.clusters.codes, weights=ranks) / sizes
    if (np.abs(ranks - mean[case.clusters.codes]) > 1e-9).any():
        raise NotIdentified
    return np.asarray(mean)
