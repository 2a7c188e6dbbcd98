"""Sums of rows by group: what every clustered error is made of (pure)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Sums = npt.NDArray[np.float64]


def sums_by(codes: npt.NDArray[Any], rows: Sums, count: int | None = None) -> Sums:
    """Sum the rows (n, k) of each group, in the order of their numbers: (G, k).

    ``codes`` are whole numbers from 0, one a row; ``count`` the number of groups, where some may have no row.
    """
    groups = int(codes.max()) + 1 if count is None else count
    return np.column_stack([np.bincount(codes, weights=column, minlength=groups) for column in rows.T])
