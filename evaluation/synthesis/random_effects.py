"""Averages over studies: fixed and random effects, how far studies differ, where the next one would lie (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from evaluation.inference import critical, two_sided_p
from evaluation.regression.linear import Array
from evaluation.synthesis.likelihood import NoFit, fit_reml

Between = Literal["fixed", "dersimonian-laird", "paule-mandel", "reml"]
Errors = Literal["hartung-knapp", "normal"]
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Average:
    """The average effect (or the coefficients of moderators, the intercept first) and what surrounds it.

    ``tau2`` is the variance of true effects between studies with its Q-profile interval; ``q``, ``q_df``, ``q_p`` test
    whether it is zero; ``i2`` is the share (0 to 1) of the spread that is not sampling error; ``predicted`` is where
    the effect of a new study would lie (only of an average without moderators).
    """

    values: Array
    std_errors: Array
    conf_low: Array
    conf_high: Array
    p_values: Array
    df: float | None
    studies: int
    tau2: float
    tau2_low: float | None
    tau2_high: float | None
    q: float
    q_df: int
    q_p: float
    i2: float
    predicted: tuple[float, float] | None


def average_effects(
    effects: Array,
    variances: Array,
    *,
    moderators: Array | None = None,
    between: Between = "reml",
    errors: Errors = "hartung-knapp",
    level: float = 0.95,
) -> Average:
    """Average the effects of independent studies.

    Estimand: with random effects the mean of the true effects of studies like these; with ``fixed`` the effect they
    are taken to share. Assumes effects that are normal about the truth with the variances given, and studies that do
    not depend on one another (else :func:`~evaluation.synthesis.dependent.average_dependent`).

    Parameters
    ----------
    effects, variances : Array
        One a study, on a scale on which no effect is 0.
    moderators : Array, optional
        Studies by moderators, without a column of ones.
    errors
        Hartung and Knapp (2001) with t, the default, or normal.

    Raises
    ------
    ValueError
        Fewer than two studies (one for ``fixed``), a variance that is not above 0, fewer studies than columns.

    Sources: DerSimonian and Laird (1986); Paule and Mandel (1982); Viechtbauer (2005, 2007); Higgins and Thompson
    (2002); Riley, Higgins and Deeks (2011) for the prediction interval.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    x = np.ones((len(y), 1)) if moderators is None else np.column_stack([np.ones(len(y)), moderators])
    _refuse(y, v, x, between)
    tau2 = _between(y, x, v, between)
    weights = 1 / (v + tau2)
    beta, covariance = _weighted(y, x, weights)
    df_left = len(y) - x.shape[1]
    df: float | None = None
    if errors == "hartung-knapp" and df_left > 0:
        scale = float((weights * (y - x @ beta) ** 2).sum()) / df_left
        if scale > TINY:  # studies that agree to the last digit say nothing of how far they scatter
            covariance, df = covariance * scale, float(df_left)
    error = np.sqrt(np.diag(covariance))
    times = critical(level, df, "t" if df else "normal")
    q = _q(y, x, v, 0.0)
    low, high = _profile(y, x, v, level) if between != "fixed" and df_left > 0 else (None, None)
    typical = _typical(x, v, df_left)
    shared = moderators is None and between != "fixed"
    half = times * math.sqrt(float(covariance[0, 0]) + tau2)
    return Average(
        values=beta,
        std_errors=error,
        conf_low=beta - times * error,
        conf_high=beta + times * error,
        p_values=np.array(
            [two_sided_p(b, e, df, "t" if df else "normal") for b, e in zip(beta, error, strict=True)]
        ),
        df=df,
        studies=len(y),
        tau2=tau2,
        tau2_low=low,
        tau2_high=high,
        q=q,
        q_df=df_left,
        q_p=float(chdtrc(df_left, q)) if df_left > 0 else 1.0,
        i2=_share(tau2, typical, q, df_left, between),
        predicted=(float(beta[0]) - half, float(beta[0]) + half) if shared else None,
    )


def _refuse(y: Array, v: Array, x: Array, between: Between) -> None:
    if not (np.isfinite(y).all() and np.isfinite(v).all() and np.isfinite(x).all()):
        problem = "effects, variances and moderators must be finite numbers"
    elif (v <= 0).any():
        problem = "every variance must be above 0"
    elif len(y) < (1 if between == "fixed" else 2):
        problem = "an average over studies needs at least two"
    elif np.linalg.matrix_rank(x) < x.shape[1]:
        problem = "there are too few studies for so many moderators, or one moderator is told by the others"
    else:
        return
    raise ValueError(problem)


def _weighted(y: Array, x: Array, weights: Array) -> tuple[Array, Array]:
    covariance = np.linalg.inv((x * weights[:, None]).T @ x).astype(np.float64)
    return covariance @ (x.T @ (weights * y)), covariance


def _q(y: Array, x: Array, v: Array, tau2: float) -> float:
    weights = 1 / (v + tau2)
    beta, _ = _weighted(y, x, weights)
    return float((weights * (y - x @ beta) ** 2).sum())


def _between(y: Array, x: Array, v: Array, rule: Between) -> float:
    left = len(y) - x.shape[1]
    if rule == "fixed" or left <= 0:
        return 0.0
    if rule == "dersimonian-laird":
        w = 1 / v
        _, covariance = _weighted(y, x, w)
        trace = float(w.sum() - np.trace(covariance @ ((x * (w**2)[:, None]).T @ x)))
        return float(max(0.0, (_q(y, x, v, 0.0) - left) / trace))
    if rule == "paule-mandel":
        return _where(lambda t: _q(y, x, v, t) - left, v, y)
    try:
        return float(fit_reml(y, x, v, (np.eye(len(y)),)).variances[0])
    except NoFit:  # the likelihood is flat: the moment estimator needs no climbing
        return _where(lambda t: _q(y, x, v, t) - left, v, y)


def _where(falls: Callable[[float], float], v: Array, y: Array) -> float:
    """Where a falling function of the variance crosses zero; 0 where it is below already."""
    if falls(0.0) <= 0:
        return 0.0
    top = max(float(np.var(y)), float(v.max()), TINY)
    while falls(top) > 0:
        top *= 4
    return float(brentq(falls, 0.0, top, xtol=TINY * top, rtol=1e-14))


def _profile(y: Array, x: Array, v: Array, level: float) -> tuple[float, float]:
    """Q-profile interval: the variances at which Q is at the tails of its distribution."""
    left, tail = len(y) - x.shape[1], (1 - level) / 2
    ends = [float(chdtri(left, p)) for p in (tail, 1 - tail)]
    low, high = (_where(lambda t, end=end: _q(y, x, v, t) - end, v, y) for end in ends)  # type: ignore[misc]
    return low, high


def _share(tau2: float, typical: float, q: float, left: int, between: Between) -> float:
    """Spread that is not sampling error, of all of it; from Q where no variance between was estimated."""
    if between != "fixed":
        return tau2 / (tau2 + typical) if typical > 0 else 0.0
    return max(0.0, (q - left) / q) if q > 0 else 0.0


def _typical(x: Array, v: Array, left: int) -> float:
    """The sampling variance of a typical study (Higgins and Thompson 2002, with moderators as in Viechtbauer 2010)."""
    if left <= 0:
        return 0.0
    w = np.diag(1 / v)
    projection = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    return left / float(np.trace(projection))
