"""Cross-fitted AIPW with the learners and the number of folds of its peer: six covariates, effect 0.1.

Ours: logistic and linear regressions without penalty, five folds, one division, from arrays to estimate and error.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Work = Callable[[], dict[str, Any]]
FOLDS, TRUTH = 5, 0.1


def made_up(rows: int, seed: int = 1) -> tuple[Array, Array, Array]:
    """Covariates (n, 6), treatment and outcome."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 6))
    t = (draw.random(rows) < 1 / (1 + np.exp(0.5 - x @ [0.4, -0.3, 0.2, 0.1, 0.0, 0.2]))).astype(np.float64)
    y = TRUTH * t + x @ [0.5, 0.2, -0.3, 0.1, 0.2, 0.0] + draw.normal(size=rows)
    return x, t, y


def make(rows: int, folder: Path) -> None:
    """The people."""
    x, t, y = made_up(rows)
    np.savez(folder / "people.npz", x=x, t=t, y=y)


def fitted(x: Array, t: Array, y: Array) -> dict[str, float]:
    """Estimate and error."""
    from evaluation.observed.cross_fitted import Models, People, Question, divide, effects

    people = People(y, t, x)
    divisions = divide(people, Models("linear", FOLDS, 1, "linear", 0.01, 1))
    kept = np.ones(len(people.y), dtype=np.bool_)
    (found,) = effects(people, divisions, kept, Question("ATE", "aipw", "difference"))
    return {"value": found.value, "std_error": found.error}


def arrays(rows: int, folder: Path) -> Work:
    """From arrays to estimate and error."""
    fitted(*made_up(2_000))
    kept = np.load(folder / "people.npz")
    data = kept["x"], kept["t"], kept["y"]
    return lambda: {"found": fitted(*data)}
