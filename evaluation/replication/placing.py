"""Where the periods of a panel stand on its axis, for scripts that have no axis of their own (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from evaluation.methods.registry import METHODS
from evaluation.panels.axis import NotATime, PeriodAxis, text_of
from evaluation.panels.frame import build_panel
from evaluation.plan import AnalysisPlan
from evaluation.series.layout import OutsideTheSeries, season_of, windows_of
from evaluation.study_table import StudyTable

NEVER = ("", "0")


@dataclass(frozen=True, slots=True)
class Places:
    """How many periods there are, the position of the start from 0, and the position of every label in the data."""

    facts: dict[str, Any] = field(default_factory=dict)
    labels: tuple[tuple[str, int], ...] = ()


def places_of(frame: pl.DataFrame, plan: AnalysisPlan) -> Places:
    """What a script needs to know of the axis; nothing for a method of people."""
    if METHODS[plan.design.method].reads != "panel":
        return Places()
    table, prepare = StudyTable(frame, "data.csv", 2), METHODS[plan.design.method].prepare
    if prepare:
        table, plan = prepare(table, plan)
    axis = build_panel(table, plan, plan.outcomes[0]).axis
    columns = [plan.design.time, getattr(plan.design.settings, "first_treated", "")]
    texts = {
        text for name in columns if name for text in text_of(frame[name]).drop_nulls().unique().to_list()
    }
    labels = [(text, place) for text in sorted(texts) if (place := _place(axis, text)) is not None]
    start = str(getattr(plan.design.settings, "start", "") or "")
    facts: dict[str, Any] = {"periods": len(axis), "per_year": axis.per_year}
    facts["start"] = _place(axis, start) if start else None
    if plan.design.method == "interrupted-time-series":
        facts |= _windows(axis, plan)
    facts["weekday"] = int(axis.places[0]) % 7 if axis.kind == "day" else None
    if plan.design.method == "before-after":
        looked = [axis.index(label) for label in plan.design.settings.chosen_on]
        facts["looked_at_r"] = whole_numbers([place for place in looked if place is not None])
    return Places(facts, tuple(labels))


def _windows(axis: PeriodAxis, plan: AnalysisPlan) -> dict[str, Any]:
    """The windows of a series as positions, and its season. A place the axis does not have is left to the program."""
    settings = plan.design.settings
    try:
        windows, (season, period) = windows_of(settings, axis), season_of(settings, axis)
    except OutsideTheSeries:
        return {}
    left_out = [int(place) for place in windows.left_out.nonzero()[0]]
    return {
        "start": windows.start,
        "first": windows.first,
        "last": windows.last,
        "breaks_r": whole_numbers(windows.breaks),
        "left_out_r": whole_numbers(left_out),
        "seasonality": season,
        "season": period,
    }


def whole_numbers(values: Sequence[int]) -> str:
    """Whole numbers as R has them; none of them as an empty list."""
    return f"c({', '.join(map(str, values))})" if values else "integer(0)"


def _place(axis: PeriodAxis, text: str) -> int | None:
    if text in NEVER:
        return None
    try:
        return axis.at_or_after(text)
    except NotATime:
        return None
