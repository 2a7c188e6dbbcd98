"""Lives in a pack: one more small text for each kind of record a source brings. Pure.

``spell.csv``, ``event.csv``, ``exposure.csv``, ``observability.csv`` and ``relation.csv`` stand in a pack only where
the mapping names such columns. Each has ``person`` and the columns of :data:`cohorts.lives.reading.SCHEMAS`; a relative
is a hexadecimal link token.
"""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from cohorts.custody.two_keys import hub_tokens
from cohorts.lives.reading import SCHEMAS, LifeRows
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey

ENTRIES = {name: f"{name}.csv" for name in SCHEMAS}
_PERIODS = {"spell": ("start_date", "end_date"), "observability": ("start_date", "end_date")}
_NEEDED = {
    "spell": ("kind", "state", "start_date"),
    "event": ("kind", "event_date", "date_precision"),
    "exposure": ("intervention", "session_date", "attended"),
    "observability": ("sees",),
    "relation": ("relation", "kind", "token"),
}


def life_texts(life: LifeRows) -> dict[str, str]:
    """The entries of a pack: names to CSV. Rows are sorted, so that the order of the file is lost."""
    texts = {}
    for name, schema in SCHEMAS.items():
        if name not in life.tables:
            continue
        table = life.tables[name].select("person", *schema)
        binary = [column for column, kind in schema.items() if kind == pl.Binary]
        hexed = table.with_columns(pl.col(column).bin.encode("hex") for column in binary)
        texts[ENTRIES[name]] = hexed.sort(hexed.columns).write_csv()
    return texts


def read_lives(entries: dict[str, bytes]) -> dict[str, pl.DataFrame]:
    """The tables of a pack's entries: ``person`` and the columns of the schema. A fault is a ValueError."""
    found = {}
    for name, entry in ENTRIES.items():
        if entry not in entries:
            continue
        schema: dict[str, Any] = {"person": pl.UInt32, **SCHEMAS[name]}
        try:
            frame = pl.read_csv(io.BytesIO(entries[entry]), infer_schema=False)
            if frame.columns != list(schema):
                raise ValueError(entry)
            found[name] = frame.select(_typed(column, kind) for column, kind in schema.items())
        except (pl.exceptions.PolarsError, UnicodeDecodeError):
            raise ValueError(entry) from None
    return found


def _typed(column: str, kind: Any) -> pl.Expr:
    if kind == pl.Binary:
        return pl.col(column).str.decode("hex")
    if kind == pl.Date:
        return pl.col(column).str.to_date("%Y-%m-%d")
    return pl.col(column).cast(kind)


def life_fault(lives: dict[str, pl.DataFrame], mapping: SourceMapping, people: int) -> str:
    """What is wrong with the tables of a pack, or nothing. A pack comes from outside: nothing is taken on trust."""
    life = mapping.life
    wanted = {
        "spell": life.spells,
        "event": life.events,
        "exposure": life.exposures,
        "observability": life.observability,
        "relation": life.relations,
    }
    if {name for name, specs in wanted.items() if specs} != set(lives):
        return "its records of lives are not those the mapping names"
    for name, table in lives.items():
        if table.height and not _sound(name, table, people):
            return f"{ENTRIES[name]} holds something else than it must"
    return ""


def _sound(name: str, table: pl.DataFrame, people: int) -> bool:
    rules = [pl.col("person") < people]
    rules += [pl.col(column).is_not_null() for column in _NEEDED[name]]
    if name in _PERIODS:
        start, end = _PERIODS[name]
        rules.append((pl.col(end) >= pl.col(start)).fill_null(value=True))
    if name == "relation":
        rules.append(pl.col("token").bin.size() == 16)
    if name == "exposure":
        rules.append(pl.col("attended").is_in([0, 1]))
        rules += [
            pl.col(column).is_finite().fill_null(value=True) & (pl.col(column) >= 0).fill_null(value=True)
            for column in ("planned_minutes", "minutes")
        ]
    return bool(table.select(pl.all_horizontal(rules).fill_null(value=False).all()).item())


def lives_of_pack(
    lives: dict[str, pl.DataFrame],
    persons: pl.DataFrame,
    mapping: SourceMapping,
    key: PseudonymKey,
    project_id: str,
) -> LifeRows:
    """The tables as if they had been read here: ``persons`` says ``before, person``; relatives get both keys."""
    tables = {}
    for name, table in lives.items():
        moved = table.rename({"person": "before"}).join(
            persons, on="before", how="left", maintain_order="left"
        )
        if name == "relation":
            moved = _with_hub_tokens(moved, mapping, key, project_id)
        rows = moved.drop("before").with_row_index("row").with_columns(line=pl.col("row") + 2)
        tables[name] = rows.select("row", *SCHEMAS[name], "person", "line")
    return LifeRows(tables)


def _with_hub_tokens(
    table: pl.DataFrame, mapping: SourceMapping, key: PseudonymKey, project_id: str
) -> pl.DataFrame:
    parts = [table.clear()]
    for (kind,), part in table.group_by("kind", maintain_order=True):
        space = mapping.namespace if kind == "local-id" else ""
        tokens = hub_tokens(part["token"], str(kind), key, project_id, space)
        parts.append(part.with_columns(tokens.alias("token")))
    return pl.concat(parts)
