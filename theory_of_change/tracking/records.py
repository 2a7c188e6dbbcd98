"""The table of success figures: rows are added, never changed; the newest of a measure, area and period counts."""

from __future__ import annotations

from sqlalchemy import INTEGER, REAL, TEXT, Column
from sqlalchemy.types import Double, TypeEngine
from sqlmodel import Field, SQLModel

from workspace.records import STRICT

FLOAT: TypeEngine[float] = REAL().with_variant(Double(), "postgresql")


def _number() -> Column[float]:
    return Column(FLOAT, nullable=True)


def _text() -> Column[str]:
    return Column(TEXT, nullable=True)


class SuccessFigure(SQLModel, table=True):
    """One figure as it was logged. Triggers refuse to change or delete one; a correction is a new row."""

    __tablename__ = "success_figure"
    __table_args__ = STRICT

    figure_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    measure: str = Field(sa_type=TEXT)
    area: str = Field(sa_type=TEXT)
    period_from: str = Field(sa_type=TEXT)
    period_to: str = Field(sa_type=TEXT)
    value: float | None = Field(default=None, sa_column=_number())
    out_of: float | None = Field(default=None, sa_column=_number())
    status: str = Field(sa_type=TEXT)
    stated_percent: float | None = Field(default=None, sa_column=_number())
    stated_difference: float | None = Field(default=None, sa_column=_number())
    against_from: str | None = Field(default=None, sa_column=_text())
    against_to: str | None = Field(default=None, sa_column=_text())
    stated_base: float | None = Field(default=None, sa_column=_number())
    printed_under: str = Field(sa_type=TEXT)
    source: str = Field(sa_type=TEXT)
    document: str = Field(sa_type=TEXT)
    note: str = Field(sa_type=TEXT)
    logged_at: str = Field(sa_type=TEXT)
    logged_by: str = Field(sa_type=TEXT)
