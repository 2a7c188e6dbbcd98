"""Cox regression: five covariates, a fifth of people with the event, times in whole days up to two years (Efron).

Ours goes from arrays to coefficients with the errors of the model and the robust ones and the score test of
proportionality. What each peer leaves out stands beside its name in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation.times.cox import fit_cox, proportionality, robust_covariance
from evaluation.times.survival import Array, Times

R_MOST = 1_000_000
Work = Callable[[], dict[str, Any]]


def people(rows: int, seed: int = 1) -> tuple[Times, Array]:
    """Made-up people: five covariates, the last of them the arm."""
    draw = np.random.default_rng(seed)
    x = np.column_stack([draw.normal(size=(rows, 3)), draw.integers(0, 2, (rows, 2)).astype(np.float64)])
    rate = 0.0004 * np.exp(x @ [0.3, -0.2, 0.0, 0.1, -0.25])
    event, gone = draw.exponential(1 / rate), draw.uniform(365, 730, rows)
    stop = np.minimum(event, gone)
    return Times(np.ceil(stop), (event <= gone).astype(np.float64)), x


def make(rows: int, folder: Path) -> None:
    """Arrays for Python, a table for R."""
    times, x = people(rows)
    np.savez(folder / "people.npz", x=x, stop=times.stop, event=times.event)
    if rows <= R_MOST:
        frame = pl.DataFrame(x, schema=[f"x{j}" for j in range(x.shape[1])])
        frame.with_columns(stop=pl.Series(times.stop), event=pl.Series(times.event)).write_csv(
            folder / "data.csv"
        )


def fitted(times: Times, x: Array) -> dict[str, float]:
    """Coefficients; model errors, robust errors and the test are worked out too."""
    fit = fit_cox(times, x)
    errors = np.sqrt(np.diag(fit.covariance))
    robust_covariance(fit)
    proportionality(fit, times)
    found = {f"b{j}": float(value) for j, value in enumerate(fit.coefficients)}
    return found | {"std_error": float(errors[-1])}


def arrays(rows: int, folder: Path) -> Work:
    """From arrays to all numbers."""
    fitted(*people(1_000))
    kept = np.load(folder / "people.npz")
    times, x = Times(kept["stop"], kept["event"]), kept["x"]
    return lambda: {"found": fitted(times, x)}
