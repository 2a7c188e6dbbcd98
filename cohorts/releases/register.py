"""The register of row-level releases in the store."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cohorts.errors import CohortError
from cohorts.releases.records import RowRelease
from workspace.clock import today
from workspace.statements import run

OUT, NOT_WRITTEN, DESTROYED = "out", "not written", "destroyed"
STEP = 500


@dataclass(frozen=True, slots=True)
class Release:
    """A release as the register holds it; ``people`` is rounded."""

    release_id: str
    cohort_id: str
    day: dt.date
    recipient: str
    setting: str
    salt: str
    state: str
    columns: tuple[str, ...]
    people: int
    agreements: tuple[tuple[str, str], ...]
    plan: str
    key_id: str
    protection: str
    expires: dt.date
    sha256: str
    closed_on: str

    def is_overdue(self, on: dt.date) -> bool:
        """Say whether it should have been destroyed by now."""
        return self.state == OUT and self.expires < on

    @property
    def derivation(self) -> str:
        """What its pseudonyms are bound to: its id, and what was drawn for it alone."""
        return f"{self.release_id}.{self.salt}"

    @property
    def words(self) -> str:
        """The release, and who has it."""
        return f"{self.release_id} to {self.recipient} in {self.setting}, {self.day.isoformat()}"


def add_release(session: Session, release: Release) -> None:
    """Enter a release in the caller's transaction."""
    session.add(
        RowRelease(
            release_id=release.release_id,
            cohort_id=release.cohort_id,
            day=release.day.isoformat(),
            recipient=release.recipient,
            setting=release.setting,
            salt=release.salt,
            state=release.state,
            columns=json.dumps(release.columns),
            people=release.people,
            agreements=json.dumps(release.agreements),
            plan=release.plan,
            key_id=release.key_id,
            protection=release.protection,
            expires=release.expires.isoformat(),
            sha256=release.sha256,
        )
    )
    session.flush()


def list_releases(session: Session) -> list[Release]:
    """All releases, oldest first."""
    rows = session.exec(select(RowRelease).order_by(col(RowRelease.release_id))).all()
    return [_read(row) for row in rows]


def _read(row: RowRelease) -> Release:
    return Release(
        row.release_id,
        row.cohort_id,
        dt.date.fromisoformat(row.day),
        row.recipient,
        row.setting,
        row.salt,
        row.state,
        tuple(json.loads(row.columns)),
        row.people,
        tuple((str(name), str(version)) for name, version in json.loads(row.agreements)),
        row.plan,
        row.key_id,
        row.protection,
        dt.date.fromisoformat(row.expires),
        row.sha256,
        row.closed_on or "",
    )


def find_release(session: Session, release_id: str) -> Release:
    """A release that is still out."""
    row = session.get(RowRelease, release_id.upper())
    if row is None:
        raise CohortError("LC965", "there is no release of that id", "lifecourse cohort releases lists them.")
    if row.state != OUT:
        raise CohortError(
            "LC965", f"{row.release_id} is {row.state} already", "lifecourse cohort releases lists them."
        )
    return _read(row)


def close_release(session: Session, release_id: str, state: str) -> None:
    """End a release: its recipient has destroyed it, or it was never written."""
    found = find_release(session, release_id)
    row = session.get_one(RowRelease, found.release_id)
    row.state, row.closed_on = state, today().isoformat()
    session.add(row)
    session.flush()


def releases_of_people(session: Session, participants: Sequence[int]) -> list[str]:
    """The releases that are out of cohorts these people are enrolled in, in words. Who was in one is not kept."""
    cohorts: set[str] = set()
    for start in range(0, len(participants), STEP):
        some = tuple(participants[start : start + STEP])
        marks = ",".join("?" * len(some))
        found = f"SELECT DISTINCT cohort_id FROM enrolment WHERE participant_id IN ({marks})"  # noqa: S608
        rows = run(session, found, some)
        cohorts |= {str(row[0]) for row in rows}
    return [r.words for r in list_releases(session) if r.state == OUT and r.cohort_id in cohorts]


def overdue(releases: Iterable[Release], on: dt.date) -> list[Release]:
    """The releases that should have been destroyed."""
    return [release for release in releases if release.is_overdue(on)]
