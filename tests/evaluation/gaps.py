"""Made-up studies with gaps, for tests of missing data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tests.evaluation.studies import observed, schools, trial

DESIGN = {"cluster-randomised": 'cluster = "school"'}


def people_of(method: str, n: int = 150, seed: int = 1, *, binary: bool = False) -> pl.DataFrame:
    """A study that fits a method: n people an arm in trials, about 3 n in observed comparisons."""
    if method == "randomised":
        return trial(n, seed, binary=binary)
    if method == "cluster-randomised":
        return schools(n, seed, binary=binary)
    return observed(3 * n, seed, binary=binary)


def with_gaps(
    frame: pl.DataFrame, share: float = 0.2, *, seed: int = 7, names: Sequence[str] = ("y",)
) -> pl.DataFrame:
    """Values of columns blanked for people drawn by chance."""
    draw = np.random.default_rng(seed)
    for name in names:
        gone = pl.Series(draw.random(frame.height) < share)
        frame = frame.with_columns(pl.when(gone).then(None).otherwise(pl.col(name)).alias(name))
    return frame


def lost_by(frame: pl.DataFrame, *, pull: float = 1.2, seed: int = 3) -> pl.DataFrame:
    """Outcomes lost by what was known before: those with a high x in the programme, those with a low x without it."""
    draw = np.random.default_rng(seed)
    turn = 2 * frame["treat"].to_numpy() - 1
    chance = 1 / (1 + np.exp(1 - pull * frame["x"].to_numpy() * turn))
    gone = pl.Series(draw.random(frame.height) < chance)
    return frame.with_columns(pl.when(gone).then(None).otherwise(pl.col("y")).alias("y"))
