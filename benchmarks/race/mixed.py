"""A random intercept by REML: pupils in schools of about a hundred, half the schools treated, four covariates.

Ours goes from arrays to the estimate with Kenward and Roger's and with Satterthwaite's degrees of freedom; a tenth of
the variance is between schools, whose sizes are half that to one and a half times.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.clusters.mixed import cluster_sums, contrast, fit_random_intercept

Array = npt.NDArray[np.float64]
Pupils = tuple[Array, Array, npt.NDArray[np.int64]]
Work = Callable[[], dict[str, Any]]
A_SCHOOL = 100
R_MOST = 1_000_000


def pupils(rows: int, seed: int = 1) -> Pupils:
    """Design (ones, four covariates, the arm), outcome and school of each of about ``rows`` made-up pupils."""
    draw = np.random.default_rng(seed)
    count = rows // A_SCHOOL
    sizes = draw.integers(A_SCHOOL // 2, A_SCHOOL * 3 // 2 + 1, count)
    codes = np.repeat(np.arange(count), sizes)[:rows]
    n = len(codes)
    arm = (draw.permutation(count) < count // 2).astype(np.float64)[codes]
    design = np.column_stack([np.ones(n), draw.normal(size=(n, 4)), arm])
    shared = 0.33 * draw.normal(size=count)[codes]
    y = design @ [1.0, 0.5, 0.3, -0.2, 0.0, 0.1] + shared + draw.normal(size=n)
    return design, y, codes


def make(rows: int, folder: Path) -> None:
    """Arrays for Python, a table for R."""
    design, y, codes = pupils(rows)
    np.savez(folder / "pupils.npz", design=design, y=y, codes=codes)
    if rows <= R_MOST:
        frame = pl.DataFrame(design, schema=[f"x{place}" for place in range(design.shape[1])])
        frame.with_columns(y=pl.Series(y), school=pl.Series(codes)).write_csv(folder / "data.csv")


def fitted(data: Pupils) -> dict[str, float]:
    """Estimate, its error by the model, variances; Kenward and Roger's and Satterthwaite's answers are worked out."""
    fit = fit_random_intercept(cluster_sums(*data))
    pick = np.eye(data[0].shape[1])[-1]
    found, other = contrast(fit, pick), contrast(fit, pick, "satterthwaite")
    return {
        "value": found.value, "std_error": other.std_error, "df": found.df,
        "df_satterthwaite": other.df, "tau2": fit.tau2, "sigma2": fit.sigma2,
    }  # fmt: skip


def arrays(rows: int, folder: Path) -> Work:
    """From arrays to all numbers."""
    fitted(pupils(2_000))
    kept = np.load(folder / "pupils.npz")
    data = kept["design"], kept["y"], kept["codes"]
    return lambda: {"found": fitted(data)}
