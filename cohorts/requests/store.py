"""What the store knows of people's rights: requests and their clocks, and who may not be used, joined or added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
from sqlmodel import Session, col, select

from cohorts.errors import CohortError
from cohorts.rights import COLLECTION, LINKAGE, USE, Request, expanded
from workspace.audit import actor
from workspace.clock import now, today
from workspace.database import next_id
from workspace.statements import run, run_many

if TYPE_CHECKING:  # the tables are only loaded where a request is dealt with: every load asks who may be used
    from cohorts.requests.records import RightsRequest

# For a WHERE clause: only people who may be used. The table is small, so this is one look-up a row.
IN_USE = "{0}participant_id NOT IN (SELECT participant_id FROM person_scope WHERE scope = 'use')"


def add_request(
    session: Session, kind: str, scope: str, received: dt.date, *, is_complex: bool = False
) -> str:
    """Enter a request and start its clock; return its id."""
    from cohorts.requests.records import RightsRequest

    request_id = next_id(session, "RGT")
    session.add(
        RightsRequest(
            request_id=request_id,
            kind=kind,
            scope=scope,
            clock_started=received.isoformat(),
            complex=int(is_complex),
            paused_days=0,
            search_scope="",
            note="",
        )
    )
    session.flush()
    return request_id


def find_request(session: Session, request_id: str) -> RightsRequest:
    """A request by its id."""
    from cohorts.requests.records import RightsRequest

    row = session.get(RightsRequest, request_id.upper())
    if row is None:
        raise CohortError(
            "LC895", "there is no rights request of that id", "lifecourse cohort rights lists them."
        )
    return row


def open_request(session: Session, request_id: str) -> RightsRequest:
    """A request that was not answered yet."""
    row = find_request(session, request_id)
    if row.decision is not None:
        raise CohortError(
            "LC895", f"{row.request_id} was answered on {row.decided_on}", "Enter a new request."
        )
    return row


def list_requests(session: Session) -> list[Request]:
    """All requests, oldest first."""
    from cohorts.requests.records import RightsRequest

    rows = session.exec(select(RightsRequest).order_by(col(RightsRequest.request_id))).all()
    return [
        Request(
            row.request_id,
            row.kind,
            row.scope,
            dt.date.fromisoformat(row.clock_started),
            bool(row.complex),
            dt.date.fromisoformat(row.paused_from) if row.paused_from else None,
            row.paused_days,
            row.decision or "",
            row.exemption or "",
            dt.date.fromisoformat(row.decided_on) if row.decided_on else None,
        )
        for row in rows
    ]


def pause(session: Session, request_id: str) -> None:
    """Stop the clock: one has to ask back."""
    row = open_request(session, request_id)
    if row.paused_from is None:
        row.paused_from = today().isoformat()
        session.add(row)
        session.flush()


def resume(session: Session, request_id: str) -> None:
    """Let the clock run again."""
    row = open_request(session, request_id)
    _run_on(row)
    session.add(row)
    session.flush()


def _run_on(row: RightsRequest) -> None:
    if row.paused_from is not None:
        row.paused_days += (today() - dt.date.fromisoformat(row.paused_from)).days
        row.paused_from = None


def decide(
    session: Session, request_id: str, decision: str, *, exemption: str = "", search: str = "", note: str = ""
) -> RightsRequest:
    """Answer a request: what was decided, on which ground, by whom and when."""
    row = open_request(session, request_id)
    _run_on(row)
    row.decision, row.exemption, row.search_scope, row.note = decision, exemption or None, search, note
    row.decided_by, row.decided_on = actor(), today().isoformat()
    session.add(row)
    session.flush()
    return row


def bar(session: Session, participants: Sequence[int], row: RightsRequest) -> None:
    """Take people out of what the request names, in the caller's transaction."""
    from cohorts.requests.records import PersonScope

    since = today().isoformat()
    for number in participants:
        for scope in expanded(row.scope, row.kind):
            session.add(
                PersonScope(participant_id=number, scope=scope, request_id=row.request_id, since=since)
            )
    session.flush()
    if participants and USE in expanded(row.scope, row.kind):
        note_change(session, row.kind, len(participants))


def lift(session: Session, request_id: str) -> None:
    """Let the people of a request back in: they changed their mind, or the dispute is settled."""
    row = find_request(session, request_id)
    back = len(set(_numbers(session, "request_id = ? AND scope = 'use'", (row.request_id,))))
    run(session, "DELETE FROM person_scope WHERE request_id = ?", (row.request_id,))
    if back:
        note_change(session, "lift", back)


def note_change(session: Session, kind: str, people: int) -> None:
    """Count a change of who may be used; see ``evaluation/differences/difference.py``."""
    number = last_change(session) + 1
    row = (number, now(), kind, people)
    run(session, "INSERT INTO rights_change (change_id, changed_at, kind, people) VALUES (?, ?, ?, ?)", row)


def last_change(session: Session) -> int:
    """The number of the newest change of who may be used; 0 before the first."""
    return int(run(session, "SELECT MAX(change_id) FROM rights_change").scalar() or 0)


def changes_since(session: Session, number: int) -> list[tuple[str, int]]:
    """How many people each kind of change concerned since then. For inside the store only."""
    rows = run(
        session,
        "SELECT kind, SUM(people) FROM rights_change WHERE change_id > ? GROUP BY kind ORDER BY kind",
        (number,),
    )
    return [(str(kind), int(people)) for kind, people in rows]


def bury(
    session: Session, participants: Sequence[int], request_id: str, reason: str, scope: str, *, people: int
) -> None:
    """Leave a tombstone for each number that is gone; ``people`` are those who were erased.

    Somebody who was two participants once leaves two numbers.
    """
    rows = [(number, request_id, reason, today().isoformat(), scope) for number in participants]
    statement = "INSERT INTO tombstone (number, request_id, reason, erased_on, scope) VALUES (?, ?, ?, ?, ?)"
    if rows:
        run_many(session, statement, rows)
        note_change(session, "erasure", people)


def is_buried(session: Session, request_id: str) -> bool:
    """Say whether a request erased anybody."""
    found = run(session, "SELECT 1 FROM tombstone WHERE request_id = ? LIMIT 1", (request_id,)).scalar()
    return found is not None


def last_erased(session: Session) -> int:
    """The greatest number an erased person had: numbers are never given again."""
    return int(run(session, "SELECT MAX(number) FROM tombstone").scalar() or 0)


def people_not_to_link(session: Session) -> pl.Series:
    """The numbers of participants whose records must not be joined with any others."""
    return _series(session, LINKAGE)


def people_not_to_collect(session: Session) -> pl.Series:
    """The numbers of participants about whom nothing more may be stored."""
    return _series(session, COLLECTION)


def people_not_to_use(session: Session) -> pl.Series:
    """The numbers of participants who are withdrawn or restricted from use."""
    return _series(session, USE)


def people_not_to_join(session: Session) -> pl.Series:
    """Those whose records are joined with no others: withdrawn from linkage, or from use altogether."""
    return pl.concat([people_not_to_link(session), people_not_to_use(session)]).unique().sort()


def linkage_requests(session: Session) -> list[str]:
    """The requests under which somebody may not be linked, or not be used at all."""
    rows = run(
        session,
        "SELECT DISTINCT request_id FROM person_scope WHERE scope IN (?, ?) ORDER BY request_id",
        (LINKAGE, USE),
    )
    return [str(row[0]) for row in rows]


def out_of_use(session: Session, cohort_id: str) -> int:
    """How many enrolled people are withdrawn or restricted from use."""
    return people_out_of_use(session, cohort_id).len()


def people_out_of_use(session: Session, cohort_id: str) -> pl.Series:
    """The enrolled people who are withdrawn or restricted from use."""
    where = "scope = 'use' AND participant_id IN (SELECT participant_id FROM enrolment WHERE cohort_id = ?)"
    numbers = sorted(set(_numbers(session, where, (cohort_id,))))
    return pl.Series("participant", numbers, dtype=pl.Int64)


def _series(session: Session, scope: str) -> pl.Series:
    numbers = sorted(set(_numbers(session, "scope = ?", (scope,))))
    return pl.Series("participant_id", numbers, dtype=pl.Int64)


def _numbers(session: Session, where: str, parameters: tuple[str, ...]) -> list[int]:
    rows = run(session, f"SELECT participant_id FROM person_scope WHERE {where}", parameters)  # noqa: S608
    return [int(row[0]) for row in rows]
