"""Unit and period effects taken out exactly, whatever gaps and weights a panel has (pure).

Unit effects are means of rows; what is left are as many period effects as there are periods, one small set of normal
equations. Nothing is iterated, so nothing can fail to converge: alternating demeaning would end at the same place.
Source: Frisch and Waugh (1933); the partitioned inverse of the two-way model, for example Baltagi (2021), chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array

FLAT = 1e-9  # a period effect with less information than this, beside the largest, is not known


@dataclass(frozen=True, slots=True)
class TwoWay:
    """The shape of a panel: ``weights`` (units, periods), nought where nothing was seen; sums of rows; the inverse."""

    weights: Array
    rows: Array
    inverse: Array
    even: bool
    rank: int

    @property
    def parameters(self) -> int:
        """Unit and period effects that are estimated, the constant among them."""
        return int((self.rows > 0).sum()) + self.rank


def two_way(weights: Array) -> TwoWay:
    """Prepare the projection. ``weights`` (n, T) are above nought where a cell counts, and nought where it does not."""
    periods = weights.shape[1]
    first = float(weights.flat[0]) if weights.size else 0.0
    rows = weights.sum(axis=1)
    if first > 0 and bool((weights == first).all()):
        return TwoWay(weights, rows, np.empty((0, 0)), True, periods - 1)
    share = weights / np.where(rows > 0, rows, 1.0)[:, None]
    normal = np.diag(weights.sum(axis=0)) - weights.T @ share
    values, vectors = np.linalg.eigh((normal + normal.T) / 2)
    real = values > FLAT * max(float(values[-1]), 1e-300)
    inverse = (vectors[:, real] / values[real]) @ vectors[:, real].T
    return TwoWay(weights, rows, np.asarray(inverse), False, int(real.sum()))


def within(shape: TwoWay, column: Array) -> Array:
    """A column (n, T) less its unit means only."""
    weighted = shape.weights * column
    means = weighted.sum(axis=1) / np.where(shape.rows > 0, shape.rows, 1.0)
    return np.asarray(column - means[:, None])


def residual(shape: TwoWay, column: Array) -> Array:
    """A column (n, T) less its unit and period effects. Cells of no weight count nowhere."""
    left = within(shape, column)
    if shape.even:
        return np.asarray(left - left.mean(axis=0))
    effects = shape.inverse @ (shape.weights * left).sum(axis=0)
    return np.asarray(left - within(shape, np.broadcast_to(effects, left.shape)))


def seen(values: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """A column without its gaps, and its weights: 0 and 0 where the value is missing, or its weight is."""
    there = ~np.isnan(values)
    if weights is None:
        return np.where(there, values, 0.0), there.astype(np.float64)
    there &= weights > 0
    return np.where(there, values, 0.0), np.where(there, weights, 0.0)
