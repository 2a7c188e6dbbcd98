"""Backups at the edge: one archive of a consistent state, and its way back into an empty store of either kind.

An archive is a zip file: ``tables/NAME.json`` with the rows that are about nobody, ``people/N.bin`` with everybody's
rows sealed under their own key (see ``archive.py``), and at the end ``manifest.json`` with the fingerprint of each
entry. It is written beside its name and takes it only once it was read back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session

from cohorts.backups.archive import NONCE, WHO, gathered, seal_people
from cohorts.backups.key_list import check_recipients, list_path, remember_list, renew_lists
from cohorts.custody.seal import PERSON_KEY_BYTES
from cohorts.custody.token_store import all_tokens, open_seal, read_person_keys, store_person_keys
from cohorts.requests.person_tables import OWNED, PERSON, TableShape, is_personal, table_shapes
from workspace import console
from workspace.audit import record, rounded
from workspace.clock import now
from workspace.database import HEAD, writing
from workspace.errors import WorkspaceError
from workspace.files import reaching, sha256_of
from workspace.project import Project
from workspace.statements import run
from workspace.zip_files import BROKEN_ZIP

FORMAT = "lifecourse-backup-1"
PEOPLE_A_PART = 50_000
FETCHED = 20_000
# Never in an archive: keys, what only holds for this store, and what is still to be tidied up here.
# The do-not-link register is in the key list instead: nothing of anybody who is erased stays in an old archive.
LEFT_OUT = frozenset({"person_key", "owner", "seal", "key_list", "pending_erasure", "cannot_link"})
_POLARS: dict[str, type[pl.DataType]] = {
    "int": pl.Int64,
    "real": pl.Float64,
    "text": pl.String,
    "blob": pl.Binary,
}
_ROW = struct.Struct(">qI")
_NO_ARCHIVE: tuple[type[Exception], ...] = (TypeError, AttributeError, *BROKEN_ZIP)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written: its file, its fingerprint and its key list."""

    file: Path
    keys: Path
    sha256: str
    people: int
    unreached: tuple[str, ...]


def back_up(
    project: Project, file: Path, officers: tuple[str, ...], *, replace: bool = False
) -> BackedUp | None:
    """Write one archive of the store as it is now, and the key list of its folder; nothing on a dry run."""
    _refuse_place(project, file, replace=replace)
    check_recipients(officers)
    if console.current().dry_run:
        return None
    with writing(project) as session:  # nobody else writes meanwhile, so that all of it is of one moment
        _give_keys(session)
        sha, people = _write_archive(session, project, file, officers)
        keys = list_path(project, file)
        remember_list(session, keys, officers)
        missed = renew_lists(session, project)
        record(session, "backup", sha[:16], {"people": rounded(people), "officers": len(officers)})
    return BackedUp(file, keys, sha, people, tuple(missed))


def _refuse_place(project: Project, file: Path, *, replace: bool) -> None:
    if file.resolve().is_relative_to(project.root.resolve()):
        raise WorkspaceError(
            "LC118",
            "a backup does not belong inside the project",
            "Name a file on another disk.",
            where=file.name,
        )
    if file.exists() and not replace:
        raise WorkspaceError("LC118", "there is a file of that name", "Name a new one.", where=file.name)


def _give_keys(session: Session) -> None:
    """A data key for everybody who has none yet."""
    rows = run(
        session,
        "SELECT participant_id FROM participant WHERE participant_id NOT IN "
        "(SELECT participant_id FROM person_key) ORDER BY participant_id",
    ).fetchall()
    if rows:
        secret = secrets.token_bytes(PERSON_KEY_BYTES * len(rows))
        cut = [secret[i : i + PERSON_KEY_BYTES] for i in range(0, len(secret), PERSON_KEY_BYTES)]
        numbers = pl.Series("participant_id", [row[0] for row in rows], dtype=pl.Int64)
        store_person_keys(session, numbers, pl.Series("key", cut, dtype=pl.Binary), open_seal(session))


def binding_of(project_id: str, archive_id: str, entries: Mapping[str, str]) -> bytes:
    """What every person's blob is bound to: the project, the archive, and all its rows that are about nobody."""
    plain = sorted(f"{name}={digest}" for name, digest in entries.items() if name.startswith("tables/"))
    return (
        f"{FORMAT}|{project_id}|{archive_id}|{hashlib.sha256('|'.join(plain).encode()).hexdigest()}|".encode()
    )


def _as_json(value: object) -> object:
    """Bytes in a table about nobody; nothing else needs help."""
    return {"hex": bytes(value).hex()} if isinstance(value, bytes | memoryview) else str(value)


def _write_archive(
    session: Session, project: Project, file: Path, officers: tuple[str, ...]
) -> tuple[str, int]:
    beside = file.with_name(f".{file.name}.{secrets.token_hex(6)}.part")
    try:
        with reaching("the backup", "written", file.name, "Check the folder."):
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as handle:
                with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
                    _fill_archive(session, project, archive, officers)
                handle.flush()
                os.fsync(handle.fileno())
            with open_archive(beside) as (_, manifest):  # what cannot be read back is not a backup
                people = int(manifest["people"])
            sha = sha256_of(beside)
            beside.replace(file)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return sha, people


def _fill_archive(
    session: Session, project: Project, archive: zipfile.ZipFile, officers: tuple[str, ...]
) -> None:
    archive_id = secrets.token_hex(16)
    entries: dict[str, str] = {}
    shapes = [shape for shape in table_shapes(session) if shape.name not in LEFT_OUT]

    def add(name: str, data: bytes, *, stored: bool = False) -> None:
        kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        archive.writestr(name, data, compress_type=kind)
        entries[name] = hashlib.sha256(data).hexdigest()

    for shape in shapes:
        if not is_personal(shape):
            rows = [list(row) for row in run(session, _select(shape))]
            add(
                f"tables/{shape.name}.json",
                json.dumps({"columns": shape.names, "rows": rows}, default=_as_json).encode(),
            )
    personal = {shape.name: (_frame(session, shape), shape.columns) for shape in shapes if is_personal(shape)}
    texts = gathered(personal)
    del personal
    keys = dict(read_person_keys(session).iter_rows())
    binding = binding_of(project.settings.project_id, archive_id, entries)
    for part, some in enumerate(texts.iter_slices(PEOPLE_A_PART)):
        sealed = seal_people(some, keys, binding, secrets.token_bytes(NONCE * some.height))
        packed = b"".join(_ROW.pack(number, len(blob)) + blob for number, blob in sealed)
        add(f"people/{part:05d}.bin", packed, stored=True)
    manifest = {
        "format": FORMAT,
        "project_id": project.settings.project_id,
        "layout": HEAD,
        "archive": archive_id,
        "made": now(),
        "people": texts.height,
        "officers": officers,
        "personal": {shape.name: shape.columns for shape in shapes if is_personal(shape)},
        "entries": entries,
    }
    archive.writestr("manifest.json", json.dumps(manifest, indent=1))


def _select(shape: TableShape) -> str:
    return f"SELECT {', '.join(shape.names)} FROM {shape.name}"  # noqa: S608 - names of the database itself


def _frame(session: Session, shape: TableShape) -> pl.DataFrame:
    """A table about people; tokens plain, for they are sealed under the person's key from here on."""
    if shape.name == "pseudonym":
        frame = all_tokens(session).select(shape.names)
    else:
        schema = {name: _POLARS[kind] for name, kind in shape.columns}
        rows, parts = run(session, _select(shape)), []
        while block := rows.fetchmany(FETCHED):
            parts.append(pl.DataFrame([tuple(row) for row in block], schema=schema, orient="row"))
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    if shape.name in OWNED:
        own, owner = OWNED[shape.name]
        rows = run(session, f"SELECT {own}, {PERSON} FROM {owner}")  # noqa: S608 - our own names
        known = {own: pl.String, WHO: pl.Int64}
        who = pl.DataFrame([tuple(row) for row in rows], schema=known, orient="row")
        return frame.join(who, on=own, how="inner")
    return frame.with_columns(pl.col(shape.people[0]).alias(WHO))


@contextlib.contextmanager
def open_archive(file: Path) -> Iterator[tuple[zipfile.ZipFile, Mapping[str, Any]]]:
    """An archive whose every entry has the fingerprint of its manifest; LC116 otherwise."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            names = {name for name in archive.namelist() if name != "manifest.json"}
            if manifest["format"] != FORMAT or set(manifest["entries"]) != names:
                raise ValueError
            for name in sorted(names):
                if hashlib.sha256(archive.read(name)).hexdigest() != manifest["entries"][name]:
                    raise ValueError
    except _NO_ARCHIVE:
        raise WorkspaceError(
            "LC116",
            "the backup cannot be read: it is cut short, was changed, or is no Lifecourse backup",
            "Take another copy of it, or an older backup.",
            where=file.name,
        ) from None
    with zipfile.ZipFile(file) as archive:
        yield archive, manifest


def sealed_people(data: bytes) -> list[tuple[int, bytes]]:
    """The blobs of one part of an archive, each with the number of its person."""
    found, at = [], 0
    while at < len(data):
        number, length = _ROW.unpack_from(data, at)
        at += _ROW.size
        found.append((number, data[at : at + length]))
        at += length
    return found
