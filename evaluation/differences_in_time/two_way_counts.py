"""Counts of a panel: Poisson regression with unit and period effects and an exposure, errors clustered (pure).

Only the mean has to be right: counts may be over-dispersed, and follow one another, as long as the errors are robust.
Fitted by reweighted regressions whose two sets of effects are taken out exactly. A unit, or a period, without any
event says nothing of the ratio and is left out.
Source: Gourieroux, Monfort and Trognon (1984); Hausman, Hall and Griliches (1984); Correia, Guimaraes and Zylkin
(2020) for when there is no maximum; Wooldridge (2023).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.differences_in_time.absorbed import two_way
from evaluation.differences_in_time.fixed_effects import Factor, Regression, partialled, two_way_regression
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.two_groups import Panel, last_before
from evaluation.observed.propensity import Separation
from evaluation.regression.linear import Array, NotIdentified

ROUNDS, CLOSE, FAR = 200, 1e-12, 30.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What the regression rests on: the result on the log scale, expected counts (n, T), units without any event."""

    regression: Regression
    expected: Array
    without_events: int


def count_regression(
    panel: Panel, columns: tuple[Array, ...], exposure: Array | None = None, *, factor: Factor = "nested",
    small: bool = False,
) -> Counted:  # fmt: skip
    """Log rate ratios of ``columns``; ``exposure`` (n, T) above nought where a cell counts.

    Raises Separation where no estimate is finite: no event at all among the treated after, or before, and so on.
    """
    silent = (panel.weights * panel.y).sum(axis=1) <= 0
    weights = np.where(silent[:, None], 0.0, panel.weights)
    weights = np.where(((weights * panel.y).sum(axis=0) > 0)[None, :], weights, 0.0)
    if not weights.any():
        raise NotIdentified
    live = weights > 0
    offset = np.zeros_like(panel.y) if exposure is None else np.log(np.where(live, exposure, 1.0))
    mu = np.where(live, (panel.y + panel.y[live].mean()) / 2, 1.0)
    eta = np.where(live, np.log(mu) - offset, 0.0)
    before = math.inf
    for _ in range(ROUNDS):
        working = np.where(live, eta + (panel.y - mu) / mu, 0.0)
        shape = two_way(weights * mu)
        found = partialled(shape, working, columns)
        eta = np.where(live, working - found.left, 0.0)
        if not np.abs(found.values).max() < FAR or not np.abs(eta).max() < 1e3:
            raise Separation
        mu = np.where(live, np.exp(np.minimum(eta + offset, 700.0)), 1.0)
        deviance = _deviance(panel.y[live], mu[live], weights[live])
        if abs(deviance - before) <= CLOSE * (abs(deviance) + 0.1):
            break
        before = deviance
    else:
        raise Separation
    return _finished(panel, columns, weights, mu, eta, int(silent.sum()), factor, small=small)


def _finished(
    panel: Panel, columns: tuple[Array, ...], weights: Array, mu: Array, eta: Array, silent: int, factor: Factor,
    *, small: bool,
) -> Counted:  # fmt: skip
    used = weights.any(axis=1)
    labels = np.unique(panel.clusters[used], return_inverse=True)[1].astype(np.int64)
    live = weights[used] > 0
    working = np.where(live, eta[used] + (panel.y[used] - mu[used]) / mu[used], 0.0)
    picked = tuple(column[used] for column in columns)
    held = np.where(live, weights[used] * mu[used], 0.0)
    fit = two_way_regression(working, picked, held, labels, factor=factor, small=small)
    return Counted(fit, np.where(weights > 0, mu, np.nan), silent)


def _deviance(y: Array, mu: Array, weights: Array) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(y > 0, y * np.log(y / mu), 0.0)
    return float(2 * (weights * (logs - (y - mu))).sum())


def count_path(panel: Panel, exposure: Array | None = None, df: float | None = None) -> EffectPath:
    """Log rate ratios by period against the last period before the start; Separation where a cell has no event."""
    base = last_before(panel)
    columns, times = [], []
    for t in range(panel.periods):
        own = panel.weights[:, t] > 0
        if t == base or not own.any():
            continue
        column = np.zeros_like(panel.y)
        column[:, t] = panel.treated
        columns.append(column)
        times.append(t - panel.start)
    for which in (1.0, 0.0):
        inside = panel.treated == which
        totals = (panel.weights[inside] * panel.y[inside]).sum(axis=0)
        if any(totals[t + panel.start] <= 0 for t in (*times, base - panel.start)):
            raise Separation
    found = count_regression(panel, tuple(columns), exposure)
    return EffectPath(
        tuple(times), found.regression.values, found.regression.covariance, df, base - panel.start
    )


def checked(panel: Panel) -> None:
    """Raise Separation where a group has no event on one side of the start."""
    for which in (1.0, 0.0):
        inside = panel.treated == which
        totals = (panel.weights[inside] * panel.y[inside]).sum(axis=0)
        if totals[: panel.start].sum() <= 0 or totals[panel.start :].sum() <= 0:
            raise Separation
