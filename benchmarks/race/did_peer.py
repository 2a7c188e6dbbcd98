"""Peers of the race of two-way fixed effects, in environments of their own, and the panel that all of them get."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

PERIODS, START = 10, 6
Work = Callable[[], dict[str, Any]]
Fit = Callable[[Any], tuple[float, float]]


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


def columns_of(folder: Path) -> tuple[Any, Any, Any, Any]:
    """The panel of this race."""
    kept: Any = np.load(folder / "panel.npz")
    return kept["unit"], kept["period"], kept["group"], kept["y"]


def _framed(unit: Any, period: Any, group: Any, y: Any) -> Any:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    return pd.DataFrame({"unit": unit, "period": period, "d": group * (period >= START), "y": y})


def _prepared(fit: Fit, package: str, folder: Path) -> Work:
    fit(_framed(*panel(200, 0.0)))  # libraries loaded, code compiled
    frame = _framed(*columns_of(folder))

    def work() -> dict[str, Any]:
        value, error = fit(frame)
        return {"found": {"value": value, "std_error": error}, "version": version(package)}

    return work


def pyfixest(rows: int, folder: Path) -> Work:
    """feols with errors clustered by unit."""

    def fit(frame: Any) -> tuple[float, float]:
        import pyfixest as package  # type: ignore[import-not-found,unused-ignore]

        found = package.feols("y ~ d | unit + period", data=frame, vcov={"CRV1": "unit"})
        return float(found.coef()["d"]), float(found.se()["d"])

    return _prepared(fit, "pyfixest", folder)


def linearmodels(rows: int, folder: Path) -> Work:
    """PanelOLS with both effects; its error counts the effects of units, so only the effect is compared."""

    def fit(frame: Any) -> tuple[float, float]:
        from linearmodels.panel import PanelOLS  # type: ignore[import-not-found,unused-ignore]

        held = frame.set_index(["unit", "period"])
        model = PanelOLS(held["y"], held[["d"]], entity_effects=True, time_effects=True)
        found = model.fit(cov_type="clustered", cluster_entity=True)
        return float(found.params["d"]), float(found.std_errors["d"])

    return _without_error(_prepared(fit, "linearmodels", folder))


def statsmodels(rows: int, folder: Path) -> Work:
    """Two pandas demeanings (right where nothing is missing) and OLS with clustered errors."""

    def fit(frame: Any) -> tuple[float, float]:
        import statsmodels.api as sm  # type: ignore[import-untyped,unused-ignore]

        columns = frame[["y", "d"]]
        bare = columns - columns.groupby(frame["unit"]).transform("mean")
        bare = bare - columns.groupby(frame["period"]).transform("mean") + columns.mean()
        found = sm.OLS(bare["y"], bare[["d"]]).fit(cov_type="cluster", cov_kwds={"groups": frame["unit"]})
        return float(found.params["d"]), float(found.bse["d"])

    return _without_error(_prepared(fit, "statsmodels", folder))


def _without_error(work: Work) -> Work:
    def done() -> dict[str, Any]:
        given = work()
        given["found"].pop("std_error")
        return given

    return done
