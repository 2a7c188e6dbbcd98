"""Events of a place on a day: a level for every place, the weekday, and whether it was a treated day (pure).

Counts take a log-linear (Poisson) model, other numbers least squares; the places' levels are taken out, never guessed.
Errors come from the scores, so that they do not rest on Poisson's variance: added up by place, by day, or over
neighbouring days (Newey and West on the days' sums, which Driscoll and Kraay showed to hold whatever places share).
Sources: Hausman, Hall and Griliches (1984); Wooldridge (1999); Driscoll and Kraay (1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.regression.linear import Array, NotIdentified
from evaluation.regression.sums import sums_by

Codes = npt.NDArray[np.int64]
ByWhat = Literal["place", "day", "newey-west"]
TURNS, CLOSE, FARTHEST = 60, 1e-10, 30.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of place and day: ``y``, covariates ``x`` (n, k) with the treated day first, codes of place and of day.

    ``day`` counts days, so that a gap is a gap. ``size`` is exposure, ones if there is none.
    """

    y: Array
    x: Array
    place: Codes
    day: Codes
    size: Array


@dataclass(frozen=True, slots=True)
class Placed:
    """Coefficients of ``x``, what the scores say of their error, and fitted means (0 in places without events)."""

    beta: Array
    bread: Array
    scores: Array
    fitted: Array
    rows: Rows

    def covariance(self, by: ByWhat, lags: int = 0) -> Array:
        """Robust covariance of the coefficients, with G / (G - 1) for G places or days."""
        codes = self.rows.place if by == "place" else self.rows.day
        sums = sums_by(codes - int(codes.min()), self.scores)
        meat = sums.T @ sums
        groups = len(np.unique(codes))
        for lag in range(1, lags + 1 if by == "newey-west" else 1):
            cross = sums[lag:].T @ sums[:-lag]
            meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
        inner = np.linalg.inv(self.bread)
        return np.asarray(inner @ meat @ inner * groups / max(groups - 1, 1))

    def error(self, at: int, by: ByWhat, lags: int = 0) -> float:
        """Standard error of one coefficient."""
        return float(np.sqrt(max(self.covariance(by, lags)[at, at], 0.0)))


def log_linear(rows: Rows) -> Placed:
    """Poisson regression with a level for each place. Raises NotIdentified where the rows cannot tell, or run away."""
    x = _telling(rows.x)
    events = np.bincount(rows.place, weights=rows.y).astype(np.float64)
    live = events[rows.place] > 0
    if not live.any():
        raise NotIdentified
    beta = np.zeros(x.shape[1])
    for _ in range(TURNS):
        mean = _poisson_means(rows, x @ beta, events)
        within = _within(x, rows.place, mean)
        bread = (within * mean[:, None]).T @ within
        step = _solved(bread, within.T @ (rows.y - mean))
        beta = beta + np.clip(step, -2, 2)
        if not np.isfinite(beta).all() or np.abs(beta).max(initial=0) > FARTHEST:
            raise NotIdentified
        if np.abs(step).max(initial=0) < CLOSE:
            break
    else:
        raise NotIdentified
    mean = _poisson_means(rows, x @ beta, events)
    within = _within(x, rows.place, mean)
    bread = (within * mean[:, None]).T @ within
    return Placed(beta, bread, within * (rows.y - mean)[:, None], mean, rows)


def linear(rows: Rows) -> Placed:
    """Least squares with a level for each place. Raises NotIdentified where the rows cannot tell."""
    x = _telling(rows.x)
    one = np.ones(len(rows.y))
    within = _within(x, rows.place, one)
    own = _within(rows.y[:, None], rows.place, one)[:, 0]
    bread = within.T @ within
    beta = _solved(bread, within.T @ own)
    left = own - within @ beta
    return Placed(beta, bread, within * left[:, None], rows.y - left, rows)


def _telling(x: Array) -> Array:
    if not len(x) or (x.shape[1] and not float(np.ptp(x[:, 0])) > 0):
        raise NotIdentified
    return x


def _poisson_means(rows: Rows, line: Array, events: Array) -> Array:
    raw = rows.size * np.exp(line)
    below = np.bincount(rows.place, weights=raw, minlength=len(events))
    level = np.divide(events, below, out=np.zeros_like(below), where=below > 0)
    return np.asarray(level[rows.place] * raw)


def _within(x: Array, place: Codes, weight: Array) -> Array:
    """Deviations from the (weighted) mean of the place."""
    below = np.bincount(place, weights=weight)
    found = np.empty_like(x)
    for at, column in enumerate(x.T):
        total = np.bincount(place, weights=weight * column)
        found[:, at] = column - np.divide(total, below, out=np.zeros_like(below), where=below > 0)[place]
    return found


def _solved(bread: Array, right: Array) -> Array:
    if not len(right):
        return right
    scale = np.sqrt(np.diag(bread))
    if not (scale > 0).all():
        raise NotIdentified
    even = bread / np.outer(scale, scale)
    if np.linalg.cond(even) > 1e10:
        raise NotIdentified
    return np.asarray(np.linalg.solve(even, right / scale) / scale)
