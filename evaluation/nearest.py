"""Nearest-neighbour matching on a score (pure).

Greedy: treated people in order of falling score (ties: lowest row first) each take the closest comparison
person still free; ties in distance go to the lowest row. With a ratio above one, everyone gets a first
match before anyone gets a second. Scores are compared to 12 significant digits and distances to 10, so
that the last bits of a fit cannot decide a match. A union-find over the sorted distinct scores finds the
next free neighbour, so the cost is n log n, whatever the supply of comparison people.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


def rounded(values: Array, digits: int) -> Array:
    """Round to significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - power)
    return np.asarray(np.round(values * scale) / scale, dtype=np.float64)


def match_pairs(
    score: Array,
    treated: Array,
    *,
    caliper: float | None = None,
    ratio: int = 1,
    replace: bool = False,
    ascending: bool = False,
) -> Rows:
    """Pairs (treated row, comparison row), shape (m, 2), in the order in which they were made.

    ``caliper`` is in the score's own unit; treated people with nobody inside it stay unmatched.
    """
    s = rounded(score, 12)
    ones, zeros = np.flatnonzero(treated == 1), np.flatnonzero(treated == 0)
    key = s[ones] if ascending else -s[ones]
    order = ones[np.lexsort((ones, key))]
    supply = _Supply(s, zeros)
    limit = np.inf if caliper is None else caliper
    if replace:
        return _with_replacement(s, order, supply, limit, ratio)
    pairs: list[tuple[int, int]] = []
    scores = s[order].tolist()
    for _ in range(ratio):
        for row, value in zip(order.tolist(), scores, strict=True):
            found = supply.take(value, limit)
            if found >= 0:
                pairs.append((row, found))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _with_replacement(s: Array, order: Rows, supply: _Supply, limit: float, ratio: int) -> Rows:
    """Each treated person's closest comparison people, free to serve again."""
    pairs: list[tuple[int, int]] = []
    for row in order.tolist():
        pairs += [(row, other) for other in supply.closest(float(s[row]), limit, ratio)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


class _Supply:
    """Comparison people by distinct score; each score's rows wait in rising order."""

    def __init__(self, s: Array, zeros: Rows) -> None:
        order = zeros[np.lexsort((zeros, s[zeros]))]
        self.rows = order.tolist()
        values, starts = np.unique(s[order], return_index=True)
        self.values = values
        self.score = values.tolist()
        self.next = starts.tolist()
        self.end = [*starts.tolist()[1:], len(self.rows)]
        self.right = list(range(len(self.score) + 1))  # the first score at or right of here with someone free
        self.left = list(range(len(self.score) + 1))  # shifted by one: index 0 means nobody

    def _find(self, links: list[int], i: int) -> int:
        root = i
        while links[root] != root:
            root = links[root]
        while links[i] != root:
            links[i], i = root, links[i]
        return root

    def take(self, value: float, limit: float) -> int:
        """The closest free row within the limit, which is then no longer free; -1 when there is none."""
        group = self._nearest(value, limit)
        if group < 0:
            return -1
        row: int = self.rows[self.next[group]]
        self.next[group] += 1
        if self.next[group] == self.end[group]:
            self.right[group] = group + 1
            self.left[group + 1] = group
        return row

    def _nearest(self, value: float, limit: float) -> int:
        at = int(np.searchsorted(self.values, value, side="left"))
        high = self._find(self.right, at)
        low = self._find(self.left, at) - 1
        up = _distance(self.score[high], value) if high < len(self.score) else np.inf
        down = _distance(self.score[low], value) if low >= 0 else np.inf
        if min(up, down) > limit or min(up, down) == np.inf:
            return -1
        if up == down:
            return high if self.rows[self.next[high]] < self.rows[self.next[low]] else low
        return high if up < down else low

    def closest(self, value: float, limit: float, count: int) -> list[int]:
        """The closest rows within the limit, taking nothing away."""
        at = int(np.searchsorted(self.values, value, side="left"))
        low, high = at - 1, at
        found: list[int] = []
        while len(found) < count:
            up = _distance(self.score[high], value) if high < len(self.score) else np.inf
            down = _distance(self.score[low], value) if low >= 0 else np.inf
            if min(up, down) > limit or min(up, down) == np.inf:
                break
            rows: list[int] = []
            if up <= down:
                rows += self.rows[self.next[high] : self.end[high]]
                high += 1
            if down <= up:
                rows += self.rows[self.next[low] : self.end[low]]
                low -= 1
            found += sorted(rows)
        return found[:count]


def _distance(a: float, b: float) -> float:
    gap = abs(a - b)
    return float(f"{gap:.10g}")
