"""Which tables hold rows about people: read from the database itself, so that no new table can be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData, Table
from sqlalchemy.sql.sqltypes import Float, Integer, LargeBinary
from sqlmodel import Session

from workspace.statements import run

PERSON, OTHER = "participant_id", "other_id"
# Tables whose rows are about the person of another table's row: how they are found.
OWNED = {"review_mark": ("review_id", "review_pair")}
STEP = 500


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table: its columns with what they hold (int, real, blob, text), those that name a participant, its key."""

    name: str
    columns: tuple[tuple[str, str], ...]
    people: tuple[str, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _ in self.columns)


def table_shapes(session: Session) -> list[TableShape]:
    """Every table of the database, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(bind=session.connection())
    return [
        TableShape(
            table.name,
            tuple((column.name, _holds(column.type)) for column in table.columns),
            _people_in(table),
            tuple(column.name for column in table.primary_key.columns),
        )
        for table in metadata.sorted_tables
        if table.name != "alembic_version"
    ]


def is_personal(shape: TableShape) -> bool:
    """Say whether a table's rows are each about a person: named there, or by way of another table."""
    return bool(shape.people) or shape.name in OWNED


def _holds(kind: object) -> str:
    if isinstance(kind, LargeBinary):
        return "blob"
    if isinstance(kind, Float):
        return "real"
    return "int" if isinstance(kind, Integer) else "text"


def _people_in(table: Table) -> tuple[str, ...]:
    """The columns that name a participant: by their name, or because they refer to one."""
    named = [
        column.name
        for column in table.columns
        if column.name in (PERSON, OTHER)
        or any(key.target_fullname == f"participant.{PERSON}" for key in column.foreign_keys)
    ]
    return tuple(sorted(named, key=lambda name: name != PERSON))


def delete_people(session: Session, participants: Sequence[int]) -> dict[str, int]:
    """Delete every row about these participants in every table; how many rows of which table."""
    counts: dict[str, int] = {}
    for shape in reversed(table_shapes(session)):
        if not shape.people:
            continue
        deleted = 0
        for start in range(0, len(participants), STEP):
            some = tuple(participants[start : start + STEP])
            marks = ",".join("?" * len(some))
            where = " OR ".join(f"{column} IN ({marks})" for column in shape.people)
            done = run(session, f"DELETE FROM {shape.name} WHERE {where}", some * len(shape.people))  # noqa: S608
            deleted += int(done.rowcount)
        counts[shape.name] = deleted
    return counts
