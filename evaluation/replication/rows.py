"""The rows of a pack: the plan's columns, people and units under running numbers that keep their order (pure)."""

from __future__ import annotations

import io

import polars as pl

from cohorts.expressions import read_rule
from evaluation.methods.registry import METHODS
from evaluation.panels.axis import text_of
from evaluation.plan import AnalysisPlan


def pack_rows(frame: pl.DataFrame, plan: AnalysisPlan, *, own_names: bool = False) -> pl.DataFrame:
    """The rows as they are handed over. ``own_names``: a release made pseudonyms for them, which stay.

    People's own pseudonyms are replaced by running numbers in the same order, so that everything that goes by order
    (matching, first of all) is the same; areas keep their names. A row number that the program made is left out.
    """
    wanted = set(_named(plan))
    if "participant" in frame.columns and "participant" not in wanted:
        frame = frame.drop("participant")
    unit = plan.design.unit
    if own_names or not unit or unit not in frame.columns or not renumbered(plan):
        return frame
    panel = METHODS[plan.design.method].reads == "panel"
    own = text_of(frame[unit]) if panel else frame[unit]
    ordered = own.drop_nulls().unique().sort().to_list()
    width = len(str(len(ordered)))
    # A letter and six digits would read as a probation case number at the gate.
    names = [f"person-{place:0{width}d}" for place in range(1, len(ordered) + 1)]
    new = own.replace_strict(ordered, names, default=None, return_dtype=pl.String)
    return frame.with_columns(new.alias(unit))


def renumbered(plan: AnalysisPlan) -> bool:
    """Whether the column of units holds people, and is used as nothing but a name."""
    d = plan.design
    people = plan.population.units == "people"
    rule = read_rule(plan.population.where).names if plan.population.where else ()
    return people and d.unit not in (*rule, d.cluster, d.strata, *d.adjusters, d.treatment)


def _named(plan: AnalysisPlan) -> tuple[str, ...]:
    from evaluation.study_table import needed_columns

    return needed_columns(plan)


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """The rows as CSV; numbers to the last digit, a missing value as an empty cell."""
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    return buffer.getvalue()
