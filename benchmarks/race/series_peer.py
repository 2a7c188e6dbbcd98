"""The peer of the race of interrupted time series: a loop of statsmodels fits, in an environment of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]
LAG = 5


def _looped(held: Any, upto: int, counts: bool) -> dict[str, Any]:
    """Sums of effects and errors of the series, by statsmodels, one fit after another."""
    import numpy as np
    import statsmodels.api as sm  # type: ignore[import-untyped,unused-ignore]

    columns, with_, without = held["columns"], held["window"], held["without"]
    hac = {"maxlags": LAG, "use_correction": True}
    values, errors = 0.0, 0.0
    for row in held["y"][:upto]:
        family = sm.families.Poisson()
        model = sm.GLM(row, columns, family=family) if counts else sm.OLS(row, columns)
        fit = model.fit(cov_type="HAC", cov_kwds=hac)
        beta = np.asarray(fit.params)
        if counts:
            one, nought = np.exp(with_ @ beta), np.exp(without @ beta)
            values += math.log(one.sum() / nought.sum())
            turned = one @ with_ / one.sum() - nought @ without / nought.sum()
        else:
            turned = (with_ - without).mean(axis=0)
            values += float(turned @ beta)
        errors += math.sqrt(turned @ np.asarray(fit.cov_params()) @ turned)
    return {"found": {"value": values, "std_error": errors}, "version": version("statsmodels")}


def _prepared(counts: bool, folder: Path) -> Work:
    import numpy as np

    kept: Any = np.load(folder / "series.npz")
    held = {name: kept[name] for name in ("y", "columns", "window", "without")}
    _looped(held, 2, counts)
    return lambda: _looped(held, len(held["y"]), counts)


def least_squares(rows: int, folder: Path) -> Work:
    """OLS with HAC errors."""
    return _prepared(False, folder)


def poisson(rows: int, folder: Path) -> Work:
    """GLM with HAC errors."""
    return _prepared(True, folder)
