"""Dates in one declared form."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cohorts.partner_files.dates import DateForm, age_in_months, age_in_years, parse_dates


def read(form: DateForm, *texts: str | None) -> list[dt.date | str | None]:
    dates, faults = parse_dates(pl.Series(texts, dtype=pl.String), form)
    return [fault or date for date, fault in zip(dates, faults, strict=True)]


def test_days_and_months_may_have_one_digit() -> None:
    assert read("dd/mm/yyyy", "3/4/2019", "03/04/2019") == [dt.date(2019, 4, 3)] * 2


def test_a_two_digit_year_is_never_the_first_century() -> None:
    assert read("dd/mm/yyyy", "1/2/19", "1/2/29", "1/2/30", "01/02/00") == [
        dt.date(2019, 2, 1),
        dt.date(2029, 2, 1),
        dt.date(1930, 2, 1),
        dt.date(2000, 2, 1),
    ]


def test_impossible_days_are_refused() -> None:
    assert read("dd/mm/yyyy", "31/06/2020", "29/02/2021", "29/02/2020", "0/1/2020", "1/13/2020") == [
        "LC824",
        "LC824",
        dt.date(2020, 2, 29),
        "LC824",
        "LC824",
    ]


def test_the_other_form_is_refused_not_guessed() -> None:
    assert read("dd/mm/yyyy", "2019-04-03") == ["LC824"]
    assert read("yyyy-mm-dd", "03/04/2019") == ["LC824"]


@pytest.mark.parametrize(
    "text", ["04/13/2019", "3 April 2019", "45352", "3/4", "3/4/019", "3.4.2019", "٣/4/2019"]
)
def test_anything_else_is_refused(text: str) -> None:
    assert read("dd/mm/yyyy", text) == ["LC824"]


def test_years_outside_1900_to_2100_are_refused() -> None:
    assert read("dd/mm/yyyy", "1/1/1899", "1/1/1900", "31/12/2100", "1/1/2101", "01/02/0019") == [
        "LC825",
        dt.date(1900, 1, 1),
        dt.date(2100, 12, 31),
        "LC825",
        "LC825",
    ]


def test_date_cells_of_a_workbook_are_read_under_either_form() -> None:
    for form in ("dd/mm/yyyy", "yyyy-mm-dd"):
        assert read(form, "2024-03-01 00:00:00", "2024-02-30 00:00:00") == [dt.date(2024, 3, 1), "LC824"]


def test_a_time_after_the_date_is_passed_over() -> None:
    assert read("dd/mm/yyyy", "3/4/2019 00:00") == [dt.date(2019, 4, 3)]
    assert read("yyyy-mm-dd", "2019-04-03T10:15:00") == [dt.date(2019, 4, 3)]


def test_nothing_is_no_date_and_no_fault() -> None:
    assert read("dd/mm/yyyy", None) == [None]
    assert read("dd/mm/yyyy") == []


def test_ages_are_completed_years_and_months() -> None:
    frame = pl.DataFrame(
        {
            "birth": [dt.date(2000, 3, 15)] * 3 + [dt.date(2004, 2, 29)] * 2 + [dt.date(2020, 1, 2)],
            "day": [
                dt.date(2018, 3, 14),
                dt.date(2018, 3, 15),
                dt.date(2000, 4, 14),
                dt.date(2005, 2, 28),
                dt.date(2005, 3, 1),
                dt.date(2020, 1, 1),
            ],
        }
    )
    ages = frame.select(
        age_in_years(pl.col("birth"), pl.col("day")).alias("years"),
        age_in_months(pl.col("birth"), pl.col("day")).alias("months"),
    )
    assert ages["years"].to_list() == [17, 18, 0, 0, 1, -1]
    assert ages["months"].to_list() == [215, 216, 0, 11, 12, -1]
