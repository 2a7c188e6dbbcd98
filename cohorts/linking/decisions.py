"""Decisions about who is who, and what follows: links taken apart, participants made one, results affected."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.agreements.use_gate import permit_linked
from cohorts.backups.key_list import mark_stale, renew_lists
from cohorts.custody.token_store import drop_tokens, tokens_held
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linking.marks import mark_of
from cohorts.linking.merge import merge_people, split_person
from cohorts.linking.records import ReviewPair
from cohorts.linking.reviews import decide, marks_of_review, open_pair
from cohorts.linking.store import add_events, forget_link, latest_run, link_in
from cohorts.lives.derive_store import renew_all
from cohorts.local_ids import LOCAL, forget_holder
from cohorts.pseudonyms import PseudonymKey
from cohorts.requests.store import people_not_to_join
from cohorts.store import find_cohort, load_mapping
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.noticeboard import PostedResult, results_of
from workspace.project import Project

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
    key = load_key(project)
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        pair, source = open_pair(session, cohort.cohort_id, number)
        decide(session, pair, "same" if same else "different", reason)
        named = source, load_mapping(project, source)[0].namespace
        effect = _follow(session, pair, named, cohort.cohort_id, key, reason, results)
        if effect != "noted":
            renew_all(session)
            mark_stale(session)
        details = {"decision": pair.decision, "effect": effect, "reason": reason}
        record(session, "link.review", pair.review_id, details)
        done = Decided(pair.review_id, pair.decision or "", effect, results if effect != "noted" else ())
    if for_good and done.effect != "noted":
        with writing(project) as session:
            renew_lists(session, project)
    return done


def _refuse_withdrawn(session: Session, pair: ReviewPair) -> None:
    """Nobody who withdrew from linkage, or from use altogether, is joined with a record."""
    if {pair.participant_id, pair.other_id} & set(people_not_to_join(session)):
        raise CohortError(
            "LC885",
            "one of the two may not be linked: a withdrawal or restriction stands",
            "Decide --different, or leave the pair open until the request is lifted.",
        )


def _follow(
    session: Session,
    pair: ReviewPair,
    source: tuple[str, str],
    cohort_id: str,
    key: PseudonymKey,
    reason: str,
    results: tuple[PostedResult, ...],
) -> str:
    affected = ",".join(result.result_id for result in results)
    if pair.decision == "same":
        _refuse_withdrawn(session, pair)
    if pair.kind == "standing" and pair.decision == "different":
        _split(session, pair, source, cohort_id, key)
        _note(session, pair, "split", reason, affected)
        return "split"
    if pair.kind == "merge" and pair.decision == "same" and pair.other_id is not None:
        merge_people(session, pair.participant_id, pair.other_id)
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


def _split(
    session: Session, pair: ReviewPair, source: tuple[str, str], cohort_id: str, key: PseudonymKey
) -> None:
    """Take from a participant the identifiers a link brought, and everything that came by them."""
    name, namespace = source
    last = latest_run(session, cohort_id, name)
    link = link_in(session, last.run_id, pair.participant_id) if last else None
    kinds = [kind for kind in link.kinds.split(",") if kind] if link else []
    if link is None or not kinds:
        raise CohortError(
            "LC888",
            "these records share identifiers that came with the files, not with a linkage",
            "Ask the partner which identifier is right; then load the correction.",
        )
    held = tokens_held(session, pl.Series([pair.participant_id], dtype=pl.Int64))
    brought = _brought(session, pair, held.filter(pl.col("kind").is_in(kinds)), key)
    drop_tokens(session, brought)
    if LOCAL in brought["kind"]:
        forget_holder(session, namespace, pair.participant_id)
    split_person(session, pair.participant_id, name, cohort_id)
    forget_link(session, link)


def _brought(session: Session, pair: ReviewPair, held: pl.DataFrame, key: PseudonymKey) -> pl.DataFrame:
    """The tokens the link brought. Of several local ids only those of the record that was asked about."""
    several = (held["kind"] == "local-id").sum() > 1
    marks = marks_of_review(session, pair.review_id)
    local = pl.col("kind") == "local-id"
    own = [
        not several or kind != "local-id" or mark_of(kind, token, key, "review") in marks
        for kind, token in held.select("kind", "token").iter_rows()
    ]
    brought = held.filter(pl.Series(own, dtype=pl.Boolean))
    if several and brought.filter(local).is_empty():
        raise CohortError(
            "LC888",
            "the link brought a local id, and it cannot be told which of two it was",
            "Link once more with the file the link was made from; then decide again.",
        )
    return brought
