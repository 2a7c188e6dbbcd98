"""The column that says in which zone a place lies (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.places.displacement import ZONES


def read_zones(values: pl.Series, column: str) -> tuple[dict[str, npt.NDArray[np.bool_]], tuple[str, ...]]:
    """Which units lie in which zone, and buffers that are left out because their counterpart is not there.

    Units without a zone are in none. Raises LC494 for a zone of another name.
    """
    texts = values.cast(pl.String).str.strip_chars().str.to_lowercase()
    if not texts.drop_nulls().is_in(["", *ZONES]).all():
        raise EvaluationError(
            "LC494",
            f"column '{column}' holds a zone of another name",
            f"Zones are {', '.join(ZONES)}; leave it blank for places in none.",
        )
    member = {name: (texts == name).fill_null(value=False).to_numpy() for name in ZONES}
    there = {name: who for name, who in member.items() if who.any()}
    buffers = [name for name in there if name.endswith("-buffer")]
    if len(buffers) == 1:
        return {name: who for name, who in there.items() if name not in buffers}, tuple(buffers)
    return there, ()
