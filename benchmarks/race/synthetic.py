"""How fast a synthetic difference-in-differences with all its placebos is, in the same run as others.

    OMP_NUM_THREADS=1 python -m benchmarks.race.synthetic --prop99 FILE.csv --peer VENV/bin/python
    OMP_NUM_THREADS=1 python -m benchmarks.race.synthetic --sizes 100x30 500x60 2000x100

Proposition 99 (columns state, year, packs_per_capita; the file is not bundled) or panels made up: a factor model with
random walks, one treated unit, a third of the periods after the start. Ours is timed from a long table to the estimate
and the effects of *all* donors as placebos, which leaves nothing to chance; diff-diff from a long table to the estimate
and 200 drawn placebos, synthdid-py (a port of the authors' own programme) the same. Those run in an environment of
their own (``pip install diff-diff synthdid-py``); loading does not count. Processor seconds, medians, one thread.

The peers' solver stops before the optimum: their estimate of Proposition 99 is -15.60383, the optimum -15.60540.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation.synthetic.fits import Fit, Kind, fit
from evaluation.synthetic.placebos import placebos
from evaluation.synthetic.simplex import Array

DRAWS = 200
CLOSE = 0.002  # what the peers' early stop leaves, in packs; made-up panels: of the error


def prop99(file: Path) -> tuple[Array, int]:
    """States by years, California first; the place of 1989."""
    wide = pl.read_csv(file).pivot(index="state", on="year", values="packs_per_capita")
    wide = wide.sort(pl.col("state") != "California", "state")
    years = sorted(int(name) for name in wide.columns if name != "state")
    return wide.select(str(year) for year in years).to_numpy(), years.index(1989)


def made_up(n: int, length: int) -> tuple[Array, int]:
    """A factor model with random walks, no effect."""
    draw = np.random.default_rng(1)
    factors = draw.normal(size=(length, 3)).cumsum(axis=0)
    return draw.normal(size=(n, 3)) @ factors.T + draw.normal(size=(n, length)), length * 2 // 3


def long_of(matrix: Array) -> pl.DataFrame:
    n, length = matrix.shape
    return pl.DataFrame(
        {"unit": np.repeat(np.arange(n), length), "time": np.tile(np.arange(length), n), "y": matrix.ravel()}
    )


def ours(frame: pl.DataFrame, start: int, kind: Kind, *, placebo: bool) -> tuple[float, float | None]:
    """From a long table to the estimate and the spread of all placebos."""
    ordered = frame.sort("unit", "time")
    matrix = ordered["y"].to_numpy().reshape(ordered["unit"].n_unique(), -1)
    own = fit(kind, matrix[0], matrix[1:], start)
    if not placebo:
        return own.effect, None

    def fitted(target: Array, donors: Array, _: object) -> Fit:
        return fit(kind, target, donors, start)

    return own.effect, placebos(fitted, matrix[1:], None, 1, np.random.default_rng(1)).spread


def measured(work: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """The answer, and the median of processor seconds; the first turn warms up."""
    work()
    seconds = []
    found = None
    for _ in range(repeats):
        began = time.process_time()
        found = work()
        seconds.append(time.process_time() - began)
    return found, statistics.median(seconds)


def peer(matrix: Array, start: int, name: str, python: Path, draws: int, repeats: int) -> dict[str, Any]:
    """The same by another package, in its own process and environment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.npz"
        np.savez(path, matrix=matrix, start=start)
        script = Path(__file__).with_name("synthetic_peer.py")
        clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run([python, script, path, name, str(draws), str(repeats)], capture_output=True, text=True,
                              check=True, env=clean)  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def race(name: str, matrix: Array, start: int, asked: argparse.Namespace) -> dict[str, Any]:
    """One panel: everybody's seconds, the ratios, whether the estimates are close."""
    frame = long_of(matrix)
    row: dict[str, Any] = {"panel": name, "units": matrix.shape[0], "periods": matrix.shape[1]}
    kinds: tuple[Kind, ...] = ("classic", "did")
    for kind in kinds:
        one, alone = measured(partial(ours, frame, start, kind, placebo=False), asked.repeats)
        row |= {f"{kind}_s": alone, kind: one[0]}
        if matrix.shape[0] <= asked.most_placebos:
            all_, seconds = measured(partial(ours, frame, start, kind, placebo=True), asked.repeats)
            row |= {f"{kind}_placebos_s": seconds, f"{kind}_spread": all_[1]}
    for other in asked.peers if asked.peer and "did_placebos_s" in row else ():
        found = peer(matrix, start, other, asked.peer, DRAWS, 1 if other == "synthdid-py" else asked.repeats)
        row |= {f"{other}_{key}": value for key, value in found.items()}
        row[f"{other}_ratio"] = found["seconds"] / row["did_placebos_s"]
        near = CLOSE if name == "prop99" else 0.1 * row["did_spread"]
        row[f"{other}_agrees"] = abs(found["value"] - row["did"]) <= near
    return row


def told(row: dict[str, Any], peers: tuple[str, ...]) -> str:
    text = f"{row['panel']:>9} {row['units']:>5} units x {row['periods']:>3}: SC {row['classic_s'] * 1e3:8.2f} ms"
    text += f", SDID {row['did_s'] * 1e3:8.2f} ms ({row['did']:.6f})"
    if "did_placebos_s" in row:
        text += f"; all placebos: SC {row['classic_placebos_s'] * 1e3:7.1f} ms ({row['classic_spread']:.4f}), SDID "
        text += f"{row['did_placebos_s'] * 1e3:7.1f} ms ({row['did_spread']:.4f})"
    for name in peers:
        if f"{name}_seconds" in row:
            text += f"; {name} {row[f'{name}_version']} {row[f'{name}_seconds']:.2f} s"
            text += f", error {row[f'{name}_error']:.3f}"
            text += f", x {row[f'{name}_ratio']:.0f}, {'agrees' if row[f'{name}_agrees'] else 'DISAGREES'}"
    return text


def main() -> None:
    """Race and print; the goal for Proposition 99 is four times as fast as diff-diff's 200 draws."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--prop99", type=Path)
    parser.add_argument("--sizes", nargs="*", default=["100x30", "500x60", "2000x100"])
    parser.add_argument("--peer", type=Path, help="the Python of an environment that holds the peers")
    parser.add_argument("--peers", nargs="*", default=["diff-diff"], choices=["diff-diff", "synthdid-py"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--most-placebos", type=int, default=500)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    panels = [("prop99", *prop99(asked.prop99))] if asked.prop99 else []
    panels += [(size, *made_up(*map(int, size.split("x")))) for size in asked.sizes]
    rows = []
    for name, matrix, start in panels:
        rows.append(race(name, matrix, start, asked))
        print(told(rows[-1], tuple(asked.peers)), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
