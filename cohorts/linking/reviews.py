"""The store of the reviews: questions for a person, and what was decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlmodel import Session, col, select

from cohorts.errors import CohortError
from cohorts.linking.records import LinkRun, ReviewMark, ReviewPair
from cohorts.requests.store import people_not_to_join
from workspace.audit import actor
from workspace.clock import now
from workspace.database import next_id
from workspace.statements import run


@dataclass(frozen=True, slots=True)
class Question:
    """A question before it has its number. Its people are never shown."""

    kind: str
    participant_id: int = field(repr=False)
    marks: tuple[bytes, ...] = field(repr=False)
    pattern: Mapping[str, str] = field(default_factory=dict)
    weight_band: str = ""
    why: str = ""
    other_id: int | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Review:
    """A question as it is shown: how the records agree, never what stands in them."""

    review_id: str
    source: str
    kind: str
    pattern: Mapping[str, str]
    weight_band: str
    why: str
    decision: str


def add_questions(session: Session, run_id: str, questions: Sequence[Question]) -> int:
    """Store questions that were not asked before; return how many."""
    asked = _asked(session)
    added = 0
    for one in questions:
        key = (one.kind, one.participant_id)
        if any((*key, mark) in asked for mark in one.marks):
            continue
        review_id = next_id(session, "REV")
        session.add(
            ReviewPair(
                review_id=review_id,
                run_id=run_id,
                kind=one.kind,
                participant_id=one.participant_id,
                other_id=one.other_id,
                pattern=json.dumps(dict(one.pattern)),
                weight_band=one.weight_band,
                why=one.why,
            )
        )
        session.flush()
        session.add_all(ReviewMark(mark=mark, review_id=review_id) for mark in sorted(set(one.marks)))
        asked |= {(*key, mark) for mark in one.marks}
        added += 1
    session.flush()
    return added


def _asked(session: Session) -> set[tuple[str, int, bytes]]:
    rows = run(
        session,
        "SELECT p.kind, p.participant_id, m.mark FROM review_pair p JOIN review_mark m USING (review_id)",
    )
    return {(str(kind), int(number), bytes(mark)) for kind, number, mark in rows}


def marks_of_review(session: Session, review_id: str) -> set[bytes]:
    """The marks of the record a review is about."""
    rows = run(session, "SELECT mark FROM review_mark WHERE review_id = ?", (review_id,))
    return {bytes(row[0]) for row in rows}


def decided(session: Session) -> pl.DataFrame:
    """What was decided about possible and standing pairs: ``participant_id, mark, decision``."""
    rows = run(
        session,
        "SELECT p.participant_id, m.mark, p.decision FROM review_pair p JOIN review_mark m USING (review_id) "
        "WHERE p.decision IS NOT NULL AND p.kind <> 'merge' ORDER BY p.decided_at, p.review_id",
    )
    found = [(int(number), bytes(mark), str(word)) for number, mark, word in rows]
    schema = {"participant_id": pl.Int64, "mark": pl.Binary, "decision": pl.String}
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return frame.unique(["participant_id", "mark"], keep="last", maintain_order=True)


def list_reviews(session: Session, cohort_id: str, *, everything: bool = False) -> list[Review]:
    """The open questions about a cohort, or all, oldest first; without those about people who may not be linked."""
    barred = set(people_not_to_join(session))
    found = select(ReviewPair, LinkRun.source).join(LinkRun, col(LinkRun.run_id) == ReviewPair.run_id)
    found = found.where(LinkRun.cohort_id == cohort_id).order_by(col(ReviewPair.review_id))
    rows = session.exec(found).all()
    return [
        Review(p.review_id, source, p.kind, json.loads(p.pattern), p.weight_band, p.why, p.decision or "")
        for p, source in rows
        if everything or (p.decision is None and not {p.participant_id, p.other_id} & barred)
    ]


def open_pair(session: Session, cohort_id: str, number: str) -> tuple[ReviewPair, str]:
    """An undecided pair by its review number, and its source."""
    name = f"REV-{int(number):03d}" if number.isdigit() else number.upper()
    found = session.get(ReviewPair, name)
    about = session.get(LinkRun, found.run_id) if found else None
    if found is None or about is None or about.cohort_id != cohort_id:
        raise CohortError("LC886", "there is no pair of that number in this cohort", "lifecourse link review")
    if found.decision is not None:
        raise CohortError("LC886", f"{found.review_id} was decided already", "lifecourse link review --all")
    return found, about.source


def decide(session: Session, pair: ReviewPair, decision: str, reason: str) -> None:
    """Write a decision down: what, why, who and when."""
    pair.decision, pair.reason = decision, reason
    pair.decided_by, pair.decided_at = actor(), now()
    session.add(pair)
    session.flush()
