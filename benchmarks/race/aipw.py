"""How fast cross-fitted AIPW is, in the same run as DoubleML with the same learners and folds.

    python -m benchmarks.race.aipw --rows 10000 100000
    python -m benchmarks.race.aipw --rows 1000000 --skip-peer

Made-up people, six covariates, effect 0.1. Ours: logistic and linear regressions without penalty, five folds, one
division, from arrays to estimate and error. DoubleML's interactive regression model with scikit-learn's
LogisticRegression (no penalty) and LinearRegression, five folds, one division: the same work. Each program runs in a
process of its own, is timed without its imports, and may use what threads it likes. DoubleML is installed by pip into a
virtual environment that is kept under the system's folder for temporary files; it is no dependency of ours.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
FOLDS, TRUTH = 5, 0.1
AGREE = 0.25  # of a standard error: the folds of the two are drawn differently
HOME = Path(tempfile.gettempdir()) / "lifecourse-race-doubleml"
PEER = """
import json, sys, time
import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
import doubleml as dml
held = np.load(sys.argv[1])
x, t, y = held["x"], held["t"], held["y"]
np.random.seed(1)
began, used = time.perf_counter(), time.process_time()
data = dml.DoubleMLData.from_arrays(x, y, t)
score = LogisticRegression(C=np.inf, solver="newton-cholesky")
model = dml.DoubleMLIRM(data, LinearRegression(), score, n_folds=5, n_rep=1)
model.fit()
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - used,
                  "value": float(model.coef[0]), "std_error": float(model.se[0])}))
"""


def made_up(rows: int, seed: int = 1) -> tuple[Array, Array, Array]:
    """Covariates (n, 6), treatment and outcome."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 6))
    t = (draw.random(rows) < 1 / (1 + np.exp(0.5 - x @ [0.4, -0.3, 0.2, 0.1, 0.0, 0.2]))).astype(np.float64)
    y = TRUTH * t + x @ [0.5, 0.2, -0.3, 0.1, 0.2, 0.0] + draw.normal(size=rows)
    return x, t, y


def ours(path: str) -> None:
    """One estimate; says what it took."""
    from evaluation.observed.cross_fitted import Models, People, Question, divide, effects

    held = np.load(path)
    people = People(held["y"], held["t"], held["x"])
    models = Models("linear", FOLDS, 1, "linear", 0.01, 1)
    began, used = time.perf_counter(), time.process_time()
    divisions = divide(people, models)
    kept = np.ones(len(people.y), dtype=np.bool_)
    (found,) = effects(people, divisions, kept, Question("ATE", "aipw", "difference"))
    spent = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    print(json.dumps(spent | {"value": found.value, "std_error": found.error}))


def peer_python() -> Path:
    """The Python that has DoubleML; made on first use."""
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "doubleml"], check=True)
    return python


def timed(command: list[str], repeats: int) -> dict[str, float]:
    """The median run of a program that prints its own time."""
    runs: list[dict[str, float]] = []
    for _ in range(repeats):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
        runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
    middle = statistics.median_low(run["seconds"] for run in runs)
    return next(run for run in runs if run["seconds"] == middle)


def race(rows: int, repeats: int, *, skip: bool) -> dict[str, Any]:
    """One size: both programs' seconds, their ratio, and whether the answers agree."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "people.npz")
        x, t, y = made_up(rows)
        np.savez(path, x=x, t=t, y=y)
        own = timed([sys.executable, "-m", "benchmarks.race.aipw", "--ours", path], repeats)
        row: dict[str, Any] = {"rows": rows, "ours": own}
        if not skip:
            other = timed([str(peer_python()), "-c", PEER, path], repeats)
            apart = abs(own["value"] - other["value"]) / other["std_error"]
            row |= {"doubleml": other, "ratio": other["seconds"] / own["seconds"], "agree": apart < AGREE}
    return row


def main() -> None:
    """Race at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip-peer", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ours:
        ours(asked.ours)
        return
    rows = [race(n, asked.repeats, skip=asked.skip_peer) for n in asked.rows]
    for row in rows:
        told = f"{row['rows']:>9,} people  ours {row['ours']['seconds']:.3f} s (cpu {row['ours']['cpu']:.2f})"
        if "ratio" in row:
            told += f"  DoubleML {row['doubleml']['seconds']:.2f} s (cpu {row['doubleml']['cpu']:.2f})"
            told += f"  x {row['ratio']:.1f}  {'agree' if row['agree'] else 'DISAGREE'}"
        print(told)
    for before, after in itertools.pairwise(rows):
        times = after["rows"] / before["rows"]
        print(
            f"{times:g} times the people: {after['ours']['seconds'] / before['ours']['seconds']:.1f} times our time"
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
