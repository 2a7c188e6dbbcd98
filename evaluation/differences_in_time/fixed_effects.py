"""Regression on columns of a panel with unit and period effects, errors clustered by unit or above (pure).

Errors: CR2 (Bell and McCaffrey) with Satterthwaite's degrees of freedom where the panel is small enough for it to
matter, else CR1 with the number of clusters less one. With weights the working model says that variances go as one
over the weight. Unit effects are nested in the clusters and so change nothing in the adjustment.
Source: Liang and Zeger (1986); Bell and McCaffrey (2002); Pustejovsky and Tipton (2018); the factors are named as
in the R package fixest (``nested``: effects nested in clusters are not counted).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.differences_in_time.absorbed import TwoWay, residual, two_way, within
from evaluation.regression.linear import Array, NotIdentified
from evaluation.regression.sums import sums_by

Whole = npt.NDArray[np.int64]
Factor = Literal["nested", "all", "clusters"]
MOST_CLUSTERS, MOST_CELLS = 2_000, 20_000_000
COLLINEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients (k,), their covariance (k, k), the residuals (n, T), degrees of freedom, clusters, rows counted."""

    values: Array
    covariance: Array
    residuals: Array
    df: float
    clusters: int
    n: int
    kind: str

    @property
    def std_error(self) -> float:
        """Error of the first coefficient."""
        return math.sqrt(max(float(self.covariance[0, 0]), 0.0))


@dataclass(frozen=True, slots=True)
class Partialled:
    """Columns without effects, what they predict of the outcome, and the inverse of their products."""

    columns: tuple[Array, ...]
    values: Array
    left: Array
    bread: Array


def two_way_regression(
    y: Array, columns: tuple[Array, ...], weights: Array, clusters: Whole, *, factor: Factor = "nested",
    small: bool = False,
) -> Regression:  # fmt: skip
    """Coefficients of ``columns`` in the regression of ``y`` on them, unit and period effects.

    ``y``, every column and ``weights`` are (units, periods); ``weights`` nought where nothing was seen.
    ``clusters`` (n,) of units, from 0 without gaps. ``small`` asks for CR2 of the first coefficient.
    Raises NotIdentified where effects and other columns explain a column, or all is in one cluster.
    """
    shape = two_way(weights)
    found = partialled(shape, y, columns)
    sums = _scores(found, weights, clusters)
    count, n = len(sums), int((weights > 0).sum())
    if count < 2:
        raise NotIdentified
    nested = len(columns) + shape.rank + 1
    used = {"nested": nested, "all": len(columns) + shape.parameters, "clusters": 0}[factor]
    scale = count / (count - 1) * ((n - 1) / (n - used) if used else 1.0)
    covariance = scale * found.bread @ (sums.T @ sums) @ found.bread
    df, kind = float(count - 1), "CR1"
    cells = n * (shape.weights.shape[1] + len(columns))
    if small and count <= MOST_CLUSTERS and cells <= MOST_CELLS:
        error, df = bell_mccaffrey(shape, y, columns, clusters)
        if not (math.isfinite(error) and error > 0 and df > 0):
            raise NotIdentified
        ratio = error / math.sqrt(max(float(covariance[0, 0]), 1e-300))
        covariance, kind = covariance * ratio**2, "CR2"
    return Regression(found.values, covariance, found.left, df, count, n, kind)


def partialled(shape: TwoWay, y: Array, columns: tuple[Array, ...]) -> Partialled:
    """Take the effects out of everything, and regress."""
    bare = tuple(residual(shape, column) for column in columns)
    own = [float((shape.weights * within(shape, column) ** 2).sum()) for column in columns]
    left = residual(shape, y)
    square = np.array([[float((shape.weights * a * b).sum()) for b in bare] for a in bare])
    if any(square[i, i] <= COLLINEAR * max(own[i], 1e-300) for i in range(len(bare))):
        raise NotIdentified
    root = np.sqrt(np.diag(square))
    if np.linalg.eigvalsh(square / np.outer(root, root))[0] <= COLLINEAR:
        raise NotIdentified
    bread = np.linalg.inv(square)
    values = bread @ np.array([float((shape.weights * column * left).sum()) for column in bare])
    for value, column in zip(values, bare, strict=True):
        left = left - value * column
    return Partialled(bare, np.asarray(values), left, bread)


def _scores(found: Partialled, weights: Array, clusters: Whole) -> Array:
    """Sums of the scores by cluster, (G, k)."""
    count = int(clusters.max()) + 1
    weighted = weights * found.left
    rows = np.column_stack([(weighted * column).sum(axis=1) for column in found.columns])
    return sums_by(clusters, rows, count)


def bell_mccaffrey(
    shape: TwoWay, y: Array, columns: tuple[Array, ...], clusters: Whole
) -> tuple[float, float]:
    """CR2 error and Satterthwaite's degrees of freedom of the first coefficient."""
    n, periods = shape.weights.shape
    root = np.sqrt(shape.weights)
    used = [t for t in range(periods) if shape.weights[:, t].any()][1:]
    parts = [np.broadcast_to(root[:, :], (n, periods))]
    parts += [root * within(shape, column) for column in columns]
    for t in used:
        dummy = np.zeros((n, periods))
        dummy[:, t] = 1.0
        parts.append(root * within(shape, dummy))
    live = shape.weights > 0
    design = np.column_stack([part[live] for part in parts])
    left = (root * within(shape, y))[live]
    labels = np.broadcast_to(clusters[:, None], (n, periods))[live].astype(np.int64)
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    unit = np.zeros(design.shape[1])
    unit[1] = 1.0
    scale = np.sqrt((design**2).mean(axis=0))
    scale[scale == 0] = 1.0
    found = robust_contrast(cluster_products(design / scale, left / 1.0, labels), unit / scale, "CR2")
    return float(found.std_error), float(found.df)
