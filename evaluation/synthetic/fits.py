"""What the treated area would have shown: a weighted pool of donors, in three kinds (pure).

* ``classic``: donors' weights are at least zero and add up to one, and bring the path before the start as near as
  can be. Abadie, Diamond and Hainmueller (2010), on the path of the outcome, which makes the optimum unique; covariates
  may stand beside it, each divided by its standard deviation across areas, so that one counts as much as one period.
* ``augmented``: the classic weights, moved by a ridge regression towards what they left unfitted. Weights may turn
  negative. Ben-Michael, Feller and Rothstein (2021). The penalty is chosen by leaving out one period before the start
  at a time: of 20 penalties the largest whose squared error is within one standard error of the smallest.
* ``did``: synthetic difference-in-differences, Arkhangelsky and others (2021). Donors' weights with an intercept and a
  ridge, weights of periods with an intercept: paths need to be parallel, not equal.

Arrays: ``target`` (periods), ``donors`` (donors x periods), ``start`` the place of the first period with the programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.synthetic.simplex import Array, simplex_weights

Kind = Literal["classic", "did", "augmented"]
PENALTIES = 20
SMALLEST = 1e-8  # penalty, as a share of the largest


@dataclass(frozen=True, slots=True)
class Predictors:
    """Covariates to be matched beside the path: of the target (k), of the donors (donors x k)."""

    target: Array
    donors: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """A synthetic area. ``gaps`` is observed less expected in every period, ``effect`` its mean after the start.

    ``before`` is the root mean squared gap before the start (around its mean where the kind has an intercept; of
    ``augmented``, which can be bent through any path, that of each period when it was left out of the fit) and
    ``after`` the same since the start. ``penalty`` is the ridge: zeta of ``did``, lambda of ``augmented``.
    ``residual`` and ``unique`` certify the weights.
    """

    weights: Array
    periods: Array | None
    gaps: Array
    effect: float
    before: float
    after: float
    penalty: float
    residual: float
    unique: bool


def fit(
    kind: Kind,
    target: Array,
    donors: Array,
    start: int,
    predictors: Predictors | None = None,
    penalty: float | None = None,
) -> Fit:
    """The synthetic area of one target. A ``penalty`` that is given is not chosen again."""
    if kind == "did":
        return _did(target, donors, start, penalty)
    columns, path = _matched(target[:start], donors[:, :start], predictors)
    solved = simplex_weights(columns, path)
    weights, chosen, missed = solved.weights, 0.0, None
    if kind == "augmented":
        chosen, missed = choose_penalty(target[:start], donors[:, :start], penalty)
        weights = augment(weights, target[:start], donors[:, :start], chosen)
    gaps = target - weights @ donors
    missed = gaps[:start] if missed is None else missed
    return _fit(weights, None, gaps, missed, start, chosen, solved.residual, solved.unique)


def with_weights(weights: Array, target: Array, donors: Array, start: int) -> Fit:
    """The synthetic area of weights that were found elsewhere, such as published ones."""
    gaps = target - weights @ donors
    return _fit(weights, None, gaps, gaps[:start], start, 0.0, 0.0, True)


def equal_weights(target: Array, donors: Array, start: int) -> Fit:
    """Difference-in-differences: every donor and every period before the start counts the same."""
    weights = np.full(donors.shape[0], 1.0 / donors.shape[0])
    raw = target - weights @ donors
    gaps = raw - raw[:start].mean()
    return _fit(weights, np.full(start, 1.0 / start), gaps, gaps[:start], start, 0.0, 0.0, True)


def _fit(
    weights: Array, periods: Array | None, gaps: Array, fitted: Array, start: int, penalty: float,
    residual: float, unique: bool,
) -> Fit:  # fmt: skip
    after = gaps[start:]
    return Fit(
        weights, periods, gaps, float(after.mean()), _root_mean_square(fitted), _root_mean_square(after),
        penalty, residual, unique,
    )  # fmt: skip


def _root_mean_square(values: Array) -> float:
    return float(np.sqrt((values * values).mean()))


def _matched(target: Array, donors: Array, predictors: Predictors | None) -> tuple[Array, Array]:
    """Rows to be matched: the path before; with predictors every row in standard deviations across areas."""
    if predictors is None:
        return donors.T, target
    columns = np.vstack([donors.T, predictors.donors.T])
    path = np.concatenate([target, predictors.target])
    spread = np.column_stack([columns, path]).std(axis=1, ddof=1)
    kept = spread > 0  # a row that is the same everywhere says nothing
    return columns[kept] / spread[kept, None], path[kept] / spread[kept]


def noise(donors: Array, start: int) -> float:
    """Standard deviation of the change from one period to the next among donors before the start."""
    return float(np.diff(donors[:, :start], axis=1).std(ddof=1))


def zeta_of(donors: Array, start: int, treated: int = 1) -> float:
    """The ridge of Arkhangelsky and others (2021): (treated areas x periods after)^(1/4) x noise."""
    return float((treated * (donors.shape[1] - start)) ** 0.25 * noise(donors, start))


def _did(target: Array, donors: Array, start: int, penalty: float | None) -> Fit:
    zeta = zeta_of(donors, start) if penalty is None else penalty
    tiny = 1e-6 * noise(donors, start)
    columns = donors[:, :start].T
    before = target[:start]
    areas = simplex_weights(columns - columns.mean(axis=0), before - before.mean(), zeta**2 * start)
    later = donors[:, start:].mean(axis=1)
    rows = donors[:, :start]
    periods = simplex_weights(rows - rows.mean(axis=0), later - later.mean(), tiny**2 * donors.shape[0])
    raw = target - areas.weights @ donors
    gaps = raw - float(periods.weights @ raw[:start])
    return _fit(
        areas.weights, periods.weights, gaps, raw[:start] - raw[:start].mean(), start, zeta,
        max(areas.residual, periods.residual), areas.unique and periods.unique,
    )  # fmt: skip


def augment(weights: Array, target: Array, donors: Array, penalty: float) -> Array:
    """Weights moved so that a ridge regression on the path before takes out what is left of the gap."""
    centre = donors.mean(axis=0)
    spread = donors - centre
    inner = spread.T @ spread
    inner.flat[:: inner.shape[0] + 1] += penalty
    left = (target - centre) - weights @ spread
    moved: Array = weights + spread @ np.linalg.solve(inner, left)
    return moved


def choose_penalty(target: Array, donors: Array, penalty: float | None = None) -> tuple[float, Array]:
    """Leave one period out at a time; of those within one standard error of the best penalty, the largest.

    Returns the penalty (the one that is given, where one is) and how far it is off in each period left out.
    """
    spread = donors - donors.mean(axis=0)
    largest = float(np.linalg.norm(spread, 2) ** 2) or 1.0
    grid = largest * SMALLEST ** (np.arange(PENALTIES) / (PENALTIES - 1))
    if penalty is not None:
        grid = np.array([penalty])
    missed = np.array([_left_out(target, donors, period, grid) for period in range(target.size)])
    errors = missed**2
    mean = errors.mean(axis=0)
    error = errors.std(axis=0, ddof=1) / np.sqrt(target.size)
    best = int(mean.argmin())
    chosen = int(np.argmax(np.where(mean <= mean[best] + error[best], grid, 0.0)))
    return float(grid[chosen]), missed[:, chosen]


def _left_out(target: Array, donors: Array, period: int, grid: Array) -> Array:
    """How far the fit to all other periods is off in one period, for every penalty."""
    path, rest = np.delete(target, period), np.delete(donors, period, axis=1)
    weights = simplex_weights(rest.T, path).weights
    centre = rest.mean(axis=0)
    left, values, right = np.linalg.svd(rest - centre, full_matrices=False)
    short = (path - centre) - weights @ (rest - centre)
    turned = values[:, None] / (values[:, None] ** 2 + grid) * (right @ short)[:, None]
    moved = weights[:, None] + left @ turned
    missed: Array = target[period] - donors[:, period] @ moved
    return missed
