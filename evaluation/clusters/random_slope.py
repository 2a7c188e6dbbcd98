"""A random intercept and a random slope for each cluster by REML, from small products for each cluster (pure).

Model: ``y = X b + Z u[cluster] + e``, Z two of the columns of X (the ones and the arm, or a time), u with an
unstructured 2 x 2 covariance D, e with variance ``sigma2``. For multisite trials, where the effect differs between
sites; and for straight-line growth. Covariance and degrees of freedom are Kenward and Roger's.
Source: Laird and Ware (1982); Bates and others (2015) for the parameters; Kenward and Roger (1997).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from evaluation.clusters.mixed import Contrast
from evaluation.regression.linear import Array, NotIdentified

SYMMETRIC = (np.array([[1.0, 0], [0, 0]]), np.array([[0, 1.0], [1.0, 0]]), np.array([[0, 0], [0, 1.0]]))
STARTS = ((1.0, 0.0, 1.0), (0.3, 0.0, 0.1))
POLISH = 25
SINGULAR = 1e-8
NUDGE = 1e-5


@dataclass(frozen=True, slots=True)
class RandomSlope:
    """A fit: coefficients (p,), plain covariance (p, p), D (2, 2), sigma2, and -2 x the REML log-likelihood."""

    coefficients: Array
    covariance: Array
    spread: Array
    sigma2: float
    deviance: float
    products: Array
    columns: tuple[int, int]

    @property
    def at_boundary(self) -> bool:
        """Say whether D is singular: a variance of zero, or a correlation of one."""
        return float(np.linalg.eigvalsh(self.spread)[0]) <= SINGULAR * self.sigma2


@dataclass(frozen=True, slots=True)
class _State:
    """What a value of the parameters implies; V is in units of sigma2 and has inverse I - Z K Z'."""

    b: Array
    phi: Array
    kernel: Array
    rest: float
    log_v: float
    log_x: float


def fit_random_slope(products: Array, columns: tuple[int, int]) -> RandomSlope:
    """REML estimate. ``products`` from ``cluster_products``; ``columns`` are those of the design that vary by cluster.

    Raises NotIdentified where columns depend on one another, or too little is left within or between clusters.
    """
    p, z = products.shape[1] - 1, list(columns)
    n = float(products[:, 0, 0].sum())
    telling = int((np.linalg.matrix_rank(products[:, z][:, :, z], tol=1e-8) == 2).sum())
    if n - p < 1 or telling < 3 or n - 2 * len(products) < 1:
        raise NotIdentified

    def target(theta: Array) -> tuple[float, Array]:
        return _deviance(products, z, n, theta)

    bounds = [(0.0, None), (None, None), (0.0, None)]
    tight = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500}
    tries = [
        minimize(target, np.array(s), jac=True, method="L-BFGS-B", bounds=bounds, options=tight)
        for s in STARTS
    ]
    best = min(tries, key=lambda found: float(found.fun))
    root = _root(_polished(target, np.asarray(best.x)))
    sigma2 = _state(products, z, root @ root.T).rest / (n - p)
    return _made(products, columns, sigma2 * root @ root.T, sigma2)


def slope_contrast(fit: RandomSlope, combination: Array) -> Contrast:
    """A combination of coefficients with Kenward and Roger's error and degrees of freedom."""
    first, second, expected = _information(fit)
    side = fit.covariance @ combination
    variance = float(combination @ side)
    try:
        w = np.linalg.inv(expected)
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    slopes = np.array([-float(side @ part @ side) for part in first])
    middle = np.zeros_like(fit.covariance)
    for i in range(len(first)):
        for j in range(len(first)):
            middle += w[i, j] * (second[i][j] - first[i] @ fit.covariance @ first[j])
    adjusted = variance + 2 * float(side @ middle @ side)
    df = 2 * variance**2 / float(slopes @ w @ slopes)
    return Contrast(float(combination @ fit.coefficients), math.sqrt(max(adjusted, 0.0)), df)


def _root(theta: Array) -> Array:
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


def _state(products: Array, z: list[int], relative: Array) -> _State:
    """Generalised least squares where the random effects have covariance ``relative`` x sigma2."""
    square = products[:, z][:, :, z]
    cross = products[:, z, :]
    inner = np.eye(2) + relative @ square
    kernel = np.linalg.solve(inner, np.broadcast_to(relative, square.shape))
    moment = products.sum(axis=0) - np.einsum("gzi,gzw,gwj->ij", cross, kernel, cross)
    try:
        np.linalg.cholesky(moment[:-1, :-1])
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    phi = np.linalg.inv(moment[:-1, :-1])
    b = phi @ moment[:-1, -1]
    rest = float(moment[-1, -1] - b @ moment[:-1, -1])
    if not rest > 1e-12 * float(products[:, -1, -1].sum()):
        raise NotIdentified
    log_v = float(np.log(np.linalg.det(inner)).sum())
    return _State(
        b, np.asarray(phi), np.asarray(kernel), rest, log_v, float(np.linalg.slogdet(moment[:-1, :-1])[1])
    )


def _deviance(products: Array, z: list[int], n: float, theta: Array) -> tuple[float, Array]:
    """-2 x the REML log-likelihood with sigma2 at its best, and its gradient in the root of D / sigma2."""
    root = _root(theta)
    state = _state(products, z, root @ root.T)
    free = n - len(state.b)
    value = free * (1 + math.log(2 * math.pi * state.rest / free)) + state.log_v + state.log_x
    by_spread = _score(products, z, state, state.rest / free)
    slope = 2 * by_spread @ root
    return value, np.array([slope[0, 0], slope[1, 0], slope[1, 1]])


def _score(products: Array, z: list[int], state: _State, sigma2: float) -> Array:
    """Derivative of the deviance by D / sigma2, as a 2 x 2 matrix."""
    cross = products[:, z, :]
    left = cross - products[:, z][:, :, z] @ state.kernel @ cross  # Z'V^-1 [X y], in units of sigma2
    own = products[:, z][:, :, z] - products[:, z][:, :, z] @ state.kernel @ products[:, z][:, :, z]
    residual = left[:, :, -1] - left[:, :, :-1] @ state.b
    shared = np.einsum("gzi,ij,gwj->zw", left[:, :, :-1], state.phi, left[:, :, :-1])
    return np.asarray(own.sum(axis=0) - shared - residual.T @ residual / sigma2)


def _made(products: Array, columns: tuple[int, int], spread: Array, sigma2: float) -> RandomSlope:
    n, p = float(products[:, 0, 0].sum()), products.shape[1] - 1
    state = _state(products, list(columns), spread / sigma2)
    deviance = (n - p) * math.log(2 * math.pi * sigma2) + state.rest / sigma2 + state.log_v + state.log_x
    return RandomSlope(state.b, sigma2 * state.phi, spread, sigma2, deviance, products, columns)


def _polished(target: Callable[[Array], tuple[float, Array]], theta: Array) -> Array:
    """Newton's steps to the last digits; where an entry of the root runs to zero it is followed there."""
    value, slope = target(theta)
    for _ in range(POLISH):
        curve = np.empty((3, 3))
        for i, unit in enumerate(np.eye(3)):
            reach = NUDGE * (1 + abs(theta[i])) * unit
            curve[i] = (target(theta + reach)[1] - target(theta - reach)[1]) / (2 * reach[i])
        step = -np.linalg.lstsq((curve + curve.T) / 2, slope, rcond=1e-10)[0]
        other, new = target(theta + step)
        if other > value + 1e-9:
            break
        theta, value, slope = theta + step, other, new
        if (np.abs(step) <= 1e-14).all():
            break
    return theta


def _information(fit: RandomSlope) -> tuple[list[Array], list[list[Array]], Array]:
    """P_i, Q_ij and the expected information for (D11, D21, D22, sigma2), as Kenward and Roger define them."""
    z, s2, products = list(fit.columns), fit.sigma2, fit.products
    square, cross, whole = products[:, z][:, :, z], products[:, z, :-1], products[:, :-1, :-1]
    k1 = _state(products, z, fit.spread / s2).kernel
    k2 = 2 * k1 - k1 @ square @ k1
    k3 = k1 + k2 - k1 @ square @ k2
    a1, a2 = ((cross - square @ k @ cross) / s2**power for power, k in ((1, k1), (2, k2)))
    b1, b2 = ((square - square @ k @ square) / s2**power for power, k in ((1, k1), (2, k2)))

    def lens(k: Array, power: int) -> Array:
        return np.asarray((whole.sum(axis=0) - np.einsum("gzi,gzw,gwj->ij", cross, k, cross)) / s2**power)

    first = [-np.einsum("gzi,zw,gwj->ij", a1, e, a1) for e in SYMMETRIC]
    first.append(-lens(k2, 2))
    second = [[np.einsum("gzi,zw,gwv,vu,guj->ij", a1, e, b1, f, a1) for f in SYMMETRIC] for e in SYMMETRIC]
    mixed = [np.einsum("gzi,zw,gwj->ij", a1, e, a2) for e in SYMMETRIC]
    for row, part in zip(second, mixed, strict=True):
        row.append(part)
    second.append([*(part.T for part in mixed), lens(k3, 3)])
    n = float(products[:, 0, 0].sum())
    traces = np.empty((4, 4))
    for i, e in enumerate(SYMMETRIC):
        for j, f in enumerate(SYMMETRIC):
            traces[i, j] = np.einsum("zw,gwv,vu,guz->", e, b1, f, b1)
        traces[i, 3] = traces[3, i] = np.einsum("zw,gwz->", e, b2)
    traces[3, 3] = (n - np.einsum("gzw,gwz->", k2, square)) / s2**2
    phi = fit.covariance
    expected = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            twice = np.trace(phi @ (second[i][j] + second[i][j].T))
            expected[i, j] = (traces[i, j] - twice + np.trace(phi @ first[i] @ phi @ first[j])) / 2
    return first, second, expected
