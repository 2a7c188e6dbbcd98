"""Tables about lives. A row that turns out wrong is closed with ``recorded_to`` and stays: nothing is overwritten.

Every table with a ``participant_id`` (or ``other_id``) is part of a person's record and goes when they are erased.
"""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column, ForeignKey
from sqlmodel import Field, SQLModel

from cohorts.records import FLOAT
from workspace.records import CLUSTERED, STRICT


def _person(*, primary_key: bool = False, index: bool = True) -> Column[int]:
    person = ForeignKey("participant.participant_id")
    return Column(INTEGER, person, nullable=False, primary_key=primary_key, index=index)


def _delivery(*, primary_key: bool = False, index: bool = True) -> Column[int]:
    delivery = ForeignKey("delivery.delivery_id")
    return Column(INTEGER, delivery, nullable=False, primary_key=primary_key, index=index)


def _key() -> Column[int]:
    return Column(INTEGER, primary_key=True, autoincrement=False)


def _blank() -> Column[str]:
    return Column(TEXT, nullable=True)


class Spell(SQLModel, table=True):
    """A stretch of time in a state. ``end_date`` is the first day after it, or null while it is open."""

    __tablename__ = "spell"
    __table_args__ = STRICT

    spell_id: int = Field(sa_column=_key())
    participant_id: int = Field(sa_column=_person())
    kind: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    start_date: str = Field(sa_type=TEXT)
    end_date: str | None = Field(default=None, sa_column=_blank())
    end_reason: str | None = Field(default=None, sa_column=_blank())
    unit: str | None = Field(default=None, sa_column=_blank())
    delivery_id: int = Field(sa_column=_delivery())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str | None = Field(default=None, sa_column=_blank())


class Event(SQLModel, table=True):
    """Something that happened on a day, or in a month (then the first of it). ``nth`` tells like events apart."""

    __tablename__ = "event"
    __table_args__ = STRICT

    event_id: int = Field(sa_column=_key())
    participant_id: int = Field(sa_column=_person())
    kind: str = Field(sa_type=TEXT)
    event_date: str = Field(sa_type=TEXT)
    date_precision: str = Field(sa_type=TEXT)
    category: str | None = Field(default=None, sa_column=_blank())
    nth: int = Field(sa_type=INTEGER)
    delivery_id: int = Field(sa_column=_delivery())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str | None = Field(default=None, sa_column=_blank())


class Exposure(SQLModel, table=True):
    """A planned session of an intervention, and what came of it."""

    __tablename__ = "exposure"
    __table_args__ = STRICT

    exposure_id: int = Field(sa_column=_key())
    participant_id: int = Field(sa_column=_person())
    intervention: str = Field(sa_type=TEXT)
    session_date: str = Field(sa_type=TEXT)
    attended: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    planned_minutes: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    minutes: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    fidelity: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    provider: str | None = Field(default=None, sa_column=_blank())
    session_mode: str | None = Field(default=None, sa_column=_blank())
    nth: int = Field(sa_type=INTEGER)
    delivery_id: int = Field(sa_column=_delivery())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str | None = Field(default=None, sa_column=_blank())


class Observability(SQLModel, table=True):
    """A stretch in which a kind of event or spell would have been seen of a person, and why it ended."""

    __tablename__ = "observability"
    __table_args__ = STRICT

    observability_id: int = Field(sa_column=_key())
    participant_id: int = Field(sa_column=_person())
    sees: str = Field(sa_type=TEXT)
    start_date: str | None = Field(default=None, sa_column=_blank())
    end_date: str | None = Field(default=None, sa_column=_blank())
    reason: str | None = Field(default=None, sa_column=_blank())
    delivery_id: int = Field(sa_column=_delivery())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str | None = Field(default=None, sa_column=_blank())


class Relation(SQLModel, table=True):
    """One person is related to another, such as a child to its mother."""

    __tablename__ = "relation"
    __table_args__ = STRICT

    relation_id: int = Field(sa_column=_key())
    participant_id: int = Field(sa_column=_person())
    other_id: int = Field(sa_column=_person())
    relation: str = Field(sa_type=TEXT)
    delivery_id: int = Field(sa_column=_delivery())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str | None = Field(default=None, sa_column=_blank())


class Coverage(SQLModel, table=True):
    """What a delivery tells of, also where it holds no row of it, and over which days."""

    __tablename__ = "coverage"
    __table_args__ = CLUSTERED

    delivery_id: int = Field(sa_column=_delivery(primary_key=True, index=False))
    about: str = Field(sa_column=Column(TEXT, primary_key=True))
    kind: str = Field(sa_column=Column(TEXT, primary_key=True))
    data_from: str | None = Field(default=None, sa_column=_blank())
    data_until: str | None = Field(default=None, sa_column=_blank())


class ObservationHistory(SQLModel, table=True):
    """A value that was held and then corrected, and the time over which it was held."""

    __tablename__ = "observation_history"
    __table_args__ = CLUSTERED

    variable_id: int = Field(sa_column=Column(INTEGER, ForeignKey("variable.variable_id"), primary_key=True))
    wave_id: int = Field(sa_column=Column(INTEGER, ForeignKey("wave.wave_id"), primary_key=True))
    participant_id: int = Field(sa_column=_person(primary_key=True, index=False))
    delivery_id: int = Field(sa_column=_delivery(primary_key=True, index=False))
    value: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    missing: str | None = Field(default=None, sa_column=_blank())
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str = Field(sa_type=TEXT)
