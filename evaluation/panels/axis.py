"""Times as a plan and its data write them, put on one regular axis of periods (pure)."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

Step = Literal["year", "quarter", "month", "week", "day", "number"]
PER_YEAR: dict[Step, float | None] = {
    "year": 1.0, "quarter": 4.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25, "number": None,
}  # fmt: skip
MOST_PERIODS = 20_000
MOST_WHOLE = 1e15  # whole numbers up to here are written without an exponent
MONTHS = {"year": 12, "quarter": 3, "month": 1}
_QUARTER = re.compile(r"^(\d{4})-?Q([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
EARLIEST_YEAR, LATEST_YEAR = 1800, 2200


class NotATime(ValueError):  # noqa: N818 - says what is wrong with a text, for a fault that names its row
    """A text that is no period."""


def canonical_period(text: str) -> str:
    """A period as it is compared and printed: ``2005``, ``2005.25``, ``2014-03``, ``2014-Q1`` or ``2014-03-01``."""
    text = text.strip()
    if found := _QUARTER.match(text):
        return f"{found[1]}-Q{found[2]}"
    if found := _MONTH.match(text):
        if not 1 <= int(found[2]) <= 12:
            raise NotATime
        return text
    if _DAY.match(text[:10]):
        try:
            return dt.date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            raise NotATime from None
    if _NUMBER.match(text):
        return f"{float(text):.15g}"
    raise NotATime


def place_of(label: str) -> tuple[str, float]:
    """The kind of a canonical text (``number``, ``month`` or ``day``) and its place on a line of that kind."""
    if found := _QUARTER.match(label):
        return "month", int(found[1]) * 12 + 3 * (int(found[2]) - 1)
    if found := _MONTH.match(label):
        return "month", int(found[1]) * 12 + int(found[2]) - 1
    if _DAY.match(label):
        return "day", float(dt.date.fromisoformat(label).toordinal())
    return "number", float(label)


@dataclass(frozen=True, slots=True)
class PeriodAxis:
    """All periods between the first and the last that was seen, none left out.

    ``labels`` are canonical texts, ``places`` their places on the line of their kind, ``per_year`` how many periods
    make a year (``None`` for plain numbers: nothing is known of seasons then).
    """

    labels: tuple[str, ...]
    places: tuple[float, ...]
    kind: str
    step: Step

    @property
    def per_year(self) -> float | None:
        """Periods in a year."""
        return PER_YEAR[self.step]

    def __len__(self) -> int:
        """How many periods there are."""
        return len(self.labels)

    def index(self, label: str) -> int | None:
        """Position of a period; ``None`` where it lies outside, between two periods, or is of another kind."""
        place = self._place(label)
        if place is None:
            return None
        at = int(np.searchsorted(self.places, place - 1e-9))
        return at if at < len(self.places) and abs(self.places[at] - place) < 1e-6 else None

    def at_or_after(self, label: str) -> int:
        """First position at or after a period; the number of periods where none is. Raises NotATime."""
        place = self._place(label)
        if place is None:
            raise NotATime
        return int(np.searchsorted(self.places, place - 1e-9))

    def _place(self, label: str) -> float | None:
        try:
            kind, place = place_of(canonical_period(label))
        except NotATime:
            return None
        if kind == self.kind:
            return place
        if kind == "month" and self.kind == "day":  # a month among days begins with its first day
            return float(dt.date(int(place) // 12, int(place) % 12 + 1, 1).toordinal())
        if kind == "day" and self.kind == "month":
            day = dt.date.fromordinal(int(place))
            return float(day.year * 12 + day.month - 1)
        if kind == "number" and place == int(place) and EARLIEST_YEAR <= place <= LATEST_YEAR:
            year = int(place)  # a year among months or days begins with January
            return float(year * 12) if self.kind == "month" else float(dt.date(year, 1, 1).toordinal())
        return None


def text_of(series: pl.Series) -> pl.Series:
    """A time column as texts: numbers without noughts behind the point, dates as ISO."""
    if series.dtype == pl.String:
        return series.str.strip_chars()
    if series.dtype in (pl.Date, pl.Datetime):
        return series.cast(pl.Date).cast(pl.String)
    number = series.cast(pl.Float64)
    if bool(((number == number.floor()) & (number.abs() < MOST_WHOLE)).all()):  # names by the million
        return number.cast(pl.Int64).cast(pl.String)
    distinct = series.unique().drop_nulls()
    texts = [f"{float(value):.15g}" for value in distinct.to_list()]
    return series.replace_strict(distinct, texts, default=None, return_dtype=pl.String)


def axis_of(labels: pl.Series) -> PeriodAxis:
    """The axis of canonical texts, all of one kind. Raises NotATime where kinds are mixed or periods do not fit a step.

    Days that are all firsts of months are months; months three or twelve apart are quarters or years; days a multiple
    of seven apart are weeks. Numbers step by the smallest distance between two, if it divides all others.
    """
    distinct = labels.unique().drop_nulls().to_list()
    found = {label: place_of(label) for label in distinct}
    kinds = {kind for kind, _ in found.values()}
    if len(kinds) != 1 or not distinct:
        raise NotATime
    kind = kinds.pop()
    places = np.array(sorted(place for _, place in found.values()))
    if kind == "day":
        firsts = [dt.date.fromordinal(int(place)) for place in places]
        if len(places) > 1 and all(day.day == 1 for day in firsts):
            return _of_months(np.array([day.year * 12 + day.month - 1.0 for day in firsts]), days=True)
        gap = int(np.gcd.reduce(np.diff(places).astype(int))) if len(places) > 1 else 1
        step: Step = "week" if gap % 7 == 0 else "day"
        grid = _grid(places, 7.0 if step == "week" else 1.0)
        return PeriodAxis(
            tuple(dt.date.fromordinal(int(x)).isoformat() for x in grid), tuple(grid), "day", step
        )
    if kind == "month":
        return _of_months(places, days=False)
    return _of_numbers(places)


def _of_months(places: np.ndarray[tuple[int], np.dtype[np.float64]], *, days: bool) -> PeriodAxis:
    gap = int(np.gcd.reduce(np.diff(places).astype(int))) if len(places) > 1 else 1
    step: Step = "year" if gap % 12 == 0 else "quarter" if gap % 3 == 0 else "month"
    grid = _grid(places, float(MONTHS[step]))
    months = [(int(x) // 12, int(x) % 12 + 1) for x in grid]
    if days:
        labels = tuple(f"{year:04d}-{month:02d}-01" for year, month in months)
        return PeriodAxis(
            labels, tuple(float(dt.date.fromisoformat(x).toordinal()) for x in labels), "day", step
        )
    if step == "quarter" and all((month - 1) % 3 == 0 for _, month in months):
        labels = tuple(f"{year:04d}-Q{(month - 1) // 3 + 1}" for year, month in months)
    else:
        labels = tuple(f"{year:04d}-{month:02d}" for year, month in months)
    return PeriodAxis(labels, tuple(grid), "month", step)


def _of_numbers(places: np.ndarray[tuple[int], np.dtype[np.float64]]) -> PeriodAxis:
    gaps = np.diff(places)
    smallest = float(gaps.min()) if len(gaps) else 1.0
    if len(gaps) and (np.abs(gaps / smallest - np.round(gaps / smallest)) > 1e-6).any():
        raise NotATime
    years = bool(places[0] >= EARLIEST_YEAR and places[-1] <= LATEST_YEAR)
    step: Step = "year" if years and math.isclose(smallest, 1.0) and len(places) > 1 else "number"
    if years and math.isclose(smallest, 0.25):
        step = "quarter"
    if years and math.isclose(smallest, 1 / 12, abs_tol=1e-3):
        step = "month"
    grid = _grid(places, smallest)
    return PeriodAxis(tuple(f"{x:.15g}" for x in grid), tuple(grid), "number", step)


def _grid(places: np.ndarray[tuple[int], np.dtype[np.float64]], step: float) -> list[float]:
    count = round((places[-1] - places[0]) / step) + 1
    if count > MOST_PERIODS:
        raise NotATime
    # Whatever was seen keeps its own place: sums of steps would differ from it in the last bits.
    seen = {round((place - places[0]) / step): float(place) for place in places}
    return [seen.get(k, float(places[0] + k * step)) for k in range(count)]
