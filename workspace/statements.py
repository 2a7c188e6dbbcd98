"""SQL that runs alike on the embedded file and on a server: one placeholder, one way to write many rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from sqlmodel import Session

BLOCK = 100
SLICE = 20_000


def is_embedded(session: Session) -> bool:
    """Say whether the session is on the embedded SQLite file."""
    return session.connection().dialect.name == "sqlite"


def run(session: Session, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Run one statement with ``?`` placeholders; its text never holds a percent sign."""
    if not is_embedded(session):
        statement = statement.replace("?", "%s")
    return session.connection().exec_driver_sql(statement, tuple(parameters))


def run_many(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement for many rows of parameters."""
    if not is_embedded(session):
        statement = statement.replace("?", "%s")
    session.connection().exec_driver_sql(statement, list(rows))


def insert_frame(session: Session, table: str, frame: pl.DataFrame) -> None:
    """Insert the rows of a frame whose columns are named like the table's, in the caller's transaction.

    On SQLite: multi-row statements with flattened parameters, the quickest safe way into the file. On
    PostgreSQL: COPY from the frame written as CSV.
    """
    if frame.is_empty():
        return
    if is_embedded(session):
        _insert_blocks(session, table, frame)
    else:
        _copy(session, table, frame)


def _insert_blocks(session: Session, table: str, frame: pl.DataFrame) -> None:
    one = "(" + ",".join("?" * frame.width) + ")"
    head = f"INSERT INTO {table} ({','.join(frame.columns)}) VALUES "  # noqa: S608 - names come from our code
    connection = session.connection()
    for part in frame.iter_slices(SLICE):  # rows as Python objects weigh many times what the frame does
        rows = part.rows()
        full = len(rows) // BLOCK * BLOCK
        if full:
            blocks = [tuple(chain.from_iterable(rows[i : i + BLOCK])) for i in range(0, full, BLOCK)]
            connection.exec_driver_sql(head + ",".join([one] * BLOCK), blocks)
        if rows[full:]:
            connection.exec_driver_sql(head + one, rows[full:])


def _copy(session: Session, table: str, frame: pl.DataFrame) -> None:
    import polars as pl

    binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    hexed = frame.with_columns(
        pl.concat_str(pl.lit("\\x"), pl.col(name).bin.encode("hex")).alias(name) for name in binary
    )
    data = hexed.write_csv(include_header=False, float_precision=None).encode("utf-8")
    raw = session.connection().connection.driver_connection
    if raw is None:
        raise RuntimeError
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table} ({','.join(frame.columns)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(data)
