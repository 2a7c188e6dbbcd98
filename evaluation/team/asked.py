"""The period that a report is asked for (pure)."""

from __future__ import annotations

import datetime as dt

from evaluation.errors import EvaluationError
from theory_of_change.tracking.periods import FORMS, YEARS, Period, read_period
from workspace.errors import did_you_mean


def quarter_of(text: str, day: dt.date) -> Period:
    """A quarter that has begun; LC725 and LC726 where it is none."""
    found = read_period(text)
    if found is None or found.months != 3 or (found.first.month - 1) % 3:
        raise EvaluationError("LC725", f"'{text}' is no quarter", "Write it like 2026-Q3.")
    return _begun(found, day)


def year_of(text: str, years: str, day: dt.date) -> Period:
    """A year that has begun; ``2025/26`` is a financial or a school year."""
    if years not in YEARS:
        near = did_you_mean(years, YEARS)
        raise EvaluationError("LC725", f"'{years}' is no kind of year.{near}", f"One of {', '.join(YEARS)}.")
    found = read_period(text) or read_period(text, years)
    if found is None or found.months != 12:
        raise EvaluationError("LC725", f"'{text}' is no year", "Write it like 2026, or 2025/26.")
    return _begun(found, day)


def period_of(text: str, day: dt.date) -> Period:
    """Any period that has begun; ``2025/26`` is a financial year."""
    found = read_period(text) or read_period(text, "financial")
    if found is None:
        raise EvaluationError("LC725", f"'{text}' is no period", f"Write it like {FORMS}.")
    return _begun(found, day)


def _begun(period: Period, day: dt.date) -> Period:
    if period.first > day:
        raise EvaluationError("LC726", f"{period.text} had not begun on {day}", "Name a period that has.")
    return period
