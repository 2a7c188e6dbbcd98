"""Identifiers: what holds for every text."""

from __future__ import annotations

import polars as pl
import pytest
import stdnum.gb.nhs
import stdnum.gb.upn
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, fault_of, nhs_number, normalise, pnc_id, upn

few = settings(max_examples=60, deadline=None, derandomize=True)
digits = st.characters(min_codepoint=48, max_codepoint=57)
nine = st.text(digits, min_size=9, max_size=9)
ten = st.text(digits, min_size=10, max_size=10)
eleven = st.text(digits, min_size=11, max_size=11)


def faults(kind: str, *values: str) -> list[str | None]:
    return fault_of(pl.Series(values, dtype=pl.String), kind).to_list()


@pytest.mark.parametrize("kind", KINDS)
@given(
    texts=st.lists(
        st.one_of(st.none(), st.text(max_size=16), st.from_regex(r"[0-9A-Z /.'-]{1,14}")), max_size=8
    )
)
@few
def test_normalising_twice_is_normalising_once(kind: str, texts: list[str | None]) -> None:
    once = normalise(pl.Series(texts, dtype=pl.String), kind)
    assert normalise(once, kind).equals(once)
    assert fault_of(once, kind).equals(fault_of(pl.Series(texts, dtype=pl.String), kind))


@given(numbers=st.lists(ten, min_size=1, max_size=20))
@few
def test_nhs_numbers_agree_with_python_stdnum_but_for_placeholders(numbers: list[str]) -> None:
    for number, fault in zip(numbers, faults("nhs-number", *numbers), strict=True):
        assert fault == "LC823" or (fault is None) == stdnum.gb.nhs.is_valid(number)


@given(body=nine, place=st.integers(0, 9), step=st.integers(1, 9))
@few
def test_any_single_wrong_digit_of_an_nhs_number_is_caught(body: str, place: int, step: int) -> None:
    try:
        number = nhs_number(body)
    except CohortError:
        assume(False)
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert faults("nhs-number", wrong) in (["LC822"], ["LC823"])


@given(body=nine, place=st.integers(0, 8))
@few
def test_neighbours_changing_places_are_caught(body: str, place: int) -> None:
    try:
        number = nhs_number(body)
    except CohortError:
        assume(False)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assume(swapped != number)
    assert faults("nhs-number", swapped) in (["LC822"], ["LC823"])


@given(body=eleven, last=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUVWXYZ"))
@few
def test_upn_letters_agree_with_python_stdnum(body: str, last: str) -> None:
    made = upn(body + last)
    assert made[0] == stdnum.gb.upn.calc_check_digit(body + last)
    assert faults("upn", made) in ([None], ["LC823"])


@given(year=st.integers(1950, 2049), serial=st.integers(1, 9_999_999), step=st.integers(1, 22))
@few
def test_pnc_ids_made_here_are_valid_and_other_letters_are_not(year: int, serial: int, step: int) -> None:
    made = pnc_id(year, serial)
    letters = "ZABCDEFGHJKLMNPQRTUVWXY"
    other = letters[(letters.index(made[-1]) + step) % 23]
    assert faults("pnc-id", made, made[2:], made.replace("/", ""), made[:-1] + other) == [
        None,
        None,
        None,
        "LC822",
    ]
