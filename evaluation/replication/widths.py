"""The bandwidths of a cut-off as the program has them: R takes them as given (pure)."""

from __future__ import annotations

import polars as pl

from evaluation.discontinuity.local_polynomial import TooFewPoints
from evaluation.discontinuity.people import fit_way, people_of, planned_way
from evaluation.frame import build_frame
from evaluation.methods.regression_discontinuity import derive_arm
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable


def widths_of(frame: pl.DataFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> dict[str, float]:
    """The four bandwidths of one outcome; none where a window cannot bear its polynomial."""
    table, derived = derive_arm(StudyTable(frame, "data.csv", 2), plan)
    people = people_of(build_frame(with_people(table), derived, outcome), plan.design.settings)
    try:
        widths = fit_way(people, planned_way(plan.design.settings)).widths
    except TooFewPoints:
        return {}
    return {name: getattr(widths, name) for name in ("h_left", "h_right", "b_left", "b_right")}


def with_people(table: StudyTable) -> StudyTable:
    """The table with a running number for each row, where it names no participants."""
    if "participant" in table.frame.columns:
        return table
    rows = pl.int_range(table.frame.height, dtype=pl.Int64, eager=True).alias("participant")
    return StudyTable(table.frame.with_columns(rows), table.name, table.row_of)
