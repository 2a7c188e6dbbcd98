"""The table of notes in the register: rows are added; the database refuses to change or delete one."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

from workspace.records import STRICT


class RegisterNote(SQLModel, table=True):
    """What became of a planned evaluation beside its runs.

    ``kind`` is stop, publish, dispute or resolve; ``about`` a plan (stop) or an evaluation; ``said`` the reason, or
    where it was published; ``by_whom`` who says so; ``data_state`` what was collected when a plan was stopped; ``day``
    when a finding was published; ``outcome`` and ``answers`` how which dispute was resolved.
    """

    __tablename__ = "register_note"
    __table_args__ = STRICT

    note_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    kind: str = Field(sa_type=TEXT)
    about: str = Field(sa_type=TEXT)
    said: str = Field(sa_type=TEXT)
    by_whom: str = Field(sa_type=TEXT)
    data_state: str = Field(sa_type=TEXT)
    day: str = Field(sa_type=TEXT)
    outcome: str = Field(sa_type=TEXT)
    answers: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    noted_at: str = Field(sa_type=TEXT)
    noted_by: str = Field(sa_type=TEXT)
