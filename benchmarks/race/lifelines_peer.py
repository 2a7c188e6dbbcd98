"""Run by the Python of a virtual environment that holds lifelines: ``python lifelines_peer.py people.npz``.

Imports nothing of the project. Prints seconds (from arrays to coefficients, robust errors and the test of
proportionality; loading the library does not count), coefficients, errors, peak memory and the version as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import Any


def main() -> None:
    """Fit once and print."""
    import lifelines  # type: ignore[import-not-found,unused-ignore]
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]
    from lifelines.statistics import (  # type: ignore[import-not-found,unused-ignore]
        proportional_hazard_test,
    )

    kept: Any = np.load(sys.argv[1])
    x, stop, event = kept["x"], kept["stop"], kept["event"]
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
    frame["stop"], frame["event"] = stop, event
    plain = lifelines.CoxPHFitter().fit(frame, "stop", "event", robust="--robust" in sys.argv)
    fitted = time.perf_counter() - began
    if "--test" in sys.argv:
        proportional_hazard_test(plain, frame, time_transform="km")
    seconds = time.perf_counter() - began
    found = {
        "seconds": seconds,
        "fit_seconds": fitted,
        "coefficients": plain.params_.to_list(),
        "errors": plain.standard_errors_.to_list(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "version": lifelines.__version__,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
