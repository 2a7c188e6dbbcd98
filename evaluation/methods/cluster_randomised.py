"""Trials that allocate whole clusters (schools, wings, areas), or people within clusters (multisite trials).

Estimand: the average effect on people of their cluster being offered the programme (intention to treat), on the
difference scale; for a yes-or-no outcome a risk difference from a linear model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from evaluation.balance import balance_rows
from evaluation.cluster_checks import (
    Clusters,
    allocation_checks,
    cluster_attrition,
    clusters_of,
    count_check,
    likeness_checks,
    size_checks,
    variation_check,
)
from evaluation.cluster_effect_size import ArmSizes, design_effect, total_effect_size, widened
from evaluation.cluster_model import (
    Prepared,
    allocation_effect,
    empty_model,
    means_effect,
    mixed_effect,
    prepare,
    robust_effect,
    slope_effect,
    strata_within_clusters,
    wild_effect,
)
from evaluation.frame import AnalysisFrame
from evaluation.inference import cox_index, estimate_from, hedges_g, pooled_sd
from evaluation.inversion import Ends
from evaluation.linear import Fit, NotIdentified, covariate_matrix
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.mixed import RandomIntercept
from evaluation.model import BalanceRow, Check, EffectSize, Estimate, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section

MOST_FOR_WILD = 100
MOST_FOR_ALLOCATIONS = 40
CHANCE = 0.10

Level = Literal["cluster", "individual"]
Model = Literal["random-intercept", "cluster-means"]
Adjust = Literal["ancova", "none"]


@dataclass(frozen=True, slots=True)
class ClusterRandomisedSettings:
    """What was allocated, which model, and what the lock assumes.

    ``intervention_level``: clusters whole, or people within them. ``random_slope``: the effect may differ between
    the clusters within which people were allocated. ``draws``: of the resampling lines where not
    everything can be enumerated. ``icc`` and ``cluster_r2``: assumed before the data are there, for what the
    plan could show: the share of variance between clusters, and the share of it that covariates explain.
    """

    intervention_level: Level = "cluster"
    model: Model = "random-intercept"
    adjust: Adjust = "ancova"
    draws: int = 1999
    icc: float = 0.20
    cluster_r2: float = 0.0
    random_slope: bool = False


def read_settings(section: Section | None) -> ClusterRandomisedSettings:
    """Read [design.cluster-randomised]."""
    if section is None:
        return ClusterRandomisedSettings()
    settings = ClusterRandomisedSettings(
        cast(Level, section.text("intervention_level", "cluster", one_of=("cluster", "individual"))),
        cast(Model, section.text("model", "random-intercept", one_of=("random-intercept", "cluster-means"))),
        cast(Adjust, section.text("adjust", "ancova", one_of=("ancova", "none"))),
        section.integer("draws", 1999, low=199) or 1999,
        section.number("icc", 0.20, low=0, high=0.95) or 0.0,
        section.number("cluster_r2", 0.0, low=0, high=0.99) or 0.0,
        section.boolean("random_slope"),
    )
    if settings.intervention_level == "individual" and settings.model == "cluster-means":
        said = "cluster means say nothing of people allocated within clusters"
        section.fault("LC406", "model", said, 'Use model = "random-intercept".')
    if section.text("design", "parallel", one_of=("parallel", "stepped-wedge", "crossover")) != "parallel":
        section.fault(
            "LC406", "design", "only design = \"parallel\" is in this version",
            "Stepped-wedge and crossover trials need variances by period.",
        )  # fmt: skip
    if settings.intervention_level == "cluster" and settings.random_slope:
        said = "an effect can differ between clusters only where each holds both arms"
        section.fault("LC406", "random_slope", said, 'Use it with intervention_level = "individual".')
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """A cluster is needed; keys of [design] this method cannot use."""
    if not design.cluster:
        said = "method 'cluster-randomised' needs 'cluster': the column of schools, wings or areas"
        section.fault("LC402", "cluster", said, 'Add cluster = "…".')
    if design.exact:
        section.fault("LC406", "exact", "'exact' belongs to matching", "Remove it.")


def describe(settings: ClusterRandomisedSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    strata = f", one intercept a stratum of '{design.strata}'" if design.strata else ""
    adjusted = (
        f"adjusted for what was known before{strata}" if settings.adjust == "ancova" else "not adjusted"
    )
    whole = settings.intervention_level == "cluster"
    allocated = f"'{design.cluster}'" if whole else f"people within '{design.cluster}'"
    if settings.model == "cluster-means":
        return (
            ("Allocated", allocated),
            ("Model", f"least squares on the means of '{design.cluster}', {adjusted}"),
            ("Standard errors", "classical, clusters less columns as degrees of freedom"),
        )
    effects = "random intercept and random effect" if settings.random_slope else "random intercept"
    return (
        ("Allocated", allocated),
        ("Model", f"{effects} for '{design.cluster}' by REML, {adjusted}"),
        ("Standard errors", "Kenward-Roger, with its degrees of freedom"),
    )


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the intention-to-treat effect on one outcome.

    Assumptions: allocation by chance (of clusters, or of people within them), no interference between clusters,
    clusters alike in how they spread, outcomes missing at random within what is adjusted for.
    Variance: a random intercept by REML with Kenward and Roger's covariance and degrees of freedom, right for few
    clusters. Least squares with CR2 errors, the wild bootstrap, cluster means and the allocation test stand beside.
    Source: Kenward and Roger (1997); Murray (1998); Bell and McCaffrey (2002); Cameron, Gelbach and Miller (2008).
    """
    settings: ClusterRandomisedSettings = plan.design.settings
    clusters = clusters_of(frame)
    checks = [*allocation_checks(clusters, settings.intervention_level), count_check(clusters)]
    checks += [*size_checks(clusters), *cluster_attrition(frame)]
    balance = _balance(frame)
    checks += _chance_imbalance(frame, clusters, settings)
    if any(check.name == "allocation" for check in checks):
        return MethodResult(no_estimate(frame, plan, outcome), tuple(checks), balance)
    try:
        ready = prepare(frame.data, _adjusters(frame, settings), clusters)
        fit, model = mixed_effect(ready)
        if settings.model == "cluster-means":
            fit = means_effect(ready)
        if settings.random_slope:
            fit, varying = slope_effect(ready)
            checks.append(variation_check(varying))
    except NotIdentified:
        return MethodResult(no_estimate(frame, plan, outcome), (*checks, _unidentified()), balance)
    sizes = _arm_sizes(clusters)
    checks += likeness_checks(model, design_effect(sizes, model.icc))
    estimate = _estimate(fit, frame, plan, outcome, _standardised(fit, frame, plan, outcome, model, sizes))
    lines = _other_ways(frame, plan, outcome, ready, model)
    return MethodResult(estimate, (*checks, *_dropped(ready)), balance, lines)


def _adjusters(frame: AnalysisFrame, settings: ClusterRandomisedSettings) -> tuple[str, ...]:
    if settings.adjust == "none":
        return ()
    names = tuple(f"x:{name}" for name in frame.covariates)
    return (*names, "strata") if "strata" in frame.data.columns else names


def _unidentified() -> Check:
    note = (
        "There are too few clusters, or too little variation within them, for the columns of the model: an arm is "
        "empty, the covariates say all there is, or every cluster has one person."
    )
    return Check("identification", "fail", None, None, "block", note)


def _dropped(ready: Prepared) -> tuple[Check, ...]:
    if not ready.dropped:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in ready.dropped[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(ready.dropped)), None, "none", note),)


def _arm_sizes(clusters: Clusters) -> ArmSizes:
    in_treated, in_comparison = clusters.sizes * clusters.treated, clusters.sizes * (1 - clusters.treated)
    return ArmSizes(in_treated[clusters.treated > 0], in_comparison[clusters.treated < 1])


def _standardised(
    fit: Fit,
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    model: RandomIntercept,
    sizes: ArmSizes,
) -> EffectSize | None:
    """Hedges' g over the total SD of the model without covariates; for a yes-or-no outcome the Cox index."""
    settings: ClusterRandomisedSettings = plan.design.settings
    alpha, empty = plan.analysis.alpha, empty_model(model)
    whole = settings.intervention_level == "cluster"
    if outcome.kind == "binary":
        y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
        _, arms, _, events = outcome_means(y, treated)
        icc = empty.icc if empty is not None and whole else 0.0
        return widened(cox_index(events, arms, alpha), design_effect(sizes, icc))
    if empty is None:
        return None
    if not whole:
        return hedges_g(fit, float(np.sqrt(empty.tau2 + empty.sigma2)), frame.data.height, alpha)
    return total_effect_size(fit.value, empty.tau2, empty.sigma2, sizes, alpha)


def _estimate(
    fit: Fit,
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    standardised: EffectSize | None = None,
) -> Estimate:
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    means, arms, variances, _ = outcome_means(y, treated)
    return estimate_from(
        fit,
        estimand="ITT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution="t",
        arms=arms,
        means=means,
        spread=pooled_sd(arms[0], variances[0], arms[1], variances[1]),
        standardised=standardised,
    )


def _balance(frame: AnalysisFrame) -> tuple[BalanceRow, ...]:
    names = tuple(f"x:{name}" for name in frame.covariates)
    values, labels = covariate_matrix(frame.data, names, every_level=True)
    treated = frame.data["treated"].to_numpy()
    if not labels or min(treated.sum(), (1 - treated).sum()) < 2:
        return ()
    return balance_rows(values, tuple(label.removeprefix("x:") for label in labels), treated, scale="both")


def _chance_imbalance(
    frame: AnalysisFrame, clusters: Clusters, settings: ClusterRandomisedSettings
) -> tuple[Check, ...]:
    """How far apart cluster means were before, beside what chance does with so few clusters. Fails nothing."""
    from scipy.special import ndtr

    n1, n0 = clusters.per_arm()
    names = tuple(f"x:{name}" for name in frame.covariates)
    values, labels = covariate_matrix(frame.data, names, every_level=True)
    if settings.intervention_level == "individual" or not labels or min(n1, n0) < 2 or clusters.mixed:
        return ()
    means = [np.bincount(clusters.codes, weights=column) / clusters.sizes for column in values.T]
    rows = balance_rows(
        np.column_stack([*means, clusters.sizes]), (*labels, "size"), clusters.treated, scale="both"
    )
    readings = [abs(row.smd_before) for row in rows if row.smd_before is not None]
    if not readings:
        return ()
    share = 2 * (1 - float(ndtr(CHANCE / np.sqrt(1 / n1 + 1 / n0))))
    beyond = sum(reading > CHANCE for reading in readings)
    note = (
        f"{beyond} of {len(readings)} differences of cluster means and sizes are beyond {CHANCE:.2f} SD; with this "
        f"many clusters chance alone puts each one there {100 * share:.0f} times in a hundred."
    )
    return (Check("chance imbalance", "info", max(readings), CHANCE, "none", note),)


# --- the same question in other ways


def _other_ways(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    ready: Prepared,
    model: RandomIntercept,
) -> tuple[Sensitivity, ...]:
    """Other models and other inference. A way that cannot be gone is left out."""
    if frame.bare:
        return ()
    settings: ClusterRandomisedSettings = plan.design.settings
    whole, count = settings.intervention_level == "cluster", ready.clusters.count
    seed, alpha = plan.design.seed, plan.analysis.alpha

    def plain(fit: Fit) -> Estimate:
        return _estimate(fit, frame, plan, outcome)

    def tested(fit: Fit, p_value: float, interval: Callable[[float], Ends]) -> Estimate:
        wide, narrow = interval(alpha), interval(2 * alpha)
        return replace(
            plain(fit), p_value=p_value, df=None,
            conf_low=wide[0], conf_high=wide[1], narrow_low=narrow[0], narrow_high=narrow[1],
        )  # fmt: skip

    def wild() -> Estimate:
        found = wild_effect(ready, settings.draws, seed)
        return tested(
            Fit(found.value, found.std_error, count - 1, count, (), 0.0), found.p_value, found.interval
        )

    def allocations() -> Estimate:
        found = allocation_effect(ready, model, settings.draws, seed)
        return tested(Fit(found.value, found.scale, count - 1, count, (), 0.0), found.p_value, found.interval)

    def unadjusted() -> Estimate:
        return plain(mixed_effect(prepare(frame.data, (), ready.clusters))[0])

    means = settings.model == "cluster-means"
    wanted: list[tuple[bool, str, Callable[[], Estimate]]] = [
        (means, "random intercept, Kenward-Roger", lambda: plain(mixed_effect(ready)[0])),
        (settings.random_slope, "the same effect in all clusters", lambda: plain(mixed_effect(ready)[0])),
        (
            not (whole or settings.random_slope),
            "an effect that differs between clusters",
            lambda: plain(slope_effect(ready)[0]),
        ),
        (bool(ready.names) and not means, "random intercept, not adjusted", unadjusted),
        (whole and not means, "means of clusters", lambda: plain(means_effect(ready))),
        (True, "least squares, errors clustered (CR2)", lambda: plain(robust_effect(ready))),
        (count <= MOST_FOR_WILD, "least squares, wild cluster bootstrap", wild),
        (
            whole and count <= MOST_FOR_ALLOCATIONS and not strata_within_clusters(ready),
            "randomisation test of clusters",
            allocations,
        ),
    ]
    return tuple(
        Sensitivity(name, estimate)
        for asked, name, way in wanted
        if asked and (estimate := _tried(way)) is not None
    )


def _tried(way: Callable[[], Estimate]) -> Estimate | None:
    try:
        return way()
    except NotIdentified:
        return None
