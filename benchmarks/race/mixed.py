"""How fast a random intercept with degrees of freedom is fitted, in the same run as statsmodels' MixedLM.

    python -m benchmarks.race.mixed --rows 10000 100000 1000000

Pupils in schools of about a hundred (half that to one and a half times), half the schools treated, four covariates,
a tenth of the variance between schools.

Ours is timed from arrays to the estimate with Kenward and Roger's and with Satterthwaite's degrees of freedom;
MixedLM gives z-tests and no degrees of freedom. R is not started here. In an earlier run on a machine of this size
(R 4.2.2, lme4 1.1-31) lme4 took 12 to 27 s and lmerTest 71 s for a million pupils in 10,000 schools: a figure
quoted, not a race.
"""

from __future__ import annotations

import argparse
import json
import resource
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.race.r_peer import run_r
from benchmarks.race.stopwatch import timed
from evaluation.clusters.mixed import cluster_sums, contrast, fit_random_intercept
from evaluation.clusters.robust import cluster_products, robust_contrast

Array = npt.NDArray[np.float64]
Pupils = tuple[Array, Array, npt.NDArray[np.int64]]
A_SCHOOL = 100
QUOTED_LME4 = "12 to 27 s at 1,000,000 (quoted, R 4.2.2 and lme4 1.1-31, not run here)"
AGREE = 2e-3  # MixedLM stops early: standard errors to 1e-4, variances to 1e-3


def pupils(rows: int, seed: int = 1) -> Pupils:
    """Design (ones, four covariates, the arm), outcome and school of each of about ``rows`` made-up pupils."""
    draw = np.random.default_rng(seed)
    count = rows // A_SCHOOL
    sizes = draw.integers(A_SCHOOL // 2, A_SCHOOL * 3 // 2 + 1, count)
    codes = np.repeat(np.arange(count), sizes)[:rows]
    n = len(codes)
    arm = (draw.permutation(count) < count // 2).astype(np.float64)[codes]
    design = np.column_stack([np.ones(n), draw.normal(size=(n, 4)), arm])
    shared = 0.33 * draw.normal(size=count)[codes]
    y = design @ [1.0, 0.5, 0.3, -0.2, 0.0, 0.1] + shared + draw.normal(size=n)
    return design, y, codes


def ours(data: Pupils) -> dict[str, float]:
    """Estimate, Kenward-Roger's error and df, Satterthwaite's df, variances."""
    fit = fit_random_intercept(cluster_sums(*data))
    pick = np.eye(data[0].shape[1])[-1]
    found = contrast(fit, pick)
    return {
        "value": found.value, "std_error": found.std_error, "df": found.df,
        "df_satterthwaite": contrast(fit, pick, "satterthwaite").df, "tau2": fit.tau2, "sigma2": fit.sigma2,
    }  # fmt: skip


def mixedlm(data: Pupils) -> dict[str, float]:
    """The same model by statsmodels."""
    import statsmodels.api as sm

    design, y, codes = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.MixedLM(y, design, groups=codes).fit(reml=True)
    return {
        "value": float(fit.fe_params[-1]), "std_error": float(fit.bse_fe[-1]),
        "tau2": float(fit.cov_re[0, 0]), "sigma2": float(fit.scale),
    }  # fmt: skip


def lme4(data: Pupils) -> dict[str, Any] | None:
    """The same model by R's lme4, timed inside R without loading; ``None`` where it is not there."""
    design, y, codes = data
    frame = pl.DataFrame(design, schema=[f"x{place}" for place in range(design.shape[1])])
    return run_r("mixed_peer.R", frame.with_columns(y=pl.Series(y), school=pl.Series(codes)))


def robust(data: Pupils) -> dict[str, float]:
    """Least squares with CR2 and Satterthwaite degrees of freedom."""
    found = robust_contrast(cluster_products(*data), np.eye(data[0].shape[1])[-1])
    return {"value": found.value, "std_error": found.std_error, "df": found.df}


def race(rows: int, *, skip: bool, with_r: bool) -> dict[str, Any]:
    """One size: everybody's seconds, the ratio, and whether the answers agree."""
    data = pupils(rows)
    own, seconds = timed(lambda: ours(data), repeats=3)
    _, cr2 = timed(lambda: robust(data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    row: dict[str, Any] = {
        "rows": len(data[1]),
        "schools": int(data[2].max()) + 1,
        "ours_s": seconds,
        "cr2_s": cr2,
    }
    row |= {"peak_mb_without_mixedlm": peak, "df": own["df"]}
    if not skip:
        other, theirs = timed(lambda: mixedlm(data))
        row |= {"mixedlm_s": theirs, "ratio": theirs / seconds}
        row["agree"] = all(
            abs(own[k] - other[k]) <= AGREE * max(abs(other[k]), other["std_error"]) for k in other
        )
    peer = lme4(data) if with_r else None
    if peer:
        row |= {"lme4_s": peer["seconds"], "lme4_ratio": peer["seconds"] / seconds, "lme4": peer["version"]}
        names = ("value", "std_error", "tau2", "sigma2")
        row["lme4_agrees"] = all(
            abs(own[k] - peer[k]) <= AGREE * max(abs(peer[k]), peer["std_error"]) for k in names
        )
    return row


def main() -> None:
    """Race at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--skip-mixedlm", action="store_true")
    parser.add_argument("--r", action="store_true", help="R's lme4 too, where Rscript and lme4 are there")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [race(n, skip=asked.skip_mixedlm, with_r=asked.r) for n in asked.rows]
    for row in rows:
        told = f"{row['rows']:>9,} pupils {row['schools']:>6,} schools  ours {row['ours_s']:.3f} s"
        told += f"  CR2 {row['cr2_s']:.2f} s"
        if "ratio" in row:
            agree = "agree" if row["agree"] else "DISAGREE"
            told += f"  MixedLM {row['mixedlm_s']:.1f} s  x {row['ratio']:.0f}  {agree}"
        if "lme4_ratio" in row:
            agree = "agree" if row["lme4_agrees"] else "DISAGREE"
            told += f"  lme4 {row['lme4']} {row['lme4_s']:.1f} s  x {row['lme4_ratio']:.0f}  {agree}"
        print(told)
    if not any("lme4_ratio" in row for row in rows):
        print(f"lme4: {QUOTED_LME4}")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
