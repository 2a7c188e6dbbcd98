"""The storage race: Lifecourse beside the least possible, and beside what a user would write instead.

    python -m benchmarks.race.store --rows 100000,1000000 --pairs 5 --shape long --json out.json

Rows are observations: rows / 10 people, five waves of two measures. ``--shape wide`` gives one identifier a person and
one line a person and wave; ``--shape long`` what the storage standard measured with: four identifiers a person and one
line an observation. Everybody reads the same two files, and everybody's program has its bytecode. Every run is a
process of its own; variants take turns (A B A B), and ratios are taken turn by turn, so that a busy machine hurts
all alike. Pipelines are charged for everything (``cpu``: the process and its children, ``wall``, ``rss_mb``), stages
for their own work without the loading of libraries (``work``). Variants that make the frame must agree on its
checksum and on the coefficient, or the race fails. ``python -m benchmarks.race.check out.json`` judges the result.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.race.made_up import ROOT, as_installed, lifecourse, make_files, make_project

PIPELINES = ("limit", "lifecourse", "pandas_to_sql", "pandas_engine", "sqlmodel_rows")
STORES = ("store_stage", "sqlite_import", "core_executemany")
EXTRACTS = ("extract", "extract_polars_parquet", "extract_pandas", "extract_objects")
OTHERS = ("growth5", "hmac_states")
SLOW = ("sqlmodel_rows", "extract_objects")
SLOW_LIMIT = 100_000
AGREE = ("checksum", "coefficient", "error")


def child(variant: str, data: Path, work: Path) -> None:
    """One measured run among this process's children."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.race.peers", variant, str(data), str(work)],
        check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"cpu": cpu, "wall": wall, "rss_mb": used.ru_maxrss / 1024, **found}))


def measure(variant: str, data: Path, work: Path) -> dict[str, Any]:
    """Run one variant; its own failure is shown."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.race.store", "--child", variant, str(data), str(work)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{variant} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fresh(base: Path, name: str) -> Path:
    """A folder of its own for one run, with an empty project."""
    work = base / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def prepare(base: Path, data: Path, slow: bool, shape: str) -> Path:
    """What the stages start from: a loaded project, the peers' files, and the observations as numbers."""
    import polars as pl

    work = fresh(base, "stages")
    project = make_project(work, shape)
    for name in ("people", "obs"):
        lifecourse(project, "source", "load", name, str(data / f"{name}.csv"))
    measure("pandas_to_sql", data, work)
    if slow:
        measure("sqlmodel_rows", data, work)
    with sqlite3.connect(project / "data" / "cohort.sqlite") as connection:
        names = ("variable", "wave", "participant", "value")
        rows = connection.execute(
            "SELECT v.name, w.name, participant_id, value, variable_id, wave_id FROM observation "
            "JOIN variable v USING (variable_id) JOIN wave w USING (wave_id) WHERE value IS NOT NULL"
        ).fetchall()
    long = pl.DataFrame(rows, schema=[*names, "variable_id", "wave_id"], orient="row")
    long.select(names).write_parquet(work / "long.parquet")
    people = long.filter(pl.col("variable").is_in(["age", "aid", "area"]))
    people.pivot("variable", index="participant", values="value").write_parquet(work / "people_wide.parquet")
    stage = long.filter(pl.col("variable").is_in(["m1", "m2"])).select(
        "variable_id", "wave_id", participant_id="participant", value="value",
        missing=pl.lit(None, dtype=pl.String), delivery_id=pl.lit(1),
    )  # fmt: skip
    stage = stage.sample(fraction=1, shuffle=True, seed=1)
    stage.write_parquet(work / "stage.parquet")
    stage.sort("variable_id", "wave_id", "participant_id").write_csv(work / "stage.csv", include_header=False)
    return work


def race(rows: int, pairs: int, chosen: list[str], shape: str) -> dict[str, list[dict[str, Any]]]:
    """All chosen variants at one size, in turn."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = base / "data"
        data.mkdir()
        as_installed(base / "bytecode")
        make_files(data, rows, shape)
        stages = prepare(base, data, rows <= SLOW_LIMIT, shape) if {*chosen} & {*STORES, *EXTRACTS} else base
        for turn in range(pairs):
            for name in chosen:
                if name in SLOW and (turn or rows > SLOW_LIMIT):
                    continue
                if name == "sqlite_import" and shutil.which("sqlite3") is None:
                    continue
                work = stages if name in (*STORES, *EXTRACTS) else fresh(base, "run")
                if name in ("lifecourse", "growth5"):
                    project = make_project(work, shape)
                    if name == "growth5":
                        lifecourse(project, "source", "load", "people", str(data / "people.csv"))
                else:
                    os.environ["LIFECOURSE_KEY_FILE"] = str(work / "key" / "race.key")
                runs[name].append(measure(name, data, work))
    _agree(runs)
    return {name: found for name, found in runs.items() if found}


def _agree(runs: dict[str, list[dict[str, Any]]]) -> None:
    answers = {
        name: tuple(run[key] for key in AGREE)
        for name, found in runs.items()
        for run in found
        if AGREE[0] in run
    }
    if len(set(answers.values())) > 1:
        sys.exit(f"the variants do not agree: {answers}")


def ratio(
    above: list[dict[str, Any]], below: list[dict[str, Any]], key: str, key_below: str = ""
) -> dict[str, float]:
    """The median of the ratios turn by turn, with the smallest and the largest."""
    found = [a[key] / b[key_below or key] for a, b in zip(above, below, strict=False)]
    return {"median": statistics.median(found), "least": min(found), "most": max(found), "pairs": len(found)}


def ratios(runs: dict[str, list[dict[str, Any]]], rows: int) -> dict[str, dict[str, float]]:
    """Every ratio of the table of goals for which both sides were run."""
    asked = {
        "pipeline / limit, cpu": ("lifecourse", "limit", "cpu"),
        "pipeline / limit, wall": ("lifecourse", "limit", "wall"),
        "pandas / pipeline, cpu": ("pandas_to_sql", "lifecourse", "cpu"),
        "pandas / pipeline, memory": ("pandas_to_sql", "lifecourse", "rss_mb"),
        "pandas engine / pipeline, cpu": ("pandas_engine", "lifecourse", "cpu"),
        "pandas engine / pipeline, memory": ("pandas_engine", "lifecourse", "rss_mb"),
        "SQLModel rows / pipeline, cpu": ("sqlmodel_rows", "lifecourse", "cpu"),
        "store stage / .import, cpu": ("store_stage", "sqlite_import", "work"),
        "Core executemany / store stage, cpu": ("core_executemany", "store_stage", "work"),
        "extract / Polars on Parquet, cpu": ("extract", "extract_polars_parquet", "work"),
        "pandas naive / extract, cpu": ("extract_pandas", "extract", "work"),
        "SQLModel objects / extract, cpu": ("extract_objects", "extract", "work"),
    }
    found = {
        name: ratio(runs[above], runs[below], key)
        for name, (above, below, key) in asked.items()
        if above in runs and below in runs
    }
    if growth := runs.get("growth5"):
        found["fifth wave / first wave, cpu"] = ratio(growth, growth, "last_cpu", "first_cpu")
        found["fifth wave / first wave, bytes"] = ratio(growth, growth, "last_bytes", "first_bytes")
    if tokens := runs.get("hmac_states"):
        found["HMAC / hmac.digest, cpu"] = ratio(tokens, tokens, "ours", "digest")
    if ours := runs.get("lifecourse"):
        sizes = [{"bytes": run["bytes"] / rows} for run in ours]
        found["bytes an observation"] = ratio(sizes, [{"bytes": 1.0}] * len(sizes), "bytes")
    return found


def main() -> None:
    """Race, print, and keep the numbers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--variants", default=",".join((*PIPELINES, *STORES, *EXTRACTS, *OTHERS)))
    parser.add_argument("--shape", choices=("wide", "long"), default="wide")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--child", nargs=3, default=None, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.child:
        child(words.child[0], Path(words.child[1]), Path(words.child[2]))
        return
    packages = {name: version(name) for name in ("polars", "pandas", "duckdb", "sqlmodel", "sqlalchemy")}
    kept: dict[str, Any] = {
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0], "shape": words.shape, **packages, "sizes": {},
    }  # fmt: skip
    for rows in (int(n) for n in words.rows.split(",")):
        runs = race(rows, words.pairs, words.variants.split(","), words.shape)
        kept["sizes"][str(rows)] = {"runs": runs, "ratios": ratios(runs, rows)}
        print(f"{rows:,} observations, {words.shape}; load average {os.getloadavg()[0]:.1f}")
        for name, found in runs.items():
            shown = {
                key: round(statistics.median(r[key] for r in found), 2)
                for key in ("cpu", "work", "wall", "rss_mb")
            }
            print(f"  {name:<24}" + "  ".join(f"{key} {value:>8}" for key, value in shown.items()))
        for name, r in kept["sizes"][str(rows)]["ratios"].items():
            print(f"    {name:<40}{r['median']:8.2f}  [{r['least']:.2f} to {r['most']:.2f}, {r['pairs']}]")
    kept["load_after"] = os.getloadavg()[0]
    if words.json:
        words.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
