"""How fast Cox regression with robust errors and a test of proportional hazards is, in the same run as others.

    python -m benchmarks.race.cox --rows 10000 100000 1000000
    python -m benchmarks.race.cox --rows 10000 100000 --lifelines [--peer VENV/bin/python]

Five covariates, about a fifth of people with the event, times in whole days up to two years (many ties, Efron), or
continuous with ``--continuous``.

Ours is timed from arrays to coefficients with the errors of the model and the robust ones and the score test of
proportionality; statsmodels' PHReg to coefficients and model errors alone, which is all it gives under Efron's ties.
lifelines runs in a process and a virtual environment of its own, which pip fills unless ``--peer`` names one, R in a
process where Rscript and survival are there (``--r``); loading does not count. Up to 100,000 people both give robust
errors and a test as well; above that coefficients and model errors (R also its test), because lifelines' robust errors,
and R's, then take from minutes to hours. Where R's package is not on a machine, figures of another day are quoted.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import venv
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.race.r_peer import run_r
from benchmarks.race.stopwatch import timed
from evaluation.times.cox import fit_cox, proportionality, robust_covariance
from evaluation.times.survival import Array, Times

QUOTED_R = (
    "7.3 s coxph + 1.7 s cox.zph at 1,000,000; 38 s coxph(robust = TRUE) at 100,000 (quoted, not run here)"
)
AGREE = 1e-5
FULL = 100_000
Part = tuple[Array, Array]


def people(rows: int, *, continuous: bool, seed: int = 1) -> tuple[Times, Array]:
    """Made-up people: five covariates, the last of them the arm."""
    draw = np.random.default_rng(seed)
    x = np.column_stack([draw.normal(size=(rows, 3)), draw.integers(0, 2, (rows, 2)).astype(np.float64)])
    rate = 0.0004 * np.exp(x @ [0.3, -0.2, 0.0, 0.1, -0.25])
    event, gone = draw.exponential(1 / rate), draw.uniform(365, 730, rows)
    stop = np.minimum(event, gone)
    return Times(stop if continuous else np.ceil(stop), (event <= gone).astype(np.float64)), x


def ours(times: Times, x: Array) -> Part:
    """Coefficients and model errors; robust errors and the test are worked out too."""
    fit = fit_cox(times, x)
    robust_covariance(fit)
    proportionality(fit, times)
    return fit.coefficients, np.sqrt(np.diag(fit.covariance))


def phreg(times: Times, x: Array) -> Part:
    """The same model by statsmodels."""
    from statsmodels.duration.hazard_regression import PHReg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = PHReg(times.stop, x, status=times.event, ties="efron").fit()
    return np.asarray(fit.params), np.asarray(fit.bse)


def peer_python(folder: Path) -> Path:
    """A virtual environment of its own that holds lifelines, made in ``folder`` by pip."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "lifelines"], check=True)
    return python


def lifelines(times: Times, x: Array, python: Path, words: tuple[str, ...]) -> dict[str, Any]:
    """The same model by lifelines in its own process and environment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.npz"
        np.savez(path, x=x, stop=times.stop, event=times.event)
        script = Path(__file__).with_name("lifelines_peer.py")
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [python, script, path, *words], capture_output=True, text=True, check=True, env=clean
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def r_survival(times: Times, x: Array, word: str) -> dict[str, Any] | None:
    """The same model by R's survival, its errors robust where ``word`` is FULL; nothing where R cannot."""
    names = [f"x{j}" for j in range(x.shape[1])]
    frame = pl.DataFrame(x, schema=names).with_columns(
        stop=pl.Series(times.stop), event=pl.Series(times.event)
    )
    return run_r("cox_peer.R", frame, word)


def race(rows: int, asked: argparse.Namespace) -> dict[str, Any]:
    """One size: everybody's seconds, the ratios, and whether the answers agree."""
    times, x = people(rows, continuous=asked.continuous)
    own, seconds = timed(lambda: ours(times, x), repeats=3)
    row: dict[str, Any] = {"rows": rows, "events": int(times.event.sum()), "ours_s": seconds}
    row["peak_mb_ours"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if not asked.skip_phreg:
        other, theirs = timed(lambda: phreg(times, x))
        agree = all(np.allclose(a, b, rtol=AGREE, atol=AGREE) for a, b in zip(own, other, strict=True))
        row |= {"phreg_s": theirs, "phreg_ratio": theirs / seconds, "phreg_agrees": agree}
    if asked.lifelines:
        peer = lifelines(times, x, asked.peer, ("--robust", "--test") if rows <= FULL else ())
        agree = bool(np.allclose(own[0], peer["coefficients"], rtol=1e-3, atol=1e-4))
        row |= {"lifelines_s": peer["seconds"], "lifelines_ratio": peer["seconds"] / seconds}
        row |= {"lifelines_fit_s": peer["fit_seconds"], "lifelines_agrees": agree}
        row |= {"peak_mb_lifelines": peer["peak_mb"], "lifelines": peer["version"]}
    if asked.r:
        peer_r = r_survival(times, x, "FULL" if rows <= FULL else "FIT")
        if peer_r:
            agree = bool(np.allclose(own[0], peer_r["coefficients"], rtol=AGREE, atol=AGREE))
            row |= {"r_s": peer_r["seconds"], "r_ratio": peer_r["seconds"] / seconds, "r_agrees": agree}
            row |= {"r_fit_s": peer_r["fit_seconds"], "r": peer_r["version"]}
    return row


def growth(rows: list[dict[str, Any]]) -> None:
    """How the time grows from the smallest size to the others, beside how the people do."""
    for row in rows[1:]:
        more, longer = row["rows"] / rows[0]["rows"], row["ours_s"] / rows[0]["ours_s"]
        print(
            f"from {rows[0]['rows']:,} to {row['rows']:,}: {more:g} times the people, {longer:.0f} times the time"
        )


def main() -> None:
    """Race at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--continuous", action="store_true")
    parser.add_argument("--skip-phreg", action="store_true")
    parser.add_argument("--lifelines", action="store_true")
    parser.add_argument("--r", action="store_true")
    parser.add_argument("--peer", type=Path, help="the Python of an environment that holds lifelines")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.lifelines and asked.peer is None:
            asked.peer = peer_python(Path(folder))
        rows = [race(n, asked) for n in asked.rows]
    for row in rows:
        told = f"{row['rows']:>9,} people {row['events']:>8,} events  ours {row['ours_s']:.3f} s"
        told += f" ({row['peak_mb_ours']} MB)"
        for name in ("phreg", "lifelines", "r"):
            if f"{name}_s" in row:
                agree = "agree" if row[f"{name}_agrees"] else "DISAGREE"
                told += f"  {name} {row[f'{name}_s']:.1f} s  x {row[f'{name}_ratio']:.0f}  {agree}"
        print(told)
    growth(rows)
    if not any("r_s" in row for row in rows):
        print(f"R was not run (no Rscript with survival, or not asked for). {QUOTED_R}")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
