"""SQL that runs alike on the embedded file and on a server: one placeholder, one way to write many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from polars._typing import PolarsDataType
    from sqlmodel import Session

BLOCK = 100
SLICE = 20_000
NOTING = "workspace.references"  # where a session keeps who notes what it writes, if anybody does


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
    if not is_embedded(session):
        _copy(session, table, frame)
        return
    with noted(session, table, frame):
        _insert_blocks(session, table, frame)


def noted(session: Session, table: str, frame: pl.DataFrame) -> AbstractContextManager[None]:
    """Around a statement of one's own that gives rows of a table the values of a frame, in a bulk session or not."""
    noting = session.info.get(NOTING)
    if noting is None:
        return nullcontext()
    watched: AbstractContextManager[None] = noting(table, frame)
    return watched


def _insert_blocks(session: Session, table: str, frame: pl.DataFrame) -> None:
    """What stands in every row alike is said once a statement; only what varies is handed over row by row."""
    connection = session.connection()
    for part in frame.iter_slices(SLICE):  # rows as Python objects weigh many times what the frame does
        same = [column.name for column in part.iter_columns() if _is_constant(column)]
        vary = [name for name in part.columns if name not in same]
        if not vary:
            same, vary = same[1:], same[:1]
        fixed = part.select(same).row(0) if same else ()
        cells = list(chain.from_iterable(zip(*(part[name].to_list() for name in vary), strict=True)))
        names = ",".join([*same, *vary])
        head = f"INSERT INTO {table} ({names}) VALUES "  # noqa: S608 - names come from our code
        bound = tuple(value for value in fixed if not _is_plain(value))
        step = BLOCK * len(vary)
        full = len(cells) // step * step
        blocks = [(*bound, *cells[i : i + step]) for i in range(0, full, step)]
        if blocks:
            connection.exec_driver_sql(head + _places(fixed, len(vary), BLOCK), blocks)
        if cells[full:]:
            rows = len(cells[full:]) // len(vary)
            connection.exec_driver_sql(head + _places(fixed, len(vary), rows), (*bound, *cells[full:]))


def _is_constant(column: pl.Series) -> bool:
    return bool(column.null_count() == column.len() or column.eq_missing(column[0]).all())


def _is_plain(value: Any) -> bool:
    """Whole numbers and nothing can stand in the statement itself; everything else is bound."""
    return value is None or type(value) is int


def _places(fixed: Sequence[Any], vary: int, rows: int) -> str:
    """Rows of placeholders: what is fixed comes first, bound once and used again in each row."""
    start, number = "", 0
    for value in fixed:
        number += not _is_plain(value)
        start += f"{'NULL' if value is None else value}," if _is_plain(value) else f"?{number},"
    return ",".join(
        f"({start}{','.join(f'?{number + row * vary + place}' for place in range(1, vary + 1))})"
        for row in range(rows)
    )


def _copy(session: Session, table: str, frame: pl.DataFrame) -> None:
    import polars as pl

    binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    raw = session.connection().connection.driver_connection
    if raw is None:
        raise RuntimeError
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table} ({','.join(frame.columns)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for part in frame.iter_slices(SLICE):
            hexed = part.with_columns(
                pl.concat_str(pl.lit("\\x"), pl.col(name).bin.encode("hex")).alias(name) for name in binary
            )
            copy.write(hexed.write_csv(include_header=False, float_precision=None).encode("utf-8"))


def read_frame(
    session: Session, statement: str, parameters: Sequence[Any], schema: Mapping[str, PolarsDataType]
) -> pl.DataFrame:
    """Run a query and return its rows as a frame with these columns, a slice of rows at a time."""
    import polars as pl

    cursor = run(session, statement, parameters).cursor
    frames = [pl.DataFrame(schema=schema)]
    width = len(schema)
    while rows := cursor.fetchmany(SLICE):
        cells = list(chain.from_iterable(rows))
        columns = enumerate(schema.items())
        frames.append(
            pl.DataFrame([pl.Series(name, cells[place::width], kind) for place, (name, kind) in columns])
        )
    cursor.close()
    return pl.concat(frames)


def read_numbers(
    session: Session, statement: str, parameters: Sequence[Any], names: tuple[str, str]
) -> pl.DataFrame:
    """Run a query for pairs of a whole number below 2**53 and a number, none of them missing: Int64 and Float64.

    In two thirds of the time of :func:`read_frame`, and without an object for each number.
    """
    import numpy as np
    import polars as pl

    cursor = run(session, statement, parameters).cursor
    cells = np.fromiter(chain.from_iterable(cursor), np.float64)
    cursor.close()
    return pl.DataFrame([pl.Series(names[0], cells[0::2]).cast(pl.Int64), pl.Series(names[1], cells[1::2])])
