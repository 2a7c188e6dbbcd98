"""Evaluations by their name for the gate: their typed outputs, their report, the cohort they rest on."""

from __future__ import annotations

import contextlib

from cohorts.disclosure import publish_count
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.outputs import Text
from cohorts.gate.store import cells_kept
from cohorts.gate.subjects import Subject
from cohorts.store import find_cohort
from evaluation.edits.edit_store import shown_sentences
from evaluation.errors import EvaluationError
from evaluation.model import Result
from evaluation.outputs import outputs_of
from evaluation.planned_columns import columns_of_locked_plan
from evaluation.reporting.html import render_whole
from evaluation.result import as_payload
from evaluation.saved.model import Whole
from evaluation.saved.store import whole_result
from workspace import console
from workspace.database import reading
from workspace.errors import LifecourseError
from workspace.project import Project

PREFIX = "EVAL-"


def evaluation_subject(project: Project, name: str) -> Subject | None:
    """An evaluation as the gate sees it; nothing for other names."""
    if not name.startswith(PREFIX):
        return None
    with contextlib.suppress(EvaluationError):
        return _subject(project, name, whole_result(project, name))
    return None


def _subject(project: Project, name: str, whole: Whole) -> Subject:
    result, profile = whole.result, whole.profile
    people = result.primary.units == "people"
    with reading(project) as session:
        entries = cells_kept(session, (name,))

    def documents() -> tuple[Outgoing, ...]:
        shown = shown_sentences(
            project, whole
        )  # LC715 to LC722: what the result does not bear is refused by line
        page = render_whole(whole, shown).encode("utf-8")
        words = " ".join(one.text for one in shown if one.edited)
        texts = (Text("sentences worded by the team", words, edited=True),) if words else ()
        data = f"{console.to_json(as_payload(result, profile))}\n".encode()
        return Outgoing(f"{name}.html", page, (name,), texts), Outgoing(f"{name}.json", data, (name,))

    return Subject(
        name,
        result.data.cohort if people else "",
        profile,
        outputs_of(result, entries),
        documents,
        tuple((step.step, publish_count(step.n, profile)) for step in result.flow) if people else (),
        _columns(project, result) if people else (),
    )


def _columns(project: Project, result: Result) -> tuple[tuple[str, str], ...]:
    """What its plan reads; of a plan that is not locked, or gone, only who is enrolled is known to be read."""
    with contextlib.suppress(LifecourseError), reading(project) as session:
        cohort = find_cohort(session, result.data.cohort).cohort_id
        return tuple(sorted(columns_of_locked_plan(session, project, cohort, result.plan.id)))
    return ()
