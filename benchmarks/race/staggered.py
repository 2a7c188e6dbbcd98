"""Staggered starts: every group-time effect with its error, four averages, a band, the two-way decomposition.

Ten periods, four cohorts and units that never start, no covariates, never treated controls. Ours twice: ``arrays``,
from long columns sorted by unit and period to all numbers; ``method``, from the frame a plan's data become to the
whole result with sensitivities, tables and figures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.race.staggered_peer import PERIODS, panel

Work = Callable[[], dict[str, Any]]


def make(rows: int, folder: Path) -> None:
    """A panel of rows / 10 units."""
    unit, period, first, y = panel(rows // PERIODS)
    np.savez(folder / "panel.npz", unit=unit, period=period, first=first, y=y)


def all_effects(unit: Any, period: Any, first: Any, y: Any) -> dict[str, float]:
    """From sorted long columns to all effects, errors, averages, the band and the two-way decomposition."""
    from evaluation.differences_in_time.aggregates import KINDS, aggregate
    from evaluation.differences_in_time.bands import simultaneous
    from evaluation.differences_in_time.group_time import from_moments
    from evaluation.differences_in_time.moments import cohort_moments
    from evaluation.differences_in_time.rollout import NEVER, Rollout, cohorts_of
    from evaluation.differences_in_time.two_way import two_way

    whole = unit.reshape(-1, PERIODS)
    if not (whole == whole[:, :1]).all() or not (period.reshape(-1, PERIODS) == np.arange(1, 11)).all():
        raise SystemExit("the rows are not sorted")
    start = first.reshape(-1, PERIODS)[:, 0]
    starts, cohort = cohorts_of(np.where(start == 0, NEVER, start - 1))
    moments = cohort_moments(y.reshape(-1, PERIODS), cohort, len(starts))
    effects = from_moments(moments, Rollout(starts, PERIODS))
    effects.errors()
    found: dict[str, float] = {}
    for kind in KINDS:
        one = aggregate(effects, kind)
        if one is None:
            raise SystemExit("no effect")
        found |= {kind: one.value, f"{kind}_error": one.std_error}
        if kind == "dynamic":
            simultaneous(one.values, one.covariance, 0.95, 1)
    two_way(moments, starts)
    return found


def arrays(rows: int, folder: Path) -> Work:
    """From sorted long columns to all numbers."""
    all_effects(*panel(200))
    kept = np.load(folder / "panel.npz")
    columns = tuple(kept[name] for name in ("unit", "period", "first", "y"))
    return lambda: {"found": all_effects(*columns)}


def method(rows: int, folder: Path) -> Work:
    """From the frame that a plan's data become to the whole result."""
    import polars as pl

    from evaluation.finding import gather_finding
    from evaluation.methods.staggered_adoption import estimate_effect
    from evaluation.panels.frame import build_panel
    from tests.evaluation.staggered import staggered_plan
    from tests.evaluation.studies import study

    settings = 'aggregate = "simple"\nerrors = "influence"'  # those of the peers
    plan = staggered_plan(settings, unit="unit", time="period", first="first")
    kept = np.load(folder / "panel.npz")
    names = pl.Series(kept["unit"]).cast(pl.String).str.zfill(7)
    frame = pl.DataFrame({"unit": names, "period": kept["period"], "first": kept["first"], "y": kept["y"]})
    made = build_panel(study(frame), plan, plan.outcomes[0])
    gather_finding(study(frame.head(400 * PERIODS)), plan, "unlocked")
    del frame, names, kept

    def work() -> dict[str, Any]:
        found = estimate_effect(made, plan, plan.outcomes[0]).estimate
        return {"found": {"simple": found.value, "simple_error": found.std_error}}

    return work
