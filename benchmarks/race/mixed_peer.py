"""Peers of the race of the random intercept, in environments of their own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]


def _held(folder: Path) -> tuple[Any, Any, Any]:
    import numpy as np

    kept: Any = np.load(folder / "pupils.npz")
    return kept["design"], kept["y"], kept["codes"]


def statsmodels(rows: int, folder: Path) -> Work:
    """MixedLM by REML: z-tests, no degrees of freedom."""
    import statsmodels.api as sm  # type: ignore[import-untyped,unused-ignore]

    design, y, codes = _held(folder)

    def fit(upto: int) -> dict[str, Any]:
        found = sm.MixedLM(y[:upto], design[:upto], groups=codes[:upto]).fit(reml=True)
        numbers = {"value": float(found.fe_params[-1]), "std_error": float(found.bse_fe[-1])}
        numbers |= {"tau2": float(found.cov_re[0, 0]), "sigma2": float(found.scale)}
        return {"found": numbers, "version": version("statsmodels")}

    fit(1_000)
    return lambda: fit(len(y))


def mixedlm(rows: int, folder: Path) -> Work:
    """The package mixedlm (Rust) by REML, without degrees of freedom."""
    import mixedlm as package  # type: ignore[import-not-found,unused-ignore]
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    design, y, codes = _held(folder)
    frame = pd.DataFrame(design[:, 1:], columns=[f"x{j}" for j in range(1, design.shape[1])])
    frame["y"], frame["school"] = y, codes
    formula = f"y ~ {' + '.join(name for name in frame.columns if name.startswith('x'))} + (1 | school)"

    def fit(data: Any) -> dict[str, Any]:
        found = package.lmer(formula, data, REML=True)
        return {"found": {"value": float(found.fixef()["x5"])}, "version": version("mixedlm")}

    fit(frame.head(2_000))
    return lambda: fit(frame)
