"""Least squares on matrices we build ourselves (a formula from a file would be code).

``statsmodels`` fits; rank is checked here first, because a pseudo-inverse hides what cannot be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.regression.sums import sums_by
from evaluation.trials.satterthwaite import satterthwaite_df

Array = npt.NDArray[np.float64]
Errors = Literal["classical", "HC0", "HC1", "HC2", "HC3"]
Freedom = Literal["satterthwaite", "residual"]
MOST_LEVELS = 200


class NotIdentified(ValueError):  # noqa: N818
    """The effect cannot be told from the other columns of the design matrix."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One coefficient of a linear model: estimate, standard error, residual degrees of freedom, clusters."""

    value: float
    std_error: float
    df: float
    n_clusters: int | None
    dropped: tuple[str, ...]
    r2: float


def covariate_matrix(
    frame: pl.DataFrame, names: tuple[str, ...], *, every_level: bool = False
) -> tuple[Array, tuple[str, ...]]:
    """Columns for the covariates: numbers as they are, texts as one 0/1 column a level but the first.

    With ``every_level`` a text of three levels or more keeps them all, for balance, where no level is special;
    two levels are one fact. Returns an (n, k) matrix and its k column names. Levels are taken in sorted order, so
    row order and the order in which labels were met change nothing.
    """
    columns: list[Array] = []
    labels: list[str] = []
    for name in names:
        series = frame[name]
        if series.dtype != pl.String:
            columns.append(series.cast(pl.Float64).to_numpy())
            labels.append(name)
            continue
        levels = series.unique().sort().to_list()
        kept = levels if every_level and len(levels) > 2 else levels[1:]
        columns += [(series == level).cast(pl.Float64).to_numpy() for level in kept]
        labels += [f"{name}={level}" for level in kept]
    matrix = np.column_stack(columns) if columns else np.empty((frame.height, 0))
    return np.ascontiguousarray(matrix, dtype=np.float64), tuple(labels)


def treatment_effect(
    y: Array,
    treated: Array,
    covariates: Array,
    names: tuple[str, ...],
    *,
    errors: Errors = "HC2",
    df: Freedom = "residual",
    weights: Array | None = None,
    clusters: tuple[npt.NDArray[np.int64], ...] = (),
) -> Fit:
    """Coefficient of ``treated`` in ``y ~ 1 + treated + covariates``.

    Estimand: the difference in means at equal covariates. Shapes: ``y``, ``treated`` (n,), ``covariates``
    (n, k), ``weights`` (n,), each of ``clusters`` (n,) of integer labels. Variance: the sandwich named by
    ``errors`` with n - k residual degrees of freedom (HC2 also with Satterthwaite's), or, with ``clusters``, CR1
    (G/(G-1) x (n-1)/(n-k)) with G - 1; two clusterings are combined as V1 + V2 - V12, and the smaller G counts.
    Columns that add nothing are dropped and named; if the treatment is one of them, or all are in one
    cluster, raise NotIdentified.
    Source: MacKinnon and White (1985); Liang and Zeger (1986); Cameron, Gelbach and Miller (2011).
    """
    import statsmodels.api as sm

    # The treatment stands last: whatever the covariates already say is not its effect.
    design, kept = independent_columns(
        np.column_stack([np.ones_like(y), covariates, treated]), ("1", *names, "treated")
    )
    dropped = tuple(name for name in ("1", *names, "treated") if name not in kept)
    if "treated" in dropped or design.shape[0] <= design.shape[1]:
        raise NotIdentified
    design[:, 1:-1] /= np.linalg.norm(design[:, 1:-1], axis=0)  # size must not decide what a solver keeps
    model = sm.OLS(y, design) if weights is None else sm.WLS(y, design, weights=weights)
    if clusters:
        base = model.fit()
        variance, count = _clustered(design, np.asarray(base.resid), weights, clusters)
        return Fit(
            float(base.params[-1]),
            float(np.sqrt(max(variance[-1, -1], 0.0))),
            count - 1,
            count,
            dropped,
            _r2(base),
        )
    if errors in ("HC2", "HC3"):
        told = _told_by_others(design)
        if not told.all():
            rest = treatment_effect(y[told], treated[told], covariates[told], names, errors=errors, df=df)
            return replace(rest, dropped=dropped)
    fit = model.fit() if errors == "classical" else model.fit(cov_type=errors, use_t=True)
    freedom = float(fit.df_resid)
    if df == "satterthwaite" and errors == "HC2" and weights is None:
        freedom = satterthwaite_df(design, np.asarray(fit.resid), treated)
    return Fit(float(fit.params[-1]), float(fit.bse[-1]), freedom, None, dropped, _r2(fit))


def _told_by_others(design: Array) -> npt.NDArray[np.bool_]:
    """False for people of leverage 1, such as one alone in a stratum, whom the model fits exactly.

    They say nothing of the effect, and HC2 and HC3 would divide nought by nought for them.
    """
    q = np.linalg.qr(design)[0]
    return np.asarray((q * q).sum(axis=1) < 1 - 1e-9)


def _r2(fit: Any) -> float:
    """Share of the variance explained; 0 where there is none to explain."""
    return float(fit.rsquared) if fit.centered_tss > 0 else 0.0


def independent_columns(design: Array, names: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    """Keep the columns, from left to right, that are not combinations of those before them."""
    scale = np.linalg.norm(design, axis=0)
    usable = scale > 0
    # The columns of R depend on one another as those of the design do, and are shorter.
    r: Array = np.asarray(np.linalg.qr(design / np.where(usable, scale, 1.0), mode="r"))
    wide = design.shape[1] > design.shape[0]
    if not wide and bool(((np.abs(np.diag(r)) > 1e-9) & usable).all()):
        return design, names
    keep: list[int] = []
    for j in range(design.shape[1]):
        trial = [*keep, j]
        if usable[j] and np.linalg.matrix_rank(r[:, trial], tol=1e-8) == len(trial):
            keep = trial
    return np.ascontiguousarray(design[:, keep]), tuple(names[j] for j in keep)


def _clustered(
    design: Array, residuals: Array, weights: Array | None, clusters: tuple[npt.NDArray[np.int64], ...]
) -> tuple[Array, int]:
    """CR1 covariance over one clustering, or two combined; and the number of clusters that counts."""
    w = np.ones_like(residuals) if weights is None else weights
    bread = np.linalg.inv(design.T @ (design * w[:, None]))
    scores = design * (w * residuals)[:, None]
    n, k = design.shape
    total = np.zeros((k, k))
    counts: list[int] = []
    for sign, labels in _combinations(clusters):
        _, group = np.unique(labels, return_inverse=True)
        count = int(group.max()) + 1
        if count == 1:
            raise NotIdentified
        sums = sums_by(group, scores, count)
        factor = count / (count - 1) * (n - 1) / (n - k)
        total += sign * factor * bread @ (sums.T @ sums) @ bread
        if sign > 0:
            counts.append(count)
    return total, min(counts)


def _combinations(clusters: tuple[npt.NDArray[np.int64], ...]) -> list[tuple[float, npt.NDArray[np.int64]]]:
    if len(clusters) == 1:
        return [(1.0, clusters[0])]
    first, second = clusters
    joint = first * (int(second.max()) + 1) + second
    return [(1.0, first), (1.0, second), (-1.0, joint)]
