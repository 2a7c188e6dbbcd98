"""Loading two CSV files into a store, and taking a wide frame out of it: Lifecourse on both databases, and others.

Rows are observations: rows / 10 people with an NHS number, five waves of two measures. Loading reads two files, checks
every number and date, turns identifiers into keyed tokens and stores people and values. The frame holds three columns
of the person, two measures at the first wave and one at the fourth; everybody's must have the same checksum.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.race.made_up import answer_of, lifecourse, make_files, make_project

Work = Callable[[], dict[str, Any]]
Found = Callable[[], dict[str, Any]]


def make(rows: int, folder: Path) -> None:
    """people.csv and obs.csv."""
    make_files(folder, rows)


def _fresh(folder: Path, name: str) -> Path:
    work = folder / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def _load(folder: Path, project: Path) -> None:
    for name in ("people", "obs"):
        lifecourse(project, "source", "load", name, str(folder / f"{name}.csv"))


def load_sqlite(rows: int, folder: Path) -> Work:
    """The public command line, into the embedded file."""
    empty = folder / "empty"
    if not empty.exists():
        empty.mkdir()
        make_project(empty)
    work = folder / "sqlite"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(empty, work)
    os.environ["LIFECOURSE_KEY_FILE"] = str(work / "key" / "race.key")
    project = work / "project"

    def done() -> dict[str, Any]:
        _load(folder, project)
        return {"found": _counts(project / "data" / "cohort.sqlite", "participant"), "version": _versions()}

    return done


def load_postgresql(rows: int, folder: Path) -> Work:
    """The public command line, into a server; its processor time counts, its memory does not."""
    from benchmarks.race.private_server import start

    shutil.rmtree(folder / "server", ignore_errors=True)
    work = _fresh(folder, "postgresql")
    server = start(folder / "server")
    os.environ["LIFECOURSE_DATABASE_URL"] = server.url
    project = make_project(work)

    def counts() -> dict[str, Any]:
        import psycopg

        with psycopg.connect(server.url) as connection:
            return {
                name: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # type: ignore[index]
                for name, table in (("people", "participant"), ("values", "observation"))
            }

    def done() -> dict[str, Any]:
        before = server.cpu_seconds()
        _load(folder, project)
        spent = server.cpu_seconds() - before
        return {"found": counts, "outside_cpu": spent, "version": _server_version()}

    return done


def _by_pandas(folder: Path, name: str, load: Callable[[Path, Path], object]) -> Work:
    import pandas  # noqa: F401

    work = _fresh(folder, name)

    def done() -> dict[str, Any]:
        load(folder, work)
        return {"found": _counts(work / "peer.sqlite", "person"), "version": f"pandas {version('pandas')}"}

    return done


def load_pandas(rows: int, folder: Path) -> Work:
    """pandas and ``to_sql`` on Python's own connection."""
    from benchmarks.race.peers import load_by_pandas

    return _by_pandas(folder, "pandas", load_by_pandas)


def load_pandas_engine(rows: int, folder: Path) -> Work:
    """pandas and ``to_sql`` through an SQLAlchemy engine, as the manual of pandas has it."""
    from benchmarks.race.peers import load_by_pandas_engine

    return _by_pandas(folder, "pandas-engine", load_by_pandas_engine)


def load_objects(rows: int, folder: Path) -> Work:
    """An SQLModel object a row."""
    import sqlmodel  # noqa: F401

    from benchmarks.race.object_peers import load_objects as load

    work = _fresh(folder, "objects")

    def done() -> dict[str, Any]:
        load(folder, work)
        counts = _counts(work / "rows.sqlite", "person", "measure")
        return {"found": counts, "version": f"SQLModel {version('sqlmodel')}"}

    return done


def _counts(file: Path, people: str, values: str = "observation") -> Found:
    """People, and measures at waves: the peers keep what is known of a person beside them, and it is not counted."""

    def counted() -> dict[str, Any]:
        with sqlite3.connect(file) as connection:
            found = [
                connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                for table in (people, values)
            ]
        more = 3 * found[0] if values == "observation" and people == "person" else 0
        more = 3 * found[0] if values == "measure" else more
        return {"people": found[0], "values": found[1] + more}

    return counted


def extract_sqlite(rows: int, folder: Path) -> Work:
    """The function that evaluations use, on the embedded file."""
    if not (folder / "sqlite").exists():
        load_sqlite(rows, folder)()
    return _framed(folder / "sqlite", _versions())


def extract_postgresql(rows: int, folder: Path) -> Work:
    """The same on a server, whose processor time counts."""
    from benchmarks.race.private_server import start

    if not (folder / "server").exists():
        load_postgresql(rows, folder)()
        return _framed(folder / "postgresql", _server_version())
    server = start(folder / "server")
    os.environ["LIFECOURSE_DATABASE_URL"] = server.url
    work = _framed(folder / "postgresql", _server_version())

    def done() -> dict[str, Any]:
        before = server.cpu_seconds()
        return {**work(), "outside_cpu": server.cpu_seconds() - before}

    return done


def _framed(work: Path, said: str) -> Work:
    import cohorts.store  # noqa: F401
    from benchmarks.race.peers import frame_of_project

    def done() -> dict[str, Any]:
        frame = frame_of_project(work)
        return {"found": lambda: answer_of(frame), "version": said}

    return done


def extract_parquet(rows: int, folder: Path) -> Work:
    """Polars on sorted Parquet files, lazily."""
    from benchmarks.race.peers import frame_of_parquet

    if not (folder / "long.parquet").exists():
        make_parquet(folder)

    def done() -> dict[str, Any]:
        frame = frame_of_parquet(folder)
        return {"found": lambda: answer_of(frame), "version": f"Polars {version('polars')}"}

    return done


def make_parquet(folder: Path) -> None:
    """The same people and observations as Parquet, sorted by variable, wave and person."""
    import polars as pl

    people = pl.read_csv(folder / "people.csv", infer_schema=False).with_row_index("participant")
    start, born = (pl.col(name).str.to_date("%d/%m/%Y") for name in ("start", "born"))
    before = start.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    age = (start.dt.year() - born.dt.year() - before.cast(pl.Int32)).cast(pl.Float64)
    area = (pl.col("area").rank("dense") - 1).cast(pl.Float64)
    wide = people.select("participant", age.alias("age"), pl.col("aid").cast(pl.Float64), area.alias("area"))
    wide.write_parquet(folder / "people_wide.parquet")
    obs = pl.read_csv(folder / "obs.csv", schema_overrides={"nhs": pl.String})
    obs = obs.join(people.select("nhs", "participant"), on="nhs").drop("nhs")
    long = obs.unpivot(["m1", "m2"], index=["participant", "wave"])
    wave = pl.format("w{}", "wave").alias("wave")
    long.with_columns(wave).sort("variable", "wave", "participant").write_parquet(folder / "long.parquet")


def extract_pandas(rows: int, folder: Path) -> Work:
    """pandas: read everything and pivot."""
    import pandas  # noqa: F401

    from benchmarks.race.peers import frame_by_pandas

    if not (folder / "pandas").exists():
        load_pandas(rows, folder)()

    def done() -> dict[str, Any]:
        frame = frame_by_pandas(folder / "pandas")
        return {"found": lambda: answer_of(frame), "version": f"pandas {version('pandas')}"}

    return done


def extract_objects(rows: int, folder: Path) -> Work:
    """SQLModel objects, laid out in a loop."""
    import sqlmodel  # noqa: F401

    from benchmarks.race.object_peers import frame_of_objects

    if not (folder / "objects").exists():
        load_objects(rows, folder)()

    def done() -> dict[str, Any]:
        frame = frame_of_objects(folder / "objects")
        return {"found": lambda: answer_of(frame), "version": f"SQLModel {version('sqlmodel')}"}

    return done


def _versions() -> str:
    return f"SQLite {sqlite3.sqlite_version}"


def _server_version() -> str:
    from benchmarks.race.private_server import programs

    where = programs()
    return f"PostgreSQL {where.parent.name}" if where else ""
