"""The register in the database, and what of it stands in files: whoever deletes a file deletes no finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from evaluation.locking import known_measures
from evaluation.records import EvaluationRecord, PlanLock
from evaluation.register.collected_store import collected_of
from evaluation.register.model import Collected, FileState, Note, NoteKind, Planned, Register, RunLine
from evaluation.register.records import RegisterNote
from evaluation.register.states import build_register
from theory_of_change.errors import TheoryError
from theory_of_change.model import Measure
from theory_of_change.store import load_catalogue
from workspace.audit import actor, record
from workspace.clock import now, today
from workspace.database import reading
from workspace.files import sha256_of
from workspace.project import Project


def load_register(project: Project) -> Register:
    """The register as it stands today."""
    with reading(project) as session:
        return register_in(session, project)


def register_in(session: Session, project: Project) -> Register:
    """The register, read in the caller's session."""
    measures = _measures(project)
    plans, collected = [], {}
    for lock in session.exec(select(PlanLock).order_by(col(PlanLock.locked_at))).all():
        plan = _read(lock.canonical)
        there = (project.plans / f"{lock.plan_id}.toml").is_file()
        plans.append(_planned(lock, plan, there=there))
        collected[lock.plan_id] = collected_of(session, plan, measures) if plan else Collected(None)
    rows = session.exec(select(EvaluationRecord).order_by(col(EvaluationRecord.evaluation_id))).all()
    runs = [_run_line(project, row) for row in rows]
    return build_register(plans, runs, list_notes(session), collected, today().isoformat())


def _measures(project: Project) -> dict[str, Measure]:
    """A broken theory does not hide the register."""
    try:
        return known_measures(project)[1]
    except TheoryError:
        return load_catalogue()


def _read(canonical: str) -> dict[str, Any]:
    try:
        found = json.loads(canonical)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _planned(lock: PlanLock, plan: dict[str, Any], *, there: bool) -> Planned:
    return Planned(
        lock.plan_id,
        str(plan.get("title", "")),
        lock.sha256,
        lock.locked_at,
        lock.locked_by,
        lock.data_state,
        lock.waiver,
        str(plan.get("reported_by") or ""),
        tuple(str(link) for link in plan.get("links", ())),
        there,
        tuple(str(o[key]) for o in plan.get("outcomes", ()) for key in ("measure", "name") if o.get(key)),
    )


def _run_line(project: Project, row: EvaluationRecord) -> RunLine:
    return RunLine(
        row.evaluation_id,
        row.plan_id,
        row.plan_state,
        row.answer,
        row.security,
        row.run_at,
        row.result_sha256,
        file_state(finding_file(project, row.evaluation_id), row.result_sha256),
    )


def finding_file(project: Project, evaluation: str) -> Path:
    """Where a finding was written."""
    return project.evidence / f"{evaluation}.json"


def file_state(path: Path, sha256: str) -> FileState:
    """Whether a file is there, and the one that was written."""
    try:
        return "there" if sha256_of(path) == sha256 else "changed"
    except OSError:
        return "missing"


def load_finding(project: Project, run: RunLine) -> dict[str, Any] | None:
    """A finding's JSON; nothing where the file is gone or is not the one that was written."""
    if run.file != "there":
        return None
    found = json.loads(finding_file(project, run.evaluation_id).read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else None


def list_notes(session: Session) -> list[Note]:
    """All notes, oldest first."""
    rows = session.exec(select(RegisterNote).order_by(col(RegisterNote.note_id))).all()
    return [
        Note(
            row.note_id,
            row.kind,  # type: ignore[arg-type]  # only add_note writes it
            row.about,
            row.said,
            row.by_whom,
            row.data_state,
            row.day,
            row.outcome,
            row.answers,
            row.noted_at,
            row.noted_by,
        )
        for row in rows
    ]


def add_note(
    session: Session,
    kind: NoteKind,
    about: str,
    said: str,
    *,
    by_whom: str = "",
    data_state: str = "",
    day: str = "",
    outcome: str = "",
    answers: int | None = None,
) -> int:
    """Add a note in the caller's transaction, with an entry in the audit log; return its number."""
    number = int(session.exec(select(func.max(RegisterNote.note_id))).first() or 0) + 1
    session.add(
        RegisterNote(
            note_id=number,
            kind=kind,
            about=about,
            said=said,
            by_whom=by_whom,
            data_state=data_state,
            day=day,
            outcome=outcome,
            answers=answers,
            noted_at=now(),
            noted_by=actor(),
        )
    )
    session.flush()
    record(session, f"finding.{kind}", about, {"note": number, **({"outcome": outcome} if outcome else {})})
    return number
