"""The design of a segmented regression: trend, season, breaks in recording, and the programme's step and slope (pure).

Columns are laid on the whole regular grid of periods; which periods are used is a mask beside them. ``level`` is the
effect in the first period that counts, ``slope`` what each further period adds.
Source: Wagner et al. (2002); Lopez Bernal, Cummins and Gasparrini (2017, 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.panels.axis import NotATime, PeriodAxis
from evaluation.regression.linear import Array, NotIdentified, independent_columns
from evaluation.series.settings import Season, SeriesSettings

Mask = npt.NDArray[np.bool_]
SEASONAL_STEPS = ("quarter", "month", "week", "day")
PROGRAMME = ("level", "slope")


class OutsideTheSeries(ValueError):  # noqa: N818 - says which key of the plan is wrong, for a fault with its line
    """A period of the plan that the series does not have; the text names the key."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Places on the grid: ``start`` of the programme, ``first`` period that counts, ``last`` (one past the end)."""

    start: int
    first: int
    last: int
    breaks: tuple[int, ...]
    left_out: Mask


@dataclass(frozen=True, slots=True)
class Layout:
    """Names and columns (T, k) of the design, the same without the programme, periods used, and the planned window."""

    names: tuple[str, ...]
    columns: Array
    without: Array
    used: Mask
    window: Mask
    windows: Windows
    period: float
    seasonality: Season
    dropped: tuple[str, ...] = ()

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """Places on the grid of the periods used."""
        return np.flatnonzero(self.used).astype(np.int64)

    @property
    def before(self) -> Mask:
        """Periods used that lie before the programme."""
        return self.used & (np.arange(len(self.used)) < self.windows.start)

    def contrast(self, name: str) -> Array:
        """The coefficient of a column as a vector (k,)."""
        return np.array([float(column == name) for column in self.names])


def windows_of(settings: SeriesSettings, axis: PeriodAxis) -> Windows:
    """The plan's periods as places. Raises OutsideTheSeries, naming the key."""
    count = len(axis)
    start = _place(axis, settings.start, "start")
    if not 0 < start < count:
        raise OutsideTheSeries("start")
    last = count
    if settings.end:
        last = _last(axis, settings.end, "end")
    left_out = np.zeros(count, dtype=np.bool_)
    for first, final in settings.exclude:
        left_out[_place(axis, first, "exclude") : _last(axis, final, "exclude")] = True
    left_out[start : min(count, start + settings.washout)] = True
    breaks = tuple(sorted({_place(axis, label, "breaks") for label in settings.breaks}))
    if any(not 0 < place < count for place in breaks):
        raise OutsideTheSeries("breaks")
    return Windows(start, start + settings.washout + settings.phase_in, last, breaks, left_out)


def _place(axis: PeriodAxis, label: str, key: str) -> int:
    try:
        return axis.at_or_after(label)
    except NotATime:
        raise OutsideTheSeries(key) from None


def _last(axis: PeriodAxis, label: str, key: str) -> int:
    """One past the last period of a window."""
    place = _place(axis, label, key)
    return place + 1 if place < len(axis) and axis.index(label) is not None else place


def season_of(settings: SeriesSettings, axis: PeriodAxis) -> tuple[Season, float]:
    """Which seasonality is modelled, and how many periods make a season (0 where nothing is known of one)."""
    yearly = axis.per_year if axis.step in SEASONAL_STEPS else None
    period = float(yearly or 0.0)
    chosen: Season = settings.seasonality or ("harmonics" if period else "none")
    if chosen != "none" and not period:
        raise OutsideTheSeries("seasonality")
    if chosen == "dummies" and axis.step == "day":
        return chosen, 7.0  # days of the week
    if chosen == "dummies" and period != int(period):
        raise OutsideTheSeries("seasonality")
    return chosen, period


def lay_out(
    settings: SeriesSettings, axis: PeriodAxis, seen: Mask, extra: tuple[tuple[str, Array], ...] = ()
) -> Layout:
    """The design on the grid. ``seen`` (T,) are periods with an outcome, ``extra`` covariates on the grid.

    Raises OutsideTheSeries, or NotIdentified where the programme's columns cannot be told from the others.
    """
    windows = windows_of(settings, axis)
    season, period = season_of(settings, axis)
    used = seen & ~windows.left_out
    return laid_out(settings, windows, (season, period), used, extra)


def laid_out(
    settings: SeriesSettings,
    windows: Windows,
    season: tuple[Season, float],
    used: Mask,
    extra: tuple[tuple[str, Array], ...] = (),
) -> Layout:
    """The design from places already known; also for placebo starts."""
    grid = np.arange(len(used))
    parts: list[tuple[str, Array]] = [
        ("1", np.ones(len(used))),
        ("trend", (grid - windows.start).astype(np.float64)),
    ]
    parts += _season(grid, *season, settings.harmonics)
    parts += [(f"break {place}", (grid >= place).astype(np.float64)) for place in windows.breaks]
    parts += list(extra)
    if windows.last < len(used):
        parts.append(("after", (grid >= windows.last).astype(np.float64)))
    parts += _programme(settings, windows, grid)
    columns = np.column_stack([column for _, column in parts])
    names = tuple(name for name, _ in parts)
    window = used & (grid >= windows.first) & (grid < windows.last)
    _, kept = independent_columns(columns[used], names) if used.any() else (columns, ())
    wanted = [name for name in names if name in PROGRAMME]
    if not window.any() or any(name not in kept for name in wanted) or int(used.sum()) <= len(kept):
        raise NotIdentified
    keep = [names.index(name) for name in kept]
    without = columns.copy()
    without[:, [names.index(name) for name in wanted]] = 0.0
    dropped = tuple(name for name in names if name not in kept)
    return Layout(
        tuple(kept), columns[:, keep], without[:, keep], used, window, windows, season[1], season[0], dropped
    )


def _season(
    grid: npt.NDArray[np.int64], season: Season, period: float, harmonics: int
) -> list[tuple[str, Array]]:
    """Pairs of waves, or one column a calendar period but the first."""
    if season == "dummies":
        place = grid % int(period)
        return [(f"season {k}", (place == k).astype(np.float64)) for k in range(1, int(period))]
    parts: list[tuple[str, Array]] = []
    for k in range(1, harmonics + 1) if season == "harmonics" else ():
        angle = 2 * math.pi * k * grid / period
        if 2 * k < period:
            parts.append((f"sin {k}", np.sin(angle)))
        if 2 * k <= period:
            parts.append((f"cos {k}", np.cos(angle)))
    return parts


def _programme(
    settings: SeriesSettings, windows: Windows, grid: npt.NDArray[np.int64]
) -> list[tuple[str, Array]]:
    """The programme's columns, nought after its end: a step (a ramp while it is phased in), and a slope."""
    on = (grid >= windows.start + settings.washout) & (grid < windows.last)
    since = grid - windows.start - settings.washout
    parts = []
    if settings.shape != "slope":
        ramp = np.minimum(1.0, (since + 1) / (settings.phase_in + 1))
        parts.append(("level", np.where(on, ramp, 0.0)))
    if settings.shape != "level":
        first = 0 if settings.shape == "level-and-slope" else -1
        climb = np.maximum(0.0, since - settings.phase_in - first)
        parts.append(("slope", np.where(on, climb, 0.0)))
    return parts
