"""Logistic, Poisson and negative binomial regression on matrices we build ourselves, with robust covariances (pure).

Maximum likelihood without penalty, by iteratively reweighted least squares. The covariance is a sandwich whose HC
factor takes people's leverage in the weighted regression; with clusters CR1 (G/(G-1) x (n-1)/(n-k)).
Source: McCullagh and Nelder (1989); White (1982); MacKinnon and White (1985); Hilbe (2011) for the NB2 form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, gammaln

from evaluation.observed.propensity import Separation, logit_coefficients
from evaluation.regression.linear import Array, Errors
from evaluation.regression.sums import sums_by

Family = Literal["logistic", "poisson", "negative-binomial"]
ROUNDS = 100
FAR = 50.0  # no linear predictor of people lies this far from the others
LEAST_KNOWN = (
    1e-4  # information on a standardised coefficient: below it its error is above 100, and it has no maximum
)
LEAST_LOG, MOST_LOG = -7.0, 12.0  # of the log of theta: at 12 the model is a Poisson one


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model: ``beta`` (k,), means ``mu`` (n,), working weights (n,), score residuals (n,).

    ``theta`` is the size of a negative binomial (variance mu + mu^2 / theta), infinite otherwise.
    """

    design: Array
    beta: Array
    mu: Array
    weight: Array
    score: Array
    theta: float = math.inf

    def covariance(self, errors: Errors, clusters: npt.NDArray[np.int64] | None = None) -> Array:
        """Covariance of ``beta`` (k, k). ``classical`` is the model's own; with clusters always CR1."""
        design, (n, k) = self.design, self.design.shape
        bread = np.linalg.inv(design.T @ (design * self.weight[:, None]))
        if clusters is not None:
            sums = sums_by(clusters, design * self.score[:, None])
            count = len(sums)
            return np.asarray(bread @ (sums.T @ sums) @ bread * (count / (count - 1) * (n - 1) / (n - k)))
        if errors == "classical":
            return np.asarray(bread)
        spare = 1 - ((design @ bread) * design).sum(axis=1) * self.weight
        spare = np.maximum(spare, 1e-9)
        power = {"HC0": 0.0, "HC1": 0.0, "HC2": 0.5, "HC3": 1.0}[errors]
        rows = design * (self.score / spare**power)[:, None]
        factor = n / (n - k) if errors == "HC1" else 1.0
        return np.asarray(bread @ (rows.T @ rows) @ bread * factor)


def fit_model(y: Array, design: Array, family: Family, offset: Array | None = None) -> Model:
    """Fit on a design of full rank whose columns are standardised already. Raises Separation without a maximum."""
    if family == "logistic":
        beta = logit_coefficients(y, design)
        mu = 1 / (1 + np.exp(-design @ beta))
        return _known(Model(design, beta, mu, mu * (1 - mu), y - mu))
    shift = np.zeros_like(y) if offset is None else offset
    if family == "poisson":
        beta, mu = _log_linear(y, design, shift, math.inf, None)
        return _known(Model(design, beta, mu, mu, y - mu))
    return _negative_binomial(y, design, shift)


def weighted_logistic(y: Array, design: Array, weights: Array) -> Model:
    """Logistic regression in which each row counts as much as its weight. Raises Separation without a maximum."""
    beta = logit_coefficients(y, design, weights)
    mu = 1 / (1 + np.exp(-design @ beta))
    return _known(Model(design, beta, mu, weights * mu * (1 - mu), weights * (y - mu)))


def _known(model: Model) -> Model:
    """The model, if every direction of it is known: towards an exact outcome the rounds only end in rounding."""
    information = model.design.T @ (model.design * model.weight[:, None])
    if not np.linalg.eigvalsh(information)[0] > LEAST_KNOWN:
        raise Separation
    return model


def _check_reach(eta: Array) -> None:
    """Stop where the likelihood climbs for ever towards some people's exact outcome."""
    if not np.abs(eta - np.median(eta)).max() <= FAR:
        raise Separation


def _log_linear(
    y: Array, design: Array, offset: Array, theta: float, start: Array | None
) -> tuple[Array, Array]:
    """Coefficients and means of a log-linear model with variance mu + mu^2 / theta."""
    beta = np.zeros(design.shape[1]) if start is None else start
    if start is None:
        beta[0] = math.log(max(float(y.sum()), 1e-300) / float(np.exp(offset).sum()))
    before = -np.inf
    for _ in range(ROUNDS):
        eta = design @ beta
        _check_reach(eta)
        mu = np.exp(eta + offset)
        shrunk = 1 / (1 + mu / theta)
        information = design.T @ (design * (mu * shrunk)[:, None])
        slope = design.T @ ((y - mu) * shrunk)
        step = np.asarray(np.linalg.lstsq(information, slope, rcond=1e-12)[0], dtype=np.float64)
        beta, now = _uphill(y, design, offset, theta, beta, step)
        if abs(now - before) <= 1e-13 * (abs(now) + 0.1):
            return beta, np.exp(design @ beta + offset)
        before = now
    raise Separation


def _uphill(
    y: Array, design: Array, offset: Array, theta: float, beta: Array, step: Array
) -> tuple[Array, float]:
    """The step, halved until the likelihood does not fall."""
    here = _likelihood(y, design @ beta + offset, theta)
    for _ in range(30):
        there = _likelihood(y, design @ (beta + step) + offset, theta)
        if there >= here - 1e-12 * abs(here):
            return beta + step, there
        step = step / 2
    return beta, here


def _likelihood(y: Array, eta: Array, theta: float) -> float:
    """Log likelihood, without what depends on the counts alone."""
    if math.isinf(theta):
        with np.errstate(over="ignore"):
            return float((y * eta - np.exp(eta)).sum())
    return float(
        (
            gammaln(y + theta)
            - gammaln(theta)
            - theta * np.logaddexp(0, eta - math.log(theta))
            + y * (eta - np.logaddexp(math.log(theta), eta))
        ).sum()
    )


def _negative_binomial(y: Array, design: Array, offset: Array) -> Model:
    """NB2 by maximum likelihood: the coefficients at each theta, and the theta that makes them likeliest."""
    start, _ = _log_linear(y, design, offset, math.inf, None)

    def unlikely(log_theta: float) -> float:
        theta = math.exp(log_theta)
        beta, _ = _log_linear(y, design, offset, theta, start)
        return -_likelihood(y, design @ beta + offset, theta)

    found = minimize_scalar(unlikely, bounds=(LEAST_LOG, MOST_LOG), method="bounded", options={"xatol": 1e-6})
    theta = _sharpened(y, design, offset, float(found.x), start)
    beta, mu = _log_linear(y, design, offset, theta, start)
    shrunk = 1 / (1 + mu / theta)
    return Model(design, beta, mu, mu * shrunk, (y - mu) * shrunk, theta)


def _sharpened(y: Array, design: Array, offset: Array, log_theta: float, start: Array) -> float:
    """The theta at which the slope of the likelihood is nought, next to the one a search of its height came to."""

    def slope(log_theta: float) -> float:
        theta = math.exp(log_theta)
        mu = _log_linear(y, design, offset, theta, start)[1]
        parts = digamma(y + theta) - digamma(theta) - np.log1p(mu / theta) + (mu - y) / (theta + mu)
        return float(parts.sum())

    low, high = log_theta - 0.01, log_theta + 0.01
    if slope(low) * slope(high) >= 0:  # at an end of the range: a Poisson model, to all purposes
        return math.exp(log_theta)
    return math.exp(float(brentq(slope, low, high, xtol=1e-13)))


def dispersion(model: Model, y: Array) -> float:
    """Pearson's statistic over its degrees of freedom: 1 where a Poisson model describes the counts."""
    n, k = model.design.shape
    return float(((y - model.mu) ** 2 / model.mu).sum() / (n - k))
