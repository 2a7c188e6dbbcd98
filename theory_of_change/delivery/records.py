"""The table of what happened to projects, actions and voices: rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

from workspace.records import STRICT


class DeliveryEvent(SQLModel, table=True):
    """One event. Triggers refuse to change or delete it; ``said`` is JSON of what was said, never about a person."""

    __tablename__ = "delivery_event"
    __table_args__ = STRICT

    event_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    subject: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    said: str = Field(sa_type=TEXT)
    happened_at: str = Field(sa_type=TEXT)
    entered_by: str = Field(sa_type=TEXT)
