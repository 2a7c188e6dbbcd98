"""One outcome on the way to its verdict, and whether another setting would have given another answer (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.companion import companion_disagrees
from evaluation.figures import CellFacts
from evaluation.gates import FEWEST
from evaluation.methods.nothing import without_inference
from evaluation.missing.facts import MissingFacts
from evaluation.model import (
    CACE,
    Check,
    Estimate,
    FlowStep,
    LinkedArm,
    MethodResult,
    SecurityFact,
    Sensitivity,
    Subgroup,
    Units,
)
from evaluation.plan import PlannedOutcome
from evaluation.power_analysis.sizes import Size
from evaluation.sampled import Sampled
from evaluation.verdict import Oriented, Ruling, orient, rule, under_ceiling


@dataclass(frozen=True, slots=True)
class Judged:
    """One outcome on the way: who was left, what the method gave, all checks, the ruling."""

    outcome: PlannedOutcome
    flow: tuple[FlowStep, ...]
    result: MethodResult
    checks: tuple[Check, ...]
    view: Oriented | None
    ruling: Ruling
    sensitivity: tuple[Sensitivity, ...]
    security: int
    facts: tuple[SecurityFact, ...]
    linkage: tuple[LinkedArm, ...] = ()
    missing: MissingFacts | None = None
    subgroups: tuple[Subgroup, ...] = ()
    units: Units = "people"
    cells: CellFacts | None = None
    allocated: Size | None = None
    sample: Sampled | None = None


def borne(way: Sensitivity, units: Units = "people") -> Sensitivity:
    """A sensitivity line is held to the same number of people as the main one; areas have no such number."""
    if units == "areas" or min(way.estimate.n_treated, way.estimate.n_comparison) >= FEWEST:
        return way
    return replace(way, estimate=without_inference(way.estimate))


def flips(
    estimate: Estimate, outcome: PlannedOutcome, checks: tuple[Check, ...], ruling: Ruling, design: int
) -> bool:
    """Say whether this setting would have given another answer. One that bears no inference gives none.

    Nor does the effect on those who took it up: it answers another question. A companion has a rule of its own.
    """
    if estimate.estimand == CACE:
        return False
    if estimate.effect != outcome.effect:
        return companion_disagrees(estimate, outcome, ruling)
    found = ruled(estimate, outcome, checks, design)
    return bool(found) and found != ruling.answer


def ruled(estimate: Estimate, outcome: PlannedOutcome, checks: tuple[Check, ...], design: int) -> str:
    """The answer of an estimate on the outcome's own scale; empty where it bears no inference."""
    view = orient(estimate, outcome.better, outcome.minimum_important_difference, is_ratio=outcome.is_ratio)
    return under_ceiling(rule(view, checks), design).answer if view is not None else ""
