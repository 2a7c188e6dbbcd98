"""Two arms out of several: the values of the treatment column that a plan compares become 1 and 0 (pure)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from evaluation.errors import EvaluationError
from evaluation.model import Check
from evaluation.plan import AnalysisPlan
from evaluation.study_table import StudyTable
from workspace.errors import Fault


def pick_arms(table: StudyTable, plan: AnalysisPlan) -> StudyTable:
    """The table with the plan's two arms as 1 and 0 and everybody else's arm blank; as it is where none are named.

    People in other arms are then counted in the flow with those whose arm is not known. Raises LC469 where the data
    lack one of the two.
    """
    design = plan.design
    if not design.arm or design.treatment not in table.frame.columns:
        return table
    labels = arm_labels(table.frame[design.treatment])
    seen = set(labels.drop_nulls().to_list())
    faults = [
        Fault("LC469", table.name, f"column '{design.treatment}' has no arm '{name}'", "Correct the plan.")
        for name in (design.arm, design.comparison)
        if name not in seen
    ]
    if faults:
        raise EvaluationError.gather(faults)
    arm = pl.when(labels == design.arm).then(1.0).when(labels == design.comparison).then(0.0)
    return replace(table, frame=table.frame.with_columns(arm.alias(design.treatment)))


def arm_labels(series: pl.Series) -> pl.Series:
    """Arms as texts; a number is written without noughts behind the point, so that 2.0 is "2"."""
    if series.dtype == pl.String:
        return series
    numbers = series.cast(pl.Float64)
    texts = [None if value is None else f"{value:g}" for value in numbers.to_list()]
    return pl.Series(series.name, texts, dtype=pl.String)


def arms_check(plan: AnalysisPlan) -> tuple[Check, ...]:
    """Say that other arms are other plans, and that p-values are not adjusted across plans."""
    if not plan.design.arm:
        return ()
    note = (
        f"Only '{plan.design.arm}' and '{plan.design.comparison}' are compared here. Each other pair of arms is a "
        "plan of its own; p-values are not adjusted over several plans."
    )
    return (Check("several arms", "info", None, None, "none", note),)
