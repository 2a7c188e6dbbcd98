"""Periods as partners write them, as they are kept, and the days they have."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.areas.periods import (
    FORMS,
    Step,
    day_of,
    first_days,
    is_period,
    last_days,
    period_of,
    read_periods,
)

WRITTEN: list[tuple[Step, str, str, str]] = [
    ("day", "date", "03/04/2024", "2024-04-03"),
    ("week", "date", "01/04/2024", "2024-04-01"),
    ("week", "yyyy-Www", "2024-W01", "2024-01-01"),
    ("week", "yyyy-Www", "2020w53", "2020-12-28"),
    ("month", "yyyy-mm", "2024-4", "2024-04"),
    ("month", "mm/yyyy", "4/2024", "2024-04"),
    ("month", "mon yyyy", "April 2024", "2024-04"),
    ("month", "mon yyyy", "Sept-2024", "2024-09"),
    ("month", "date", "17/04/2024", "2024-04"),
    ("month", "yyyy-mm", "2024-04-01 00:00:00", "2024-04"),
    ("quarter", "yyyy-Qn", "2024 Q2", "2024-Q2"),
    ("quarter", "date", "17/05/2024", "2024-Q2"),
    ("year", "yyyy", "2024", "2024"),
    ("year", "yyyy/yy", "2023/24", "2023"),
    ("year", "yyyy/yy", "1999-2000", "1999"),
]


@pytest.mark.parametrize(("step", "form", "text", "expected"), WRITTEN)
def test_a_period_is_read_in_the_form_declared(step: Step, form: str, text: str, expected: str) -> None:
    found, bad = read_periods(pl.Series([text, None]), step, form, "dd/mm/yyyy")
    assert found.to_list() == [expected, None]
    assert bad.to_list() == [False, False]
    assert is_period(expected, step)


@pytest.mark.parametrize(
    ("step", "form", "text"),
    [
        ("month", "yyyy-mm", "04/2024"),
        ("month", "yyyy-mm", "2024-13"),
        ("month", "mm/yyyy", "0/2024"),
        ("month", "mon yyyy", "Prairial 2024"),
        ("quarter", "yyyy-Qn", "2024-Q5"),
        ("week", "yyyy-Www", "2023-W53"),
        ("year", "yyyy/yy", "2023/25"),
        ("year", "yyyy", "24"),
        ("day", "date", "31/02/2024"),
    ],
)
def test_what_is_written_otherwise_is_a_fault_and_not_guessed(step: Step, form: str, text: str) -> None:
    found, bad = read_periods(pl.Series([text]), step, form, "dd/mm/yyyy")
    assert (found.to_list(), bad.to_list()) == ([None], [True])


def test_a_financial_year_has_its_own_days() -> None:
    years = pl.Series(["2023"])
    assert first_days(years, "year", 4).to_list() == [dt.date(2023, 4, 1)]
    assert last_days(years, "year", 4).to_list() == [dt.date(2024, 3, 31)]
    days = pl.Series([dt.date(2024, 3, 31), dt.date(2024, 4, 1)])
    assert period_of(days, "year", 4).to_list() == ["2023", "2024"]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31)), st.sampled_from(list(FORMS)), st.integers(1, 12))
def test_a_day_lies_between_the_first_and_the_last_day_of_its_period(
    day: dt.date, step: Step, starts: int
) -> None:
    starts = starts if step == "year" else 1
    period = period_of(pl.Series([day]), step, starts)
    first, last = (f(period, step, starts)[0] for f in (first_days, last_days))
    assert first <= day <= last
    assert is_period(period[0], step)


@given(
    st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31)), min_size=2), st.sampled_from(list(FORMS))
)
def test_periods_of_one_step_sort_as_their_days_do(days: list[dt.date], step: Step) -> None:
    ordered = period_of(pl.Series(sorted(days)), step).to_list()
    assert ordered == sorted(ordered)


def test_a_plan_may_name_a_period_of_any_step() -> None:
    assert day_of("2024") == dt.date(2024, 1, 1)
    assert day_of("2024-Q3") == dt.date(2024, 7, 1)
    assert day_of("2024-05") == dt.date(2024, 5, 1)
    assert day_of("2024-05-06") == dt.date(2024, 5, 6)
    assert day_of("2024-02-31") is None
    assert day_of("t1") is None
