"""Trials that allocate whole clusters (schools, wings, areas), or people within clusters (multisite trials).

Estimand: the average effect on people of their cluster being offered the programme (intention to treat), on the
difference scale; for a yes-or-no outcome a risk difference from a linear model.
"""

from __future__ import annotations

import numpy as np

from evaluation.balance import balance_rows
from evaluation.clusters.checks import (
    Clusters,
    cluster_attrition,
    clusters_of,
    likeness_checks,
    size_checks,
    variation_check,
)
from evaluation.clusters.effect_size import ArmSizes, design_effect, total_effect_size, widened
from evaluation.clusters.groups import groups_of, level_checks
from evaluation.clusters.mixed import RandomIntercept
from evaluation.clusters.model import (
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
from evaluation.clusters.nested_model import Layered, combined, layered_effect, layered_fit, likeness
from evaluation.frame import AnalysisFrame
from evaluation.inference import cox_index, hedges_g
from evaluation.methods.cluster_counts import ratio_result
from evaluation.methods.cluster_growth import growth_result
from evaluation.methods.cluster_layouts import layout_effect
from evaluation.methods.cluster_parts import (
    Wanted,
    adjusters,
    balance_of,
    dressed,
    dropped,
    lines_of,
    tested,
    unidentified,
)
from evaluation.methods.cluster_settings import ClusterRandomisedSettings
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.model import Check, EffectSize, Estimate, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Fit, NotIdentified, covariate_matrix

MOST_FOR_WILD = 100
MOST_FOR_ALLOCATIONS = 40
CHANCE = 0.10


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the intention-to-treat effect on one outcome.

    Assumptions: allocation by chance (of clusters, or of people within them), no interference between clusters,
    clusters alike in how they spread, outcomes missing at random within what is adjusted for.
    Variance: a random intercept by REML with Kenward and Roger's covariance and degrees of freedom, right for few
    clusters. Least squares with CR2 errors, the wild bootstrap, cluster means and the allocation test stand beside.
    Source: Kenward and Roger (1997); Murray (1998); Bell and McCaffrey (2002); Cameron, Gelbach and Miller (2008).
    """
    settings: ClusterRandomisedSettings = plan.design.settings
    if outcome.is_ratio:
        return ratio_result(frame, plan, outcome)
    if settings.layout != "parallel":
        return layout_effect(frame, plan, outcome)
    if plan.design.time:
        return growth_result(frame, plan, outcome)
    clusters = clusters_of(frame)
    groups = groups_of(frame.data, clusters)
    checks = [*level_checks(clusters, groups, settings.intervention_level)]
    checks += [*size_checks(clusters), *cluster_attrition(frame)]
    balance = balance_of(frame)
    checks += _chance_imbalance(frame, clusters, settings)
    if any(check.name == "allocation" for check in checks):
        return MethodResult(no_estimate(frame, plan, outcome), tuple(checks), balance)
    try:
        ready = prepare(frame.data, adjusters(frame, settings), clusters)
        fit, model, found = _main(ready, settings, groups)
    except NotIdentified:
        return MethodResult(no_estimate(frame, plan, outcome), (*checks, unidentified()), balance)
    sizes = _arm_sizes(clusters)
    checks += found or likeness_checks(model, design_effect(sizes, model.icc))
    if settings.random_slope:
        checks += likeness_checks(model, design_effect(sizes, model.icc))
    estimate = dressed(fit, frame, plan, outcome, _standardised(fit, frame, plan, outcome, model, sizes))
    lines = _other_ways(frame, plan, outcome, ready, model, groups)
    return MethodResult(estimate, (*checks, *dropped(ready)), balance, lines)


def _main(
    ready: Prepared, settings: ClusterRandomisedSettings, groups: Clusters | None
) -> tuple[Fit, RandomIntercept, tuple[Check, ...]]:
    """The estimate, the random intercept beside it, and what another model says of its own variances."""
    fit, model = mixed_effect(ready)
    if settings.model == "cluster-means":
        return means_effect(ready), model, ()
    if settings.random_slope:
        fit, varying = slope_effect(ready)
        return fit, model, (variation_check(varying),)
    if groups is not None:
        fit, layered = layered_effect(ready, Layered(groups.codes))
        return fit, model, likeness(layered, "groups")
    return fit, model, ()


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
    groups: Clusters | None,
) -> tuple[Sensitivity, ...]:
    """Other models and other inference. A way that cannot be gone is left out."""
    if frame.bare:
        return ()
    settings: ClusterRandomisedSettings = plan.design.settings
    whole, count = settings.intervention_level == "cluster", ready.clusters.count
    seed, alpha = plan.design.seed, plan.analysis.alpha

    def plain(fit: Fit) -> Estimate:
        return dressed(fit, frame, plan, outcome)

    def wild() -> Estimate:
        found = wild_effect(ready, settings.draws, seed)
        fit = Fit(found.value, found.std_error, count - 1, count, (), 0.0)
        return tested(plain(fit), found.p_value, found.interval, alpha)

    def allocations() -> Estimate:
        found = allocation_effect(ready, model, settings.draws, seed)
        fit = Fit(found.value, found.scale, count - 1, count, (), 0.0)
        return tested(plain(fit), found.p_value, found.interval, alpha)

    def unadjusted() -> Estimate:
        bare = prepare(frame.data, (), ready.clusters)
        fit = mixed_effect(bare)[0] if groups is None else layered_effect(bare, Layered(groups.codes))[0]
        return plain(fit)

    def differing() -> Fit:
        if groups is None:
            return slope_effect(ready)[0]
        layers = Layered(groups.codes, outer=(0, ready.design.shape[1] - 1))
        return combined(ready, layered_fit(ready, ready.design, layers), ready.combination)

    means = settings.model == "cluster-means"
    wanted: Wanted = [
        (means, "random intercept, Kenward-Roger", lambda: plain(mixed_effect(ready)[0])),
        (settings.random_slope, "the same effect in all clusters", lambda: plain(mixed_effect(ready)[0])),
        (
            not (whole or settings.random_slope),
            "an effect that differs between clusters",
            lambda: plain(differing()),
        ),
        (groups is not None, "random intercept of clusters only", lambda: plain(mixed_effect(ready)[0])),
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
    return lines_of(wanted)
