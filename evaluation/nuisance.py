"""Cross-fitted predictions of treatment and outcome: nobody is predicted by a model that saw them (pure).

Learners: linear (logistic regression for yes-or-no, least squares otherwise; no penalty) and gradient boosting
(scikit-learn's histogram trees, fixed settings, seeded). Source: Chernozhukov et al. (2018), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.propensity import Separation, logit_coefficients

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Learner = Literal["linear", "gradient-boosting"]
OutcomeModel = Literal["linear", "logistic"]
MOST_STEPS = 100
TREES, RATE, LEAVES, SMALLEST_LEAF = 100, 0.05, 15, 20


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
    seen: npt.NDArray[np.bool_] | None = None,
) -> Nuisance:
    """Predict everyone from the other folds; outcome models are fitted on those ``seen`` alone, where it is given.

    Raises
    ------
    Separation
        In some fold the covariates tell the arms apart, or an arm is missing.
    """
    n = len(y)
    score, one, zero = np.empty(n), np.empty(n), np.empty(n)
    penalised = 0
    for fold in np.unique(folds):
        inside = folds == fold
        outside = ~inside if (folds != fold).any() else inside
        arms = [outside & (treated == arm) & (True if seen is None else seen) for arm in (1, 0)]
        if min(int(arm.sum()) for arm in arms) < 2:
            raise Separation
        score[inside] = _probability(treated[outside], covariates[outside], covariates[inside], learner, seed)
        for target, arm in zip((one, zero), arms, strict=True):
            target[inside], mended = _outcome(
                y[arm], covariates[arm], covariates[inside], learner, outcome_model, seed
            )
            penalised += mended
    return Nuisance(score, one, zero, penalised)


def _probability(treated: Array, known: Array, asked: Array, learner: Learner, seed: int) -> Array:
    if learner == "linear":
        return _logistic(treated, known, asked)
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(**_trees(seed))
    return np.asarray(model.fit(known, treated).predict_proba(asked)[:, 1], dtype=np.float64)


def _outcome(
    y: Array, known: Array, asked: Array, learner: Learner, outcome_model: OutcomeModel, seed: int
) -> tuple[Array, int]:
    """Predictions of one arm's outcome model, and 1 if it needed a penalty."""
    if float(np.ptp(y)) == 0.0:
        return np.full(len(asked), y[0]), 0
    if learner == "gradient-boosting":
        return _boosted(y, known, asked, outcome_model, seed), 0
    if outcome_model == "linear":
        z, w = _alike(known, asked)
        return np.asarray(w @ np.linalg.lstsq(z, y, rcond=1e-10)[0]), 0
    try:
        return _logistic(y, known, asked), 0
    except Separation:
        z, w = _alike(known, asked)
        return _expit(w @ _penalised(y, z)), 1


def _penalised(y: Array, design: Array) -> Array:
    """Logistic regression with a ridge of 1 on every slope (not the intercept), which always has a solution."""
    ridge = np.eye(design.shape[1])
    ridge[0, 0] = 0.0
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        p = _expit(design @ beta)
        gradient = design.T @ (y - p) - ridge @ beta
        information = design.T @ (design * (p * (1 - p))[:, None]) + ridge
        step = np.linalg.lstsq(information, gradient, rcond=1e-12)[0]
        beta = beta + step * min(1.0, 5 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-10:
            break
    return beta


def _boosted(y: Array, known: Array, asked: Array, outcome_model: OutcomeModel, seed: int) -> Array:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if outcome_model == "logistic":
        chosen = HistGradientBoostingClassifier(**_trees(seed)).fit(known, y)
        return np.asarray(chosen.predict_proba(asked)[:, 1], dtype=np.float64)
    return np.asarray(HistGradientBoostingRegressor(**_trees(seed)).fit(known, y).predict(asked))


def _trees(seed: int) -> dict[str, float | int | bool]:
    return {
        "max_iter": TREES,
        "learning_rate": RATE,
        "max_leaf_nodes": LEAVES,
        "min_samples_leaf": SMALLEST_LEAF,
        "early_stopping": False,
        "random_state": seed,
    }


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
