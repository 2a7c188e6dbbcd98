"""The store of delivery: events in, things as they stand out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from theory_of_change.delivery.model import (
    Action,
    Event,
    Project,
    Return,
    Thing,
    Voice,
    refuse_fields,
    standing,
)
from theory_of_change.errors import TheoryError
from workspace import console
from workspace.audit import actor, record
from workspace.clock import now
from workspace.database import next_id, reading, writing
from workspace.errors import did_you_mean
from workspace.project import Project as Folder

if TYPE_CHECKING:
    from sqlmodel import Session

T = TypeVar("T", Project, Action, Voice, Return)


def _events(session: Session) -> list[Event]:
    from sqlmodel import col, select

    from theory_of_change.delivery.records import DeliveryEvent

    rows = session.exec(select(DeliveryEvent).order_by(col(DeliveryEvent.event_id))).all()
    return [
        Event(row.subject, row.kind, row.happened_at, row.entered_by, json.loads(row.said)) for row in rows
    ]


def everything(folder: Folder) -> dict[str, Thing]:
    """All projects, actions and voices as they stand."""
    with reading(folder) as session:
        return standing(_events(session))


def all_events(folder: Folder) -> list[Event]:
    """All that happened to all of them, oldest first."""
    with reading(folder) as session:
        return _events(session)


def history(folder: Folder, subject: str) -> list[Event]:
    """All that happened to one of them, oldest first."""
    with reading(folder) as session:
        return [event for event in _events(session) if event.subject == subject]


def found(things: Mapping[str, Thing], subject: str, kind: type[T]) -> T:
    """One of a kind by its id.

    Raises
    ------
    TheoryError
        ``LC351``: there is none.
    """
    one = things.get(subject.upper())
    if not isinstance(one, kind):
        known = [name for name, thing in things.items() if isinstance(thing, kind)]
        said = f"there is no {kind.__name__.lower()} '{subject}'.{did_you_mean(subject.upper(), known)}"
        raise TheoryError("LC351", said, f"lifecourse {kind.__name__.lower()} list")
    return one


def add(folder: Folder, prefix: str, said: Mapping[str, Any]) -> str:
    """Enter something new; return its id. Ids are never used again."""
    refuse_fields(said)
    with writing(folder, keep=not console.current().dry_run) as session:
        subject = next_id(session, prefix)
        _enter(session, subject, "added", said)
    return subject


def enter(folder: Folder, subject: str, kind: str, said: Mapping[str, Any]) -> None:
    """Enter something that happened."""
    refuse_fields(said)
    with writing(folder, keep=not console.current().dry_run) as session:
        _enter(session, subject, kind, said)


def enter_all(folder: Folder, entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Enter several things that happened, all or none: subject (``ACT`` for something new), kind, what was said."""
    for _, _, said in entries:
        refuse_fields(said)
    with writing(folder, keep=not console.current().dry_run) as session:
        for subject, kind, said in entries:
            _enter(session, subject if "-" in subject else next_id(session, subject), kind, said)


def _enter(session: Session, subject: str, kind: str, said: Mapping[str, Any]) -> None:
    from sqlmodel import func, select

    from theory_of_change.delivery.records import DeliveryEvent

    number = (session.exec(select(func.max(DeliveryEvent.event_id))).first() or 0) + 1
    text = json.dumps(dict(said), sort_keys=True, ensure_ascii=False)
    session.add(
        DeliveryEvent(
            event_id=number, subject=subject, kind=kind, said=text, happened_at=now(), entered_by=actor()
        )
    )
    session.flush()
    record(session, f"delivery.{kind}", subject)
