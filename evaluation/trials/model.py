"""The model of a trial of people: least squares, logistic with standardisation, or Poisson (pure).

Each takes the same frame and gives an estimate and the checks that come with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution, cox_index, estimate_from, hedges_g, pooled_sd
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.model import Check, Estimate
from evaluation.observed.propensity import Separation
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.event_checks import dispersion_check, separated
from evaluation.regression.glm import Family, dispersion
from evaluation.regression.linear import (
    Array,
    Errors,
    Fit,
    Freedom,
    NotIdentified,
    covariate_matrix,
    treatment_effect,
)
from evaluation.regression.ratios import as_ratio, log_spread, prepare, rate_fit, standardised_fit
from evaluation.trials.ordered_scales import LOGISTIC_SD, ordered_fit

Adjust = Literal["ancova", "lin", "none"]


@dataclass(frozen=True, slots=True)
class Approach:
    """How one number of a trial is come by; ``by`` names the column errors are clustered by, if any."""

    adjust: Adjust
    errors: Errors
    df: Freedom
    interval: Distribution
    logistic: bool = False
    family: Family = "poisson"
    by: str = ""


def trial_effect(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, way: Approach
) -> tuple[Estimate, tuple[Check, ...]]:
    """The intention-to-treat effect in one way, and its checks; without a number where none can be had."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    covariates, names = trial_covariates(frame, way.adjust)
    clusters = codes(frame, way.by) if way.by else None
    try:
        if outcome.kind == "count":
            fit, checks = _counted(frame, y, treated, covariates, names, way, clusters)
        elif outcome.kind == "ordinal" and outcome.is_ratio:
            fit, checks = ordered_fit(y, treated, covariates, names, way.errors, clusters)
        elif outcome.is_ratio or way.logistic:
            prepared = prepare(treated, covariates, names)
            fit, checks = standardised_fit(y, prepared, outcome.effect, way.errors, clusters), ()
        else:
            fit, checks = _least_squares(y, treated, covariates, names, way, clusters), ()
    except NotIdentified:
        return no_estimate(frame, plan, outcome), (_not_identified(),)
    except Separation:
        return no_estimate(frame, plan, outcome), (separated(),)
    return _dressed(fit, y, treated, plan, outcome, way), (*_dropped(fit.dropped), *checks)


def trial_covariates(frame: AnalysisFrame, adjust: Adjust) -> tuple[Array, tuple[str, ...]]:
    """The columns adjusted for, strata among them."""
    if adjust == "none":
        return np.empty((frame.data.height, 0)), ()
    names = tuple(f"x:{name}" for name in frame.covariates)
    if "strata" in frame.data.columns:
        names = (*names, "strata")
    return covariate_matrix(frame.data, names)


def codes(frame: AnalysisFrame, column: str) -> npt.NDArray[np.int64]:
    """A column of labels as whole numbers from 0."""
    return np.unique(frame.data[column].to_numpy(), return_inverse=True)[1].astype(np.int64)


def _least_squares(
    y: Array,
    treated: Array,
    covariates: Array,
    names: tuple[str, ...],
    way: Approach,
    clusters: npt.NDArray[np.int64] | None,
) -> Fit:
    """Least squares; with ``lin`` every covariate, less its mean, also times the arm (Lin 2013)."""
    if way.adjust == "lin":
        # A constant less its mean is rounding dust, which must not pass for a covariate.
        centred = np.where(np.ptp(covariates, axis=0) > 0, covariates - covariates.mean(axis=0), 0.0)
        covariates = np.column_stack([centred, centred * treated[:, None]])
        names = (*names, *(f"{name} in the treated" for name in names))
    groups = () if clusters is None else (clusters,)
    return treatment_effect(y, treated, covariates, names, errors=way.errors, df=way.df, clusters=groups)


def _counted(
    frame: AnalysisFrame,
    y: Array,
    treated: Array,
    covariates: Array,
    names: tuple[str, ...],
    way: Approach,
    clusters: npt.NDArray[np.int64] | None,
) -> tuple[Fit, tuple[Check, ...]]:
    exposure = frame.data["exposure"].to_numpy() if "exposure" in frame.data.columns else None
    prepared = prepare(treated, covariates, names)
    fit, model = rate_fit(y, prepared, exposure, way.errors, clusters, way.family)
    return fit, (dispersion_check(dispersion(model, y)),) if way.family == "poisson" else ()


def _dressed(
    fit: Fit, y: Array, treated: Array, plan: AnalysisPlan, outcome: PlannedOutcome, way: Approach
) -> Estimate:
    means, arms, variances, events = outcome_means(y, treated)
    spread = pooled_sd(arms[0], variances[0], arms[1], variances[1])
    standardised = None
    if outcome.kind == "binary":
        standardised = cox_index(events, arms, plan.analysis.alpha)
    elif not outcome.is_ratio:
        standardised = hedges_g(fit, spread, len(y), plan.analysis.alpha)
    if outcome.is_ratio:
        spread = LOGISTIC_SD if outcome.kind == "ordinal" else log_spread(outcome.effect, means[1], spread)
    estimate = estimate_from(
        fit,
        estimand="ITT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution=way.interval,
        arms=arms,
        means=means,
        spread=spread,
        standardised=standardised,
    )
    return as_ratio(estimate) if outcome.is_ratio else estimate


def _not_identified() -> Check:
    note = (
        "The covariates leave nothing of the treatment to be estimated: an arm is "
        "empty or is one of the covariates."
    )
    return Check("identification", "fail", None, None, "block", note)


def _dropped(names: tuple[str, ...]) -> tuple[Check, ...]:
    if not names:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in names[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(names)), None, "none", note),)
