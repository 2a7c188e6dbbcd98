"""The peer of the race of cross-fitted AIPW, in an environment of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def doubleml(rows: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """The interactive regression model, same learners without penalty, five folds, one division."""
    import doubleml as package  # type: ignore[import-not-found,unused-ignore]
    import numpy as np
    from sklearn.linear_model import (  # type: ignore[import-untyped,unused-ignore]
        LinearRegression,
        LogisticRegression,
    )

    kept: Any = np.load(folder / "people.npz")
    x, t, y = kept["x"], kept["t"], kept["y"]

    def fit(upto: int) -> dict[str, Any]:
        np.random.seed(1)
        data = package.DoubleMLData.from_arrays(x[:upto], y[:upto], t[:upto])
        score = LogisticRegression(C=np.inf, solver="newton-cholesky")
        model = package.DoubleMLIRM(data, LinearRegression(), score, n_folds=5, n_rep=1)
        model.fit()
        return {"found": {"value": float(model.coef[0])}, "version": version("doubleml")}

    fit(2_000)
    return lambda: fit(rows)
