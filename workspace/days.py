"""Days before and after a day, near the ends of the calendar as well (pure).

``9999-12-31`` stands in many systems for "without an end", and the clock of a machine can show any year. What would
lie beyond the calendar (0001-01-01 to 9999-12-31) is its last or its first day.
"""

from __future__ import annotations

import calendar
import datetime as dt

FIRST, LAST = dt.date.min, dt.date.max


def days_after(day: dt.date, days: int) -> dt.date:
    """The day so many days on, or back where ``days`` is below 0."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, FIRST.toordinal()), LAST.toordinal()))


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months on, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST.year <= year <= LAST.year:
        return LAST if months > 0 else FIRST
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: dt.date, months: int = 0) -> dt.date:
    """The last day of the month so many months on."""
    moved = months_later(day, months)
    return moved.replace(day=calendar.monthrange(moved.year, moved.month)[1])
