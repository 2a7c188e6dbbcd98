"""Whether studies seem to be missing from a pool, and what the average would be with them (pure).

Neither test can tell missing studies from small studies that truly differ; with fewer than ten studies neither is
worth reading (Sterne and others 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtr

from evaluation.regression.linear import Array
from evaluation.synthesis.random_effects import Average, Between, Errors, average_effects

FEWEST_STUDIES = 10
ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Whether effects go with their errors: the statistic with its degrees of freedom and two-sided p-value."""

    statistic: float
    df: int
    p_value: float


def egger_test(effects: Array, variances: Array) -> Asymmetry:
    """Regress effects on their standard errors, weighted by their precision (Egger and others 1997)."""
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    if len(y) < 3:
        problem = "asymmetry needs at least three studies"
        raise ValueError(problem)
    x = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    w = 1 / v
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    beta = bread @ (x.T @ (w * y))
    df = len(y) - 2
    scale = float((w * (y - x @ beta) ** 2).sum()) / df
    t = float(beta[1] / np.sqrt(scale * bread[1, 1]))
    return Asymmetry(t, df, float(2 * stdtr(df, -abs(t))))


@dataclass(frozen=True, slots=True)
class Filled:
    """How many studies seem to be missing on which side, and the average with them filled in."""

    missing: int
    side: Literal["left", "right"]
    average: Average


def trim_and_fill(
    effects: Array,
    variances: Array,
    *,
    between: Between = "dersimonian-laird",
    errors: Errors = "normal",
    level: float = 0.95,
) -> Filled:
    """Trim the studies without a counterpart, find the middle of the others, and mirror the trimmed ones about it.

    Estimator L0 of Duval and Tweedie (2000). The side is the one opposite to where effects grow with their errors.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    slope = average_effects(y, v, moderators=np.sqrt(v)[:, None], between=between, errors="normal").values[1]
    side: Literal["left", "right"] = "right" if slope < 0 else "left"
    order = np.argsort(-y if side == "right" else y, kind="stable")
    z, v = (-y if side == "right" else y)[order], v[order]
    n, trimmed, before = len(z), 0, -1
    middle = 0.0
    for _ in range(ROUNDS):
        if trimmed == before:
            break
        before = trimmed
        kept = average_effects(z[: n - trimmed], v[: n - trimmed], between=between, errors="normal")
        middle = float(kept.values[0])
        away = z - middle
        ranks = np.empty(n)
        ranks[np.argsort(np.abs(away), kind="stable")] = np.arange(1, n + 1)
        above = float(ranks[away > 0].sum())
        trimmed = min(max(0, round((4 * above - n * (n + 1)) / (2 * n - 1))), n - 2)
    mirrored = np.concatenate([z, 2 * middle - z[n - trimmed :]])
    whole = average_effects(
        -mirrored if side == "right" else mirrored,
        np.concatenate([v, v[n - trimmed :]]),
        between=between,
        errors=errors,
        level=level,
    )
    return Filled(trimmed, side, whole)


def left_out_one_by_one(
    effects: Array, variances: Array, *, between: Between = "reml", errors: Errors = "hartung-knapp"
) -> Array:
    """The average without each study in turn."""
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    rows = np.arange(len(y))
    return np.array(
        [
            float(average_effects(y[rows != i], v[rows != i], between=between, errors=errors).values[0])
            for i in rows
        ]
    )
