"""The bytes of a prepared pack: a zip of four small texts that anybody can open and read. Pure.

=====================  =================================================================================
``manifest.json``      what the pack is, for whom, made with what; counts; the SHA-256 of every other entry
``people.csv``         ``person`` (from 0, in token order), a column of hexadecimal link tokens a kind, ``index_date``
``observations.csv``   ``person, variable, wave, value, missing``
``categories.json``    the labels of each category variable; a value is the place in its list, from 0
=====================  =================================================================================

``spell.csv`` and its like, the records of lives, follow where the mapping names such columns (``pack_lives.py``).
Entries stand in this order, uncompressed order of rows is that of the tokens, times are fixed: the same file prepared
twice on one day gives the same bytes. There is no fingerprint of the partner's file in it: somebody who knew all but
one cell of a short file could try that cell against a fingerprint.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cohorts.lives.reading import LifeRows
from cohorts.packs.container import (
    DATA_FORMAT,
    MANIFEST,
    content_of,
    csv_frame,
    damaged,
    json_text,
    open_bytes,
    pack_bytes,
    read_json,
    refuse_no_tokens,
)
from cohorts.packs.lives import ENTRIES as LIFE_ENTRIES
from cohorts.packs.lives import life_texts, read_lives

PEOPLE, OBSERVATIONS, CATEGORIES = "people.csv", "observations.csv", "categories.json"
_ENTRIES = (PEOPLE, OBSERVATIONS, CATEGORIES)
_MORE = tuple(LIFE_ENTRIES.values())
_OBSERVED = {
    "person": pl.UInt32,
    "variable": pl.String,
    "wave": pl.String,
    "value": pl.Float64,
    "missing": pl.String,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says of itself: names, versions, counts; nothing of any one person."""

    scheme: str
    project_id: str
    source: str
    mapping_sha256: str
    link_key_id: str
    made_on: dt.date
    program: str
    rows: int
    accepted: int
    set_aside: int
    people: int
    problems: tuple[tuple[str, str, str, int], ...] = ()
    warnings: tuple[tuple[str, str, str, int], ...] = ()
    missing: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as read: its manifest, its tables, and the fingerprint of what it holds.

    ``people`` has ``person`` (UInt32), a Binary column a kind of identifier and ``index_date`` (Date);
    ``content`` is the same for two packs that hold the same data, whenever they were made and however encrypted.
    """

    name: str
    manifest: Manifest
    people: pl.DataFrame = field(repr=False)
    observations: pl.DataFrame = field(repr=False)
    categories: dict[str, tuple[str, ...]] = field(repr=False)
    content: str = ""
    lives: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)


def write_pack(
    manifest: Manifest,
    people: pl.DataFrame,
    observations: pl.DataFrame,
    categories: dict[str, tuple[str, ...]],
    life: LifeRows | None = None,
) -> bytes:
    """The bytes of a pack. Tables and categories as in :class:`Pack`."""
    kinds = [name for name, kind in people.schema.items() if kind == pl.Binary]
    hexed = people.select("person", *(pl.col(kind).bin.encode("hex") for kind in kinds), "index_date")
    ordered = observations.sort("person", "variable", "wave").select(*_OBSERVED)
    texts = {
        PEOPLE: hexed.sort("person").write_csv(),
        OBSERVATIONS: ordered.write_csv(),
        CATEGORIES: json_text({name: list(labels) for name, labels in sorted(categories.items())}),
        **(life_texts(life) if life else {}),
    }
    return pack_bytes(DATA_FORMAT, _manifest_facts(manifest), texts)


def open_pack(data: bytes, name: str) -> Pack:
    """Read a pack, refusing one that is cut short, changed or of a format this program does not know (``LC838``)."""
    said, entries = open_bytes(data, name, DATA_FORMAT, _ENTRIES, _MORE)
    manifest = _manifest(said, name)
    head = f"{DATA_FORMAT} {manifest.project_id} {manifest.link_key_id} {manifest.mapping_sha256}"
    content = content_of(head, entries, (*_ENTRIES, *_MORE))
    return Pack(
        name,
        manifest,
        _people(entries[PEOPLE], name),
        _observations(entries[OBSERVATIONS], name),
        _categories(entries[CATEGORIES], name),
        content,
        _lives(entries, name),
    )


def _lives(entries: dict[str, bytes], name: str) -> dict[str, pl.DataFrame]:
    try:
        return read_lives(entries)
    except ValueError as entry:
        raise damaged(name, f"{entry} holds something else than it must") from None


def _manifest_facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "scheme": manifest.scheme,
        "project_id": manifest.project_id,
        "source": manifest.source,
        "mapping_sha256": manifest.mapping_sha256,
        "link_key_id": manifest.link_key_id,
        "made_on": manifest.made_on.isoformat(),
        "program": manifest.program,
        "rows": manifest.rows,
        "accepted": manifest.accepted,
        "set_aside": manifest.set_aside,
        "people": manifest.people,
        "problems": [list(row) for row in manifest.problems],
        "warnings": [list(row) for row in manifest.warnings],
        "missing": [list(row) for row in manifest.missing],
    }


def _manifest(said: dict[str, Any], name: str) -> Manifest:
    try:
        return Manifest(
            scheme=str(said["scheme"]),
            project_id=str(said["project_id"]),
            source=str(said["source"]),
            mapping_sha256=str(said["mapping_sha256"]),
            link_key_id=str(said["link_key_id"]),
            made_on=dt.date.fromisoformat(said["made_on"]),
            program=str(said["program"]),
            rows=int(said["rows"]),
            accepted=int(said["accepted"]),
            set_aside=int(said["set_aside"]),
            people=int(said["people"]),
            problems=_counted(said["problems"]),
            warnings=_counted(said["warnings"]),
            missing=tuple((str(a), str(b), int(n)) for a, b, n in said["missing"]),
        )
    except (KeyError, TypeError, ValueError):
        raise damaged(name, f"{MANIFEST} does not say what it must") from None


def _counted(rows: list[Any]) -> tuple[tuple[str, str, str, int], ...]:
    return tuple((str(a), str(b), str(c), int(n)) for a, b, c, n in rows)


def _people(data: bytes, name: str) -> pl.DataFrame:
    frame = csv_frame(data, PEOPLE, name)
    kinds = [column for column in frame.columns if column not in ("person", "index_date")]
    if frame.columns != ["person", *kinds, "index_date"] or not kinds:
        raise damaged(name, f"{PEOPLE} does not have its columns")
    refuse_no_tokens(frame, kinds, PEOPLE, name)
    try:
        return frame.select(
            pl.col("person").cast(pl.UInt32),
            *(pl.col(kind).str.decode("hex") for kind in kinds),
            pl.col("index_date").str.to_date("%Y-%m-%d"),
        )
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{PEOPLE} holds something else than it must") from None


def _observations(data: bytes, name: str) -> pl.DataFrame:
    frame = csv_frame(data, OBSERVATIONS, name)
    if frame.columns != list(_OBSERVED):
        raise damaged(name, f"{OBSERVATIONS} does not have its columns")
    try:
        return frame.cast({"person": pl.UInt32, "value": pl.Float64})
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{OBSERVATIONS} holds something else than it must") from None


def _categories(data: bytes, name: str) -> dict[str, tuple[str, ...]]:
    said = read_json(data, CATEGORIES, name)
    lists = isinstance(said, dict) and all(isinstance(labels, list) for labels in said.values())
    if not lists or not all(isinstance(label, str) for labels in said.values() for label in labels):
        raise damaged(name, f"{CATEGORIES} is not lists of labels")
    return {str(variable): tuple(labels) for variable, labels in said.items()}
