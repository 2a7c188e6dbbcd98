"""Tables of people's rights: requests, who may not be used, the seal, data keys, what remains of an erasure.

No column of a request or a tombstone holds a token, an identifier or free text about a person. A column that
is called ``participant_id`` belongs to a person and is emptied of them when they are erased.
"""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from workspace.records import CLUSTERED, STRICT


class SealRecord(SQLModel, table=True):
    """Which seal key the tokens are under: its id, never the key."""

    __tablename__ = "seal"
    __table_args__ = CLUSTERED

    key_id: str = Field(sa_column=Column(TEXT, primary_key=True))


class PersonKey(SQLModel, table=True):
    """A person's own data key, wrapped under the seal key. Made when a backup first needs it."""

    __tablename__ = "person_key"
    __table_args__ = STRICT

    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class KeyList(SQLModel, table=True):
    """A file with everybody's data keys that stands beside backups; ``stale`` until it was written anew."""

    __tablename__ = "key_list"
    __table_args__ = STRICT

    path: str = Field(sa_column=Column(TEXT, primary_key=True))
    recipients: str = Field(sa_type=TEXT)
    stale: int = Field(sa_type=INTEGER)


class RightsRequest(SQLModel, table=True):
    """One request: what was asked, its clock, and what was decided by whom and why."""

    __tablename__ = "rights_request"
    __table_args__ = STRICT

    request_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    kind: str = Field(sa_type=TEXT)
    scope: str = Field(sa_type=TEXT)
    clock_started: str = Field(sa_type=TEXT)
    complex: int = Field(sa_type=INTEGER)
    paused_from: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    paused_days: int = Field(sa_type=INTEGER)
    decision: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    exemption: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    search_scope: str = Field(sa_type=TEXT)
    note: str = Field(sa_type=TEXT)
    decided_by: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    decided_on: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))


class PersonScope(SQLModel, table=True):
    """What may not be done with a person any more, and by which request."""

    __tablename__ = "person_scope"
    __table_args__ = CLUSTERED

    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )
    scope: str = Field(sa_column=Column(TEXT, primary_key=True))
    request_id: str = Field(sa_column=Column(TEXT, ForeignKey("rights_request.request_id"), primary_key=True))
    since: str = Field(sa_type=TEXT)


class Tombstone(SQLModel, table=True):
    """That somebody was erased: their number, which is never given again, and why. No token."""

    __tablename__ = "tombstone"
    __table_args__ = STRICT

    number: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    request_id: str = Field(sa_type=TEXT)
    reason: str = Field(sa_type=TEXT)
    erased_on: str = Field(sa_type=TEXT)
    scope: str = Field(sa_type=TEXT)


class RightsChange(SQLModel, table=True):
    """One change of who may be used, counted: results before and after it are not compared in public."""

    __tablename__ = "rights_change"
    __table_args__ = STRICT

    change_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    changed_at: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    people: int = Field(sa_type=INTEGER)


class PendingErasure(SQLModel, table=True):
    """An erasure whose rows are gone and whose tidying up is not done yet."""

    __tablename__ = "pending_erasure"
    __table_args__ = STRICT

    request_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    facts: str = Field(sa_type=TEXT)
