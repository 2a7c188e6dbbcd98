"""Effects split by a mediator where one of the two is yes or no: means under both arms, averaged over people (pure).

Estimand and assumption: as in :mod:`evaluation.explaining.mediation`; for a yes-or-no outcome in shares. A model of the
mediator (linear with normal errors of one spread, or logistic) and one of the outcome (linear or logistic, with arm x
mediator) give each person's expected outcome under arm t with the mediator of arm t', the mediator integrated out (sums
over 0 and 1; 48 points of Gauss and Hermite). Their averages over people are the four means whose differences are the
parts. Variance: influences of both models and of averaging over people, by cluster if there is one; normal intervals.
Source: Imai, Keele and Tingley (2010), algorithm 1; VanderWeele and Vansteelandt (2010); Newey and McFadden (1994).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from evaluation.explaining.mediation import Three, three
from evaluation.observed.propensity import Separation
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import Array, NotIdentified, independent_columns
from evaluation.regression.sums import sums_by

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(48)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
STEP = 1e-5
PAIRS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))  # the outcome's arm, the mediator's
# Rows: indirect, direct, total; columns: the four means in the order of PAIRS.
CONTRASTS = np.array([[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5], [-1.0, 0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class Parts:
    """Indirect, direct and total effect with their interval ends."""

    values: Three
    low: Three
    high: Three


@dataclass(frozen=True, slots=True)
class _Part:
    """One fitted model: coefficients (with the log spread of a linear mediator last) and influences (n, k)."""

    theta: Array = field(repr=False)
    influence: Array = field(repr=False)


def standardised_split(
    treated: Array, mediator: Array, y: Array, covariates: Array, *, binary: tuple[bool, bool], alpha: float,
    clusters: np.ndarray[Any, Any] | None = None,
) -> Parts:  # fmt: skip
    """Indirect, direct and total effect. Shapes as in ``split_effect``; ``binary`` says which of the two are yes or no.

    Raises NotIdentified where a model has no single fit: arm and mediator cannot be told apart, or tell somebody's
    outcome for certain.
    """
    x = _scaled(covariates)
    m = mediator if binary[0] else _scaled(mediator[:, None])[:, 0]
    ones = np.ones(len(y))
    first = _fitted(np.column_stack([ones, treated, x]), m, logistic=binary[0], spread=not binary[0])
    second = _fitted(np.column_stack([ones, treated, m, treated * m, x]), y, logistic=binary[1], spread=False)
    cut = len(first.theta)
    theta = np.concatenate([first.theta, second.theta])

    def means(at: Array) -> Array:
        return np.column_stack([_mean(at[:cut], at[cut:], x, pair, binary) for pair in PAIRS])

    each = means(theta) @ CONTRASTS.T
    values = each.mean(axis=0)
    slope = _gradient(lambda at: means(at).mean(axis=0) @ CONTRASTS.T, theta)
    influence = np.hstack([first.influence, second.influence]) @ slope.T + (each - values) / len(y)
    if clusters is not None:
        count = int(clusters.max()) + 1
        influence = sums_by(clusters, influence, count) * math.sqrt(count / (count - 1))
    half = float(ndtri(1 - alpha / 2)) * np.sqrt((influence**2).sum(axis=0))
    return Parts(three(values), three(values - half), three(values + half))


def _scaled(columns: Array) -> Array:
    """Columns that say something of their own, less their mean and in standard deviations."""
    if not columns.shape[1]:
        return columns
    names = tuple(str(j) for j in range(columns.shape[1]))
    kept, _ = independent_columns(np.column_stack([np.ones(len(columns)), columns]), ("1", *names))
    rest = kept[:, 1:]
    return np.asarray((rest - rest.mean(axis=0)) / rest.std(axis=0))


def _fitted(design: Array, y: Array, *, logistic: bool, spread: bool) -> _Part:
    n, k = design.shape
    if np.linalg.matrix_rank(design) < k or n <= k:
        raise NotIdentified
    if logistic:
        try:
            model = fit_model(y, design, "logistic")
        except Separation:
            raise NotIdentified from None
        bread = np.linalg.inv(design.T @ (design * model.weight[:, None]))
        return _Part(model.beta, (design * model.score[:, None]) @ bread)
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    rest = y - design @ beta
    influence = (design * rest[:, None]) @ bread
    if not spread:
        return _Part(beta, influence)
    variance = float(rest @ rest) / (n - k)
    if not variance > 0:
        raise NotIdentified
    of_log = (rest**2 / variance - 1) / (2 * n)
    return _Part(np.append(beta, 0.5 * math.log(variance)), np.column_stack([influence, of_log]))


def _mean(
    of_mediator: Array, of_outcome: Array, x: Array, pair: tuple[float, float], binary: tuple[bool, bool]
) -> Array:
    """Everybody's expected outcome (n,) under one arm with the mediator of the other, or of the same."""
    own, others = pair
    beta = of_mediator if binary[0] else of_mediator[:-1]
    middle = beta[0] + others * beta[1] + x @ beta[2:]
    level = of_outcome[0] + own * of_outcome[1] + x @ of_outcome[4:]
    slope = of_outcome[2] + own * of_outcome[3]
    if binary[0]:
        share = expit(middle)
        ends = (expit(level), expit(level + slope)) if binary[1] else (level, level + slope)
        return np.asarray((1 - share) * ends[0] + share * ends[1])
    if not binary[1]:
        return np.asarray(level + slope * middle)
    points = level[:, None] + slope * (middle[:, None] + math.exp(of_mediator[-1]) * NODES)
    return np.asarray(expit(points) @ WEIGHTS)


def _gradient(of: Callable[[Array], Array], at: Array) -> Array:
    """Slopes (3, k) by central differences."""
    ways = STEP * np.eye(len(at))
    return np.column_stack([(of(at + way) - of(at - way)) / (2 * STEP) for way in ways])
