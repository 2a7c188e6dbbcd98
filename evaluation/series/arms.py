"""From a panel to the series of each arm: summed counts, or means, of all its series in each period (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.panels.frame import PanelFrame
from evaluation.plan import AnalysisPlan
from evaluation.regression.linear import Array

Mask = npt.NDArray[np.bool_]
ARMS = (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class SeriesData:
    """Arms on the grid of periods, the treated first.

    ``outcome`` and ``exposure`` are (A, T), not-a-number where any series of the arm was not seen; ``seen`` (T,) where
    all series of both arms were. ``units`` are the treated series on their own (S, T), ``unit_exposure`` beside,
    ``other_units`` those of the comparison.
    ``extra`` are covariates on the grid, the same for all.
    """

    outcome: Array
    exposure: Array | None
    seen: Mask
    series: tuple[int, ...]
    units: Array
    unit_exposure: Array | None
    names: tuple[str, ...]
    extra: tuple[tuple[str, Array], ...]
    other_units: Array
    other_exposure: Array | None


def series_of(panel: PanelFrame, plan: AnalysisPlan, *, counts: bool) -> SeriesData:
    """Put each arm on the grid. Raises LC486 for several rows in a period where no unit tells them apart."""
    design = plan.design
    data = panel.data
    offset = getattr(design.settings, "offset", "")
    amount = f"s:{offset}" if offset else "exposure" if "exposure" in data.columns else ""
    group = pl.col("treated") if design.treatment else pl.lit(1.0)
    rows = data.select(
        "period",
        pl.col("outcome"),
        group.alias("group"),
        pl.col("unit").alias("series"),
        (pl.col(amount).cast(pl.Float64) if amount else pl.lit(1.0)).alias("amount"),
        (pl.col("weight") if "weight" in data.columns else pl.lit(1.0)).alias("weight"),
    )
    if not design.unit and rows.select("series", "period").is_duplicated().any():
        raise EvaluationError(
            "LC486",
            f"several rows stand in one period of '{design.time}', and no 'unit' tells their series apart",
            'Name the series with unit = "…", or keep one row a period.',
        )
    arms = [_arm(rows, len(panel.axis), arm, counts=counts) for arm in ARMS[: 2 if design.treatment else 1]]
    seen = np.logical_and.reduce([np.isfinite(arm.outcome) & (arm.exposure > 0) for arm in arms])
    extra = _covariates(panel)
    for _, column in extra:
        seen = seen & np.isfinite(column)
    return SeriesData(
        np.stack([arm.outcome for arm in arms]),
        np.stack([arm.exposure for arm in arms]) if amount else None,
        seen,
        tuple(len(arm.names) for arm in arms),
        arms[0].units,
        arms[0].amounts if amount else None,
        arms[0].names,
        extra,
        arms[-1].units,
        arms[-1].amounts if amount else None,
    )


@dataclass(frozen=True, slots=True)
class _Arm:
    outcome: Array
    exposure: Array
    units: Array
    amounts: Array
    names: tuple[str, ...]


def _arm(rows: pl.DataFrame, periods: int, group: float, *, counts: bool) -> _Arm:
    """One arm: counts and exposures summed over its series; other measures averaged, by weight where there is one."""
    own = rows.filter(pl.col("group") == group)
    names = own["series"].unique().sort()
    place = own["series"].replace_strict(
        names, pl.int_range(len(names), eager=True, dtype=pl.Int64), return_dtype=pl.Int64
    ).cast(pl.Int64).to_numpy()  # fmt: skip
    grids = np.full((3, len(names), periods), np.nan)
    for layer, column in enumerate(("outcome", "amount", "weight")):
        grids[layer, place, own["period"].to_numpy()] = own[column].to_numpy()
    units, amounts, weights = grids
    if counts:
        outcome = units.sum(axis=0)
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            outcome = (units * weights).sum(axis=0) / weights.sum(axis=0)
    return _Arm(outcome, amounts.sum(axis=0), units, amounts, tuple(names.to_list()))


def _covariates(panel: PanelFrame) -> tuple[tuple[str, Array], ...]:
    """Covariates on the grid. Raises LC487 where one is a text, or differs between series of a period."""
    found = []
    for name in panel.covariates:
        column = f"x:{name}"
        if panel.data[column].dtype == pl.String:
            raise EvaluationError(
                "LC487",
                f"covariate '{name}' of a series is a text",
                "A covariate of a series is a number that changes over time.",
            )
        by_period = panel.data.group_by("period").agg(
            pl.col(column).mean().cast(pl.Float64).alias("mean"),
            (pl.col(column).max() - pl.col(column).min()).cast(pl.Float64).alias("range"),
        )
        size = float(by_period["mean"].abs().max() or 0.0)  # type: ignore[arg-type]
        if float(by_period["range"].max() or 0.0) > 1e-9 * max(size, 1e-300):  # type: ignore[arg-type]
            raise EvaluationError(
                "LC487",
                f"covariate '{name}' differs between series in the same period",
                "A covariate of series is the same for all of them, such as the weather. Leave it out, or name it as "
                "the offset where it is a population.",
            )
        grid = np.full(len(panel.axis), np.nan)
        grid[by_period["period"].to_numpy()] = by_period["mean"].to_numpy()
        found.append((name, grid))
    return tuple(found)
