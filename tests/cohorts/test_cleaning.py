"""One column of texts to values, reasons and faults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from cohorts.partner_files.cleaning import codes_of, read_variable, trimmed, without_missing
from cohorts.partner_files.mapping import VariableColumn, VariableKind

INDEX = dt.date(2020, 6, 30)


def read(
    kind: VariableKind,
    *texts: str | None,
    missing: Mapping[str, str] | None = None,
    index: dt.date | None = INDEX,
    **more: Any,
) -> list[float | str | None]:
    """Each row as its value, label, reason or fault code: exactly one of them."""
    spec = VariableColumn("x", "x", kind, **more)
    days = pl.Series([index] * len(texts), dtype=pl.Date)
    text = trimmed(pl.Series(texts, dtype=pl.String))
    reading = read_variable(text, spec, missing or {}, "dd/mm/yyyy", days)
    rows = list(zip(reading.value, reading.label, reading.missing, reading.fault, strict=True))
    assert all(sum(item is not None for item in row) == 1 for row in rows)
    return [next(item for item in row if item is not None) for row in rows]


def test_numbers_are_plain_numbers() -> None:
    assert read("number", "1", " -2.5 ", "1e3", ".5", "+7", "1,234.5") == [1, -2.5, 1000, 0.5, 7, 1234.5]


def test_anything_else_is_not_a_number() -> None:
    texts = ("abc", "1_0", "inf", "NaN", "1e999", "0x1", "12,5", "£5", "5%", "1 2")
    assert read("number", *texts) == ["LC826"] * len(texts)


def test_bounds_include_their_ends() -> None:
    assert read("number", "-1", "0", "40", "40.1", minimum=0, maximum=40) == ["LC827", 0, 40, "LC827"]


def test_blank_is_not_recorded_and_codes_have_reasons() -> None:
    missing = {"-9": "refused", "n/k": "not known"}
    assert read("number", None, " ", "-9", "-9.0", "N/K", "3", missing=missing) == [
        "not recorded",
        "not recorded",
        "refused",
        "refused",
        "not known",
        3,
    ]


def test_the_variables_own_codes_come_before_the_sources() -> None:
    assert read(
        "number",
        "-9",
        "-8",
        "-7",
        missing={"-9": "refused", "-8": "refused"},
        recode={"-8": -1.0, "-7": "not asked"},
    ) == ["refused", -1, "not asked"]
    own = VariableColumn("x", "x", "number", missing={"-9": "not shared"})
    reading = read_variable(pl.Series(["-9"]), own, {"-9": "refused"}, "dd/mm/yyyy", pl.Series([INDEX]))
    assert reading.missing.to_list() == ["not shared"]


def test_yes_and_no_are_binary_and_the_rest_needs_a_recode() -> None:
    assert read("binary", "Yes", "NO", "1", "0.0", "y", "false", "maybe", "2") == [
        1,
        0,
        1,
        0,
        1,
        0,
        "LC828",
        "LC828",
    ]
    assert read("binary", "Given", "gone", recode={"given": 1.0, "gone": "not applicable"}) == [
        1,
        "not applicable",
    ]


def test_categories_are_taken_as_they_stand_unless_listed() -> None:
    assert read("category", "North", " South ") == ["North", "South"]
    assert read("category", "north", "N", "West", codes=("North", "South"), recode={"n": "North"}) == [
        "North",
        "North",
        "LC829",
    ]


def test_dates_are_days_since_1970() -> None:
    assert read("date", "1/1/1970", "2/1/1971", "31/6/1970", "1/1/1800") == [0, 366, "LC824", "LC825"]


def test_ages_are_counted_at_the_index_date() -> None:
    assert read("age", "30/6/2000", "1/7/2000", "1/7/2020", "x") == [20, 19, "LC836", "LC824"]
    assert read("age-months", "30/5/2020", "1/6/2020", maximum=0) == ["LC827", 0]


def test_an_age_without_an_index_date_is_not_recorded() -> None:
    assert read("age", "30/6/2000", "x", None, index=None) == ["not recorded", "LC824", "not recorded"]


def test_codes_are_compared_as_the_mapping_compares_them() -> None:
    assert codes_of(pl.Series([" N/K ", "1.0", "-9.00", "1.5"])).to_list() == ["n/k", "1", "-9", "1.5"]


def test_missing_codes_are_taken_out_of_identifiers_and_dates() -> None:
    assert without_missing(pl.Series(["N/K", "a", None]), {"n/k": "not known"}).to_list() == [None, "a", None]
