"""Events that come back, compared: mean numbers a person by the horizon, and counts over time at risk (pure).

The ratio of rates itself comes from :func:`evaluation.times.watched.hazard_ratio` on all intervals with errors by
person (Andersen and Gill's model; robust it is Lin, Wei, Yang and Ying's of mean rates). What stands here is beside it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from evaluation.model import Estimate
from evaluation.observed.propensity import Separation
from evaluation.regression.glm import Family
from evaluation.regression.linear import Array, NotIdentified
from evaluation.regression.ratios import log_spread, prepare, rate_fit
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.watched import Watched, dressed_times, spread


def mean_difference(watched: Watched) -> Estimate:
    """Difference of the mean number of events a person by the horizon, treated less comparison; not adjusted.

    With a terminal event (``competing``) those at their end count, with no more events (Ghosh and Lin).
    """
    bare = np.zeros(len(watched.treated))
    means = []
    for sign, rows in ((1.0, watched.arm(1)), (-1.0, watched.arm(0))):
        ended = None if watched.competing is None else watched.competing[rows]
        found = mean_function(watched.times.of(rows), ended, watched.weight_of(rows))
        means.append(found.at(watched.horizon))
        bare[rows] = sign * found.influence(watched.horizon)
    error, df = spread(watched, bare)
    return dressed_times(watched, means[0] - means[1], error, df, "difference")


def counted(watched: Watched) -> tuple[Array, Array]:
    """Each person's events and time at risk, shape (people,)."""
    start = 0.0 if watched.times.entry is None else watched.times.entry
    return watched.summed(watched.times.event), watched.summed(watched.times.stop - start)


def rate_of_totals(watched: Watched) -> Estimate:
    """Ratio of events over time at risk between the arms, not adjusted, weights and clusters as in the main line."""
    events, time = counted(watched)
    first = watched.first
    w = np.ones(len(first)) if watched.weights is None else watched.weights[first]
    arm = watched.treated[first]
    bare, value = np.zeros(len(first)), 0.0
    for sign, rows in ((1.0, arm == 1), (-1.0, arm == 0)):
        total, whole = float(w[rows] @ events[rows]), float(w[rows] @ time[rows])
        value += sign * math.log(total / whole)
        bare[rows] = sign * (events[rows] / total - time[rows] / whole)
    error, df = spread(_people(watched), bare)
    return dressed_times(watched, value, error, df, "rate-ratio")


def rate_by_model(watched: Watched, family: Family) -> Estimate | None:
    """The rate ratio of a log-linear model of counts with time at risk as exposure, adjusted as the main line.

    Robust errors; by cluster where there are clusters. ``None`` where people are weighted, or the model has no answer.
    """
    if watched.weights is not None:
        return None
    events, time = counted(watched)
    first = watched.first
    columns, names = watched.covariates[first], watched.names
    if watched.strata is not None:
        strata = watched.strata[first]
        columns = np.column_stack([columns, np.eye(int(strata.max()) + 1)[strata][:, 1:]])
        names = (*names, *(f"stratum {j}" for j in range(1, int(strata.max()) + 1)))
    labels = np.unique(watched.clusters[0][first], return_inverse=True)[1] if watched.clusters else None
    groups = None if labels is None else labels.astype(np.int64)
    try:
        prepared = prepare(watched.treated[first], columns, names)
        fit, _ = rate_fit(events, prepared, time, "HC0", groups, family)
    except (NotIdentified, Separation):
        return None
    return dressed_times(
        watched, fit.value, fit.std_error, fit.df if groups is not None else None, "rate-ratio"
    )


def with_spread(watched: Watched, estimate: Estimate) -> Estimate:
    """The estimate with one standard deviation of the number of events a person, on the log scale."""
    events, _ = counted(watched)
    arm = watched.treated[watched.first]
    parts = [events[arm == which] for which in (1, 0)]
    degrees = max(sum(len(part) - 1 for part in parts), 1)
    sd = math.sqrt(sum(float(((part - part.mean()) ** 2).sum()) for part in parts) / degrees)
    return replace(estimate, outcome_sd=log_spread("rate-ratio", float(parts[1].mean()), sd) or None)


def _people(watched: Watched) -> Watched:
    """The same people with one row each, for what is worked out by person."""
    first = watched.first
    return replace(
        watched,
        person=None,
        treated=watched.treated[first],
        weights=None if watched.weights is None else watched.weights[first],
        clusters=tuple(labels[first] for labels in watched.clusters),
    )
