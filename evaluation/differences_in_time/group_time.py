"""Group-time effects from cohort moments: the effect on each cohort in each period, and what every sum of them errs by.

ATT(g, t) is the change of cohort g from its base to t, less that of its controls. Assumptions: parallel trends of each
cohort and its controls, no anticipation beyond the periods named, no interference between units, a balanced panel.
Variance: influence functions by unit or by cluster, without a small-sample factor by unit and with G/(G-1) by cluster;
the estimated sizes of cohorts count in every average over them.
Source: Callaway and Sant'Anna (2021), theorem 1 and section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evaluation.differences_in_time.moments import (
    Array,
    Codes,
    CohortMoments,
    Contrasts,
    cluster_influence,
    covariance_of,
    variance_of,
)
from evaluation.differences_in_time.rollout import Cells, Rollout, cells_of

CHUNK = 4_000_000  # numbers a piece of contrasts may hold


class GroupTime(Protocol):
    """Group-time effects with what is needed for the errors of sums of them.

    A combination is ``weights`` (K, J) over the cells and ``levels`` (K, H): what one unit of a cohort, of weight one,
    adds by having a say in the sizes of cohorts.
    """

    @property
    def cells(self) -> Cells:
        """The cells, J of them."""

    @property
    def effects(self) -> Array:
        """ATT(g, t), (J,)."""

    @property
    def sizes(self) -> Array:
        """Total weight of each cohort, (H,)."""

    @property
    def clusters(self) -> int | None:
        """How many clusters errors are by; None where they are by unit."""

    def errors(self) -> Array:
        """Standard errors of the cells (J,)."""

    def covariance(self, weights: Array, levels: Array) -> Array:
        """Covariance (K, K) of combinations."""

    def cluster_scores(self, weights: Array, levels: Array) -> Array:
        """Influence of each cluster on each combination, (G, K); only where there are clusters."""


@dataclass(frozen=True, slots=True)
class FromMoments:
    """Group-time effects without covariates: everything from the moments. ``share``, ``level`` (J, H)."""

    cells: Cells
    effects: Array
    share: Array
    level: Array
    moments: CohortMoments

    @property
    def sizes(self) -> Array:
        """Total weight of each cohort."""
        return self.moments.weight

    @property
    def clusters(self) -> int | None:
        """How many clusters errors are by."""
        return self.moments.clusters.count if self.moments.clusters else None

    def errors(self) -> Array:
        """Standard errors of the cells, a piece of them at a time."""
        h, t = self.share.shape[1], self.moments.periods
        step = max(CHUNK // (h * t), 1)
        parts = [
            variance_of(self.moments, self._cells(np.arange(start, min(start + step, self.cells.count))))
            for start in range(0, self.cells.count, step)
        ]
        total = np.concatenate(parts) if parts else np.zeros(0)
        return np.sqrt(np.maximum(total, 0.0) * cluster_factor(self.clusters))

    def covariance(self, weights: Array, levels: Array) -> Array:
        """Covariance of combinations."""
        contrasts = self.combined(weights, levels)
        return covariance_of(self.moments, contrasts) * cluster_factor(self.clusters)

    def cluster_scores(self, weights: Array, levels: Array) -> Array:
        """Influence of each cluster on each combination."""
        return cluster_influence(self.moments, self.combined(weights, levels))

    def combined(self, weights: Array, levels: Array) -> Contrasts:
        """Combinations of cells as contrasts of cohort means."""
        slope = np.zeros((len(weights), self.share.shape[1], self.moments.periods))
        for t in range(self.moments.periods):
            at, off = self.cells.period == t, self.cells.base == t
            slope[:, :, t] = weights[:, at] @ self.share[at] - weights[:, off] @ self.share[off]
        return Contrasts(weights @ self.effects, weights @ self.level + levels, slope)

    def _cells(self, rows: Codes) -> Contrasts:
        slope = np.zeros((len(rows), self.share.shape[1], self.moments.periods))
        each = np.arange(len(rows))
        slope[each, :, self.cells.period[rows]] += self.share[rows]
        slope[each, :, self.cells.base[rows]] -= self.share[rows]
        return Contrasts(self.effects[rows], self.level[rows], slope)


def from_moments(moments: CohortMoments, rollout: Rollout) -> FromMoments:
    """Group-time effects of a balanced panel without covariates."""
    cells = cells_of(rollout, moments.weight)
    change = (moments.mean[:, cells.period] - moments.mean[:, cells.base]).T  # (J, H)
    pool = cells.controls * moments.weight
    total = pool.sum(axis=1)
    rows = np.arange(cells.count)
    comparison = (pool * change).sum(axis=1) / total
    share = -np.divide(cells.controls, total[:, None])
    share[rows, cells.cohort] = 1 / moments.weight[cells.cohort]
    level = np.where(cells.controls, -(change - comparison[:, None]) / total[:, None], 0.0)
    return FromMoments(cells, change[rows, cells.cohort] - comparison, share, level, moments)


def cluster_factor(clusters: int | None) -> float:
    """G / (G - 1) for errors by cluster; 1 by unit, as in the papers."""
    return 1.0 if clusters is None or clusters < 2 else clusters / (clusters - 1)
