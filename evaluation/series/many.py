"""Thousands of series on one plan at once: each its own trend, season and effect (pure).

Series seen in the same periods share one design, so that the work is a few products of matrices. Each effect equals
that of the series on its own. A series that cannot be fitted (no maximum, too short) has not-a-number and says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, stdtr, stdtrit

from evaluation.panels.axis import PeriodAxis
from evaluation.regression.linear import Array, NotIdentified
from evaluation.series.errors import influence, spread_of
from evaluation.series.fits import Fits, fit_gaussian, fit_poisson
from evaluation.series.joint import Joint
from evaluation.series.layout import Layout, lay_out
from evaluation.series.settings import SeriesSettings

FEWEST_SPARE = 3
PIECE = 250  # series at a time, so that memory stays a small multiple of the panel


@dataclass(frozen=True, slots=True)
class ManyEffects:
    """Effects of S series (log ratios for counts): all (S,); ``fitted`` is False where there is none."""

    value: Array
    std_error: Array
    df: Array
    rho: Array
    periods: npt.NDArray[np.int64]
    fitted: npt.NDArray[np.bool_]

    def interval(self, alpha: float) -> tuple[Array, Array]:
        """Ends of each interval."""
        half = stdtrit(self.df, 1 - alpha / 2) * self.std_error
        return self.value - half, self.value + half

    def p_values(self) -> Array:
        """Two-sided p-value of each effect."""
        return np.asarray(2 * stdtr(self.df, -np.abs(self.value / self.std_error)))


def many_effects(
    y: Array,
    settings: SeriesSettings,
    axis: PeriodAxis,
    lag: int,
    *,
    counts: bool,
    exposure: Array | None = None,
) -> ManyEffects:
    """The planned effect of every row of ``y`` (S, T), not-a-number where not seen; ``exposure`` alike for counts.

    Raises OutsideTheSeries where the plan's periods do not fit the axis.
    """
    seen = np.isfinite(y) if exposure is None else np.isfinite(y) & (exposure > 0)
    out = np.full((4, len(y)), np.nan)
    periods = np.zeros(len(y), dtype=np.int64)
    fitted = np.zeros(len(y), dtype=np.bool_)
    patterns, which = np.unique(np.packbits(seen, axis=1), axis=0, return_inverse=True)
    for pattern in range(len(patterns)):
        rows = np.flatnonzero(which.ravel() == pattern)
        try:
            layout = lay_out(settings, axis, seen[rows[0]])
        except NotIdentified:
            continue
        used = layout.used
        if int(used.sum()) - len(layout.names) < FEWEST_SPARE:
            continue
        size = PIECE if counts else 8 * PIECE  # log-linear fits have weights, and so a design, of their own
        for at in range(0, len(rows), size):
            part = rows[at : at + size]
            out[:, part], fitted[part] = _piece(y, exposure, part, layout, settings, lag, counts=counts)
        periods[rows] = int(used.sum())
    return ManyEffects(out[0], out[1], out[2], out[3], periods, fitted)


def _piece(
    y: Array,
    exposure: Array | None,
    rows: npt.NDArray[np.int64],
    layout: Layout,
    settings: SeriesSettings,
    lag: int,
    *,
    counts: bool,
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Value, error, degrees of freedom and likeness of some series (4, S), and which were fitted."""
    fits = _fits(y, exposure, rows, layout, counts=counts)
    shift = None if exposure is None else np.log(exposure[rows][:, layout.window])
    value, contrast = _contrast(fits, layout, settings.target, shift)
    found = spread_of(fits, contrast, settings.errors, lag)
    sound = fits.sound & (found.variance > 0) & np.isfinite(found.variance)
    numbers = np.stack([value, np.sqrt(found.variance), found.df, found.rho])
    return np.where(sound, numbers, np.nan), sound


def _fits(
    y: Array, exposure: Array | None, rows: npt.NDArray[np.int64], layout: Layout, *, counts: bool
) -> Fits:
    used = layout.used
    outcome, design = y[rows][:, used], layout.columns[used]
    if not counts:
        return fit_gaussian(outcome, design, layout.times)
    offset = None if exposure is None else np.log(exposure[rows][:, used])
    return fit_poisson(outcome, design, layout.times, offset)


def _contrast(fits: Fits, layout: Layout, target: str, shift: Array | None) -> tuple[Array, Array]:
    """Values (S,) and contrasts (S or 1, k)."""
    if target != "average":
        column = layout.contrast(target)
        return fits.beta @ column, column[None]
    with_, without = layout.columns[layout.window], layout.without[layout.window]
    if not fits.log_link:
        mean = (with_ - without).mean(axis=0)
        return fits.beta @ mean, mean[None]
    move = 0.0 if shift is None else shift
    with np.errstate(over="ignore", invalid="ignore"):
        actual, expected = np.exp(fits.beta @ with_.T + move), np.exp(fits.beta @ without.T + move)
        totals = actual.sum(axis=1, keepdims=True), expected.sum(axis=1, keepdims=True)
        value = np.log(totals[0]) - np.log(totals[1])
        return value[:, 0], (actual / totals[0]) @ with_ - (expected / totals[1]) @ without


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of effects that differ between series, its error, and how much they differ (tau; p that they do not)."""

    value: float
    std_error: float
    tau: float
    p_value: float
    series: int


def pooled(effects: ManyEffects) -> Pooled | None:
    """Random-effects mean by inverse variance (DerSimonian and Laird 1986), error by Knapp and Hartung (2003)."""
    value, variance = effects.value[effects.fitted], effects.std_error[effects.fitted] ** 2
    count = len(value)
    if count < 2:
        return None
    w = 1 / variance
    fixed = float((w * value).sum() / w.sum())
    q = float((w * (value - fixed) ** 2).sum())
    tau2 = max(0.0, (q - (count - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (variance + tau2)
    mean = float((w * value).sum() / w.sum())
    raised = max(1.0, float((w * (value - mean) ** 2).sum()) / (count - 1))
    return Pooled(
        mean, math.sqrt(raised / float(w.sum())), math.sqrt(tau2), float(chdtrc(count - 1, q)), count
    )


def clustered_error(joint: Joint, direction: Array, units: Array, exposure: Array | None) -> float:
    """Error of an effect on the sum (or mean) of series if series, not periods, are independent: G / (G - 1).

    For counts each series keeps its share of the total throughout (its own intercept in a stacked model); else its
    own mean. Nothing (0) where a series was not seen throughout.
    """
    layout, fit = joint.layout, joint.arms[0].fit
    y = units[:, layout.used]
    if not np.isfinite(y).all():
        return 0.0
    a = influence(fit, direction)[0]
    count = len(y)
    if joint.log_link:
        mu = fit.mu[0]
        part = np.full_like(y, 1.0) if exposure is None else exposure[:, layout.used]
        part = part / part.sum(axis=0)
        own = y.sum(axis=1, keepdims=True) / np.maximum((part * mu).sum(axis=1, keepdims=True), 1e-300)
        share = part * own / np.maximum((part * own).sum(axis=0), 1e-300)
        scores = ((y - share * mu) * (a / np.sqrt(mu))).sum(axis=1)
    else:
        line = fit.mu[0] - fit.mu[0].mean()
        scores = ((y - y.mean(axis=1, keepdims=True) - line) * a).sum(axis=1) / count
    return math.sqrt(count / (count - 1) * float((scores**2).sum()))
