"""Regression discontinuity with its bandwidths chosen: a cut-off at nought, an outcome that bends and jumps.

Ours goes from arrays to the corrected jump and its error: sorting, three bandwidths (mean squared error), nearest
neighbours, fit. Twice: a score no two people share, and one rounded to two decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.jump import Recipe, jump_at_cutoff, sorted_scores
from evaluation.regression.linear import Array

Work = Callable[[], dict[str, Any]]


def people(rows: int, *, rounded: bool, seed: int = 1) -> tuple[Array, Array]:
    """Made-up people: a score with its cut-off at nought, an outcome that bends and jumps."""
    draw = np.random.default_rng(seed)
    x = draw.beta(2, 4, rows) * 2 - 1
    x = np.round(x, 2) if rounded else x
    y = 0.5 + 0.9 * x + 1.4 * x**2 - 2 * x**3 + 0.4 * (x >= 0) + draw.normal(size=rows)
    return x, y


def make(rows: int, folder: Path) -> None:
    """A score no two people share."""
    x, y = people(rows, rounded=False)
    np.savez(folder / "people.npz", x=x, y=y)


def make_rounded(rows: int, folder: Path) -> None:
    """A score in hundredths."""
    x, y = people(rows, rounded=True)
    np.savez(folder / "people.npz", x=x, y=y)


def fitted(x: Array, y: Array) -> dict[str, float]:
    """Bandwidths and jump."""
    scores = sorted_scores(x, y)
    widths = choose_bandwidths(scores, "mse", Recipe())
    jump = jump_at_cutoff(scores, widths, Recipe())
    return {"value": jump.value, "std_error": jump.std_error, "width": widths.h_left}


def arrays(rows: int, folder: Path) -> Work:
    """From arrays to the jump."""
    kept = np.load(folder / "people.npz")
    x, y = kept["x"], kept["y"]
    fitted(x[:2000], y[:2000])
    return lambda: {"found": fitted(x, y)}
