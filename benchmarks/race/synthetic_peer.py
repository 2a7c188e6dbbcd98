"""Run by the Python that holds diff-diff and synthdid-py: ``python synthetic_peer.py panel.npz NAME DRAWS REPEATS``.

Imports nothing of the project. Prints processor seconds (from a long table to estimate and placebo error; loading the
library does not count), the estimate, the error and the version as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any


def diff_diff(frame: Any, periods: list[int], draws: int) -> tuple[float, float | None]:
    """Synthetic DiD with drawn placebos, as its help page has it."""
    from diff_diff import SyntheticDiD  # type: ignore[import-not-found,unused-ignore]

    model = SyntheticDiD(variance_method="placebo", n_bootstrap=max(draws, 2), seed=1)
    found = model.fit(frame, "y", "ever", "unit", "time", post_periods=periods)
    return float(found.att), float(found.se)


def synthdid(frame: Any, periods: list[int], draws: int) -> tuple[float, float | None]:
    """The port of the authors' own implementation."""
    import synthdid as package  # type: ignore[import-not-found,unused-ignore]

    setup = package.panel_matrices(frame, "unit", "time", "y", "treated")
    found = package.synthdid_estimate(setup.Y, setup.N0, setup.T0)
    error = float(package.placebo_se(found, replications=draws, random_state=1)) if draws else None
    return float(found), error


def main() -> None:
    """Estimate, and print."""
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    kept: Any = np.load(sys.argv[1])
    matrix, start, name, draws, repeats = (
        kept["matrix"],
        int(kept["start"]),
        sys.argv[2],
        *map(int, sys.argv[3:5]),
    )
    n, length = matrix.shape
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), length), "time": np.tile(np.arange(length), n)})
    frame["y"] = matrix.ravel()
    frame["ever"] = (frame["unit"] == 0).astype(int)
    frame["treated"] = ((frame["unit"] == 0) & (frame["time"] >= start)).astype(int)
    work = {"diff-diff": diff_diff, "synthdid-py": synthdid}[name]
    periods = list(range(start, length))
    warnings.simplefilter("ignore")
    work(frame, periods, min(draws, 2))  # loaded and warm
    seconds = []
    for _ in range(repeats):
        began = time.process_time()
        value, error = work(frame, periods, draws)
        seconds.append(time.process_time() - began)
    from importlib.metadata import version

    print(
        json.dumps(
            {
                "seconds": sorted(seconds)[repeats // 2],
                "value": value,
                "error": error,
                "version": version(name),
            }
        )
    )


if __name__ == "__main__":
    main()
