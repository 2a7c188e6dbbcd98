"""From an answer to everything a result holds: the estimate, its doubts, its path, figures and tables (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl

from evaluation.differences_in_time.answer import Answer
from evaluation.differences_in_time.doubts import honest_bounds, honest_checks, level_check, path_checks
from evaluation.differences_in_time.settings import TIMES, DifferenceSettings
from evaluation.differences_in_time.shown import (
    group_means,
    honest_table,
    means_figure,
    path_figure,
    path_rows,
)
from evaluation.differences_in_time.ways import Dress
from evaluation.model import Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array

Lines = Callable[[Dress], tuple[Sensitivity, ...]]


def nothing(frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, why: Check) -> MethodResult:
    """No number, and the reason."""
    return MethodResult(no_panel_estimate(frame, plan, outcome), (why,))


def finished(
    frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, start: int, answer: Answer,
    checks: tuple[Check, ...], lines: Lines, counts: tuple[int, int] | None = None,
) -> MethodResult:  # fmt: skip
    """Dress the answer, doubt it, and lay out its path."""
    settings: DifferenceSettings = plan.design.settings
    ratio, alpha, seed = outcome.is_ratio, plan.analysis.alpha, plan.design.seed
    means = group_means(frame, answer.path, start, ratio=ratio)

    def dress(one: Answer) -> Estimate:
        return _dressed(frame, plan, outcome, one, start, counts)

    estimate = dress(answer)
    if frame.bare:
        return MethodResult(estimate, checks)
    found = honest_bounds(
        answer.path, settings.relative or TIMES, settings.smoothness, alpha=alpha, seed=seed
    )
    doubts = [
        *path_checks(answer.path, value=answer.value, lean=answer.lean, margin=_margin(outcome), alpha=alpha,
                     periods=_periods_before(frame, start), logs=ratio),
        *honest_checks(found),
        *(() if ratio else level_check(*_levels(means, start))),
    ]  # fmt: skip
    labels = frame.axis.labels
    figures = [means_figure(means, labels, start, outcome)]
    rows: tuple[PathRow, ...] = ()
    if answer.path is not None and len(answer.path.times) > 1:
        figures.append(path_figure(answer.path, labels, start, outcome, alpha, seed))
        rows = path_rows(answer.path, labels, start, alpha, seed, ratio=ratio)
    tables = (honest_table(found, ratio=ratio),) if found is not None else ()
    return MethodResult(
        estimate,
        (*checks, *doubts),
        sensitivity=lines(dress),
        path=rows,
        figures=tuple(figures),
        tables=tables,
    )


def _dressed(
    frame: PanelFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    answer: Answer,
    start: int,
    counts: tuple[int, int] | None,
) -> Estimate:
    settings: DifferenceSettings = plan.design.settings
    ratio = outcome.is_ratio
    after = frame.data.filter((pl.col("treated") == 1) & (pl.col("period") >= start))
    weight = after["weight"].to_numpy() if "weight" in after.columns else np.ones(after.height)
    below = weight
    if ratio and "exposure" in after.columns:
        below = after["exposure"].to_numpy()
    seen = float((weight * after["outcome"].to_numpy()).sum() / below.sum())
    expected = seen / math.exp(min(answer.value, 700.0)) if ratio else seen - answer.value
    return dressed_panel(
        frame,
        plan,
        outcome,
        value=answer.value,
        std_error=answer.std_error,
        df=answer.df if settings.interval == "t" else None,
        n_clusters=answer.clusters,
        counts=counts,
        means=(seen, expected),
        p_value=answer.p_value,
        interval=answer.interval,
        ratio=ratio,
        spread=None if ratio or frame.units == "areas" else _spread(frame, start),
    )


def _spread(frame: PanelFrame, start: int) -> float | None:
    """Standard deviation among people before the start, within groups; after it where there is one value before."""
    before = frame.data.filter(pl.col("period") < start)
    parts = (
        before.group_by("treated").agg(pl.col("outcome").var().alias("v"), pl.len().alias("n")).drop_nulls()
    )
    if parts.is_empty() or int(parts["n"].sum()) <= parts.height:
        return None
    pooled = float((parts["v"] * (parts["n"] - 1)).sum()) / (int(parts["n"].sum()) - parts.height)
    return math.sqrt(pooled) if pooled > 0 else None


def _margin(outcome: PlannedOutcome) -> float | None:
    """The smallest difference that matters on the scale of the path."""
    least = outcome.minimum_important_difference
    return abs(math.log(least)) if least and outcome.is_ratio else least


def _periods_before(frame: PanelFrame, start: int) -> int:
    return frame.data.filter(pl.col("period") < start)["period"].n_unique()


def _levels(means: dict[str, Array], start: int) -> tuple[float | None, float | None]:
    found = []
    for name in ("treated", "comparison"):
        known = means[name][:start]
        known = known[~np.isnan(known)]
        found.append(float(known.mean()) if len(known) else None)
    return found[0], found[1]
