"""Peers of the race of Cox regression, in environments of their own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]


def _held(folder: Path) -> tuple[Any, Any, Any]:
    import numpy as np

    kept: Any = np.load(folder / "people.npz")
    return kept["x"], kept["stop"], kept["event"]


def lifelines(rows: int, folder: Path) -> Work:
    """Coefficients and the model's errors."""
    import lifelines as package  # type: ignore[import-not-found,unused-ignore]
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    x, stop, event = _held(folder)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
    frame["stop"], frame["event"] = stop, event

    def fit(data: Any) -> dict[str, Any]:
        found = package.CoxPHFitter().fit(data, "stop", "event")
        named = {f"b{j}": float(value) for j, value in enumerate(found.params_)}
        return {"found": named, "version": version("lifelines")}

    fit(frame.head(1_000))
    return lambda: fit(frame)


def statsmodels(rows: int, folder: Path) -> Work:
    """PHReg: coefficients and the model's errors, which is all it gives under Efron's ties."""
    from statsmodels.duration.hazard_regression import (  # type: ignore[import-untyped,unused-ignore]
        PHReg,
    )

    x, stop, event = _held(folder)

    def fit(upto: int) -> dict[str, Any]:
        found = PHReg(stop[:upto], x[:upto], status=event[:upto], ties="efron").fit()
        named = {f"b{j}": float(value) for j, value in enumerate(found.params)}
        return {
            "found": named | {"std_error": float(found.bse[-1])},
            "version": version("statsmodels"),
        }

    fit(1_000)
    return lambda: fit(rows)
