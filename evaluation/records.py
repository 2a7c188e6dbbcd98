"""Tables of the evaluation floor: what was locked, and what was run."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

from cohorts.records import FLOAT
from workspace.records import STRICT


class PlanLock(SQLModel, table=True):
    """A locked plan: its fingerprint, when, by whom, and what could be known of the data by then."""

    __tablename__ = "plan_lock"
    __table_args__ = STRICT

    plan_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    sha256: str = Field(sa_type=TEXT)
    canonical: str = Field(sa_type=TEXT)
    data_state: str = Field(sa_type=TEXT)
    waiver: str = Field(sa_type=TEXT)
    locked_at: str = Field(sa_type=TEXT)
    locked_by: str = Field(sa_type=TEXT)


class PlanVersion(SQLModel, table=True):
    """A later text of a locked plan; the lock itself is number 1. The database refuses to change or delete one.

    ``kind`` is amendment (before outcomes of the plan could be seen) or deviation, worked out and never asked for.
    """

    __tablename__ = "plan_version"
    __table_args__ = STRICT

    plan_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    number: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    sha256: str = Field(sa_type=TEXT)
    canonical: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    reason: str = Field(sa_type=TEXT)
    data_state: str = Field(sa_type=TEXT)
    waiver: str = Field(sa_type=TEXT)
    registered_at: str = Field(sa_type=TEXT)
    registered_by: str = Field(sa_type=TEXT)


class EvaluationRecord(SQLModel, table=True):
    """One run of a plan. Rows are added, never changed."""

    __tablename__ = "evaluation"
    __table_args__ = STRICT

    evaluation_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    plan_id: str = Field(sa_type=TEXT)
    plan_sha256: str = Field(sa_type=TEXT)
    plan_state: str = Field(sa_type=TEXT)
    answer: str = Field(sa_type=TEXT)
    security: int = Field(sa_type=INTEGER)
    result_sha256: str = Field(sa_type=TEXT)
    run_at: str = Field(sa_type=TEXT)


class EvaluationFooting(SQLModel, table=True):
    """How many people an outcome of a run rested on and what came out, before anything was withheld.

    ``signature`` is the plan's fingerprint without its id and title; ``last_change`` the newest change of who
    may be used at that time. Never shown: two of them side by side can give one person's outcome away.
    """

    __tablename__ = "evaluation_footing"
    __table_args__ = STRICT

    evaluation_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    measure: str = Field(sa_column=Column(TEXT, primary_key=True))
    signature: str = Field(sa_type=TEXT)
    analysed: int = Field(sa_type=INTEGER)
    effect: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    last_change: int = Field(sa_type=INTEGER)


class DifferenceRecord(SQLModel, table=True):
    """How a re-run differs from an earlier run since somebody left, in words for inside the store only."""

    __tablename__ = "difference_statement"
    __table_args__ = STRICT

    statement_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    evaluation_id: str = Field(sa_type=TEXT)
    plan_id: str = Field(sa_type=TEXT)
    measure: str = Field(sa_type=TEXT)
    made_at: str = Field(sa_type=TEXT)
    statement: str = Field(sa_type=TEXT)
    held: int = Field(sa_type=INTEGER)
