"""Regression with ARIMA errors, as another look at the same question; statsmodels fits (pure).

Source: Box and Jenkins (1970); Hurvich and Tsai (1989) for the corrected information criterion. Errors are from the
numerical information (``approx``): statsmodels' default is up to a third off R's with as few periods as are usual.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.regression.linear import Array

ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0))
FEWEST = 30
Order = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Arima:
    """A contrast under ARIMA errors: its value, error, order (p, d, q) and residual degrees of freedom."""

    value: float
    std_error: float
    order: Order
    df: float

    @property
    def name(self) -> str:
        """The line's name in a report."""
        return f"ARIMA({self.order[0]},{self.order[1]},{self.order[2]}) errors"


def best_arima(y: Array, design: Array, contrast: Array) -> Arima | None:
    """The order without differencing whose AICc is smallest. ``y`` (T,) is not-a-number where missing."""
    n = int(np.isfinite(y).sum())
    if n < FEWEST:
        return None
    found: list[tuple[float, Order]] = []
    for p, q in ORDERS:
        fit = _climbed(y, design, (p, 0, q))
        free = design.shape[1] + p + q + 1
        if fit is not None and n - free - 1 > 0:
            aicc = -2 * float(fit.llf) + 2 * free + 2 * free * (free + 1) / (n - free - 1)
            found.append((aicc, (p, 0, q)))
    return arima_fit(y, design, contrast, min(found)[1]) if found else None


def drifting_level(y: Array, design: Array, contrast: Array) -> Arima | None:
    """A level that wanders, ARIMA(0,1,1) errors: what a straight line as what-if may hide."""
    return arima_fit(y, design, contrast, (0, 1, 1)) if int(np.isfinite(y).sum()) >= FEWEST else None


def arima_fit(y: Array, design: Array, contrast: Array, order: Order) -> Arima | None:
    """One order, climbed twice and with its errors; nothing where it does not fit."""
    fit = _climbed(y, design, order, polished=True)
    if fit is None:
        return None
    columns, scale = _kept(design, order)
    k = len(columns)
    covariance = np.asarray(fit.cov_params())[:k, :k]
    turned = contrast[columns] / scale
    variance = float(turned @ covariance @ turned)
    df = float(np.isfinite(y).sum()) - order[1] - (k + order[0] + order[2] + 1)
    if not (math.isfinite(variance) and variance > 0 and df >= 1):
        return None
    return Arima(float(turned @ np.asarray(fit.params)[:k]), math.sqrt(variance), order, df)


def _kept(design: Array, order: Order) -> tuple[list[int], Array]:
    """Columns that differencing leaves, and what they are divided by."""
    columns = [j for j in range(design.shape[1]) if not (order[1] and np.ptp(design[:, j]) == 0)]
    return columns, np.maximum(np.abs(design[:, columns]).max(axis=0), 1e-12)


def _climbed(y: Array, design: Array, order: Order, *, polished: bool = False) -> Any | None:
    """The fitted model; polished, climbed again from where it stopped, past flat stretches, and with its errors."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    columns, scale = _kept(design, order)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = SARIMAX(y, exog=design[:, columns] / scale, order=order, trend="n")
            fit = model.fit(disp=False, maxiter=200, cov_type="none")
            if not polished:
                return fit
            again = model.fit(fit.params, disp=False, maxiter=400, method="nm", cov_type="none")
            best = again if again.llf > fit.llf else fit
            return model.fit(best.params, disp=False, maxiter=200, cov_type="approx")
    except (ValueError, np.linalg.LinAlgError):
        return None
