"""Edits on disk and in the audit log: begun, checked, accepted, and read for every document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from evaluation.edits.edit_file import edits_text, fingerprint_of, read_edits
from evaluation.edits.errors import EditRefused
from evaluation.edits.judging import edit_faults
from evaluation.edits.model import Edit, Shown
from evaluation.edits.sentences import generated_sentences, with_edits
from evaluation.saved.model import Whole
from evaluation.saved.store import whole_result
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.project import Project
from workspace.toml_source import read_toml

ACTION = "report.edit"


@dataclass(frozen=True, slots=True)
class Editing:
    """What became of a file of edits: begun, accepted now, or as it was; ``shown`` are the sentences."""

    evaluation: str
    file: str
    state: str
    shown: tuple[Shown, ...]


def edits_path(project: Project, name: str) -> Path:
    """Where the edits of an evaluation stand."""
    return project.reports / "edits" / f"{name}.toml"


def edit_report(project: Project, name: str) -> Editing:
    """Begin a file of edits, or check the one there is and enter it in the audit log.

    Raises
    ------
    EditRefused
        Every sentence that the result does not bear, with its line (exit 1).
    """
    whole = whole_result(project, name)
    path, generated = edits_path(project, name), generated_sentences(whole.result, whole.profile)
    if not path.is_file():
        data = edits_text(name, generated).encode("utf-8")
        written = write_outgoing(project, path.parent, [Outgoing(path.name, data, (name,))], verb=ACTION)
        return Editing(name, written[0], "begun", generated)
    edits = _judged(project, whole)
    shown, mark = with_edits(generated, edits), fingerprint_of(edits)
    if _accepted(project, name) == mark:
        return Editing(name, project.shown(path), "accepted before", shown)
    if not console.current().dry_run:
        changed = [edit.id for edit in edits if edit.changed]
        with writing(project) as session:
            record(session, ACTION, name, {"sha256": mark, "edited": changed})
    return Editing(name, project.shown(path), "accepted", shown)


def shown_sentences(project: Project, whole: Whole) -> tuple[Shown, ...]:
    """The sentences of page one as documents show them: the program's own, or the accepted words of the team.

    Raises
    ------
    EditRefused
        Where there are edits that the result does not bear, or that were changed since they were accepted (LC721).
    """
    name = whole.result.evaluation
    generated = generated_sentences(whole.result, whole.profile)
    if not edits_path(project, name).is_file():
        return generated
    edits = _judged(project, whole)
    if any(edit.changed for edit in edits) and _accepted(project, name) != fingerprint_of(edits):
        raise EditRefused(
            "LC721",
            f"the edits of {name} were changed since they were last checked",
            f"lifecourse report edit {name}",
            where=project.shown(edits_path(project, name)),
        )
    return with_edits(generated, edits)


def load_edits(project: Project, name: str) -> tuple[Edit, ...]:
    """The edits of an evaluation as they stand in the file; none where there is no file."""
    path = edits_path(project, name)
    if not path.is_file():
        return ()
    return read_edits(read_toml(path, EditRefused, name=project.shown(path)), name)


def _judged(project: Project, whole: Whole) -> tuple[Edit, ...]:
    edits = load_edits(project, whole.result.evaluation)
    faults = edit_faults(whole.result, edits, whole.profile)
    if faults:
        raise EditRefused.gather(faults)
    return edits


def _accepted(project: Project, name: str) -> str:
    """The fingerprint of the words that were last accepted; empty where none were."""
    from sqlmodel import col, select

    from workspace.records import AuditEntry

    with reading(project) as session:
        asked = select(AuditEntry.details).where(AuditEntry.action == ACTION, AuditEntry.subject == name)
        last = session.exec(asked.order_by(col(AuditEntry.sequence).desc()).limit(1)).first()
    return str(json.loads(last).get("sha256", "")) if last else ""
