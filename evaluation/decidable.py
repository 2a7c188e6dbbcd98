"""Can this plan be decided at all? Asked before the lock, with the people there are (pure).

A plan is refused when it could neither show a difference that matters nor rule one out (minimum detectable
effect above the minimum important difference, and less than an even chance of equivalence), when its primary
outcome ripens after the report is due, or when there is nobody to compare with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from evaluation.clusters.checks import FEWEST_FOR_AN_INTERVAL
from evaluation.gates import FEWEST
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power_analysis.promise import margin_of, promise
from evaluation.power_analysis.sizes import Size, planned_size
from evaluation.power_analysis.stated import TRIED
from evaluation.study_table import beside, delivery_columns, needed_columns
from theory_of_change.model import Measure
from workspace.errors import did_you_mean

POOL = 2
EVEN_CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason why the plan cannot be decided."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Projection:
    """What the primary outcome could show: detectable difference and chance of equivalence; or why unknown.

    ``detectable`` of a ratio lies on the side of benefit; ``effect`` is its log, without a sign (else the same).
    """

    detectable: float | None
    equivalence: float | None
    note: str
    effect: float | None = None


@dataclass(frozen=True, slots=True)
class Prospects:
    """The people (units) there are, and when the last of them will be ripe; their clusters; periods of a panel."""

    n_treated: int | None = None
    n_comparison: int | None = None
    ripe_on: dt.date | None = None
    clusters_treated: int | None = None
    clusters_comparison: int | None = None
    before: int | None = None
    after: int | None = None


def expected(plan: AnalysisPlan, prospects: Prospects) -> Prospects:
    """The people and clusters a plan reckons with: those it names in [power], else those there are."""
    said = planned_size(plan.assumed)
    return replace(
        prospects,
        n_treated=said.treated or prospects.n_treated,
        n_comparison=said.comparison or prospects.n_comparison,
        clusters_treated=said.clusters_treated or prospects.clusters_treated,
        clusters_comparison=said.clusters_comparison or prospects.clusters_comparison,
        before=said.before or prospects.before,
        after=said.after or prospects.after,
    )


def size_of(plan: AnalysisPlan, prospects: Prospects) -> Size:
    """The same as sizes of a power analysis."""
    found = expected(plan, prospects)
    return Size(
        found.n_treated,
        found.n_comparison,
        found.clusters_treated,
        found.clusters_comparison,
        found.before,
        found.after,
    )


def project(plan: AnalysisPlan, outcome: PlannedOutcome, prospects: Prospects) -> Projection:
    """Project what one outcome could show with the people, clusters, units and periods there are."""
    found = promise(plan, outcome, size_of(plan, prospects))
    if found.reason or found.detectable is None:
        return Projection(
            None, None, found.reason or "give expected_sd in the outcome to have this worked out"
        )
    said = "; ".join(f"{one.words} {one.value:g} ({one.source})" for one in found.stated if one.name in TRIED)
    return Projection(found.detectable, found.equivalence, f"assuming: {said}" if said else "", found.effect)


def doubts(plan: AnalysisPlan, prospects: Prospects, shown: Prospects | None = None) -> tuple[Doubt, ...]:
    """Every reason why this plan cannot be decided. ``shown``: the numbers as they may be told, for the figures."""
    shown, prospects = shown or prospects, expected(plan, prospects)
    found = [*_nobody(plan, prospects), *_few_clusters(plan, prospects), *_late(plan, prospects)]
    return (*found, *too_small(plan, shown))


def too_small(plan: AnalysisPlan, prospects: Prospects) -> tuple[Doubt, ...]:
    """The primary outcome could neither be found nor ruled out at the margin (rule R38), of people or of places."""
    primary = plan.primaries[0]
    projection, margin = project(plan, primary, prospects), margin_of(primary)
    if projection.effect is None or margin is None or projection.effect <= margin:
        return ()
    if (projection.equivalence or 0.0) >= EVEN_CHANCE:
        return ()
    return (_too_small(primary, projection),)


def _too_small(outcome: PlannedOutcome, projection: Projection) -> Doubt:
    if outcome.is_ratio:
        return Doubt(
            "too-small",
            f"it could only show a ratio of {projection.detectable or 1.0:.2f} or further from 1, the "
            f"ratio that matters is {outcome.minimum_important_difference:g}, and the chance of ruling that out is "
            f"{100 * (projection.equivalence or 0.0):.0f} %",
        )
    scale, unit = (100, "in every 100") if outcome.effect == "risk-difference" else (1, outcome.unit)
    shown = scale * (projection.detectable or 0.0)
    margin = scale * (outcome.minimum_important_difference or 0.0)
    return Doubt(
        "too-small",
        f"it could only show a difference of {shown:.3g} {unit} or more, the difference that matters is {margin:g}, "
        f"and the chance of ruling that out is {100 * (projection.equivalence or 0.0):.0f} %",
    )


def unknown_names(
    plan: AnalysisPlan, known: Collection[str], measures: Mapping[str, Measure]
) -> tuple[Doubt, ...]:
    """Names of the plan that neither the cohort nor any source of it has: misspelt, or promised by nobody."""
    names = [
        name.partition("@")[0]
        for name in (
            *needed_columns(plan),
            *delivery_columns(plan),
            *(n for o in plan.outcomes for n in beside(o)),
        )
        if name
    ]
    stored = [outcome for outcome in plan.outcomes if not outcome.drawn]
    names += [_event_of(outcome, measures) for outcome in stored]
    names += [n.partition("@")[0] for o in stored if o.timing for n in o.timing.columns]
    return tuple(
        Doubt(
            "unknown-variable",
            f"neither the cohort nor its sources have a variable '{name}'.{did_you_mean(name, known)}".removesuffix(
                "."
            ),
        )
        for name in dict.fromkeys(names)
        if name not in known
    )


def _event_of(outcome: PlannedOutcome, measures: Mapping[str, Measure]) -> str:
    if outcome.timing and outcome.timing.event != outcome.measure:
        return outcome.timing.event.partition("@")[0]
    return variable_of(outcome, measures)


def variable_of(outcome: PlannedOutcome, measures: Mapping[str, Measure]) -> str:
    """The variable an outcome is read from: the measure's own, else its id as a name."""
    return variable_named(outcome.measure, measures)


def variable_named(measure: str, measures: Mapping[str, Measure]) -> str:
    """The variable of a measure, or of a name that is no measure."""
    known = measures.get(measure)
    named = known.variable if known and known.variable else measure.replace("-", "_")
    return named.partition("@")[0]


def _nobody(plan: AnalysisPlan, prospects: Prospects) -> list[Doubt]:
    n1, n0 = prospects.n_treated, prospects.n_comparison
    if n1 is None or n0 is None:
        return []
    if min(n1, n0) < FEWEST:
        return [Doubt("nobody-to-compare", f"fewer than {FEWEST} people are in one of the arms")]
    if plan.design.method == "matching" and n0 < POOL * n1:
        return [Doubt("small-pool", "the comparison pool is less than twice the number of people treated")]
    return []


def unclustered(plan: AnalysisPlan, clusters: str) -> tuple[Doubt, ...]:
    """A cohort whose people come in clusters, and a plan that would take them one by one."""
    if not clusters or plan.design.cluster or plan.design.strata:
        return ()
    return (
        Doubt(
            "clusters-ignored",
            f"the cohort's people come in clusters ({clusters}), and the plan names neither cluster nor strata, so "
            "its intervals would be too narrow",
        ),
    )


def _few_clusters(plan: AnalysisPlan, prospects: Prospects) -> list[Doubt]:
    k1, k0 = prospects.clusters_treated, prospects.clusters_comparison
    settings = plan.design.settings
    whole = plan.design.method == "cluster-randomised" and settings.intervention_level == "cluster"
    whole = whole and settings.layout == "parallel" and not plan.design.time
    if not whole or k1 is None or k0 is None or min(k1, k0) >= FEWEST_FOR_AN_INTERVAL:
        return []
    said = f"fewer than {FEWEST_FOR_AN_INTERVAL} clusters are in one of the arms"
    return [Doubt("few-clusters", said)]


def _late(plan: AnalysisPlan, prospects: Prospects) -> list[Doubt]:
    if plan.reported_by and prospects.ripe_on and prospects.ripe_on > plan.reported_by:
        return [
            Doubt(
                "ripe-too-late",
                (
                    f"the primary outcome is complete on {prospects.ripe_on}, the report is due on "
                    f"{plan.reported_by}"
                ),
            )
        ]
    return []
