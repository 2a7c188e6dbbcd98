"""Which figures of a series are set side by side, and how they moved (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.tracking.change import (
    Change,
    change_of_counts,
    change_of_means,
    change_of_shares,
)
from theory_of_change.tracking.model import COUNT, SHARE, FigureRow, Tracked
from theory_of_change.tracking.periods import Period, unlike

YEAR_DAYS = 366


@dataclass(frozen=True, slots=True)
class Move:
    """A figure and the one before it. ``why_not`` says why they cannot be compared as they are."""

    measure: Tracked
    before: FigureRow
    after: FigureRow
    change: Change
    why_not: str = ""

    @property
    def as_aimed(self) -> str:
        """Whether it moved as it should: only where chance hardly explains it."""
        if self.why_not or not self.change.clear or self.measure.aim == "watch":
            return "not clear"
        rose = (self.change.low or 0.0) > 0
        return "as aimed" if rose == (self.measure.aim == "increase") else "against the aim"


class Series:
    """The current figures by measure and area, each in order of time."""

    def __init__(self, rows: Iterable[FigureRow]) -> None:
        self._rows: dict[tuple[str, str], list[FigureRow]] = {}
        for row in sorted(rows, key=lambda row: (row.measure, row.area, row.period)):
            self._rows.setdefault((row.measure, row.area), []).append(row)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Every measure and area there are figures of."""
        return list(self._rows)

    def of(self, measure: str, area: str = "") -> Sequence[FigureRow]:
        """The figures of one measure and area."""
        return self._rows.get((measure, area), ())

    def at(self, measure: str, area: str, period: Period) -> FigureRow | None:
        """The figure of one period, if there is a number."""
        found = (row for row in self.of(measure, area) if row.period == period and row.value is not None)
        return next(found, None)

    def values(self) -> Iterable[FigureRow]:
        """All rows that hold a number."""
        return (row for rows in self._rows.values() for row in rows if row.value is not None)


def changed(
    measure: Tracked, before: FigureRow, after: FigureRow, people: tuple[float, float] | None = None
) -> Change:
    """The change between two figures; ``people`` are the populations of the two periods, where they are known."""
    old, new = before.value or 0.0, after.value or 0.0
    if measure.unit == COUNT:
        return change_of_counts(old, new, people[1] / people[0] if people else 1.0)
    if measure.unit == SHARE:
        numbers = (before.of, after.of) if before.of and after.of else None
        return change_of_shares(old, new, (float(numbers[0]), float(numbers[1])) if numbers else None)
    return change_of_means(old, new)


def moves_of(measures: Mapping[str, Tracked], series: Series) -> list[Move]:
    """Every figure held against the one before it of the same measure and area."""
    found = []
    for name, area in series.keys:
        measure = measures.get(name)
        rows = [row for row in series.of(name, area) if row.value is not None]
        if measure is None:
            continue
        for after in rows:
            before = before_of(rows, after)
            if before is None:
                continue
            people = _people(measure, series, before, after)
            found.append(
                Move(
                    measure,
                    before,
                    after,
                    changed(measure, before, after, people),
                    _why_not(measure, before, after),
                )
            )
    return found


def before_of(rows: Sequence[FigureRow], after: FigureRow) -> FigureRow | None:
    """The figure to compare with: of parts of a year the same part a year before, else the last period that ended."""
    ended = [row for row in rows if row.period.last < after.period.first]
    if not ended:
        return None
    if after.period.months < 12:
        same = [row for row in ended if not unlike(row.period, after.period)]
        if same:
            return same[-1]
    return ended[-1]


def _people(
    measure: Tracked, series: Series, before: FigureRow, after: FigureRow
) -> tuple[float, float] | None:
    if before.of and after.of and measure.unit == COUNT:
        return before.of, after.of
    if not measure.population:
        return None
    sizes = [series.at(measure.population, row.area, row.period) for row in (before, after)]
    numbers = [row.value for row in sizes if row is not None and row.value]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _why_not(measure: Tracked, before: FigureRow, after: FigureRow) -> str:
    for each in measure.breaks:
        if before.period.first < each.starts <= after.period.last:
            return f"not comparable from {each.starts} on: {each.why}"
    return unlike(before.period, after.period)
