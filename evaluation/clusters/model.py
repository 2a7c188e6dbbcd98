"""The estimates of a trial of clusters: mixed model, least squares with robust errors, means, tests (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.clusters.checks import Clusters
from evaluation.clusters.mixed import (
    ClusterSums,
    RandomIntercept,
    cluster_sums,
    contrast,
    fit_random_intercept,
)
from evaluation.clusters.random_slope import RandomSlope, fit_random_slope, slope_contrast
from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.clusters.wild_bootstrap import WildTest, wild_bootstrap
from evaluation.regression.linear import (
    Array,
    Fit,
    NotIdentified,
    covariate_matrix,
    independent_columns,
    treatment_effect,
)
from evaluation.trials.allocation import AllocationTest, allocation_test

CONSTANT = 1e-12  # share of a column's variance that lies within clusters where none does


@dataclass(frozen=True, slots=True)
class Prepared:
    """The matrices of one outcome: the design has ones first and the treatment last, covariates in SD from the mean.

    ``covariates`` (n, k) and ``names`` are those kept, ``dropped`` those that add nothing.
    """

    y: Array
    design: Array
    names: tuple[str, ...]
    dropped: tuple[str, ...]
    clusters: Clusters
    strata: Array

    @property
    def treated(self) -> Array:
        """The arm of each person."""
        return np.asarray(self.design[:, -1])

    @property
    def combination(self) -> Array:
        """Picks the treatment among the coefficients."""
        return np.asarray(np.eye(self.design.shape[1])[-1])

    def by_cluster(self, column: Array) -> Array:
        """Mean of a column in each cluster."""
        return np.asarray(np.bincount(self.clusters.codes, weights=column) / self.clusters.sizes)


def prepare(data: pl.DataFrame, names: tuple[str, ...], clusters: Clusters) -> Prepared:
    """Build the design. Raises NotIdentified where the covariates leave nothing of the treatment."""
    y, treated = data["outcome"].to_numpy(), data["treated"].to_numpy()
    covariates, labels = covariate_matrix(data, names)
    raw = np.column_stack([np.ones_like(y), covariates, treated])
    design, kept = independent_columns(raw, ("1", *labels, "treated"))
    if "treated" not in kept or design.shape[0] <= design.shape[1] or clusters.count < 2:
        raise NotIdentified
    design = design.copy()
    middle = design[:, 1:-1]
    middle -= middle.mean(axis=0)
    middle /= np.where(middle.std(axis=0) > 0, middle.std(axis=0), 1.0)
    strata = data["strata"].rank("dense").to_numpy() if "strata" in data.columns else np.ones(len(y))
    dropped = tuple(label for label in labels if label not in kept)
    return Prepared(y - y.mean(), design, kept[1:-1], dropped, clusters, strata.astype(np.float64))


def mixed_effect(ready: Prepared) -> tuple[Fit, RandomIntercept]:
    """Random intercept by REML, Kenward-Roger error and degrees of freedom.

    Raises NotIdentified where the clusters are too few for the columns that do not vary within them.
    """
    sums = cluster_sums(ready.design, ready.y, ready.clusters.codes)
    if ready.clusters.count - _cluster_columns(sums) < 1:
        raise NotIdentified
    fit = fit_random_intercept(sums)
    found = contrast(fit, ready.combination)
    if not (math.isfinite(found.df) and found.df > 0 and math.isfinite(found.std_error)):
        raise NotIdentified
    return Fit(found.value, found.std_error, found.df, ready.clusters.count, ready.dropped, 0.0), fit


def slope_effect(ready: Prepared) -> tuple[Fit, RandomSlope]:
    """Random intercept and random effect of the treatment by cluster, Kenward-Roger; for people allocated within them.

    Raises NotIdentified where fewer than three clusters hold both arms.
    """
    products = cluster_products(ready.design, ready.y, ready.clusters.codes)
    fit = fit_random_slope(products, (0, ready.design.shape[1] - 1))
    found = slope_contrast(fit, ready.combination)
    if not (math.isfinite(found.df) and found.df > 0 and math.isfinite(found.std_error)):
        raise NotIdentified
    return Fit(found.value, found.std_error, found.df, ready.clusters.count, ready.dropped, 0.0), fit


def empty_model(fit: RandomIntercept) -> RandomIntercept | None:
    """The same people without covariates and treatment, from the sums of the full model."""
    sums, pick = fit.sums, np.ix_([0, -1], [0, -1])
    between = sums.between[:, [0, -1]][:, :, [0, -1]]
    try:
        return fit_random_intercept(ClusterSums(sums.sizes, sums.counts, between, sums.within[pick]))
    except NotIdentified:
        return None


def _cluster_columns(sums: ClusterSums) -> int:
    """Columns that do not vary within clusters, the ones among them."""
    within = np.diag(sums.within)[:-1]
    total = within + np.diag(sums.weighted(sums.sizes))[:-1]
    return int((within <= CONSTANT * total).sum())


def means_effect(ready: Prepared) -> Fit:
    """Least squares on cluster means, every cluster counting once; clusters less columns are the df."""
    columns = [ready.by_cluster(column) for column in ready.design[:, 1:-1].T]
    covariates = np.column_stack(columns) if columns else np.empty((ready.clusters.count, 0))
    fit = treatment_effect(
        ready.by_cluster(ready.y), ready.clusters.treated, covariates, ready.names, errors="classical"
    )
    return Fit(fit.value, fit.std_error, fit.df, ready.clusters.count, fit.dropped, fit.r2)


def robust_effect(ready: Prepared) -> Fit:
    """Least squares on people, CR2 with Satterthwaite degrees of freedom."""
    products = cluster_products(ready.design, ready.y, ready.clusters.codes)
    found = robust_contrast(products, ready.combination)
    if not found.df > 0:
        raise NotIdentified
    return Fit(found.value, found.std_error, found.df, ready.clusters.count, ready.dropped, 0.0)


def wild_effect(ready: Prepared, draws: int, seed: int) -> WildTest:
    """Least squares on people, restricted wild cluster bootstrap."""
    products = cluster_products(ready.design, ready.y, ready.clusters.codes)
    return wild_bootstrap(products, ready.design.shape[1] - 1, draws=draws, seed=seed)


def allocation_effect(ready: Prepared, fit: RandomIntercept, draws: int, seed: int) -> AllocationTest:
    """Among all allocations of clusters within strata: cluster means, less what the covariates say of them.

    Means are weighed as the mixed model weighs them, with the variances it found without the treatment.
    """
    rest = ready.design[:, :-1]
    without = _without_treatment(fit)
    fitted = np.linalg.lstsq(rest, np.column_stack([ready.y, ready.treated]), rcond=None)[0]
    left = np.column_stack([ready.y, ready.treated]) - rest @ fitted
    sizes = ready.clusters.sizes
    weights = sizes / (1 + sizes * without)
    strata = np.round(ready.by_cluster(ready.strata)).astype(np.int64)
    return allocation_test(
        ready.by_cluster(left[:, 0]), ready.by_cluster(left[:, 1]), ready.clusters.treated, strata, weights,
        draws=draws, seed=seed,
    )  # fmt: skip


def strata_within_clusters(ready: Prepared) -> bool:
    """Say whether some cluster lies in more than one stratum."""
    spread = ready.by_cluster(ready.strata**2) - ready.by_cluster(ready.strata) ** 2
    return bool((spread > 1e-9 * (1 + ready.strata.max() ** 2)).any())


def _without_treatment(fit: RandomIntercept) -> float:
    """The variance ratio of the model without the treatment, so that the weights know nothing of the arms."""
    sums = fit.sums
    keep = [i for i in range(sums.within.shape[0]) if i != sums.within.shape[0] - 2]
    between = sums.between[:, keep][:, :, keep]
    other = ClusterSums(sums.sizes, sums.counts, between, sums.within[np.ix_(keep, keep)])
    found = fit_random_intercept(other)
    return found.tau2 / found.sigma2
