"""Random effects at two nested levels by REML: pupils in classes in schools, waves in pupils in schools (pure).

Model: ``y = X b + Z u[group] + U v[cluster] + e``; every group lies in one cluster, Z and U are columns of X (the ones,
or the ones and a time), u and v have unstructured covariances D and F, e the variance ``sigma2``. Clusters by period
in a stepped wedge or a crossover are groups in clusters too. Everything is worked out from one small matrix of
products for each group; no matrix of people by people, nor of groups by groups, is made.
Source: Laird and Ware (1982); Hooper and others (2016) for clusters by period; Kenward and Roger (1997).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from evaluation.regression.linear import Array, NotIdentified

Whole = npt.NDArray[np.int64]
FIRST_TRIES = (0.05, 0.4, 1.2)
POLISH = 25
NUDGE = 1e-5
SINGULAR = 1e-8
NIL = 1e-7  # a standard deviation, in units of the residual one, below which nought is tried
DUST = 1e-12


@dataclass(frozen=True, slots=True)
class Nest:
    """Sufficient statistics: products (J, q, q) of the columns of each group, the outcome last; each group's cluster.

    ``starts`` (G,) is the first group of each cluster; ``inner`` and ``outer`` name the columns of the design whose
    coefficient varies by group and by cluster. Either may be empty.
    """

    products: Array
    starts: Whole
    inner: tuple[int, ...]
    outer: tuple[int, ...]
    n: float

    @property
    def cluster_of(self) -> Whole:
        """The cluster of each group, from 0."""
        steps = np.zeros(len(self.products), dtype=np.int64)
        steps[self.starts[1:]] = 1
        return np.cumsum(steps)

    def by_cluster(self, values: Array) -> Array:
        """Sums over the groups of each cluster."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))


@dataclass(frozen=True, slots=True)
class State:
    """What a value of D and F implies, in units of ``sigma2``.

    ``m`` (J, q, q) and ``m_cluster`` (G, q, q): products in the metric of the groups' covariance; ``lens`` (G, u, u)
    takes the clusters into account; ``r`` (J, z, q) is Z'V^-1 [X y], ``r_cluster`` (G, u, q) is U'V^-1 [X y].
    """

    b: Array
    phi: Array
    rest: float
    log_v: float
    log_x: float
    m: Array
    m_cluster: Array
    lens: Array
    r: Array
    r_cluster: Array


@dataclass(frozen=True, slots=True)
class NestedFit:
    """Coefficients (p,), plain covariance (p, p), D, F, sigma2, and -2 x the REML log-likelihood."""

    coefficients: Array
    covariance: Array
    by_group: Array
    by_cluster: Array
    sigma2: float
    deviance: float
    nest: Nest
    state: State

    @property
    def at_boundary(self) -> bool:
        """Say whether a covariance of random effects is singular: a variance of zero, or a correlation of one."""
        edges = [np.linalg.eigvalsh(d)[0] for d in (self.by_group, self.by_cluster) if len(d)]
        return any(float(edge) <= SINGULAR * self.sigma2 for edge in edges)


def nest_of(
    design: Array, y: Array, groups: Whole, clusters: Whole, inner: tuple[int, ...], outer: tuple[int, ...]
) -> Nest:
    """One pass over people. ``groups`` (n,) and ``clusters`` (n,) are labels; every group must lie in one cluster.

    Centre columns that lie many standard deviations from zero. Raises NotIdentified where a group lies in several
    clusters, or nothing varies within groups.
    """
    order = np.lexsort((groups, clusters))
    columns = np.column_stack([design, y])[order]
    g, c = groups[order], clusters[order]
    new = np.flatnonzero(np.concatenate([[True], (g[1:] != g[:-1]) | (c[1:] != c[:-1])]))
    if len(np.unique(g[new])) < len(new):
        raise NotIdentified
    q = columns.shape[1]
    products = np.empty((len(new), q, q))
    for i in range(q):
        for j in range(i + 1):
            products[:, i, j] = products[:, j, i] = np.add.reduceat(columns[:, i] * columns[:, j], new)
    parents = c[new]
    starts = np.flatnonzero(np.concatenate([[True], parents[1:] != parents[:-1]]))
    nest = Nest(products, starts.astype(np.int64), inner, outer, float(len(y)))
    if len(y) - (q - 1) < 1 or len(y) - len(inner) * len(new) < 1:
        raise NotIdentified
    return nest


def fit_nested(nest: Nest) -> NestedFit:
    """REML estimate. Raises NotIdentified where columns depend on one another or nothing is left of the outcome."""
    sizes = (len(nest.inner), len(nest.outer))

    def target(theta: Array) -> tuple[float, Array]:
        return _deviance(nest, theta)

    tries = []
    for inner, outer in product(FIRST_TRIES, FIRST_TRIES):
        theta = _flat(_diagonal(sizes[0], inner), _diagonal(sizes[1], outer))
        tries.append((target(theta)[0], theta))
    tries.sort(key=lambda found: found[0])
    tight = {"ftol": 1e-14, "gtol": 1e-8, "maxiter": 300}
    starts = [tries[0][1]] if len(tries[0][1]) < 3 else [tries[0][1], tries[len(tries) // 2][1]]
    runs = [minimize(target, theta, jac=True, method="L-BFGS-B", options=tight) for theta in starts]
    best = np.asarray(min(runs, key=lambda found: float(found.fun)).x)
    return _made(nest, _settled(target, _polished(target, best)))


def _diagonal(size: int, value: float) -> Array:
    return np.asarray(np.eye(size) * value)


def _flat(inner: Array, outer: Array) -> Array:
    return np.concatenate([root[np.tril_indices(len(root))] for root in (inner, outer)])


def roots(nest: Nest, theta: Array) -> tuple[Array, Array]:
    """The lower triangles whose squares are D and F over sigma2."""
    found, place = [], 0
    for size in (len(nest.inner), len(nest.outer)):
        root = np.zeros((size, size))
        count = size * (size + 1) // 2
        root[np.tril_indices(size)] = theta[place : place + count]
        found.append(root)
        place += count
    return found[0], found[1]


def state_at(nest: Nest, by_group: Array, by_cluster: Array) -> State:
    """Generalised least squares where the random effects have these covariances, in units of sigma2."""
    z, u = list(nest.inner), list(nest.outer)
    a, cluster_of = nest.products, nest.cluster_of
    kernel, log_inner = _kernel(by_group, a[:, z][:, :, z])
    m = a - np.swapaxes(a[:, z, :], 1, 2) @ (kernel @ a[:, z, :]) if z else a
    m_cluster = nest.by_cluster(m)
    lens, log_outer = _kernel(by_cluster, m_cluster[:, u][:, :, u])
    shared = lens @ m_cluster[:, u, :]
    moment = m_cluster.sum(axis=0) - np.tensordot(m_cluster[:, u, :], shared, axes=((0, 1), (0, 1)))
    phi, b, rest, log_x = _solved(moment, float(a[:, -1, -1].sum()))
    r = m[:, z, :] - m[:, z][:, :, u] @ shared[cluster_of]
    r_cluster = m_cluster[:, u, :] - m_cluster[:, u][:, :, u] @ shared
    return State(b, phi, rest, log_inner + log_outer, log_x, m, m_cluster, lens, r, r_cluster)


def _kernel(spread: Array, square: Array) -> tuple[Array, float]:
    """(spread^-1 + square)^-1 for many squares, also where spread is singular; and log det of I + spread square."""
    if len(spread) == 0:
        return square, 0.0
    if len(spread) == 1:
        inner = 1 + spread[0, 0] * square
        return np.asarray(spread[0, 0] / inner), float(np.log(inner).sum())
    inner = np.eye(len(spread)) + spread @ square
    found = np.linalg.solve(inner, np.broadcast_to(spread, square.shape))
    return np.asarray((found + found.transpose(0, 2, 1)) / 2), float(np.log(np.linalg.det(inner)).sum())


def _solved(moment: Array, total: float) -> tuple[Array, Array, float, float]:
    square, border = moment[:-1, :-1], moment[:-1, -1]
    scale = np.sqrt(np.maximum(np.diag(square), 0.0))
    if not (scale > 0).all():
        raise NotIdentified
    shrunk = square / np.outer(scale, scale)
    try:
        np.linalg.cholesky(shrunk)
        phi = np.linalg.inv(shrunk) / np.outer(scale, scale)
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    b = phi @ border
    rest = float(moment[-1, -1] - b @ border)
    if not rest > DUST * total:
        raise NotIdentified
    log_x = float(np.linalg.slogdet(shrunk)[1] + 2 * np.log(scale).sum())
    return np.asarray((phi + phi.T) / 2), b, rest, log_x


def _deviance(nest: Nest, theta: Array) -> tuple[float, Array]:
    """-2 x the REML log-likelihood with sigma2 at its best, and its gradient in the roots of D and F over sigma2."""
    root_in, root_out = roots(nest, theta)
    state = state_at(nest, root_in @ root_in.T, root_out @ root_out.T)
    free = nest.n - len(state.b)
    value = free * (1 + math.log(2 * math.pi * state.rest / free)) + state.log_v + state.log_x
    left = np.append(-state.b, 1.0)
    slopes = []
    own_in, own_out = traces(nest, state)
    for own, r, root in ((own_in, state.r, root_in), (own_out, state.r_cluster, root_out)):
        if not len(root):
            continue
        residual = r @ left
        x = r[:, :, :-1]
        shared = np.tensordot(x @ state.phi, x, axes=((0, 2), (0, 2)))
        by_spread = own - shared - residual.T @ residual / (state.rest / free)
        slopes.append((2 * by_spread @ root)[np.tril_indices(len(root))])
    return value, np.concatenate(slopes) if slopes else np.empty(0)


def traces(nest: Nest, state: State) -> tuple[Array, Array]:
    """Sums over groups of Z'V^-1 Z, and over clusters of U'V^-1 U."""
    z, u = list(nest.inner), list(nest.outer)
    c = state.m[:, z][:, :, u]
    square = state.m_cluster[:, u][:, :, u]
    seen = np.tensordot(c @ state.lens[nest.cluster_of], c, axes=((0, 2), (0, 2)))
    inner = state.m[:, z][:, :, z].sum(axis=0) - seen
    outer = (square - square @ state.lens @ square).sum(axis=0)
    return np.asarray(inner), np.asarray(outer)


def _polished(target: Callable[[Array], tuple[float, Array]], theta: Array) -> Array:
    """Newton's steps to the last digits; where an entry of a root runs to zero it is followed there."""
    if not len(theta):
        return theta
    value, slope = target(theta)
    for _ in range(POLISH):
        curve = np.empty((len(theta), len(theta)))
        for i, unit in enumerate(np.eye(len(theta))):
            reach = NUDGE * (1 + abs(theta[i])) * unit
            curve[i] = (target(theta + reach)[1] - target(theta - reach)[1]) / (2 * abs(reach[i]))
        step = -np.linalg.lstsq((curve + curve.T) / 2, slope, rcond=1e-10)[0]
        other, new = target(theta + step)
        if not other <= value + 1e-9:
            break
        theta, value, slope = theta + step, other, new
        if (np.abs(step) <= 1e-12 * (1 + np.abs(theta))).all():
            break
    return theta


def _settled(target: Callable[[Array], tuple[float, Array]], theta: Array) -> Array:
    """Entries that are nought to all purposes are nought, if that is no less likely."""
    small = np.abs(theta) < max(NIL, 1e-4)
    if not small.any():
        return theta
    other = np.where(small, 0.0, theta)
    return other if target(other)[0] <= target(theta)[0] + 1e-7 else theta


def _made(nest: Nest, theta: Array) -> NestedFit:
    root_in, root_out = roots(nest, theta)
    state = state_at(nest, root_in @ root_in.T, root_out @ root_out.T)
    free = nest.n - len(state.b)
    sigma2 = state.rest / free
    deviance = free * (1 + math.log(2 * math.pi * sigma2)) + state.log_v + state.log_x
    return NestedFit(
        state.b, sigma2 * state.phi, sigma2 * root_in @ root_in.T, sigma2 * root_out @ root_out.T, sigma2,
        deviance, nest, state,
    )  # fmt: skip
