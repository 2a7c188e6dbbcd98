"""Curves as rows that may be shown: every step stands for at least ten events, and ten people are left (pure)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from evaluation.model import PathRow
from evaluation.times.competing import incidence
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.survival import Array, kaplan_meier, risk_counts
from evaluation.times.watched import Watched, spread

STEP = 10
MOST_ROWS = 20
ARMS = ((1, "with"), (0, "without"))


def curve_rows(watched: Watched) -> tuple[PathRow, ...]:
    """The share who had the event by each of some times, arm by arm, up to the horizon.

    Aalen and Johansen's where competing events are named, else one minus Kaplan and Meier's. Each row's ``term`` reads
    "with, by 26". Intervals take weights for counts.
    """
    return tuple(row for which, name in ARMS for row in _arm(watched, which, name))


def _arm(watched: Watched, which: int, name: str) -> list[PathRow]:
    rows = watched.arm(which)
    times, weights = watched.times.of(rows), watched.weight_of(rows)
    if watched.competing is None:
        curve = kaplan_meier(times, weights)
        moments, share, error = curve.times, 1 - curve.survival, curve.std_error
    else:
        found = incidence(times, watched.competing[rows], weights)
        moments, share, error = found.times, found.share, found.std_error
    stops = _stops(watched, rows)
    places = np.searchsorted(moments, stops, side="right") - 1
    half = float(ndtri(1 - watched.alpha / 2)) * error[places]
    return [
        PathRow(f"{name}, by {t:g}", float(f), float(e), float(max(0.0, f - h)), float(min(1.0, f + h)))
        for t, f, e, h in zip(stops, share[places], error[places], half, strict=True)
    ]


def _stops(watched: Watched, rows: np.typing.NDArray[np.bool_]) -> Array:
    """Times between which at least ten people of the arm had the event, and after which ten were still watched."""
    moments, at_risk, events = risk_counts(watched.times.of(rows))
    fit = (moments <= watched.horizon) & (at_risk - events >= STEP)
    moments, events = moments[fit], events[fit]
    step = max(float(STEP), float(events.sum()) / MOST_ROWS)
    found, total = [], 0.0
    for time, count in zip(moments, events, strict=True):
        total += count
        if total >= step:
            found.append(time)
            total = 0.0
    return np.asarray(found, dtype=np.float64)


def mean_rows(watched: Watched) -> tuple[PathRow, ...]:
    """The mean number of events a person by each of some times, arm by arm; errors by person, or by cluster.

    Every step stands for ten people with an event or more, and ten rows are still at risk.
    """
    return tuple(row for which, name in ARMS for row in _mean_arm(watched, which, name))


def _mean_arm(watched: Watched, which: int, name: str) -> list[PathRow]:
    rows = watched.arm(which)
    ended = None if watched.competing is None else watched.competing[rows]
    found = mean_function(watched.times.of(rows), ended, watched.weight_of(rows))
    here = replace(watched, estimated=None)  # the arm's own curve: weights as they came out
    wide = float(ndtri(1 - watched.alpha / 2))
    path = []
    for time in _mean_stops(watched, rows):
        bare = np.zeros(len(rows))
        bare[rows] = found.influence(time)
        value, error = found.at(time), spread(here, bare)[0]
        low, high = max(0.0, value - wide * error), value + wide * error
        path.append(PathRow(f"{name}, by {time:g}", value, error, low, high))
    return path


def _mean_stops(watched: Watched, rows: np.typing.NDArray[np.bool_]) -> Array:
    """Times between which ten people or more of the arm had an event, and after which ten were still watched."""
    times = watched.times.of(rows)
    person = np.arange(len(rows))[rows] if watched.person is None else watched.person[rows]
    moments, at_risk, _ = risk_counts(times)
    fit = moments[(moments <= watched.horizon) & (at_risk >= 2 * STEP)]
    if not len(fit):
        return fit
    edges = np.unique(np.quantile(fit, np.linspace(0, 1, MOST_ROWS + 1)[1:], method="higher"))
    hit = (times.event == 1) & (times.stop <= edges[-1])
    place = np.searchsorted(edges, times.stop[hit])
    found, seen = [], np.empty(0, dtype=np.int64)
    for step, edge in enumerate(edges):
        seen = np.union1d(seen, person[hit][place == step])
        if len(seen) >= STEP:
            found.append(edge)
            seen = seen[:0]
    return np.asarray(found, dtype=np.float64)
