"""How fast two-way fixed effects of a common start are, in the same run as pyfixest and statsmodels.

    OMP_NUM_THREADS=1 python -m benchmarks.race.did --units 10000 100000 1000000 --peer VENV/bin/python [--gaps 0.05]

Ten periods, four units in ten treated from the seventh on, rows in no order. Everybody goes from long columns to the
effect and its error clustered by unit (CR1, effects nested in clusters not counted, so that the numbers are the same).
Each runs in a process of its own, so that its memory is its own; loading libraries and making the data do not count.
``method`` is ours from the frame a plan's data become to the whole result: path, band, tests, bounds, figures.
With ``--gaps`` that share of rows is missing; statsmodels, two demeanings, is then left out (it would be wrong).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.race.did_peer import PERIODS, START, panel

AGREE = 1e-6
HERE = Path(__file__)


def ours(units: int, gaps: float) -> dict[str, Any]:
    """From long columns to the effect and its error."""
    from evaluation.differences_in_time.fixed_effects import two_way_regression
    from evaluation.differences_in_time.two_groups import changes, panel_of

    def work(unit: Any, period: Any, group: Any, y: Any) -> tuple[float, float]:
        count = int(unit.max()) + 1
        wide, arm = np.full((count, PERIODS), np.nan), np.zeros(count)
        wide[unit, period] = y
        arm[unit] = group
        one = panel_of(wide, arm, START)
        if not one.even:
            fit = two_way_regression(one.y, (one.programme,), one.weights, one.clusters)
            return float(fit.values[0]), fit.std_error
        return _even(changes(one), arm, len(y))

    work(*panel(200, gaps))
    columns = panel(units, gaps)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.process_time()
    value, error = work(*columns)
    seconds = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": seconds, "more_mb": after - before, "value": value, "std_error": error}


def _even(moved: Any, arm: Any, rows: int) -> tuple[float, float]:
    """The difference of mean changes with the CR1 factor of the others instead of CR2."""
    one, zero = moved[arm == 1], moved[arm == 0]
    variance = one.var() / len(one) + zero.var() / len(zero)
    factor = len(moved) / (len(moved) - 1) * (rows - 1) / (rows - PERIODS - 1)
    return float(one.mean() - zero.mean()), float(np.sqrt(variance * factor))


def method(units: int, gaps: float) -> dict[str, Any]:
    """From the frame of a plan's data to the whole result."""
    import polars as pl

    from evaluation.methods.difference_in_differences import estimate_effect
    from evaluation.panels.frame import build_panel
    from tests.evaluation.differences import plan_of
    from tests.evaluation.studies import read, study

    plan = read(plan_of(design='unit = "unit"', time="period", start=str(START)))

    def framed(n: int) -> Any:
        unit, period, group, y = panel(n, gaps)
        data = pl.DataFrame({"unit": unit, "period": period, "tr": group, "y": y})
        return build_panel(study(data), plan, plan.outcomes[0])

    estimate_effect(framed(200), plan, plan.outcomes[0])
    frame = framed(units)
    start = time.process_time()
    found = estimate_effect(frame, plan, plan.outcomes[0]).estimate
    return {"seconds": time.process_time() - start, "value": found.value, "std_error": found.std_error}


def run(engine: str, units: int, gaps: float, python: str) -> dict[str, Any]:
    """One engine in a process of its own."""
    size = [str(units), str(gaps)]
    if engine in ("ours", "method"):
        command = [
            sys.executable,
            "-m",
            "benchmarks.race.did",
            "--one",
            engine,
            "--units",
            size[0],
            "--gaps",
            size[1],
        ]
    else:
        command = [python, str(HERE.with_name("did_peer.py")), engine, *size]
    single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "RAYON", "NUMBA")}
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **single, "POLARS_MAX_THREADS": "1"},
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def race(units: int, gaps: float, python: str, repeats: int) -> dict[str, Any]:
    """All engines at one size: the least of several runs each, and how many times as fast ours is."""
    engines = ["ours", "pyfixest", *([] if gaps else ["statsmodels"])]
    found = {
        name: min(
            (run(name, units, gaps, python) for _ in range(repeats)), key=lambda one: float(one["seconds"])
        )
        for name in engines
    }
    mine = found["ours"]
    for name in engines[1:]:
        if abs(found[name]["value"] - mine["value"]) > AGREE:
            raise SystemExit(f"{name} has another effect")
    if abs(found["pyfixest"]["std_error"] / mine["std_error"] - 1) > AGREE:
        raise SystemExit("pyfixest has another error")
    times = {name: round(found[name]["seconds"] / mine["seconds"], 1) for name in engines[1:]}
    found["method"] = run("method", units, gaps, python)
    return {"units": units, "gaps": gaps, **found, "times_as_fast": times}


def main() -> None:
    """Race at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="+", default=[10_000])
    parser.add_argument("--gaps", type=float, default=0.0)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--peer", default=sys.executable)
    parser.add_argument("--one", choices=("ours", "method"))
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps({"ours": ours, "method": method}[asked.one](asked.units[0], asked.gaps)))
        return
    for units in asked.units:
        print(json.dumps(race(units, asked.gaps, asked.peer, asked.repeats), indent=1))


if __name__ == "__main__":
    main()
