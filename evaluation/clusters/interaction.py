"""Effects of several groups at once, where clusters hold people of more than one of them (pure).

One model with an intercept and an effect for each group: a random intercept by REML with Kenward and Roger's covariance
in a trial of clusters, least squares with errors summed by cluster (CR1) in a trial of people. Groups of one cluster
share what is good or bad about it, and the error of their difference must know that.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from evaluation.clusters.mixed import RandomIntercept, cluster_sums, contrast, fit_random_intercept
from evaluation.frame import AnalysisFrame
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, NotIdentified, covariate_matrix, independent_columns
from evaluation.regression.sums import sums_by
from evaluation.subgroups.comparison import Joint, group_column


def joint_effects(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, by: str, levels: tuple[str, ...]
) -> Joint | None:
    """The groups' effects with their covariance; ``None`` for methods and effects that have no such model here."""
    method, settings = plan.design.method, plan.design.settings
    if method not in ("randomised", "cluster-randomised") or outcome.is_ratio or outcome.timing:
        return None
    data = frame.data.filter(pl.col(group_column(by)).is_in(levels))
    y = data["outcome"].to_numpy()
    codes = np.unique(data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    adjust = getattr(settings, "adjust", "ancova") != "none"
    names = tuple(f"x:{name}" for name in frame.covariates if name != by) if adjust else ()
    if adjust and "strata" in data.columns and plan.design.strata != by:
        names = (*names, "strata")
    design = _design(data, by, levels, names)
    if design is None:
        return None
    try:
        if method == "cluster-randomised":
            return _mixed(fit_random_intercept(cluster_sums(design, y - y.mean(), codes)), len(levels))
        return _least_squares(design, y, codes, len(levels))
    except (NotIdentified, np.linalg.LinAlgError):
        return None


def _design(data: pl.DataFrame, by: str, levels: tuple[str, ...], names: tuple[str, ...]) -> Array | None:
    """An intercept a group, covariates, and last the treatment in each group; ``None`` where one cannot be told."""
    labels, treated = data[group_column(by)], data["treated"].to_numpy()
    inside = np.column_stack([(labels == level).cast(pl.Float64).to_numpy() for level in levels])
    covariates, known = covariate_matrix(data, names)
    spread = covariates.std(axis=0)
    scaled = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    marks = tuple(f"effect {i}" for i in range(len(levels)))
    full = np.column_stack([inside, scaled, inside * treated[:, None]])
    design, kept = independent_columns(full, (*(f"group {i}" for i in range(len(levels))), *known, *marks))
    return design if set(marks) <= set(kept) and design.shape[0] > design.shape[1] else None


def _mixed(fit: RandomIntercept, count: int) -> Joint:
    """Kenward and Roger's variance of every effect and every difference gives the whole covariance."""
    picks = np.eye(len(fit.coefficients))[-count:]
    alone = [contrast(fit, pick) for pick in picks]
    variances = np.array([one.std_error**2 for one in alone])
    covariance, df = np.diag(variances), np.full((count, count), np.inf)
    for i in range(count):
        for j in range(i):
            found = contrast(fit, picks[i] - picks[j])
            if not (math.isfinite(found.df) and found.df > 0):
                raise NotIdentified
            shared = (variances[i] + variances[j] - found.std_error**2) / 2
            covariance[i, j] = covariance[j, i] = shared
            df[i, j] = df[j, i] = found.df
    return Joint(np.array([one.value for one in alone]), covariance, df, float(df.min()))


def _least_squares(design: Array, y: Array, codes: np.typing.NDArray[np.int64], count: int) -> Joint:
    """Least squares, CR1, clusters less one as degrees of freedom."""
    (n, k), groups = design.shape, int(codes.max()) + 1
    if groups < 2:
        raise NotIdentified
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ y)
    sums = sums_by(codes, design * (y - design @ beta)[:, None], groups)
    variance = bread @ (sums.T @ sums) @ bread * (groups / (groups - 1) * (n - 1) / (n - k))
    df = float(groups - 1)
    return Joint(beta[-count:], variance[-count:, -count:], np.full((count, count), df), df)
