"""Where the periods of a panel stand on its axis, for scripts that have no axis of their own (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from evaluation.methods.registry import METHODS
from evaluation.panels.axis import NotATime, PeriodAxis, text_of
from evaluation.panels.frame import build_panel
from evaluation.plan import AnalysisPlan
from evaluation.study_table import StudyTable

NEVER = ("", "0")


@dataclass(frozen=True, slots=True)
class Places:
    """How many periods there are, the position of the start from 0, and the position of every label in the data."""

    facts: dict[str, float | None] = field(default_factory=dict)
    labels: tuple[tuple[str, int], ...] = ()


def places_of(frame: pl.DataFrame, plan: AnalysisPlan) -> Places:
    """What a script needs to know of the axis; nothing for a method of people."""
    if METHODS[plan.design.method].reads != "panel":
        return Places()
    axis = build_panel(StudyTable(frame, "data.csv", 2), plan, plan.outcomes[0]).axis
    columns = [plan.design.time, getattr(plan.design.settings, "first_treated", "")]
    texts = {text for name in columns if name for text in text_of(frame[name]).drop_nulls().unique().to_list()}
    labels = [(text, place) for text in sorted(texts) if (place := _place(axis, text)) is not None]
    start = str(getattr(plan.design.settings, "start", "") or "")
    facts: dict[str, float | None] = {"periods": len(axis), "per_year": axis.per_year}
    facts["start"] = _place(axis, start) if start else None
    return Places(facts, tuple(labels))


def _place(axis: PeriodAxis, text: str) -> int | None:
    if text in NEVER:
        return None
    try:
        return axis.at_or_after(text)
    except NotATime:
        return None
