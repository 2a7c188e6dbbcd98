"""Growth over several times in a trial of clusters, as a plan with ``time`` asks for it.

Estimand: the difference between the arms in change per unit of time, or in level at the last time (intention to
treat), by straight lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import polars as pl

from evaluation.clusters.checks import (
    Clusters,
    allocation_checks,
    cluster_attrition,
    clusters_of,
    count_check,
)
from evaluation.clusters.growth import (
    GrowthFit,
    Waves,
    bent_effect,
    first_spread,
    growth_effect,
    prepare_growth,
    robust_growth,
    slopes_of_clusters,
    waves_of,
)
from evaluation.frame import AnalysisFrame
from evaluation.gates import MANY_MISSING, SOME_MISSING
from evaluation.methods.cluster_parts import (
    Case,
    Wanted,
    adjusters,
    balance_of,
    dressed,
    dropped,
    g_of,
    lines_of,
    unidentified,
)
from evaluation.methods.cluster_settings import ClusterRandomisedSettings
from evaluation.methods.nothing import no_estimate
from evaluation.model import Check, Estimate, FlowStep, MethodResult
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, Fit, NotIdentified


@dataclass(frozen=True, slots=True)
class _Case(Case):
    """One outcome over several times; ``arms`` are people, not rows."""

    arms: tuple[int, int]

    @property
    def slope(self) -> bool:
        """Whether change is asked for, not the level at the end."""
        return self.settings.growth == "slope"


def growth_result(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate how much faster the treated change.

    Assumptions: allocation by chance; straight lines; whoever is missing at a time is so at random, given the times at
    which they were seen. Variance: Kenward and Roger's, from intercepts and slopes of people and of clusters.
    """
    settings: ClusterRandomisedSettings = plan.design.settings
    clusters, balance = clusters_of(frame), balance_of(_once(frame))
    case = _Case(frame, plan, outcome, settings, _people(frame))
    checks = [*allocation_checks(clusters, settings.intervention_level), *_changed_arm(frame)]
    checks += [count_check(clusters), *cluster_attrition(frame)]
    nothing = _counted(no_estimate(frame, plan, outcome), case.arms)
    flow = (FlowStep("people seen at one time or more", sum(case.arms), ""),)
    if any(check.name == "allocation" for check in checks):
        return MethodResult(nothing, tuple(checks), balance, flow=flow)
    try:
        waves = waves_of(frame.data, clusters)
        ready = prepare_growth(frame.data, adjusters(frame, settings), clusters, waves)
        found = growth_effect(ready, waves, slope=case.slope)
    except NotIdentified:
        return MethodResult(nothing, (*checks, unidentified()), balance, flow=flow)
    checks += [*_wave_checks(frame.data, waves, clusters), *_spread_checks(found, waves)]
    lines: Wanted = [
        (bool(ready.names), "not adjusted", lambda: _plain(case, _bare(case, clusters, waves), waves)),
        (settings.intervention_level == "individual", "slopes vary between people only", lambda: _plain(
            case, growth_effect(ready, waves, slope=case.slope, alike=True).effect, waves)),
        (True, "an average of its own for every time", lambda: _plain(
            case, bent_effect(ready, waves, slope=case.slope), waves)),
        (True, "least squares, errors clustered (CR2)", lambda: _plain(
            case, robust_growth(ready, waves, slope=case.slope), waves)),
        (case.slope and settings.intervention_level == "cluster", "slopes of people, means of clusters",
         lambda: _plain(case, slopes_of_clusters(ready, waves), waves)),
    ]  # fmt: skip
    return MethodResult(
        _full(case, found, waves), (*checks, *dropped(ready)), balance, lines_of(lines), flow=flow
    )


def _once(frame: AnalysisFrame) -> AnalysisFrame:
    """Everybody once, as first seen."""
    return replace(frame, data=frame.data.unique("participant", keep="first", maintain_order=True))


def _people(frame: AnalysisFrame) -> tuple[int, int]:
    data = frame.data
    one, zero = (data.filter(pl.col("treated") == arm)["participant"].n_unique() for arm in (1.0, 0.0))
    return one, zero


def _counted(estimate: Estimate, arms: tuple[int, int]) -> Estimate:
    return replace(estimate, n_treated=arms[0], n_comparison=arms[1])


def _bare(case: _Case, clusters: Clusters, waves: Waves) -> Fit:
    ready = prepare_growth(case.frame.data, (), clusters, waves)
    return growth_effect(ready, waves, slope=case.slope).effect


def _plain(case: _Case, fit: Fit, waves: Waves) -> Estimate:
    """Dressed, with people for rows, and the spread of the outcome on the scale of the effect."""
    found = _counted(dressed(fit, case.frame, case.plan, case.outcome), case.arms)
    spread = first_spread(case.frame.data, waves)
    if spread is None:
        return found
    return replace(found, outcome_sd=spread / waves.length if case.slope else spread)


def _full(case: _Case, found: GrowthFit, waves: Waves) -> Estimate:
    estimate, spread = _plain(case, found.effect, waves), first_spread(case.frame.data, waves)
    whole = found.effect
    if case.slope:  # over the whole of the time, so that it compares with other trials
        whole = replace(whole, value=whole.value * waves.length, std_error=whole.std_error * waves.length)
        means = (found.comparison + found.effect.value, found.comparison)
    else:
        last = case.frame.data.filter(pl.col("time") == waves.values[-1])
        one, zero = (
            float(str(last.filter(pl.col("treated") == arm)["outcome"].mean() or 0.0)) for arm in (1.0, 0.0)
        )
        means = (one, zero)
    g = None if not spread else g_of(whole, spread, sum(case.arms), case.plan.analysis.alpha)
    standardised = g if estimate.std_error is not None else None
    return replace(estimate, treated_mean=means[0], comparison_mean=means[1], standardised=standardised)


def _changed_arm(frame: AnalysisFrame) -> tuple[Check, ...]:
    arms = frame.data.group_by("participant").agg(pl.col("treated").n_unique().alias("arms"))
    share = float(str((arms["arms"] > 1).mean() or 0.0))
    if share == 0:
        return ()
    note = "Some people are in both arms at different times: everybody keeps the arm they were given."
    return (Check("allocation", "fail", share, 0, "block", note),)


def _wave_checks(data: pl.DataFrame, waves: Waves, clusters: Clusters) -> tuple[Check, ...]:
    """How many times people were seen, and whether some changed cluster."""
    rows = data.group_by("participant").agg(pl.len().alias("n"), pl.col("cluster").n_unique().alias("places"))
    mean = float(str(rows["n"].mean()))
    note = (
        f"{waves.count} times; people were seen at {mean:.1f} of them on average. Whoever misses a time is taken to be "
        "like others with the same history."
    )
    result = "warn" if waves.count < 3 else "pass"
    if waves.count < 3:
        note += " With two times a straight line is all there can be."
    found = [Check("times", result, float(waves.count), 3, "none", note), _absent(data, waves)]  # type: ignore[arg-type]
    moved = float(str((rows["places"] > 1).mean() or 0.0))
    if moved:
        note = f"{100 * moved:.1f} % of people changed cluster; they are taken for others in the new one."
        found.append(Check("changed cluster", "warn", moved, None, "none", note))
    return tuple(found)


def _absent(data: pl.DataFrame, waves: Waves) -> Check:
    """Times at which people were not seen, whether their rows are blank or not there at all."""
    shares = []
    for arm in (1.0, 0.0):
        own = data.filter(pl.col("treated") == arm)
        shares.append(1 - own.height / (waves.count * max(own["participant"].n_unique(), 1)))
    worst = max(shares)
    said = (
        f"{100 * shares[0]:.0f} % of the times of people with the programme, and {100 * shares[1]:.0f} % of those of "
        "the others, have no outcome"
    )
    if worst <= SOME_MISSING:
        return Check("missing times", "pass", worst, SOME_MISSING, "none", f"{said}.")
    if worst <= MANY_MISSING:
        return Check("missing times", "warn", worst, SOME_MISSING, "none", f"{said}.")
    return Check(
        "missing times", "fail", worst, MANY_MISSING, "downgrade", f"{said}: too many to be trusted."
    )


def _spread_checks(found: GrowthFit, waves: Waves) -> tuple[Check, ...]:
    """How far people and clusters differ in their change, per unit of time."""
    people, clusters = (_slope_sd(spread, waves) for spread in (found.model.by_group, found.model.by_cluster))
    if len(found.model.by_group):
        note = (
            f"Change per unit of time: people of a cluster {_differ(people)}, clusters {_differ(clusters)}."
        )
    else:
        note = f"Change per unit of time: people, each a cluster of their own, {_differ(clusters)}."
    checks = [Check("change by person and cluster", "info", clusters, None, "none", note)]
    if found.model.at_boundary:
        note = (
            "A variance was found to be nil, or two to move as one: there is little to tell them from. The degrees of "
            "freedom still count the variances there could be."
        )
        checks.append(Check("variances at the boundary", "warn", 0.0, None, "none", note))
    return tuple(checks)


def _differ(sd: float | None) -> str:
    if sd is None:
        return "are taken to change alike (too few times to tell)"
    return f"differ with a standard deviation of {sd:.3g}, chance apart"


def _slope_sd(spread: Array, waves: Waves) -> float | None:
    return math.sqrt(max(float(spread[1, 1]), 0.0)) / waves.length if len(spread) > 1 else None
