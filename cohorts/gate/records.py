"""The tables of the gate: cells and who is behind them, releases, approvals. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

from workspace.records import STRICT


class GateCell(SQLModel, table=True):
    """One cell of an output, from the run that made it: true count and sketch stay in here.

    It counts as released once a release names its subject. No row says who is in a cell: see ``sketch.py``.
    """

    __tablename__ = "gate_cell"
    __table_args__ = STRICT

    cell_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    subject: str = Field(sa_type=TEXT)
    output: str = Field(sa_type=TEXT)
    universe: str = Field(sa_type=TEXT)
    people: str = Field(sa_type=TEXT)
    about: str = Field(sa_type=TEXT)
    predicate: str = Field(sa_type=TEXT)
    n: int = Field(sa_type=INTEGER)
    shown: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    state: str = Field(sa_type=TEXT)
    sensitive: int = Field(sa_type=INTEGER)
    sketch: str = Field(sa_type=TEXT)


class GateApproval(SQLModel, table=True):
    """A second person's approval of an evaluation, or of a file as its bytes were."""

    __tablename__ = "gate_approval"
    __table_args__ = STRICT

    approval_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    subject: str = Field(sa_type=TEXT)
    sha256: str = Field(sa_type=TEXT)
    person: str = Field(sa_type=TEXT)
    role: str = Field(sa_type=TEXT)
    entered_by: str = Field(sa_type=TEXT)
    at: str = Field(sa_type=TEXT)


class GateRelease(SQLModel, table=True):
    """One set of files that left: what, whose numbers, when. Lists are JSON."""

    __tablename__ = "gate_release"
    __table_args__ = STRICT

    release_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    verb: str = Field(sa_type=TEXT)
    subjects: str = Field(sa_type=TEXT)
    files: str = Field(sa_type=TEXT)
    entered_by: str = Field(sa_type=TEXT)
    at: str = Field(sa_type=TEXT)


class GateKey(SQLModel, table=True):
    """The key that sketches are made under; one row. It lies beside the people whom it could point to anyway."""

    __tablename__ = "gate_key"
    __table_args__ = STRICT

    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    secret: str = Field(sa_type=TEXT)
