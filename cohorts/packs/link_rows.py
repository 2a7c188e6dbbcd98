"""The link tokens of a pack as rows: of its people, and of those they are said to be related to (pure)."""

from __future__ import annotations

import polars as pl

from cohorts.packs.format import Pack
from cohorts.partner_files.mapping import SourceMapping

ROWS = {"source": pl.String, "kind": pl.String, "namespace": pl.String, "link": pl.Binary}


def links_of_people(people: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
    """Columns :data:`ROWS` from a table with a Binary column a kind of identifier."""
    kinds = [name for name, kind in people.schema.items() if kind == pl.Binary]
    parts = [people.select(pl.lit(kind).alias("kind"), pl.col(kind).alias("link")) for kind in kinds]
    return _rows(pl.concat(parts), mapping)


def links_of_pack(pack: Pack, mapping: SourceMapping) -> pl.DataFrame:
    """The same of a pack that is loaded, with the relatives in it."""
    found = [links_of_people(pack.people, mapping)]
    if "relation" in pack.lives:
        kin = pack.lives["relation"].select("kind", pl.col("token").alias("link"))
        found.append(_rows(kin, mapping))
    return pl.concat(found).unique()


def _rows(tokens: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
    space = pl.when(pl.col("kind") == "local-id").then(pl.lit(mapping.namespace)).otherwise(pl.lit(""))
    rows = tokens.drop_nulls().with_columns(pl.lit(mapping.id).alias("source"), space.alias("namespace"))
    return rows.select(*ROWS).unique()
