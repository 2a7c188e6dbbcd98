"""A peer of the staggered race in a process and environment of its own: ``python staggered_peer.py NAME UNITS``.

It makes the same panel from the same seed, times all group-time effects with their errors and four aggregates, and
prints JSON. Loading of libraries does not count.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
import warnings
from typing import Any

import numpy as np

PERIODS = 10
STARTS = np.array([4, 6, 7, 9, 0])


def panel(units: int, seed: int = 1) -> tuple[Any, Any, Any, Any]:
    """Unit, period (from 1), first treated period (0 = never) and outcome, sorted by unit and period."""
    draw = np.random.default_rng(seed)
    first = STARTS[draw.integers(0, 5, units)]
    y = draw.normal(size=(units, PERIODS))
    y += draw.normal(size=(units, 1))
    when = np.arange(1, PERIODS + 1)
    y += 0.3 * when + 0.5 * ((first[:, None] > 0) & (when >= first[:, None]))
    return np.repeat(np.arange(units), PERIODS), np.tile(when, units), np.repeat(first, PERIODS), y.ravel()


def diff_diff(frame: Any) -> tuple[dict[str, tuple[float, float]], str]:
    """diff-diff: never treated controls, no covariates, all aggregates, analytic errors."""
    import diff_diff as package
    from diff_diff import CallawaySantAnna

    fitted = CallawaySantAnna(control_group="never_treated", n_bootstrap=0).fit(
        frame, outcome="y", unit="unit", time="period", first_treat="first", aggregate="all"
    )
    return {"simple": (float(fitted.overall_att), float(fitted.overall_se))}, package.__version__


def csdid(frame: Any) -> tuple[dict[str, tuple[float, float]], str]:
    """csdid: the same by the port of R's did, four aggregates."""
    from importlib.metadata import version

    from csdid.att_gt import ATTgt

    fitted = ATTgt(
        yname="y", gname="first", idname="unit", tname="period", data=frame, control_group=["nevertreated"]
    ).fit(est_method="reg", bstrap=False)
    found = {}
    for kind in ("simple", "dynamic", "group", "calendar"):
        whole = fitted.aggte(typec=kind, bstrap=False, cband=False).atte
        found[kind] = (float(np.ravel(whole["overall_att"])[0]), float(np.ravel(whole["overall_se"])[0]))
    return found, version("csdid")


def main() -> None:
    """Race one peer once."""
    import pandas as pd

    name, units = sys.argv[1], int(sys.argv[2])
    work = {"diff-diff": diff_diff, "csdid": csdid}[name]

    def frame_of(n: int) -> Any:
        unit, period, first, y = panel(n)
        return pd.DataFrame({"unit": unit, "period": period, "first": first, "y": y})

    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        work(frame_of(500))  # libraries loaded, code compiled
        frame = frame_of(units)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        start, cpu = time.perf_counter(), time.process_time()
        found, version = work(frame)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        json.dumps(
            {
                "found": found,
                "seconds": seconds,
                "cpu": cpu_seconds,
                "peak_mb": peak,
                "data_mb": before,
                "version": version,
            }
        )
    )


if __name__ == "__main__":
    main()
