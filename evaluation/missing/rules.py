"""What an outcome's missing values call for: the plan's rule, and beside it what the share missing asks (pure).

Up to 5 % missing, complete cases are accepted. Above, multiple imputation stands beside them, who is missing is
modelled, and the tipping point is sought; above 20 % bounds are drawn as well (R14).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.frame import AnalysisFrame, build_frame
from evaluation.gates import MANY_MISSING, SOME_MISSING
from evaluation.missing.bounds import bounds_check, lee_bounds, worst_cases
from evaluation.missing.facts import Bound, MissingFacts
from evaluation.missing.imputed_effect import Estimator, imputed_effect
from evaluation.missing.keys import COMPLETE, IMPUTED, TRIALS, WEIGHTED
from evaluation.missing.missingness_model import missingness_check
from evaluation.missing.pooling import Pooled
from evaluation.missing.tipping_point import tipping_check, tipping_points
from evaluation.missing.waves import waves_effect
from evaluation.missing.weighed_effect import COMPLETE_CASES, weighed_effect
from evaluation.model import Check, Estimate, MethodResult, Sensitivity
from evaluation.observed.propensity import Separation
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified
from evaluation.study_table import StudyTable

BESIDE = "multiple imputation"


@dataclass(frozen=True, slots=True)
class Answered:
    """A method's result under the plan's rule, and what is known of what is missing."""

    result: MethodResult
    facts: MissingFacts


def answer(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, cases: AnalysisFrame, estimator: Estimator
) -> Answered:
    """Ask the method under the plan's rule for missing data; ``cases`` is the frame of complete cases."""
    rule = plan.analysis.missing
    if outcome.waves:
        whole = build_frame(table, plan, outcome, gaps=True)
        return Answered(waves_effect(whole, cases, plan, outcome, estimator), MissingFacts("all waves"))
    if rule == IMPUTED:
        return _imputed(build_frame(table, plan, outcome, gaps=True), cases, plan, outcome, estimator)
    if rule == WEIGHTED:
        whole = build_frame(table, plan, outcome, gaps=True)
        return Answered(weighed_effect(whole, plan, outcome, estimator), MissingFacts(rule))
    return Answered(estimator(cases, plan, outcome), MissingFacts(rule))


def _imputed(
    whole: AnalysisFrame,
    cases: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    estimator: Estimator,
) -> Answered:
    found = imputed_effect(whole, plan, outcome, estimator)
    if found.pooled is None:
        return Answered(found.result, MissingFacts(IMPUTED))
    treated = float(cases.data["treated"].sum())
    if min(treated, cases.data.height - treated) < 2:
        return Answered(found.result, _facts(IMPUTED, found.pooled))
    plain = estimator(cases, plan, outcome)
    lines = [Sensitivity(COMPLETE_CASES, plain.estimate)]
    lines += [replace(way, name=f"{COMPLETE_CASES}: {way.name}") for way in plain.sensitivity]
    return Answered(replace(found.result, sensitivity=tuple(lines)), _facts(IMPUTED, found.pooled))


def _facts(rule: str, pooled: Pooled) -> MissingFacts:
    return MissingFacts(rule, pooled.imputations, pooled.missing_share, pooled.monte_carlo)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the share missing asks beside the plan's rule."""

    checks: tuple[Check, ...] = ()
    ways: tuple[Sensitivity, ...] = ()
    facts: MissingFacts | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One outcome with its frame of complete cases, and the method's function."""

    plan: AnalysisPlan
    outcome: PlannedOutcome
    cases: AnalysisFrame
    estimator: Estimator


def asked_beside(table: StudyTable, case: Case, found: Answered) -> Beside:
    """Imputation beside complete cases, who is missing, and bounds: as much as the share missing calls for."""
    plan, outcome, facts = case.plan, case.outcome, found.facts
    known = case.cases.arms.treated + case.cases.arms.comparison
    unused = 1 - case.cases.data.height / known if known else 0.0
    if unused <= SOME_MISSING or outcome.timing or found.result.estimate.value is None:
        return Beside(facts=facts)
    if plan.design.levels:
        note = (
            "Nothing models gaps within layouts, levels or growth, so nothing was imputed and no bounds were drawn: "
            "the answer rests on what was seen being like what was not, given the model."
        )
        return Beside((Check("imputation", "info", unused, SOME_MISSING, "none", note),), facts=facts)
    whole = build_frame(table, plan, outcome, gaps=True)
    checks = missingness_check(whole)
    ways: tuple[Sensitivity, ...] = ()
    if facts.rule == COMPLETE:
        more, ways, facts = _imputed_beside(whole, case, facts)
        checks = (*checks, *more)
    if case.cases.arms.overall > MANY_MISSING:
        bounds = _bounds(whole, case)
        checks, facts = (*checks, *bounds_check(bounds, outcome)), replace(facts, bounds=bounds)
    return Beside(checks, ways, facts)


def _imputed_beside(
    whole: AnalysisFrame, case: Case, facts: MissingFacts
) -> tuple[tuple[Check, ...], tuple[Sensitivity, ...], MissingFacts]:
    """The pooled answer as a line beside the complete-case one; where nothing can be imputed, why."""
    found = imputed_effect(whole, case.plan, case.outcome, case.estimator)
    told = next((check for check in found.result.checks if check.name == "imputation"), None)
    if found.pooled is None:
        return ((replace(told, result="info", consequence="none"),) if told else ()), (), facts
    line = Sensitivity(f"{BESIDE} ({found.pooled.imputations} data sets)", found.result.estimate)
    return (told,) if told else (), (line,), _facts(facts.rule, found.pooled)


def _bounds(whole: AnalysisFrame, case: Case) -> tuple[Bound, ...]:
    try:
        worst = worst_cases(whole, case.plan, case.outcome, case.estimator)
    except (NotIdentified, Separation, np.linalg.LinAlgError):
        worst = None
    trimmed = None
    if case.plan.design.method in TRIALS:
        trimmed = lee_bounds(whole, case.outcome, case.plan.analysis.alpha, case.plan.design.seed)
    return tuple(bound for bound in (worst, trimmed) if bound is not None)


def tipped(
    estimate: Estimate, case: Case, facts: MissingFacts | None, now: str, turned: Callable[[Estimate], str]
) -> tuple[tuple[Check, ...], MissingFacts | None]:
    """The tipping points and their check, where more than 5 % of outcomes are missing and there is an answer."""
    arms = case.cases.arms
    if facts is None or arms.overall <= SOME_MISSING or case.outcome.timing or now == "not-assessable":
        return (), facts
    points = tipping_points(estimate, arms, case.outcome, now, turned)
    return tipping_check(points, case.outcome), replace(facts, tipping=points)
