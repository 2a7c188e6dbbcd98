"""Events that come back, under a design: the ratio of rates, what stands beside it, and what makes it doubtful.

Estimand: the ratio of mean rates, how often the event comes to those treated for each time it comes to the others, per
unit of time at risk, every event counted. With an end such as death it is the rate among those still there; the mean
numbers beside it count the dead, with no more events.
"""

from __future__ import annotations

from dataclasses import replace

from evaluation.frame import AnalysisFrame
from evaluation.methods.nothing import no_estimate, without_inference
from evaluation.model import Check, Estimate, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified
from evaluation.times.checks import (
    NO_ARM,
    NO_FIT,
    changing_check,
    clock_checks,
    dropped_check,
    end_check,
    events_check,
    follow_up_check,
    proportionality_check,
    repeats_check,
    time_off_check,
)
from evaluation.times.cox import CannotFit
from evaluation.times.curve_path import mean_rows
from evaluation.times.recurrent import mean_difference, rate_by_model, rate_of_totals, with_spread
from evaluation.times.watched import HazardFit, Watched, hazard_ratio

MEAN_NUMBER = "difference in mean number a person"


def ratio_or_refusal(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, watched: Watched, events: Check
) -> HazardFit | MethodResult:
    """The ratio of hazards or rates; or, with too few events or no finite ratio, people, shares and what blocks."""
    few = events.consequence == "block"
    try:
        fit = hazard_ratio(watched)
    except (CannotFit, NotIdentified) as problem:
        note = NO_ARM if isinstance(problem, NotIdentified) else NO_FIT
        blocked = events if few else Check("identification", "fail", None, None, "block", note)
        return MethodResult(no_estimate(frame, plan, outcome, watched.estimand), (blocked,))
    return MethodResult(without_inference(fit.estimate), (events,)) if few else fit


def compare_events(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    watched: Watched,
    ways: tuple[tuple[str, Watched], ...] = (),
) -> MethodResult:
    """The rate ratio of all events, mean numbers and counts beside it, the checks, the curves.

    Too few people with an event, or no finite ratio, leave people and means and a check that blocks.
    """
    events = events_check(watched)
    fit = ratio_or_refusal(frame, plan, outcome, watched, events)
    if isinstance(fit, MethodResult):
        return fit
    planned = outcome.timing.horizon if outcome.timing else None
    checks = (
        events,
        *repeats_check(watched),
        proportionality_check(watched, fit),
        follow_up_check(watched),
        *end_check(watched),
        *clock_checks(watched, planned),
        *time_off_check(frame),
        *changing_check(outcome),
        *dropped_check(fit.dropped),
    )
    estimate = with_spread(watched, fit.estimate)
    return MethodResult(estimate, checks, sensitivity=_beside(watched, ways), path=mean_rows(watched))


def _beside(watched: Watched, ways: tuple[tuple[str, Watched], ...]) -> tuple[Sensitivity, ...]:
    """Mean numbers first, then counts over time at risk, then the same ratio under other settings."""
    found: list[tuple[str, Estimate | None]] = [
        (f"{MEAN_NUMBER}, by {watched.horizon:g}", mean_difference(watched)),
        ("counts over time at risk, not adjusted", rate_of_totals(watched)),
        ("counts over time at risk, negative binomial", rate_by_model(watched, "negative-binomial")),
    ]
    if watched.weights is None:
        found.append(("counts over time at risk, Poisson", rate_by_model(watched, "poisson")))
    if watched.plain:
        found.append(("errors of the model (Andersen and Gill)", _ratio(replace(watched, robust=False))))
    found += [(name, _ratio(way)) for name, way in ways]
    return tuple(Sensitivity(name, estimate) for name, estimate in found if estimate is not None)


def _ratio(way: Watched) -> Estimate | None:
    try:
        return hazard_ratio(way).estimate
    except (CannotFit, NotIdentified):
        return None
