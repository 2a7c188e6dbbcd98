"""Registered versions of plans and their runs, in the store; rows are added, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlmodel import Session, col, select

from evaluation.amending.model import Sort, Version
from evaluation.errors import EvaluationError
from evaluation.plan import AnalysisPlan, canonical, fingerprint
from evaluation.records import EvaluationRecord, PlanLock, PlanVersion
from evaluation.store import sha256_of_text
from workspace.audit import actor
from workspace.clock import now
from workspace.project import Project
from workspace.records import AuditEntry

LOGGED = ("plan.lock", "plan.amend", "evaluate.run")
INTACT, GONE, CHANGED = "as it was written", "gone", "changed since it was written"


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the register, and what became of the file with its result."""

    evaluation: str
    plan_id: str
    sha256: str
    state: str
    answer: str
    security: int
    at: str
    evidence: str


def registered_text(plan_id: str, number: int, canonical: str, sha256: str) -> str:
    """The text of a version as it was registered.

    Raises
    ------
    EvaluationError
        ``LC504``: its fingerprint is another, so it was changed in the store past the triggers.
    """
    if sha256_of_text(canonical) != sha256:
        raise EvaluationError(
            "LC504",
            f"version {number} of plan '{plan_id}' is not the text that was registered: the store was changed by hand",
            "Restore a backup from before: lifecourse restore FILE",
        )
    return canonical


def versions_of(session: Session, plan_id: str) -> tuple[Version, ...]:
    """The registered versions of a plan, the lock first; none where it is not locked."""
    lock = session.get(PlanLock, plan_id)
    if lock is None:
        return ()
    rows = session.exec(
        select(PlanVersion).where(PlanVersion.plan_id == plan_id).order_by(col(PlanVersion.number))
    ).all()
    later = [
        Version(
            row.plan_id,
            row.number,
            row.sha256,
            registered_text(plan_id, row.number, row.canonical, row.sha256),
            cast(Sort, row.kind),
            row.reason,
            row.data_state,
            row.waiver,
            row.registered_at,
            row.registered_by,
        )
        for row in rows
    ]
    return (
        Version(
            lock.plan_id,
            1,
            lock.sha256,
            registered_text(plan_id, 1, lock.canonical, lock.sha256),
            "lock",
            "",
            lock.data_state,
            lock.waiver,
            lock.locked_at,
            lock.locked_by,
        ),
        *later,
    )


def locked_plans(session: Session) -> tuple[str, ...]:
    """The ids of all plans that were ever locked, also by the log, whatever became of their files."""
    rows = session.exec(select(PlanLock.plan_id)).all()
    logged = session.exec(select(AuditEntry.subject).where(AuditEntry.action == "plan.lock")).all()
    return tuple(sorted({*map(str, rows), *map(str, logged)}))


def add_version(
    session: Session,
    plan: AnalysisPlan,
    found: Sequence[Version],
    kind: Sort,
    reason: str,
    data: tuple[str, str],
) -> Version:
    """Register the next version in the caller's transaction; ``data``: state of the data, and waiver."""
    row = PlanVersion(
        plan_id=plan.id,
        number=found[-1].number + 1,
        sha256=fingerprint(plan),
        canonical=canonical(plan),
        kind=kind,
        reason=reason,
        data_state=data[0],
        waiver=data[1],
        registered_at=now(),
        registered_by=actor(),
    )
    session.add(row)
    session.flush()
    return versions_of(session, plan.id)[-1]


def runs_of(session: Session, project: Project, plan_id: str) -> tuple[RunLine, ...]:
    """All runs of a plan, oldest first, whether or not their files are still there."""
    chosen = select(EvaluationRecord).where(EvaluationRecord.plan_id == plan_id)
    rows = session.exec(
        chosen.order_by(col(EvaluationRecord.run_at), col(EvaluationRecord.evaluation_id))
    ).all()
    return tuple(
        RunLine(
            row.evaluation_id,
            row.plan_id,
            row.plan_sha256,
            row.plan_state,
            row.answer,
            row.security,
            row.run_at,
            _evidence(project.evidence / f"{row.evaluation_id}.json", row.result_sha256),
        )
        for row in rows
    )


def _evidence(path: Path, sha256: str) -> str:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError:
        return GONE
    except UnicodeDecodeError:
        return CHANGED
    return INTACT if sha256_of_text(text) == sha256 else CHANGED


def titles_of(versions: Sequence[Version]) -> str:
    """The title of the last registered text."""
    return str(json.loads(versions[-1].canonical)["title"]) if versions else ""


def log_head(session: Session) -> int:
    """The number of the newest entry of the log: every command that writes adds one."""
    newest = select(AuditEntry.sequence).order_by(col(AuditEntry.sequence).desc()).limit(1)
    return int(session.exec(newest).first() or 0)


def missing_by_log(session: Session, plan_id: str) -> tuple[str, ...]:
    """What the log says of a plan and the register does not have: its lock, versions of it, runs of it."""
    chosen_entries = select(AuditEntry).where(col(AuditEntry.action).in_(LOGGED))
    entries = session.exec(chosen_entries.order_by(col(AuditEntry.sequence))).all()
    said: list[str] = []
    for entry in entries:
        details = json.loads(entry.details)
        if entry.action == "plan.lock" and entry.subject == plan_id:
            said.append("its lock")
        elif entry.action == "plan.amend" and entry.subject == plan_id:
            said.append(f"version {details['version']}")
        elif entry.action == "evaluate.run" and details.get("plan") == plan_id:
            said.append(entry.subject)
    versions = versions_of(session, plan_id)
    there = {f"version {one.number}" for one in versions} | ({"its lock"} if versions else set())
    chosen = select(EvaluationRecord.evaluation_id).where(EvaluationRecord.plan_id == plan_id)
    there |= {str(one) for one in session.exec(chosen).all()}
    return tuple(one for one in said if one not in there)
