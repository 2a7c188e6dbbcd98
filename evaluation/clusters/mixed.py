"""A random intercept for each cluster by REML, from sums over clusters only; never a matrix of people by people (pure).

Model: ``y = X b + u[cluster] + e`` with variances ``tau2`` and ``sigma2``. Within a cluster the inverse of the
covariance is known in closed form, so that everything a fit needs is one matrix of products within clusters and,
for every cluster size that occurs, one matrix of products of cluster means.
Source: Patterson and Thompson (1971); Kenward and Roger (1997); Fai and Cornelius (1996) for Satterthwaite's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar

from evaluation.regression.linear import Array, NotIdentified

GRID = 41
DUST = 1e-12  # a share of the variance that is rounding, not people
PROFILE = 3.841458820694124  # chi-squared with one degree of freedom, 95 %

Rule = Literal["kenward-roger", "satterthwaite"]


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sufficient statistics; the columns are those of the design and, last, the outcome.

    ``sizes`` (s,) the cluster sizes that occur, ``counts`` (s,) how many clusters have each, ``between`` (s, q, q)
    the products of their means, ``within`` (q, q) the products of deviations from the cluster means.
    """

    sizes: Array
    counts: Array
    between: Array
    within: Array

    @property
    def n(self) -> float:
        """People."""
        return float(self.sizes @ self.counts)

    @property
    def clusters(self) -> float:
        """Clusters."""
        return float(self.counts.sum())

    def weighted(self, weights: Array) -> Array:
        """Sum over clusters of products of means, each times the weight of its size."""
        return np.asarray(np.tensordot(weights, self.between, axes=1))


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """A fit: coefficients (p,), their plain covariance (p, p), the two variances, and -2 x the REML log-likelihood."""

    sums: ClusterSums
    coefficients: Array
    covariance: Array
    tau2: float
    sigma2: float
    deviance: float

    @property
    def icc(self) -> float:
        """Share of the variance that lies between clusters, given the covariates."""
        return self.tau2 / (self.tau2 + self.sigma2)

    @property
    def at_boundary(self) -> bool:
        """Say whether no variance between clusters was found at all."""
        return self.tau2 == 0


@dataclass(frozen=True, slots=True)
class Contrast:
    """A combination of coefficients with its standard error and degrees of freedom."""

    value: float
    std_error: float
    df: float


def cluster_sums(design: Array, y: Array, clusters: npt.NDArray[np.int64]) -> ClusterSums:
    """One pass over people. ``design`` (n, p), ``y`` (n,), ``clusters`` (n,) whole numbers from 0 without gaps.

    Centre columns that lie many standard deviations from zero; the coefficients but the first do not change.
    """
    size = np.bincount(clusters).astype(np.float64)
    columns = [*design.T, y]
    means = np.column_stack([np.bincount(clusters, weights=c) / size for c in columns])
    # Deviations are squared, not sums subtracted: no digits are lost when a column is far from zero.
    deviations = np.empty((len(columns), len(y)))
    for place, column in enumerate(columns):
        np.subtract(column, means[clusters, place], out=deviations[place])
    sizes, which = np.unique(size, return_inverse=True)
    counts = np.bincount(which).astype(np.float64)
    between = np.empty((len(sizes), len(columns), len(columns)))
    for i in range(len(columns)):
        for j in range(i + 1):
            between[:, i, j] = between[:, j, i] = np.bincount(which, weights=means[:, i] * means[:, j])
    return ClusterSums(sizes, counts, between, deviations @ deviations.T)


def fit_random_intercept(sums: ClusterSums) -> RandomIntercept:
    """REML estimate over the variance ratio: a grid on its logarithm, then the root of the slope; zero is allowed.

    Raises NotIdentified without variance within clusters (all clusters of one person, or everybody like their
    cluster), and where columns depend on one another.
    """
    p = sums.within.shape[0] - 1
    if sums.n - sums.clusters < 1 or sums.n <= p:
        raise NotIdentified
    steps = np.exp(np.linspace(math.log(1e-6), math.log(1e6), GRID)) / (sums.n / sums.clusters)
    grid = _profiles(sums, np.array([0.0, *steps]))
    best = int(np.argmin(grid))
    if best == GRID:
        raise NotIdentified  # the variance within clusters is nil beside that between them
    low, high = (0.0 if best < 2 else float(steps[best - 2])), float(steps[best])
    return _at(sums, _root(sums, low, high, at_zero=best == 0))


def _root(sums: ClusterSums, low: float, high: float, *, at_zero: bool) -> float:
    """Where the slope of the profile is nil; zero where the profile only rises from there."""
    if _slope(sums, low) < 0 < _slope(sums, high):
        return float(brentq(lambda r: _slope(sums, float(r)), low, high, xtol=1e-300, rtol=1e-14))
    if at_zero:
        return 0.0
    found = minimize_scalar(lambda r: _profile(sums, float(r)), bounds=(low, high), method="bounded")
    return float(found.x)


def ratio_interval(fit: RandomIntercept) -> tuple[float, float]:
    """95 % profile-likelihood interval of the variance ratio tau2 / sigma2; its lower end may be zero."""
    sums, ratio = fit.sums, fit.tau2 / fit.sigma2
    top = fit.deviance + PROFILE

    def above(other: float) -> float:
        return _profile(sums, other) - top

    low = 0.0 if above(0.0) <= 0 else float(brentq(above, 0.0, ratio))
    high = max(ratio, sums.clusters / sums.n) * 2
    while above(high) < 0 and high < 1e9:
        high *= 2
    return low, float(brentq(above, ratio, high)) if above(high) > 0 else math.inf


def contrast(fit: RandomIntercept, combination: Array, rule: Rule = "kenward-roger") -> Contrast:
    """A combination of coefficients, its standard error and degrees of freedom.

    Kenward-Roger: covariance adjusted for the variances being estimated, and df = 2 v^2 / (g' W g) with v the
    unadjusted variance, g its derivatives and W the inverse of the expected information (for one combination the
    scale of their F is 1). Satterthwaite: the unadjusted covariance, and W from the observed information; where
    no variance between clusters was found it is n - p, as that of lmerTest.
    """
    pieces = _pieces(fit)
    phi = fit.covariance
    side = phi @ combination
    variance = float(combination @ side)
    slopes = np.array([-float(side @ part @ side) for part in pieces.first])
    if rule == "satterthwaite":
        if fit.at_boundary:
            free = fit.sums.n - len(combination)
            return Contrast(float(combination @ fit.coefficients), math.sqrt(variance), free)
        spread: Array = np.asarray(np.linalg.inv(_observed(fit, pieces)))
        adjusted = variance
    else:
        spread = np.asarray(np.linalg.inv(pieces.expected))
        adjusted = float(side @ _correction(pieces, phi, spread) @ side) * 2 + variance
    df = 2 * variance**2 / float(slopes @ spread @ slopes)
    return Contrast(float(combination @ fit.coefficients), math.sqrt(max(adjusted, 0.0)), df)


# --- the profile over the ratio


def _moments(sums: ClusterSums, ratios: Array) -> Array:
    """X'V^-1 X and its borders with y, up to sigma2, for each ratio: (r, q, q)."""
    return sums.within + sums.weighted(sums.sizes / (1 + sums.sizes * ratios[:, None]))


def _solve(moments: Array) -> tuple[Array, Array, Array]:
    """For each ratio: coefficients, residual sum of squares and the log determinant of the normal equations."""
    square, border, total = moments[:, :-1, :-1], moments[:, :-1, -1], moments[:, -1, -1]
    scale = np.sqrt(np.diagonal(square, axis1=1, axis2=2))
    if not (scale > 0).all():
        raise NotIdentified
    try:
        root = np.linalg.cholesky(square / (scale[:, :, None] * scale[:, None, :]))
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    half = np.linalg.solve(root, (border / scale)[:, :, None])
    b = np.linalg.solve(root.transpose(0, 2, 1), half)[:, :, 0] / scale
    rest = total - (half[:, :, 0] ** 2).sum(axis=1)
    if not (rest > DUST * total).all():
        raise NotIdentified  # the columns say everything of the outcome: nothing is left to judge them by
    log_root = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return b, rest, np.asarray(2 * (log_root + np.log(scale).sum(axis=1)))


def _profiles(sums: ClusterSums, ratios: Array) -> Array:
    """-2 x the REML log-likelihood with sigma2 at its best for each ratio, on the scale of lme4."""
    _, rest, log_det = _solve(_moments(sums, ratios))
    free = sums.n - (sums.within.shape[0] - 1)
    spread = np.log1p(sums.sizes * ratios[:, None]) @ sums.counts
    return np.asarray(free * (1 + np.log(2 * math.pi * rest / free)) + spread + log_det)


def _profile(sums: ClusterSums, ratio: float) -> float:
    return float(_profiles(sums, np.array([ratio]))[0])


def _slope(sums: ClusterSums, ratio: float) -> float:
    """Derivative of the profile by the ratio."""
    moments = _moments(sums, np.array([ratio]))
    b, rest, _ = (part[0] for part in _solve(moments))
    moment = moments[0]
    change = -sums.weighted((sums.sizes / (1 + sums.sizes * ratio)) ** 2)
    left = np.append(-b, 1.0)
    free = sums.n - len(b)
    trace = float(np.trace(np.linalg.solve(moment[:-1, :-1], change[:-1, :-1])))
    shrink = float(sums.counts @ (sums.sizes / (1 + sums.sizes * ratio)))
    return float(free * (left @ change @ left) / rest + shrink + trace)


def _at(sums: ClusterSums, ratio: float) -> RandomIntercept:
    moments = _moments(sums, np.array([ratio]))
    b, rest, _ = (part[0] for part in _solve(moments))
    moment, sigma2 = moments[0], float(rest) / (sums.n - len(b))
    covariance = np.asarray(sigma2 * np.linalg.inv(moment[:-1, :-1]))
    return RandomIntercept(sums, b, covariance, ratio * sigma2, sigma2, _profile(sums, ratio))


# --- small-sample inference: derivatives by (tau2, sigma2)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """P_i = -X'V^-1 G_i V^-1 X, Q_ij = X'V^-1 G_i V^-1 G_j V^-1 X, with y as the last column; expected information."""

    first: tuple[Array, Array]
    second: tuple[tuple[Array, Array], tuple[Array, Array]]
    full_first: tuple[Array, Array]
    full_second: tuple[tuple[Array, Array], tuple[Array, Array]]
    expected: Array


def _pieces(fit: RandomIntercept) -> _Pieces:
    sums, s2 = fit.sums, fit.sigma2
    size, v = sums.sizes, fit.sigma2 + sums.sizes * fit.tau2
    p1 = -sums.weighted(size**2 / v**2)
    p2 = -(sums.within / s2**2 + sums.weighted(size / v**2))
    q11 = sums.weighted(size**3 / v**3)
    q12 = sums.weighted(size**2 / v**3)
    q22 = sums.within / s2**3 + sums.weighted(size / v**3)
    traces = np.array(
        [
            [sums.counts @ (size**2 / v**2), sums.counts @ (size / v**2)],
            [sums.counts @ (size / v**2), (sums.n - sums.clusters) / s2**2 + sums.counts @ (1 / v**2)],
        ]
    )
    phi = fit.covariance
    full_first, full_second = (p1, p2), ((q11, q12), (q12, q22))
    first = (p1[:-1, :-1], p2[:-1, :-1])
    second = tuple(tuple(part[:-1, :-1] for part in row) for row in full_second)
    expected = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            twice = 2 * np.trace(phi @ second[i][j])
            expected[i, j] = (traces[i, j] - twice + np.trace(phi @ first[i] @ phi @ first[j])) / 2
    return _Pieces(first, second, full_first, full_second, expected)  # type: ignore[arg-type]


def _correction(pieces: _Pieces, phi: Array, spread: Array) -> Array:
    """Kenward and Roger's sum over W_ij (Q_ij - P_i Phi P_j); the variance is linear, so no term in R_ij."""
    total = np.zeros_like(phi)
    for i in range(2):
        for j in range(2):
            total += spread[i, j] * (pieces.second[i][j] - pieces.first[i] @ phi @ pieces.first[j])
    return total


def _observed(fit: RandomIntercept, pieces: _Pieces) -> Array:
    """Minus the second derivatives of the REML log-likelihood at the estimate."""
    left = np.append(-fit.coefficients, 1.0)
    sides = [(-part @ left)[:-1] for part in pieces.full_first]
    found = -pieces.expected.copy()
    for i in range(2):
        for j in range(2):
            direct = float(left @ pieces.full_second[i][j] @ left)
            found[i, j] += direct - float(sides[i] @ fit.covariance @ sides[j])
    return found
