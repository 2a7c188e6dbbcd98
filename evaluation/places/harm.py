"""Rows of several kinds of offence added up to one a place and period, each kind by the harm it does (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from cohorts.expressions import read_rule
from evaluation.errors import EvaluationError
from evaluation.model import FlowStep
from evaluation.plan import PlannedOutcome
from evaluation.study_table import StudyTable, column_of, rows_named


def harm_columns(outcome: str) -> tuple[str, str]:
    """Columns that hold the harm of an outcome, and the squares its variance is made of."""
    return f"harm of {outcome}", f"squared harm of {outcome}"


def weighted_rows(table: StudyTable, column: str, weights: Mapping[str, float]) -> pl.Series:
    """Each row's weight: ``column`` itself, or what ``weights`` say of the kind of offence it holds.

    Raises LC494 for a kind without a weight, and for weights that are no numbers from 0.
    """
    series = table.frame[column]
    if weights:
        kinds = series.cast(pl.String)
        found = kinds.replace_strict(dict(weights), default=None, return_dtype=pl.Float64)
        said = f"column '{column}' holds a kind that [design.displacement-difference.harm] gives no weight"
    else:
        found = series.cast(pl.Float64, strict=False)
        found = found.set(found.is_not_null() & ~(found.is_finite() & (found >= 0)), None)
        said = f"column '{column}' must hold weights, numbers from 0"
    if found.null_count():
        rows = rows_named(table, found.is_null())
        raise EvaluationError(
            "LC494", f"{said}; look at {rows}", "Name its weight, or correct the data.", where=table.name
        )
    return found


def added_by_harm(
    table: StudyTable,
    weight: pl.Series,
    outcomes: Sequence[PlannedOutcome],
    keys: tuple[str, str],
    where: str,
) -> StudyTable:
    """One row a place and period: counts added up, beside them the harm and its squares. ``where`` comes first.

    A place and period of which one kind has no count has none itself.
    """
    frame, earlier = table.frame.with_columns(weight.alias("_weight")), table.earlier
    earlier = earlier or (FlowStep("in the data", frame.height, ""),)
    if where:
        frame = frame.filter(read_rule(where).expression())
        earlier = (*earlier, FlowStep("meets the plan's rule", frame.height, "rule not met, or not known"))
    names = [column_of(outcome) for outcome in outcomes]
    told: list[pl.Expr] = []
    for name in dict.fromkeys(names):
        count = pl.col(name).cast(pl.Float64, strict=False)
        whole = count.is_not_null().all()
        plain, square = harm_columns(name)
        told += [
            pl.when(whole).then(total.sum()).alias(into)
            for into, total in (
                (name, count),
                (plain, count * pl.col("_weight")),
                (square, count * pl.col("_weight") ** 2),
            )
        ]
    rest = [pl.col(name).first() for name in frame.columns if name not in (*keys, *names, "_weight")]
    folded = frame.group_by(keys, maintain_order=True).agg(*told, *rest)
    step = FlowStep("added up over kinds of offence", folded.height, "")
    return replace(table, frame=folded, earlier=(*earlier, step), row_of=0)
