"""Coarsened exact matching: people are compared with those alike on every covariate, coarsely measured (pure).

Numbers are cut into ranges, at the plan's cutpoints or into Sturges's number of equally wide ones; texts stay as they
are. Treated people whose cell holds nobody to compare with are left out, which changes whose effect is estimated.
Source: Iacus, King and Porro (2012); Sturges (1926).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from evaluation.matched.nearest import rounded
from evaluation.matched.people import Array, Rows


def ranges_for(n: int) -> int:
    """Sturges's number of ranges for ``n`` people."""
    return math.ceil(math.log2(max(n, 1)) + 1)


def coarse(values: Array, cuts: tuple[float, ...] | None) -> Rows:
    """The range of each value, from 0: at the cuts (a cut belongs to the range above it), or equally wide ones."""
    if cuts is not None:
        return np.searchsorted(np.asarray(cuts), values, side="right").astype(np.int64)
    low, width = float(values.min()), float(np.ptp(values))
    if width <= 1e-12 * max(abs(low), abs(low + width)):
        return np.zeros(len(values), dtype=np.int64)
    count = ranges_for(len(values))
    place = np.floor(rounded((values - low) / width * count, 10)).astype(np.int64)
    return np.minimum(place, count - 1)


def cells(
    data: pl.DataFrame,
    names: tuple[str, ...],
    exact: tuple[str, ...],
    cutpoints: Mapping[str, tuple[float, ...]],
) -> Rows:
    """The cell of everyone, from 0, in order of first appearance; ``exact`` columns are not coarsened."""
    parts: dict[str, pl.Series] = {}
    for name in names:
        column = data[f"x:{name}"]
        if column.dtype == pl.String or name in exact:
            parts[name] = column
        else:
            parts[name] = pl.Series(coarse(column.cast(pl.Float64).to_numpy(), cutpoints.get(name)))
    frame = pl.DataFrame([series.rename(name) for name, series in parts.items()]).with_row_index("row")
    whole = frame.group_by(list(parts), maintain_order=True).agg("row")
    numbered = whole.select("row").with_row_index("cell").explode("row")
    return numbered.sort("row")["cell"].to_numpy().astype(np.int64)
