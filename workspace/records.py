"""Tables of the foundations: the audit log and the counters that hand out ids."""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column
from sqlmodel import Field, SQLModel

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


class AuditEntry(SQLModel, table=True):
    """One entry of the hash-chained log. Triggers in the database refuse to change or delete one."""

    __tablename__ = "audit_entry"
    __table_args__ = STRICT

    sequence: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    at: str = Field(sa_type=TEXT)
    actor: str = Field(sa_type=TEXT)
    action: str = Field(sa_type=TEXT)
    subject: str = Field(sa_type=TEXT)
    details: str = Field(sa_type=TEXT)
    previous: str = Field(sa_type=TEXT)
    digest: str = Field(sa_type=TEXT)


class Owner(SQLModel, table=True):
    """Whose database this is: the id of the project it was made for."""

    __tablename__ = "owner"
    __table_args__ = CLUSTERED

    project_id: str = Field(sa_column=Column(TEXT, primary_key=True))


class Counter(SQLModel, table=True):
    """The last number given out for each kind of id. Ids are never reused."""

    __tablename__ = "counter"
    __table_args__ = CLUSTERED

    prefix: str = Field(sa_column=Column(TEXT, primary_key=True))
    last: int = Field(sa_type=INTEGER)
