"""Two-way fixed effects of a common start: ten periods, four units in ten treated from the seventh on.

Rows are in no order. Everybody goes from long columns to the effect and its error clustered by unit (CR1, effects
nested in clusters not counted, so that the numbers are the same). ``method`` is ours from the frame a plan's data
become to the whole result: path, band, tests, bounds, figures. In the race with gaps a row in twenty is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.race.did_peer import PERIODS, START, columns_of, panel

Work = Callable[[], dict[str, Any]]


def make(rows: int, folder: Path) -> None:
    """Every row is there."""
    unit, period, group, y = panel(rows // PERIODS, 0.0)
    np.savez(folder / "panel.npz", unit=unit, period=period, group=group, y=y)


def make_with_gaps(rows: int, folder: Path) -> None:
    """A row in twenty is missing."""
    unit, period, group, y = panel(rows // PERIODS, 0.05)
    np.savez(folder / "panel.npz", unit=unit, period=period, group=group, y=y)


def effect(unit: Any, period: Any, group: Any, y: Any) -> tuple[float, float]:
    """From long columns to the effect and its error."""
    from evaluation.differences_in_time.fixed_effects import two_way_regression
    from evaluation.differences_in_time.two_groups import changes, panel_of

    count = int(unit.max()) + 1
    wide, arm = np.full((count, PERIODS), np.nan), np.zeros(count)
    wide[unit, period] = y
    arm[unit] = group
    one = panel_of(wide, arm, START)
    if not one.even:
        fit = two_way_regression(one.y, (one.programme,), one.weights, one.clusters)
        return float(fit.values[0]), fit.std_error
    return _even(changes(one), arm, len(y))


def _even(moved: Any, arm: Any, rows: int) -> tuple[float, float]:
    """The difference of mean changes with the CR1 factor of the others instead of CR2."""
    one, zero = moved[arm == 1], moved[arm == 0]
    variance = one.var() / len(one) + zero.var() / len(zero)
    factor = len(moved) / (len(moved) - 1) * (rows - 1) / (rows - PERIODS - 1)
    return float(one.mean() - zero.mean()), float(np.sqrt(variance * factor))


def arrays(rows: int, folder: Path) -> Work:
    """From long columns to the effect and its error."""
    effect(*panel(200, 0.0))
    effect(*panel(200, 0.05))
    columns = columns_of(folder)

    def work() -> dict[str, Any]:
        value, error = effect(*columns)
        return {"found": {"value": value, "std_error": error}}

    return work


def method(rows: int, folder: Path) -> Work:
    """From the frame of a plan's data to the whole result."""
    import polars as pl

    from evaluation.methods.difference_in_differences import estimate_effect
    from evaluation.panels.frame import build_panel
    from tests.evaluation.differences import plan_of
    from tests.evaluation.studies import read, study

    plan = read(plan_of(design='unit = "unit"', time="period", start=str(START)))

    def framed(unit: Any, period: Any, group: Any, y: Any) -> Any:
        data = pl.DataFrame({"unit": unit, "period": period, "tr": group, "y": y})
        return build_panel(study(data), plan, plan.outcomes[0])

    estimate_effect(framed(*panel(200, 0.0)), plan, plan.outcomes[0])
    frame = framed(*columns_of(folder))

    def work() -> dict[str, Any]:
        found = estimate_effect(frame, plan, plan.outcomes[0]).estimate
        return {"found": {"value": found.value}}

    return work
