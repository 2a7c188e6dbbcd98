"""A draw from a model with a random intercept for each cluster, for gaps in data that come in clusters (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evaluation.clusters.mixed import cluster_sums, fit_random_intercept
from evaluation.regression.linear import Array, NotIdentified

FEWEST = 3


@dataclass(frozen=True, slots=True)
class ClusterDraw:
    """Coefficients at their best and drawn; by cluster the predicted and the drawn intercept; the residual SD drawn."""

    at_best: Array = field(repr=False)
    drawn: Array = field(repr=False)
    means: Array = field(repr=False)
    shifts: Array = field(repr=False)
    spread: float


def cluster_draw(
    y: Array,
    design: Array,
    clusters: npt.NDArray[np.int64],
    everyone: npt.NDArray[np.int64],
    draw: np.random.Generator,
) -> ClusterDraw | None:
    """Draw the two variances, the coefficients and every cluster's intercept, new where nobody was seen of one.

    ``None`` where clusters are too few, or do not tell themselves apart: the plain model serves then. The variances
    come from scaled inverse chi-squares (people less clusters; clusters less one), which leaves out their likeness.
    """
    labels, codes = np.unique(clusters, return_inverse=True)
    if len(labels) < FEWEST:
        return None
    try:
        fit = fit_random_intercept(cluster_sums(design, y, codes.astype(np.int64)))
    except (NotIdentified, np.linalg.LinAlgError):
        return None
    size = np.bincount(codes).astype(np.float64)
    free, count, typical = len(y) - len(labels), len(labels), len(y) / len(labels)
    sigma2 = fit.sigma2 * free / draw.chisquare(free)
    between = (fit.tau2 + fit.sigma2 / typical) * (count - 1) / draw.chisquare(count - 1)
    tau2 = max(between - sigma2 / typical, 0.0)
    root = np.linalg.cholesky(fit.covariance * sigma2 / fit.sigma2)
    drawn = fit.coefficients + root @ draw.normal(size=len(fit.coefficients))
    whole = int(everyone.max()) + 1
    means, shifts = np.zeros(whole), draw.normal(size=whole) * np.sqrt(tau2)
    left = np.bincount(codes, weights=y - design @ fit.coefficients) / size
    means[labels] = left * size * fit.tau2 / (fit.sigma2 + size * fit.tau2)
    left = np.bincount(codes, weights=y - design @ drawn) / size
    shrink = size * tau2 / (sigma2 + size * tau2)
    shifts[labels] = left * shrink + shifts[labels] * np.sqrt(1 - shrink)
    return ClusterDraw(fit.coefficients, drawn, means, shifts, float(np.sqrt(sigma2)))
