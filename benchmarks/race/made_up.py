"""Made-up people and five waves of two measures for the race: people.csv, obs.csv, and the project's own files.

Two shapes: ``wide`` has one identifier a person and a line a person and wave; ``long``, like the data of the storage
standard, four identifiers a person and a line an observation, with a date that nobody uses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[2]
WAVES = 5
KEY = bytes(32)  # of the peers' tokens; a project has its own
PEOPLE = """[source]
id = "people"
title = "People"
cohort = "race"
enrols = true
dates = "dd/mm/yyyy"
wave = "w0"
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[index_date]]
column = "start"
[[variable]]
column = "born"
name = "age"
kind = "age"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
"""
OBS = """[source]
id = "obs"
title = "Measures"
cohort = "race"
enrols = false
dates = "dd/mm/yyyy"
wave_column = "wave"
waves = { "0" = "w0", "1" = "w1", "2" = "w2", "3" = "w3", "4" = "w4" }
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[variable]]
column = "m1"
name = "m1"
kind = "number"
[[variable]]
column = "m2"
name = "m2"
kind = "number"
"""
MORE = {"prison": "prison-number", "crn": "crn", "local": "local-id"}
IDENTIFIERS = "".join(f'[[identifier]]\ncolumn = "{name}"\nkind = "{kind}"\n' for name, kind in MORE.items())
TEMPLATE = """[template]
id = "race"
version = "1"
title = "Race"
[index]
event = "the start"
""" + "".join(f'[[wave]]\nname = "w{wave}"\nmonths = {12 * wave}\n' for wave in range(WAVES))


def make_files(folder: Path, rows: int, shape: str = "wide") -> None:
    """Seeded files: rows / 10 people with valid NHS numbers of the test range, and 5 waves of 2 measures."""
    rng = np.random.default_rng(rows)
    people = rows // 10
    bodies = 999_000_000 + np.arange(2 * people) if people < 450_000 else 400_000_000 + np.arange(2 * people)
    digits = (bodies[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    check = (11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    valid = check < 10
    numbers = rng.permutation((bodies * 10 + check)[valid][:people])
    aid, area = rng.integers(0, 2, people), rng.integers(0, 30, people)

    def days(first: int, last: int) -> list[str]:
        day, month, year = (
            rng.integers(1, 29, people),
            rng.integers(1, 13, people),
            rng.integers(first, last, people),
        )
        return [f"{d:02d}/{m:02d}/{y}" for d, m, y in zip(day, month, year, strict=True)]

    frame = pl.DataFrame(
        {"nhs": numbers, "start": days(2021, 2023), "born": days(1960, 2003), "aid": aid, "area": area}
    )
    if shape == "long":
        frame = frame.with_columns(*_further_identifiers(people))
    frame.with_columns(pl.format("area {}", "area").alias("area")).write_csv(folder / "people.csv")
    # No minus zero, of which SQLite makes a plain one: hence "+ 0.0".
    slope, parts = rng.normal(50, 10, people), []
    for wave in range(WAVES):
        m1 = slope + 1.5 * aid * (wave > 0) + rng.normal(0, 5, people) + area / 10
        parts.append(
            pl.DataFrame(
                {
                    "nhs": numbers,
                    "wave": np.full(people, wave),
                    "m1": m1.round(2) + 0.0,
                    "m2": rng.normal(0, 1, people).round(3) + 0.0,
                }
            )
        )
    waves = [part.sample(fraction=1, shuffle=True, seed=wave) for wave, part in enumerate(parts)]
    for wave, part in enumerate(waves):
        part.write_csv(folder / f"wave{wave}.csv")
    whole = pl.concat(waves)
    if shape == "long":
        on = pl.format("{}/0{}/202{}", pl.col("nhs") % 28 + 1, pl.col("nhs") % 9 + 1, "wave")
        whole = pl.concat(
            whole.select("nhs", "wave", on.alias("asked"), *(_only(name, measure) for name in ("m1", "m2")))
            for measure in ("m1", "m2")
        )
    whole.sample(fraction=1, shuffle=True, seed=rows).write_csv(folder / "obs.csv")


def _only(name: str, measure: str) -> pl.Expr:
    return pl.col(name) if name == measure else pl.lit(None, dtype=pl.Float64).alias(name)


def _further_identifiers(people: int) -> list[pl.Series]:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    prison = [
        f"{letters[block // 576 % 24]}{serial + 1:04d}{letters[block % 24]}{letters[block // 24 % 24]}"
        for block, serial in (divmod(number, 9_999) for number in range(people))
    ]
    crn = [f"{letters[n // 999_999]}{n % 999_999 + 1:06d}" for n in range(people)]
    return [
        pl.Series("prison", prison),
        pl.Series("crn", crn),
        pl.Series("local", [f"L-{n}" for n in range(people)]),
    ]


def as_installed(folder: Path) -> None:
    """Run from now on like an installed program: its bytecode is there, whatever this shell says about keeping any."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    ours = ("cli.py", "workspace", "theory_of_change", "cohorts", "evaluation", "benchmarks")
    done = [sys.executable, "-m", "compileall", "-q", *ours]
    subprocess.run(done, check=True, capture_output=True, cwd=ROOT)


def make_project(folder: Path, shape: str = "wide") -> Path:
    """A project with its key, cohort and mappings: not part of the race."""
    os.environ["LIFECOURSE_KEY_FILE"] = str(folder / "key" / "race.key")
    project = folder / "project"
    (folder / "race.toml").write_text(TEMPLATE, encoding="utf-8")
    lifecourse(None, "init", str(project))
    lifecourse(project, "key", "create")
    lifecourse(project, "cohort", "new", "race", "--template", str(folder / "race.toml"))
    more, ignored = (IDENTIFIERS, 'ignore = ["asked"]\n') if shape == "long" else ("", "")
    (project / "sources" / "people.toml").write_text(PEOPLE + more, encoding="utf-8")
    obs = OBS.replace("[[identifier]]", ignored + "[[identifier]]", 1)
    (project / "sources" / "obs.toml").write_text(obs, encoding="utf-8")
    return project


def lifecourse(project: Path | None, *words: str) -> None:
    """The public command line, in a process of its own."""
    place = ["--project", str(project)] if project else []
    subprocess.run([sys.executable, "-m", "cli", *place, *words], check=True, capture_output=True, cwd=ROOT)


_CLOCK = {"began": 0.0}


def start_clock() -> None:
    """Stages are measured from here, when the libraries are loaded."""
    _CLOCK["began"] = time.process_time()


def finish(**found: object) -> None:
    """Print what a variant found and the processor time of its own work."""
    print(json.dumps({"work": time.process_time() - _CLOCK["began"], **found}))


def answer(frame: pl.DataFrame, **more: object) -> None:
    """Print what the frame gives (:func:`answer_of`), the same for everybody, and the processor time of the work."""
    work = time.process_time() - _CLOCK["began"]
    print(json.dumps({"work": work, **answer_of(frame), **more}))


def answer_of(frame: pl.DataFrame) -> dict[str, object]:
    """The frame's checksum and the coefficient of ``aid``, with its clustered error.

    ``frame`` has the columns age, aid, area (codes of the sorted names), b1, b2 (wave 0) and y (wave 3), one row a
    person in any order.
    """
    import hashlib

    columns = ["age", "aid", "area", "b1", "b2", "y"]
    table = np.array(frame.select(pl.col(columns).cast(pl.Float64)).sort(columns).to_numpy(), order="C")
    checksum = hashlib.sha256(table.tobytes()).hexdigest()[:16]
    y, area = table[:, 5], table[:, 2].astype(int)
    x = np.column_stack([np.ones(len(y)), table[:, 1], table[:, 0], table[:, 3], table[:, 4]])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ (x.T @ y)
    scores = np.zeros((area.max() + 1, x.shape[1]))
    np.add.at(scores, area, x * (y - x @ beta)[:, None])
    error = float(np.sqrt((inverse @ scores.T @ scores @ inverse)[1, 1]))
    return {"checksum": checksum, "coefficient": round(float(beta[1]), 6), "error": round(error, 6)}
