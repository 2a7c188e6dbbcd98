"""Where the next limits are: files by kind, matching by kind, reports and pictures as people grow more.

    python -m benchmarks.limits files --sizes 100000 400000
    python -m benchmarks.limits matching --sizes 5000 10000 20000 40000
    python -m benchmarks.limits reports --sizes 10000 100000 1000000

*files*: the same delivery (a quarter as many people, four waves, two values a row) loaded through the command line from
CSV, Parquet and an Excel workbook. *matching*: from scores to pairs, one person in twenty treated, five covariates.
*reports*: ``evaluate run`` of a matching on a CSV, with its JSON and HTML. Each measurement is a process of its
own: processor seconds and peak memory. The linkage has a bench of its own, ``benchmarks.limits.linkage_engines``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.race import large

ROOT = Path(__file__).parents[2]
MATCHING = ("score", "distance within a caliper", "distance")
PLAN = """[plan]
id = "size"
title = "Does it grow?"
[design]
method = "matching"
treatment = "treated"
estimand = "ATT"
covariates = ["a", "b", "c"]
seed = 1
[[outcome]]
measure = "outcome"
role = "primary"
kind = "continuous"
better = "lower"
"""


def files(size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """One delivery from each kind of file."""
    import polars as pl

    for kind in ("csv", "parquet", "xlsx"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.environ["LIFECOURSE_KEY_FILE"] = str(folder / "key" / "limits.key")
            made, file = folder / "made.csv", folder / f"visits.{kind}"
            large.make_file(made, size, 2)
            frame = pl.read_csv(made, infer_schema=False)
            written: dict[str, Callable[[Path], object]] = {
                "csv": frame.write_csv, "parquet": frame.write_parquet, "xlsx": frame.write_excel,
            }  # fmt: skip
            written[kind](file)
            _project(folder)
            said = json.loads(large.run(folder, "source", "load", "visits", str(file)))
            yield kind, said | {"file_mb": file.stat().st_size / 2**20}


def _project(folder: Path) -> None:
    made = [sys.executable, "-m", "cli", "init", str(folder / "project")]
    subprocess.run(made, check=True, capture_output=True, cwd=ROOT)
    large.run(folder, "key", "create")
    large.run(folder, "cohort", "new", "leavers", "--template", "prison-leavers")
    waves = ", ".join(f'"{wave}" = "{wave}"' for wave in large.WAVES)
    variables = "".join(large.VARIABLE.replace("NAME", f"score_{place}") for place in range(2))
    mapping = large.MAPPING.replace("WAVES", waves) + variables
    (folder / "project" / "sources" / "visits.toml").write_text(mapping, encoding="utf-8")


def matching(size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs by each kind of closeness."""
    for kind in MATCHING:
        asked = [sys.executable, "-m", "benchmarks.limits", "matching", "--child", kind, "--sizes", str(size)]
        done = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT)
        yield kind, json.loads(done.stdout)


def match(kind: str, size: int) -> None:
    """One matching, measured from scores to pairs."""
    import resource
    import time

    from benchmarks.race.matching import people
    from evaluation.matched.mahalanobis import match_by_distance, metric
    from evaluation.matched.nearest import match_pairs
    from evaluation.observed.propensity import logit_score

    treated, covariates = people(size)
    score = logit_score(treated, covariates)
    caliper = 0.2 * float(score.std(ddof=1))
    began = time.process_time()
    if kind == "score":
        pairs = match_pairs(score, treated, caliper=caliper)
    else:
        held = caliper if "caliper" in kind else None
        pairs = match_by_distance(score, treated, metric(covariates, treated), caliper=held)
    used, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"cpu_s": used, "peak_mb": peak / 1024, "pairs": len(pairs)}))


def reports(size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A run on a file of so many people, with the report of its result."""
    import numpy as np
    import polars as pl

    with tempfile.TemporaryDirectory() as name:
        folder, draw = Path(name), np.random.default_rng(1)
        x = draw.normal(size=(size, 3))
        treated = (draw.uniform(size=size) < 1 / (1 + np.exp(1.5 - x[:, 0]))).astype(int)
        outcome = x.sum(axis=1) - 0.2 * treated + draw.normal(size=size)
        columns = {"treated": treated, "outcome": outcome, **dict(zip("abc", x.T, strict=True))}
        pl.DataFrame(columns).write_csv(folder / "people.csv")
        (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
        made = [sys.executable, "-m", "cli", "init", str(folder / "project")]
        subprocess.run(made, check=True, capture_output=True, cwd=ROOT)
        kept = str(folder / "out")
        words = (
            "evaluate",
            "run",
            str(folder / "plan.toml"),
            "--data",
            str(folder / "people.csv"),
            "--out",
            kept,
        )
        yield "evaluate run, with report", json.loads(large.run(folder, *words))


def main() -> None:
    """Print a line a kind and size; --json keeps them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("files", "matching", "reports"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        match(asked.child, asked.sizes[0])
        return
    lines = []
    print(f"{'size':>10}  {'kind':<26}{'cpu s':>8}{'peak MB':>9}{'file MB':>9}", flush=True)
    for size in asked.sizes:
        for kind, one in {"files": files, "matching": matching, "reports": reports}[asked.what](size):
            lines.append({"what": asked.what, "size": size, "kind": kind, **one})
            file = f"{one['file_mb']:>9.1f}" if "file_mb" in one else ""
            print(f"{size:>10,}  {kind:<26}{one['cpu_s']:>8.1f}{one['peak_mb']:>9.0f}{file}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
