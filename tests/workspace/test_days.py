"""Days are counted to the ends of the calendar and not beyond."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.agreements.agreement import starter_agreement
from cohorts.rights import Request, clock_of
from theory_of_change.delivery.model import Project
from theory_of_change.obligations.model import Done, Obligation, Register
from theory_of_change.returns.owed import last_quarter, owed_returns
from theory_of_change.tracking.due import next_period
from theory_of_change.tracking.periods import Period
from workspace.days import FIRST, LAST, days_after, month_end, months_later


@given(st.dates(), st.integers(-5_000_000, 5_000_000), st.integers(-150_000, 150_000))
def test_no_distance_leaves_the_calendar_and_none_goes_the_wrong_way(
    day: dt.date, days: int, months: int
) -> None:
    for moved, by in ((days_after(day, days), days), (months_later(day, months), months)):
        assert FIRST <= moved <= LAST
        assert (moved >= day) if by > 0 else (moved <= day)
    assert month_end(day, months) >= months_later(day, months)


@pytest.mark.parametrize(
    ("day", "months", "later", "end"),
    [
        (dt.date(2024, 1, 31), 1, dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        (dt.date(2024, 1, 15), -1, dt.date(2023, 12, 15), dt.date(2023, 12, 31)),
        (dt.date(9999, 11, 30), 1, dt.date(9999, 12, 30), LAST),
        (dt.date(9999, 12, 5), 1, LAST, LAST),
        (dt.date(1, 2, 3), -2, FIRST, dt.date(1, 1, 31)),
    ],
)
def test_months_are_counted_along_the_calendar(
    day: dt.date, months: int, later: dt.date, end: dt.date
) -> None:
    assert (months_later(day, months), month_end(day, months)) == (later, end)


@pytest.mark.parametrize("today", [FIRST, dt.date(1, 5, 5), dt.date(9999, 10, 1), LAST])
def test_what_is_due_near_the_ends_of_the_calendar_is_told(today: dt.date) -> None:
    project = Project("PRJ-001", name="Aid", state="awarded", starts="0001-01-01", ends="9999-12-31")
    assert all(owed.due <= LAST for owed in owed_returns([project], today))
    assert last_quarter(today).last <= max(today, dt.date(1, 3, 31))
    request = Request("REQ-1", "access", "all", today, True, today, 40, "", "", None)
    assert clock_of(request, today).due <= LAST
    assert "expires = " in starter_agreement("a", "A", [], [], today)


def test_a_duty_that_is_done_on_the_last_day_of_the_calendar_does_not_come_back() -> None:
    yearly = Obligation("OBL-001", "Return", "Law", LAST, every="year", owner="lead")
    assert Register((yearly,)).next_due(yearly) == LAST
    assert Register((yearly,), (Done("OBL-001", LAST, LAST, "lead"),)).next_due(yearly) is None


def test_a_period_that_ends_with_the_calendar_has_its_months_and_is_followed_by_its_last_day() -> None:
    last = Period(dt.date(9999, 10, 1), LAST)
    assert (last.months, last.text) == (3, "9999-Q4")
    assert next_period(last) == Period(LAST, LAST)
