"""Clocks of rights requests, worked out by hand from a calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.rights import Request, clock_of, expanded
from workspace.days import months_later

DAY = dt.date


def request(**changes: object) -> Request:
    facts: dict[str, object] = {
        "request_id": "RGT-001", "kind": "erasure", "scope": "all", "clock_started": DAY(2026, 1, 31),
        "complex": False, "paused_from": None, "paused_days": 0, "decision": "", "exemption": "", "decided_on": None,
    }  # fmt: skip
    return Request(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (DAY(2026, 1, 31), 1, DAY(2026, 2, 28)),
        (DAY(2024, 1, 31), 1, DAY(2024, 2, 29)),
        (DAY(2026, 11, 15), 3, DAY(2027, 2, 15)),
        (DAY(2026, 12, 31), 1, DAY(2027, 1, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day: DAY, months: int, later: DAY) -> None:
    assert months_later(day, months) == later


def test_one_month_is_given_and_three_where_it_is_complex() -> None:
    assert clock_of(request(), DAY(2026, 2, 1)).due == DAY(2026, 2, 28)
    assert clock_of(request(complex=True), DAY(2026, 2, 1)).due == DAY(2026, 4, 30)


def test_a_clock_runs_out() -> None:
    assert clock_of(request(), DAY(2026, 2, 27)).state == "open"
    assert clock_of(request(), DAY(2026, 2, 28)).days_left == 0
    late = clock_of(request(), DAY(2026, 3, 3))
    assert (late.state, late.days_left) == ("overdue", -3)


def test_no_time_passes_while_one_has_to_ask_back() -> None:
    paused = request(paused_from=DAY(2026, 2, 10), paused_days=4)
    assert clock_of(paused, DAY(2026, 3, 10)) == clock_of(paused, DAY(2026, 3, 10))
    on = clock_of(paused, DAY(2026, 3, 10))
    assert (on.state, on.due) == ("paused", DAY(2026, 4, 1))  # 28 February, 4 and 28 days more
    assert clock_of(paused, DAY(2026, 5, 10)).days_left == on.days_left


def test_an_answered_request_keeps_whether_it_was_late() -> None:
    assert clock_of(request(decided_on=DAY(2026, 2, 28)), DAY(2030, 1, 1)).state == "answered"
    assert clock_of(request(decided_on=DAY(2026, 3, 1)), DAY(2030, 1, 1)).state == "answered late"


@given(st.dates(DAY(1990, 1, 1), DAY(2080, 1, 1)), st.integers(1, 12))
def test_a_month_later_is_always_later_and_never_two_months(day: DAY, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


def test_all_and_a_restriction_stop_everything() -> None:
    assert (
        set(expanded("all")) == set(expanded("use", "restriction")) == {"future-collection", "linkage", "use"}
    )
    assert expanded("linkage") == ("linkage",)
    assert expanded("use", "objection") == ("use",)
