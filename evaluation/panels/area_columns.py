"""Columns of area series as a plan reads them: definitions with their breaks, whole periods, denominators (pure)."""

from __future__ import annotations

import polars as pl

from cohorts.areas.periods import first_days, period_of
from cohorts.areas.store import StoredMeasure


def labelled(series: pl.DataFrame, measure: StoredMeasure) -> pl.DataFrame:
    """The series with a definition that changes wherever the way of counting does.

    To the definition as it was stated come the source, where several supply the measure, and the last break that the
    source declared up to the period.
    """
    said = pl.col("definition")
    if series["source"].n_unique() > 1:
        said = said + " from " + pl.col("source")
    since = pl.lit("")
    for source, one in measure.breaks:
        counted = (pl.col("source") == source) & (pl.col("period") >= one.period)
        since = pl.when(counted).then(pl.lit(f" since {one.period} ({one.why})")).otherwise(since)
    return series.with_columns((said + since).alias("definition"))


def added_up(series: pl.DataFrame, areas: pl.DataFrame, ends: pl.Series) -> pl.DataFrame:
    """Counts added up to the areas they are part of; blank in a period in which a part that was valid has none.

    Areas without a parent are left out. The definition is the parts' own, or all of theirs; a sum is as complete as its
    least complete part.
    """
    parts = areas.filter(pl.col("parent").is_not_null())
    mine = series.with_columns(ends.alias("end")).join(parts.select("area", "parent"), on="area", how="inner")
    valid = parts.select("parent", pl.col("valid_from").str.to_date("%Y-%m-%d").alias("since"))
    slots = mine.select("parent", "period", "end").unique()
    expected = (
        slots.join(valid, on="parent")
        .filter(pl.col("since").is_null() | (pl.col("since") <= pl.col("end")))
        .group_by("parent", "period")
        .len("expected")
    )
    whole = mine.group_by("parent", "period").agg(
        pl.col("value").sum().alias("sum"),
        pl.col("value").count().alias("seen"),
        pl.col("definition").unique().sort().str.join("; "),
        pl.col("complete").min(),
        pl.col("source").unique().sort().str.join(" and "),
        pl.col("data_until").min(),
        pl.col("measure").first(),
    )
    value = pl.when(pl.col("seen") >= pl.col("expected")).then("sum").alias("value")
    missing = pl.lit(None, dtype=pl.String).alias("missing")
    joined = whole.join(expected, on=["parent", "period"]).rename({"parent": "area"})
    return joined.with_columns(value, missing).select(series.columns).sort("area", "period")


def covered(series: pl.DataFrame, starts: pl.Series, ends: pl.Series) -> pl.Series:
    """The share of each period that was recorded, as the file says and as far as its data go."""
    frame = series.select("complete", "data_until").with_columns(starts.alias("first"), ends.alias("last"))
    days = (pl.col("last") - pl.col("first")).dt.total_days() + 1
    until = pl.col("data_until").str.to_date("%Y-%m-%d", strict=False)
    there = ((until - pl.col("first")).dt.total_days() + 1).clip(lower_bound=0)
    share = pl.min_horizontal(pl.lit(1.0), there / days).fill_null(1.0)
    return frame.select((pl.col("complete") * share).alias("complete"))["complete"]


def spread_over(
    frame: pl.DataFrame, main: StoredMeasure, series: pl.DataFrame, measure: StoredMeasure
) -> pl.DataFrame:
    """A measure beside the outcomes; one of a coarser step stands in each of the periods that begin in its own."""
    own = series.select("area", pl.col("period").alias("own"), pl.col("value").alias(measure.name))
    if measure.step == main.step:
        return frame.join(
            own, left_on=["area", "period"], right_on=["area", "own"], how="left", maintain_order="left"
        )
    days = first_days(frame["period"], main.step, main.year_starts)
    within = period_of(days, measure.step, measure.year_starts).alias("own")
    wide = frame.with_columns(within).join(own, on=["area", "own"], how="left", maintain_order="left")
    return wide.drop("own")
