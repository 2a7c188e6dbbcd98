"""Which figures are due and not there (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from theory_of_change.tracking.model import Tracked
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.periods import Period
from workspace.days import days_after, month_end

LIMIT = 24  # periods that a series is followed up for, at most


@dataclass(frozen=True, slots=True)
class Due:
    """A figure that is expected: of which measure, area and period, from when on, and how often it was asked for."""

    measure: Tracked
    area: str
    period: Period
    due: dt.date
    asked: int = 0

    def overdue(self, today: dt.date) -> bool:
        """Say whether it should be there by now."""
        return self.due < today


def next_period(period: Period) -> Period:
    """The period of the same length that follows."""
    first = days_after(period.last, 1)
    if period.months.is_integer() and period.first.day == 1:
        return Period(first, month_end(first, int(period.months) - 1))
    return Period(first, days_after(first, (period.last - period.first).days))


def due_figures(
    measures: Mapping[str, Tracked],
    series: Series,
    today: dt.date,
    asked: Mapping[tuple[str, str, Period], int] | None = None,
) -> list[Due]:
    """The figures expected after the last one of each measure that says when its figures are due."""
    found = []
    for name, area in series.keys:
        measure = measures.get(name)
        rows = [row for row in series.of(name, area) if row.value is not None]
        if measure is None or measure.due_months is None or not rows:
            continue
        period = rows[-1].period
        for _ in range(LIMIT):
            period = next_period(period)
            if period.last >= today:
                break
            times = (asked or {}).get((name, area, period), 0)
            found.append(Due(measure, area, period, month_end(period.last, measure.due_months), times))
    return found
