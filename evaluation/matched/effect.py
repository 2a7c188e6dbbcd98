"""The effect on the treated from matched people: a difference, or a ratio of risks, odds or rates (pure).

Differences: least squares on the matched people, with their weights and errors clustered by set; over subclasses the
mean of the classes' own effects; or Abadie and Imbens's estimator. Ratios: a weighted logistic or log-linear model, its
risks standardised over the treated. All errors take the estimated score and the matching as given.
Source: Ho, Imai, King and Stuart (2007); Austin and Small (2014) and Abadie and Spiess (2022) on errors clustered by
set; Greifer (2022) on standardising over the matched.
"""

from __future__ import annotations

import math

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.inference import cox_index, estimate_from, hedges_g, pooled_sd
from evaluation.matched.abadie_imbens import Compared
from evaluation.matched.people import Matched, Rows
from evaluation.matched.settings import MatchingSettings
from evaluation.matched.subclasses import within_classes
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.model import Check, EffectSize, Estimate
from evaluation.observed.propensity import Separation
from evaluation.observed.weights import effective_size
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.event_checks import separated
from evaluation.regression.glm import Model, fit_model, weighted_logistic
from evaluation.regression.linear import Array, Fit, NotIdentified, covariate_matrix, treatment_effect
from evaluation.regression.ratios import Prepared, as_ratio, log_spread, prepare, ratio_of

Answer = tuple[Estimate, tuple[Check, ...]]


def covariates_of(frame: AnalysisFrame) -> tuple[Array, tuple[str, ...]]:
    """The plan's covariates as columns."""
    return covariate_matrix(frame.data, tuple(f"x:{name}" for name in frame.covariates))


def matched_effect(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    matched: Matched,
) -> Answer:
    """The effect among matched people, and a check where it cannot be had."""
    rows = matched.rows
    y, treated = frame.data["outcome"].to_numpy()[rows], frame.data["treated"].to_numpy()[rows]
    matrix, names = covariates_of(frame)
    adjusted = settings.adjust == "regression"
    covariates, names = (matrix[rows], names) if adjusted else (np.empty((len(rows), 0)), ())
    try:
        if outcome.is_ratio:
            exposure = frame.data["exposure"].to_numpy()[rows] if "exposure" in frame.data.columns else None
            fit = _ratio(y, treated, covariates, names, exposure, matched, outcome)
        elif matched.wholes:
            fit = within_classes(y, treated, matched.sets, covariates, names)
        else:
            weights, clusters = matched.weights, matched.clusters
            fit = treatment_effect(y, treated, covariates, names, weights=weights, clusters=clusters)
    except NotIdentified:
        note = "Too few matched people for the covariates. Use fewer covariates, or match more widely."
        check = Check("identification", "fail", None, None, "block", note)
        return no_estimate(frame, plan, outcome, "ATT"), (check,)
    except Separation:
        return no_estimate(frame, plan, outcome, "ATT"), (separated(),)
    means = tuple(
        float(np.average(y[treated == arm], weights=matched.weights[treated == arm])) for arm in (1, 0)
    )
    return _dressed(fit, y, treated, (means[0], means[1]), matched, plan, outcome, settings), ()


def with_replacement(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    found: Compared,
) -> Estimate:
    """Abadie and Imbens's effect as an estimate; its distribution is normal unless the plan asks for t."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    used = np.flatnonzero(found.kept | (found.served > 0))
    ones = int(found.kept.sum())
    fit = Fit(found.value, found.std_error, float(max(ones - 1, 1)), None, (), 0.0)
    held = np.where(treated[used] == 1, 1.0, found.served[used])
    matched = Matched(used, held, np.zeros(len(used), dtype=np.int64), twice=True)
    return _dressed(fit, y[used], treated[used], found.means, matched, plan, outcome, settings)


def _dressed(
    fit: Fit,
    y: Array,
    treated: Array,
    means: tuple[float, float],
    matched: Matched,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
) -> Estimate:
    _, arms, variances, events = outcome_means(y, treated)
    arms = (len(np.unique(matched.rows[treated == 1])), len(np.unique(matched.rows[treated == 0])))
    spread = pooled_sd(arms[0], variances[0], max(arms[1], 2), variances[1]) if sum(arms) > 3 else 0.0
    standardised: EffectSize | None = None
    if outcome.kind == "binary":
        if matched.pairs is not None:
            standardised = cox_index(events, arms, plan.analysis.alpha)
    elif not outcome.is_ratio:
        standardised = hedges_g(fit, spread, _worth(arms, treated, matched), plan.analysis.alpha)
    estimate = estimate_from(
        fit,
        estimand="ATT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution=settings.interval,
        arms=arms,
        means=means,
        spread=log_spread(outcome.effect, means[1], spread) if outcome.is_ratio else spread,
        standardised=standardised,
    )
    return as_ratio(estimate) if outcome.is_ratio else estimate


def _worth(arms: tuple[int, int], treated: Array, matched: Matched) -> int:
    """People the comparison is worth: those of subclasses and cells weigh unevenly."""
    if not matched.wholes:
        return sum(arms)
    return arms[0] + round(effective_size(matched.weights[treated == 0]))


def _ratio(
    y: Array,
    treated: Array,
    covariates: Array,
    names: tuple[str, ...],
    exposure: Array | None,
    matched: Matched,
    outcome: PlannedOutcome,
) -> Fit:
    """The log of a ratio among the matched, with its error. Raises NotIdentified and Separation."""
    prepared = prepare(treated, covariates, names)
    held = matched.weights
    if outcome.kind == "count":
        # A weighted Poisson likelihood is that of weighted counts with the weight among the exposure.
        offset = np.log(held) + (0.0 if exposure is None else np.log(exposure))
        model = fit_model(y * held, prepared.design, "poisson", offset)
        value, direction = float(model.beta[-1]), np.eye(prepared.design.shape[1])[-1]
    else:
        model = weighted_logistic(y, prepared.design, held)
        value, direction = _over_treated(model, prepared, treated, outcome)
    return _with_error(model, value, direction, matched.clusters, prepared.dropped)


def _over_treated(
    model: Model, prepared: Prepared, treated: Array, outcome: PlannedOutcome
) -> tuple[float, Array]:
    """The contrast of the treated's risks with and without treatment, and its slope in the coefficients."""
    risks, slopes = [], []
    for arm in (1.0, 0.0):
        design = prepared.design[treated == 1].copy()
        design[:, -1] = arm
        mu = 1 / (1 + np.exp(-design @ model.beta))
        risks.append(float(mu.mean()))
        slopes.append(design.T @ (mu * (1 - mu)) / len(mu))
    value, scale = ratio_of(risks[0], risks[1], outcome.effect)
    return value, scale[0] * slopes[0] - scale[1] * slopes[1]


def _with_error(
    model: Model, value: float, direction: Array, clusters: tuple[Rows, ...], dropped: tuple[str, ...]
) -> Fit:
    """Errors clustered by set (and by person, combined as V1 + V2 - V12), or robust where there are no sets."""
    n, k = model.design.shape
    if not clusters:
        variance = float(direction @ model.covariance("HC1") @ direction)
        return Fit(value, math.sqrt(max(variance, 0.0)), float(n - k), None, dropped, 0.0)
    labelled = [np.unique(labels, return_inverse=True)[1].astype(np.int64) for labels in clusters]
    counts = [int(labels.max()) + 1 for labels in labelled]
    if min(counts) < 2:
        raise NotIdentified
    parts = [(1.0, labels) for labels in labelled]
    if len(labelled) > 1:
        joint = labelled[0] * counts[1] + labelled[1]
        parts.append((-1.0, np.unique(joint, return_inverse=True)[1].astype(np.int64)))
    variance = sum(sign * float(direction @ model.covariance("HC1", c) @ direction) for sign, c in parts)
    return Fit(value, math.sqrt(max(variance, 0.0)), float(min(counts) - 1), min(counts), dropped, 0.0)
