"""The table of results kept whole."""

from __future__ import annotations

from sqlalchemy import TEXT, Column
from sqlmodel import Field, SQLModel

from workspace.records import STRICT


class SavedResult(SQLModel, table=True):
    """One run as it was released: rows are added, never changed. Aggregates alone, no row of a person."""

    __tablename__ = "saved_result"
    __table_args__ = STRICT

    evaluation_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    content: str = Field(sa_type=TEXT)
