"""Doubly robust: a model of who was treated and a model of the outcome; one of the two must be right.

Estimands: the average effect on everybody (ATE) or on the treated (ATT): a difference of means or risks, or a ratio of
the two standardised risks, odds or rates.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from evaluation.balance import balance_rows
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution
from evaluation.methods.nothing import no_estimate, refuse_unused
from evaluation.methods.observed import baseline_reading, cluster_check, cluster_codes, dressed
from evaluation.model import BalanceRow, Check, Estimate, FlowStep, Heterogeneity, MethodResult, Sensitivity
from evaluation.observed.augmented import NoRatio, augmented
from evaluation.observed.cross_fitted import (
    Division,
    Estimator,
    Found,
    Models,
    People,
    Question,
    cut,
    divide,
    effects,
    median_of,
    middle_score,
    within,
)
from evaluation.observed.e_value import e_value_check
from evaluation.observed.heterogeneity import Measured, explore
from evaluation.observed.nuisance import Codes, Learner, Nuisance, OutcomeModel
from evaluation.observed.overlap_checks import (
    alone,
    divided,
    no_overlap,
    on_few,
    overlap,
    penalised,
    trimming,
)
from evaluation.observed.propensity import Separation
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.event_checks import event_checks, exposure_check
from evaluation.regression.linear import covariate_matrix
from evaluation.regression.ratios import as_ratio
from workspace.toml_source import Section

SMALLEST_CLIP, LARGEST_CLIP = 0.0, 0.2
MOST_FOLDS = 20
MOST_REPEATS = 100
MOST_TRIM = 0.4


@dataclass(frozen=True, slots=True)
class DoublyRobustSettings:
    """``learner``; ``folds`` (1: no cross-fitting), drawn ``repeats`` times; ``estimator``.

    Scores are held within ``clip`` and 1 - ``clip``; people whose score lies beyond ``trim`` or 1 - ``trim`` are left
    out. ``explore``: look for people on whom the effect differs, for exploration only.
    """

    learner: Learner = "linear"
    folds: int = 5
    estimator: Literal["aipw", "tmle"] = "aipw"
    outcome_model: Literal["auto", "linear", "logistic"] = "auto"
    clip: float = 0.01
    interval: Distribution = "normal"
    repeats: int = 5
    trim: float = 0.0
    explore: bool = False


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
        section.integer("repeats", 5, low=1) or 5,
        cast(float, section.number("trim", 0.0, low=0, high=MOST_TRIM)),
        section.boolean("explore"),
    )
    if settings.repeats > MOST_REPEATS:
        section.fault(
            "LC403", "repeats", f"'repeats' must be {MOST_REPEATS} at most", "Five to twenty are usual."
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
    hint = "Name it among the covariates instead."
    refuse_unused(design, section, "doubly-robust", ("exact", "strata"), hint)
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
    parts = "no cross-fitting"
    if settings.folds > 1:
        parts = f"{settings.folds} folds drawn {settings.repeats} times from seed {design.seed}, the median"
    whole = f", whole clusters of '{design.cluster}'" if design.cluster and settings.folds > 1 else ""
    trimmed = f"; scores outside {settings.trim:g} to {1 - settings.trim:g} left out" if settings.trim else ""
    return (
        ("Models", f"{learner}; {parts}{whole}"),
        (
            "Estimator",
            f"{settings.estimator.upper()}, {design.estimand}; scores held within {settings.clip:g}{trimmed}",
        ),
        (
            "Standard errors",
            "efficient influence function" + (f", summed by '{design.cluster}'" if design.cluster else ""),
        ),
    )


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect by cross-fitted AIPW or TMLE, the median over several divisions into folds.

    Assumptions: no unobserved confounding given the covariates, overlap, at least one of the two models right (with
    learners: both good enough), no interference.
    Variance: the efficient influence function, clustered where the plan names clusters; of a ratio by the delta method
    on the influences of the two standardised means.
    """
    settings: DoublyRobustSettings = plan.design.settings
    clusters = cluster_codes(frame)
    events = event_checks(frame.data, outcome)
    refused = _refused(clusters, settings, events)
    if refused:
        return MethodResult(no_estimate(frame, plan, outcome, plan.design.estimand), refused)
    people = people_of(frame, clusters)
    try:
        divisions = divide(people, models_of(settings, outcome, plan.design.seed))
        kept = _kept(people, divisions, settings)
        found = effects(people, divisions, kept, _question(plan, outcome, settings))
    except (Separation, NoRatio) as problem:
        return MethodResult(
            no_estimate(frame, plan, outcome, plan.design.estimand), (*events, no_overlap(problem))
        )

    def dress(one: Found) -> Estimate:
        return _estimate(frame, plan, outcome, one, kept)

    estimate = dress(median_of(found))
    fitted = divisions[0].fitted
    balance = _balance(frame, cut(fitted, kept), plan.design.estimand, kept)
    raw = middle_score(divisions)
    checks = [*events, overlap(raw, settings.clip), *alone(raw, people.treated, kept, plan.design.estimand)]
    checks += on_few(people, fitted, kept)
    checks += [*penalised(divisions), *cluster_check(frame), *trimming(kept, settings.trim)]
    checks += [*divided(found), *exposure_check(frame.data, outcome)]
    checks += baseline_reading(frame, balance, adjusted=True)
    known = e_value_check(estimate)
    ways = () if frame.bare else (*_extremes(found), *_other_ways(people, plan, outcome, divisions, kept))
    explored = settings.explore and not frame.bare
    return MethodResult(
        estimate,
        (*checks, *((known,) if known else ())),
        balance,
        tuple(Sensitivity(name, dress(one)) for name, one in ways),
        flow=_flow(kept),
        heterogeneity=_explored(frame, plan, divisions, kept) if explored else None,
        sample=np.flatnonzero(kept),
    )


def _refused(
    clusters: Codes | None, settings: DoublyRobustSettings, events: tuple[Check, ...]
) -> tuple[Check, ...]:
    """The checks that leave nothing to be fitted; empty where it can be tried."""
    if clusters is not None and clusters.max() + 1 < max(settings.folds, 2):
        note = "There are fewer clusters than folds. Use fewer folds, or a method for few clusters."
        return (Check("clusters", "fail", float(clusters.max() + 1), float(settings.folds), "block", note),)
    return events if any(check.consequence == "block" for check in events) else ()


def people_of(frame: AnalysisFrame, clusters: Codes | None) -> People:
    """The people of a frame as arrays."""
    data = frame.data
    matrix, _ = covariate_matrix(data, tuple(f"x:{name}" for name in frame.covariates))
    exposure = data["exposure"].to_numpy() if "exposure" in data.columns else None
    return People(data["outcome"].to_numpy(), data["treated"].to_numpy(), matrix, clusters, exposure)


def models_of(settings: DoublyRobustSettings, outcome: PlannedOutcome, seed: int) -> Models:
    """How the settings have an outcome predicted."""
    by_kind: dict[str, OutcomeModel] = {"binary": "logistic", "count": "poisson"}
    model = "linear" if settings.outcome_model == "linear" else by_kind.get(outcome.kind, "linear")
    return Models(settings.learner, settings.folds, settings.repeats, model, settings.clip, seed)


def _question(plan: AnalysisPlan, outcome: PlannedOutcome, settings: DoublyRobustSettings) -> Question:
    return Question(plan.design.estimand, settings.estimator, outcome.effect)


def _kept(
    people: People, divisions: tuple[Division, ...], settings: DoublyRobustSettings
) -> npt.NDArray[np.bool_]:
    """Who is left after trimming. Raises Separation where that leaves fewer than two in an arm."""
    kept = within(divisions, settings.trim) if settings.trim else np.ones(len(people.y), dtype=np.bool_)
    arms = people.treated[kept]
    if min(float(arms.sum()), len(arms) - float(arms.sum())) < 2:
        raise Separation
    return kept


def _estimate(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    found: Found,
    kept: npt.NDArray[np.bool_],
) -> Estimate:
    settings: DoublyRobustSettings = plan.design.settings
    clusters = cluster_codes(frame)
    if clusters is not None and not kept.all():
        clusters = np.unique(clusters[kept], return_inverse=True)[1].astype(np.int64)
    estimate = dressed(
        frame,
        plan,
        outcome,
        value=found.value,
        means=found.means,
        error=found.error,
        parameters=len(frame.covariates) + 2,
        clusters=clusters,
        kept=kept,
        worth=int(kept.sum()),
        interval=settings.interval,
    )
    estimate = as_ratio(estimate) if outcome.is_ratio else estimate
    if kept.all():
        return estimate
    named = f"{plan.design.estimand} among scores of {settings.trim:g} to {1 - settings.trim:g}"
    return replace(estimate, estimand=named)


def _explored(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    divisions: tuple[Division, ...],
    kept: npt.NDArray[np.bool_],
) -> Heterogeneity | None:
    """How the effect varies, from everyone's pseudo-outcome averaged over the divisions."""
    part = frame.data.filter(kept)
    y, treated = part["outcome"].to_numpy(), part["treated"].to_numpy()
    found = [augmented(y, treated, cut(division.fitted, kept), "ATE") for division in divisions]
    pseudo = np.mean([one.influence + one.value for one in found], axis=0)
    matrix, names = covariate_matrix(part, tuple(f"x:{name}" for name in frame.covariates))
    clusters = cluster_codes(replace(frame, data=part))
    shown = tuple(name.removeprefix("x:") for name in names)
    measured = Measured(pseudo, treated, matrix, shown, clusters)
    return explore(measured, plan.design.seed, plan.analysis.alpha)


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What a setting cannot do with an outcome."""
    settings: DoublyRobustSettings | None = design.settings
    if settings is None:
        return ""
    if settings.explore and outcome.is_ratio:
        return f"explore = true looks at differences, not at '{outcome.effect}'"
    if settings.outcome_model == "logistic" and outcome.kind != "binary":
        return (
            f"outcome_model = \"logistic\" is for yes-or-no outcomes; '{outcome.measure}' is {outcome.kind}"
        )
    return ""


def _flow(kept: npt.NDArray[np.bool_]) -> tuple[FlowStep, ...]:
    if kept.all():
        return ()
    return (FlowStep("kept after trimming", int(kept.sum()), "scores beyond the trimming limits"),)


def _balance(
    frame: AnalysisFrame, fitted: Nuisance, estimand: str, kept: npt.NDArray[np.bool_]
) -> tuple[BalanceRow, ...]:
    """Balance under the score's weights: for information, as the outcome models correct what is left."""
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    treated, p = frame.data["treated"].to_numpy(), np.full(len(kept), 0.5)
    p[kept] = fitted.score
    weights = np.where(treated == 1, 1 / p, 1 / (1 - p)) * kept
    if estimand == "ATT":
        weights = weights * p
    return balance_rows(
        values,
        tuple(name.removeprefix("x:") for name in names),
        treated,
        weights=weights,
        scale="treated" if estimand == "ATT" else "both",
    )


def _extremes(found: tuple[Found, ...]) -> tuple[tuple[str, Found], ...]:
    """The divisions that gave the lowest and the highest effect."""
    if len(found) == 1:
        return ()
    ordered = sorted(found, key=lambda one: one.value)
    return (("folds with the lowest effect", ordered[0]), ("folds with the highest effect", ordered[-1]))


def _other_ways(
    people: People,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    divisions: tuple[Division, ...],
    kept: npt.NDArray[np.bool_],
) -> tuple[tuple[str, Found], ...]:
    """The other estimator, and a wider clip; from the predictions there are."""
    settings: DoublyRobustSettings = plan.design.settings
    question = _question(plan, outcome, settings)
    wider = tuple(
        replace(division, fitted=replace(division.fitted, score=np.clip(division.fitted.score, 0.05, 0.95)))
        for division in divisions
    )
    ways = [("scores held within 0.05", wider, question)]
    if plan.design.estimand == "ATE":
        name, other = ("AIPW", "aipw") if settings.estimator == "tmle" else ("TMLE", "tmle")
        ways.insert(0, (name, divisions, replace(question, estimator=cast(Estimator, other))))
    done = []
    for name, turned, asked in ways:
        with contextlib.suppress(NoRatio):
            done.append((name, median_of(effects(people, turned, kept, asked))))
    return tuple(done)
