"""The two databases that Splink can weigh pairs on: DuckDB in memory, or Spark on this computer.

Both get the same tokens and the same model and give the same pairs and weights. DuckDB is the faster one wherever
memory suffices; Spark may spill, encrypted, and so goes on where memory does not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from cohorts.errors import CohortError
from cohorts.linking.spark_session import spark_session

DUCKDB, SPARK = "duckdb", "spark"
ENGINES = (DUCKDB, SPARK)
Register = Callable[[pl.DataFrame], Any]


def check_engine(engine: str, *, keys_only: bool) -> None:
    """Refuse an engine that is not known, or one beside match keys alone, which need none.

    Raises
    ------
    CohortError
        ``LC879``.
    """
    if engine not in ENGINES:
        raise CohortError("LC879", "there is no such engine", f"One of: {', '.join(ENGINES)}.")
    if keys_only and engine == SPARK:
        raise CohortError(
            "LC879",
            "match keys alone need no engine, and Spark was asked for",
            "Leave out --engine spark or --match-keys-only.",
        )


def spoken(settings: Mapping[str, Any], engine: str) -> dict[str, Any]:
    """A model's settings in the dialect of an engine. Models are kept in DuckDB's; all that they say, both know."""
    blocks = [
        dict(block) | {"sql_dialect": engine} for block in settings["blocking_rules_to_generate_predictions"]
    ]
    return dict(settings) | {"sql_dialect": engine, "blocking_rules_to_generate_predictions": blocks}


@contextlib.contextmanager
def splink_database(engine: str, rows: int) -> Iterator[Register]:
    """An engine that is gone afterwards with all it holds; what is given says how a table gets to Splink on it."""
    with _spark(rows) if engine == SPARK else _duckdb() as found:
        yield found


@contextlib.contextmanager
def _duckdb() -> Iterator[Register]:
    import duckdb
    from splink import DuckDBAPI

    connection = duckdb.connect(":memory:")
    try:
        for setting in (
            "enable_progress_bar = false",
            "temp_directory = ''",
            "enable_external_access = false",
        ):
            connection.execute(f"SET {setting}")
        api = DuckDBAPI(connection)
        yield lambda frame: api.register(frame.to_arrow())
    finally:
        connection.close()


@contextlib.contextmanager
def _spark(rows: int) -> Iterator[Register]:
    """Results between steps stay in Spark's own store, in memory or encrypted; never in files of their own."""
    with spark_session(rows) as session:
        from splink.backends.spark import SparkAPI

        api = SparkAPI(  # type: ignore[no-untyped-call]  # untyped where PySpark is missing
            spark_session=session, break_lineage_method="persist", register_udfs_automatically=False
        )
        yield lambda frame: api.register(signed(frame).to_arrow())


def signed(frame: pl.DataFrame) -> pl.DataFrame:
    """Tokens as signed numbers, which Spark knows: what was equal stays equal, and nothing else is."""
    return frame.with_columns(pl.col(pl.UInt64).reinterpret(signed=True))
