"""Group-time effects whose units' influences are not affine in their paths, kept as sums of products (pure).

Units' influences on the cells are made block by block, and only their sums of products, by cohort and by cluster are
kept; nothing is as long as the data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.differences_in_time.group_time import cluster_factor
from evaluation.differences_in_time.moments import Array, Codes, cohort_factor
from evaluation.differences_in_time.rollout import Cells

BLOCK = 524_288  # influences made at a time
MOST_CELLS = 4_000  # of which the products are kept: 128 MB


class TooManyCells(ValueError):  # noqa: N818
    """More group-time effects than products of influences can be kept of."""


@dataclass(frozen=True, slots=True)
class ByCohort:
    """Rows of the data by cohort: ``order`` (n,), cohort h having rows ``order[ends[h]:ends[h + 1]]``."""

    order: Codes
    ends: Codes

    def rows(self, cohort: int) -> Codes:
        """Rows of one cohort, in the data's order."""
        return self.order[self.ends[cohort] : self.ends[cohort + 1]]


def check_size(cells: Cells) -> None:
    """Raise TooManyCells where the products would not fit into memory."""
    if cells.count > MOST_CELLS:
        raise TooManyCells


def by_cohort(cohort: Codes, cohorts: int) -> ByCohort:
    """Sort the rows by cohort once."""
    order = np.argsort(cohort, kind="stable").astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(np.bincount(cohort, minlength=cohorts))]).astype(np.int64)
    return ByCohort(order, ends)


@dataclass(frozen=True, slots=True)
class FromScores:
    """Effects with sums of their influences: ``products`` (J, J); ``own`` (H, J), sums of w phi; ``square`` (H,).

    With clusters ``of_clusters`` (G, J) are their sums of phi, and ``held`` (G, H) their weights by cohort.
    """

    cells: Cells
    effects: Array
    sizes: Array
    products: Array
    own: Array
    square: Array
    of_clusters: Array | None = None
    held: Array | None = None

    @property
    def clusters(self) -> int | None:
        """How many clusters errors are by."""
        return None if self.of_clusters is None else len(self.of_clusters)

    def errors(self) -> Array:
        """Standard errors of the cells."""
        factor = cluster_factor(self.clusters)
        if self.of_clusters is not None:
            return np.asarray(np.sqrt((self.of_clusters**2).sum(axis=0) * factor))
        return np.sqrt(np.maximum(np.diag(self.products), 0.0) * factor)

    def covariance(self, weights: Array, levels: Array) -> Array:
        """Covariance of combinations."""
        if self.of_clusters is not None:
            scores = self.cluster_scores(weights, levels)
            return np.asarray(scores.T @ scores * cluster_factor(self.clusters))
        cross = weights @ self.own.T @ levels.T
        total = weights @ self.products @ weights.T + cross + cross.T + (levels * self.square) @ levels.T
        return np.asarray((total + total.T) / 2)

    def cluster_scores(self, weights: Array, levels: Array) -> Array:
        """Influence of each cluster on each combination."""
        if self.of_clusters is None or self.held is None:
            raise ValueError("errors are by unit")
        return np.asarray(self.of_clusters @ weights.T + self.held @ levels.T)


Influence = Callable[
    [int, Codes], tuple[Codes, Array]
]  # cohort and rows to cells and influences (rows, cells)


def gather_scores(
    cells: Cells,
    effects: Array,
    groups: ByCohort,
    influence: Influence,
    weights: Array | None,
    clusters: Codes | None,
    *,
    widened: bool = False,
) -> FromScores:
    """Run ``influence`` over every cohort in blocks and keep the sums.

    ``widened``: units' influences by the root of n / (n - 1) of their cohort, so that variances have no bias.
    """
    cohorts, count = len(groups.ends) - 1, cells.count
    products, own = np.zeros((count, count)), np.zeros((cohorts, count))
    sizes, square = np.zeros(cohorts), np.zeros(cohorts)
    number = 0 if clusters is None else int(clusters.max()) + 1
    of_clusters, held = np.zeros((number, count)), np.zeros((number, cohorts))
    step = max(BLOCK // max(count, 1), 64)
    for h in range(cohorts):
        everyone = groups.rows(h)
        wider = float(np.sqrt(cohort_factor(np.array([len(everyone)]))[0])) if widened else 1.0
        for start in range(0, len(everyone), step):
            rows = everyone[start : start + step]
            each = np.ones(len(rows)) if weights is None else weights[rows]
            which, phi = influence(h, rows)
            phi = phi * wider
            sizes[h] += each.sum()
            square[h] += each @ each
            own[h, which] += each @ phi
            if clusters is None:
                products[np.ix_(which, which)] += phi.T @ phi
                continue
            found, ranks = np.unique(clusters[rows], return_inverse=True)
            first = np.argsort(ranks, kind="stable")
            cuts = np.searchsorted(ranks[first], np.arange(len(found)))
            of_clusters[np.ix_(found, which)] += np.add.reduceat(phi[first], cuts, axis=0)
            held[:, h] += np.bincount(clusters[rows], weights=each, minlength=number)
    if clusters is None:
        return FromScores(cells, effects, sizes, products, own, square)
    return FromScores(cells, effects, sizes, products, own, square, of_clusters, held)
