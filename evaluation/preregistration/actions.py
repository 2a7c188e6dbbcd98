"""What ``plan export`` does: the plan as it is registered, or as its file has it, written as a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from evaluation.amending.model import Version
from evaluation.amending.running import chosen_version, named_plan, plan_of
from evaluation.amending.store import versions_of
from evaluation.errors import EvaluationError
from evaluation.locking import known_measures, open_plan, readiness_of
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.preregistration.document import Document, as_markdown
from evaluation.preregistration.eef import eef
from evaluation.preregistration.osf import osf
from evaluation.preregistration.said import Source
from evaluation.preregistration.word import as_word
from evaluation.store import plan_path
from workspace import console
from workspace.audit import note_reading
from workspace.database import reading
from workspace.errors import LifecourseError
from workspace.project import Project

FORMS = {"osf": osf, "eef": eef}
WRITERS: dict[str, Callable[[Document], str | bytes]] = {".md": as_markdown, ".docx": as_word}


@dataclass(frozen=True, slots=True)
class Exported:
    """A document and where it was written; ``version`` is 0 for a draft."""

    plan_id: str
    version: int
    form: str
    file: str
    written: bool


def export_plan(project: Project, name: str, form: str, to: Path, number: int | None) -> Exported:
    """Write a plan under the headings of a form; nothing is written over."""
    _refuse(form, to)
    plan_id = named_plan(project, name)
    with reading(project) as session:
        versions = versions_of(session, plan_id)
    if versions or number is not None:
        last = chosen_version(versions, plan_id, number)
        versions = tuple(one for one in versions if one.number <= last.number)
        plan = plan_of(last)
    else:
        plan = open_plan(project, name)[0]
    document = FORMS[form](_source(project, name, plan, versions))
    if not console.current().dry_run:
        note_reading(project, "plan.export", plan_id, {"as": form})
        text = WRITERS[to.suffix.lower()](document)
        data = text.encode("utf-8") if isinstance(text, str) else text
        write_outgoing(project, to.parent, [Outgoing(to.name, data)], verb="plan.export")
    shown = versions[-1].number if versions else 0
    return Exported(plan_id, shown, form, to.name, not console.current().dry_run)


def _refuse(form: str, to: Path) -> None:
    if form not in FORMS:
        raise EvaluationError("LC507", f"there is no form '{form}'", f"Forms: {', '.join(FORMS)}.")
    if to.suffix.lower() not in WRITERS:
        hint = f"Give a name that ends in {' or '.join(WRITERS)}."
        raise EvaluationError("LC507", "a plan is not written as this kind of file", hint, where=to.name)
    if to.exists():
        hint = "Choose another name, or move the file away."
        raise EvaluationError("LC508", "there is a file of that name already", hint, where=to.name)


def _source(project: Project, name: str, plan: AnalysisPlan, versions: tuple[Version, ...]) -> Source:
    """The plan with its theory, what it could show, and whether its file says something else by now."""
    theory, measures = known_measures(project)
    projection, unknown = None, ""
    try:
        projection = readiness_of(project, plan, measures).projection
    except LifecourseError as problem:
        unknown = problem.faults[0].problem
    return Source(plan, versions, theory, projection, unknown, _differs(project, name, versions))


def _differs(project: Project, name: str, versions: tuple[Version, ...]) -> bool:
    """Say whether the file holds a text that was not registered; one that is gone or spoilt holds none."""
    try:
        there = bool(versions) and plan_path(project, name).is_file()
        return there and fingerprint(open_plan(project, name)[0]) not in [one.sha256 for one in versions]
    except LifecourseError:
        return False
