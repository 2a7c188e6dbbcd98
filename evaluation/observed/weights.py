"""Balancing weights and the error of a weighted difference that counts how the weights were estimated (pure).

Scores: inverse probability weights (ATE, ATT), overlap weights (ATO). Balance directly: entropy balancing (ATT).
Sources: Hirano and Imbens (2001); Li, Morgan and Zaslavsky (2018); Hainmueller (2012); Stefanski and Boos (2002)
on stacked estimating equations; Crump, Hotz, Imbens and Mitnik (2009) on trimming.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evaluation.observed.propensity import logit_score

Array = npt.NDArray[np.float64]
ROUNDS = 200


class CannotBalance(ValueError):  # noqa: N818
    """No weights of the comparison people bring their means to those of the treated."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of everyone, shape (n,), and what is needed to linearise them.

    Attributes
    ----------
    values : Array
        Weight of each person; 0 for those who were trimmed.
    slope : Array
        Derivative of each weight in the person's linear predictor, shape (n,).
    design : Array
        Columns of the linear predictor, shape (n, k).
    influence : Array
        Influence of each person on its coefficients, shape (n, k): they sum to the estimation error.
    score : Array or None
        Propensity score, where there is one.
    """

    values: Array = field(repr=False)
    slope: Array = field(repr=False)
    design: Array = field(repr=False)
    influence: Array = field(repr=False)
    score: Array | None = field(default=None, repr=False)


def effective_size(weights: Array) -> float:
    """Kish's effective number of people: (sum of weights) squared over the sum of their squares."""
    squares = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def score_weights(treated: Array, covariates: Array, estimand: str, trim: float = 0.0) -> Weights:
    """Weights from a logistic propensity score without penalty.

    Parameters
    ----------
    treated : Array
        Shape (n,), 0 or 1.
    covariates : Array
        Shape (n, k).
    estimand : str
        ``ATE``: 1/p and 1/(1-p). ``ATT``: 1 and p/(1-p). ``ATO``: 1-p and p.
    trim : float
        People whose score is below ``trim`` or above ``1 - trim`` get no weight; the score of the others is
        fitted again without them, and who was left out is taken as given.

    Raises
    ------
    Separation
        The covariates tell the arms apart completely.
    """
    score = _score(treated, covariates)
    kept = (score >= trim) & (score <= 1 - trim)
    if trim and not kept.all() and 0 < treated[kept].sum() < kept.sum():
        score = np.where(kept, _spread_out(_score(treated[kept], covariates[kept]), kept), 0.5)
    design = _standard(covariates) * kept[:, None]
    spread = score * (1 - score)
    information = design.T @ (design * spread[:, None])
    drive = (design * (treated - score)[:, None]).T
    influence: Array = np.asarray(np.linalg.lstsq(information, drive, rcond=1e-12)[0].T, dtype=np.float64)
    odds = score / (1 - score)
    if estimand == "ATE":
        values = np.where(treated == 1, 1 / score, 1 / (1 - score))
        slope = np.where(treated == 1, -1 / odds, odds)
    elif estimand == "ATT":
        values = np.where(treated == 1, 1.0, odds)
        slope = np.where(treated == 1, 0.0, odds)
    else:
        values = np.where(treated == 1, 1 - score, score)
        slope = np.where(treated == 1, -spread, spread)
    return Weights(values * kept, slope * kept, design, influence, score)


def _score(treated: Array, covariates: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logit_score(treated, covariates))))


def _spread_out(values: Array, kept: npt.NDArray[np.bool_]) -> Array:
    """Values of the kept people put back in their places."""
    whole = np.zeros(len(kept))
    whole[kept] = values
    return whole


def entropy_weights(treated: Array, covariates: Array) -> Weights:
    """Weights of comparison people, as even as can be, that give them the treated people's covariate means (ATT).

    Minimises the Kullback-Leibler distance from equal weights under exact balance of means, through its convex dual
    by Newton's method with halving. Treated people weigh 1; the comparison sums to their number.

    Raises
    ------
    CannotBalance
        The treated means lie outside what the comparison people can be weighted to.
    """
    one = treated == 1
    z = _standard(covariates)[:, 1:]
    target = z[one].mean(axis=0)
    centred = z - target
    pool = centred[~one]
    beta = np.zeros(pool.shape[1])
    value, weight = _dual(pool, beta)
    for _ in range(ROUNDS):
        gradient = pool.T @ weight
        if float(np.abs(gradient).max(initial=0.0)) < 1e-12:
            break
        spread = pool.T @ (pool * weight[:, None]) - np.outer(gradient, gradient)
        step = np.linalg.lstsq(spread, gradient, rcond=1e-12)[0]
        size = 1.0
        while size > 1e-8:
            trial, renewed = _dual(pool, beta - size * step)
            if trial <= value + 1e-15 * abs(value):
                break
            size /= 2
        else:
            break
        beta, value, weight = beta - size * step, trial, renewed
    if float(np.abs(pool.T @ weight).max(initial=0.0)) > 1e-6:
        raise CannotBalance
    values = np.ones_like(treated)
    values[~one] = weight * one.sum()
    return Weights(
        values, np.where(one, 0.0, values), centred, _entropy_influence(treated, centred, values), None
    )


def _entropy_influence(treated: Array, centred: Array, values: Array) -> Array:
    """Influence on the dual's coefficients: of the comparison people, and of the treated through their means."""
    zero = (treated == 0).astype(np.float64)
    hessian = centred.T @ (centred * (zero * values)[:, None])
    share = values[treated == 0].sum() / treated.sum()
    drive = centred * (zero * values - share * treated)[:, None]
    return -np.asarray(np.linalg.lstsq(hessian, drive.T, rcond=1e-12)[0].T)


def _dual(pool: Array, beta: Array) -> tuple[float, Array]:
    index = pool @ beta
    top = float(index.max())
    raw = np.exp(index - top)
    total = float(raw.sum())
    return top + float(np.log(total)), raw / total


def _standard(covariates: Array) -> Array:
    """An intercept and the varying columns, each with mean 0 and spread 1."""
    spread = covariates.std(axis=0)
    varying = spread > 1e-12 * (1 + np.abs(covariates).max(axis=0, initial=0.0))
    z = (covariates[:, varying] - covariates[:, varying].mean(axis=0)) / spread[varying]
    return np.column_stack([np.ones(len(covariates)), z])


def weighted_effect(
    y: Array, treated: Array, weights: Weights, effect: str, exposure: Array | None = None
) -> tuple[float, tuple[float, float], Array]:
    """A weighted difference, or the log of a ratio of weighted risks, odds or rates, with the means and influences.

    The log of a ratio moves as the weighted mean of what is left, (y - rate x exposure), over the mean of y does (of
    y - p over p (1 - p) for odds), so that its influences are those of a difference of such means. Needs events in each
    arm, and for odds people without.
    """
    value, means, influence = weighted_difference(y, treated, weights)
    if effect not in ("risk-ratio", "odds-ratio", "rate-ratio"):
        return value, means, influence
    time = np.ones_like(y) if exposure is None else exposure
    moved, logs = np.zeros_like(y), []
    for arm, mean in zip((1, 0), means, strict=True):
        rows = treated == arm
        at_risk = float((weights.values * rows * time).sum()) / float((weights.values * rows).sum())
        odds = 1 - mean if effect == "odds-ratio" else 1.0
        moved = np.where(rows, (y - mean / at_risk * time) / (mean * odds), moved)
        logs.append(float(np.log(mean / at_risk / odds)))
    _, _, influence = weighted_difference(moved, treated, weights)
    return logs[0] - logs[1], means, influence


def weighted_difference(
    y: Array, treated: Array, weights: Weights
) -> tuple[float, tuple[float, float], Array]:
    """Difference of weighted (Hajek) means, the two means, and everyone's influence on the difference, shape (n,).

    The influences count the whole stacked system: the score or balance equations and the two means. They sum to nought,
    and the sum of their squares is the variance, without a small-sample factor.
    """
    one, zero = treated == 1, treated == 0
    means, influence = [], np.zeros_like(y)
    for sign, arm in ((1.0, one), (-1.0, zero)):
        w = np.where(arm, weights.values, 0.0)
        total = float(w.sum())
        mean = float((w * y).sum()) / total
        away = np.where(arm, y - mean, 0.0)
        moved = weights.design.T @ (weights.slope * away)
        influence += sign * (w * away + weights.influence @ moved) / total
        means.append(mean)
    return means[0] - means[1], (means[0], means[1]), influence
