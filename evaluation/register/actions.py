"""What the commands of the register do: each adds a note, none changes one."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from evaluation.errors import EvaluationError
from evaluation.register.model import RULED, Entry, Note, Register, RunLine
from evaluation.register.states import data_state, open_disputes
from evaluation.register.store import add_note, register_in
from workspace import console
from workspace.clock import today
from workspace.database import writing
from workspace.errors import GateNotMet, did_you_mean
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as it was added (number 0 in a dry run) and what it is about."""

    number: int
    about: str
    entry: Entry


def find_entry(register: Register, name: str) -> tuple[Entry, RunLine | None]:
    """An entry by its plan or by one of its evaluations, and the evaluation that was named."""
    for entry in register.entries:
        if name == entry.plan.plan_id:
            return entry, None
        for run in entry.runs:
            if run.evaluation_id == name.upper():
                return entry, run
    known = [entry.plan.plan_id for entry in register.entries]
    known += [run.evaluation_id for entry in register.entries for run in entry.runs]
    raise EvaluationError(
        "LC540",
        f"the register holds no plan and no evaluation '{name}'.{did_you_mean(name, known)}",
        "lifecourse finding list. A plan is in the register once it is locked: lifecourse plan lock PLAN",
    )


def stop_plan(project: Project, name: str, reason: str) -> Noted:
    """Say that a planned evaluation was stopped, and why; it stays in the register for good."""
    said = _words("--reason", reason)
    with _writing(project) as session:
        entry, run = find_entry(register_in(session, project), name)
        _refuse_stop(entry, run)
        state = data_state(entry.collected)
        number = add_note(session, "stop", entry.plan.plan_id, said, data_state=state)
        return _noted(session, project, number, entry.plan.plan_id)


def _refuse_stop(entry: Entry, run: RunLine | None) -> None:
    plan = entry.plan.plan_id
    if run is not None:
        problem = f"{run.evaluation_id} is an evaluation that was run; what is stopped is a plan"
    elif not entry.is_planned:
        problem = f"plan '{plan}' was never locked"
    elif entry.findings:
        problem = f"plan '{plan}' has its finding: {entry.findings[0].evaluation_id}"
    elif any(note.kind == "stop" for note in entry.notes):
        problem = f"plan '{plan}' was stopped already"
    else:
        return
    raise GateNotMet("LC541", problem, f"lifecourse finding show {plan}")


def publish_finding(project: Project, name: str, where: str, on: dt.date | None) -> Noted:
    """Note where and when a finding was published. It releases nothing."""
    said = _words("--where", where)
    day = on or today()
    if day > today():
        raise EvaluationError("LC544", f"{day.isoformat()} is still to come", "Note it once it is published.")
    with _writing(project) as session:
        run = _evaluation(register_in(session, project), name)
        number = add_note(session, "publish", run.evaluation_id, said, day=day.isoformat())
        return _noted(session, project, number, run.evaluation_id)


def dispute_finding(project: Project, name: str, reason: str, by_whom: str) -> Noted:
    """Note that somebody disputes a finding. It takes nothing out of the register, nor out of a pool."""
    said, who = _words("--reason", reason), _words("--by", by_whom)
    with _writing(project) as session:
        run = _evaluation(register_in(session, project), name)
        number = add_note(session, "dispute", run.evaluation_id, said, by_whom=who)
        return _noted(session, project, number, run.evaluation_id)


def resolve_dispute(
    project: Project, name: str, dispute: int | None, ruled: str, reason: str, by_whom: str
) -> Noted:
    """Note how a dispute ended: upheld, not upheld, or withdrawn."""
    said, who = _words("--reason", reason), _words("--by", by_whom)
    if ruled not in RULED:
        raise EvaluationError(
            "LC542", f"'{ruled}' is no outcome of a dispute", f"One of: {', '.join(RULED)}."
        )
    with _writing(project) as session:
        register = register_in(session, project)
        run = _evaluation(register, name)
        entry, _ = find_entry(register, run.evaluation_id)
        note = _open_dispute(entry, run, dispute)
        number = add_note(
            session, "resolve", run.evaluation_id, said, by_whom=who, outcome=ruled, answers=note.number
        )
        return _noted(session, project, number, run.evaluation_id)


def _open_dispute(entry: Entry, run: RunLine, dispute: int | None) -> Note:
    waiting = [note for note in open_disputes(entry.notes) if note.about == run.evaluation_id]
    found = [note for note in waiting if dispute in (None, note.number)]
    if len(found) == 1:
        return found[0]
    numbers = ", ".join(str(note.number) for note in waiting) or "none"
    problem = f"{run.evaluation_id} has no open dispute" + (f" {dispute}" if dispute else "")
    if len(found) > 1:
        problem = f"{run.evaluation_id} has several open disputes"
    raise EvaluationError("LC543", problem, f"Open: {numbers}. Name one with --dispute NUMBER.")


def _evaluation(register: Register, name: str) -> RunLine:
    """The evaluation that is named, or the newest finding of the plan that is."""
    entry, run = find_entry(register, name)
    if run is None and not entry.findings:
        raise EvaluationError(
            "LC540",
            f"plan '{entry.plan.plan_id}' has no finding yet",
            f"lifecourse evaluate run {entry.plan.plan_id}",
        )
    return run or entry.findings[0]


def _words(option: str, text: str) -> str:
    said = " ".join(text.split())
    if not any(letter.isalpha() for letter in said):
        raise EvaluationError("LC542", f"{option} says nothing", "Say it in words; it stays in the register.")
    return said


def _writing(project: Project) -> contextlib.AbstractContextManager[Session]:
    return writing(project, keep=not console.current().dry_run)


def _noted(session: Session, project: Project, number: int, about: str) -> Noted:
    entry, _ = find_entry(register_in(session, project), about)
    return Noted(0 if console.current().dry_run else number, about, entry)
