"""Marks on keys in the store: suspected to be known to others, or retired. What is marked opens no door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, select

from cohorts.custody.records import KeyMark
from cohorts.custody.token_store import token_key_ids
from cohorts.custody.two_keys import key_ids_in
from cohorts.errors import CohortError
from cohorts.records import Delivery
from workspace.audit import record
from workspace.clock import today
from workspace.errors import Fault, GateNotMet, did_you_mean

SUSPECTED = "suspected"
RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark: which key, what of it, since when and why."""

    key_id: str
    state: str
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class AffectedDelivery:
    """A delivery loaded under a key: its number, source and day."""

    number: int
    source: str
    loaded: str


def marks(session: Session) -> list[Marked]:
    """Every mark, by key id."""
    rows = session.exec(select(KeyMark).order_by(KeyMark.key_id)).all()
    return [Marked(row.key_id, row.state, row.since, row.reason) for row in rows]


def refuse_marked(session: Session, key_ids: Iterable[str]) -> None:
    """The gate before every load and release: no key behind these ids may bear a mark (``LC847``)."""
    wanted = {part for key_id in key_ids for part in key_ids_in(key_id)}
    faults = [
        Fault(
            "LC847",
            "",
            f"key {mark.key_id} is {mark.state} since {mark.since}",
            "lifecourse key compromise --clear lifts a suspicion once it is resolved."
            if mark.state == SUSPECTED
            else "A retired key is never used again; restore nothing under it.",
        )
        for mark in marks(session)
        if mark.key_id in wanted
    ]
    if faults:
        raise GateNotMet.gather(faults)


def known_key_ids(session: Session) -> set[str]:
    """Every key id the store knows of: under tokens, under deliveries, under marks."""
    delivered = session.exec(select(Delivery.key_id).distinct()).all()
    held = {part for key_id in (*token_key_ids(session), *delivered) for part in key_ids_in(key_id)}
    return held | {mark.key_id for mark in marks(session)}


def affected(session: Session, key_id: str) -> list[AffectedDelivery]:
    """The deliveries that came in under a key, oldest first."""
    rows = session.exec(select(Delivery).order_by(Delivery.delivery_id)).all()  # type: ignore[arg-type]
    return [
        AffectedDelivery(row.delivery_id, row.source, row.loaded_at[:10])
        for row in rows
        if key_id in key_ids_in(row.key_id)
    ]


def suspect(session: Session, key_id: str, reason: str, *, also_known: Iterable[str] = ()) -> None:
    """Mark a key as suspected, with an entry in the log."""
    known = known_key_ids(session) | set(also_known)
    if key_id not in known:
        raise CohortError(
            "LC842",
            f"this project knows no such key.{did_you_mean(key_id, known)}",
            "lifecourse key status lists them.",
        )
    _set_mark(session, key_id, SUSPECTED, reason)
    record(session, "key.compromise", key_id, {"reason": reason})


def clear(session: Session, key_id: str, reason: str) -> None:
    """Lift a suspicion; a retired key stays retired."""
    row = session.get(KeyMark, key_id)
    if row is None or row.state != SUSPECTED:
        raise CohortError("LC842", "no suspicion is marked on this key", "lifecourse key status lists them.")
    session.delete(row)
    record(session, "key.clear", key_id, {"reason": reason})


def retire_mark(session: Session, key_id: str, reason: str) -> None:
    """Mark a key as retired, with an entry in the log."""
    _set_mark(session, key_id, RETIRED, reason)
    record(session, "key.retire", key_id, {"reason": reason})


def _set_mark(session: Session, key_id: str, state: str, reason: str) -> None:
    row = session.get(KeyMark, key_id) or KeyMark(key_id=key_id, state=state, since="", reason=reason)
    row.state, row.since, row.reason = state, today().isoformat(), reason
    session.add(row)
    session.flush()
