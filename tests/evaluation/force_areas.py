"""Made-up force areas for tests: a factor model, so that areas move together and weights can be found."""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from evaluation.synthetic.simplex import Array
from tests.evaluation.studies import read

PLAN = """
[plan]
id = "a-plan"
title = "A question"
[population]
units = "{units}"
{population}
[design]
method = "synthetic-control"
unit = "area"
time = "{time}"
seed = 1
{design}
[design.synthetic-control]
{treated}
start = {start}
{settings}
[[outcome]]
measure = "{measure}"
role = "primary"
kind = "{kind}"
better = "lower"
{outcome}
"""
MARGIN = 'minimum_important_difference = 3\nmid_source = "a test"'


def made_areas(
    n: int = 21,
    periods: int = 24,
    start: int = 16,
    *,
    effect: float = 0.0,
    rho: float = 0.0,
    extreme: bool = False,
    noisy: float = 0.0,
    walk: bool = False,
    seed: int | np.random.Generator = 1,
) -> Array:
    """Areas by periods, the first of them treated from ``start`` on.

    Three common factors (white, or a random walk), loadings uniform on 0 to 1, autoregressive noise of variance one.
    ``extreme``: the treated area is the one with the largest loadings; ``noisy``: so much more noise of its own.
    """
    draw = np.random.default_rng(seed)
    factors = draw.normal(size=(periods, 3))
    if walk:
        factors = 0.5 * factors.cumsum(axis=0)
    loadings = draw.uniform(0, 1, size=(n, 3))
    if extreme:
        loadings = loadings[np.argsort(-loadings.sum(axis=1))]
    noise = draw.normal(size=(n, periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    areas: Array = 50 + 3 * loadings @ factors.T + 5 * loadings.sum(axis=1)[:, None] + noise
    areas[0] += noisy * draw.normal(size=periods)
    areas[0, start:] += effect
    return areas


def as_table(areas: Array, first: int = 2000) -> pl.DataFrame:
    """A row an area and year; the treated one is called Avon."""
    n, periods = areas.shape
    names = ["Avon", *(f"Force {k:02d}" for k in range(1, n))]
    return pl.DataFrame(
        {
            "area": np.repeat(names, periods),
            "year": np.tile(np.arange(first, first + periods), n),
            "y": areas.ravel(),
        }
    )


def plan_text_for(
    settings: str = "",
    *,
    treated: str = 'treated_unit = "Avon"',
    start: str = "2016",
    outcome: str = MARGIN,
    design: str = "",
    population: str = "",
    units: str = "areas",
    kind: str = "continuous",
    measure: str = "y",
    time: str = "year",
) -> str:
    """The text of a plan on a table of :func:`as_table`."""
    return PLAN.format(
        settings=settings, treated=treated, start=start, outcome=outcome, design=design, population=population,
        units=units, kind=kind, measure=measure, time=time,
    )  # fmt: skip


def plan_for(settings: str = "", **parts: str) -> AnalysisPlan:
    """The plan of :func:`plan_text_for`."""
    return read(plan_text_for(settings, **parts))
