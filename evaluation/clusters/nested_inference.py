"""Kenward and Roger's covariance and degrees of freedom for random effects at two nested levels (pure).

The covariance is linear in its parameters: V = sum of theta_i G_i, with G_i of the groups, of the clusters, and the
identity for the residual. What the identity needs follows from the others, because V^-1 V V^-1 = V^-1.
Source: Kenward and Roger (1997); agrees with the R package pbkrtest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.clusters.mixed import Contrast
from evaluation.clusters.nested import Nest, NestedFit, State, traces
from evaluation.regression.linear import Array, NotIdentified


@dataclass(frozen=True, slots=True)
class _Part:
    """One entry of D or F: its symmetric pattern, its value over sigma2, and whether it is of the groups."""

    pattern: Array
    value: float
    inner: bool


def nested_contrast(fit: NestedFit, combination: Array) -> Contrast:
    """A combination of coefficients with Kenward and Roger's error and degrees of freedom.

    Raises NotIdentified where the variances cannot be told from one another.
    """
    state, parts = fit.state, _parts(fit)
    first, second, expected = _information(fit.nest, state, parts)
    try:
        w = np.linalg.inv(expected)
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    if not np.linalg.eigvalsh(_scaled(expected))[0] > 1e-10:
        raise NotIdentified
    side = state.phi @ combination
    variance = float(combination @ side)
    slopes = np.array([float(side @ part @ side) for part in first])
    middle = np.zeros_like(state.phi)
    for i in range(len(first)):
        for j in range(len(first)):
            middle += w[i, j] * (second[i][j] - first[i] @ state.phi @ first[j])
    adjusted = variance + 2 * float(side @ middle @ side)
    df = 2 * variance**2 / float(slopes @ w @ slopes)
    error = math.sqrt(max(adjusted, 0.0) * fit.sigma2)
    return Contrast(float(combination @ fit.coefficients), error, df)


def _scaled(matrix: Array) -> Array:
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    return np.asarray((matrix + matrix.T) / 2 / np.outer(scale, scale))


def _parts(fit: NestedFit) -> list[_Part]:
    found = []
    for spread, inner in ((fit.by_group, True), (fit.by_cluster, False)):
        for i in range(len(spread)):
            for j in range(i + 1):
                pattern = np.zeros_like(spread)
                pattern[i, j] = pattern[j, i] = 1.0
                found.append(_Part(pattern, float(spread[i, j]) / fit.sigma2, inner))
    return found


def _information(
    nest: Nest, state: State, parts: list[_Part]
) -> tuple[list[Array], list[list[Array]], Array]:
    """X'V^-1 G_i V^-1 X, X'V^-1 G_i V^-1 G_j V^-1 X and the expected information, the residual's entry last."""
    x, x_cluster = state.r[:, :, :-1], state.r_cluster[:, :, :-1]
    k, values = len(parts), np.array([part.value for part in parts])
    first = [
        np.asarray(np.einsum("jzi,zw,jwk->ik", x if p.inner else x_cluster, p.pattern, x if p.inner else x_cluster,
                             optimize=True))
        for p in parts
    ]  # fmt: skip
    pieces = _Pieces.of(nest, state)
    second = [[pieces.product(a, b) for b in parts] for a in parts]
    own = traces(nest, state)
    plain = np.array([float(np.trace(p.pattern @ own[0 if p.inner else 1])) for p in parts])
    trace = np.array([[pieces.trace(a, b) for b in parts] for a in parts]).reshape(k, k)
    square = np.linalg.inv(state.phi)
    rest = square - sum((v * f for v, f in zip(values, first, strict=True)), np.zeros_like(square))
    last = [
        first[i] - sum((values[j] * second[i][j] for j in range(k)), np.zeros_like(square)) for i in range(k)
    ]
    corner = rest - sum((values[i] * last[i] for i in range(k)), np.zeros_like(square))
    full = [[*row, last[i]] for i, row in enumerate(second)]
    full.append([*(part.T for part in last), corner])
    edge = plain - trace @ values
    alone = nest.n - plain @ values - edge @ values
    whole = np.block([[trace, edge[:, None]], [edge[None, :], np.array([[alone]])]])
    first.append(rest)
    expected = np.empty((k + 1, k + 1))
    for i in range(k + 1):
        for j in range(k + 1):
            twice = 2 * np.trace(state.phi @ full[i][j])
            shared = np.trace(state.phi @ first[i] @ state.phi @ first[j])
            expected[i, j] = (whole[i, j] - twice + shared) / 2
    return first, full, expected


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The arrays the second-order products are made of; ``c`` is Z'B^-1 U, B the covariance within groups."""

    nest: Nest
    x: Array
    x_cluster: Array
    cross: Array
    square: Array
    square_cluster: Array
    c: Array
    lens: Array
    lens_group: Array

    @classmethod
    def of(cls, nest: Nest, state: State) -> _Pieces:
        """Cut them from a state."""
        z, u = list(nest.inner), list(nest.outer)
        whole = state.m_cluster[:, u][:, :, u]
        return cls(
            nest, state.r[:, :, :-1], state.r_cluster[:, :, :-1], state.r[:, :, u], state.m[:, z][:, :, z],
            whole - whole @ state.lens @ whole, state.m[:, z][:, :, u], state.lens, state.lens[nest.cluster_of],
        )  # fmt: skip

    def product(self, a: _Part, b: _Part) -> Array:
        """X'V^-1 G_a V^-1 G_b V^-1 X."""
        if a.inner and b.inner:
            within = self.x.transpose(0, 2, 1) @ a.pattern @ self.square @ b.pattern @ self.x
            left, right = (self._gathered(part) for part in (a, b))
            return np.asarray(within.sum(axis=0) - (left.transpose(0, 2, 1) @ self.lens @ right).sum(axis=0))
        if a.inner:
            by_cluster = self.nest.by_cluster(self.x.transpose(0, 2, 1) @ a.pattern @ self.cross)
            return np.asarray((by_cluster @ b.pattern @ self.x_cluster).sum(axis=0))
        if b.inner:
            return self.product(b, a).T
        own = self.x_cluster.transpose(0, 2, 1) @ a.pattern @ self.square_cluster @ b.pattern @ self.x_cluster
        return np.asarray(own.sum(axis=0))

    def _gathered(self, part: _Part) -> Array:
        return self.nest.by_cluster(self.c.transpose(0, 2, 1) @ part.pattern @ self.x)

    def trace(self, a: _Part, b: _Part) -> float:
        """tr(V^-1 G_a V^-1 G_b)."""
        if a.inner and b.inner:
            seen = self.c @ self.lens_group @ self.c.transpose(0, 2, 1)
            whole = _total(a.pattern @ self.square @ b.pattern @ self.square)
            mixed = _total(a.pattern @ self.square @ b.pattern @ seen)
            mixed += _total(b.pattern @ self.square @ a.pattern @ seen)
            ends = [self.nest.by_cluster(self.c.transpose(0, 2, 1) @ p.pattern @ self.c) for p in (a, b)]
            return whole - mixed + _total(self.lens @ ends[0] @ self.lens @ ends[1])
        if a.inner:
            return _total(a.pattern @ self.cross @ b.pattern @ self.cross.transpose(0, 2, 1))
        if b.inner:
            return self.trace(b, a)
        return _total(a.pattern @ self.square_cluster @ b.pattern @ self.square_cluster)


def _total(matrices: Array) -> float:
    """Sum of traces."""
    return float(np.einsum("jii->", matrices))
