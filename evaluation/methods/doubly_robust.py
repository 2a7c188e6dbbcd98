"""Doubly robust: a model of who was treated and a model of the outcome; one of the two must be right.

Estimands: the average effect on everybody (ATE) or on the treated (ATT), on the difference scale; for a binary
outcome a risk difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from evaluation.augmented import Augmented, augmented, targeted
from evaluation.balance import balance_rows
from evaluation.e_value import e_value_check
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution
from evaluation.linear import Array, covariate_matrix
from evaluation.methods.nothing import no_estimate
from evaluation.methods.observed import baseline_reading, cluster_codes, dressed, error_of
from evaluation.model import BalanceRow, Check, Estimate, MethodResult, Sensitivity
from evaluation.nuisance import Learner, Nuisance, OutcomeModel, cross_fit, fold_numbers
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.propensity import Separation
from workspace.toml_source import Section

FEWEST_CLUSTERS = 10
MOST_CLIPPED = 0.05
SMALLEST_CLIP, LARGEST_CLIP = 0.0, 0.2
MOST_FOLDS = 20


@dataclass(frozen=True, slots=True)
class DoublyRobustSettings:
    """``learner``; ``folds`` (1: no cross-fitting); ``estimator``; scores are held within ``clip`` and 1 - ``clip``."""

    learner: Learner = "linear"
    folds: int = 5
    estimator: Literal["aipw", "tmle"] = "aipw"
    outcome_model: Literal["auto", "linear", "logistic"] = "auto"
    clip: float = 0.01
    interval: Distribution = "normal"


def read_settings(section: Section | None) -> DoublyRobustSettings:
    """Read [design.doubly-robust]."""
    if section is None:
        return DoublyRobustSettings()
    settings = DoublyRobustSettings(
        cast(Learner, section.text("learner", "linear", one_of=("linear", "gradient-boosting"))),
        section.integer("folds", 5, low=1) or 5,
        cast(Literal["aipw", "tmle"], section.text("estimator", "aipw", one_of=("aipw", "tmle"))),
        cast(
            Literal["auto", "linear", "logistic"],
            section.text("outcome_model", "auto", one_of=("auto", "linear", "logistic")),
        ),
        cast(float, section.number("clip", 0.01, low=SMALLEST_CLIP, high=LARGEST_CLIP)),
        cast(Distribution, section.text("interval", "normal", one_of=("t", "normal"))),
    )
    if settings.folds > MOST_FOLDS:
        section.fault("LC403", "folds", f"'folds' must be {MOST_FOLDS} at most", "Five or ten are usual.")
    if settings.learner == "gradient-boosting" and settings.folds == 1:
        section.fault(
            "LC406",
            "folds",
            "gradient boosting needs cross-fitting",
            'Write folds = 5, or learner = "linear".',
        )
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if not design.covariates:
        section.fault(
            "LC402",
            "",
            "a doubly robust design needs covariates",
            'Add covariates = ["…"]: what decided who was treated.',
        )
    for key, value in (("exact", design.exact), ("strata", design.strata)):
        if value:
            section.fault("LC406", key, f"'{key}' is not used here", "Name it among the covariates instead.")
    settings: DoublyRobustSettings | None = design.settings
    if settings and settings.estimator == "tmle" and design.estimand != "ATE":
        section.fault(
            "LC406", "estimand", "tmle estimates the ATE", 'Write estimand = "ATE", or estimator = "aipw".'
        )


def describe(settings: DoublyRobustSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    learner = {
        "linear": "regressions without penalty",
        "gradient-boosting": "gradient-boosted trees (scikit-learn)",
    }[settings.learner]
    parts = f"{settings.folds} folds, seed {design.seed}" if settings.folds > 1 else "no cross-fitting"
    whole = f", whole clusters of '{design.cluster}'" if design.cluster and settings.folds > 1 else ""
    return (
        ("Models", f"{learner}; {parts}{whole}"),
        (
            "Estimator",
            f"{settings.estimator.upper()}, {design.estimand}; scores held within {settings.clip:g}",
        ),
        (
            "Standard errors",
            "efficient influence function" + (f", summed by '{design.cluster}'" if design.cluster else ""),
        ),
    )


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect by cross-fitted AIPW or TMLE.

    Assumptions: no unobserved confounding given the covariates, overlap, at least one of the two models right (with
    learners: both good enough), no interference.
    Variance: the efficient influence function, clustered where the plan names clusters.
    """
    settings: DoublyRobustSettings = plan.design.settings
    clusters = cluster_codes(frame)
    if clusters is not None and clusters.max() + 1 < max(settings.folds, 2):
        note = "There are fewer clusters than folds. Use fewer folds, or a method for few clusters."
        return MethodResult(
            no_estimate(frame, plan, outcome, plan.design.estimand),
            (Check("clusters", "fail", float(clusters.max() + 1), float(settings.folds), "block", note),),
        )
    try:
        fitted, raw = _fitted(frame, plan, outcome, settings, plan.design.seed)
    except Separation:
        note = (
            "In part of the data the covariates separate the arms: nobody treated has anyone comparable. Use fewer or "
            "broader covariates, or fewer folds."
        )
        return MethodResult(
            no_estimate(frame, plan, outcome, plan.design.estimand),
            (Check("overlap", "fail", None, None, "block", note),),
        )
    estimate = _estimate(frame, plan, outcome, fitted, settings)
    balance = _balance(frame, fitted, plan.design.estimand)
    checks = [_overlap(raw, settings), *_penalised(fitted), *_clusters(clusters)]
    checks += baseline_reading(frame, balance, adjusted=True)
    known = e_value_check(estimate)
    return MethodResult(
        estimate,
        (*checks, *((known,) if known else ())),
        balance,
        _other_ways(frame, plan, outcome, settings, fitted),
    )


def _fitted(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: DoublyRobustSettings,
    seed: int,
) -> tuple[Nuisance, Array]:
    """Predictions with scores held within the clip, and the scores as they were."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    matrix, _ = covariate_matrix(frame.data, tuple(f"x:{name}" for name in frame.covariates))
    model: OutcomeModel = "logistic" if outcome.kind == "binary" else "linear"
    if settings.outcome_model == "linear":
        model = "linear"
    folds = fold_numbers(treated, settings.folds, seed, cluster_codes(frame))
    fitted = cross_fit(y, treated, matrix, folds, learner=settings.learner, outcome_model=model, seed=seed)
    held = np.clip(fitted.score, max(settings.clip, 1e-9), min(1 - settings.clip, 1 - 1e-9))
    return replace(fitted, score=held), fitted.score


def _estimate(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    fitted: Nuisance,
    settings: DoublyRobustSettings,
) -> Estimate:
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    found: Augmented = (
        targeted(y, treated, fitted)
        if settings.estimator == "tmle"
        else augmented(y, treated, fitted, plan.design.estimand)
    )
    n = len(y)
    clusters = cluster_codes(frame)
    factor = np.sqrt(n / (n - 1)) if clusters is None and n > 1 else 1.0
    return dressed(
        frame,
        plan,
        outcome,
        value=found.value,
        means=found.means,
        error=float(factor) * error_of(found.influence / n, clusters),
        parameters=len(frame.covariates) + 2,
        clusters=clusters,
        kept=np.ones(n, dtype=np.bool_),
        worth=n,
        interval=settings.interval,
    )


def _balance(frame: AnalysisFrame, fitted: Nuisance, estimand: str) -> tuple[BalanceRow, ...]:
    """Balance under the score's weights: for information, as the outcome models correct what is left."""
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    treated, p = frame.data["treated"].to_numpy(), fitted.score
    weights = np.where(treated == 1, 1 / p, 1 / (1 - p))
    if estimand == "ATT":
        weights = weights * p
    return balance_rows(
        values,
        tuple(name.removeprefix("x:") for name in names),
        treated,
        weights=weights,
        scale="treated" if estimand == "ATT" else "both",
    )


def _overlap(raw: Array, settings: DoublyRobustSettings) -> Check:
    """How many scores had to be held within the clip: each is somebody with hardly anyone comparable."""
    limit = max(settings.clip, 0.01)
    share = float(((raw < limit) | (raw > 1 - limit)).mean())
    said = f"{100 * share:.0f} % of scores lie beyond {limit:g} or {1 - limit:g}"
    if share > MOST_CLIPPED:
        note = f"{said}: for these people there is hardly anyone comparable."
        return Check("overlap", "warn", share, MOST_CLIPPED, "downgrade", note)
    return Check("overlap", "pass", share, MOST_CLIPPED, "none", f"{said}.")


def _penalised(fitted: Nuisance) -> tuple[Check, ...]:
    if not fitted.penalised:
        return ()
    note = f"In {fitted.penalised} outcome models the covariates decided the outcome; a small penalty was used there."
    return (Check("outcome models", "warn", float(fitted.penalised), 0.0, "downgrade", note),)


def _clusters(clusters: np.typing.NDArray[np.int64] | None) -> tuple[Check, ...]:
    if clusters is None:
        return ()
    count = int(clusters.max()) + 1
    if count < FEWEST_CLUSTERS:
        note = f"{count} clusters are too few for these errors."
        return (Check("clusters", "fail", float(count), FEWEST_CLUSTERS, "downgrade", note),)
    return (Check("clusters", "pass", float(count), FEWEST_CLUSTERS, "none", f"{count} clusters."),)


def _other_ways(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: DoublyRobustSettings,
    fitted: Nuisance,
) -> tuple[Sensitivity, ...]:
    """Other folds, the other estimator, and a wider clip."""
    if frame.bare:
        return ()
    ways = []
    if settings.folds > 1:
        try:
            again, _ = _fitted(frame, plan, outcome, settings, plan.design.seed + 1)
            ways.append(Sensitivity("other folds", _estimate(frame, plan, outcome, again, settings)))
        except Separation:
            pass
    if plan.design.estimand == "ATE":
        other: Literal["aipw", "tmle"] = "aipw" if settings.estimator == "tmle" else "tmle"
        name = "TMLE" if other == "tmle" else "AIPW"
        ways.append(
            Sensitivity(name, _estimate(frame, plan, outcome, fitted, replace(settings, estimator=other)))
        )
    wider = replace(fitted, score=np.clip(fitted.score, 0.05, 0.95))
    ways.append(Sensitivity("scores held within 0.05", _estimate(frame, plan, outcome, wider, settings)))
    return tuple(ways)
