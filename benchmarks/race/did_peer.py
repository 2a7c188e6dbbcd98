"""Two-way fixed effects by pyfixest or statsmodels, run in an environment of its own by ``benchmarks.race.did``.

    python benchmarks/race/did_peer.py ENGINE UNITS GAPS

Prints one line of JSON: processor seconds of the estimate, the memory it added, the estimate and its error.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import Any

import numpy as np

PERIODS, START = 10, 6


def panel(units: int, gaps: float) -> tuple[Any, Any, Any, Any]:
    """Made-up long columns in no order: unit, period, treated group, outcome; a share of rows gone."""
    draw = np.random.default_rng(1)
    unit = np.repeat(np.arange(units), PERIODS)
    period = np.tile(np.arange(PERIODS), units)
    group = (unit < 0.4 * units).astype(np.float64)
    y = draw.normal(size=units)[unit] + 0.1 * period + draw.normal(size=units * PERIODS)
    y -= 0.1 * group * (period >= START)
    order = draw.permutation(len(y))
    order = order[draw.random(len(order)) >= gaps] if gaps else order
    return unit[order], period[order], group[order], y[order]


def by_pyfixest(frame: Any) -> tuple[float, float]:
    """feols with errors clustered by unit."""
    import pyfixest

    fit = pyfixest.feols("y ~ d | unit + period", data=frame, vcov={"CRV1": "unit"})
    return float(fit.coef()["d"]), float(fit.se()["d"])


def by_statsmodels(frame: Any) -> tuple[float, float]:
    """Two pandas demeanings (right where nothing is missing) and OLS with clustered errors."""
    import statsmodels.api as sm

    columns = frame[["y", "d"]]
    bare = columns - columns.groupby(frame["unit"]).transform("mean")
    bare = bare - columns.groupby(frame["period"]).transform("mean") + columns.mean()
    fit = sm.OLS(bare["y"], bare[["d"]]).fit(cov_type="cluster", cov_kwds={"groups": frame["unit"]})
    return float(fit.params["d"]), float(fit.bse["d"])


def main() -> None:
    """One engine, one size; a small fit first, so that loading does not count."""
    import pandas as pd

    warnings.simplefilter("ignore")
    engine, units, gaps = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    run = {"pyfixest": by_pyfixest, "statsmodels": by_statsmodels}[engine]

    def framed(n: int) -> Any:
        unit, period, group, y = panel(n, gaps)
        return pd.DataFrame({"unit": unit, "period": period, "d": group * (period >= START), "y": y})

    run(framed(200))
    frame = framed(units)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.process_time()
    value, error = run(frame)
    seconds = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "more_mb": after - before, "value": value, "std_error": error}))


if __name__ == "__main__":
    main()
