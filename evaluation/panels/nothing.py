"""Estimates of panels: dressed with their intervals, or without a number where none can be had (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from evaluation.inference import critical, two_sided_p
from evaluation.model import Estimate
from evaluation.panels.frame import PanelFrame
from evaluation.plan import AnalysisPlan, PlannedOutcome


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends at 1 - alpha and at 1 - 2 alpha, from an inversion of a test (on the log scale for a ratio)."""

    low: float
    high: float
    narrow_low: float
    narrow_high: float


def unit_counts(panel: PanelFrame) -> tuple[int, int]:
    """Units treated and not (people, in repeated cross-sections)."""
    if "treated" in panel.data.columns:
        mark = pl.col("treated") == 1
    elif "first" in panel.data.columns:
        mark = pl.col("first").is_not_null()
    else:
        return panel.data["unit"].n_unique(), 0
    treated = panel.data.filter(mark)["unit"].n_unique()
    return treated, panel.data["unit"].n_unique() - treated


def no_panel_estimate(
    panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, estimand: str = "ATT"
) -> Estimate:
    """An estimate without a number: units only."""
    one, zero = unit_counts(panel)
    return Estimate(
        estimand=estimand, effect=outcome.effect, value=None, std_error=None, conf_low=None, conf_high=None,
        conf_level=1 - plan.analysis.alpha, p_value=None, df=None, n_treated=one, n_comparison=zero, n_clusters=None,
        treated_mean=None, comparison_mean=None,
    )  # fmt: skip


def dressed_panel(
    panel: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    *,
    value: float,
    std_error: float | None,
    df: float | None = None,
    estimand: str = "ATT",
    counts: tuple[int, int] | None = None,
    n_clusters: int | None = None,
    means: tuple[float | None, float | None] = (None, None),
    p_value: float | None = None,
    interval: Interval | None = None,
    ratio: bool = False,
    spread: float | None = None,
) -> Estimate:
    """An estimate with t (or, without ``df``, normal) intervals, or with those of an inverted test.

    ``value`` and ``std_error`` (and ``interval``) are on the log scale where ``ratio``. ``spread``: the outcome's
    standard deviation among people, where units are people; areas have none that means anything. An error of zero, or
    none, gives no inference unless an interval is given.
    """
    alpha, kind = plan.analysis.alpha, "t" if df is not None else "normal"
    sound = std_error is not None and math.isfinite(std_error) and std_error > 0
    if interval is None and sound and std_error is not None:
        wide = critical(1 - alpha, df, kind) * std_error  # type: ignore[arg-type]
        narrow = critical(1 - 2 * alpha, df, kind) * std_error  # type: ignore[arg-type]
        interval = Interval(value - wide, value + wide, value - narrow, value + narrow)
        p_value = p_value if p_value is not None else two_sided_p(value, std_error, df, kind)  # type: ignore[arg-type]
    if (
        not sound and interval is not None
    ):  # an inverted test gives ends but no error; size and chances need one
        std_error = (interval.high - interval.low) / (2 * critical(1 - alpha, None, "normal"))
        sound = math.isfinite(std_error) and std_error > 0
    one, zero = counts if counts is not None else unit_counts(panel)

    def shown(number: float | None) -> float | None:
        if number is None or not math.isfinite(number):
            return None
        if not ratio:
            return number
        return math.exp(number) if abs(number) < 700 else None

    return Estimate(
        estimand=estimand, effect=outcome.effect, value=shown(value), std_error=std_error if sound else None,
        conf_low=shown(interval.low) if interval else None, conf_high=shown(interval.high) if interval else None,
        conf_level=1 - alpha, p_value=p_value, df=df, n_treated=one, n_comparison=zero, n_clusters=n_clusters,
        treated_mean=means[0], comparison_mean=means[1],
        narrow_low=shown(interval.narrow_low) if interval else None,
        narrow_high=shown(interval.narrow_high) if interval else None, outcome_sd=spread,
    )  # fmt: skip
