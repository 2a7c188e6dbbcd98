"""Regression with ARIMA errors, as another look at the same question; statsmodels fits (pure).

Source: Box and Jenkins (1970); Hurvich and Tsai (1989) for the corrected information criterion. Errors are from the
numerical information (``approx``): statsmodels' default is up to a third off R's with as few periods as are usual.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array

ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0))
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Arima:
    """A contrast under ARIMA errors: its value, error, order (p, d, q) and residual degrees of freedom."""

    value: float
    std_error: float
    order: tuple[int, int, int]
    df: float
    coefficients: Array

    @property
    def name(self) -> str:
        """The line's name in a report."""
        return f"ARIMA({self.order[0]},{self.order[1]},{self.order[2]}) errors"


def arima_fit(y: Array, design: Array, contrast: Array, order: tuple[int, int, int]) -> tuple[Arima, float] | None:
    """One order, with its AICc. ``y`` (T,) is on the grid, not-a-number where missing; nothing where it does not fit.

    With d = 1 the constant and whatever is constant after differencing are dropped by the differencing.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    p, d, q = order
    columns = [j for j in range(design.shape[1]) if not (d and np.ptp(design[:, j]) == 0)]
    scale = np.maximum(np.abs(design[:, columns]).max(axis=0), 1e-12)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = SARIMAX(y, exog=design[:, columns] / scale, order=order, trend="n")
            # Two climbs: the second starts where the first one stopped, and gets past flat stretches.
            first = model.fit(disp=False, maxiter=200, cov_type="none")
            fit = model.fit(first.params, disp=False, maxiter=200, method="nm", cov_type="none")
            best = fit if fit.llf > first.llf else first
            fit = model.fit(best.params, disp=False, maxiter=100, cov_type="approx")
    except (ValueError, np.linalg.LinAlgError):
        return None
    k = len(columns)
    beta = np.zeros(design.shape[1])
    beta[columns] = np.asarray(fit.params)[:k] / scale
    covariance = np.asarray(fit.cov_params())[:k, :k] / np.outer(scale, scale)
    turned = contrast[columns]
    variance = float(turned @ covariance @ turned)
    n, free = int(np.isfinite(y).sum()) - d, k + p + q + 1
    if not (math.isfinite(variance) and variance > 0) or n - free - 1 <= 0:
        return None
    aicc = -2 * float(fit.llf) + 2 * free + 2 * free * (free + 1) / (n - free - 1)
    value = float(turned @ beta[columns])
    return Arima(value, math.sqrt(variance), order, float(n - free), beta), aicc


def best_arima(y: Array, design: Array, contrast: Array) -> Arima | None:
    """The order without differencing whose AICc is smallest."""
    if int(np.isfinite(y).sum()) < FEWEST:
        return None
    found = [fit for p, q in ORDERS if (fit := arima_fit(y, design, contrast, (p, 0, q))) is not None]
    return min(found, key=lambda pair: pair[1])[0] if found else None


def drifting_level(y: Array, design: Array, contrast: Array) -> Arima | None:
    """A level that wanders, ARIMA(0,1,1) errors: what a straight line as what-if may hide."""
    if int(np.isfinite(y).sum()) < FEWEST:
        return None
    found = arima_fit(y, design, contrast, (0, 1, 1))
    return found[0] if found else None
