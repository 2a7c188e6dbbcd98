"""A row-level release, step by step: gates, k-report, entry in the register, and only then the files.

The entry is committed before any file is written, so that no rows can be out of which the register does not know.
Where a file cannot be written the entry says so.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohorts.custody.marks import refuse_marked
from cohorts.custody.release_pseudonyms import release_pseudonyms
from cohorts.disclosure import publish_count
from cohorts.keys import load_key
from cohorts.pseudonyms import PseudonymKey
from cohorts.releases.papers import Consignment, dictionary_of, manifest_of, marks_of
from cohorts.releases.people import Prepared, Wanted, prepare, refuse_standing_out
from cohorts.releases.register import (
    DESTROYED,
    NOT_WRITTEN,
    OUT,
    Release,
    add_release,
    close_release,
    list_releases,
    overdue,
)
from cohorts.releases.rows import made_harmless, table_bytes, under_pseudonyms
from cohorts.releases.targets import FORMS, Delivery, Target, target_of
from workspace import console
from workspace.audit import record
from workspace.clock import today
from workspace.database import next_id, reading, writing
from workspace.errors import WorkspaceError
from workspace.files import write_atomically
from workspace.front_door import program_version
from workspace.noticeboard import HealthReading, StatusLine
from workspace.project import Project

NOT_GIVEN = "REL-…"  # a dry run gives out no number
LIST = "lifecourse cohort releases"
ZIP = "zip"


# A file made of the rows under their pseudonyms, given the register's number of the release and its last day.
Filled = Callable[[pl.DataFrame, str, dt.date], bytes]


@dataclass(frozen=True, slots=True)
class Naming:
    """What the pseudonyms of a release are made of."""

    release_id: str
    salt: str
    key: PseudonymKey

    def pseudonyms(self, prepared: Prepared, project_id: str) -> pl.Series:
        """One for each of its people, in their order."""
        bound_to = f"{self.release_id}.{self.salt}"
        return release_pseudonyms(prepared.frame["participant"], self.key, project_id, bound_to)


@dataclass(frozen=True, slots=True)
class Released:
    """What came of it: the register's entry, the files, and the releases of the same cohort that others have."""

    release: Release
    prepared: Prepared
    files: tuple[str, ...]
    beside: tuple[str, ...]
    written: bool


def preview(project: Project, wanted: Wanted, delivery: Delivery, forms: tuple[str, ...] = FORMS) -> Prepared:
    """Everything up to the k-report: what would leave. Nothing is written."""
    target_of(delivery, forms)
    load_key(project)
    with reading(project) as session:
        return prepare(session, project, wanted)


def release_rows(
    project: Project, wanted: Wanted, delivery: Delivery, filled: Filled | None = None
) -> Released:
    """Release rows: enter them in the register, then write them, the dictionary and the manifest.

    ``filled``: the file is a zip that this makes of the rows, in the place of a table.
    """
    target = target_of(delivery, (ZIP,) if filled else FORMS)
    key, for_good = load_key(project), not console.current().dry_run
    with writing(project, keep=for_good) as session:
        refuse_marked(session, [key.key_id])
        prepared = prepare(session, project, wanted)
        refuse_standing_out(prepared)
        beside = [
            r.words
            for r in list_releases(session)
            if r.state == OUT and r.cohort_id == prepared.cohort.cohort_id
        ]
        release_id = next_id(session, "REL")
        naming = Naming(release_id, secrets.token_hex(8), key)
        release, files = _made(project, prepared, wanted, delivery, target, naming, filled)
        add_release(session, release)
        details = {
            "cohort": release.cohort_id,
            "setting": release.setting,
            "recipient": release.recipient,
            "people": release.people,
            "columns": len(release.columns),
            "agreements": ", ".join(f"{name} {version}" for name, version in release.agreements),
            "plan": release.plan,
            "protection": release.protection,
            "expires": release.expires.isoformat(),
            "sha256": release.sha256,
        }
        record(session, "cohort.export", release_id, details)
    if for_good:
        write_or_close(project, release_id, files)
    shown = tuple(path.name for path in files)
    return Released(release, prepared, shown, tuple(beside), written=for_good)


def _made(
    project: Project,
    prepared: Prepared,
    wanted: Wanted,
    delivery: Delivery,
    target: Target,
    naming: Naming,
    filled: Filled | None,
) -> tuple[Release, dict[Path, bytes]]:
    """The entry and the bytes of the files, the papers first."""
    terms, on = prepared.terms, today()
    made = Consignment(
        naming.release_id,
        project.settings.project_id,
        program_version(),
        on.isoformat(),
        prepared.cohort.definition.name,
        prepared.cohort.definition.title,
        delivery.recipient,
        wanted.setting,
        wanted.plan,
        terms.expires.isoformat(),
        terms.agreements,
        target.protection,
        terms.profile,
    )
    rows = under_pseudonyms(prepared.frame, naming.pseudonyms(prepared, project.settings.project_id))
    if filled is None:
        plain = table_bytes(rows, target.form, marks_of(made))
    else:
        plain = filled(made_harmless(rows), naming.release_id, terms.expires)
    data = target.locked(plain)
    sums = {"file": target.path.name, "sha256": _sha(data), "sha256_of_the_rows": _sha(plain)}
    dictionary = dictionary_of(made, prepared.report, prepared.columns, prepared.how)
    manifest = manifest_of(made, prepared.report, prepared.columns, sums)
    beside = zip(target.papers, (dictionary, manifest), strict=True)
    files = {path: f"{console.to_json(payload)}\n".encode() for path, payload in beside}
    people = publish_count(prepared.frame.height, terms.profile) or 0
    entry = Release(
        naming.release_id,
        prepared.cohort.cohort_id,
        on,
        delivery.recipient,
        wanted.setting,
        naming.salt,
        OUT,
        tuple(column.heading for column in prepared.columns),
        people,
        terms.agreements,
        wanted.plan,
        naming.key.key_id,
        target.protection,
        terms.expires,
        sums["sha256"],
        "",
    )
    return entry, {**files, target.path: data}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_or_close(project: Project, release_id: str, files: Mapping[Path, bytes]) -> None:
    """Write the files of a release; where one cannot be written none stays, and the register says so."""
    try:
        for path, data in files.items():
            write_atomically(path, data, private=True)
    except BaseException:
        for path in files:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        with writing(project) as session:
            close_release(session, release_id, NOT_WRITTEN)
            record(session, "cohort.export.failed", release_id)
        raise


def releases_of(project: Project) -> list[Release]:
    """Every release, oldest first."""
    with reading(project) as session:
        return list_releases(session)


def note_destroyed(project: Project, release_id: str) -> str:
    """Enter that the recipient has destroyed what they had; the id as the register has it."""
    with writing(project, keep=not console.current().dry_run) as session:
        close_release(session, release_id, DESTROYED)
        record(session, "cohort.export.destroyed", release_id.upper())
    return release_id.upper()


def _standing(project: Project) -> tuple[list[Release], list[Release]]:
    found = [release for release in releases_of(project) if release.state == OUT]
    return found, overdue(found, today())


def release_lines(project: Project) -> list[StatusLine]:
    """What ``status`` says, where anything is out."""
    found, late = _standing(project)
    if not found:
        return []
    text = f"{len(found)} out"
    if late:
        text += f"; to be destroyed by now: {', '.join(release.release_id for release in late)}"
    return [StatusLine("Releases", text, LIST if late else "")]


def release_readings(project: Project) -> list[HealthReading]:
    """What ``doctor`` says, where anything is out."""
    try:
        found, late = _standing(project)
    except WorkspaceError:  # the store cannot be read: that is said already
        return []
    if not found:
        return []
    if late:
        note = "; ".join(f"{release.words}: destroy by {release.expires.isoformat()}" for release in late)
        hint = "Ask for its destruction, then: lifecourse cohort releases destroyed REL-…"
        return [HealthReading("Releases past their day", "warn", note, hint)]
    soonest: dt.date = min(release.expires for release in found)
    return [HealthReading("Releases", "pass", f"{len(found)} out, the first ends on {soonest.isoformat()}")]
