"""The hash-chained audit log: who did what to which thing, never with what data.

Each entry's fingerprint covers the entry and the fingerprint before it, so a changed, removed or
reordered entry shows. The chain detects; it cannot prevent, and it cannot show that the newest entries
were cut off unless the last fingerprint was kept elsewhere: reports print it for that reason.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workspace.clock import now
from workspace.database import reading, writing
from workspace.project import Project

if TYPE_CHECKING:
    from sqlmodel import Session

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    sequence: int
    at: str
    actor: str
    action: str
    subject: str
    details: str
    previous: str
    digest: str

    def expected(self) -> str:
        """The fingerprint this entry should have."""
        return fingerprint(
            [str(self.sequence), self.at, self.actor, self.action, self.subject, self.details, self.previous]
        )


@dataclass(frozen=True, slots=True)
class ChainReading:
    """The outcome of walking the chain: its length, its head, and the first entry that does not fit."""

    entries: int
    head: str
    first_bad: int | None = None
    reason: str = ""


def fingerprint(parts: Iterable[str]) -> str:
    """SHA-256 over length-prefixed parts, so that no two different entries read the same."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def record(session: Session, action: str, subject: str, details: Mapping[str, object] | None = None) -> None:
    """Add an entry inside the caller's transaction. Details hold names and rounded counts, never values."""
    from sqlmodel import select

    from workspace.records import AuditEntry

    last = session.exec(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).first()  # type: ignore[attr-defined]
    sequence = last.sequence + 1 if last else 1
    parts = [
        str(sequence),
        now(),
        actor(),
        action,
        subject,
        json.dumps(dict(details or {}), sort_keys=True, ensure_ascii=False),
        last.digest if last else GENESIS,
    ]
    session.add(
        AuditEntry(
            sequence=sequence,
            at=parts[1],
            actor=parts[2],
            action=action,
            subject=subject,
            details=parts[5],
            previous=parts[6],
            digest=fingerprint(parts),
        )
    )
    session.flush()


def note_reading(
    project: Project, action: str, subject: str, details: Mapping[str, object] | None = None
) -> None:
    """Say in the log that somebody looked at people's data, before it is shown; what cannot be logged is not shown.

    Looking changes nothing else, so this is written in a dry run too. Such an entry says ``looked`` in its details, so
    that nobody needs a list of the commands that only look.
    """
    with writing(project) as session:
        record(session, action, subject, {**(details or {}), "looked": True})


def actor() -> str:
    """Who is at the keyboard, as the machine knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def rounded(count: int, base: int = 5) -> int:
    """A count as the log may hold it: to the nearest multiple of ``base``."""
    return base * round(count / base)


def read_log(project: Project) -> list[Entry]:
    """Every entry, oldest first."""
    from sqlmodel import select

    from workspace.records import AuditEntry

    with reading(project) as session:
        rows = session.exec(select(AuditEntry).order_by(AuditEntry.sequence)).all()  # type: ignore[arg-type]
        return [
            Entry(r.sequence, r.at, r.actor, r.action, r.subject, r.details, r.previous, r.digest)
            for r in rows
        ]


def verify(entries: Iterable[Entry]) -> ChainReading:
    """Walk the chain and name the first entry that does not follow from the one before it."""
    previous, count = GENESIS, 0
    for entry in entries:
        count += 1
        if entry.sequence != count:
            return ChainReading(count, previous, count, "an entry is missing or out of order")
        if entry.previous != previous:
            return ChainReading(count, previous, count, "it does not follow from the entry before it")
        if entry.digest != entry.expected():
            return ChainReading(count, previous, count, "it was changed after it was written")
        previous = entry.digest
    return ChainReading(count, previous)
