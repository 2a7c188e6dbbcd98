"""Plans and data of differences in differences for tests."""

from __future__ import annotations

import numpy as np
import polars as pl

METHOD = "difference-in-differences"


def plan_of(
    *, treatment: str = "tr", time: str = "year", start: str = "2016", measure: str = "y", better: str = "lower",
    units: str = "areas", design: str = "", settings: str = "", kind: str = "continuous", outcome: str = "",
    population: str = "",
) -> str:  # fmt: skip
    """The text of a plan."""
    return f"""[plan]
id = "did-1"
title = "Did it change?"
[population]
units = "{units}"
{population}
[design]
method = "{METHOD}"
treatment = "{treatment}"
time = "{time}"
seed = 1
{design}
[design.{METHOD}]
start = {start}
{settings}
[[outcome]]
measure = "{measure}"
role = "primary"
kind = "{kind}"
better = "{better}"
{outcome}
"""


def areas(
    n: int = 30, treated: int = 12, periods: int = 10, *, effect: float = -2.0, seed: int = 5
) -> pl.DataFrame:
    """Areas by years 2010 on; an effect from 2016; a covariate, counts with a population, regions of three areas."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n), periods)
    year = np.tile(np.arange(periods), n)
    arm = (unit < treated).astype(np.float64)
    y = 30 + 2 * draw.normal(size=n)[unit] + 0.5 * year + draw.normal(size=n * periods)
    y += effect * arm * (year >= 6)
    return pl.DataFrame(
        {
            "area": [f"a{i:03d}" for i in unit],
            "year": 2010 + year,
            "tr": arm,
            "y": y,
            "x": draw.normal(size=n)[unit] + 0.2 * draw.normal(size=n * periods),
            "c": draw.poisson(np.exp(y / 10)),
            "pop": 1000.0 + 50 * unit,
            "region": [f"r{i // 3:02d}" for i in unit],
        }
    )
