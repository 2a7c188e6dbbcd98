"""A panel cut at the start: units by periods before and after, their sizes, and the larger units of each (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.panels.axis import NotATime
from evaluation.panels.frame import PanelFrame
from evaluation.places.larger_units import added_up
from evaluation.regression.linear import Array


@dataclass(frozen=True, slots=True)
class Window:
    """Units by periods, cut at ``start`` (position of the first period with the programme); ``names`` of the units."""

    y: Array
    size: Array
    names: tuple[str, ...]
    start: int

    @property
    def before(self) -> Array:
        """Periods before the start."""
        return np.asarray(self.y[:, : self.start])

    @property
    def after(self) -> Array:
        """The start and what came after it."""
        return np.asarray(self.y[:, self.start :])


def cut(panel: PanelFrame, start: str) -> Window:
    """Cut a panel at its start. Raises LC492 where no period lies before it, or none at or after it."""
    y, names = panel.wide()
    size = (
        panel.wide("exposure")[0]
        if "exposure" in panel.data.columns
        else np.where(np.isfinite(y), 1.0, np.nan)
    )
    try:
        at = panel.axis.at_or_after(start)
    except NotATime:
        at = 0
    if not 0 < at < len(panel.axis):
        first, last = panel.axis.labels[0], panel.axis.labels[-1]
        raise EvaluationError(
            "LC492",
            f"the programme's start leaves no period before it, or none after: the data run from {first} to {last}",
            "Correct start in the plan, or look at where and at the time column.",
        )
    return Window(y, size, names, at)


def positions(panel: PanelFrame, periods: Sequence[str], window: Window, key: str) -> npt.NDArray[np.bool_]:
    """Marks of the periods before the start that a key names. Raises LC493 where one is not among them."""
    marks = np.zeros(window.start, dtype=bool)
    for label in periods:
        at = panel.axis.index(label)
        if at is None or at >= window.start:
            raise EvaluationError(
                "LC493",
                f"'{key}' names {label}, which is no period of the data before the start",
                f"The data run from {panel.axis.labels[0]} to {panel.axis.labels[-1]}; correct {key} or start.",
            )
        marks[at] = True
    return marks


def of_units(panel: PanelFrame, column: str) -> pl.Series:
    """A column that belongs to the unit, a value a unit in the order of their names. Raises LC494 where it changes."""
    found = panel.data.group_by("unit").agg(
        pl.col(column).drop_nulls().n_unique().alias("n"), pl.col(column).drop_nulls().first().alias("value")
    )
    if int(found["n"].max() or 0) > 1:  # type: ignore[arg-type]
        raise EvaluationError(
            "LC494",
            f"column '{column.removeprefix('s:')}' changes within a unit",
            "A place lies in one zone and in one larger unit all the time. Correct the data.",
        )
    return found.sort("unit")["value"]


def larger_of(panel: PanelFrame, name: str) -> dict[str, str]:
    """Unit to the larger unit of that name it lies in; units without one are left out."""
    values = of_units(panel, f"s:{name}").cast(pl.String)
    units = panel.data["unit"].unique().sort()
    return {unit: into for unit, into in zip(units.to_list(), values.to_list(), strict=True) if into}


def grown(panel: PanelFrame, larger: Mapping[str, str], *, counts: bool, zone: str = "") -> PanelFrame:
    """The panel added up to larger units, asking for the main number alone. ``zone``: the column of zones, if any."""
    data = added_up(panel.data, larger, counts=counts, zone=zone)
    units = data["unit"].n_unique()
    cells = units * len(panel.axis)
    return replace(panel, data=data, missing_cells=cells - data.height, cells=cells, bare=True)


def one_sided(panel: PanelFrame) -> bool:
    """Say whether the larger units are all on one side: each touched by the programme, or none."""
    return "treated" in panel.data.columns and panel.data["treated"].n_unique() < 2
