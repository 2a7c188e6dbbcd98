"""Averages over effects that depend on one another because a study gave several (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, fdtrc

from evaluation.inference import critical, two_sided_p
from evaluation.regression.linear import Array
from evaluation.synthesis.likelihood import Pooled, fit_reml

NEXT_TO_NOTHING = 1e-10
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Robust:
    """Coefficients with errors that hold whatever the dependence within studies; a df for each (Satterthwaite)."""

    values: Array
    std_errors: Array
    df: Array
    conf_low: Array
    conf_high: Array
    p_values: Array


@dataclass(frozen=True, slots=True)
class DependentAverage:
    """The three-level average: coefficients with t of effects less columns; variances between and within studies.

    ``shares`` are of the whole spread: sampling error, within studies, between studies. ``tests`` are likelihood-ratio
    statistics and p-values of each variance being zero (within, between). ``robust`` is the same average with CR2
    errors by study.
    """

    values: Array
    std_errors: Array
    df: float
    conf_low: Array
    conf_high: Array
    p_values: Array
    effects: int
    studies: int
    within: float
    between: float
    shares: tuple[float, float, float]
    tests: tuple[tuple[float, float], tuple[float, float]]
    robust: Robust
    omnibus: tuple[float, int, float, float] | None
    within_interval: tuple[float, float] | None = None
    between_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    y: Array
    x: Array
    v: Array
    parts: tuple[Array, Array]
    codes: Codes
    level: float


def average_dependent(
    effects: Array,
    variances: Array,
    studies: Sequence[str],
    *,
    moderators: Array | None = None,
    level: float = 0.95,
    profile: bool = False,
) -> DependentAverage:
    """Average effects of which several come from one study.

    Estimand: the mean true effect of studies like these. Model: effects within studies within all studies, by REML
    (Konstantopoulos 2011; Assink and Wibbelink 2016); sampling errors of one study are taken to be independent, and
    ``robust`` repeats the errors without that (CR2; Tipton 2015; Pustejovsky and Tipton 2018). ``profile`` adds
    profile-likelihood intervals of the variances. Raises ValueError as ``average_effects`` does, and for fewer than
    two studies.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    x = np.ones((len(y), 1)) if moderators is None else np.column_stack([np.ones(len(y)), moderators])
    codes = np.unique(np.asarray(studies, dtype=str), return_inverse=True)[1].astype(np.int64)
    if len(np.unique(codes)) < 2 or len(y) <= x.shape[1]:
        problem = "an average over studies needs at least two, and more effects than moderators"
        raise ValueError(problem)
    if not (np.isfinite(y).all() and np.isfinite(x).all() and (v > 0).all() and np.isfinite(v).all()):
        problem = "effects and moderators must be finite numbers, variances above 0"
        raise ValueError(problem)
    same = (codes[:, None] == codes[None, :]).astype(float)
    case = _Case(y, x, v, (np.eye(len(y)), same), codes, level)
    fit = fit_reml(y, x, v, case.parts)
    found = _dressed(case, fit)
    if not profile:
        return found
    return replace(found, within_interval=_profiled(case, fit, 0), between_interval=_profiled(case, fit, 1))


def _dressed(case: _Case, fit: Pooled) -> DependentAverage:
    df = float(len(case.y) - case.x.shape[1])
    error = np.sqrt(np.diag(fit.covariance))
    half = critical(case.level, df, "t") * error
    within, between = float(fit.variances[0]), float(fit.variances[1])
    w = np.diag(1 / case.v)
    projection = w - w @ case.x @ np.linalg.inv(case.x.T @ w @ case.x) @ case.x.T @ w
    typical = df / float(np.trace(projection))
    whole = typical + within + between
    tests = tuple(_ratio_test(case, fit, part) for part in (0, 1))
    return DependentAverage(
        values=fit.coefficients,
        std_errors=error,
        df=df,
        conf_low=fit.coefficients - half,
        conf_high=fit.coefficients + half,
        p_values=np.array([two_sided_p(b, e, df, "t") for b, e in zip(fit.coefficients, error, strict=True)]),
        effects=len(case.y),
        studies=len(np.unique(case.codes)),
        within=within,
        between=between,
        shares=(typical / whole, within / whole, between / whole),
        tests=(tests[0], tests[1]),
        robust=robust_errors(fit, case.y, case.x, case.codes, case.level),
        omnibus=_omnibus(fit, df),
    )


def _omnibus(fit: Pooled, df: float) -> tuple[float, int, float, float] | None:
    """F test that no moderator matters: statistic, its two degrees of freedom, p-value."""
    k = len(fit.coefficients) - 1
    if not k:
        return None
    rest = fit.coefficients[1:]
    statistic = float(rest @ np.linalg.solve(fit.covariance[1:, 1:], rest)) / k
    return statistic, k, df, float(fdtrc(k, df, statistic))


def _ratio_test(case: _Case, fit: Pooled, part: int) -> tuple[float, float]:
    without = fit_reml(case.y, case.x, case.v, case.parts, {part: 0.0})
    statistic = max(0.0, 2 * (fit.log_likelihood - without.log_likelihood))
    return statistic, float(chdtrc(1, statistic))


def _profiled(case: _Case, fit: Pooled, part: int) -> tuple[float, float]:
    """Where the likelihood, the other variance free, has fallen by half the quantile of chi-square."""
    fall = float(chdtri(1, 1 - case.level)) / 2
    best = float(fit.variances[part])

    def beyond(at: float) -> float:
        held = fit_reml(case.y, case.x, case.v, case.parts, {part: at})
        return fit.log_likelihood - held.log_likelihood - fall

    low = 0.0 if beyond(0.0) <= 0 else _crossing(beyond, 0.0, best)
    top = max(2 * best, NEXT_TO_NOTHING)
    while beyond(top) < 0:
        top *= 2
    return low, _crossing(beyond, best, top)


def _crossing(beyond: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(beyond, low, high, xtol=1e-10, rtol=1e-10))


def robust_errors(fit: Pooled, y: Array, x: Array, codes: Codes, level: float) -> Robust:
    """CR2 errors by study with Satterthwaite's degrees of freedom, the model's covariance as the working one.

    Source: Bell and McCaffrey (2002); Pustejovsky and Tipton (2018), weights being the inverse of that covariance.
    """
    phi, bread = fit.marginal, fit.covariance
    rest = y - x @ fit.coefficients
    groups = [np.flatnonzero(codes == g).astype(np.int64) for g in np.unique(codes)]
    k = x.shape[1]
    meat = np.zeros((k, k))
    turned: list[Array] = []
    for rows in groups:
        block, own = phi[np.ix_(rows, rows)], x[rows]
        root = np.linalg.cholesky(block)
        inner = root.T @ (block - own @ bread @ own.T) @ root
        values, vectors = np.linalg.eigh(inner)
        kept = values > NEXT_TO_NOTHING * max(1.0, float(values.max()))
        half = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
        adjusted = root @ half @ root.T  # symmetric square root of the inverse, in the block's own units
        weighted = own.T @ np.linalg.solve(block, adjusted)
        score = weighted @ rest[rows]
        meat += np.outer(score, score)
        turned.append(weighted)
    covariance = bread @ meat @ bread
    error = np.sqrt(np.diag(covariance))
    df = _satterthwaite(fit, x, groups, turned)
    times = np.array([critical(level, d, "t") for d in df])
    return Robust(
        fit.coefficients,
        error,
        df,
        fit.coefficients - times * error,
        fit.coefficients + times * error,
        np.array([two_sided_p(b, e, d, "t") for b, e, d in zip(fit.coefficients, error, df, strict=True)]),
    )


def _satterthwaite(fit: Pooled, x: Array, groups: list[Codes], turned: list[Array]) -> Array:
    """Twice the squared mean of each variance estimate over its variance, under the working model."""
    phi, bread = fit.marginal, fit.covariance
    residual = np.eye(len(x)) - x @ bread @ np.linalg.solve(phi, x).T
    found = []
    for place in range(x.shape[1]):
        rows = np.array([(bread[place] @ t) @ residual[g] for g, t in zip(groups, turned, strict=True)])
        between = rows @ phi @ rows.T
        found.append(float(np.trace(between) ** 2 / (between**2).sum()))
    return np.array(found)
