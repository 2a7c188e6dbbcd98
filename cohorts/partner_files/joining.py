"""Which rows are one person: those that share a token, directly or through other rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, slots=True)
class Joined:
    """The group of every row, and for every kind the rows whose group has two tokens of it."""

    group: pl.Series = field(repr=False)
    clashes: tuple[tuple[str, pl.Series], ...] = field(repr=False)


def join_rows(tokens: pl.DataFrame) -> Joined:
    """Group rows by shared tokens.

    Parameters
    ----------
    tokens : pl.DataFrame
        One column a kind of identifier: the tokens, or numbers that stand for them; null where a row has none.
        Every row has at least one.
    """
    kinds = tokens.columns
    nodes = tokens.unique().sort(kinds)
    nodes = nodes.with_columns(_components(nodes).alias("group"))
    clashing = nodes.group_by("group").agg(
        (pl.col(kind).drop_nulls().n_unique() > 1).alias(kind) for kind in kinds
    )
    group = tokens.join(nodes, on=kinds, how="left", nulls_equal=True, maintain_order="left")["group"]
    flags = pl.DataFrame({"group": group}).join(clashing, on="group", how="left", maintain_order="left")
    return Joined(group, tuple((kind, flags[kind]) for kind in kinds))


def _components(nodes: pl.DataFrame) -> pl.Series:
    """Connected components of token combinations; every node ends with the smallest number of its component.

    Each round a whole group so far takes the smallest number that any of its nodes meets through a token, and
    then every node follows the numbers to their end. Groups merge many at a time, so that even one long chain
    needs few rounds.
    """
    label = pl.Series("label", range(nodes.height), dtype=pl.UInt32)
    while True:
        met = nodes.with_columns(label, label.alias("met"))
        for kind in nodes.columns:
            smallest = pl.col("met").min().over(kind)
            met = met.with_columns(
                pl.when(pl.col(kind).is_null()).then("met").otherwise(smallest).alias("met")
            )
        renewed = _followed(met.select(pl.col("met").min().over("label").alias("label")).to_series())
        if renewed.equals(label):
            return label
        label = renewed


def _followed(label: pl.Series) -> pl.Series:
    while True:
        further = label.gather(label)
        if further.equals(label):
            return label
        label = further
