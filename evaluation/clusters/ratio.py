"""Risk, odds and rate ratios of trials of clusters: averages of clusters, or everybody once with CR2 errors (pure).

Averages of clusters: what each cluster had over what a model without the arm expects of its people, averaged by arm;
the error of the log of their ratio by the delta method, t with Welch's degrees of freedom less the covariates that do
not vary within clusters. The safe way with few clusters. Everybody once: logistic or Poisson regression, standardised;
errors are Bell and McCaffrey's in the metric of the last step of the fit, t with Satterthwaite's degrees of freedom.
Source: Bennett and others (2002); Hayes and Moulton (2017); Pustejovsky and Tipton (2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.clusters.checks import Clusters
from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.model import Effect
from evaluation.regression.glm import Model, fit_model
from evaluation.regression.linear import Array, Fit, NotIdentified, independent_columns
from evaluation.regression.ratios import prepare, ratio_of, standardised
from evaluation.trials.allocation import AllocationTest, allocation_test

CONSTANT = 1e-12


@dataclass(frozen=True, slots=True)
class Counted:
    """One outcome of a trial of clusters: events (n,), arm (n,), covariates (n, k), time at risk or ``None``."""

    y: Array
    treated: Array
    covariates: Array
    names: tuple[str, ...]
    clusters: Clusters
    effect: Effect
    exposure: Array | None = None

    @property
    def family(self) -> str:
        """What the outcome is a model of."""
        return "poisson" if self.effect == "rate-ratio" else "logistic"

    def summed(self, column: Array) -> Array:
        """Sums by cluster."""
        return np.asarray(np.bincount(self.clusters.codes, weights=column, minlength=self.clusters.count))


def marginal_ratio(counted: Counted) -> Fit:
    """The log of the ratio with everybody counting once. Raises Separation or NotIdentified."""
    if counted.clusters.count < 2:
        raise NotIdentified
    ready = prepare(counted.treated, counted.covariates, counted.names)
    model = _modelled(counted, ready.design)
    if counted.family == "poisson":
        value, direction = float(model.beta[-1]), np.eye(len(model.beta))[-1]
    else:
        value, direction = standardised(model, counted.effect)
    error, df = _bias_reduced(model, direction, counted)
    return Fit(value, error, df, counted.clusters.count, ready.dropped, 0.0)


def _modelled(counted: Counted, design: Array) -> Model:
    if counted.family == "poisson":
        offset = None if counted.exposure is None else np.log(counted.exposure)
        return fit_model(counted.y, design, "poisson", offset)
    return fit_model(counted.y, design, "logistic")


def _bias_reduced(model: Model, direction: Array, counted: Counted) -> tuple[float, float]:
    """CR2 and its degrees of freedom: those of the weighted least squares that the last step of the fit is."""
    root = np.sqrt(model.weight)
    response = root * (model.design @ model.beta) + (counted.y - model.mu) / root
    products = cluster_products(model.design * root[:, None], response, counted.clusters.codes)
    found = robust_contrast(products, direction)
    if not (found.df > 0 and math.isfinite(found.std_error)):
        raise NotIdentified
    return found.std_error, found.df


@dataclass(frozen=True, slots=True)
class Averages:
    """Events over expected events of each cluster (G,), the columns dropped, and the covariates that cost a cluster."""

    observed: Array
    dropped: tuple[str, ...]
    spent: int
    overall: float


def averages(counted: Counted) -> Averages:
    """Adjusted for covariates by a model that knows nothing of the arms.

    Raises NotIdentified where the covariates say all of the arm, and Separation.
    """
    prepare(counted.treated, counted.covariates, counted.names)
    ones = np.ones((len(counted.y), 1))
    spread = counted.covariates.std(axis=0)
    far = np.abs(counted.covariates).max(axis=0, initial=0.0)
    varying = spread > CONSTANT * np.maximum(far, 1e-300)
    scaled = np.where(
        varying, (counted.covariates - counted.covariates.mean(axis=0)) / np.where(varying, spread, 1.0), 0.0
    )
    design, kept = independent_columns(np.column_stack([ones, scaled]), ("1", *counted.names))
    model = _modelled(counted, design)
    expected = counted.summed(model.mu)
    dropped = tuple(name for name in counted.names if name not in kept)
    means = np.column_stack([counted.summed(column) for column in design.T]) / counted.clusters.sizes[:, None]
    apart = ((design - means[counted.clusters.codes]) ** 2).sum(axis=0)
    spent = int((apart <= CONSTANT * (design**2).sum(axis=0)).sum()) - 1
    return Averages(counted.summed(counted.y) / expected, dropped, spent, float(counted.y.mean()))


def averaged_ratio(counted: Counted, found: Averages) -> Fit:
    """The log of the ratio of average clusters. Raises NotIdentified for fewer than two clusters in an arm."""
    arms = [found.observed[counted.clusters.treated == arm] for arm in (1.0, 0.0)]
    if min(len(arm) for arm in arms) < 2:
        raise NotIdentified
    means = [float(arm.mean()) for arm in arms]
    parts = [float(arm.var(ddof=1)) / len(arm) for arm in arms]
    value, slopes = _log_ratio(means[0], means[1], found.overall, counted.effect)
    shares = [part * slope**2 for part, slope in zip(parts, slopes, strict=True)]
    return _welch(value, shares, [len(arm) for arm in arms], counted, found)


def _log_ratio(one: float, zero: float, overall: float, effect: Effect) -> tuple[float, tuple[float, float]]:
    """The log ratio of two averages and its slopes in them; of odds, the averages are brought back to risks."""
    if min(one, zero) <= 0:
        raise NotIdentified
    if effect != "odds-ratio":
        return math.log(one / zero), (1 / one, 1 / zero)
    if overall * max(one, zero) >= 1:
        raise NotIdentified
    value, slopes = ratio_of(overall * one, overall * zero, effect)
    return value, (overall * slopes[0], overall * slopes[1])


def logged_ratio(counted: Counted, found: Averages) -> Fit:
    """The ratio of geometric means of clusters. Raises NotIdentified where a cluster has no event."""
    logs = _logs(counted, found)
    arms = [logs[counted.clusters.treated == arm] for arm in (1.0, 0.0)]
    if min(len(arm) for arm in arms) < 2:
        raise NotIdentified
    shares = [float(arm.var(ddof=1)) / len(arm) for arm in arms]
    value = float(arms[0].mean() - arms[1].mean())
    return _welch(value, shares, [len(arm) for arm in arms], counted, found)


def allocation_ratio(
    counted: Counted, found: Averages, strata: Array, draws: int, seed: int
) -> AllocationTest:
    """Among all allocations of clusters within strata, by the logs of their averages."""
    arm = counted.clusters.treated
    return allocation_test(
        _logs(counted, found),
        arm,
        arm,
        np.round(strata).astype(np.int64),
        np.ones(len(arm)),
        draws=draws,
        seed=seed,
    )


def _logs(counted: Counted, found: Averages) -> Array:
    """Of a yes-or-no outcome, odds where odds were asked for. Raises NotIdentified where there are none."""
    rates = found.observed
    if not (rates > 0).all():
        raise NotIdentified
    if counted.effect != "odds-ratio":
        return np.log(rates)
    risks = found.overall * rates
    if not (risks < 1).all():
        raise NotIdentified
    return np.asarray(np.log(risks / (1 - risks)))


def _welch(value: float, shares: list[float], counts: list[int], counted: Counted, found: Averages) -> Fit:
    variance = sum(shares)
    if not variance > 0:
        return Fit(value, 0.0, float(sum(counts) - 2), counted.clusters.count, found.dropped, 0.0)
    df = variance**2 / sum(s**2 / (k - 1) for s, k in zip(shares, counts, strict=True)) - found.spent
    if df < 1:
        raise NotIdentified
    return Fit(value, math.sqrt(variance), df, counted.clusters.count, found.dropped, 0.0)
