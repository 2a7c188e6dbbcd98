"""Matching: nearest neighbours, subclasses of the score, or exact cells of coarsened covariates; then a comparison.

Estimand: the average effect on those treated who found a match (ATT; named otherwise when many did not, or, in exact
cells, when any did not).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.balance import balance_check, balance_rows
from evaluation.frame import AnalysisFrame
from evaluation.matched.abadie_imbens import Compared
from evaluation.matched.checks import (
    carried_check,
    cells_check,
    effective_check,
    estimand_check,
    estimand_name,
    nobody_check,
    separated_check,
    share_matched,
    support_check,
)
from evaluation.matched.effect import Answer, covariates_of, matched_effect, with_replacement
from evaluation.matched.pairing import match_again, match_people, needs_score, other_ways
from evaluation.matched.people import Matched
from evaluation.matched.rosenbaum import bound_check, bound_rows, weigh
from evaluation.matched.settings import MatchingSettings, read_settings
from evaluation.methods.nothing import no_estimate, refuse_unused
from evaluation.methods.observed import baseline_reading
from evaluation.methods.time_to_event import compare_times, matched_times
from evaluation.model import BalanceRow, Check, Estimate, FlowStep, MethodResult, PathRow, Sensitivity
from evaluation.observed.e_value import e_value_check
from evaluation.observed.propensity import Separation, logit_score
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.event_checks import event_checks, exposure_check
from evaluation.regression.linear import Array, NotIdentified, covariate_matrix
from evaluation.times.watched import Watched
from workspace.toml_source import Section

__all__ = [
    "MatchingSettings",
    "check_design",
    "check_outcome",
    "describe",
    "estimate_effect",
    "read_settings",
]
AGAIN = "Abadie and Imbens's estimator"


@dataclass(frozen=True, slots=True)
class _Found:
    """Matched people with, where the plan asks for it, Abadie and Imbens's comparison of them."""

    matched: Matched
    again: Compared | None = None


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use, and settings that must fit them."""
    if not design.covariates:
        section.fault(
            "LC402", "", "matching needs covariates", 'Add covariates = ["…"]: what decided who was treated.'
        )
    hint = "Remove it; use exact to match within groups."
    refuse_unused(design, section, "matching in this version", ("cluster", "strata"), hint)
    settings: MatchingSettings | None = design.settings
    own = section.table("matching")
    if settings is None or own is None:
        return
    if design.exact and settings.kind == "subclassification":
        section.fault("LC406", "exact", "'exact' does not go with subclassification", "Remove it.")
    for name in settings.mahalanobis:
        _among_covariates(name, design, own, "mahalanobis")
    cuts = own.table("cutpoints") if settings.cutpoints else None
    for name, _ in settings.cutpoints if cuts else ():
        _among_covariates(name, design, cuts or own, name)


def _among_covariates(name: str, design: Design, section: Section, key: str) -> None:
    if name not in design.covariates:
        problem = f"'{name}' is not among the covariates"
        section.fault("LC403", key, problem, f"Add '{name}' to covariates, or remove it here.")


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """Fault of an outcome the settings cannot have; empty if there is none."""
    settings: MatchingSettings | None = design.settings
    if settings and settings.errors == "abadie-imbens" and (outcome.is_ratio or outcome.timing):
        return f"errors = 'abadie-imbens' is for differences, not for effect '{outcome.effect}'"
    return ""


def describe(settings: MatchingSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    adjusted = "regression on the covariates" if settings.adjust == "regression" else "difference of means"
    score = ("Score", "logistic regression without penalty")
    if settings.kind == "subclassification":
        how = f"{settings.subclasses} subclasses, each with as many of the treated; weighted by their share of them"
        return (score, ("Matching", how), ("After matching", f"{adjusted}; errors within subclasses (HC2)"))
    if settings.kind == "coarsened-exact":
        cuts = ", ".join(name for name, _ in settings.cutpoints)
        how = "equal cells of all covariates, numbers in equally wide ranges (Sturges)"
        how += f"; stated cutpoints for {cuts}" if cuts else ""
        how += f"; not coarsened: {', '.join(design.exact)}" if design.exact else ""
        return (("Matching", how), ("After matching", f"{adjusted}; errors clustered by cell (CR1)"))
    return (
        (score[0], f"{score[1]}, compared {_distance(settings)}"),
        ("Matching", _nearest(settings, design)),
        ("After matching", _errors(settings, adjusted)),
    )


def _distance(settings: MatchingSettings) -> str:
    if settings.distance != "mahalanobis":
        return f"on the {settings.distance} scale"
    over = ", ".join(settings.mahalanobis) or "all covariates"
    return f"for the caliper; within it Mahalanobis's distance over {over}"


def _nearest(settings: MatchingSettings, design: Design) -> str:
    unit = "SD of the probability" if settings.distance == "probability" else "SD of the logit score"
    caliper = f"within {settings.caliper:g} {unit}" if settings.caliper else "without a caliper"
    exact = f", exactly alike on {', '.join(design.exact)}" if design.exact else ""
    reuse = "with" if settings.replace else "without"
    turn = {
        "largest": "largest score first",
        "smallest": "smallest score first",
        "closest": "closest pair first",
        "data": "in the order of their ids",
    }[settings.order]
    return f"{settings.ratio} nearest, {caliper}{exact}, {reuse} replacement; {turn}, ties to the lowest row"


def _errors(settings: MatchingSettings, adjusted: str) -> str:
    if settings.errors == "abadie-imbens":
        bias = (
            "corrected by regression among the comparison people"
            if settings.adjust == "regression"
            else adjusted
        )
        return f"{bias}; Abadie and Imbens's errors; the equally near share a place"
    return f"{adjusted}; errors clustered by matched set{' and by person' if settings.replace else ''} (CR1)"


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect on the treated by matching.

    Assumptions: no unobserved confounding given the covariates, overlap, no interference.
    Variance: nearest neighbours CR1 clustered by matched set, and by person as well where people may serve twice, or
    Abadie and Imbens's; subclasses HC2 within classes; exact cells CR1 by cell. The estimated score is taken as given,
    which is conservative for the ATT.
    Source: Rosenbaum and Rubin (1983, 1984, 1985); Ho, Imai, King and Stuart (2007); Austin (2011) on calipers; Abadie
    and Imbens (2006, 2011); Iacus, King and Porro (2012).
    """
    settings: MatchingSettings = plan.design.settings
    try:
        logit = _score(frame)
    except Separation:
        if needs_score(settings):
            return MethodResult(no_estimate(frame, plan, outcome, "ATT"), (separated_check(),))
        logit = None
    found = _match(frame, settings, logit)
    if found is None:
        return MethodResult(no_estimate(frame, plan, outcome, "ATT"), (nobody_check(settings),))
    before = _early_checks(frame, outcome, settings, found.matched)
    if any(check.consequence == "block" for check in before):
        return MethodResult(no_estimate(frame, plan, outcome, "ATT"), before)
    balance = _balance(frame, found.matched)
    compared = _compared(frame, plan, outcome, settings, found, logit)
    kept = share_matched(frame, found.matched)
    estimate = compared.estimate
    if estimate.estimand == "ATT":
        estimate = replace(estimate, estimand=estimand_name(kept, settings))
    checks = (
        *before,
        *compared.checks,
        *exposure_check(frame.data, outcome),
        support_check(kept),
        *estimand_check(kept, settings),
        balance_check(balance),
        *baseline_reading(frame, balance, adjusted=settings.adjust == "regression"),
        *carried_check(frame, found.matched),
        *effective_check(frame, found.matched),
    )
    hidden, path = _hidden(frame, plan, outcome, found.matched)
    known = None if outcome.timing else e_value_check(estimate)
    checks = (*checks, *hidden, *((known,) if known else ()))
    people = len(np.unique(found.matched.rows))
    flow = (FlowStep("matched", people, "nobody comparable, or not needed for a comparison"),)
    return MethodResult(
        estimate,
        checks,
        balance,
        compared.sensitivity,
        (*compared.path, *path),
        flow,
        sample=np.unique(found.matched.rows),
    )


def _score(frame: AnalysisFrame) -> Array:
    return logit_score(frame.data["treated"].to_numpy(), covariates_of(frame)[0])


def _match(frame: AnalysisFrame, settings: MatchingSettings, logit: Array | None) -> _Found | None:
    """Who is matched; nothing where nobody is."""
    if settings.errors == "abadie-imbens" and logit is not None:
        try:
            again = match_again(frame, settings, logit)
        except NotIdentified:
            return None
        rows = np.flatnonzero(again.kept | (again.served > 0))
        weights = np.where(again.kept[rows], 1.0, again.served[rows])
        return _Found(Matched(rows, weights, np.zeros(len(rows), dtype=np.int64), twice=True), again)
    matched = match_people(frame, settings, logit)
    return _Found(matched) if len(matched.rows) else None


def _early_checks(
    frame: AnalysisFrame, outcome: PlannedOutcome, settings: MatchingSettings, matched: Matched
) -> tuple[Check, ...]:
    """What can stop a comparison of the matched before it is made."""
    events = () if outcome.timing else event_checks(frame.data[np.unique(matched.rows)], outcome)
    return (*events, *cells_check(matched, settings))


def _compared(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    found: _Found,
    logit: Array | None,
) -> MethodResult:
    """The comparison of matched people with its other ways: of means or ratios, or of times."""
    others = _others(frame, settings, logit)
    if outcome.timing:
        main = _watched(frame, plan, outcome, settings, found)
        ways = tuple(
            (name.replace("difference of means", "not adjusted"), _watched(frame, plan, outcome, way, other))
            for name, way, other in others
        )
        return compare_times(frame, plan, outcome, main, ways)
    estimate, checks = _fit(frame, plan, outcome, settings, found)
    lines = [(name, _fit(frame, plan, outcome, way, other)[0]) for name, way, other in others]
    if outcome.is_ratio:
        lines = [(name.replace("difference of means", "not adjusted"), line) for name, line in lines]
    else:
        lines += _other_errors(frame, plan, outcome, settings, logit)
    return MethodResult(estimate, checks, sensitivity=tuple(Sensitivity(*line) for line in lines))


def _others(
    frame: AnalysisFrame, settings: MatchingSettings, logit: Array | None
) -> list[tuple[str, MatchingSettings, _Found]]:
    """Other choices under which somebody is matched."""
    if frame.bare:
        return []
    ways = []
    for name, way in other_ways(settings):
        if logit is None and needs_score(way):
            continue
        found = _match(frame, way, logit)
        if found is not None and not any(c.consequence == "block" for c in cells_check(found.matched, way)):
            ways.append((name, way, found))
    return ways


def _other_errors(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    logit: Array | None,
) -> list[tuple[str, Estimate]]:
    """With replacement: the other of the two ways to an error."""
    if frame.bare or not settings.replace or settings.distance == "mahalanobis" or logit is None:
        return []
    main = settings.errors == "abadie-imbens"
    way = replace(settings, errors="cluster" if main else "abadie-imbens")
    found = _match(frame, way, logit)
    if found is None:
        return []
    name = "errors clustered by set and person" if main else AGAIN
    return [(name, _fit(frame, plan, outcome, way, found)[0])]


def _fit(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    found: _Found,
) -> Answer:
    if found.again is not None:
        return with_replacement(frame, plan, outcome, settings, found.again), ()
    return matched_effect(frame, plan, outcome, settings, found.matched)


def _watched(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    found: _Found,
) -> Watched:
    return matched_times(frame, plan, outcome, found.matched, adjust=settings.adjust == "regression")


def _balance(frame: AnalysisFrame, matched: Matched) -> tuple[BalanceRow, ...]:
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    treated = frame.data["treated"].to_numpy()
    weights = matched.weights_of(len(treated))
    return balance_rows(values, tuple(n.removeprefix("x:") for n in names), treated, weights=weights)


def _hidden(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, matched: Matched
) -> tuple[tuple[Check, ...], tuple[PathRow, ...]]:
    """Bounds on a hidden cause, where there are pairs of one and one."""
    if frame.bare or matched.pairs is None or outcome.timing or "exposure" in frame.data.columns:
        return (), ()
    y = frame.data["outcome"].to_numpy()
    pairs = weigh(y[matched.pairs[:, 0]] - y[matched.pairs[:, 1]], binary=outcome.kind == "binary")
    return (bound_check(pairs, plan.analysis.alpha),), bound_rows(pairs, plan.analysis.alpha)
