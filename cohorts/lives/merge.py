"""How rows about lives that arrive meet those that are held: what is new, renewed, contradicted or gone (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

KEYS: dict[str, tuple[str, ...]] = {
    "spell": ("kind", "state", "start_date"),
    "event": ("kind", "event_date", "date_precision", "category", "nth"),
    "exposure": ("intervention", "session_date", "session_mode", "provider", "nth"),
    "observability": ("sees", "start_date"),
    "relation": ("relation", "other_id"),
}
CONTENTS: dict[str, tuple[str, ...]] = {
    "spell": ("end_date", "end_reason", "unit"),
    "event": (),
    "exposure": ("attended", "planned_minutes", "minutes", "fidelity"),
    "observability": ("end_date", "reason"),
    "relation": (),
}
SCOPES = {
    "spell": "kind", "event": "kind", "exposure": "intervention", "observability": "sees", "relation": "relation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Merged:
    """What to do with a table's rows: add these, close those; and the rows that contradict what is held."""

    added: pl.DataFrame = field(repr=False)
    closed: pl.Series = field(repr=False)
    unchanged: int
    contradicted: pl.DataFrame = field(repr=False)


def numbered(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Number like events of a person, so that three on one day stay three however often a file comes."""
    if "nth" not in KEYS[table]:
        return rows.unique(["participant_id", *KEYS[table]], keep="first", maintain_order=True)
    same = ["participant_id", *(name for name in KEYS[table] if name != "nth")]
    ordered = rows.sort(*same, *CONTENTS[table], "row", nulls_last=True)
    return ordered.with_columns(pl.int_range(pl.len()).over(same).cast(pl.Int64).alias("nth"))


def disputed(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one file with the same key and other contents, such as two ends of one spell."""
    if "nth" in KEYS[table]:
        return rows.clear()
    key = ["participant_id", *KEYS[table]]
    distinct = rows.unique([*key, *CONTENTS[table]], keep="first", maintain_order=True)
    return distinct.filter(pl.struct(key).is_duplicated())


def merge(table: str, rows: pl.DataFrame, held: pl.DataFrame, *, replace: bool) -> Merged:
    """Hold arriving rows against the current ones of the same source and people.

    A blank that is filled later is no contradiction: an open spell that ends is renewed. With ``replace`` the
    file is the whole record of a person and kind: rows it lacks are closed, and its blanks count.

    Parameters
    ----------
    rows : pl.DataFrame
        participant_id, the table's keys and contents, row.
    held : pl.DataFrame
        The same without row, and ``id``.
    """
    key, contents = ["participant_id", *KEYS[table]], CONTENTS[table]
    both = rows.join(held, on=key, how="left", suffix="_held", nulls_equal=True)
    known = pl.col("id").is_not_null()
    if not replace:
        both = both.with_columns(pl.coalesce(name, f"{name}_held").alias(name) for name in contents)
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_held")) for name in contents]
    clashes = [
        pl.col(f"{name}_held").is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_held"))
        for name in contents
    ]
    changed = known & (pl.any_horizontal(differs) if differs else pl.lit(value=False))
    clash = known & (pl.any_horizontal(clashes) if clashes else pl.lit(value=False))
    both = both.with_columns(changed.alias("changed"), clash.alias("clash"))
    closed = [both.filter("changed")["id"]]
    if replace:
        scope = ["participant_id", SCOPES[table]]
        told = held.join(rows.select(scope).unique(), on=scope, how="semi")
        closed.append(told.join(rows, on=key, how="anti", nulls_equal=True)["id"])
    return Merged(
        both.filter(pl.col("id").is_null() | pl.col("changed")).select(rows.columns),
        pl.concat(closed).unique().sort(),
        both.filter(known & ~pl.col("changed")).height,
        both.filter("clash").select(rows.columns) if not replace else rows.clear(),
    )
