"""How much of an effect went by way of a nearer outcome: explored only, if nothing unmeasured moves both (pure).

Estimand: with M(t) the mediator under arm t, the indirect effect E[Y(t, M(1)) - Y(t, M(0))] and the direct effect
E[Y(1, M(t)) - Y(0, M(t))], each the average over t = 0 and 1. Assumption: sequential ignorability. The arm is as good
as drawn by lot at equal covariates, and so is the mediator at equal arm and covariates; the second part no trial makes
true. Models: M on arm and covariates, Y on arm, M, arm x M and covariates, both linear. With coefficients a (arm on M),
b (M on Y), c (arm x M) and t (arm on Y) the indirect effect under arm t is a (b + c t), the direct one t + c E[M(t)].
Intervals: 10,000 draws from the joint normal of all coefficients, whose covariance comes from influences (HC0, or by
cluster). Sensitivity: the correlation rho of the two errors at which the indirect effect is nought, and the indirect
effect along rho, from the models without arm x M.
Source: Imai, Keele and Yamamoto (2010); Imai, Keele and Tingley (2010).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from evaluation.regression.linear import Array, NotIdentified, independent_columns
from evaluation.regression.sums import sums_by

Three = tuple[float, float, float]
DRAWS = 10_000
RHOS = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)
NAMES = ("by way of the mediator (indirect)", "any other way (direct)", "together (total)")


@dataclass(frozen=True, slots=True)
class Split:
    """An effect in its parts: values and interval ends (3,), the indirect effect's rho at nought and its path."""

    values: Three
    low: Three
    high: Three
    rho_at_zero: float
    rho_path: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Coefficients, residuals and influences (n, k) of one least squares fit."""

    beta: Array = field(repr=False)
    rest: Array = field(repr=False)
    influence: Array = field(repr=False)


def split_effect(
    treated: Array, mediator: Array, y: Array, covariates: Array, *, seed: int, alpha: float,
    clusters: np.ndarray | None = None,
) -> Split:  # fmt: skip
    """Indirect, direct and total effect. Shapes: (n,) each, ``covariates`` (n, k), ``clusters`` (n,) whole numbers.

    Raises NotIdentified where arm, mediator and their product cannot be told apart.
    """
    n = len(y)
    ones = np.ones(n)
    base, _ = independent_columns(
        np.column_stack([ones, covariates]), ("1", *(str(j) for j in range(covariates.shape[1])))
    )
    x = base[:, 1:] - base[:, 1:].mean(axis=0)  # so that the intercepts are at the average covariates
    first = _fit(np.column_stack([ones, treated, x]), mediator)
    full = np.column_stack([ones, treated, mediator, treated * mediator, x])
    second = _fit(full, y)
    values = _parts(first.beta[None, :2], second.beta[None, 1:4])[0]
    influence = np.hstack([first.influence[:, :2], second.influence[:, 1:4]])
    if clusters is not None:
        count = int(clusters.max()) + 1
        influence = sums_by(clusters, influence, count) * math.sqrt(count / (count - 1))
    draws = _drawn(np.concatenate([first.beta[:2], second.beta[1:4]]), influence.T @ influence, seed)
    spread = _parts(draws[:, :2], draws[:, 2:])
    low, high = np.quantile(spread, [alpha / 2, 1 - alpha / 2], axis=0)
    rho, path = _sensitivity(treated, mediator, y, x, first)
    return Split(three(values), three(low), three(high), rho, path)


def three(values: Array) -> Three:
    """Indirect, direct and total as plain numbers."""
    return float(values[0]), float(values[1]), float(values[2])


def _fit(design: Array, y: Array) -> _Fitted:
    if np.linalg.matrix_rank(design) < design.shape[1] or design.shape[0] <= design.shape[1]:
        raise NotIdentified
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    rest = y - design @ beta
    return _Fitted(beta, rest, (design * rest[:, None]) @ bread)


def _parts(of_mediator: Array, of_outcome: Array) -> Array:
    """Indirect, direct and total effect, a row a set of coefficients: (mean of M(0), a) and (t, b, c)."""
    m0, a = of_mediator.T
    t, b, c = of_outcome.T
    indirect = a * (b + c / 2)
    direct = t + c * (m0 + a / 2)
    return np.column_stack([indirect, direct, indirect + direct])


def _drawn(at: Array, covariance: Array, seed: int) -> Array:
    """Draws from a normal, in pairs around its middle; a covariance that is flat in some direction is no matter."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    half = np.random.default_rng(seed).normal(size=(DRAWS // 2, len(at))) @ root.T
    return np.asarray(at + np.vstack([half, -half]))


def _sensitivity(
    treated: Array, mediator: Array, y: Array, x: Array, first: _Fitted
) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Rho at which the indirect effect is nought, and the effect along rho (Imai, Keele and Yamamoto, theorem 4).

    It is a s1 / s2 (r - rho sqrt((1 - r^2) / (1 - rho^2))), with s1 and s2 the SDs of what the arm leaves of the
    outcome and of the mediator, and r their correlation.
    """
    reduced = _fit(np.column_stack([np.ones(len(y)), treated, x]), y)
    freedom = len(y) - 2 - x.shape[1]
    s1, s2 = (math.sqrt(float(rest @ rest) / freedom) for rest in (reduced.rest, first.rest))
    r = float(reduced.rest @ first.rest) / freedom / (s1 * s2) if s1 > 0 and s2 > 0 else 0.0
    a = float(first.beta[1])

    def at(rho: float) -> float:
        return a * s1 / s2 * (r - rho * math.sqrt((1 - r * r) / (1 - rho * rho)))

    return r, tuple((rho, at(rho)) for rho in RHOS)
