"""Changes compared at equal baseline covariates: by regression, or doubly robust (pure).

Outcomes are changes from a base, one column a period, so that an effect and its whole path are answered at once.
Regression: change on treatment and covariates, HC2 or clustered errors. Doubly robust: odds of treatment from a
logistic model, change of the comparison from least squares, right if either is; errors from the influence function.
Source: Sant'Anna and Zhao (2020), the doubly robust estimator for panels; MacKinnon and White (1985).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.observed.propensity import logit_score
from evaluation.regression.linear import Array, NotIdentified, independent_columns
from evaluation.regression.sums import sums_by
from evaluation.trials.satterthwaite import satterthwaite_df

Whole = npt.NDArray[np.int64]
NEAR_ONE = 0.999


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Effects on each column of changes, their covariance, degrees of freedom, and the largest propensity used."""

    values: Array
    covariance: Array
    df: float | None
    clusters: int
    largest_score: float | None = None


def regressed(moved: Array, treated: Array, covariates: Array, clusters: Whole) -> Adjusted:
    """Coefficient of ``treated`` in each column of ``moved`` (n, m) on it and ``covariates`` (n, k)."""
    design = _design(covariates, treated)
    n, k = design.shape
    count = int(clusters.max()) + 1
    if n <= k or count < 3:
        raise NotIdentified
    bread = np.linalg.inv(design.T @ design)
    left = moved - design @ (bread @ (design.T @ moved))
    direction = design @ bread[:, -1]
    own = count == n
    spare = np.maximum(1 - ((design @ bread) * design).sum(axis=1), 1e-9) if own else np.ones(n)
    scores = (direction / np.sqrt(spare))[:, None] * left
    sums = sums_by(clusters, scores, count)
    values = (bread @ (design.T @ moved))[-1]
    covariance = sums.T @ sums * (1.0 if own else count / (count - 1))
    contrast = np.zeros(k)
    contrast[-1] = 1.0
    if own:
        df = satterthwaite_df(design, left[:, 0], treated)
    else:
        found = robust_contrast(cluster_products(design, moved[:, 0], clusters), contrast, "CR2")
        df = found.df
        covariance = covariance * (found.std_error**2 / max(float(covariance[0, 0]), 1e-300))
    return Adjusted(np.asarray(values), np.asarray(covariance), float(df), count)


def doubly_robust(moved: Array, treated: Array, covariates: Array, clusters: Whole) -> Adjusted:
    """Effect on the treated of each column of ``moved`` (n, m). Raises Separation, or NotIdentified for few people."""
    design = _design(covariates, None)
    n, k = design.shape
    idle = 1 - treated
    if min(treated.sum(), idle.sum()) <= k:
        raise NotIdentified
    score = 1 / (1 + np.exp(-logit_score(treated, design[:, 1:]))) if k > 1 else np.full(n, treated.mean())
    odds = score * idle / (1 - score)
    inverse = np.linalg.inv(design.T @ (design * idle[:, None]) / n)
    left = moved - design @ (inverse @ (design.T @ (moved * idle[:, None]) / n))
    own, other = treated.mean(), odds.mean()
    at_treated = (treated[:, None] * left).mean(axis=0) / own
    at_idle = (odds[:, None] * left).mean(axis=0) / other
    by_regression = idle[:, None] * left  # times x'(inverse) gives each person's pull on the outcome model
    hessian = np.linalg.inv(design.T @ (design * (score * (1 - score))[:, None]) / n)
    pull_score = (treated - score)[:, None] * design @ hessian
    lean_treated = design @ inverse @ (treated[:, None] * design).mean(axis=0)
    lean_idle = design @ inverse @ (odds[:, None] * design).mean(axis=0)
    first = (treated[:, None] * (left - at_treated) - by_regression * lean_treated[:, None]) / own
    rest = odds[:, None] * (left - at_idle)
    by_score = pull_score @ (design.T @ rest / n)
    second = (rest + by_score - by_regression * lean_idle[:, None]) / other
    influence = first - second
    count = int(clusters.max()) + 1
    sums = sums_by(clusters, influence, count) / n
    covariance = sums.T @ sums * (1.0 if count == n else count / (count - 1))
    return Adjusted(at_treated - at_idle, covariance, count - 1.0, count, float(score[idle > 0].max()))


def _design(covariates: Array, treated: Array | None) -> Array:
    """A constant, standardised covariates without those that add nothing, and the treatment last."""
    spread = covariates.std(axis=0) if covariates.size else np.empty(0)
    live = covariates[:, spread > 0]
    scaled = (live - live.mean(axis=0)) / live.std(axis=0) if live.size else np.empty((len(covariates), 0))
    parts = (
        [np.ones(len(covariates)), scaled] if treated is None else [np.ones(len(covariates)), scaled, treated]
    )
    every = np.column_stack(parts)
    names = tuple(str(place) for place in range(every.shape[1]))
    design, kept = independent_columns(every, names)
    if treated is not None and names[-1] not in kept:
        raise NotIdentified
    return design
