"""Doubts about a series' residuals: likeness in time, season left over, a trend that bends (pure).

Source: Breusch (1978) and Godfrey (1978); Durbin and Watson (1950).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from evaluation.regression.linear import Array, independent_columns
from evaluation.series.fits import Fits


@dataclass(frozen=True, slots=True)
class Test:
    """A statistic, its degrees of freedom (the second 0 for a chi-square) and its p-value."""

    statistic: float
    df: tuple[float, float]
    p_value: float


def breusch_godfrey(fit: Fits, lags: int) -> Test:
    """N R-squared of the residuals on the design and ``lags`` earlier ones (nought before the first, in gaps)."""
    e, rows, times = fit.residual[0], fit.rows[0], fit.times
    on_grid = np.zeros(int(times[-1]) + 1)
    on_grid[times] = e
    back = np.column_stack(
        [np.where(times >= lag, on_grid[np.maximum(times - lag, 0)], 0.0) for lag in range(1, lags + 1)]
    )
    full = np.column_stack([rows, back])
    left = e - full @ np.linalg.lstsq(full, e, rcond=None)[0]
    total = float(e @ e)
    statistic = len(e) * (1 - float(left @ left) / total) if total > 0 else 0.0
    return Test(statistic, (float(lags), 0.0), float(chdtrc(lags, statistic)))


def durbin_watson(fit: Fits) -> float:
    """Squared steps of neighbouring residuals over their squares: 2 where they are unlike, towards 0 where alike."""
    e = fit.residual[0]
    near = np.diff(fit.times) == 1
    return float((np.diff(e)[near] ** 2).sum() / (e**2).sum()) if (e**2).sum() > 0 else 2.0


def added_columns(fit: Fits, columns: Array) -> Test | None:
    """F test that ``columns`` (T, m) add nothing to a fit, on its weighted scale; nothing where none is independent."""
    rows, e = fit.rows[0], fit.residual[0]
    weight = np.linalg.norm(rows, axis=1) / np.maximum(np.linalg.norm(fit.design, axis=1), 1e-300)
    extra = columns * weight[:, None]
    names = tuple(str(j) for j in range(rows.shape[1] + extra.shape[1]))
    full, kept = independent_columns(np.column_stack([rows, extra]), names)
    more = len(kept) - rows.shape[1]
    spare = len(e) - len(kept)
    if more < 1 or spare < 2:
        return None
    left = e - full @ np.linalg.lstsq(full, e, rcond=None)[0]
    without, with_ = float(e @ e), float(left @ left)
    if with_ <= 0:
        return None
    statistic = max((without - with_) / more / (with_ / spare), 0.0)
    return Test(statistic, (float(more), float(spare)), float(fdtrc(more, spare, statistic)))


def season_left(fit: Fits, period: int) -> Test | None:
    """Whether calendar periods still differ."""
    place = fit.times % period
    return added_columns(fit, (place[:, None] == np.arange(1, period)[None, :]).astype(np.float64))
