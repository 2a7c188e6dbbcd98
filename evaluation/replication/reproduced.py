"""What is repeated in R, and why the rest is not (pure)."""

from __future__ import annotations

from collections.abc import Callable

from evaluation.missing.keys import COMPLETE
from evaluation.plan import AnalysisPlan, PlannedOutcome

SIX_DIGITS = 5e-7  # relative: half a unit of the sixth significant digit
# Ends of an interval that a search finds to a millionth of the draws' spread, with sums held in short numbers.
SEARCHED_ENDS = 1e-5  # of a standard error
Reason = Callable[[AnalysisPlan, PlannedOutcome], str]


def why_not(plan: AnalysisPlan, outcome: PlannedOutcome) -> str:
    """Why an outcome is not repeated in R; empty where it is."""
    if plan.design.method not in METHODS_IN_R:
        return "there is no script for this method"
    if plan.analysis.missing != COMPLETE:
        return (
            f"missing values are handled by {plan.analysis.missing}, whose draws or weights have no script; the plan "
            "with complete cases is repeated"
        )
    if outcome.waves:
        return "outcomes followed over several waves have no script"
    if outcome.timing and (outcome.timing.intervals or outcome.timing.off_clock or outcome.timing.drawn):
        return "rows of time at risk, time off the clock and events that come back have no script"
    return METHODS_IN_R[plan.design.method](plan, outcome)


def looser_of(plan: AnalysisPlan) -> tuple[str, ...]:
    """Numbers held to ``SEARCHED_ENDS`` of a standard error beside the six digits."""
    by_lot = plan.design.method == "day-crossover" and plan.design.settings.errors == "randomisation"
    return ("conf_low", "conf_high") if by_lot else ()


def _randomised(plan: AnalysisPlan, outcome: PlannedOutcome) -> str:
    if outcome.kind == "ordinal" and outcome.is_ratio:
        return "proportional odds have no script; an ordered outcome as a difference is repeated"
    return _watched(outcome)


def _matching(plan: AnalysisPlan, outcome: PlannedOutcome) -> str:
    settings = plan.design.settings
    if settings.distance == "mahalanobis":
        return "Mahalanobis's distance has no script"
    if settings.errors == "abadie-imbens":
        return "Abadie and Imbens's errors have no script"
    return _watched(outcome)


def _watched(outcome: PlannedOutcome) -> str:
    both = outcome.timing and outcome.timing.competing and outcome.timing.entry
    return "a competing event together with late entry has no script" if both else ""


def _weighting(_: AnalysisPlan, outcome: PlannedOutcome) -> str:
    return _watched(outcome)


def _differences(plan: AnalysisPlan, outcome: PlannedOutcome) -> str:
    settings = plan.design.settings
    if outcome.is_ratio and plan.design.unit and settings.time_varying:
        return "a rate ratio of a panel with covariates that change has no script"
    return ""


def _clusters(plan: AnalysisPlan, _: PlannedOutcome) -> str:
    settings = plan.design.settings
    if settings.layout != "parallel" or plan.design.time:
        return "stepped-wedge and crossover layouts and growth have no script"
    if settings.subcluster or settings.random_slope:
        return "groups within clusters and effects that differ between clusters have no script"
    return ""


def _series(plan: AnalysisPlan, _: PlannedOutcome) -> str:
    if plan.design.settings.family == "negative-binomial":
        return "negative binomial series have no script; the quasi-Poisson model is repeated"
    return ""


def _staggered(plan: AnalysisPlan, _: PlannedOutcome) -> str:
    settings = plan.design.settings
    if settings.control != "none":
        return f'control = "{settings.control}" of starts at different times has no script'
    if settings.estimator != "group-time" or settings.gaps != "balanced":
        return "the efficient estimator, and pairs of periods with gaps, have no script"
    return ""


def _always(*_: object) -> str:
    return ""


METHODS_IN_R: dict[str, Reason] = {
    "randomised": _randomised,
    "cluster-randomised": _clusters,
    "matching": _matching,
    "weighting": _weighting,
    "difference-in-differences": _differences,
    "staggered-adoption": _staggered,
    "interrupted-time-series": _series,
    "regression-discontinuity": _always,
    "synthetic-control": _always,
    "before-after": _always,
    "day-crossover": _always,
    "displacement-difference": _always,
    "doubly-robust": _always,
}


def packages_of(plan: AnalysisPlan, outcome: PlannedOutcome) -> tuple[str, ...]:
    """The packages beyond base R that an outcome's script needs."""
    if outcome.timing:
        return ("survival",)
    mixed = plan.design.method == "cluster-randomised" and not outcome.is_ratio
    return ("lme4",) if mixed and plan.design.settings.model == "random-intercept" else ()
