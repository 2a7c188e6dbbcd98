"""On whom might the effect differ? An exploration of doubly robust pseudo-outcomes, never a finding (pure).

Each person's pseudo-outcome is a noisy, doubly robust measurement of their own effect. A forest of shallow honest trees
predicts it for people it has not seen (a DR-learner); the calibration line of measurements on predictions says whether
the predicted differences are more than noise. Beside it stands the best linear predictor.
Source: Kennedy (2023) for the DR-learner; Chernozhukov, Demirer, Duflo and Fernandez-Val (2018) for the calibration
test and the groups; Wager and Athey (2018) for honest trees; Semenova and Chernozhukov (2021) for the linear predictor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import fdtrc, stdtr

from evaluation.inference import critical
from evaluation.model import Heterogeneity, PathRow, Third
from evaluation.observed.nuisance import Codes, fold_numbers
from evaluation.regression.linear import Array, independent_columns
from evaluation.regression.sums import sums_by

TREES, DEPTH, SMALLEST_LEAF, LEAST_SHARE = 50, 3, 25, 0.02
MOST_A_TREE = 20_000
FOLDS = 5
FEWEST = 200
MOST_TERMS = 15
THIRDS = ("lowest third", "middle third", "highest third")


@dataclass(frozen=True, slots=True)
class Measured:
    """Everyone's pseudo-outcome (n,), arm, covariates (n, k) with names, and clusters if there are any."""

    pseudo: Array = field(repr=False)
    treated: Array = field(repr=False)
    covariates: Array = field(repr=False)
    names: tuple[str, ...]
    clusters: Codes | None = field(default=None, repr=False)


def explore(people: Measured, seed: int, alpha: float) -> Heterogeneity | None:
    """What the covariates say of the effect; ``None`` with fewer than 200 people or no covariate that varies."""
    varying = people.covariates.std(axis=0) > 0
    if len(people.pseudo) < FEWEST or not varying.any():
        return None
    predicted, centred = _predicted(people, seed)
    slope, error, slope_p = _calibration(people, centred)
    joint, linear = _linear(people, alpha)
    told = slope_p is not None and slope_p < alpha
    sentence = (
        "There are signs that the effect varies with what was known before: a question to register in the next plan, "
        "not an answer."
        if told
        else "No sign was found that the effect varies with what was known before; a search like this misses much."
    )
    thirds = _thirds(people, predicted, alpha) if float(np.ptp(predicted)) > 0 else ()
    return Heterogeneity(slope, error, slope_p, joint, linear, thirds, sentence)


def _predicted(people: Measured, seed: int) -> tuple[Array, Array]:
    """Everyone's effect as forests of the other folds predict it; and the same less the mean of its own fold."""
    folds = fold_numbers(people.treated, FOLDS, seed, people.clusters)
    found, centred = np.zeros(len(folds)), np.zeros(len(folds))
    for fold in np.unique(folds):
        inside = folds == fold
        found[inside] = _forest(people, ~inside, people.covariates[inside], seed + int(fold))
        centred[inside] = found[inside] - found[inside].mean()
    return found, centred


def _forest(people: Measured, known: np.typing.NDArray[np.bool_], asked: Array, seed: int) -> Array:
    """Average over trees whose splits come from one half of a draw and whose leaves from the other."""
    from sklearn.tree import DecisionTreeRegressor

    draw = np.random.default_rng(seed)
    rows = np.flatnonzero(known)
    units = rows if people.clusters is None else people.clusters[rows]
    total = np.zeros(len(asked))
    for _ in range(TREES):
        build, measure = _halves(rows, units, draw)
        leaf = max(SMALLEST_LEAF, round(LEAST_SHARE * len(build)))
        tree: Any = DecisionTreeRegressor(
            max_depth=DEPTH, min_samples_leaf=leaf, random_state=int(draw.integers(2**31 - 1))
        )
        tree.fit(people.covariates[build], people.pseudo[build])
        leaves = tree.apply(people.covariates[measure])
        count = np.bincount(leaves, minlength=tree.tree_.node_count)
        sums = np.bincount(leaves, weights=people.pseudo[measure], minlength=tree.tree_.node_count)
        means = np.where(count > 0, sums / np.maximum(count, 1), people.pseudo[measure].mean())
        total += means[tree.apply(asked)]
    return total / TREES


def _halves(rows: Codes, units: Codes, draw: np.random.Generator) -> tuple[Codes, Codes]:
    """Two sets of rows of equal size that share no unit, each a quarter of all units or so."""
    distinct = draw.permutation(np.unique(units))
    size = max(min(len(distinct) // 4, MOST_A_TREE), 1)
    first, second = distinct[:size], distinct[size : 2 * size]
    return rows[np.isin(units, first)], rows[np.isin(units, second)]


@dataclass(frozen=True, slots=True)
class _Line:
    """Coefficients of a regression with their robust covariance and degrees of freedom."""

    beta: Array
    covariance: Array
    df: float


def _robust(y: Array, design: Array, clusters: Codes | None) -> _Line:
    """Least squares, HC1; with clusters CR1."""
    n, k = design.shape
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ y)
    rows = design * (y - design @ beta)[:, None]
    if clusters is None:
        return _Line(beta, bread @ (rows.T @ rows) @ bread * (n / (n - k)), float(n - k))
    codes = np.unique(clusters, return_inverse=True)[1]
    count = int(codes.max()) + 1
    sums = sums_by(codes, rows, count)
    factor = count / max(count - 1, 1) * (n - 1) / (n - k)
    return _Line(beta, bread @ (sums.T @ sums) @ bread * factor, float(max(count - 1, 1)))


def _calibration(people: Measured, centred: Array) -> tuple[float | None, float | None, float | None]:
    """The slope of measured on predicted effects, its error, and p of the hypothesis that it is not above 0."""
    if not centred.std() > 1e-12 * (1 + np.abs(people.pseudo).max()):
        return None, None, None
    line = _robust(people.pseudo, np.column_stack([np.ones(len(centred)), centred]), people.clusters)
    slope, error = float(line.beta[1]), math.sqrt(max(float(line.covariance[1, 1]), 0.0))
    return slope, error, float(stdtr(line.df, -slope / error)) if error > 0 else None


def _linear(people: Measured, alpha: float) -> tuple[float | None, tuple[PathRow, ...]]:
    """The best linear predictor of the effect: p of all its terms together, and those that stand out most."""
    x = people.covariates
    spread = x.std(axis=0)
    ends = np.array([((column == 0) | (column == 1)).all() for column in x.T])
    scaled = (x - x.mean(axis=0)) / np.where(ends | (spread == 0), 1.0, spread)
    full = np.column_stack([np.ones(len(x)), scaled])
    design, kept = independent_columns(full, ("1", *people.names))
    line = _robust(people.pseudo, design, people.clusters)
    count = design.shape[1] - 1
    slopes, spread_of = line.beta[1:], line.covariance[1:, 1:]
    sound = count > 0 and line.df > count and np.linalg.eigvalsh(spread_of)[0] > 0
    joint = None
    if sound:
        statistic = float(slopes @ np.linalg.solve(spread_of, slopes)) / count
        joint = float(fdtrc(count, line.df, statistic))
    errors = np.sqrt(np.maximum(np.diag(spread_of), 1e-300))
    half = critical(1 - alpha, line.df, "t") * errors
    first = np.argsort(-np.abs(slopes / errors), kind="stable")[:MOST_TERMS]
    rows = tuple(
        PathRow(
            kept[i + 1],
            float(slopes[i]),
            float(errors[i]),
            float(slopes[i] - half[i]),
            float(slopes[i] + half[i]),
        )
        for i in sorted(first)
    )
    return joint, rows


def _thirds(people: Measured, predicted: Array, alpha: float) -> tuple[Third, ...]:
    """The average effect of people with the lowest, middle and highest predictions."""
    order = np.argsort(np.argsort(predicted, kind="stable"), kind="stable")
    part = np.minimum(order * 3 // len(order), 2)
    inside = np.column_stack([(part == k).astype(np.float64) for k in range(3)])
    line = _robust(people.pseudo, inside, people.clusters)
    errors = np.sqrt(np.maximum(np.diag(line.covariance), 0.0))
    half = critical(1 - alpha, line.df, "t") * errors
    return tuple(
        Third(name, int(inside[:, k].sum()), float(line.beta[k]), float(errors[k]),
              float(line.beta[k] - half[k]), float(line.beta[k] + half[k]))
        for k, name in enumerate(THIRDS)
    )  # fmt: skip
