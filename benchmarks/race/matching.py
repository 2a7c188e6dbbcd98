"""Matching, the fit of the propensity score included: one to one, without replacement.

Five covariates, about one person in twenty treated, pairs within 0.2 SD of the logit score. Ours goes from arrays to
pairs: logistic regression without penalty, caliper, greedy match, largest score first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation.matched.nearest import Array, Rows, match_pairs
from evaluation.observed.propensity import logit_score

SLOPES = (0.5, -0.4, 0.3, 0.2, -0.1)
START = -3.3
R_MOST = 100_000
Work = Callable[[], dict[str, Any]]


def people(rows: int, seed: int = 1) -> tuple[Array, Array]:
    """Made-up people: who was treated, and five covariates."""
    draw = np.random.default_rng(seed)
    covariates = draw.normal(size=(rows, len(SLOPES)))
    chance = 1 / (1 + np.exp(-(START + covariates @ np.array(SLOPES))))
    return (draw.uniform(size=rows) < chance).astype(np.float64), covariates


def make(rows: int, folder: Path) -> None:
    """Arrays for Python, a table for R."""
    treated, covariates = people(rows)
    np.savez(folder / "people.npz", treated=treated, covariates=covariates)
    if rows <= R_MOST:
        frame = pl.DataFrame(covariates, schema=[f"x{j}" for j in range(len(SLOPES))])
        frame.with_columns(treated=pl.Series(treated.astype(np.int64))).write_csv(folder / "data.csv")


def matched(treated: Array, covariates: Array) -> tuple[Array, Rows]:
    """The score and the pairs."""
    score = logit_score(treated, covariates)
    return score, match_pairs(score, treated, caliper=0.2 * float(score.std(ddof=1)))


def arrays(rows: int, folder: Path) -> Work:
    """From arrays to pairs."""
    matched(*people(2_000))
    kept = np.load(folder / "people.npz")
    treated, covariates = kept["treated"], kept["covariates"]

    def work() -> dict[str, Any]:
        score, pairs = matched(treated, covariates)
        return {
            "found": {"first_score": float(score[0]), "last_score": float(score[-1]), "pairs": len(pairs)}
        }

    return work
