"""Errors of series that allow for likeness in time: Newey-West with stated lags, and what short series do to it (pure).

Newey-West's errors are too small in short series, the more so the more neighbouring periods are alike. Here the
variance is raised by what it would miss, and given the degrees of freedom it would have, if residuals followed a
first-order autoregression whose strength restricted likelihood takes from the series itself (as Bell and McCaffrey do
for clusters). Where the truth is another, the lags still do what they can.
Source: Newey and West (1987, 1994); Bell and McCaffrey (2002); Imbens and Kolesár (2016); Cheang and Reinsel (2000) for
the restricted likelihood; Datta and Du (2012) for periods that are missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array
from evaluation.series.fits import Fits, Places

GRID = np.round(np.arange(-0.6, 0.981, 0.04), 2)  # strengths of likeness that are tried
FEWEST_DF = 1.0
AT_ONCE = 16  # series whose (T, T) matrices are held at a time


@dataclass(frozen=True, slots=True)
class Spread:
    """Variances of one contrast of S series, on its own scale, with their degrees of freedom; all (S,)."""

    variance: Array
    df: Array
    rho: Array


def lag_rule(periods: int) -> int:
    """Lags where the plan names none: 1.3 times the root of the number of periods, rounded up; at most half of them.

    Source: Lazarus, Lewis, Stock and Watson (2018), whose rule goes with few degrees of freedom, as they are used here.
    """
    return max(1, min(math.ceil(1.3 * math.sqrt(periods)), periods // 2))


def shorter_lag_rule(periods: int) -> int:
    """The rule of many textbooks, 4 (n / 100)^(2/9), rounded up: narrower, and too narrow where memory is long.

    Source: Newey and West (1994).
    """
    return max(1, math.ceil(4 * math.pow(periods / 100, 2 / 9)))


def influence(fits: Fits, contrast: Array) -> Array:
    """How much each period's residual moves a contrast (S or 1, k) of the coefficients: (S or 1, T)."""
    direction = np.einsum("sij,sj->si", *_alike(fits.bread, np.atleast_2d(contrast)))
    return np.asarray(np.einsum("stk,sk->st", *_alike(fits.rows, direction)))


def _alike(left: Array, right: Array) -> tuple[Array, Array]:
    """Two stacks of one length, a stack of one repeated where the other is longer."""
    count = max(len(left), len(right))
    return (
        np.broadcast_to(left, (count, *left.shape[1:])),
        np.broadcast_to(right, (count, *right.shape[1:])),
    )


def model_variance(fits: Fits, contrast: Array) -> Array:
    """Variance of a contrast if residuals are independent: the model's own times the dispersion."""
    c = np.atleast_2d(contrast)
    bread, c = _alike(fits.bread, c)
    return np.asarray(np.einsum("si,sij,sj->s", c, bread, c, optimize=True) * fits.scale)


def pairs(times: Places, lag: int) -> list[tuple[Places, Places, float]]:
    """Periods that lie 1, 2 ... ``lag`` apart on the grid, with Bartlett's weight; gaps break no distance."""
    found = []
    for apart in range(1, lag + 1):
        at = np.searchsorted(times, times + apart)
        at = np.minimum(at, len(times) - 1)
        later = np.flatnonzero(times[at] == times + apart)
        found.append((later, at[later], 1 - apart / (lag + 1)))
    return found


def newey_west(scores: Array, times: Places, lag: int) -> Array:
    """Sum of scores (S, T) times their neighbours': the variance of their total, without a small-sample factor."""
    total = (scores**2).sum(axis=1)
    for early, late, weight in pairs(times, lag):
        total = total + 2 * weight * (scores[:, early] * scores[:, late]).sum(axis=1)
    return np.asarray(np.maximum(total, 0.0))


def plain_spread(fits: Fits, contrast: Array, lag: int) -> Spread:
    """Newey-West with n / (n - k) and n - k degrees of freedom, as is usual."""
    n, k = fits.design.shape
    variance = newey_west(influence(fits, contrast) * fits.residual, fits.times, lag) * n / (n - k)
    freedom = np.full(len(variance), float(n - k))
    return Spread(variance, freedom, np.full(len(variance), np.nan))


def model_spread(fits: Fits, contrast: Array) -> Spread:
    """As if residuals were independent, n - k degrees of freedom."""
    variance = model_variance(fits, contrast)
    return Spread(variance, np.full(len(variance), float(fits.df)), np.full(len(variance), np.nan))


def likeness(fits: Fits) -> Array:
    """Strength of a first-order autoregression of the residuals, by restricted likelihood, (S,)."""
    sums = _lagged_sums(fits)
    heights = np.stack([_restricted(sums, float(rho), *fits.design.shape) for rho in GRID])
    best = heights.argmax(axis=0)
    inner = np.clip(best, 1, len(GRID) - 2)
    s = np.arange(heights.shape[1])
    low, mid, high = heights[inner - 1, s], heights[inner, s], heights[inner + 1, s]
    bend = low - 2 * mid + high
    shift = np.where((bend < 0) & (best == inner), 0.5 * (low - high) / np.where(bend < 0, bend, -1.0), 0.0)
    return np.asarray(GRID[best] + np.clip(shift, -1, 1) * (GRID[1] - GRID[0]))


Products = tuple[
    Array, Array, Array
]  # of rows with rows, of rows with residuals, of residuals with residuals


def _lagged_sums(fits: Fits) -> tuple[Products, dict[int, tuple[int, Products, Products, Products]]]:
    """Products of the first period; and by the distance of two neighbours: of later, of both, of earlier ones."""
    rows, e = fits.rows, fits.residual
    steps = np.diff(fits.times)

    def products(one: Places, other: Places) -> Products:
        turned = np.swapaxes(rows[:, one], 1, 2)
        return (
            turned @ rows[:, other],
            e[:, other] @ rows[0, one] if len(rows) == 1 else (turned @ e[:, other, None])[:, :, 0],
            (e[:, one] * e[:, other]).sum(axis=1),
        )

    def both(one: Places, other: Places) -> Products:
        there, back = products(one, other), products(other, one)
        return there[0] + back[0], there[1] + back[1], there[2] + back[2]

    first = np.zeros(1, dtype=np.int64)
    found = {}
    for step in np.unique(steps):
        later = np.flatnonzero(steps == step) + 1
        found[int(step)] = (
            len(later),
            products(later, later),
            both(later, later - 1),
            products(later - 1, later - 1),
        )
    return products(first, first), found


def _restricted(
    sums: tuple[Products, dict[int, tuple[int, Products, Products, Products]]], rho: float, n: int, k: int
) -> Array:
    """Restricted log likelihood of the residuals at one strength, of each series.

    A period less rho^d times its neighbour d earlier, over the root of 1 - rho^(2d), is unrelated to it: sums of
    squares and products of such rows are those of the rows themselves, weighted.
    """
    first, by_step = sums
    cross, slope, total = (np.array(part) for part in first)
    spare = 0.0
    for step, (count, later, both, earlier) in by_step.items():
        back = rho**step
        left = 1 - back * back
        spare += count * math.log(left)
        cross = cross + (later[0] - back * both[0] + back * back * earlier[0]) / left
        slope = slope + (later[1] - back * both[1] + back * back * earlier[1]) / left
        total = total + (later[2] - back * both[2] + back * back * earlier[2]) / left
    explained = (slope * np.linalg.solve(cross, slope[:, :, None])[:, :, 0]).sum(axis=1)
    rest = np.maximum(total - explained, 1e-300)
    return np.asarray(-0.5 * ((n - k) * np.log(rest) + spare + np.linalg.slogdet(cross)[1]))


def correlation(times: Places, rho: float) -> Array:
    """Correlations of a first-order autoregression at its places in time (T, T)."""
    apart = np.abs(times[:, None] - times[None, :])
    steps = np.zeros(int(apart.max(initial=0)) + 1)
    steps[0] = 1.0
    steps[1:] = rho
    return np.asarray(np.cumprod(steps)[apart])


def residual_covariance(rows: Array, bread: Array, alike: Array) -> Array:
    """Covariance (T, T) of the residuals of a fit whose errors have covariance ``alike``."""
    half = rows @ bread
    moved = half @ (rows.T @ alike)
    return np.asarray(alike - moved - moved.T + half @ (rows.T @ alike @ rows) @ half.T)


def bartlett(times: Places, lag: int) -> Array:
    """Bartlett's weights of every two periods (T, T)."""
    return np.asarray(np.maximum(1 - np.abs(times[:, None] - times[None, :]) / (lag + 1), 0.0))


def small_sample(a: Array, rows: Array, bread: Array, weights: Array, alike: Array) -> tuple[float, float]:
    """What Newey-West's variance of one contrast must be raised by, and its degrees of freedom, if errors were so.

    ``a`` (T,) is the contrast's influence, ``weights`` Bartlett's, ``alike`` the covariance of the errors. The estimate
    is a quadratic form in the residuals: its mean against a'(alike)a gives the factor, twice its squared mean over its
    variance the degrees of freedom.
    """
    product = weights @ (residual_covariance(rows, bread, alike) * (a[:, None] * a[None, :]))
    return moments(float(a @ alike @ a), float(np.trace(product)), float((product * product.T).sum()))


def moments(truth: float, mean: float, square: float) -> tuple[float, float]:
    """Factor and degrees of freedom from the true variance, the estimate's mean and half its variance."""
    if mean <= 0 or square <= 0 or truth <= 0:
        return math.inf, FEWEST_DF
    return truth / mean, max(mean * mean / square, FEWEST_DF)


def small_samples(a: Array, rows: Array, bread: Array, times: Places, lag: int, rho: Array) -> Array:
    """As :func:`small_sample` for every series under an autoregression of its own strength: (S, 2).

    Bartlett's weights are those of moving sums compared with themselves, so all that is needed of a series' (T, T)
    matrix are its moving sums both ways.
    """
    parts = [slice(at, at + AT_ONCE) for at in range(0, len(rho), AT_ONCE)]
    return np.concatenate([_small_samples(a[p], rows[p], bread[p], times, lag, rho[p]) for p in parts])


def _small_samples(a: Array, rows: Array, bread: Array, times: Places, lag: int, rho: Array) -> Array:
    place = times - times[0]
    length = int(place[-1]) + 1
    alike = (rho[:, None] ** np.arange(length))[:, np.abs(place[:, None] - place[None, :])]
    truth = (a * (alike @ a[:, :, None])[:, :, 0]).sum(axis=1)
    half, left, turned = rows @ bread, alike @ rows, np.swapaxes(rows, 1, 2)
    moved = half @ np.swapaxes(left, 1, 2)
    whole = alike - moved - np.swapaxes(moved, 1, 2) + half @ (turned @ left) @ np.swapaxes(half, 1, 2)
    whole *= a[:, :, None] * a[:, None, :]
    if length > len(times):  # periods that were not seen say nothing, and count as time
        grid = np.zeros((len(a), length, length))
        grid[:, place[:, None], place[None, :]] = whole
        whole = grid
    sums = _moving(_moving(whole, 1, lag), 2, lag)
    mean = np.trace(sums, axis1=1, axis2=2) / (lag + 1)
    square = (sums**2).sum(axis=(1, 2)) / (lag + 1) ** 2
    return np.array([moments(*map(float, each)) for each in zip(truth, mean, square, strict=True)])


def _moving(x: Array, axis: int, lag: int) -> Array:
    """Sums over lag + 1 neighbours along an axis, the ends included."""
    wide = [(0, 0)] * x.ndim
    wide[axis] = (lag + 1, lag)
    total = np.moveaxis(np.cumsum(np.pad(x, wide), axis=axis), axis, 0)
    return np.asarray(np.moveaxis(total[lag + 1 :] - total[: -lag - 1], 0, axis))


def robust_spread(fits: Fits, contrast: Array, lag: int) -> Spread:
    """Newey-West raised and given degrees of freedom by what short series do to it (see the module)."""
    a = influence(fits, contrast)
    variance = newey_west(a * fits.residual, fits.times, lag)
    rho = likeness(fits)
    shared = len(fits.rows) == 1 and len(a) == 1 and len(rho) > len(GRID)
    asked = GRID if shared else rho
    rows, bread, move = (_alike(part, asked)[0] for part in (fits.rows, fits.bread, a))
    found = small_samples(move, rows, bread, fits.times, lag, asked)
    if shared:
        factor = np.exp(np.interp(rho, GRID, np.log(found[:, 0])))
        return Spread(variance * factor, np.interp(rho, GRID, found[:, 1]), rho)
    return Spread(variance * found[:, 0], found[:, 1], rho)


def spread_of(fits: Fits, contrast: Array, errors: str, lag: int) -> Spread:
    """The variance of a contrast by the plan's kind of errors."""
    if errors == "model":
        return model_spread(fits, contrast)
    return plain_spread(fits, contrast, lag) if errors == "plain" else robust_spread(fits, contrast, lag)
