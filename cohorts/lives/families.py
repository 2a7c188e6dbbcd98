"""Families: people joined by a relation, directly or through others, such as siblings by their mother (pure)."""

from __future__ import annotations

import polars as pl


def families_of(people: pl.DataFrame, relations: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """A family number for everybody: participant, value (Float64).

    Parameters
    ----------
    people : pl.DataFrame
        Column participant: who gets a number.
    relations : pl.DataFrame
        participant, other: pairs of people who are related; others need not be among ``people``.
    held : pl.DataFrame
        participant, value: numbers given before. A family keeps the smallest of its members', so that numbers
        do not change when people join. New families get the next numbers.
    """
    pairs = relations.select("participant", "other")
    both = pl.concat([pairs, pairs.select(participant="other", other="participant")]).unique()
    label = pl.concat([people.select("participant"), both.select("participant")]).unique().sort("participant")
    label = label.with_columns(pl.col("participant").alias("least"))
    while True:
        met = both.join(label.rename({"participant": "other"}), on="other").group_by("participant")
        renewed = label.join(
            met.agg(pl.col("least").min().alias("met")), on="participant", how="left", maintain_order="left"
        ).select("participant", pl.min_horizontal("least", "met").alias("least"))
        if renewed.equals(label):
            break
        label = renewed
    return _numbered(label.join(people.select("participant"), on="participant", how="semi"), held)


def _numbered(label: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    before = (
        held.drop_nulls("value").join(label, on="participant").group_by("least").agg(pl.col("value").min())
    )
    families = label.select("least").unique().join(before, on="least", how="left").sort("least")
    start = held["value"].max()
    first = float(start) + 1 if isinstance(start, float) else 1.0
    fresh = families["value"].is_null().cast(pl.Float64).cum_sum() + (first - 1)
    families = families.with_columns(pl.coalesce(pl.col("value"), fresh).alias("value"))
    doubled = families["value"].is_duplicated()
    if doubled.any():  # a family that fell apart: all but its first part get new numbers
        again = families["value"].is_first_distinct()
        top = float(families["value"].max() or 0.0)  # type: ignore[arg-type]
        later = (~again).cast(pl.Float64).cum_sum() + top
        families = families.with_columns(pl.when(again).then(pl.col("value")).otherwise(later).alias("value"))
    return label.join(families, on="least").select("participant", "value").sort("participant")
