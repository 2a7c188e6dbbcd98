"""What each series lacks: cells without a value, periods not fully recorded, changes of definition, seals (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.areas.periods import first_days
from cohorts.areas.store import StoredAreas, StoredMeasure

EVERY = {"day": "1d", "week": "7d", "month": "1mo", "quarter": "3mo", "year": "1y"}


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """One measure of one collection: what is there and what is not.

    ``missing_cells`` counts areas times periods without a value, periods nobody delivered among them; ``absent``
    counts those periods.
    """

    areas: str
    measure: str
    first: str
    last: str
    periods: int
    absent: int
    missing_cells: int
    incomplete: int
    definitions: int
    breaks: int
    sealed_from: str


def series_facts(
    collection: StoredAreas, measures: Sequence[StoredMeasure], held: pl.DataFrame
) -> list[SeriesFacts]:
    """The state of every series of a collection."""
    return [_facts(collection, one, held.filter(pl.col("measure") == one.name)) for one in measures]


def _facts(collection: StoredAreas, measure: StoredMeasure, held: pl.DataFrame) -> SeriesFacts:
    periods = held.group_by("period").agg(pl.col("areas").sum(), pl.col("complete").min()).sort("period")
    sealed = held.filter(pl.col("sealed") == 1)["period"].min()
    if periods.is_empty():
        return SeriesFacts(collection.name, measure.name, "", "", 0, 0, 0, 0, 0, len(measure.breaks), "")
    expected = _between(periods["period"], measure)
    there = int(periods["areas"].sum())
    return SeriesFacts(
        areas=collection.name,
        measure=measure.name,
        first=str(periods["period"][0]),
        last=str(periods["period"][-1]),
        periods=periods.height,
        absent=expected - periods.height,
        missing_cells=max(expected * collection.size - there, 0),
        incomplete=periods.filter(pl.col("complete") < 1).height,
        definitions=held["definition"].n_unique(),
        breaks=len(measure.breaks),
        sealed_from=str(sealed or ""),
    )


def _between(periods: pl.Series, measure: StoredMeasure) -> int:
    """How many periods there are from the first to the last, delivered or not."""
    days = first_days(periods, measure.step, measure.year_starts)
    grid = pl.select(pl.date_range(pl.lit(days.min()), pl.lit(days.max()), EVERY[measure.step]))
    return grid.height
