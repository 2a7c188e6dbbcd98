"""How fast a regression discontinuity is with its bandwidths chosen, in the same run as rdrobust.

    OMP_NUM_THREADS=1 python -m benchmarks.race.discontinuity --peer VENV/bin/python
    OMP_NUM_THREADS=1 python -m benchmarks.race.discontinuity --rows 1000 10000 100000 1000000 --most 100000 --peer …

Ours is timed from arrays to the corrected jump and its error: sorting, three bandwidths (mean squared error), nearest
neighbours, fit. rdrobust does the same in a process of its own (``VENV`` holds it: pip install rdrobust rddensity); it
is run as a black box, and loading it does not count. Twice at each size: a score no two people share, and one
rounded to two decimals. Seconds of processor time: the median of several for ours, one for rdrobust after a warm-up;
above ``--most`` rows ours runs alone. Goal: at 100,000 rows at least eight times faster, both ways.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.jump import Bandwidths, Jump, Recipe, jump_at_cutoff, sorted_scores
from evaluation.regression.linear import Array

PEER = Path(__file__).with_name("discontinuity_peer.py")
GOAL, AT, AGREE = 8.0, 100_000, 1e-3


def people(rows: int, *, rounded: bool, seed: int = 1) -> tuple[Array, Array]:
    """Made-up people: a score with its cut-off at nought, an outcome that bends and jumps."""
    draw = np.random.default_rng(seed)
    x = draw.beta(2, 4, rows) * 2 - 1
    x = np.round(x, 2) if rounded else x
    y = 0.5 + 0.9 * x + 1.4 * x**2 - 2 * x**3 + 0.4 * (x >= 0) + draw.normal(size=rows)
    return x, y


def ours(x: Array, y: Array) -> tuple[Jump, Bandwidths]:
    """Bandwidths and jump."""
    scores = sorted_scores(x, y)
    widths = choose_bandwidths(scores, "mse", Recipe())
    return jump_at_cutoff(scores, widths, Recipe()), widths


def theirs(python: Path, x: Array, y: Array) -> dict[str, Any]:
    """rdrobust in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.npz"
        np.savez(file, x=x, y=y)
        done = subprocess.run([python, PEER, "time", file], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def race(rows: int, *, rounded: bool, repeats: int, python: Path | None) -> dict[str, Any]:
    """One size, one kind of score."""
    x, y = people(rows, rounded=rounded)
    ours(x[:2000], y[:2000])
    used = []
    for _ in range(repeats):
        began = time.process_time()
        jump, widths = ours(x, y)
        used.append(time.process_time() - began)
    own = statistics.median(used)
    row: dict[str, Any] = {"rows": rows, "rounded": rounded, "ours_s": own, "value": jump.value}
    if python is None:
        return row
    other = theirs(python, x, y)
    near = abs(widths.h_left / other["width"] - 1) < AGREE
    agrees = near and abs(jump.value - other["value"]) < AGREE * jump.std_error * 10
    return row | {
        "rdrobust_s": other["seconds"],
        "ratio": other["seconds"] / own,
        "agrees": agrees,
        "peer": other,
    }


def said(row: dict[str, Any]) -> str:
    """One line of the table."""
    score = "in hundredths" if row["rounded"] else "as it is"
    told = f"{row['rows']:>9,} people, score {score:<13} ours {row['ours_s']:.4f} s"
    if "ratio" not in row:
        return told
    agree = "agree" if row["agrees"] else "DISAGREE"
    return f"{told}  rdrobust {row['peer']['version']} {row['rdrobust_s']:.3f} s  {row['ratio']:.1f} times  {agree}"


def main() -> None:
    """Race at each size and print a table; exit 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = []
    for n in asked.rows:
        for rounded in (False, True):
            python = asked.peer if n <= asked.most else None
            rows.append(race(n, rounded=rounded, repeats=asked.repeats, python=python))
            print(said(rows[-1]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    sys.exit(any(row["rows"] == AT and "ratio" in row and row["ratio"] < GOAL for row in rows))


if __name__ == "__main__":
    main()
