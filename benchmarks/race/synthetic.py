"""Synthetic difference-in-differences with all its placebos, on panels made up: a factor model with random walks.

One treated unit, a third of the periods after the start. Ours goes from a long table to the estimate and the effects of
*all* donors as placebos, which leaves nothing to chance; the peers draw 200. Their solver stops before the optimum, so
that their estimates differ by a small part of the error.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation.synthetic.fits import Fit, fit
from evaluation.synthetic.placebos import placebos
from evaluation.synthetic.simplex import Array

Work = Callable[[], dict[str, Any]]
LENGTHS = {1_000: 25, 10_000: 50, 30_000: 60}


def made_up(units: int, length: int) -> tuple[Array, int]:
    """A factor model with random walks, no effect."""
    draw = np.random.default_rng(1)
    factors = draw.normal(size=(length, 3)).cumsum(axis=0)
    return draw.normal(size=(units, 3)) @ factors.T + draw.normal(size=(units, length)), length * 2 // 3


def make(rows: int, folder: Path) -> None:
    """The panel and the place of its start."""
    length = LENGTHS.get(rows, 20)
    matrix, start = made_up(rows // length, length)
    np.savez(folder / "panel.npz", matrix=matrix, start=start)


def long_of(matrix: Array) -> pl.DataFrame:
    """A line a unit and period."""
    n, length = matrix.shape
    return pl.DataFrame(
        {"unit": np.repeat(np.arange(n), length), "time": np.tile(np.arange(length), n), "y": matrix.ravel()}
    )


def with_placebos(frame: pl.DataFrame, start: int) -> dict[str, float]:
    """From a long table to the estimate and the spread of all placebos."""
    ordered = frame.sort("unit", "time")
    matrix = ordered["y"].to_numpy().reshape(ordered["unit"].n_unique(), -1)
    own = fit("did", matrix[0], matrix[1:], start)

    def fitted(target: Array, donors: Array, _: object) -> Fit:
        return fit("did", target, donors, start)

    spread = placebos(fitted, matrix[1:], None, 1, np.random.default_rng(1)).spread
    return {"value": own.effect, "std_error": float(spread or 0.0)}


def arrays(rows: int, folder: Path) -> Work:
    """From a long table to all numbers."""
    small, start = made_up(20, 15)
    with_placebos(long_of(small), start)
    kept = np.load(folder / "panel.npz")
    frame, begins = long_of(kept["matrix"]), int(kept["start"])
    return lambda: {"found": with_placebos(frame, begins)}
