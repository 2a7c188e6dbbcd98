"""Made-up force areas for tests: a factor model, so that areas move together and weights can be found."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.calibration.synthetic import made_areas
from evaluation.plan import AnalysisPlan
from evaluation.synthetic.simplex import Array
from tests.evaluation.studies import read

__all__ = ["MARGIN", "as_table", "made_areas", "plan_for", "plan_text_for"]

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
