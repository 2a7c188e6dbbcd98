"""A method's answer from those followed up, weighted to stand for everybody of their arm (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.gates import FEWEST
from evaluation.methods.nothing import no_estimate
from evaluation.methods.observed import cluster_codes, dressed, error_of
from evaluation.missing.follow_up_weights import FollowUp, follow_up_weights, weighted_fit
from evaluation.missing.imputed_effect import Estimator
from evaluation.model import Check, Estimate, FlowStep, MethodResult, Sensitivity
from evaluation.observed.augmented import augmented
from evaluation.observed.nuisance import OutcomeModel, cross_fit, fold_numbers
from evaluation.observed.propensity import Separation
from evaluation.observed.weights import (
    CannotBalance,
    Weights,
    effective_size,
    entropy_weights,
    score_weights,
    weighted_effect,
)
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, NotIdentified, covariate_matrix, independent_columns
from evaluation.regression.ratios import as_ratio

Seen = npt.NDArray[np.bool_]
COMPLETE_CASES = "complete cases"
HEAVY = 10.0


@dataclass(frozen=True, slots=True)
class _Followed:
    """Everybody with known covariates; outcomes of those not seen are nought, and weigh nothing."""

    frame: AnalysisFrame
    seen: Seen
    y: Array
    treated: Array
    weights: FollowUp


def weighed_effect(
    whole: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, estimator: Estimator
) -> MethodResult:
    """Estimate with weights of follow-up; the complete-case answer stands beside. Without gaps it is that answer.

    People with a missing covariate have no weight and are left out, and counted.
    """
    names = [f"x:{name}" for name in whole.covariates]
    names += [name for name in whole.data.columns if name.startswith("a:")]
    known = (
        whole.data.filter(pl.all_horizontal(pl.col(n).is_not_null() for n in names)) if names else whole.data
    )
    frame = replace(whole, data=known)
    seen = known["outcome"].is_not_null().to_numpy()
    cases = replace(frame, data=known.filter(pl.col("outcome").is_not_null()))
    plain = estimator(cases, plan, outcome)
    flow = (
        FlowStep(
            "covariates complete, seen or not", known.height, "a covariate or auxiliary variable is missing"
        ),
    )
    plain = replace(plain, flow=(*flow, *plain.flow))
    if seen.all():
        note = "Nobody's outcome is missing: the answer is that of complete cases, and everybody weighs 1."
        return replace(
            plain, checks=(*plain.checks, Check("follow-up weights", "pass", 1.0, HEAVY, "none", note))
        )
    if any(check.consequence == "block" for check in plain.checks):
        return plain
    try:
        followed = _followed(frame, seen, names, plan)
        estimate = _estimate(followed, plan, outcome)
    except (Separation, CannotBalance, NotIdentified) as problem:
        return replace(plain, estimate=no_estimate(cases, plan, outcome, plain.estimate.estimand),
                       checks=(*plain.checks, _no_model(problem)))  # fmt: skip
    lines = (Sensitivity(COMPLETE_CASES, plain.estimate), *_named(plain.sensitivity))
    checks = (*plain.checks, *_checks(followed, plan))
    return replace(plain, estimate=estimate, checks=checks, sensitivity=lines)


def _named(ways: tuple[Sensitivity, ...]) -> tuple[Sensitivity, ...]:
    return tuple(replace(way, name=f"{COMPLETE_CASES}: {way.name}") for way in ways)


def _followed(frame: AnalysisFrame, seen: Seen, names: list[str], plan: AnalysisPlan) -> _Followed:
    columns = (*names, "strata") if "strata" in frame.data.columns else tuple(names)
    known, _ = covariate_matrix(frame.data, columns)
    treated = frame.data["treated"].to_numpy()
    weights = follow_up_weights(seen, treated, known, plan.analysis.truncate)
    y = frame.data["outcome"].fill_null(0.0).to_numpy()
    return _Followed(frame, seen, y, treated, weights)


def _estimate(f: _Followed, plan: AnalysisPlan, outcome: PlannedOutcome) -> Estimate:
    method = plan.design.method
    if method == "doubly-robust":
        return _doubly_robust(f, plan, outcome)
    if method == "cluster-randomised":
        return _clusters(f, plan, outcome)
    if method == "weighting":
        return _averages(f, plan, outcome, f.weights.times(_treatment_weights(f, plan)), plan.design.estimand)
    if outcome.is_ratio:
        return _averages(f, plan, outcome, f.weights.times(None), "ITT")
    fit = weighted_fit(f.y, _design(f, plan), f.weights.times(None))
    clusters = cluster_codes(f.frame)
    n = int(f.seen.sum())
    factor = 1.0 if clusters is not None else float(np.sqrt(n / max(n - fit.columns, 1)))
    return _dressed(
        f, plan, outcome, fit.value, factor * error_of(fit.influence, clusters), fit.columns, "ITT"
    )


def _design(f: _Followed, plan: AnalysisPlan) -> Array:
    """Ones, what is adjusted for, the treatment; with Lin's slopes where the plan has them."""
    adjust = getattr(plan.design.settings, "adjust", "none")
    names = tuple(f"x:{name}" for name in f.frame.covariates) if adjust != "none" else ()
    if names or adjust != "none":
        names = (*names, "strata") if "strata" in f.frame.data.columns else names
    matrix, labels = covariate_matrix(f.frame.data, names)
    if adjust == "lin":
        centred = matrix - matrix.mean(axis=0)
        matrix = np.column_stack([centred, centred * f.treated[:, None]])
        labels = (*labels, *(f"{label}*" for label in labels))
    spread = matrix.std(axis=0)
    scaled = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0) if adjust != "lin" else matrix
    raw = np.column_stack([np.ones(len(f.y)), scaled, f.treated])
    named = ("1", *labels, "treated")
    _, kept = independent_columns(raw[f.seen], named)
    if "treated" not in kept or int(f.seen.sum()) <= len(kept):
        raise NotIdentified
    return np.asarray(raw[:, [place for place, name in enumerate(named) if name in kept]])


def _treatment_weights(f: _Followed, plan: AnalysisPlan) -> Weights:
    matrix, _ = covariate_matrix(f.frame.data, tuple(f"x:{name}" for name in f.frame.covariates))
    if plan.design.settings.kind == "entropy":
        return entropy_weights(f.treated, matrix)
    return score_weights(f.treated, matrix, plan.design.estimand, plan.design.settings.trim)


def _averages(
    f: _Followed, plan: AnalysisPlan, outcome: PlannedOutcome, weights: Weights, estimand: str
) -> Estimate:
    exposure = f.frame.data["exposure"].to_numpy() if "exposure" in f.frame.data.columns else None
    value, means, influence = weighted_effect(f.y, f.treated, weights, outcome.effect, exposure)
    error = error_of(influence, cluster_codes(f.frame))
    kept = replace(f, seen=f.seen & (weights.values > 0))
    found = _dressed(kept, plan, outcome, value, error, weights.design.shape[1] + 1, estimand, means)
    return as_ratio(found) if outcome.is_ratio else found


def _dressed(
    f: _Followed,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    value: float,
    error: float,
    columns: int,
    estimand: str,
    means: tuple[float, float] | None = None,
) -> Estimate:
    w = f.weights.values
    if means is None:
        averages = [
            float(np.average(f.y[rows], weights=w[rows])) for rows in (f.treated == 1, f.treated == 0)
        ]
        means = averages[0], averages[1]
    found = dressed(
        f.frame, plan, outcome, value=value, means=means, error=error, parameters=columns,
        clusters=cluster_codes(f.frame), kept=f.seen, worth=round(effective_size(w)),
        interval=getattr(plan.design.settings, "interval", "t"),
    )  # fmt: skip
    return replace(found, estimand=estimand)


def _clusters(f: _Followed, plan: AnalysisPlan, outcome: PlannedOutcome) -> Estimate:
    """Weighted least squares; each cluster left out in turn, and both models fitted again (the jackknife)."""
    codes = cluster_codes(f.frame)
    assert codes is not None  # this method has clusters
    names = [f"x:{name}" for name in f.frame.covariates]
    names += [name for name in f.frame.data.columns if name.startswith("a:")]
    names += ["strata"] if "strata" in f.frame.data.columns else []
    known, _ = covariate_matrix(f.frame.data, tuple(names))
    design = _design(f, plan)

    def effect(rows: Seen) -> float:
        weights = follow_up_weights(f.seen[rows], f.treated[rows], known[rows], plan.analysis.truncate)
        part = design[rows]
        full = independent_columns(part[f.seen[rows]], tuple(map(str, range(part.shape[1]))))[1]
        if str(part.shape[1] - 1) not in full:
            raise NotIdentified
        return weighted_fit(f.y[rows], part[:, [int(name) for name in full]], weights.times(None)).value

    value = effect(np.ones(len(codes), dtype=np.bool_))
    count = int(codes.max()) + 1
    others = np.array([effect(codes != cluster) for cluster in range(count)])
    error = float(np.sqrt((count - 1) / count * ((others - others.mean()) ** 2).sum()))
    return _dressed(f, plan, outcome, value, error, design.shape[1], "ITT")


def _doubly_robust(f: _Followed, plan: AnalysisPlan, outcome: PlannedOutcome) -> Estimate:
    """AIPW with a third model, of follow-up: each person seen stands for those like them who were not."""
    settings = plan.design.settings
    matrix, _ = covariate_matrix(f.frame.data, tuple(f"x:{name}" for name in f.frame.covariates))
    linear = settings.outcome_model == "linear" or outcome.kind != "binary"
    model: OutcomeModel = "linear" if linear else "logistic"
    clusters = cluster_codes(f.frame)
    folds = fold_numbers(f.treated, settings.folds, plan.design.seed, clusters)
    fitted = cross_fit(
        f.y, f.treated, matrix, folds,
        learner=settings.learner, outcome_model=model, seed=plan.design.seed, seen=f.seen,
    )  # fmt: skip
    held = np.clip(fitted.score, max(settings.clip, 1e-9), min(1 - settings.clip, 1 - 1e-9))
    own = np.where(f.treated == 1, fitted.treated, fitted.comparison)
    share = np.where(f.treated == 1, *(float(f.seen[f.treated == arm].mean()) for arm in (1, 0)))
    filled = own + f.weights.values / share * (f.y - own)
    found = augmented(filled, f.treated, replace(fitted, score=held), plan.design.estimand)
    error = error_of(found.influence / len(f.y), clusters)
    return _dressed(
        f, plan, outcome, found.value, error, len(f.frame.covariates) + 2, plan.design.estimand, found.means
    )


def _no_model(problem: Exception) -> Check:
    if isinstance(problem, CannotBalance):
        said = "no weights give the comparison people the treated people's means"
    elif isinstance(problem, NotIdentified):
        said = "the covariates leave nothing of the treatment to be estimated among those followed up"
    else:
        said = "what was known before tells completely who was followed up, so that nobody stands for some of the lost"
    note = f"No weights of follow-up: {said}. Use fewer or broader covariates, or another rule for missing outcomes."
    return Check("follow-up weights", "fail", None, None, "block", note)


def _checks(f: _Followed, plan: AnalysisPlan) -> tuple[Check, ...]:
    """The weights, what they are worth in people, and what was cut."""
    w = f.weights
    largest = float(w.values.max())
    beside = f" Auxiliary: {', '.join(plan.analysis.auxiliary)}." if plan.analysis.auxiliary else ""
    few = [name for name, had in zip(("with", "without"), w.modelled, strict=True) if not had]
    told = (
        f" Too few were lost in the arm {' and the arm '.join(few)} the programme for a model there."
        if few
        else ""
    )
    cut = (
        "none were cut"
        if plan.analysis.truncate >= 1
        else f"cut at the {100 * plan.analysis.truncate:g}th percentile of each arm"
    )
    how = {
        "doubly-robust": "the efficient influence function, with follow-up as a third model",
        "cluster-randomised": "leaving out each cluster in turn and fitting both models again; the model is weighted "
        "least squares, not the random intercept",
    }.get(plan.design.method, "the influence functions of the whole system, follow-up model included")
    note = (
        f"Stabilised weights from a logistic model of follow-up in each arm, {cut}; the largest is {largest:.2f}. "
        f"Errors by {how}.{told}{beside} It assumes that the lost are like those seen who were like them before."
    )
    weights = Check(
        "follow-up weights", "warn" if largest > HEAVY else "info", largest, HEAVY,
        "downgrade" if largest > HEAVY else "none", note,
    )  # fmt: skip
    size = min(effective_size(w.values[f.treated == arm]) for arm in (1, 0))
    said = f"Weighted, those followed up in the smaller arm are worth {size:.0f} people"
    if size < FEWEST:
        few_left = Check(
            "effective follow-up", "fail", size, FEWEST, "block", f"{said}, fewer than {FEWEST}."
        )
        return weights, few_left
    return weights, Check("effective follow-up", "pass", size, FEWEST, "none", f"{said}.")
