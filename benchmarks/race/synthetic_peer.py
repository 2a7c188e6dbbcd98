"""The peer of the race of synthetic difference-in-differences, in an environment of their own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]
DRAWS = 200


def _held(folder: Path) -> tuple[Any, int]:
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    kept: Any = np.load(folder / "panel.npz")
    matrix, start = kept["matrix"], int(kept["start"])
    n, length = matrix.shape
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), length), "time": np.tile(np.arange(length), n)})
    frame["y"] = matrix.ravel()
    frame["ever"] = (frame["unit"] == 0).astype(int)
    frame["treated"] = ((frame["unit"] == 0) & (frame["time"] >= start)).astype(int)
    return frame, start


def diff_diff(rows: int, folder: Path) -> Work:
    """Synthetic DiD with drawn placebos, as its help page has it."""
    from diff_diff import SyntheticDiD  # type: ignore[import-not-found,unused-ignore]

    frame, start = _held(folder)
    periods = list(range(start, int(frame["time"].max()) + 1))

    def fit(draws: int) -> dict[str, Any]:
        model = SyntheticDiD(variance_method="placebo", n_bootstrap=draws, seed=1)
        found = model.fit(frame, "y", "ever", "unit", "time", post_periods=periods)
        return {"found": {"value": float(found.att)}, "version": version("diff-diff")}

    fit(2)
    return lambda: fit(DRAWS)
