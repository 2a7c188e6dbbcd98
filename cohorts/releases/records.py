"""The register of row-level releases: which rows of a cohort went where, and until when. Never who was in them."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column, ForeignKey
from sqlmodel import Field, SQLModel

from workspace.records import STRICT


class RowRelease(SQLModel, table=True):
    """One release. ``people`` is rounded; ``columns`` and ``agreements`` are JSON; ``closed_on`` is set at its end.

    ``salt`` is drawn anew for each: after a restore the same id may be given again, and must make other pseudonyms.
    """

    __tablename__ = "row_release"
    __table_args__ = STRICT

    release_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), nullable=False))
    day: str = Field(sa_type=TEXT)
    recipient: str = Field(sa_type=TEXT)
    setting: str = Field(sa_type=TEXT)
    salt: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    columns: str = Field(sa_type=TEXT)
    people: int = Field(sa_type=INTEGER)
    agreements: str = Field(sa_type=TEXT)
    plan: str = Field(sa_type=TEXT)
    key_id: str = Field(sa_type=TEXT)
    protection: str = Field(sa_type=TEXT)
    expires: str = Field(sa_type=TEXT)
    sha256: str = Field(sa_type=TEXT)
    closed_on: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
