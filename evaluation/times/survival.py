"""Kaplan-Meier curves, the log-rank test and restricted mean times, in one pass over sorted times (pure).

Sources: Kaplan and Meier (1958); Greenwood (1926); Mantel (1966); Royston and Parmar (2013) for restricted means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtri

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Times:
    """When people were watched and what ended it.

    Attributes
    ----------
    stop : Array
        Time of the event or of last sight, shape (n,).
    event : Array
        1 where the event ended it, 0 where sight was lost, shape (n,).
    entry : Array or None
        People are at risk after this time only (left truncation); ``None``: from the start. With several rows a
        person it opens each interval: covariates that change over time, and events that come back.
    """

    stop: Array = field(repr=False)
    event: Array = field(repr=False)
    entry: Array | None = field(default=None, repr=False)

    def of(self, rows: npt.NDArray[np.bool_] | Whole) -> Times:
        """The same for some rows."""
        return Times(self.stop[rows], self.event[rows], None if self.entry is None else self.entry[rows])


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve that steps at ``times``: people at risk just before, events, survival after, and its standard error."""

    times: Array
    at_risk: Array
    events: Array
    survival: Array
    std_error: Array

    def at(self, time: float) -> tuple[float, float]:
        """Survival at a time, and its standard error."""
        step = int(np.searchsorted(self.times, time, side="right"))
        return (1.0, 0.0) if step == 0 else (float(self.survival[step - 1]), float(self.std_error[step - 1]))

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Interval on the log scale, as R gives by default, cut at 1; nothing below a survival of nought."""
        with np.errstate(divide="ignore", invalid="ignore"):
            half = float(ndtri(1 - (1 - level) / 2)) * self.std_error / self.survival
            low, high = self.survival * np.exp(-half), np.minimum(self.survival * np.exp(half), 1.0)
        gone = self.survival <= 0
        return np.where(gone, np.nan, low), np.where(gone, np.nan, high)


def tally(places: Whole, values: Array, size: int = 0) -> Array:
    """Sums of ``values`` by place, shape (size,) or as many as there are places."""
    found: Array = np.bincount(places, weights=values, minlength=size).astype(np.float64, copy=False)
    return found


def risk_counts(times: Times, weights: Array | None = None) -> tuple[Array, Array, Array]:
    """Distinct event times, the (weighted) people at risk at each, and the (weighted) events."""
    w = np.ones_like(times.stop) if weights is None else weights
    hit = (times.event == 1) & (w > 0)
    moments = np.unique(times.stop[hit])
    size = len(moments) + 1
    leave = np.searchsorted(moments, times.stop, side="right")
    there = tally(leave, w, size)
    if times.entry is not None:
        join = np.searchsorted(moments, times.entry, side="right")
        there = there - tally(join, w, size)
    at_risk = there[::-1].cumsum()[::-1][1:]
    events = tally(leave[hit] - 1, w[hit], size)[: size - 1]
    return moments, at_risk, events


def kaplan_meier(times: Times, weights: Array | None = None) -> Curve:
    """The share still without the event after each event time, with Greenwood's standard error.

    With weights the error takes them for counts; use :func:`restricted_influence` for what weighted people are worth.
    """
    moments, at_risk, events = risk_counts(times, weights)
    raw = np.cumprod(1 - events / at_risk)
    survival: Array = np.where(raw < 1e-14, 0.0, raw)
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(np.where(left > 1e-12 * at_risk, events / (at_risk * left), 0.0))
    return Curve(moments, at_risk, events, survival, survival * np.sqrt(spread))


def log_rank(times: Times, group: Array) -> tuple[float, float]:
    """Chi-square with one degree of freedom, and its p-value, for two groups (0 and 1)."""
    moments, everyone, events = risk_counts(times)
    one = times.of(group == 1)
    mine, mine_events = _on(moments, one)
    expected = events * mine / everyone
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = expected * (1 - mine / everyone) * (everyone - events) / (everyone - 1)
    variance = float(np.where(everyone > 1, spread, 0.0).sum())
    if variance <= 0:
        return 0.0, 1.0
    chi2 = float((mine_events - expected).sum()) ** 2 / variance
    return chi2, float(chdtrc(1, chi2))


def _on(moments: Array, times: Times) -> tuple[Array, Array]:
    """One group's people at risk and events at given times."""
    at_risk = len(times.stop) - np.searchsorted(np.sort(times.stop), moments, side="left")
    if times.entry is not None:
        at_risk = at_risk - (len(times.stop) - np.searchsorted(np.sort(times.entry), moments, side="left"))
    hits = np.sort(times.stop[times.event == 1])
    events = np.searchsorted(hits, moments, side="right") - np.searchsorted(hits, moments, side="left")
    return at_risk.astype(np.float64), events.astype(np.float64)


def restricted_mean(curve: Curve, horizon: float) -> tuple[float, float]:
    """Mean time without the event up to ``horizon`` (area under the curve), and its standard error."""
    mean, rest, seen = _areas(curve, horizon)
    n, d = curve.at_risk[:seen], curve.events[:seen]
    left = n - d
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(left > 1e-12 * n, rest**2 * d / (n * left), 0.0)
    return mean, float(np.sqrt(part.sum()))


def _areas(curve: Curve, horizon: float) -> tuple[float, Array, int]:
    """The area up to the horizon, the area from each step on, and how many steps lie within it."""
    seen = int(np.searchsorted(curve.times, horizon, side="right"))
    edges = np.concatenate([[0.0], curve.times[:seen], [horizon]])
    pieces = np.diff(edges) * np.concatenate([[1.0], curve.survival[:seen]])
    return float(pieces.sum()), pieces[1:][::-1].cumsum()[::-1], seen


def restricted_influence(times: Times, horizon: float, weights: Array) -> tuple[float, Array]:
    """Restricted mean of a weighted curve, and each row's influence on it, shape (n,), the weights taken as given."""
    curve = kaplan_meier(times, weights)
    mean, rest, seen = _areas(curve, horizon)
    n, d = curve.at_risk[:seen], curve.events[:seen]
    left = n - d
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(left > 1e-12 * n, rest / left, 0.0)  # of the area in each step's share of events
    drift = np.concatenate([[0.0], np.cumsum(slope * d / n)])
    leave = np.minimum(np.searchsorted(curve.times, times.stop, side="right"), seen)
    moved = drift[leave]
    if times.entry is not None:
        moved = moved - drift[np.minimum(np.searchsorted(curve.times, times.entry, side="right"), seen)]
    hit = (times.event == 1) & (times.stop <= horizon)
    step = np.maximum(leave - 1, 0)
    jump = np.where(hit, slope[step], 0.0) if seen else np.zeros(len(times.stop))
    return mean, weights * (moved - jump)
