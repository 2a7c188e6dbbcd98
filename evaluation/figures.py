"""What charts and tables of a result show, as data; drawing is the reports' affair (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LineKind = Literal["observed", "expected", "effect", "comparison", "placebo", "points"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line or cloud of points of a figure; ``low`` and ``high`` its band, where it has one."""

    name: str
    kind: LineKind
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """What a chart shows, as data: nothing in it is drawn yet.

    ``marks`` are places on the x axis that a vertical line and words mark; ``labels`` the names of x = 0, 1, 2 and so
    on, where x is a position among periods.
    """

    name: str
    title: str
    x_name: str
    y_name: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of facts about how an answer came about: weights of donors, effects of groups, comparisons."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    note: str = ""
