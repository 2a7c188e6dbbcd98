"""The variants of the storage race, each to be run in a process of its own: ``python -m benchmarks.race.peers``.

``NAME FOLDER`` with the files of :mod:`benchmarks.race.made_up` in FOLDER/data. A variant prints what it found.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.race.made_up import KEY, MORE, WAVES, answer, finish, lifecourse, start_clock
from benchmarks.race.object_peers import extract_objects, sqlmodel_rows

WIDE = [("age", "w0"), ("aid", "w0"), ("area", "w0"), ("m1", "w0"), ("m2", "w0"), ("m1", "w3")]
UNIQUE = "CREATE UNIQUE INDEX once ON observation (participant, wave, variable)"
NAMES = {"m1@w0": "b1", "m2@w0": "b2", "m1@w3": "y", "age@w0": "age", "aid@w0": "aid", "area@w0": "area"}
CLUSTERED = (
    "CREATE TABLE observation (variable_id INTEGER NOT NULL, wave_id INTEGER NOT NULL, participant_id INTEGER "
    "NOT NULL, value REAL, missing TEXT, delivery_id INTEGER NOT NULL, "
    "PRIMARY KEY (variable_id, wave_id, participant_id)) WITHOUT ROWID, STRICT"
)


def tokens(values: list[str]) -> list[bytes]:
    """HMAC-SHA-256 from two prepared states, the quickest way without a further library."""
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in KEY.ljust(64, b"\0")))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in KEY.ljust(64, b"\0")))
    found = []
    for value in values:
        inside, outside = inner.copy(), outer.copy()
        inside.update(value.encode())
        outside.update(inside.digest())
        found.append(outside.digest()[:16])
    return found


def named(people: Any) -> list[str]:
    """The columns of a table of people that hold identifiers."""
    return [name for name in ("nhs", *MORE) if name in people.columns]


def limit(data: Path, work: Path) -> None:
    """The least anybody could do: DuckDB to Parquet, tokens, a lazy frame, least squares; nothing is kept safe."""
    import duckdb
    import polars as pl

    for name in ("people", "obs"):
        target = work / f"{name}.parquet"
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{data / name}.csv', all_varchar = true)) TO '{target}'")
    people = pl.read_parquet(work / "people.parquet")
    _check_numbers(people["nhs"])
    token = [
        pl.Series(f"{name}_token", tokens(people[name].to_list()), dtype=pl.Binary) for name in named(people)
    ]
    start, born = (people[name].str.to_date("%d/%m/%Y") for name in ("start", "born"))
    day_of = [date.dt.month().cast(pl.Int32) * 100 + date.dt.day() for date in (start, born)]
    before = day_of[0] < day_of[1]
    people = people.select(
        "nhs",
        *token,
        (start.dt.year() - born.dt.year() - before.cast(pl.Int32)).alias("age"),
        pl.col("aid").cast(pl.Float64),
        (pl.col("area").rank("dense") - 1).alias("area"),
    )
    obs = pl.scan_parquet(work / "obs.parquet").with_columns(pl.col("m1", "m2").cast(pl.Float64))
    frame = people.lazy()
    for wave, measure, name in (("0", "m1", "b1"), ("0", "m2", "b2"), ("3", "m1", "y")):
        chosen = obs.filter((pl.col("wave") == wave) & pl.col(measure).is_not_null())
        frame = frame.join(chosen.select("nhs", pl.col(measure).alias(name)), on="nhs")
    answer(frame.collect())


def _check_numbers(nhs: Any) -> None:
    import polars as pl

    number = nhs.cast(pl.Int64)
    total = sum((number // 10 ** (9 - place) % 10) * (10 - place) for place in range(9))
    if not ((11 - total % 11) % 11 == number % 10).all():
        raise ValueError


def ours(data: Path, work: Path) -> None:
    """The public command line: two loads, then a wide frame by the function that evaluations use."""
    project = work / "project"
    lifecourse(project, "source", "load", "people", str(data / "people.csv"))
    before = (project / "data" / "cohort.sqlite").stat().st_size
    lifecourse(project, "source", "load", "obs", str(data / "obs.csv"))
    after = (project / "data" / "cohort.sqlite").stat().st_size
    extract(data, work, bytes=after - before)


def load_obs(data: Path, work: Path) -> None:
    """The second load alone, into a project that holds the people."""
    lifecourse(work / "project", "source", "load", "obs", str(data / "obs.csv"))
    finish()


def extract(data: Path, work: Path, **more: object) -> None:
    """The wide frame out of a loaded project."""
    answer(frame_of_project(work), **more)


def frame_of_project(work: Path) -> Any:
    """The wide frame by the function that evaluations use."""
    from cohorts.store import find_cohort, read_wide
    from workspace.database import reading
    from workspace.project import Project
    from workspace.settings import SETTINGS_FILE, read_settings

    root = (work / "project").resolve()
    with reading(Project(root, read_settings(root / SETTINGS_FILE))) as session:
        return read_wide(session, find_cohort(session, "race").cohort_id, WIDE).rename(NAMES)


def pandas_to_sql(data: Path, work: Path) -> None:
    """What most people would write: pandas, ``to_sql``, and the values pivoted after reading them all."""
    load_by_pandas(data, work)
    extract_pandas(data, work)


def load_by_pandas(data: Path, work: Path) -> None:
    """Read, check, token, and ``to_sql``."""
    with sqlite3.connect(work / "peer.sqlite") as connection:
        people, long = _pandas_frames(data)
        people.to_sql("person", connection, index=False)
        long.to_sql("observation", connection, index=False)
        connection.execute(UNIQUE)
        connection.commit()


def pandas_engine(data: Path, work: Path) -> None:
    """The same through an SQLAlchemy engine, as the manual of pandas has it."""
    load_by_pandas_engine(data, work)
    extract_pandas(data, work)


def load_by_pandas_engine(data: Path, work: Path) -> None:
    """Read, check, token, and ``to_sql`` through an engine."""
    from sqlalchemy import create_engine, text

    people, long = _pandas_frames(data)
    with create_engine(f"sqlite:///{work / 'peer.sqlite'}").begin() as connection:
        people.to_sql("person", connection, index=False)
        long.to_sql("observation", connection, index=False)
        connection.execute(text(UNIQUE))


def _pandas_frames(data: Path) -> Any:
    import numpy as np
    import pandas as pd

    people = pd.read_csv(data / "people.csv", dtype=str)
    digits = np.array([[int(digit) for digit in value] for value in people["nhs"]])
    check = (11 - (digits[:, :9] * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    if not (check == digits[:, 9]).all():
        raise ValueError
    for name in named(people):
        people[f"{name}_token"] = [
            hmac.digest(KEY, value.encode(), "sha256")[:16].hex() for value in people[name]
        ]
    start, born = (pd.to_datetime(people.pop(name), format="%d/%m/%Y") for name in ("start", "born"))
    before = (start.dt.month * 100 + start.dt.day) < (born.dt.month * 100 + born.dt.day)
    people["age"] = (start.dt.year - born.dt.year - before.astype(int)).astype(float)
    people["aid"] = people["aid"].astype(float)
    people["area"] = people["area"].astype("category").cat.codes.astype(float)
    people["participant"] = np.arange(len(people))
    obs = pd.read_csv(data / "obs.csv", dtype=str)
    obs["participant"] = obs.pop("nhs").map(people.set_index("nhs")["participant"])
    for name in ("m1", "m2"):
        obs[name] = obs[name].astype(float)
    long = obs.melt(id_vars=["participant", "wave"], value_vars=["m1", "m2"]).dropna(subset=["value"])
    kept = people.drop(columns=named(people)).assign(start=start.dt.strftime("%Y-%m-%d"))
    return kept, long


def extract_pandas(data: Path, work: Path) -> None:
    """Read everything and pivot."""
    answer(frame_by_pandas(work))


def frame_by_pandas(work: Path) -> Any:
    """Read everything and pivot."""
    import pandas as pd
    import polars as pl

    with sqlite3.connect(work / "peer.sqlite") as connection:
        people = pd.read_sql("SELECT participant, age, aid, area FROM person", connection)
        long = pd.read_sql("SELECT participant, wave, variable, value FROM observation", connection)
    wide = long.pivot_table(index="participant", columns=["variable", "wave"], values="value")
    wide.columns = [f"{variable}@w{wave}" for variable, wave in wide.columns]
    frame = people.merge(wide, left_on="participant", right_index=True, how="left")
    return pl.DataFrame({NAMES.get(name, name): frame[name].to_numpy() for name in frame.columns})


def extract_parquet(data: Path, work: Path) -> None:
    """The same frame from Parquet files sorted alike."""
    answer(frame_of_parquet(work))


def frame_of_parquet(work: Path) -> Any:
    """The frame from Parquet files sorted alike."""
    import polars as pl

    people, long = pl.scan_parquet(work / "people_wide.parquet"), pl.scan_parquet(work / "long.parquet")

    def one(variable: str, wave: str, name: str) -> Any:
        chosen = long.filter((pl.col("variable") == variable) & (pl.col("wave") == wave))
        return chosen.select("participant", pl.col("value").alias(name))

    frame = people.join(one("m1", "w0", "b1"), on="participant", how="left")
    frame = frame.join(one("m2", "w0", "b2"), on="participant", how="left")
    return frame.join(one("m1", "w3", "y"), on="participant", how="left").collect()


def _long(work: Path) -> Any:
    """The observations as they go into the store: numbers only, in the order of the file."""
    import polars as pl

    return pl.read_parquet(work / "stage.parquet")


def store_ours(data: Path, work: Path) -> None:
    """Our way into the file: sorted, compared with what is held, in blocks."""
    from sqlmodel import Session

    from cohorts.deliveries import Coded, write_observations
    from workspace.database import open_engine

    path = _stage_file(work, "ours")
    frame = _long(work)
    with Session(open_engine(path).execution_options(lifecourse_write=True)) as session:
        blocks = [
            Coded(int(variable), int(wave), part.select("participant_id", "value", "missing"))
            for (variable, wave), part in frame.sort("variable_id", "wave_id", "participant_id").group_by(
                "variable_id", "wave_id", maintain_order=True
            )
        ]
        write_observations(session, blocks, 1, replace=False)
        session.commit()
    finish(bytes=path.stat().st_size)


def _stage_file(work: Path, name: str) -> Path:
    path = work / f"stage-{name}.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(CLUSTERED)
    connection.close()
    return path


def store_core(data: Path, work: Path) -> None:
    """SQLAlchemy Core with a dictionary a row."""
    from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine

    path = _stage_file(work, "core")
    names = ("variable_id", "wave_id", "participant_id", "delivery_id")
    table = Table(
        "observation", MetaData(), *(Column(name, Integer) for name in names), Column("value", Float),
        Column("missing", String),
    )  # fmt: skip
    rows = _long(work).sort("variable_id", "wave_id", "participant_id").to_dicts()
    with create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(table.insert(), rows)
    finish()


def store_import(data: Path, work: Path) -> None:
    """The sqlite3 program's own ``.import`` of the same rows as text."""
    path = _stage_file(work, "import")
    table = work / "stage.csv"
    done = subprocess.run(
        ["sqlite3", str(path)],
        input=f"CREATE TEMP TABLE t AS SELECT 1;\n.mode csv\n.import {table} observation\n",
        capture_output=True,
        text=True,
        check=True,
    )
    if done.stderr.strip():
        raise ValueError
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    finish(work=used.ru_utime + used.ru_stime)


def growth5(data: Path, work: Path) -> None:
    """Five waves loaded one after another; processor time and bytes written of the first and of the last."""
    project = work / "project"
    used: list[tuple[float, int]] = []
    for wave in range(WAVES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        lifecourse(project, "source", "load", "obs", str(data / f"wave{wave}.csv"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        used.append((cpu, (after.ru_oublock - before.ru_oublock) * 512))
    finish(first_cpu=used[0][0], last_cpu=used[-1][0], first_bytes=used[0][1], last_bytes=used[-1][1])


def hmac_states(data: Path, work: Path) -> None:
    """Tokens as the program makes them, beside ``hmac.digest``, for the people of the file."""
    import time

    from cohorts.pseudonyms import hash_all

    values = [line.split(",")[0] for line in (data / "people.csv").read_text().splitlines()[1:]] * 3
    began = time.process_time()
    ours_found = hash_all((value.encode() for value in values), KEY, b"context")
    middle = time.process_time()
    found = [hmac.digest(KEY, b"context" + value.encode(), "sha256")[:16] for value in values]
    ended = time.process_time()
    if found != ours_found:
        raise ValueError
    finish(ours=middle - began, digest=ended - middle)


VARIANTS: dict[str, Callable[[Path, Path], None]] = {
    "limit": limit,
    "lifecourse": ours,
    "load_obs": load_obs,
    "pandas_to_sql": pandas_to_sql,
    "pandas_engine": pandas_engine,
    "sqlmodel_rows": sqlmodel_rows,
    "store_stage": store_ours,
    "core_executemany": store_core,
    "sqlite_import": store_import,
    "extract": extract,
    "extract_polars_parquet": extract_parquet,
    "extract_pandas": extract_pandas,
    "extract_objects": extract_objects,
    "growth5": growth5,
    "hmac_states": hmac_states,
}
# Libraries that are loaded before the clock of a stage starts; a whole pipeline pays for its own.
LOADED = {
    "store_stage": "cohorts.deliveries", "core_executemany": "sqlalchemy", "extract": "cohorts.store",
    "extract_polars_parquet": "polars", "extract_pandas": "pandas", "extract_objects": "sqlmodel",
}  # fmt: skip


if __name__ == "__main__":
    for module in ("polars", LOADED.get(sys.argv[1], "json")):
        importlib.import_module(module)
    start_clock()
    VARIANTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
