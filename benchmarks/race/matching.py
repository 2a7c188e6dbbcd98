"""How fast matching is, fit of the propensity score included, beside scikit-learn's fit of that score alone.

    OMP_NUM_THREADS=1 python -m benchmarks.race.matching --rows 10000 100000 1000000

Five covariates, about one person in twenty treated; one-to-one nearest neighbours without replacement within 0.2 SD of
the logit score. Ours is timed from arrays to pairs: logistic regression without penalty, caliper, greedy match. The
other is ``LogisticRegression(penalty=None, solver="newton-cholesky")`` fitted to the same arrays, and nothing after it.
Both run in the same process one after the other, several times in turn; medians of processor time.

Memory is measured in a process of its own that makes the data and matches: the peak of the whole process over what it
held before the data were made, divided by the bytes of the data (treatment and covariates in double precision, which
are counted in the peak too).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.matched.nearest import Array, Rows, match_pairs
from evaluation.observed.propensity import logit_score

ROOT = Path(__file__).parents[2]
AGREE = 1e-6
MOST_TIME, MOST_MEMORY = 1.0, 5.0
SLOPES = (0.5, -0.4, 0.3, 0.2, -0.1)
START = -3.3


def people(rows: int, seed: int = 1) -> tuple[Array, Array]:
    """Made-up people: who was treated, and five covariates."""
    draw = np.random.default_rng(seed)
    covariates = draw.normal(size=(rows, len(SLOPES)))
    chance = 1 / (1 + np.exp(-(START + covariates @ np.array(SLOPES))))
    return (draw.uniform(size=rows) < chance).astype(np.float64), covariates


def ours(treated: Array, covariates: Array) -> tuple[Array, Rows]:
    """The score and the pairs."""
    score = logit_score(treated, covariates)
    return score, match_pairs(score, treated, caliper=0.2 * float(score.std(ddof=1)))


def theirs(treated: Array, covariates: Array) -> Any:
    """scikit-learn's fit alone."""
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-8).fit(covariates, treated)


def race(rows: int, repeats: int) -> dict[str, Any]:
    """One size: processor seconds of both, their ratio, and whether the scores agree."""
    treated, covariates = people(rows)
    used: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(repeats + 1):
        start = time.process_time()
        score, pairs = ours(treated, covariates)
        middle = time.process_time()
        model = theirs(treated, covariates)
        end = time.process_time()
        if turn:  # the first warms up
            used["ours"].append(middle - start)
            used["theirs"].append(end - middle)
    other = covariates @ model.coef_[0] + model.intercept_[0]
    own, their = (statistics.median(used[name]) for name in ("ours", "theirs"))
    return {
        "rows": rows,
        "treated": int(treated.sum()),
        "pairs": len(pairs),
        "ours_s": own,
        "sklearn_s": their,
        "ratio": own / their,
        "agrees": bool(np.allclose(score, other, atol=AGREE, rtol=AGREE)),
        **memory(rows),
    }


def memory(rows: int) -> dict[str, float]:
    """Peak memory in a fresh process, and per byte of data."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.race.matching", "--peak", str(rows)],
        check=True, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def peak(rows: int) -> None:
    """Print the peak of a process that matches once."""
    ours(*people(2_000))  # libraries are loaded and warmed up
    before = _held("VmRSS")
    treated, covariates = people_block(rows)
    ours(treated, covariates)
    top = _held("VmHWM")  # not ru_maxrss, which a process inherits from the one that started it
    data = treated.nbytes + covariates.nbytes
    print(json.dumps({"peak_mb": (top - before) / 1e6, "bytes_per_byte": (top - before) / data}))


def people_block(rows: int) -> tuple[Array, Array]:
    """The people of :func:`people` by the block, so that making them takes no more than holding them."""
    treated, covariates = np.empty(rows), np.empty((rows, len(SLOPES)))
    for start in range(0, rows, 10_000):
        part = slice(start, min(start + 10_000, rows))
        treated[part], covariates[part] = people(part.stop - part.start, seed=start)
    return treated, covariates


def _held(what: str) -> float:
    """A line of this process's status, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{what}:"):
            return float(line.split()[1]) * 1024
    raise ValueError(what)


def main() -> None:
    """Race at each size and print a table; exit 1 where a goal is missed at the largest size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peak", type=int)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.peak:
        peak(asked.peak)
        return
    rows = [race(n, asked.repeats) for n in asked.rows]
    for row in rows:
        told = f"{row['rows']:>9,} people {row['treated']:>7,} treated {row['pairs']:>7,} pairs"
        told += f"  ours {row['ours_s']:.3f} s  scikit-learn's fit {row['sklearn_s']:.3f} s  ratio {row['ratio']:.2f}"
        told += f"  {'agree' if row['agrees'] else 'DISAGREE'}"
        print(f"{told}  peak {row['peak_mb']:.0f} MB, {row['bytes_per_byte']:.1f} a byte of data")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    last = rows[-1]
    sys.exit(not (last["agrees"] and last["ratio"] <= MOST_TIME and last["bytes_per_byte"] <= MOST_MEMORY))


if __name__ == "__main__":
    main()
