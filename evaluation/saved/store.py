"""Results kept whole: written with the run, read by every document made later."""

from __future__ import annotations

import json

from sqlmodel import Session, select

from evaluation.errors import EvaluationError
from evaluation.records import EvaluationRecord
from evaluation.saved.model import Whole
from evaluation.saved.plain import ShapeError, as_plain, from_plain
from evaluation.saved.records import SavedResult
from workspace.database import reading
from workspace.errors import did_you_mean
from workspace.project import Project


def keep_whole(session: Session, whole: Whole) -> None:
    """Keep a released result with its run; it cannot be changed afterwards."""
    content = json.dumps(as_plain(whole), ensure_ascii=False, separators=(",", ":"))
    session.add(SavedResult(evaluation_id=whole.result.evaluation, content=content))


def whole_result(project: Project, name: str) -> Whole:
    """The result of a run as it was released.

    Raises
    ------
    EvaluationError
        LC426 where there is no such run, LC427 where it was run by a version that kept no whole results.
    """
    with reading(project) as session:
        kept = session.get(SavedResult, name)
        content = kept.content if kept else ""
        runs = session.exec(select(EvaluationRecord.evaluation_id)).all()
    if not content and name not in runs:
        raise EvaluationError(
            "LC426",
            f"there is no evaluation '{name}'.{did_you_mean(name, runs)}",
            "lifecourse finding list names the evaluations.",
        )
    return _whole(name, content)


def whole_results(project: Project) -> tuple[Whole, ...]:
    """Every run that was kept whole, oldest first."""
    with reading(project) as session:
        order = select(EvaluationRecord.evaluation_id).order_by(
            EvaluationRecord.run_at, EvaluationRecord.evaluation_id
        )
        kept = {row.evaluation_id: row.content for row in session.exec(select(SavedResult)).all()}
        names = [name for name in session.exec(order).all() if name in kept]
    return tuple(_whole(name, kept[name]) for name in names)


def without_whole(project: Project) -> tuple[str, ...]:
    """Runs that no document can be made of, because the version that ran them kept no whole results."""
    with reading(project) as session:
        kept = set(session.exec(select(SavedResult.evaluation_id)).all())
        return tuple(sorted(set(session.exec(select(EvaluationRecord.evaluation_id)).all()) - kept))


def _whole(name: str, content: str) -> Whole:
    try:
        return from_plain(Whole, json.loads(content))
    except (ValueError, RecursionError, ShapeError):
        raise EvaluationError(
            "LC427",
            f"of {name} no whole result was kept: an older version of the program ran it",
            "Run the plan again: lifecourse evaluate run PLAN",
            where=f"{name}.json",
        ) from None
