"""The gate's part of the store: cells of runs, approvals, releases, and the words of the store that must not leave."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from cohorts.custody.token_store import all_tokens, stolen_tokens
from cohorts.gate.ledger import Behind, Entry
from cohorts.gate.outputs import Cell, predicate_of
from cohorts.gate.records import GateApproval, GateCell, GateKey, GateRelease
from cohorts.gate.sketch import KEY_BYTES, sketch
from workspace.audit import actor
from workspace.clock import now
from workspace.database import next_id
from workspace.errors import LifecourseError
from workspace.statements import run

RUN = "evaluate.run"


def ledger_key(session: Session) -> bytes:
    """The key that sketches are made under; made by the first who asks."""
    row = session.get(GateKey, "sketch")
    if row is None:
        row = GateKey(name="sketch", secret=base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii"))
        session.add(row)
        session.flush()
    return base64.b64decode(row.secret)


def sketched(session: Session, behind: Sequence[Behind]) -> list[Entry]:
    """The entries with the sketches of their people."""
    if not any(one.people is not None for one in behind):
        return [one.entry for one in behind]
    key = ledger_key(session)
    return [
        one.entry if one.people is None else replace(one.entry, sketch=sketch(one.people, key))
        for one in behind
    ]


def keep_cells(session: Session, subject: str, entries: Sequence[Entry]) -> None:
    """Keep the cells of a run, or of a release, in the caller's transaction."""
    number = int(session.exec(select(func.max(GateCell.cell_id))).first() or 0)
    for place, entry in enumerate(entries, start=number + 1):
        cell = entry.cell
        session.add(
            GateCell(
                cell_id=place,
                subject=subject,
                output=entry.output,
                universe=entry.universe,
                people=entry.people,
                about=entry.about,
                predicate=cell.where.text(),
                n=cell.n,
                shown=cell.shown,
                state=cell.state,
                sensitive=int(entry.sensitive),
                sketch=base64.b64encode(entry.sketch).decode("ascii") if entry.sketch else "",
            )
        )
    session.flush()


def cells_kept(session: Session, subjects: Sequence[str] | None = None) -> list[Entry]:
    """The cells of some subjects, or of all that were released."""
    wanted = set(subjects) if subjects is not None else released_subjects(session)
    found: list[Entry] = []
    for name in sorted(wanted):
        rows = session.exec(
            select(GateCell).where(GateCell.subject == name).order_by(col(GateCell.cell_id))
        ).all()
        found += [_entry(row) for row in rows]
    return found


def _entry(row: GateCell) -> Entry:
    cell = Cell(predicate_of(row.predicate), row.n, row.shown, row.state)  # type: ignore[arg-type]
    data = base64.b64decode(row.sketch) if row.sketch else None
    return Entry(
        row.subject, row.output, row.universe, row.people, row.about, cell, data, bool(row.sensitive)
    )


@dataclass(frozen=True, slots=True)
class Approval:
    """Who looked at what before it left, in which role, and at whose login it was entered."""

    subject: str
    sha256: str
    person: str
    role: str
    entered_by: str
    at: str


@dataclass(frozen=True, slots=True)
class Left:
    """A release as the log has it: its files with their fingerprints, and whose numbers they bear."""

    release_id: str
    verb: str
    subjects: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    entered_by: str
    at: str


def add_approval(session: Session, subject: str, sha256: str, person: str, role: str) -> Approval:
    """Enter an approval in the caller's transaction."""
    made = Approval(subject, sha256, person, role, actor(), now())
    number = int(session.exec(select(func.max(GateApproval.approval_id))).first() or 0) + 1
    session.add(
        GateApproval(
            approval_id=number,
            subject=subject,
            sha256=sha256,
            person=person,
            role=role,
            entered_by=made.entered_by,
            at=made.at,
        )
    )
    session.flush()
    return made


def approvals(session: Session) -> list[Approval]:
    """Every approval, oldest first."""
    rows = session.exec(select(GateApproval).order_by(col(GateApproval.approval_id))).all()
    return [Approval(r.subject, r.sha256, r.person, r.role, r.entered_by, r.at) for r in rows]


def add_release(
    session: Session, verb: str, subjects: Sequence[str], files: Sequence[tuple[str, str]]
) -> Left:
    """Enter a release in the caller's transaction."""
    made = Left(next_id(session, "OUT"), verb, tuple(subjects), tuple(files), actor(), now())
    session.add(
        GateRelease(
            release_id=made.release_id,
            verb=verb,
            subjects=json.dumps(made.subjects),
            files=json.dumps(made.files),
            entered_by=made.entered_by,
            at=made.at,
        )
    )
    session.flush()
    return made


def releases(session: Session) -> list[Left]:
    """Every release, oldest first."""
    rows = session.exec(select(GateRelease).order_by(col(GateRelease.release_id))).all()
    return [
        Left(
            r.release_id,
            r.verb,
            tuple(json.loads(r.subjects)),
            tuple((str(name), str(sha)) for name, sha in json.loads(r.files)),
            r.entered_by,
            r.at,
        )
        for r in rows
    ]


def released_subjects(session: Session) -> set[str]:
    """Whose numbers are out: everything that a release names, and the typed outputs of each release itself."""
    return {name for left in releases(session) for name in (*left.subjects, left.release_id)}


def runners(session: Session, subject: str) -> set[str]:
    """Who ran an evaluation, as the audit log has it."""
    rows = run(
        session, "SELECT DISTINCT actor FROM audit_entry WHERE action = ? AND subject = ?", (RUN, subject)
    )
    return {str(row[0]) for row in rows}


def audit_head(session: Session) -> str:
    """The newest fingerprint of the audit log."""
    found = run(session, "SELECT digest FROM audit_entry ORDER BY sequence DESC LIMIT 1").scalar()
    return str(found or "")


def are_pseudonyms(session: Session, words: set[str]) -> bool:
    """Say whether any of some words (hexadecimal) is a pseudonym: as the store keeps it, or as it was before."""
    if any(token.hex() in words for token in stolen_tokens(session)):
        return True
    with contextlib.suppress(
        LifecourseError
    ):  # without the seal key nobody here could have written a plain one
        return any(bytes(token).hex() in words for token in all_tokens(session)["token"])
    return False
