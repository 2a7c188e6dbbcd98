"""Telling a recipient whose rows must go: the release's own pseudonyms of people who left since, and nothing else.

Who was in a release is not kept. The pseudonyms are made again from the numbers of people who were erased, or taken
out of use, since the day of the release: those that are not in the recipient's file say nothing to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.custody.release_pseudonyms import release_pseudonyms
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.releases.register import Release, find_release
from cohorts.releases.rows import PSEUDONYM, table_bytes
from cohorts.releases.targets import Delivery, target_of
from workspace import console
from workspace.audit import record
from workspace.entering import entering
from workspace.project import Project
from workspace.statements import run


@dataclass(frozen=True, slots=True)
class Notice:
    """What a recipient is told: the release, the file, and whether there is anybody in it."""

    release: Release
    file: str
    anybody: bool
    written: bool


def tell_recipient(project: Project, release_id: str, delivery: Delivery) -> Notice:
    """Write the pseudonyms that the recipient of a release must destroy. Without any, no file is written."""
    target = target_of(delivery, ("csv",))
    key, for_good = load_key(project), not console.current().dry_run
    with entering(project, keep=for_good, private=True) as (session, leave):
        release = find_release(session, release_id)
        if release.key_id != key.key_id:
            raise CohortError(
                "LC965",
                f"the pseudonyms of {release.release_id} were made with another key and cannot be made again",
                "Ask the recipient to destroy all of it, and release again.",
            )
        gone = _gone_since(session, release)
        made = release_pseudonyms(gone, key, project.settings.project_id, release.derivation)
        written = for_good and not made.is_empty()
        if written:
            record(session, "cohort.export.removals", release.release_id, {"protection": target.protection})
            frame = pl.DataFrame({PSEUDONYM: made.sort()})
            leave({target.path: target.locked(table_bytes(frame, "csv", {}))})
    return Notice(release, target.path.name, not made.is_empty(), written)


def _gone_since(session: Session, release: Release) -> pl.Series:
    """The numbers of people who were erased, or withdrawn or restricted from use, since a release."""
    day = release.day.isoformat()
    erased = run(session, "SELECT number FROM tombstone WHERE erased_on >= ?", (day,))
    barred = run(
        session,
        "SELECT participant_id FROM person_scope WHERE scope = 'use' AND since >= ? AND participant_id IN "
        "(SELECT participant_id FROM enrolment WHERE cohort_id = ?)",
        (day, release.cohort_id),
    )
    numbers = {int(row[0]) for rows in (erased, barred) for row in rows}
    return pl.Series("participant", sorted(numbers), dtype=pl.Int64)
