"""Can this plan be decided at all? Asked before the lock, with the people there are (pure).

A plan is refused when it could neither show a difference that matters nor rule one out (minimum detectable
effect above the minimum important difference, and less than an even chance of equivalence), when its primary
outcome ripens after the report is due, or when there is nobody to compare with.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from evaluation.clusters.checks import FEWEST_FOR_AN_INTERVAL
from evaluation.gates import FEWEST
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power import cluster_std_error, detectable, equivalence_power, std_error_of
from evaluation.regression.ratios import log_spread
from evaluation.study_table import beside, delivery_columns, needed_columns
from theory_of_change.model import Measure
from workspace.errors import did_you_mean

POOL = 2
EVEN_CHANCE = 0.5
FOUR_EVEN_STEPS = math.sqrt(
    3.2
)  # Whitehead (1993): 3 / (1 - sum of cubed shares) for a log odds ratio of a scale


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason why the plan cannot be decided."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Projection:
    """What the primary outcome could show: detectable difference and chance of equivalence; or why unknown."""

    detectable: float | None
    equivalence: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Prospects:
    """The people there are, and when the last of them will be ripe; and the clusters that hold them."""

    n_treated: int | None = None
    n_comparison: int | None = None
    ripe_on: dt.date | None = None
    clusters_treated: int | None = None
    clusters_comparison: int | None = None


@dataclass(frozen=True, slots=True)
class Allocated:
    """What a design of whole clusters assumes: the share of variance between them, and what covariates take of it."""

    icc: float
    cluster_r2: float
    unknown: str = ""


def allocated_of(plan: AnalysisPlan) -> Allocated | None:
    """The assumptions of a plan that allocates whole clusters; ``None`` for one that allocates people."""
    settings = plan.design.settings
    level = getattr(settings, "intervention_level", "individual")
    unknown = _not_projected(plan, level)
    if unknown:
        return Allocated(getattr(settings, "icc", 0.0), getattr(settings, "cluster_r2", 0.0), unknown)
    if level != "cluster":
        return None
    return Allocated(settings.icc, settings.cluster_r2)


def _not_projected(plan: AnalysisPlan, level: str) -> str:
    """A design whose error is not worked out ahead of the data; empty where it is."""
    layout = getattr(plan.design.settings, "layout", "parallel")
    if layout != "parallel":
        return f"what a {layout} trial could show is not worked out by this version"
    if plan.design.time and not hasattr(plan.design.settings, "layout"):
        return "what a panel could show is not worked out ahead of its data by this version"
    if plan.design.time:
        return "what growth over several times could show is not worked out by this version"
    if level == "subcluster":
        return "what a trial of groups within clusters could show is not worked out by this version"
    return ""


def project(
    outcome: PlannedOutcome, prospects: Prospects, alpha: float, allocated: Allocated | None = None
) -> Projection:
    """Project what one outcome could show with the people, and the clusters, there are."""
    n1, n0 = prospects.n_treated, prospects.n_comparison
    if not n1 or not n0:
        return Projection(None, None, "the number of people in each arm is not known yet")
    if allocated and allocated.unknown:
        return Projection(None, None, allocated.unknown)
    sd = _spread(outcome)
    if sd is None:
        rated = outcome.kind in ("binary", "count") or outcome.timing
        wanted = "expected_rate" if rated else "expected_sd"
        return Projection(None, None, f"give {wanted} in the outcome to have this worked out")
    error, df, note = std_error_of(n1, n0, sd, outcome.expected_r2), None, ""
    if allocated:
        k1, k0 = prospects.clusters_treated, prospects.clusters_comparison
        if not k1 or not k0 or k1 + k0 < 3:
            return Projection(None, None, "the number of clusters in each arm is not known yet")
        error = cluster_std_error(
            (n1, n0), (k1, k0), sd, allocated.icc, r2=outcome.expected_r2, cluster_r2=allocated.cluster_r2
        )
        df = float(k1 + k0 - 2)
        note = f"assuming that a share of {allocated.icc:g} of the variance lies between clusters"
    margin = outcome.minimum_important_difference
    if outcome.is_ratio and margin:
        margin = abs(math.log(margin))
    chance = equivalence_power(error, margin, alpha=alpha, df=df) if margin else None
    shown = detectable(error, alpha=alpha, df=df)
    return Projection(math.exp(shown) if outcome.is_ratio else shown, chance, note)


def _spread(outcome: PlannedOutcome) -> float | None:
    """Standard deviation of a person's outcome, on the log scale of a ratio; ``None`` where it was not given."""
    rate = outcome.expected_rate
    if (
        outcome.timing and not outcome.counts
    ):  # Schoenfeld (1983): the error of a log hazard ratio hangs on the events alone
        return rate**-0.5 if rate else None
    if outcome.kind == "ordinal" and outcome.is_ratio:
        return FOUR_EVEN_STEPS
    if outcome.is_ratio and rate is None:
        return None
    if outcome.counts and rate is not None:
        return log_spread(outcome.effect, rate, outcome.expected_sd or math.sqrt(rate))
    if outcome.is_ratio and rate is not None:
        return log_spread(outcome.effect, rate, math.sqrt(rate * (1 - rate)))
    if outcome.kind == "binary" and outcome.expected_rate is not None:
        return math.sqrt(outcome.expected_rate * (1 - outcome.expected_rate))
    return outcome.expected_sd


def doubts(plan: AnalysisPlan, prospects: Prospects) -> tuple[Doubt, ...]:
    """Every reason why this plan cannot be decided."""
    primary = plan.primaries[0]
    found = [*_nobody(plan, prospects), *_few_clusters(plan, prospects), *_late(plan, prospects)]
    projection = project(primary, prospects, plan.analysis.alpha, allocated_of(plan))
    margin = primary.minimum_important_difference
    if margin is not None and primary.is_ratio:
        margin = max(margin, 1 / margin)  # the detectable ratio is the one above 1
    wide = projection.detectable is not None and margin is not None and projection.detectable > margin
    if wide and (projection.equivalence or 0.0) < EVEN_CHANCE:
        found.append(_too_small(primary, projection))
    return tuple(found)


def _too_small(outcome: PlannedOutcome, projection: Projection) -> Doubt:
    if outcome.is_ratio:
        return Doubt(
            "too-small",
            f"it could only show a ratio of {1 / (projection.detectable or 1.0):.2f} or further from 1, the "
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
    allocated = allocated_of(plan)
    if (
        allocated is None
        or allocated.unknown
        or k1 is None
        or k0 is None
        or min(k1, k0) >= FEWEST_FOR_AN_INTERVAL
    ):
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
