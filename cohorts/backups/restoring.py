"""A backup back into an empty store: whoever was erased since stays away, whoever withdrew stays withdrawn.

People whose key is no longer in the key list cannot be opened and are left out whole. What was decided about
people is taken from the list, which is newer than the archive.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session

from cohorts.backups.archive import SealBroken, open_people, scattered
from cohorts.backups.key_list import DECIDED, Keys, list_path, read_list, remember_list
from cohorts.backups.store import binding_of, open_archive, sealed_people
from cohorts.custody.token_store import add_tokens, open_seal, store_person_keys
from cohorts.requests.person_tables import OWNED, TableShape, table_shapes
from workspace import console
from workspace.audit import record, rounded
from workspace.database import HEAD, create_database, database_path, layout_version, writing
from workspace.errors import LifecourseError, WorkspaceError
from workspace.files import sha256_of
from workspace.postgresql import is_server
from workspace.project import Project
from workspace.statements import insert_frame, run, run_many


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: people, and those left out because they were erased after the backup was made."""

    people: int
    left_out: int
    written: bool


def restore(project: Project, file: Path, keys: Path | None, identity: Path | None) -> Restored:
    """Fill an empty or missing database from an archive: all of it or none."""
    _refuse_used(project)
    with open_archive(file) as (archive, manifest):
        _refuse_other(project, manifest, file)
        place = keys or list_path(project, file)
        known = read_list(project, place, identity)
        if console.current().dry_run:
            return _count(archive, known)
        with _empty_store(project) as target, writing(target) as session:
            done = _fill(session, archive, manifest, known, file)
            officers = tuple(manifest.get("officers", ()))
            remember_list(session, place, officers)
            run(session, "UPDATE key_list SET stale = 0")
            details = {"people": rounded(done.people), "left_out": rounded(done.left_out)}
            record(session, "restore", sha256_of(file)[:16], details)
    return done


def _refuse_used(project: Project) -> None:
    """Nothing is ever restored over a store that was used."""
    used = False
    if is_server(project.settings.database_url):
        with contextlib.suppress(LifecourseError):  # no layout yet: as empty as can be
            layout_version(project)
            with writing(project) as session:
                used = run(session, "SELECT count(*) FROM audit_entry").scalar() > 0
    else:
        used = database_path(project).exists()
    if used:
        raise WorkspaceError(
            "LC118",
            "there is a database already; a backup is only restored into an empty or missing one",
            "Move the old one away, or name another: LIFECOURSE_DATABASE_URL.",
        )


def _refuse_other(project: Project, manifest: Mapping[str, Any], file: Path) -> None:
    if manifest["project_id"] != project.settings.project_id:
        hint = "Look at [project] id in lifecourse.toml."
        raise WorkspaceError("LC117", "the backup is another project's", hint, where=file.name)
    if manifest["layout"] != HEAD:
        raise WorkspaceError(
            "LC117",
            f"the backup has layout {manifest['layout']}, this program needs {HEAD}",
            "Restore it with the version that made it, then upgrade.",
            where=file.name,
        )


@contextlib.contextmanager
def _empty_store(project: Project) -> Iterator[Project]:
    """A new store to fill. The embedded file takes its place only when it is full, or never."""
    if is_server(project.settings.database_url):
        try:
            layout_version(project)
        except LifecourseError:
            create_database(project)
        yield project
        return
    path = database_path(project)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    target = replace(
        project, settings=replace(project.settings, database_url=f"sqlite:///{beside.as_posix()}")
    )
    try:
        create_database(target)
        yield target
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _parts(archive: zipfile.ZipFile) -> Iterator[list[tuple[int, bytes]]]:
    for name in sorted(archive.namelist()):
        if name.startswith("people/"):
            yield sealed_people(archive.read(name))


def _count(archive: zipfile.ZipFile, known: Keys) -> Restored:
    people = [number in known.keys for part in _parts(archive) for number, _ in part]
    return Restored(sum(people), len(people) - sum(people), written=False)


def _fill(
    session: Session, archive: zipfile.ZipFile, manifest: Mapping[str, Any], known: Keys, file: Path
) -> Restored:
    shapes = table_shapes(session)
    columns = {name: tuple((c, k) for c, k in held) for name, held in manifest["personal"].items()}
    binding = binding_of(manifest["project_id"], manifest["archive"], manifest["entries"])
    for shape in shapes:
        if f"tables/{shape.name}.json" in manifest["entries"] and shape.name not in known.decided:
            held = json.loads(archive.read(f"tables/{shape.name}.json"))
            _insert(session, shape.name, held["columns"], held["rows"])
    _insert_decided(session, known, ("rights_request", "tombstone", "rights_change", "cannot_link"))
    kept = left_out = 0
    pieces: dict[str, list[pl.DataFrame]] = {name: [] for name in columns}
    for part in _parts(archive):
        try:
            texts = open_people(part, known.keys, binding)
        except SealBroken:
            problem = "the backup cannot be read: its rows were changed or belong elsewhere"
            raise WorkspaceError("LC116", problem, "Take another copy of it.", where=file.name) from None
        for name, frame in scattered(texts, columns).items():
            pieces[name].append(frame)
        kept, left_out = kept + texts.height, left_out + len(part) - texts.height
    for shape in shapes:
        if pieces.get(shape.name) and shape.name not in DECIDED:
            _insert_people(session, shape, pl.concat(pieces.pop(shape.name)), known.keys)
    _insert_decided(session, known, ("person_scope",))
    _catch_up(session)
    return Restored(kept, left_out, written=True)


def _insert(session: Session, table: str, columns: list[str], rows: list[list[Any]]) -> None:
    if rows:
        marks = ", ".join("?" * len(columns))
        cells = [tuple(bytes.fromhex(x["hex"]) if isinstance(x, dict) else x for x in row) for row in rows]
        run_many(session, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", cells)  # noqa: S608


def _insert_people(
    session: Session, shape: TableShape, frame: pl.DataFrame, keys: Mapping[int, bytes]
) -> None:
    for column in shape.people[1:]:  # the other person of a pair may be gone
        frame = frame.filter(pl.col(column).is_null() | pl.col(column).is_in(list(keys)))
    if shape.name in OWNED:  # nor does a row outlive the one it belongs to
        link, owner = OWNED[shape.name]
        there = [row[0] for row in run(session, f"SELECT {link} FROM {owner}")]  # noqa: S608 - our own names
        frame = frame.filter(pl.col(link).is_in(there))
    if shape.name == "pseudonym":
        add_tokens(session, frame)
        return
    insert_frame(session, shape.name, frame.select(shape.names).sort(shape.names[:3]))
    if shape.name == "participant":
        numbers = frame["participant_id"].sort()
        own = pl.Series("key", [keys[number] for number in numbers], dtype=pl.Binary)
        store_person_keys(session, numbers, own, open_seal(session))


def _insert_decided(session: Session, known: Keys, tables: tuple[str, ...]) -> None:
    here = {int(row[0]) for row in run(session, "SELECT participant_id FROM participant")}
    for table in tables:
        if table not in known.decided:  # a list from before the table was kept in it
            continue
        columns, rows = known.decided[table]
        if table == "person_scope":
            at = columns.index("participant_id")
            rows = [row for row in rows if row[at] in here]
        _insert(session, table, columns, rows)


def _catch_up(session: Session) -> None:
    """Numbers of requests that were given after the backup was made are not given again."""
    given = [
        int(str(row[0]).rpartition("-")[2]) for row in run(session, "SELECT request_id FROM rights_request")
    ]
    if given:
        last = max(given)
        held = run(session, "SELECT last FROM counter WHERE prefix = ?", ("RGT",)).scalar()
        run(session, "DELETE FROM counter WHERE prefix = ?", ("RGT",))
        run(session, "INSERT INTO counter (prefix, last) VALUES (?, ?)", ("RGT", max(last, int(held or 0))))
