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
import hashlib
import hmac
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cohorts.errors import CohortError
from cohorts.lives.reading import LifeRows
from cohorts.packs.lives import ENTRIES as LIFE_ENTRIES
from cohorts.packs.lives import life_texts, read_lives

FORMAT = "lifecourse-pack-1"
MANIFEST = "manifest.json"
PEOPLE, OBSERVATIONS, CATEGORIES = "people.csv", "observations.csv", "categories.json"
_ENTRIES = (PEOPLE, OBSERVATIONS, CATEGORIES)
_MORE = tuple(LIFE_ENTRIES.values())
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 4 * 1024**3
_OBSERVED = {
    "person": pl.UInt32,
    "variable": pl.String,
    "wave": pl.String,
    "value": pl.Float64,
    "missing": pl.String,
}
_DAMAGED = "Ask the partner to prepare and send it again."


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


def looks_like_pack(start: bytes) -> bool:
    """Say whether the first bytes of a file begin a pack that is not encrypted."""
    return start[:4] == b"PK\x03\x04" and start[30 : 30 + len(MANIFEST)] == MANIFEST.encode("ascii")


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
        CATEGORIES: _json({name: list(labels) for name, labels in sorted(categories.items())}),
        **(life_texts(life) if life else {}),
    }
    entries = {name: text.encode("utf-8") for name, text in texts.items()}
    said = {"format": FORMAT, **_manifest_facts(manifest)}
    said["entries"] = {name: hashlib.sha256(data).hexdigest() for name, data in entries.items()}
    said["seal"] = _seal(said)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in ((MANIFEST, _json(said).encode("utf-8")), *entries.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def open_pack(data: bytes, name: str) -> Pack:
    """Read a pack, refusing one that is cut short, changed or of a format this program does not know (``LC838``)."""
    entries = _entries(data, name)
    said = _read_json(entries[MANIFEST], MANIFEST, name)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise damaged(name, "it is of a format this program does not read")
    _check_seals(said, entries, name)
    manifest = _manifest(said, name)
    content = hashlib.sha256(
        b"".join(
            hashlib.sha256(part).digest()
            for part in (
                f"{FORMAT} {manifest.project_id} {manifest.link_key_id} {manifest.mapping_sha256}".encode(),
                *(entries[entry] for entry in (*_ENTRIES, *_MORE) if entry in entries),
            )
        )
    ).hexdigest()
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


def damaged(name: str, what: str) -> CohortError:
    """The refusal of a pack, which never quotes from it."""
    return CohortError("LC838", f"the pack cannot be used: {what}", _DAMAGED, where=name)


def _entries(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            there = archive.infolist()
            names = [info.filename for info in there]
            whole = {MANIFEST, *_ENTRIES} <= set(names) <= {MANIFEST, *_ENTRIES, *_MORE}
            if not whole or len(names) != len(set(names)):
                raise damaged(name, "its entries are not those of a pack")
            if sum(info.file_size for info in there) > _LARGEST:
                raise damaged(name, "it is far too large")
            return {info.filename: archive.read(info) for info in there}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        raise damaged(name, "it is cut short or is not a pack") from None


def _seal(said: dict[str, Any]) -> str:
    return hashlib.sha256(_json({k: v for k, v in said.items() if k != "seal"}).encode("utf-8")).hexdigest()


def _check_seals(said: dict[str, Any], entries: dict[str, bytes], name: str) -> None:
    """Compare every entry with its fingerprint: finds accidents and careless changes, not a determined forger."""
    listed = said.get("entries")
    seals = {MANIFEST: (said.get("seal"), _seal(said))}
    for entry in entries.keys() - {MANIFEST}:
        named = listed.get(entry) if isinstance(listed, dict) else None
        seals[entry] = (named, hashlib.sha256(entries[entry]).hexdigest())
    for entry, (claimed, found) in seals.items():
        if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), found.encode()):
            raise damaged(name, f"{entry} was changed after the pack was made")


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
    frame = _csv(data, PEOPLE, name)
    kinds = [column for column in frame.columns if column not in ("person", "index_date")]
    if frame.columns != ["person", *kinds, "index_date"] or not kinds:
        raise damaged(name, f"{PEOPLE} does not have its columns")
    whole = frame.select(
        pl.all_horizontal(pl.col(*kinds).str.contains("^[0-9a-f]{32}$").fill_null(value=True)).all()
    ).item()
    if not whole:
        raise damaged(name, f"{PEOPLE} holds something that is no token")
    try:
        return frame.select(
            pl.col("person").cast(pl.UInt32),
            *(pl.col(kind).str.decode("hex") for kind in kinds),
            pl.col("index_date").str.to_date("%Y-%m-%d"),
        )
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{PEOPLE} holds something else than it must") from None


def _observations(data: bytes, name: str) -> pl.DataFrame:
    frame = _csv(data, OBSERVATIONS, name)
    if frame.columns != list(_OBSERVED):
        raise damaged(name, f"{OBSERVATIONS} does not have its columns")
    try:
        return frame.cast({"person": pl.UInt32, "value": pl.Float64})
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{OBSERVATIONS} holds something else than it must") from None


def _csv(data: bytes, entry: str, name: str) -> pl.DataFrame:
    try:
        return pl.read_csv(io.BytesIO(data), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise damaged(name, f"{entry} is not a table") from None


def _categories(data: bytes, name: str) -> dict[str, tuple[str, ...]]:
    said = _read_json(data, CATEGORIES, name)
    lists = isinstance(said, dict) and all(isinstance(labels, list) for labels in said.values())
    if not lists or not all(isinstance(label, str) for labels in said.values() for label in labels):
        raise damaged(name, f"{CATEGORIES} is not lists of labels")
    return {str(variable): tuple(labels) for variable, labels in said.items()}


def _read_json(data: bytes, entry: str, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise damaged(name, f"{entry} cannot be read") from None


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
