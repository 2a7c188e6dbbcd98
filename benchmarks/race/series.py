"""Interrupted time series of thousands of areas at once, beside a loop of statsmodels fits.

Made-up monthly series of ten years, a programme after seven: segmented regression with two harmonics, Newey-West
errors (five lags) of the average effect over the window. ``plain`` is what statsmodels gives (sandwich's ``adjust =
TRUE``); ``corrected`` is what plans use by default, for which there is no peer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.panels.axis import PeriodAxis, axis_of
from evaluation.series.layout import lay_out
from evaluation.series.many import many_effects
from evaluation.series.settings import SeriesSettings

Array = npt.NDArray[np.float64]
Work = Callable[[], dict[str, Any]]
PERIODS, START, LAG = 120, 84, 5


def made_up(series: int, seed: int = 1) -> Array:
    """Counts of areas of all sizes, with season, drift and no effect."""
    draw, t = np.random.default_rng(seed), np.arange(PERIODS)
    size = np.exp(draw.normal(3, 0.8, (series, 1)))
    rate = size * np.exp(0.2 * np.sin(t / 12 * 2 * math.pi) + 0.1 * draw.normal(size=(series, PERIODS)))
    return draw.poisson(rate).astype(np.float64) + 1.0


def axis() -> PeriodAxis:
    """Ten years of months."""
    return axis_of(pl.Series([f"{2014 + m // 12}-{m % 12 + 1:02d}" for m in range(PERIODS)]))


def make(rows: int, folder: Path) -> None:
    """Rows / 120 series, and the columns of the model with and without the programme."""
    grid = axis()
    layout = lay_out(SeriesSettings(start=grid.labels[START]), grid, np.ones(PERIODS, dtype=np.bool_))
    columns, without = layout.columns, layout.without[layout.window]
    window = layout.columns[layout.window]
    y = made_up(rows // PERIODS)
    np.savez(folder / "series.npz", y=y, columns=columns, window=window, without=without)


def _prepared(errors: str, counts: bool, folder: Path) -> Work:
    grid = axis()
    settings = SeriesSettings(start=grid.labels[START], errors=errors)  # type: ignore[arg-type]
    y = np.load(folder / "series.npz")["y"]
    many_effects(y[:2], settings, grid, LAG, counts=counts)

    def work() -> dict[str, Any]:
        found = many_effects(y, settings, grid, LAG, counts=counts)
        return {"found": {"value": float(found.value.sum()), "std_error": float(found.std_error.sum())}}

    return work


def plain(rows: int, folder: Path) -> Work:
    """Least squares, Newey and West's errors as statsmodels gives them."""
    return _prepared("plain", False, folder)


def corrected(rows: int, folder: Path) -> Work:
    """Least squares, errors corrected for short series."""
    return _prepared("newey-west", False, folder)


def plain_counts(rows: int, folder: Path) -> Work:
    """Poisson, Newey and West's errors as statsmodels gives them."""
    return _prepared("plain", True, folder)


def corrected_counts(rows: int, folder: Path) -> Work:
    """Poisson, errors corrected for short series."""
    return _prepared("newey-west", True, folder)
