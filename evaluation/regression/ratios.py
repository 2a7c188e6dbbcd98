"""Risk, odds and rate ratios of a treatment: logistic regression with marginal standardisation, and Poisson (pure).

Standardisation asks what share would have the outcome if everybody were treated, and if nobody were, with the people
there are; the ratio of the two does not change its meaning with the covariates, as a coefficient of a logistic model
would. Errors by the delta method, from robust covariances; intervals on the log scale.
Source: Localio, Margolis and Berlin (2007); Zou (2004) for robust errors of ratios; Greenland (2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.methods.nothing import without_inference
from evaluation.model import Effect, Estimate
from evaluation.regression.glm import Family, Model, fit_model
from evaluation.regression.linear import Array, Errors, Fit, NotIdentified, independent_columns

Codes = npt.NDArray[np.int64]
WIDEST = 300.0  # a log ratio beyond it is no ratio anybody could read


@dataclass(frozen=True, slots=True)
class Prepared:
    """A design with the treatment last, columns standardised for the arithmetic, and what was left out of it."""

    design: Array
    dropped: tuple[str, ...]


def prepare(treated: Array, covariates: Array, names: tuple[str, ...]) -> Prepared:
    """Columns 1, covariates, treated. Raises NotIdentified where the covariates say all of the treatment."""
    spread = covariates.std(axis=0)
    varying = spread > 1e-12 * np.maximum(np.abs(covariates).max(axis=0, initial=0.0), 1e-300)
    scaled = np.where(varying, (covariates - covariates.mean(axis=0)) / np.where(varying, spread, 1.0), 0.0)
    full = np.column_stack([np.ones_like(treated), scaled, treated])
    design, kept = independent_columns(full, ("1", *names, "treated"))
    dropped = tuple(name for name in names if name not in kept)
    if "treated" not in kept or design.shape[0] <= design.shape[1]:
        raise NotIdentified
    return Prepared(design, dropped)


def standardised_fit(
    y: Array, prepared: Prepared, effect: Effect, errors: Errors, clusters: Codes | None = None
) -> Fit:
    """A risk difference, or the log of a risk or odds ratio, standardised over the people there are.

    Raises Separation where the covariates tell the outcome of some people completely.
    """
    model = fit_model(y, prepared.design, "logistic")
    value, direction = standardised(model, effect)
    return _fit(model, value, direction, errors, clusters, prepared.dropped)


def standardised(model: Model, effect: Effect) -> tuple[float, Array]:
    """The effect a logistic model implies over the people there are, on its (log) scale, and its slopes in ``beta``."""
    risks, slopes = [], []
    for arm in (1.0, 0.0):
        design = model.design.copy()
        design[:, -1] = arm
        mu = 1 / (1 + np.exp(-design @ model.beta))
        risks.append(float(mu.mean()))
        slopes.append(design.T @ (mu * (1 - mu)) / len(mu))
    value, scale = ratio_of(risks[0], risks[1], effect)
    return value, np.asarray(scale[0] * slopes[0] - scale[1] * slopes[1])


def ratio_of(one: float, zero: float, effect: Effect) -> tuple[float, tuple[float, float]]:
    """The effect of two risks on its (log) scale, and its slopes in them."""
    if effect == "risk-ratio":
        return math.log(one / zero), (1 / one, 1 / zero)
    if effect == "odds-ratio":
        value = math.log(one / (1 - one)) - math.log(zero / (1 - zero))
        return value, (1 / (one * (1 - one)), 1 / (zero * (1 - zero)))
    return one - zero, (1.0, 1.0)


def rate_fit(
    y: Array,
    prepared: Prepared,
    exposure: Array | None,
    errors: Errors,
    clusters: Codes | None = None,
    family: Family = "poisson",
) -> tuple[Fit, Model]:
    """The log of a rate ratio: the treatment's coefficient of a log-linear model with log(exposure) as its offset.

    A coefficient of such a model is a ratio of standardised rates as it stands. Raises Separation.
    """
    offset = None if exposure is None else np.log(exposure)
    model = fit_model(y, prepared.design, family, offset)
    last = np.eye(prepared.design.shape[1])[-1]
    return _fit(model, float(model.beta[-1]), last, errors, clusters, prepared.dropped), model


def _fit(
    model: Model,
    value: float,
    direction: Array,
    errors: Errors,
    clusters: Codes | None,
    dropped: tuple[str, ...],
) -> Fit:
    n, k = model.design.shape
    count = None if clusters is None else int(clusters.max()) + 1
    if count == 1:
        raise NotIdentified
    variance = float(direction @ model.covariance(errors, clusters) @ direction)
    df = float(n - k if count is None else count - 1)
    return Fit(value, math.sqrt(max(variance, 0.0)), df, count, dropped, 0.0)


def as_ratio(estimate: Estimate) -> Estimate:
    """An estimate of a log ratio as the ratio: ends and value turned back, the standard error left on the log scale.

    Where one of them is beyond what a number can hold, nothing is left of the estimate but people and means.
    """
    ends = (estimate.value, estimate.conf_low, estimate.conf_high, estimate.narrow_low, estimate.narrow_high)
    if any(end is not None and not abs(end) < WIDEST for end in ends):
        return without_inference(estimate)

    def back(value: float | None) -> float | None:
        return None if value is None else math.exp(value)

    return replace(
        estimate,
        value=back(estimate.value),
        conf_low=back(estimate.conf_low),
        conf_high=back(estimate.conf_high),
        narrow_low=back(estimate.narrow_low),
        narrow_high=back(estimate.narrow_high),
    )


def log_spread(effect: Effect, mean: float, sd: float) -> float:
    """One standard deviation of the outcome on the log scale of the effect, near the comparison's mean."""
    if effect == "odds-ratio":
        return sd / (mean * (1 - mean)) if 0 < mean < 1 else 0.0
    return sd / mean if mean > 0 else 0.0
