"""Several waves of one outcome in one model by REML, from sums over people who share a pattern of waves (pure).

Every column of a person's design has a coefficient at each wave, so that a fit needs, for each pattern of waves seen,
the products of design and outcomes alone. Covariance over waves unstructured, or a random intercept for each person.
Source: Laird and Ware (1982); Mallinckrodt, Clark and David (2001); Fai and Cornelius (1996) for degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from evaluation.regression.linear import Array, NotIdentified

Structure = Literal["unstructured", "random-intercept"]
STEP, POLISH = 1e-4, 4
FAR = 1e12


@dataclass(frozen=True, slots=True)
class Pattern:
    """People seen at the same waves: which, how many, and their products."""

    waves: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64] = field(repr=False)
    xx: Array = field(repr=False)
    xy: Array = field(repr=False)
    yy: Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaveFit:
    """Coefficients (J, p) with covariance (Jp, Jp), the covariance over waves (J, J), and -2 x REML log-likelihood."""

    coefficients: Array
    covariance: Array = field(repr=False)
    over_waves: Array
    deviance: float
    theta: Array = field(repr=False)
    spread: Array = field(repr=False)
    patterns: tuple[Pattern, ...] = field(repr=False)
    structure: Structure


@dataclass(frozen=True, slots=True)
class WaveContrast:
    """The last column's coefficient at one wave, its error and Satterthwaite's degrees of freedom."""

    value: float
    std_error: float
    df: float


def patterns_of(y: Array, design: Array) -> tuple[Pattern, ...]:
    """Group people by the waves at which they were seen; ``y`` (n, J) with NaN, ``design`` (n, p)."""
    seen = ~np.isnan(y)
    keys = seen @ (1 << np.arange(y.shape[1]))
    found = []
    for key in np.unique(keys[keys > 0]):
        rows = np.flatnonzero(keys == key)
        waves = np.flatnonzero(seen[rows[0]])
        x, part = design[rows], y[np.ix_(rows, waves)]
        found.append(Pattern(waves, rows, x.T @ x, x.T @ part, part.T @ part))
    return tuple(found)


def fit_waves(y: Array, design: Array, structure: Structure = "unstructured") -> WaveFit:
    """REML fit. ``y`` (n, J) with NaN where not seen; ``design`` (n, p), ones first, the treatment last.

    Raises NotIdentified where the waves seen do not tell the coefficients or the covariance.
    """
    count = y.shape[1]
    patterns = patterns_of(y, design)
    scale = np.nanstd(y, axis=0)
    if not patterns or not (scale > 0).all() or _pairs_seen(patterns, count) <= design.shape[1]:
        raise NotIdentified
    build = _unstructured(count) if structure == "unstructured" else _intercept(count)
    start = np.concatenate([np.log(scale), np.zeros(count * (count - 1) // 2)])
    if structure == "random-intercept":
        middle = math.log(float(scale.mean()) / math.sqrt(2))
        start = np.array([middle, middle])

    def deviance(theta: Array) -> float:
        value = _profile(patterns, build(theta), count)[0]
        return value if math.isfinite(value) else FAR

    found = minimize(deviance, start, method="BFGS", options={"gtol": 1e-4})
    theta, hessian = _polished(deviance, np.asarray(found.x))
    final, b, covariance = _profile(patterns, build(theta), count)
    values = np.linalg.eigvalsh(hessian)
    if not math.isfinite(final) or not values[0] > 1e-7 * max(values[-1], 1e-300):
        raise NotIdentified
    spread: Array = np.asarray(2 * np.linalg.inv(hessian), dtype=np.float64)
    return WaveFit(b, covariance, build(theta), final, theta, spread, patterns, structure)


def contrast_at(fit: WaveFit, wave: int) -> WaveContrast:
    """The treatment's coefficient at a wave."""
    count, p = fit.coefficients.shape
    place = wave * p + p - 1
    build = _unstructured(count) if fit.structure == "unstructured" else _intercept(count)

    def variance(theta: Array) -> float:
        return float(_profile(fit.patterns, build(theta), count)[2][place, place])

    own = float(fit.covariance[place, place])
    slope = _gradient(variance, fit.theta)
    df = 2 * own**2 / max(float(slope @ fit.spread @ slope), 1e-300)
    people = sum(len(pattern.rows) for pattern in fit.patterns)
    return WaveContrast(float(fit.coefficients[wave, -1]), math.sqrt(own), min(df, float(people * count)))


def whitened(fit: WaveFit, y: Array, design: Array) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Outcomes and columns (one block a wave) in the metric of the fitted covariance, and the person of each row."""
    count, p = fit.coefficients.shape
    outcomes, columns, people = [], [], []
    for pattern in fit.patterns:
        part = fit.over_waves[np.ix_(pattern.waves, pattern.waves)]
        half = np.linalg.inv(np.linalg.cholesky(part))
        x, seen = design[pattern.rows], y[np.ix_(pattern.rows, pattern.waves)]
        for row in range(len(pattern.waves)):
            block = np.zeros((len(pattern.rows), count, p))
            block[:, pattern.waves, :] = half[row][None, :, None] * x[:, None, :]
            columns.append(block.reshape(len(pattern.rows), -1))
            outcomes.append(seen @ half[row])
            people.append(pattern.rows)
    return np.concatenate(outcomes), np.concatenate(columns), np.concatenate(people)


def _pairs_seen(patterns: tuple[Pattern, ...], count: int) -> int:
    """People seen at both of the two waves that share fewest."""
    both = np.zeros((count, count))
    for pattern in patterns:
        both[np.ix_(pattern.waves, pattern.waves)] += len(pattern.rows)
    return int(both.min())


def _unstructured(count: int) -> Callable[[Array], Array]:
    """A covariance from the logarithms of a Cholesky root's diagonal and what stands below it, in units of its row."""
    below = np.tril_indices(count, -1)

    def build(theta: Array) -> Array:
        size = np.exp(np.clip(theta[:count], -50, 50))
        root = np.diag(size)
        root[below] = theta[count:] * size[below[0]]
        return np.asarray(root @ root.T)

    return build


def _intercept(count: int) -> Callable[[Array], Array]:
    def build(theta: Array) -> Array:
        between, within = np.exp(2 * np.clip(theta, -50, 50))
        return np.asarray(between * np.ones((count, count)) + within * np.eye(count))

    return build


def _profile(patterns: tuple[Pattern, ...], over_waves: Array, count: int) -> tuple[float, Array, Array]:
    """-2 x REML log-likelihood at a covariance, with the coefficients and their covariance there."""
    p = patterns[0].xx.shape[0]
    every = np.arange(p)
    square, border = np.zeros((count, p, count, p)), np.zeros((count, p))
    total, logs, seen = 0.0, 0.0, 0
    for pattern in patterns:
        at = pattern.waves
        part = over_waves[np.ix_(at, at)]
        sign, log_det = np.linalg.slogdet(part)
        if sign <= 0:
            return math.inf, border, np.zeros((count * p, count * p))
        inverse = np.linalg.inv(part)
        block = inverse[:, None, :, None] * pattern.xx[None, :, None, :]
        square[np.ix_(at, every, at, every)] += block
        border[at] += (pattern.xy @ inverse).T
        total += float((inverse * pattern.yy).sum())
        logs += len(pattern.rows) * float(log_det)
        seen += len(pattern.rows) * len(at)
    flat, side = square.reshape(count * p, count * p), border.reshape(-1)
    sign, log_square = np.linalg.slogdet(flat)
    if sign <= 0:
        raise NotIdentified
    covariance: Array = np.asarray(np.linalg.inv(flat), dtype=np.float64)
    b = covariance @ side
    free = seen - count * p
    deviance = logs + float(log_square) + total - float(side @ b) + free * math.log(2 * math.pi)
    return float(deviance), np.asarray(b.reshape(count, p), dtype=np.float64), covariance


def _gradient(function: Callable[[Array], float], at: Array) -> Array:
    steps = STEP * np.eye(len(at))
    return np.array([(function(at + step) - function(at - step)) / (2 * STEP) for step in steps])


def _polished(deviance: Callable[[Array], float], theta: Array) -> tuple[Array, Array]:
    """Newton's steps from where a search ended, and the second derivatives there."""
    hessian = np.eye(len(theta))
    for _ in range(POLISH):
        slopes = np.array([_gradient(deviance, theta + step) - _gradient(deviance, theta - step)
                           for step in 10 * STEP * np.eye(len(theta))])  # fmt: skip
        hessian = (slopes + slopes.T) / (40 * STEP)
        move = np.linalg.lstsq(hessian, _gradient(deviance, theta), rcond=1e-10)[0]
        if not np.isfinite(move).all() or deviance(theta - move) > deviance(theta) + 1e-9:
            break
        theta = theta - move
        if float(np.abs(move).max()) < 1e-8:
            break
    return theta, hessian
