"""Decisions about who is who, and what follows: links taken apart, participants made one, results affected."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.errors import CohortError
from cohorts.link_records import ReviewPair
from cohorts.link_reviews import decide, open_pair
from cohorts.link_store import add_events, forget_link, latest_run, link_in
from cohorts.store import find_cohort
from cohorts.token_store import move_tokens, remove_tokens, tokens_held
from cohorts.use_gate import permit_linked
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.noticeboard import PostedResult, results_of
from workspace.project import Project
from workspace.statements import run

REASONS = (
    "checked-with-partner",
    "same-record",
    "sibling",
    "other-person",
    "wrong-identifier",
    "register",
    "unclear",
)
REGISTER_REASONS = ("adoption", "at-risk", "safeguarding", "court-order", "other")


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: ``noted``, ``split`` or ``merge``; results made before it rest on the old people."""

    review_id: str
    decision: str
    effect: str
    affected: tuple[PostedResult, ...]


def decide_pair(project: Project, cohort_name: str, number: str, *, same: bool, reason: str) -> Decided:
    """Decide one question, and do what follows from it, in one transaction."""
    if reason not in REASONS:
        raise CohortError(
            "LC887", "a decision needs one of the reason codes", f"--reason one of: {', '.join(REASONS)}"
        )
    with reading(project) as session:
        cohort = find_cohort(session, cohort_name)
        if same:  # taking people apart puts a mistake right, whatever has lapsed
            permit_linked(session, project, cohort)
        open_pair(session, cohort.cohort_id, number)
    results = tuple(results_of(project, cohort.cohort_id))
    try:
        with writing(project) as session:
            pair, source = open_pair(session, cohort.cohort_id, number)
            decide(session, pair, "same" if same else "different", reason)
            effect = _follow(session, pair, source, cohort.cohort_id, reason, results)
            details = {"decision": pair.decision, "effect": effect, "reason": reason}
            record(session, "link.review", pair.review_id, details)
            done = Decided(pair.review_id, pair.decision or "", effect, results if effect != "noted" else ())
            if console.current().dry_run:
                raise _DryRun  # noqa: TRY301 - it takes the transaction back
    except _DryRun:
        pass
    return done


class _DryRun(Exception):  # noqa: N818 - not an error: it takes the transaction back
    pass


def _follow(
    session: Session,
    pair: ReviewPair,
    source: str,
    cohort_id: str,
    reason: str,
    results: tuple[PostedResult, ...],
) -> str:
    affected = ",".join(result.result_id for result in results)
    if pair.kind == "standing" and pair.decision == "different":
        _split(session, pair.participant_id, source, cohort_id)
        _note(session, pair, "split", reason, affected)
        return "split"
    if pair.kind == "merge" and pair.decision == "same" and pair.other_id is not None:
        _merge(session, pair.participant_id, pair.other_id)
        _note(session, pair, "merge", reason, affected)
        return "merge"
    _note(session, pair, "review", reason, "")
    return "noted"


def _note(session: Session, pair: ReviewPair, kind: str, reason: str, affected: str) -> None:
    people = pl.DataFrame(
        {"participant_id": [pair.participant_id], "other_id": [pair.other_id]},
        schema={"participant_id": pl.Int64, "other_id": pl.Int64},
    )
    add_events(
        session, people, kind=kind, reason=reason, run_id=None, review_id=pair.review_id, affected=affected
    )


def _split(session: Session, participant_id: int, source: str, cohort_id: str) -> None:
    """Take from a participant the identifiers a link brought, and the values that came by them."""
    last = latest_run(session, cohort_id, source)
    link = link_in(session, last.run_id, participant_id) if last else None
    kinds = [kind for kind in link.kinds.split(",") if kind] if link else []
    if link is None or not kinds:
        raise CohortError(
            "LC888",
            "these records share identifiers that came with the files, not with a linkage",
            "Ask the partner which identifier is right; then load the correction.",
        )
    remove_tokens(session, participant_id, kinds)
    run(
        session,
        "DELETE FROM observation WHERE participant_id = ? AND delivery_id IN "
        "(SELECT delivery_id FROM delivery WHERE cohort_id = ? AND source = ?)",
        (participant_id, cohort_id, source),
    )
    forget_link(session, link)


def _merge(session: Session, kept: int, gone: int) -> None:
    """Make two participants one: identifiers, enrolments and values go to the first."""
    _refuse_merge(session, kept, gone)
    move_tokens(session, gone, kept)
    for table, key in (("observation", ("variable_id", "wave_id")), ("enrolment", ("cohort_id",))):
        same = " AND ".join(f"o.{name} = {table}.{name}" for name in key)
        run(
            session,
            f"UPDATE {table} SET participant_id = ? WHERE participant_id = ? AND NOT EXISTS "  # noqa: S608 - our own names
            f"(SELECT 1 FROM {table} o WHERE {same} AND o.participant_id = ?)",
            (kept, gone, kept),
        )
        run(session, f"DELETE FROM {table} WHERE participant_id = ?", (gone,))  # noqa: S608 - our own names
    run(session, "UPDATE participant SET state = 'merged' WHERE participant_id = ?", (gone,))
    run(
        session,
        "UPDATE review_pair SET participant_id = ? WHERE participant_id = ? AND decision IS NULL",
        (kept, gone),
    )


def _refuse_merge(session: Session, kept: int, gone: int) -> None:
    held = tokens_held(session, pl.Series([kept, gone], dtype=pl.Int64))
    kinds = (
        held.filter(pl.col("kind") != "local-id").group_by("kind").agg(pl.col("participant_id").n_unique())
    )
    dates = run(
        session,
        "SELECT COUNT(*) FROM enrolment a JOIN enrolment b ON a.cohort_id = b.cohort_id "
        "AND a.index_date <> b.index_date WHERE a.participant_id = ? AND b.participant_id = ?",
        (kept, gone),
    ).scalar()
    values = run(
        session,
        "SELECT COUNT(*) FROM observation a JOIN observation b ON a.variable_id = b.variable_id AND "
        "a.wave_id = b.wave_id WHERE a.participant_id = ? AND b.participant_id = ? AND "
        "(COALESCE(a.value, 0) <> COALESCE(b.value, 0) OR COALESCE(a.missing, '') <> COALESCE(b.missing, ''))",
        (kept, gone),
    ).scalar()
    why = (
        "both hold an identifier of the same kind" if kinds.filter(pl.col("participant_id") > 1).height
        else "they were enrolled with different dates" if dates
        else "they have different values at the same wave" if values
        else ""
    )  # fmt: skip
    if why:
        raise CohortError(
            "LC888",
            f"these two participants cannot be made one: {why}",
            "Ask the partner which is right; then load it.",
        )
