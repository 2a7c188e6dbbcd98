"""Loading a partner's file: Lifecourse beside what a user would write instead, in one run.

    python -m benchmarks.race.load --rows 10000,30000,100000 --pairs 3

Each variant reads the same CSV (two national identifiers, a release date, a birth date, six variables),
validates the identifiers' check digits and dates, turns identifiers into HMAC-SHA-256 tokens, and stores
people and values in a fresh SQLite file. Every run is a process of its own; processor time, wall time and
peak memory are the child's. Ratios are taken pair by pair (A B A B), so a busy machine hurts both alike. The
variants must agree on the number of people and of values, or the run fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
VARIABLES = ("aid", "area", "score", "convictions", "married", "weeks")
MAPPING = """[source]
id = "people"
title = "People"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
wave = "release"
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[identifier]]
column = "prison"
kind = "prison-number"
[[index_date]]
column = "released"
[[variable]]
column = "born"
name = "age_at_release"
kind = "age"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
[[variable]]
column = "score"
name = "score"
kind = "number"
[[variable]]
column = "convictions"
name = "convictions"
kind = "number"
[[variable]]
column = "married"
name = "married"
kind = "binary"
[[variable]]
column = "weeks"
name = "weeks"
kind = "number"
"""


def make_file(path: Path, rows: int) -> None:
    """A seeded file of made-up people; NHS numbers are valid."""
    rng = random.Random(rows)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    with path.open("w", encoding="utf-8") as file:
        file.write("nhs,prison,released,born,aid,area,score,convictions,married,weeks\n")
        made, body = 0, 400_000_000
        while made < rows:
            body += 7
            digits = f"{body:09d}"
            check = (11 - sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11) % 11
            if check == 10:
                continue
            block, serial = divmod(made, 9_999)  # 0000 would be taken for a placeholder
            prison = f"{letters[block // 576 % 24]}{serial + 1:04d}{letters[block % 24]}{letters[block // 24 % 24]}"
            file.write(
                f"{digits}{check},{prison},{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/2022,"
                f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/{rng.randrange(1960, 2003)},{rng.randrange(2)},"
                f"area {rng.randrange(30)},{rng.gauss(50, 10):.2f},{rng.randrange(12)},{rng.randrange(2)},"
                f"{rng.randrange(53)}\n"
            )
            made += 1


def run_lifecourse(folder: Path, file: Path) -> dict[str, int]:
    """The public command line, in a project made beforehand."""
    import sqlite3

    subprocess.run(
        [sys.executable, "-m", "cli", "--project", str(folder / "project"), "source", "load", "people", str(file)],
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    with sqlite3.connect(folder / "project" / "data" / "cohort.sqlite") as connection:
        people = connection.execute("SELECT COUNT(*) FROM participant").fetchone()[0]
        values = connection.execute("SELECT COUNT(*) FROM observation").fetchone()[0]
    return {"people": people, "values": values}


def prepare_lifecourse(folder: Path) -> None:
    """Project, key, cohort and mapping: not part of the race."""
    words = [
        ["init", str(folder / "project")],
        ["--project", str(folder / "project"), "key", "create"],
        ["--project", str(folder / "project"), "cohort", "new", "leavers", "--template", "prison-leavers"],
    ]
    for command in words:
        subprocess.run([sys.executable, "-m", "cli", *command], check=True, capture_output=True, cwd=ROOT)
    (folder / "project" / "sources" / "people.toml").write_text(MAPPING, encoding="utf-8")


PANDAS = """
import hashlib, hmac, json, sqlite3, sys
import pandas as pd
file, out = sys.argv[1], sys.argv[2]
key = b"k" * 32
frame = pd.read_csv(file, dtype=str)
digits = frame["nhs"].str.extractall(r"(\\d)")[0].unstack().astype(int).to_numpy()
check = (11 - (digits[:, :9] * range(10, 1, -1)).sum(axis=1) % 11) % 11
assert (check == digits[:, 9]).all()
assert frame["prison"].str.fullmatch(r"[A-Z]\\d{4}[A-Z]{2}").all()
for name in ("nhs", "prison"):
    frame[name] = [hmac.digest(key, value.encode(), "sha256")[:16].hex() for value in frame[name]]
released = pd.to_datetime(frame.pop("released"), format="%d/%m/%Y")
born = pd.to_datetime(frame.pop("born"), format="%d/%m/%Y")
frame["age_at_release"] = ((released - born).dt.days // 365.25).astype(int)
frame["area"] = frame["area"].astype("category").cat.codes
for name in ("aid", "score", "convictions", "married", "weeks"):
    frame[name] = frame[name].astype(float)
frame["person"] = range(len(frame))
with sqlite3.connect(out) as connection:
    people = frame[["person", "nhs", "prison"]].assign(released=released.dt.strftime("%Y-%m-%d"))
    people.to_sql("person", connection, index=False)
    long = frame.drop(columns=["nhs", "prison"]).melt(id_vars="person")
    long["wave"] = "release"
    long.to_sql("observation", connection, index=False)
    connection.execute("CREATE UNIQUE INDEX u ON observation (variable, wave, person)")
    connection.commit()
print(json.dumps({"people": len(frame), "values": len(long)}))
"""

SQLMODEL = """
import csv, datetime as dt, hashlib, hmac, json, re, sys
from sqlmodel import Field, Session, SQLModel, create_engine
class Person(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    nhs: str = Field(unique=True)
    prison: str = Field(unique=True)
    released: dt.date
class Observation(SQLModel, table=True):
    person: int = Field(foreign_key="person.id", primary_key=True)
    variable: str = Field(primary_key=True)
    wave: str = Field(primary_key=True)
    value: str
key = b"k" * 32
def token(value):
    return hmac.digest(key, value.encode(), "sha256")[:16].hex()
def valid(nhs):
    return (11 - sum(int(d) * (10 - i) for i, d in enumerate(nhs[:9])) % 11) % 11 == int(nhs[9])
engine = create_engine("sqlite:///" + sys.argv[2])
SQLModel.metadata.create_all(engine)
people = values = 0
with Session(engine) as session, open(sys.argv[1], encoding="utf-8") as file:
    for i, row in enumerate(csv.DictReader(file), start=1):
        assert valid(row["nhs"]) and re.fullmatch(r"[A-Z]\\d{4}[A-Z]{2}", row["prison"])
        released = dt.datetime.strptime(row["released"], "%d/%m/%Y").date()
        born = dt.datetime.strptime(row["born"], "%d/%m/%Y").date()
        session.add(Person(id=i, nhs=token(row["nhs"]), prison=token(row["prison"]), released=released))
        row["age_at_release"] = str((released - born).days // 365)
        for name in ("age_at_release", "aid", "area", "score", "convictions", "married", "weeks"):
            session.add(Observation(person=i, variable=name, wave="release", value=row[name]))
            values += 1
        people += 1
        if i % 5000 == 0:
            session.flush()
            session.expunge_all()
    session.commit()
print(json.dumps({"people": people, "values": values}))
"""


def run_script(script: str, folder: Path, file: Path) -> dict[str, int]:
    """Run a peer's script."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(file), str(folder / "peer.sqlite")],
        check=True,
        capture_output=True,
        text=True,
    )
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def child(variant: str, folder: Path, file: Path) -> None:
    """One measured run in this process's children."""
    began = time.perf_counter()
    if variant == "lifecourse":
        counts = run_lifecourse(folder, file)
    else:
        counts = run_script({"pandas_to_sql": PANDAS, "sqlmodel_rows": SQLMODEL}[variant], folder, file)
    wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "rss_mb": used.ru_maxrss / 1024, **counts}
        )
    )


def measure(variant: str, file: Path) -> dict[str, float]:
    """Run one variant in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = dict(os.environ, LIFECOURSE_KEY_FILE=str(folder / "key" / "race.key"))
        os.environ.update(env)
        if variant == "lifecourse":
            prepare_lifecourse(folder)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.race.load", "--child", variant, str(folder), str(file)],
            check=True, capture_output=True, text=True, cwd=ROOT, env=env,
        )  # fmt: skip
        reading: dict[str, float] = json.loads(done.stdout)
        return reading


def race(rows: list[int], pairs: int, slow_limit: int) -> list[dict[str, object]]:
    """All variants at all sizes, in turn."""
    lines: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        for n in rows:
            file = Path(name) / f"people-{n}.csv"
            make_file(file, n)
            variants = ["lifecourse", "pandas_to_sql"] + (["sqlmodel_rows"] if n <= slow_limit else [])
            runs: dict[str, list[dict[str, float]]] = {variant: [] for variant in variants}
            for turn in range(pairs):
                for variant in variants:
                    if variant == "sqlmodel_rows" and turn:
                        continue
                    reading = measure(variant, file)
                    assert (reading["people"], reading["values"]) == (n, 7 * n), (variant, reading)
                    runs[variant].append(reading)
            lines += [line(n, variant, runs) for variant in variants]
    return lines


def line(n: int, variant: str, runs: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    """Medians of one variant and its ratio to Lifecourse, pair by pair."""
    ours = runs["lifecourse"]
    found: dict[str, object] = {"rows": n, "variant": variant}
    for key in ("cpu", "wall", "rss_mb"):
        values = [run[key] for run in runs[variant]]
        ratios = [run[key] / our[key] for run, our in zip(runs[variant], ours, strict=False)]
        found[key] = round(statistics.median(values), 2)
        found[f"{key}_ratio"] = f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"
    return found


def main() -> None:
    """Race and print one table; --json keeps it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,30000,100000")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--slow-limit", type=int, default=30000, help="largest size for the row-by-row peer")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--child", nargs=3, default=None, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.child:
        child(words.child[0], Path(words.child[1]), Path(words.child[2]))
        return
    lines = race([int(n) for n in words.rows.split(",")], words.pairs, words.slow_limit)
    print(
        f"{'rows':>9}  {'variant':<14}{'cpu s':>8}{'wall s':>8}{'MB':>7}   cpu / ours           memory / ours"
    )
    for found in lines:
        print(
            f"{found['rows']:>9,}  {found['variant']:<14}{found['cpu']:>8}{found['wall']:>8}{found['rss_mb']:>7.0f}   "
            f"{found['cpu_ratio']!s:<20} {found['rss_mb_ratio']}"
        )
    if words.json:
        words.json.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
