"""Tables of the evaluation floor: what was locked, and what was run."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

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
