"""What places or people alike are like: the prior of an empirical-Bayes forecast, with how well it is known (pure).

Counts: true rates are Gamma across places, events Poisson given the rate. Scores: true levels are normal across people,
readings normal around them. Both priors are fitted by maximum likelihood to everybody in the population, chosen or not.
Sources: Robbins (1956); Hauer (1997), Observational before-after studies in road safety; Morris (1983).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaln, ndtr

from evaluation.regression.linear import Array

STEP, SMALL_STEP, POLISHES = 1e-3, 1e-4, 3
EVEN = math.log(1e6)  # a Gamma of so large a shape has no spread left
FLAT = 1e-8
SPREAD = 1  # where the parameter of the spread stands in both priors
NOISE = 1e-7  # of a deviance: log-gammas of large shapes are no more exact
FAR, PLAIN = 0.1, 1e-4  # a Newton step longer than this leads nowhere; one shorter than this has arrived


@dataclass(frozen=True, slots=True)
class Prior:
    """``parameters`` (each prior's own, unbounded) and their ``covariance``; zeros where they are taken as known."""

    parameters: Array
    covariance: Array

    def error_of(self, forecast: Callable[[Array], float]) -> float:
        """Standard error of a number reckoned from the prior (delta method, central differences)."""
        slope = np.array([
            (forecast(self.parameters + way) - forecast(self.parameters - way)) / (2 * STEP)
            for way in STEP * np.eye(len(self.parameters))
        ])  # fmt: skip
        return math.sqrt(max(float(slope @ self.covariance @ slope), 0.0))


def gamma_prior(events: Array, size: Array) -> Prior:
    """Fit rates ~ Gamma(shape, shape / mean): parameters are the logs of mean and shape.

    ``events`` (n) over ``size`` (n, above 0). Events may be counts divided by an over-dispersion, sizes too.
    """
    mean = float(events.sum() / size.sum())
    rates = events / size
    spread = float(np.average((rates - mean) ** 2, weights=size)) - mean / float(size.mean())
    shape = min(max(mean**2 / spread, 0.05), 1e4) if spread > 0 else 1e3

    def deviance(at: Array) -> float:
        return -float(gamma_poisson_likelihood(events, size, at).sum())

    bounds = [(math.log(mean) - 7, math.log(mean) + 7), (-7.0, EVEN)]
    start = np.array([math.log(mean), math.log(shape)])
    return _fitted(deviance, start, bounds)


def gamma_poisson_likelihood(events: Array, size: Array, at: Array) -> Array:
    """Log likelihood of each place under the negative binomial (up to a constant of the events)."""
    mean, shape = math.exp(at[0]), math.exp(at[1])
    expected = mean * size
    return np.asarray(
        gammaln(shape + events) - gammaln(shape) - shape * np.log1p(expected / shape)
        + events * (np.log(expected) - np.log(shape + expected))
    )  # fmt: skip


def gamma_forecast(at: Array, events: Array, size: Array) -> tuple[Array, Array]:
    """Posterior mean and variance of each place's rate: (shape + events) / (shape / mean + size)."""
    shape = math.exp(at[1])
    below = shape / math.exp(at[0]) + size
    return (shape + events) / below, (shape + events) / below**2


def normal_prior(means: Array, readings: Array, squares: float, free: int) -> Prior:
    """Fit levels ~ N(mu, tau^2) and readings ~ N(level, sigma^2): parameters mu, log tau^2, log sigma^2.

    ``means`` (n) of ``readings`` (n) each; ``squares``: sum of squared deviations of readings from their own person's
    mean, with ``free`` degrees of freedom (above 0).
    """
    sigma2 = max(squares / free, FLAT)
    apart = float(means.var(ddof=1)) - sigma2 * float((1 / readings).mean())
    whole = max(float(means.var(ddof=1)), FLAT)
    start = np.array([float(means.mean()), math.log(max(apart, 0.01 * whole)), math.log(sigma2)])

    def deviance(at: Array) -> float:
        tau2, error = math.exp(at[1]), math.exp(at[2])
        variance = tau2 + error / readings
        between = float((np.log(variance) + (means - at[0]) ** 2 / variance).sum())
        return 0.5 * (between + free * float(at[2]) + squares / error)

    scale = math.sqrt(whole)
    bounds = [
        (start[0] - 10 * scale, start[0] + 10 * scale),
        (math.log(1e-6 * whole), math.log(whole) + 5),
        (start[2] - 5, start[2] + 5),
    ]
    return _fitted(deviance, start, bounds)


def known_normal(mean: float, sd: float, retest: float, n: int = 0) -> Prior:
    """The normal prior from published figures: mean and SD of readings, and their retest correlation.

    With ``n`` above 0 mean and SD were taken from that many people and are known as well as that; else exactly.
    """
    whole = sd**2
    at = np.array([mean, math.log(retest * whole), math.log((1 - retest) * whole)])
    covariance = np.zeros((3, 3))
    if n > 1:
        covariance[0, 0] = whole / n
        covariance[1:, 1:] = 2 / (n - 1)  # both move with the one variance they share out
    return Prior(at, covariance)


def normal_forecast(at: Array, means: Array, readings: Array) -> Array:
    """Posterior mean of each person's level: the mean of the readings, pulled towards everybody's."""
    tau2, sigma2 = math.exp(at[1]), math.exp(at[2])
    share = tau2 / (tau2 + sigma2 / readings)
    return np.asarray(at[0] + share * (means - at[0]))


def threshold_fall(mean: float, sd: float, retest: float, threshold: float, *, above: bool = True) -> float:
    """How far those at or beyond ``threshold`` fall back towards the mean at the next reading, with no programme.

    (1 - r) sd phi(z) / (1 - Phi(z)), z = (threshold - mean) / sd; below a threshold the same, upwards.
    Source: Gardner and Heady (1973); Davis (1976).
    """
    z = (threshold - mean) / sd if above else (mean - threshold) / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    beyond: float = ndtr(-z)
    return (1 - retest) * sd * density / beyond


def _fitted(deviance: Callable[[Array], float], start: Array, bounds: list[tuple[float, float]]) -> Prior:
    """Where a deviance is least within bounds, the ends of the spread (``SPREAD``) tried as well.

    Where people or places are hardly less alike than chance makes them, the deviance is a plain that falls ever so
    little towards an end: a search stops on its way there, and where depends on the way. So the spread is held at each
    end, and at the best place a search of it alone finds, and the least of all is taken: an end where it is as good.
    """
    at = _polished(deviance, _searched(deviance, start, bounds), bounds)
    ends = [_held(deviance, at, bounds, end) for end in bounds[SPREAD]]
    tried = [at, *ends]
    if not _is_peak(deviance, at, bounds):
        found = minimize_scalar(
            lambda spread: deviance(_held(deviance, at, bounds, spread)),
            bounds=bounds[SPREAD], method="bounded", options={"xatol": PLAIN},
        )  # fmt: skip
        tried.append(_held(deviance, at, bounds, float(found.x)))
    least = min(map(deviance, tried))
    best = next((end for end in ends if deviance(end) <= least + NOISE), min(tried, key=deviance))
    return Prior(best, _inverse(deviance, best))


def _searched(deviance: Callable[[Array], float], start: Array, bounds: list[tuple[float, float]]) -> Array:
    exact = {"ftol": 1e-14, "gtol": 1e-9}
    return np.asarray(minimize(deviance, start, method="L-BFGS-B", bounds=bounds, options=exact).x)


def _polished(deviance: Callable[[Array], float], at: Array, bounds: list[tuple[float, float]]) -> Array:
    """A few Newton steps, which make the end the same whatever the way there."""
    low, high = (np.array(ends) for ends in zip(*bounds, strict=True))
    for _ in range(POLISHES):
        step = _step(deviance, at)
        if np.abs(step).max() > FAR:
            break  # at the edge, or on a plain: no minimum that a step would find
        at = np.clip(at - step, low, high)
    return at


def _step(deviance: Callable[[Array], float], at: Array) -> Array:
    ways = SMALL_STEP * np.eye(len(at))
    slope = np.array([(deviance(at + way) - deviance(at - way)) / (2 * SMALL_STEP) for way in ways])
    return np.asarray(_inverse(deviance, at) @ slope)


def _is_peak(deviance: Callable[[Array], float], at: Array, bounds: list[tuple[float, float]]) -> bool:
    """Say whether a search stands where no step leads on, and not at an end."""
    low, high = bounds[SPREAD]
    return low < at[SPREAD] < high and bool(np.abs(_step(deviance, at)).max() <= PLAIN)


def _held(
    deviance: Callable[[Array], float], at: Array, bounds: list[tuple[float, float]], spread: float
) -> Array:
    """The least deviance with the spread held at a value."""
    others = [i for i in range(len(at)) if i != SPREAD]

    def whole(part: Array) -> Array:
        return np.insert(part, SPREAD, spread)

    def held(part: Array) -> float:
        return deviance(whole(part))

    free = [bounds[i] for i in others]
    return whole(_polished(held, _searched(held, at[others], free), free))


def _inverse(deviance: Callable[[Array], float], at: Array) -> Array:
    """Inverse of the curvature of a deviance at its minimum; nothing for a parameter the data leave flat."""
    k = len(at)
    steps = STEP * np.eye(k)
    curvature = np.array([
        [
            (deviance(at + a + b) - deviance(at + a - b) - deviance(at - a + b) + deviance(at - a - b))
            / (4 * STEP**2)
            for b in steps
        ]
        for a in steps
    ])  # fmt: skip
    told = np.diag(curvature) > 1e-4
    found = np.zeros((k, k))
    if told.any():
        inner = curvature[np.ix_(told, told)]
        found[np.ix_(told, told)] = np.linalg.pinv(inner, hermitian=True)
    return found
