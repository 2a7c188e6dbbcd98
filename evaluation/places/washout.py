"""Days that still feel the days before them, and which of them a change of allocation spoils (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from evaluation.places.placed_model import Codes
from evaluation.regression.linear import Array

UNKNOWN = -1


def rows_before(place: Codes, day: Codes, lags: int) -> npt.NDArray[np.int64]:
    """For every row the row of the same place 1, 2 … ``lags`` days earlier (n, lags); -1 where there is none."""
    span = int(day.max()) + 1
    key = place * span + day
    order = np.argsort(key, kind="stable")
    found = np.full((len(day), lags), UNKNOWN, dtype=np.int64)
    for lag in range(1, lags + 1):
        wanted = key - lag
        at = np.searchsorted(key[order], wanted)
        at = np.minimum(at, len(key) - 1)
        hit = (key[order][at] == wanted) & (day >= lag)
        found[hit, lag - 1] = order[at[hit]]
    return found


def earlier(treated: Array, before: npt.NDArray[np.int64]) -> Array:
    """Allocation of the days before each row (n, lags); NaN where the day is not in the data."""
    return np.asarray(np.where(before == UNKNOWN, np.nan, treated[before]))


def settled(treated: npt.NDArray[np.bool_], before: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Rows whose allocation was the same on all the days before that ``before`` looks at.

    ``treated`` is (rows) or (draws, rows). A row with a day missing before it is never settled.
    """
    known = (before != UNKNOWN).all(axis=1)
    same = np.ones(treated.shape, dtype=bool)
    for lag in range(before.shape[1]):
        same &= treated[..., before[:, lag]] == treated
    return np.asarray(same & known)
