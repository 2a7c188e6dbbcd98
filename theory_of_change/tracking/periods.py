"""Periods as people write them, and which may be set side by side (pure).

Written: ``2021``, ``2019/20`` (a school or financial year, by the measure), ``2021-Q2``, ``2020-03``,
``2018-04..2018-12``, ``2020-03-01..2020-03-31``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from workspace.days import month_end

YEARS = {"calendar": 1, "school": 9, "financial": 4}
FORMS = "2021, 2019/20, 2021-Q2, 2020-03 or 2018-04..2018-12"
_YEAR = re.compile(r"([0-9]{4})")
_SPLIT_YEAR = re.compile(r"([0-9]{4})\s*[/–-]\s*([0-9]{2}|[0-9]{4})")
_QUARTER = re.compile(r"([0-9]{4})[ -]?[Qq]([1-4])")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-([0-3][0-9])")
_SPAN = re.compile(r"(.+?)\s*(?:\.\.|\bto\b)\s*(.+)")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From one day to another, both included."""

    first: dt.date
    last: dt.date

    @property
    def months(self) -> float:
        """How many months it has; a part of a month counts by its days."""
        if self.first.day == 1 and self.last == month_end(self.last):
            return float((self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1)
        return ((self.last - self.first).days + 1) / (365.25 / 12)

    @property
    def text(self) -> str:
        """The period as it is written back: one text for each period."""
        if not self.months.is_integer() or self.first.day != 1:
            return f"{self.first}..{self.last}"
        start = f"{self.first:%Y-%m}"
        if self.months == 1:
            return start
        if self.months == 3 and self.first.month % 3 == 1:
            return f"{self.first.year}-Q{self.first.month // 3 + 1}"
        if self.months == 12 and self.first.month == 1:
            return str(self.first.year)
        if self.months == 12 and self.first.month in (4, 9):
            return f"{self.first.year}/{self.last.year % 100:02d}"
        return f"{start}..{self.last:%Y-%m}"

    def covers(self, other: Period) -> bool:
        """Say whether the other lies inside."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: Period) -> bool:
        """Say whether they share a day."""
        return self.first <= other.last and other.first <= self.last


def read_period(text: str, year: str = "calendar") -> Period | None:
    """A period as written; ``year`` says when the measure's years begin. ``None`` where it cannot be told.

    ``2019/20`` of a measure kept by calendar years is not guessed at: schools and finance begin in other months.
    """
    text = text.strip()
    if found := _YEAR.fullmatch(text):
        return _from(int(found[1]), YEARS[year], 12)
    if found := _QUARTER.fullmatch(text):
        return _from(int(found[1]), 3 * int(found[2]) - 2, 3)
    if found := _MONTH.fullmatch(text):
        return _from(int(found[1]), int(found[2]), 1)
    if found := _SPLIT_YEAR.fullmatch(text):
        begins, ends = int(found[1]), int(found[2]) % 100
        return _from(begins, YEARS[year], 12) if ends == (begins + 1) % 100 and year != "calendar" else None
    if found := _DAY.fullmatch(text):
        day = _day(found)
        return Period(day, day) if day else None
    if found := _SPAN.fullmatch(text):
        start, stop = read_period(found[1], year), read_period(found[2], year)
        if start and stop and start.first <= stop.last:
            return Period(start.first, stop.last)
    return None


def _day(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _from(year: int, month: int, months: int) -> Period | None:
    if not 1900 <= year <= 2200:
        return None
    first = dt.date(year, month, 1)
    return Period(first, month_end(first, months - 1))


def unlike(before: Period, after: Period) -> str:
    """Why two periods cannot be compared as they are; empty where they can."""
    if abs(before.months - after.months) > 0.1:
        return f"{_long(after)} are compared with {_long(before)}"
    if before.months < 12 and (before.first.month, before.first.day) != (after.first.month, after.first.day):
        return "other months of the year are compared, and figures differ between seasons"
    return ""


def _long(period: Period) -> str:
    return f"{period.months:.3g} months ({period.text})"
