"""How fast interrupted time series of thousands of areas are, in the same run as a loop of statsmodels fits.

    python -m benchmarks.race.series --series 10000 --looped 500

Made-up monthly series of ten years, a programme after seven: segmented regression with two harmonics, Newey-West
errors (five lags) of the average effect over the window. ``plain`` is what statsmodels gives (sandwich's ``adjust =
TRUE``), and is compared with it to the last digits; ``corrected`` is what plans use by default, for which there is no
peer. The loop is timed on ``--looped`` series and its time a series compared with ours, in seconds of the processor;
loading does not count. Memory is the most that was held beside the panel (tracemalloc), as a multiple of it.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.panels.axis import PeriodAxis, axis_of
from evaluation.series.layout import lay_out
from evaluation.series.many import ManyEffects, many_effects
from evaluation.series.settings import SeriesSettings

Array = npt.NDArray[np.float64]
PERIODS, START, LAG = 120, 84, 5
AGREE = 1e-6


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The answer, and seconds of the processor: other programs on the machine do not count."""
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def made_up(series: int, seed: int = 1) -> Array:
    """Counts of areas of all sizes, with season, drift and no effect."""
    draw, t = np.random.default_rng(seed), np.arange(PERIODS)
    size = np.exp(draw.normal(3, 0.8, (series, 1)))
    rate = size * np.exp(0.2 * np.sin(t / 12 * 2 * math.pi) + 0.1 * draw.normal(size=(series, PERIODS)))
    return draw.poisson(rate).astype(np.float64) + 1.0


def axis() -> PeriodAxis:
    """Ten years of months."""
    return axis_of(pl.Series([f"{2014 + m // 12}-{m % 12 + 1:02d}" for m in range(PERIODS)]))


def ours(y: Array, errors: str, *, counts: bool) -> ManyEffects:
    """Every series at once."""
    grid = axis()
    settings = SeriesSettings(start=grid.labels[START], errors=errors)  # type: ignore[arg-type]
    return many_effects(y, settings, grid, LAG, counts=counts)


def looped(y: Array, *, counts: bool) -> tuple[Array, Array]:
    """Effect and error of each series by statsmodels, one fit after another."""
    import statsmodels.api as sm

    grid = axis()
    layout = lay_out(SeriesSettings(start=grid.labels[START]), grid, np.ones(PERIODS, dtype=np.bool_))
    with_, without = layout.columns[layout.window], layout.without[layout.window]
    hac = {"maxlags": LAG, "use_correction": True}
    found = np.empty((2, len(y)))
    for i, row in enumerate(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = (
                sm.GLM(row, layout.columns, family=sm.families.Poisson())
                if counts
                else sm.OLS(row, layout.columns)
            )
            fit = model.fit(cov_type="HAC", cov_kwds=hac)
        beta = np.asarray(fit.params)
        if counts:
            one, nought = np.exp(with_ @ beta), np.exp(without @ beta)
            found[0, i] = math.log(one.sum() / nought.sum())
            turned = one @ with_ / one.sum() - nought @ without / nought.sum()
        else:
            turned = (with_ - without).mean(axis=0)
            found[0, i] = turned @ beta
        found[1, i] = math.sqrt(turned @ np.asarray(fit.cov_params()) @ turned)
    return found[0], found[1]


def held(y: Array, errors: str, *, counts: bool) -> float:
    """The most memory held beside the panel, as a multiple of it."""
    tracemalloc.start()
    ours(y, errors, counts=counts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / y.nbytes


def race(series: int, loop: int, *, counts: bool) -> dict[str, Any]:
    """One family: seconds, ratios, agreement, memory."""
    y = made_up(series)
    row: dict[str, Any] = {"family": "poisson" if counts else "gaussian", "series": series, "looped": loop}
    plain, row["plain_s"] = timed(lambda: ours(y, "plain", counts=counts))
    _, row["corrected_s"] = timed(lambda: ours(y, "newey-west", counts=counts))
    looped(y[:2], counts=counts)  # loading
    (value, error), seconds = timed(lambda: looped(y[:loop], counts=counts))
    row["loop_s_each"] = seconds / loop
    row["ratio_plain"] = seconds / loop / (row["plain_s"] / series)
    row["ratio_corrected"] = seconds / loop / (row["corrected_s"] / series)
    row["agrees"] = bool(
        np.allclose(plain.value[:loop], value, rtol=AGREE, atol=AGREE)
        and np.allclose(plain.std_error[:loop], error, rtol=AGREE)
    )
    row["memory_plain"] = held(y, "plain", counts=counts)
    row["memory_corrected"] = held(y, "newey-west", counts=counts)
    return row


def main() -> None:
    """Race both families and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--looped", type=int, default=500)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [race(asked.series, asked.looped, counts=counts) for counts in (False, True)]
    for row in rows:
        agree = "agree" if row["agrees"] else "DISAGREE"
        print(
            f"{row['family']:<9} {row['series']:,} series  plain {row['plain_s']:.2f} s, corrected "
            f"{row['corrected_s']:.2f} s  statsmodels {1000 * row['loop_s_each']:.1f} ms a series  x "
            f"{row['ratio_plain']:.0f} and {row['ratio_corrected']:.1f}  {agree}  memory x {row['memory_plain']:.1f}"
            f" and {row['memory_corrected']:.1f} of the panel"
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
