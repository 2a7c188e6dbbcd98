"""Derived agreement variables, hand-checked, and their tokens."""

from __future__ import annotations

import datetime as dt
import os

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.linking.derived import DERIVED, derive, opaque, plain_name, soundex
from cohorts.linking.side import LinkSide, make_side


def named(forename: str = "", surname: str = "") -> dict[str, str | None]:
    frame = pl.DataFrame({"forename": [forename or None], "surname": [surname or None]})
    return derive(frame).row(0, named=True)


def plain(text: str) -> str | None:
    found: str | None = pl.DataFrame({"n": [text]}).select(plain_name(pl.col("n")))["n"][0]
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("  Mr. O'BRIEN ", "obrien"),
        ("José", "jose"),
        ("Łukasz", "lukasz"),
        ("Müller-Groß", "muller gross"),
        ("Dr Smith", "smith"),
        ("Drew", "drew"),
        ("N/K", "n k"),
        ("unknown", None),
        ("Baby", None),
        ("--", None),
        ("O’Neill", "oneill"),
    ],
)
def test_names_are_written_plainly(written: str, expected: str | None) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("robert", "r163"), ("rupert", "r163"), ("ashcraft", "a261"), ("tymczak", "t522"), ("pfister", "p236"),
        ("honeyman", "h555"), ("lee", "l000"), ("jackson", "j250"), ("vandeusen", "v532"),
    ],
)  # fmt: skip
def test_soundex_agrees_with_the_national_archives(name: str, code: str) -> None:
    assert pl.DataFrame({"n": [name]}).select(soundex(pl.col("n")))["n"][0] == code


def test_a_nickname_and_its_name_meet_at_the_root() -> None:
    assert named("Bob")["fn_root"] == named("Robert")["fn_root"] == "robert"
    assert named("Bob")["fn"] == "bob"


def test_a_short_form_of_two_names_meets_both() -> None:
    found = named("Alex")
    assert {found["fn_root"], found["fn_alt"]} == {"alexander", "alexandra"}
    assert named("Alexandra")["fn_root"] == "alexandra"


def test_an_initial_is_no_forename() -> None:
    found = named("J.")
    assert found["fn"] is None
    assert found["fn_1"] == "j"


def test_a_double_barrelled_surname_has_two_halves_and_a_whole() -> None:
    found = named(surname="Smith-Jones")
    assert (found["sn"], found["sn_a"], found["sn_b"]) == ("smithjones", "smith", "jones")
    assert named(surname="Smith Jones")["sn"] == "smithjones"


def test_particles_belong_to_the_name_after_them() -> None:
    assert named(surname="Mc Donald")["sn_b"] == "mcdonald"
    assert named(surname="O'Brien")["sn"] == named(surname="O Brien")["sn"] == "obrien"


def test_a_birth_date_falls_into_parts_and_a_swapped_one() -> None:
    row = derive(pl.DataFrame({"date-of-birth": [dt.date(2001, 3, 4)]})).row(0, named=True)
    assert row["dob"] == "2001-03-04"
    assert row["dob_sw"] == "2001-04-03"
    assert (row["dob_ym"], row["dob_yd"], row["dob_md"]) == ("2001-03", "2001/04", "03-04")


def test_a_day_after_the_twelfth_cannot_be_swapped_and_a_placeholder_is_no_birth_date() -> None:
    found = derive(pl.DataFrame({"date-of-birth": [dt.date(2001, 3, 14), dt.date(1900, 1, 1)]}))
    assert found["dob_sw"].to_list() == [None, None]
    assert found["dob"].to_list() == ["2001-03-14", None]


def test_a_postcode_falls_into_sector_and_district() -> None:
    found = derive(pl.DataFrame({"postcode": ["m1 1ae", "EC1A1BB", "L8", "ZZ99 3VZ", "nonsense"]}))
    assert found["pc"].to_list() == ["M11AE", "EC1A1BB", None, None, None]
    assert found["pc_sector"].to_list() == ["M1 1", "EC1A 1", None, None, None]
    assert found["pc_district"].to_list() == ["M1", "EC1A", "L8", None, None]


def test_sex_is_read_from_words_and_codes() -> None:
    assert derive(pl.DataFrame({"sex": ["Female", "m", "2", "X"]}))["sex"].to_list() == ["f", "m", "f", None]


def test_tokens_are_the_same_within_a_run_and_others_in_the_next() -> None:
    people = derive(pl.DataFrame({"forename": ["Ann", "Ann"], "surname": ["Lee", None]}))
    one, other = os.urandom(32), os.urandom(32)
    first = opaque(people, one)
    assert first.schema == dict.fromkeys(DERIVED, pl.UInt64)
    assert first["fn"][0] == first["fn"][1]
    assert first["sn"][1] is None
    assert opaque(people, other)["fn"][0] != first["fn"][0]
    assert first["sn"][0] == first["sn_a"][0]
    assert first["fn"][0] != first["sn"][0]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        opaque(derive(pl.DataFrame({"forename": ["Ann"]})), b"short")


def test_a_side_that_holds_names_cannot_be_built() -> None:
    people = derive(pl.DataFrame({"forename": ["Ann"]})).with_columns(person=pl.lit(1))
    with pytest.raises(ValueError, match="not opaque"):
        LinkSide(people)


def test_a_side_shows_nothing_of_its_people() -> None:
    side = make_side(pl.DataFrame({"forename": ["Quilbrax"]}), os.urandom(32), pl.Series([7]))
    assert "uilbrax" not in repr(side)
    assert "fn" not in repr(side)


@settings(deadline=None)
@given(st.lists(st.text(max_size=12) | st.none(), max_size=8))
def test_any_text_can_be_derived_and_the_order_of_rows_stays(texts: list[str | None]) -> None:
    frame = pl.DataFrame(
        {"forename": texts, "surname": texts}, schema={"forename": pl.String, "surname": pl.String}
    )
    found = derive(frame)
    assert found.height == frame.height
    for row, text in zip(found.iter_rows(named=True), texts, strict=True):
        alone = derive(pl.DataFrame({"forename": [text], "surname": [text]}, schema=frame.schema))
        assert alone.row(0, named=True) == row
