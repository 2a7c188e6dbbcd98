"""Tables of area series: collections of places, what was delivered about them, values as they are and as they were.

Nothing in them is about a person. ``area_value`` is clustered by measure, area and period: one series in one sweep.
"""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, CheckConstraint, Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from cohorts.records import FLOAT
from workspace.records import CLUSTERED, STRICT


class AreaCollection(SQLModel, table=True):
    """A named set of areas of one kind. ``parents`` is the collection their values may be added up to, if any."""

    __tablename__ = "area_collection"
    __table_args__ = STRICT

    collection_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    name: str = Field(sa_column=Column(TEXT, nullable=False, unique=True))
    title: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    parents: str | None = Field(
        default=None, sa_column=Column(TEXT, ForeignKey("area_collection.collection_id"), nullable=True)
    )
    created: str = Field(sa_type=TEXT)


class AreaDelivery(SQLModel, table=True):
    """One file of area series that was loaded. Once ``sealed``, periods from ``open_before`` on are not read."""

    __tablename__ = "area_delivery"
    __table_args__ = (UniqueConstraint("collection_id", "source", "file_sha256", "mapping_sha256"), STRICT)

    delivery_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    collection_id: str = Field(
        sa_column=Column(TEXT, ForeignKey("area_collection.collection_id"), nullable=False)
    )
    source: str = Field(sa_type=TEXT)
    file_sha256: str = Field(sa_type=TEXT)
    mapping_sha256: str = Field(sa_type=TEXT)
    rows: int = Field(sa_type=INTEGER)
    accepted: int = Field(sa_type=INTEGER)
    sealed: int = Field(sa_type=INTEGER)
    open_before: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    data_until: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    loaded_at: str = Field(sa_type=TEXT)
    agreement: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    agreement_version: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))


class Area(SQLModel, table=True):
    """One place: its code, the code of the place it is part of, and what never changes of it, as JSON."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("collection_id", "code"), STRICT)

    area_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    collection_id: str = Field(
        sa_column=Column(TEXT, ForeignKey("area_collection.collection_id"), nullable=False)
    )
    code: str = Field(sa_type=TEXT)
    name: str = Field(sa_type=TEXT)
    parent: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    valid_from: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    attributes: str = Field(sa_type=TEXT)
    delivery_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_delivery.delivery_id"), nullable=False)
    )


class AreaMeasure(SQLModel, table=True):
    """A measure of a collection: what kind of number it is, over which periods, and what it is divided by."""

    __tablename__ = "area_measure"
    __table_args__ = (UniqueConstraint("collection_id", "name"), STRICT)

    measure_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    collection_id: str = Field(
        sa_column=Column(TEXT, ForeignKey("area_collection.collection_id"), nullable=False)
    )
    name: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    step: str = Field(sa_type=TEXT)
    year_starts: int = Field(sa_type=INTEGER)
    unit: str = Field(sa_type=TEXT)
    denominator: str = Field(sa_type=TEXT)
    per: float = Field(sa_column=Column(FLOAT, nullable=False))
    open: int = Field(sa_type=INTEGER)


class AreaBreak(SQLModel, table=True):
    """A period from which a source counts a measure in another way, and why."""

    __tablename__ = "area_break"
    __table_args__ = CLUSTERED

    measure_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_measure.measure_id"), primary_key=True)
    )
    source: str = Field(sa_column=Column(TEXT, primary_key=True))
    period: str = Field(sa_column=Column(TEXT, primary_key=True))
    why: str = Field(sa_type=TEXT)
    note: str = Field(sa_type=TEXT)


class AreaValue(SQLModel, table=True):
    """A value of a measure in an area and a period, or the reason there is none."""

    __tablename__ = "area_value"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (missing IS NULL)", name="area_value_or_reason"),
        CLUSTERED,
    )

    measure_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_measure.measure_id"), primary_key=True)
    )
    area_id: int = Field(sa_column=Column(INTEGER, ForeignKey("area.area_id"), primary_key=True))
    period: str = Field(sa_column=Column(TEXT, primary_key=True))
    value: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    missing: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    definition: str = Field(sa_type=TEXT)
    complete: float = Field(sa_column=Column(FLOAT, nullable=False))
    delivery_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_delivery.delivery_id"), nullable=False)
    )


class AreaValueHistory(SQLModel, table=True):
    """A value as it was before a later delivery corrected it, and from when to when it was held."""

    __tablename__ = "area_value_history"
    __table_args__ = CLUSTERED

    measure_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_measure.measure_id"), primary_key=True)
    )
    area_id: int = Field(sa_column=Column(INTEGER, ForeignKey("area.area_id"), primary_key=True))
    period: str = Field(sa_column=Column(TEXT, primary_key=True))
    delivery_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("area_delivery.delivery_id"), primary_key=True)
    )
    value: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    missing: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    definition: str = Field(sa_type=TEXT)
    complete: float = Field(sa_column=Column(FLOAT, nullable=False))
    recorded_from: str = Field(sa_type=TEXT)
    recorded_to: str = Field(sa_type=TEXT)
