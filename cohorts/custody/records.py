"""The table of marks on keys: which are suspected to be known to others, which are retired."""

from __future__ import annotations

from sqlalchemy import TEXT, Column
from sqlmodel import Field, SQLModel

from workspace.records import CLUSTERED


class KeyMark(SQLModel, table=True):
    """A mark on a key. A key without one is in use."""

    __tablename__ = "key_mark"
    __table_args__ = CLUSTERED

    key_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    state: str = Field(sa_type=TEXT)
    since: str = Field(sa_type=TEXT)
    reason: str = Field(sa_type=TEXT)
