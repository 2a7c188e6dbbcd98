"""Weights for having been followed up: those seen stand for those like them who were not (pure).

Within each arm a logistic model of having been seen, given what was known before. Weights are stabilised by the arm's
share seen, and the largest are brought down to a quantile. Errors count that the model was estimated.
Source: Robins, Rotnitzky and Zhao (1995); Seaman and White (2013); Cole and Hernan (2008) on truncation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evaluation.observed.propensity import Separation, logit_coefficients
from evaluation.observed.weights import Weights
from evaluation.regression.linear import Array, NotIdentified, independent_columns

Seen = npt.NDArray[np.bool_]
FEWEST_LOST = 5


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Weights of everybody (n,), nought for those not seen, and what is needed to count how they were estimated.

    ``slope`` (n,) derivative of each weight in its linear predictor, ``design`` (n, k) the columns of both arms'
    models, ``influence`` (n, k) on their coefficients; ``chance`` (n,) of having been seen; ``cut`` people whose
    weight was brought down; ``modelled`` says of each arm, treated first, whether it has a model.
    """

    values: Array = field(repr=False)
    slope: Array = field(repr=False)
    design: Array = field(repr=False)
    influence: Array = field(repr=False)
    chance: Array = field(repr=False)
    cut: int
    modelled: tuple[bool, bool]

    def times(self, other: Weights | None) -> Weights:
        """These weights, multiplied by others that were estimated too, as one system."""
        if other is None:
            return Weights(self.values, self.slope, self.design, self.influence, None)
        both = np.column_stack(
            [
                other.design * (other.slope * self.values)[:, None],
                self.design * (self.slope * other.values)[:, None],
            ]
        )
        return Weights(
            self.values * other.values,
            np.ones_like(self.values),
            both,
            np.column_stack([other.influence, self.influence]),
            other.score,
        )


def follow_up_weights(seen: Seen, treated: Array, known: Array, quantile: float) -> FollowUp:
    """Fit both arms' models on ``known`` (n, k) and weigh those seen.

    An arm in which everybody was seen needs no model: everyone there weighs 1. One in which fewer than five were not
    seen gets one chance for all. Raises Separation where what is known tells who was seen: some could not have been.
    """
    n = len(seen)
    values, slope, chance = np.zeros(n), np.zeros(n), np.ones(n)
    designs: list[Array] = []
    influences: list[Array] = []
    modelled, cut = [], 0
    for arm in (1.0, 0.0):
        rows = treated == arm
        lost = int((rows & ~seen).sum())
        modelled.append(lost >= FEWEST_LOST)
        share = float(seen[rows].mean()) if rows.any() else 1.0
        if not lost or not share:
            values[rows] = seen[rows]
            continue
        design, p, influence = _arm_model(seen, rows, known if lost >= FEWEST_LOST else known[:, :0])
        chance[rows] = p[rows]
        values[rows] = np.where(seen[rows], share / p[rows], 0.0)
        slope[rows] = np.where(seen[rows], -share * (1 - p[rows]) / p[rows], 0.0)
        designs.append(design)
        influences.append(influence)
        cut += _truncate(values, slope, rows & seen, quantile)
    empty = np.empty((n, 0))
    return FollowUp(
        values,
        slope,
        np.column_stack([empty, *designs]),
        np.column_stack([empty, *influences]),
        chance,
        cut,
        (modelled[0], modelled[1]),
    )


def _arm_model(seen: Seen, rows: Seen, known: Array) -> tuple[Array, Array, Array]:
    """One arm's columns (nought elsewhere), chances, and influences on the coefficients."""
    part = known[rows]
    spread = part.std(axis=0)
    varying = spread > 1e-12 * (1 + np.abs(part).max(axis=0, initial=0.0))
    scaled = (part[:, varying] - part[:, varying].mean(axis=0)) / spread[varying]
    columns = np.column_stack([np.ones(len(part)), scaled])
    columns = independent_columns(columns, tuple(map(str, range(columns.shape[1]))))[0]
    y = seen[rows].astype(np.float64)
    if len(y) <= columns.shape[1] or min(y.sum(), (1 - y).sum()) < 1:
        raise Separation
    beta = logit_coefficients(y, columns)
    p = 1 / (1 + np.exp(-columns @ beta))
    information = columns.T @ (columns * (p * (1 - p))[:, None])
    drive = columns * (y - p)[:, None]
    design, influence = (np.zeros((len(rows), columns.shape[1])) for _ in range(2))
    design[rows], influence[rows] = columns, np.linalg.solve(information, drive.T).T
    chance = np.ones(len(rows))
    chance[rows] = p
    return design, chance, influence


def _truncate(values: Array, slope: Array, rows: Seen, quantile: float) -> int:
    """Weights above a quantile of their arm brought down to it; a weight that was cut no longer moves."""
    if quantile >= 1:
        return 0
    limit = float(np.quantile(values[rows], quantile))
    over = rows & (values > limit * (1 + 1e-12))
    values[over], slope[over] = limit, 0.0
    return int(over.sum())


@dataclass(frozen=True, slots=True)
class WeighedFit:
    """The last coefficient of weighted least squares, everybody's influence on it (n,), and columns fitted."""

    value: float
    influence: Array = field(repr=False)
    columns: int


def weighted_fit(y: Array, design: Array, weights: Weights) -> WeighedFit:
    """Weighted least squares whose influences count how the weights were estimated. The effect stands last.

    ``y`` may hold anything where the weight is nought. Raises NotIdentified where the columns depend on one another.
    """
    w = weights.values
    square = design.T @ (design * w[:, None])
    try:
        bread = np.linalg.inv(square)
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    direction = bread[-1]
    beta = bread @ (design.T @ (w * y))
    left = y - design @ beta
    across = design @ direction
    moved = weights.design.T @ (weights.slope * left * across)
    return WeighedFit(float(beta[-1]), w * left * across + weights.influence @ moved, design.shape[1])
