"""Whether a measure is on course for its target, by the range of its newest figure and never by the point (pure).

The course is a straight line from the first figure to the target on its day. A figure is held against the line on the
last day of its period. Ranges of one figure: counts as Poisson, exact (Garwood 1936); shares by Wilson (1927).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from scipy.special import gammaincinv

from theory_of_change.tracking.change import wilson
from theory_of_change.tracking.chart import usual_months
from theory_of_change.tracking.model import COUNT, SHARE, FigureRow, Tracked
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.periods import unlike

STATES = ("on course", "not on course", "too soon to say", "met", "not met", "cannot be said")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a measure stands to its target: the state, why, the newest figure with its range, and the course then."""

    area: str
    state: str
    why: str
    period: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    course: float | None = None


def range_of(measure: Tracked, row: FigureRow) -> tuple[float, float] | None:
    """What chance alone would make of one figure, 95 times in 100; ``None`` where it cannot be worked out."""
    value = row.value or 0.0
    if measure.unit == COUNT:
        low = float(gammaincinv(value, 0.025)) if value else 0.0
        return low, float(gammaincinv(value + 1, 0.975))
    if measure.unit == SHARE and row.of:
        first, last = wilson(value / 100, row.of)
        return 100 * first, 100 * last
    return None


def standing(measure: Tracked, series: Series, area: str = "") -> Standing | None:
    """Where a measure stands to its target in an area; ``None`` where it has no target."""
    if measure.target is None or measure.target_by is None:
        return None
    rows = [row for row in series.of(measure.id, area) if row.value is not None]
    if not rows:
        return Standing(area, "too soon to say", "there is no figure yet")
    months = usual_months(rows)  # a part year behind whole ones is not held against a target for a whole one
    rows = [row for row in rows if round(row.period.months, 1) == months]
    newest = rows[-1]
    since = measure.target_from or dt.date.min
    first = next(
        (row for row in rows if row.period.first >= since and not unlike(row.period, newest.period)), newest
    )
    broken = any(first.period.first < each.starts <= newest.period.last for each in measure.breaks)
    found = range_of(measure, newest)
    due = newest.period.last >= measure.target_by
    if broken:
        return _unsaid(area, newest, "a break lies between the first figure and the newest")
    if found is None:
        return _unsaid(area, newest, "no range can be worked out from the figure")
    if newest is first and not due:
        return Standing(
            area,
            "too soon to say",
            "there is no later figure of a like period",
            newest.period.text,
            newest.value,
        )
    course = measure.target if due else _course(measure, first, newest.period.last)
    return _judged(measure, area, newest, found, course, due=due)


def _unsaid(area: str, newest: FigureRow, why: str) -> Standing:
    return Standing(area, "cannot be said", why, newest.period.text, newest.value)


def _course(measure: Tracked, first: FigureRow, day: dt.date) -> float:
    """Where the straight line stands on a day."""
    if measure.target is None or measure.target_by is None:
        return 0.0
    begin = first.period.last
    share = (day - begin).days / max(1, (measure.target_by - begin).days)
    return (first.value or 0.0) + share * (measure.target - (first.value or 0.0))


def _judged(
    measure: Tracked, area: str, row: FigureRow, found: tuple[float, float], course: float, *, due: bool
) -> Standing:
    low, high = found
    lower_is_better = measure.aim == "reduce"
    good = high <= course if lower_is_better else low >= course
    bad = low > course if lower_is_better else high < course
    against = "the target" if due else "the course to the target"
    if good:
        state, why = "met" if due else "on course", f"the whole range lies on the wanted side of {against}"
    elif bad:
        state, why = (
            "not met" if due else "not on course",
            f"the whole range lies on the wrong side of {against}",
        )
    else:
        state, why = (
            "cannot be said" if due else "too soon to say",
            f"{against} lies within the range of the figure",
        )
    return Standing(area, state, why, row.period.text, row.value, low, high, course)


def standing_words(measure: Tracked, found: Standing) -> str:
    """A standing in a line: what is wanted by when, and how it stands."""
    area = f" ({found.area})" if found.area else ""
    head = f"target{area}: {measure.target:,.6g} by {measure.target_by}: {found.state}"
    if found.low is None or found.high is None or found.course is None:
        return f"{head}; {found.why}"
    reach = f"range {found.low:,.4g} to {found.high:,.4g}, course {found.course:,.4g}"
    where = f"{found.period}: {found.value:,.6g}; {reach}"
    return f"{head}; {found.why} ({where})"
