"""Matched people, whatever matched them: who they are, how much each counts, and who belongs together (pure).

All weights are those of the effect on the treated: a treated person counts once, and the comparison people of a set,
subclass or cell share the weight of its treated people.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows of the frame (a comparison person may stand twice), their weights and their set, numbered from 0.

    ``pairs`` are (treated row, comparison row) of one-to-one matching without replacement, else none. ``twice``: people
    may serve more than once. ``wholes``: the sets are subclasses, each with two people or more in each arm.
    """

    rows: Rows = field(repr=False)
    weights: Array = field(repr=False)
    sets: Rows = field(repr=False)
    pairs: Rows | None = field(default=None, repr=False)
    twice: bool = False
    wholes: bool = False

    @property
    def clusters(self) -> tuple[Rows, ...]:
        """What errors are clustered by: sets, and people where they may serve twice; nothing for subclasses."""
        if self.wholes:
            return ()
        return (self.sets, self.rows) if self.twice else (self.sets,)

    def weights_of(self, n: int) -> Array:
        """How much each of ``n`` people counts in all."""
        return np.bincount(self.rows, weights=self.weights, minlength=n).astype(np.float64)


def from_pairs(pairs: Rows, *, twice: bool = False, single: bool = False) -> Matched:
    """Matched sets from (treated row, comparison row): treated once a set, comparisons share it.

    ``single``: everyone has one match at most, and nobody serves twice.
    """
    ones, index, size = np.unique(pairs[:, 0], return_inverse=True, return_counts=True)
    rows = np.concatenate([ones, pairs[:, 1]])
    weights = np.concatenate([np.ones(len(ones)), 1 / size[index]])
    sets = np.concatenate([np.arange(len(ones)), index]).astype(np.int64)
    return Matched(rows, weights, sets, pairs if single else None, twice)


def from_groups(codes: Rows, treated: Array, *, fewest: int) -> Matched:
    """The people of groups with at least ``fewest`` of each arm; comparisons share the weight of the treated."""
    count = int(codes.max()) + 1 if len(codes) else 0
    ones = np.bincount(codes[treated == 1], minlength=count)
    zeros = np.bincount(codes[treated == 0], minlength=count)
    good = (ones >= fewest) & (zeros >= fewest)
    rows = np.flatnonzero(good[codes]) if count else np.empty(0, dtype=np.int64)
    mine = codes[rows]
    weights = np.where(treated[rows] == 1, 1.0, ones[mine] / np.maximum(zeros[mine], 1))
    sets = np.unique(mine, return_inverse=True)[1].astype(np.int64)
    return Matched(rows, weights, sets, wholes=fewest > 1)
