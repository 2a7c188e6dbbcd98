"""Nearest-neighbour matching on a score (pure).

Greedy: treated people take turns, each taking the closest comparison person still free; ties in distance go to the
lowest row. Whose turn comes first is a choice: the largest score, the smallest, the order of the rows, or whoever has
the closest match of all (ties: lowest row first, always). With a ratio above one, everyone gets a first match before
anyone gets a second. Scores are compared to 12 significant digits and distances to 10, so that the last bits of a fit
cannot decide a match. A union-find over the sorted scores finds the next free neighbour, so the cost is n log n,
whatever the supply of comparison people.
"""

from __future__ import annotations

import heapq
import math
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Order = Literal["largest", "smallest", "closest", "data"]
FAR = math.inf
NEARLY = 1e-9  # gaps nearer to each other than this are compared to 10 digits


def rounded(values: Array, digits: int) -> Array:
    """Round to significant digits."""
    size = np.abs(values)
    scale = np.where(size >= 1.0, 10.0 ** (digits - 1), 10.0**digits)  # the common sizes, without a logarithm
    scale[size >= 10.0] = 10.0 ** (digits - 2)
    found = values * scale
    np.rint(found, out=found)
    found /= scale
    rest = (size < 0.1) | ~(size < 100.0)
    if rest.any():
        found[rest] = _rounded_any(values[rest], digits)
    return found


def _rounded_any(values: Array, digits: int) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - power)
    return np.asarray(np.round(values * scale) / scale, dtype=np.float64)


def in_turn(score: Array, treated: Array, order: Order) -> Rows:
    """Treated rows in the order in which they choose."""
    ones = np.flatnonzero(treated == 1)
    if order in ("closest", "data"):
        return ones
    key = score[ones] if order == "smallest" else -score[ones]
    return ones[np.lexsort((ones, key))]


def match_pairs(
    score: Array,
    treated: Array,
    *,
    caliper: float | None = None,
    ratio: int = 1,
    replace: bool = False,
    order: Order = "largest",
) -> Rows:
    """Pairs (treated row, comparison row), shape (m, 2), in the order in which they were made.

    ``caliper`` is in the score's own unit; treated people with nobody inside it stay unmatched.
    """
    s = rounded(score, 12)
    turns = in_turn(s, treated, order)
    supply = Supply(s, np.flatnonzero(treated == 0))
    limit = FAR if caliper is None else caliper
    if replace:
        return _with_replacement(s, turns, supply, limit, ratio)
    pairs: list[tuple[int, int]] = []
    rows, scores = turns.tolist(), s[turns].tolist()
    places = supply.places(s[turns]).tolist()
    for _ in range(ratio):
        if order == "closest":
            pairs += _closest_first(rows, scores, places, supply, limit)
            continue
        for row, value, at in zip(rows, scores, places, strict=True):
            found, _ = supply.nearest(value, at, limit)
            if found >= 0:
                supply.take(found)
                pairs.append((row, supply.row(found)))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _closest_first(
    rows: list[int], scores: list[float], places: list[int], supply: Supply, limit: float
) -> list[tuple[int, int]]:
    """One match each, the closest pair of all first; ties to the lowest treated row, then the lowest other row."""
    heap: list[tuple[float, int, int, int]] = []

    def offer(turn: int) -> None:
        found, gap = supply.nearest(scores[turn], places[turn], limit)
        if found >= 0:
            heapq.heappush(heap, (_to_ten(gap), turn, supply.row(found), found))

    for turn in range(len(rows)):
        offer(turn)
    pairs: list[tuple[int, int]] = []
    while heap:
        _, turn, other, found = heapq.heappop(heap)
        if supply.free(found):
            supply.take(found)
            pairs.append((rows[turn], other))
        else:
            offer(turn)
    return pairs


def _with_replacement(s: Array, turns: Rows, supply: Supply, limit: float, ratio: int) -> Rows:
    """Each treated person's closest comparison people, free to serve again."""
    pairs: list[tuple[int, int]] = []
    scores, places = s[turns].tolist(), supply.places(s[turns]).tolist()
    for row, value, at in zip(turns.tolist(), scores, places, strict=True):
        pairs += [(row, other) for other in supply.closest(value, at, limit, ratio)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


class Supply:
    """Comparison people sorted by score, then by row; who was taken is stepped over, from either side.

    Only the places of people who were taken are kept in the links, so that memory grows with the matches made.
    """

    def __init__(self, s: Array, zeros: Rows) -> None:
        mine = s[zeros]
        order = np.argsort(mine)
        values = mine[order]
        tied = values[1:] == values[:-1]
        if tied.any():
            order = np.argsort(mine, kind="stable")  # rows rise among the tied
        self.count = len(zeros)
        self._values, self._rows = values, zeros[order]
        self.score, self.rows = values.data, self._rows.data
        self.tied = bool(tied.any())
        self.right: dict[int, int] = {}  # of a taken place: somewhere further right
        self.left: dict[int, int] = {}

    def places(self, values: Array) -> Rows:
        """Where each value would stand: the first place whose score is not below it."""
        return np.searchsorted(self._values, values, side="left").astype(np.int64)

    def row(self, place: int) -> int:
        """The row of the person at a place."""
        return int(self.rows[place])

    def free(self, place: int) -> bool:
        """Say whether the person there was not taken yet."""
        return place not in self.right

    def take(self, place: int) -> None:
        """The person there is no longer free."""
        self.right[place] = place + 1
        self.left[place] = place - 1

    def nearest(self, value: float, at: int, limit: float) -> tuple[int, float]:
        """Place and gap of the closest free person within the limit; place -1 when there is none."""
        high, low = at, at - 1
        if high in self.right:
            high = _end(self.right, high)
        if low in self.left:
            low = _end(self.left, low)
        up = self.score[high] - value if high < self.count else FAR
        down = value - self.score[low] if low >= 0 else FAR
        near = up if up < down else down
        if near == FAR or (near > limit * (1 - NEARLY) and _to_ten(near) > limit):
            return -1, near
        if self.tied and low >= 0:
            low = self._lowest(low)
        if abs(up - down) <= NEARLY * near:  # nearly as far: to ten digits, then the lowest row
            up, down = _to_ten(up), _to_ten(down)
            if up == down:
                return (high, near) if self.rows[high] < self.rows[low] else (low, near)
        return (high, near) if up < down else (low, near)

    def _lowest(self, place: int) -> int:
        """The free place of the lowest row with the score of this one."""
        if place == 0 or self.score[place - 1] != self.score[place]:
            return place
        first = int(np.searchsorted(self._values, self.score[place], side="left"))
        return _end(self.right, first) if first in self.right else first

    def closest(self, value: float, at: int, limit: float, count: int) -> list[int]:
        """The closest rows within the limit, taking nothing away."""
        high, low = at, at - 1
        found: list[int] = []
        while len(found) < count:
            up = _to_ten(self.score[high] - value) if high < self.count else FAR
            down = _to_ten(value - self.score[low]) if low >= 0 else FAR
            near = min(up, down)
            if near > limit or near == FAR:
                break
            rows: list[int] = []
            while high < self.count and _to_ten(self.score[high] - value) == near:
                rows.append(self.rows[high])
                high += 1
            while low >= 0 and _to_ten(value - self.score[low]) == near:
                rows.append(self.rows[low])
                low -= 1
            found += sorted(rows)
        return found[:count]


def _end(links: dict[int, int], place: int) -> int:
    """The first place that is not linked on; the links passed are shortened."""
    root = links[place]
    while root in links:
        root = links[root]
    while place != root:
        links[place], place = root, links[place]
    return root


def _to_ten(gap: float) -> float:
    return float(f"{gap:.10g}")
