"""How fast group-time effects of staggered starts are, in the same run as others.

    python -m benchmarks.race.staggered --units 1000 10000 100000 1000000 [--peer VENV/bin/python]

Ten periods, four cohorts and units that never start, no covariates, never treated controls. Everybody gives every
group-time effect with its error, and the simple, dynamic, group and calendar averages (diff-diff as many as it has in
one call). Each runs in a process of its own, so that its memory is its own; loading libraries and making the data does
not count. Ours twice: ``arrays``, from long columns sorted by unit and period to all numbers, a simultaneous band and
the two-way decomposition; ``method``, from the frame a plan's data become to the whole result with sensitivities,
tables and figures. The peers come from PyPI in an environment that ``--peer`` names, or that pip fills.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.race.staggered_peer import PERIODS, panel

AGREE = 1e-9


def ours_arrays(units: int) -> dict[str, Any]:
    """From sorted long columns to all effects, errors, averages, the band and the two-way decomposition."""
    from evaluation.differences_in_time.aggregates import KINDS, aggregate
    from evaluation.differences_in_time.bands import simultaneous
    from evaluation.differences_in_time.group_time import from_moments
    from evaluation.differences_in_time.moments import cohort_moments
    from evaluation.differences_in_time.rollout import NEVER, Rollout, cohorts_of
    from evaluation.differences_in_time.two_way import two_way

    unit, period, first, y = panel(units)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def work() -> dict[str, tuple[float, float]]:
        whole = unit.reshape(-1, PERIODS)
        if not (whole == whole[:, :1]).all() or not (period.reshape(-1, PERIODS) == np.arange(1, 11)).all():
            raise SystemExit("the rows are not sorted")
        start = first.reshape(-1, PERIODS)[:, 0]
        starts, cohort = cohorts_of(np.where(start == 0, NEVER, start - 1))
        moments = cohort_moments(y.reshape(-1, PERIODS), cohort, len(starts))
        effects = from_moments(moments, Rollout(starts, PERIODS))
        effects.errors()
        found: dict[str, tuple[float, float]] = {}
        for kind in KINDS:
            one = aggregate(effects, kind)
            if one is None:
                raise SystemExit("no effect")
            found[kind] = (one.value, one.std_error)
            if kind == "dynamic":
                simultaneous(one.values, one.covariance, 0.95, 1)
        two_way(moments, starts)
        return found

    return measured(work, before)


def ours_method(units: int) -> dict[str, Any]:
    """From the frame that a plan's data become to the whole result."""
    import polars as pl

    from evaluation.finding import gather_finding
    from evaluation.methods.staggered_adoption import estimate_effect
    from evaluation.panels.frame import build_panel
    from tests.evaluation.staggered import staggered_plan
    from tests.evaluation.studies import study

    plan = staggered_plan('aggregate = "simple"', unit="unit", time="period", first="first")
    unit, period, first, y = panel(units)
    names = pl.Series(unit).cast(pl.String).str.zfill(7)
    frame = pl.DataFrame({"unit": names, "period": period, "first": first, "y": y})
    made = build_panel(study(frame), plan, plan.outcomes[0])
    small = study(frame.head(400 * PERIODS))
    gather_finding(small, plan, "unlocked")
    del frame, names, small
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def work() -> dict[str, tuple[float, float]]:
        found = estimate_effect(made, plan, plan.outcomes[0]).estimate
        return {"simple": (found.value or 0.0, found.std_error or 0.0)}

    return measured(work, before)


def measured(work: Any, before: int) -> dict[str, Any]:
    """What came out, how long it took (first call), and the most memory."""
    start, cpu = time.perf_counter(), time.process_time()
    found = work()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "found": found,
        "seconds": seconds,
        "cpu": cpu_seconds,
        "peak_mb": peak,
        "data_mb": before,
        "version": "",
    }


def one(name: str, units: int, peer: Path) -> dict[str, Any]:
    """One runner at one size, in a process of its own."""
    env = dict(
        os.environ,
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        POLARS_MAX_THREADS="1",
        RAYON_NUM_THREADS="1",
    )
    if name in ("arrays", "method"):
        command = [sys.executable, "-m", "benchmarks.race.staggered", "--runner", name, "--units", str(units)]
    else:
        env.pop("PYTHONPATH", None)
        command = [str(peer), str(Path(__file__).with_name("staggered_peer.py")), name, str(units)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def race(units: int, names: list[str], peer: Path) -> dict[str, Any]:
    """All runners at one size: seconds, ratios to ours and agreement."""
    found = {name: one(name, units, peer) for name in names}
    ours = found["arrays"]
    for name, other in found.items():
        other["ratio"] = other["cpu"] / ours["cpu"]
        shared = set(other["found"]) & set(ours["found"])
        other["agrees"] = all(np.allclose(other["found"][k], ours["found"][k], atol=AGREE) for k in shared)
        print(
            f"{units:>9,} units  {name:<10} {other['cpu']:8.3f} s CPU {other['seconds']:8.3f} s  "
            f"peak {other['peak_mb']:>5} MB (data {other['data_mb']} MB)  x {other['ratio']:.1f}  "
            f"{'agrees' if other['agrees'] else 'DISAGREES'} {other['version']}",
            flush=True,
        )
    return {"units": units, **found}


def main() -> None:
    """Race at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--units", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--runner", choices=["arrays", "method"])
    parser.add_argument(
        "--peer", type=Path, help="the Python of an environment that holds diff-diff and csdid"
    )
    parser.add_argument("--without", nargs="*", default=[], help="runners to leave out")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.runner:
        print(json.dumps({"arrays": ours_arrays, "method": ours_method}[asked.runner](asked.units[0])))
        return
    with tempfile.TemporaryDirectory() as folder:
        if asked.peer is None:
            venv.create(folder, with_pip=True)
            asked.peer = Path(folder) / "bin" / "python"
            subprocess.run([asked.peer, "-m", "pip", "install", "--quiet", "diff-diff", "csdid"], check=True)
        names = [name for name in ("arrays", "method", "diff-diff", "csdid") if name not in asked.without]
        rows = [race(units, names, asked.peer) for units in asked.units]
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
