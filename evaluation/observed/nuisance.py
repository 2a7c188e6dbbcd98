"""Cross-fitted predictions of treatment and outcome: nobody is predicted by a model that saw them (pure).

Learners: linear (logistic regression for yes-or-no, log-linear for counts, least squares otherwise; no penalty) and
gradient boosting (see :mod:`evaluation.observed.boosting`). Source: Chernozhukov et al. (2018), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.observed.boosting import boosted
from evaluation.observed.propensity import Separation, logit_coefficients
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import independent_columns

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Learner = Literal["linear", "gradient-boosting"]
OutcomeModel = Literal["linear", "logistic", "poisson"]
MOST_STEPS = 100
WELL_APART = 1e-8  # of the eigenvalues of a design's products: below it columns are taken as tied


@dataclass(frozen=True, slots=True)
class Nuisance:
    """Predictions, each of shape (n,): probability of treatment, outcome if treated, outcome if not.

    ``penalised`` counts the outcome models in which the covariates decided the outcome, so that a small penalty was
    needed to have a model at all.
    """

    score: Array = field(repr=False)
    treated: Array = field(repr=False)
    comparison: Array = field(repr=False)
    penalised: int = 0


def fold_numbers(treated: Array, folds: int, seed: int, clusters: Codes | None = None) -> Codes:
    """A fold of each person, 0 to ``folds - 1``: arms spread evenly, clusters kept whole.

    Depends on the order of the people and on the seed, never on what clusters are called: those are numbered by first
    appearance. With ``folds = 1`` all are in one fold, and nothing is cross-fitted.
    """
    draw = np.random.default_rng(seed)
    numbers = np.zeros(len(treated), dtype=np.int64)
    if folds == 1:
        return numbers
    if clusters is not None:
        _, first, group = np.unique(clusters, return_index=True, return_inverse=True)
        turn = np.empty(len(first), dtype=np.int64)
        turn[np.argsort(first, kind="stable")] = draw.permutation(len(first))
        return np.asarray(turn[group] % folds, dtype=np.int64)
    for arm in (0, 1):
        rows = np.flatnonzero(treated == arm)
        numbers[rows] = draw.permutation(len(rows)) % folds
    return numbers


def cross_fit(
    y: Array,
    treated: Array,
    covariates: Array,
    folds: Codes,
    *,
    learner: Learner,
    outcome_model: OutcomeModel,
    seed: int,
    score: Array | None = None,
    seen: npt.NDArray[np.bool_] | None = None,
) -> Nuisance:
    """Predict everyone from the other folds.

    ``score``: of treatment, where the same folds gave it already; outcome models are fitted on those ``seen`` alone,
    where it is given.

    Raises
    ------
    Separation
        In some fold the covariates tell the arms apart, or an arm is missing.
    """
    n = len(y)
    chance, one, zero = np.empty(n), np.empty(n), np.empty(n)
    penalised = 0
    for fold in np.unique(folds):
        inside = folds == fold
        outside = ~inside if (folds != fold).any() else inside
        arms = [outside & (treated == arm) & (True if seen is None else seen) for arm in (1, 0)]
        if min(int(arm.sum()) for arm in arms) < 2:
            raise Separation
        if score is None:
            known = covariates[outside]
            chance[inside] = _probability(treated[outside], known, covariates[inside], learner, seed)
        for target, arm in zip((one, zero), arms, strict=True):
            target[inside], mended = _outcome(
                y[arm], covariates[arm], covariates[inside], learner, outcome_model, seed
            )
            penalised += mended
    return Nuisance(chance if score is None else score, one, zero, penalised)


def _probability(treated: Array, known: Array, asked: Array, learner: Learner, seed: int) -> Array:
    if learner == "linear":
        return _logistic(treated, known, asked)
    return boosted(treated, known, asked, "logistic", seed)


def _outcome(
    y: Array, known: Array, asked: Array, learner: Learner, outcome_model: OutcomeModel, seed: int
) -> tuple[Array, int]:
    """Predictions of one arm's outcome model, and 1 if it needed a penalty."""
    if float(np.ptp(y)) == 0.0:
        return np.full(len(asked), y[0]), 0
    if learner == "gradient-boosting":
        return boosted(y, known, asked, outcome_model, seed), 0
    if outcome_model == "linear":
        z, w = _alike(known, asked)
        return np.asarray(w @ _least_squares(y, z)), 0
    try:
        if outcome_model == "poisson":
            return _log_linear(y, known, asked), 0
        return _logistic(y, known, asked), 0
    except Separation:
        z, w = _alike(known, asked)
        return _mean(w @ _penalised(y, z, outcome_model), outcome_model), 1


def _least_squares(y: Array, design: Array) -> Array:
    """Coefficients (k,); of tied columns the shortest ones."""
    products = design.T @ design
    ends = np.linalg.eigvalsh(products)
    if ends[0] > WELL_APART * ends[-1]:
        return np.asarray(np.linalg.solve(products, design.T @ y))
    return np.asarray(np.linalg.lstsq(design, y, rcond=1e-10)[0])


def _penalised(y: Array, design: Array, model: OutcomeModel) -> Array:
    """A regression with a ridge of 1 on every slope (not the intercept), which always has a solution."""
    ridge = np.eye(design.shape[1])
    ridge[0, 0] = 0.0
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        p = _mean(design @ beta, model)
        gradient = design.T @ (y - p) - ridge @ beta
        weight = p if model == "poisson" else p * (1 - p)
        information = design.T @ (design * weight[:, None]) + ridge
        step = np.linalg.lstsq(information, gradient, rcond=1e-12)[0]
        beta = beta + step * min(1.0, 5 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-10:
            break
    return beta


def _mean(index: Array, model: OutcomeModel) -> Array:
    return np.asarray(np.exp(np.clip(index, -700, 30))) if model == "poisson" else _expit(index)


def _log_linear(y: Array, known: Array, asked: Array) -> Array:
    z, w = _alike(known, asked)
    design, kept = independent_columns(z, tuple(str(i) for i in range(z.shape[1])))
    beta = fit_model(y, design, "poisson").beta
    return _mean(w[:, [int(i) for i in kept]] @ beta, "poisson")


def _logistic(y: Array, known: Array, asked: Array) -> Array:
    z, w = _alike(known, asked)
    return _expit(w @ logit_coefficients(y, z))


def _expit(index: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(index, -700, 700))))


def _alike(known: Array, asked: Array) -> tuple[Array, Array]:
    """An intercept and the columns that vary among the known, both sets on the scale of the known."""
    centre, spread = known.mean(axis=0), known.std(axis=0)
    varying = spread > 1e-12 * (1 + np.abs(known).max(axis=0, initial=0.0))
    scaled = [
        np.column_stack([np.ones(len(x)), (x[:, varying] - centre[varying]) / spread[varying]])
        for x in (known, asked)
    ]
    return scaled[0], scaled[1]
