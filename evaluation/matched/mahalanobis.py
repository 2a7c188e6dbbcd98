"""Matching on Mahalanobis's distance among people whose scores are within the caliper (pure).

The distance weighs covariates by the inverse of their covariance within arms, so that units and columns that repeat one
another do not matter. Turns, ties and rounds are those of :mod:`evaluation.matched.nearest`; without a caliper
everybody is looked at for everybody, at a cost of treated times comparison people.
Source: Rubin (1980); Rosenbaum and Rubin (1985) for the caliper on the score.
"""

from __future__ import annotations

import heapq
import math

import numpy as np

from evaluation.matched.nearest import NEARLY, Array, Order, Rows, in_turn, rounded


def metric(columns: Array, treated: Array) -> Array:
    """Columns in which the plain distance is Mahalanobis's, with the covariance within arms; shape (n, rank)."""
    spread = columns.std(axis=0)
    varying = spread > 1e-12 * np.maximum(np.abs(columns).max(axis=0, initial=0.0), 1e-300)
    z = (columns[:, varying] - columns[:, varying].mean(axis=0)) / spread[varying]
    left = z.copy()
    for arm in (0, 1):
        left[treated == arm] -= left[treated == arm].mean(axis=0) if (treated == arm).any() else 0.0
    covariance = left.T @ left / max(len(z) - 2, 1)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-9 * max(float(values.max(initial=0.0)), 1e-300)
    return np.asarray(z @ (vectors[:, kept] / np.sqrt(values[kept])))


def match_by_distance(
    score: Array,
    treated: Array,
    place: Array,
    *,
    caliper: float | None = None,
    ratio: int = 1,
    replace: bool = False,
    order: Order = "largest",
) -> Rows:
    """Pairs (treated row, comparison row), shape (m, 2); ``place`` (n, k) are the columns of :func:`metric`."""
    s = rounded(score, 12)
    pool = _Pool(s, place, np.flatnonzero(treated == 0), math.inf if caliper is None else caliper)
    turns = in_turn(s, treated, order).tolist()
    if replace:
        return _as_rows([(row, other) for row in turns for other in pool.closest(row, ratio)])
    pairs: list[tuple[int, int]] = []
    for _ in range(ratio):
        if order == "closest":
            pairs += _closest_first(turns, pool)
            continue
        for row in turns:
            found, _ = pool.nearest(row)
            if found >= 0:
                pool.take(found)
                pairs.append((row, pool.row(found)))
    return _as_rows(pairs)


def _as_rows(pairs: list[tuple[int, int]]) -> Rows:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _closest_first(turns: list[int], pool: _Pool) -> list[tuple[int, int]]:
    heap: list[tuple[float, int, int, int]] = []

    def offer(row: int) -> None:
        found, gap = pool.nearest(row)
        if found >= 0:
            heapq.heappush(heap, (float(f"{gap:.10g}"), row, pool.row(found), found))

    for row in turns:
        offer(row)
    pairs: list[tuple[int, int]] = []
    while heap:
        _, row, other, found = heapq.heappop(heap)
        if pool.is_free(found):
            pool.take(found)
            pairs.append((row, other))
        else:
            offer(row)
    return pairs


class _Pool:
    """Comparison people by rising score, with a flag for who is free."""

    def __init__(self, s: Array, place: Array, zeros: Rows, limit: float) -> None:
        self.rows = zeros[np.lexsort((zeros, s[zeros]))]
        self.score, self.place = s[self.rows], place[self.rows]
        self.all_scores, self.all_places, self.limit = s, place, limit
        self.free = np.ones(len(self.rows), dtype=np.bool_)

    def row(self, at: int) -> int:
        return int(self.rows[at])

    def is_free(self, at: int) -> bool:
        return bool(self.free[at])

    def take(self, at: int) -> None:
        self.free[at] = False

    def _gaps(self, row: int) -> tuple[int, Array]:
        """The first place within the caliper, and squared distances from there on; those taken are infinitely far."""
        value = self.all_scores[row]
        reach = self.limit * (1 + NEARLY)
        low = int(np.searchsorted(self.score, value - reach, "left"))
        high = int(np.searchsorted(self.score, value + reach, "right"))
        apart = self.place[low:high] - self.all_places[row]
        gaps = np.einsum("ij,ij->i", apart, apart)
        gaps[~self.free[low:high]] = np.inf
        return low, gaps

    def nearest(self, row: int) -> tuple[int, float]:
        """Place and squared distance of the closest free person; ties to the lowest row; place -1 for nobody."""
        low, gaps = self._gaps(row)
        near = float(gaps.min(initial=np.inf))
        if near == np.inf:
            return -1, near
        tied = low + np.flatnonzero(gaps <= near + NEARLY * max(near, 1e-6))
        return int(tied[np.argmin(self.rows[tied])]), near

    def closest(self, row: int, count: int) -> list[int]:
        """Rows of the closest people, taking nothing away."""
        low, gaps = self._gaps(row)
        some = np.argsort(gaps, kind="stable")[:count]
        if not len(some):
            return []
        edge = float(gaps[some[-1]])
        wide = np.flatnonzero(gaps <= edge + NEARLY * max(edge, 1e-6))
        mine = self.rows[low + wide]
        return [int(item) for item in mine[np.lexsort((mine, rounded(gaps[wide], 9)))][:count]]
