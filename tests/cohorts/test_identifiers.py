"""Canonical forms and faults of identifiers, by small hand-checked lists."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, fault_of, nhs_number, normalise, pnc_id, upn


def normal(kind: str, *values: str | None) -> list[str | None]:
    return normalise(pl.Series(values, dtype=pl.String), kind).to_list()


def faults(kind: str, *values: str | None) -> list[str | None]:
    return fault_of(pl.Series(values, dtype=pl.String), kind).to_list()


def test_an_nhs_number_is_ten_digits_however_it_was_typed() -> None:
    written = (
        "943 476 5919",
        "943-476-5919",
        " 9434765919 ",
        "9434765919.0",
        "'9434765919",
        "9.434765919E+09",
    )
    assert normal("nhs-number", *written) == ["9434765919"] * 6


def test_a_number_excel_has_rounded_is_not_repaired() -> None:
    assert faults("nhs-number", "9.43477E+09") == ["LC821"]


def test_a_lost_leading_zero_is_not_invented() -> None:
    assert faults("nhs-number", "943476591") == ["LC821"]


def test_nhs_numbers_are_checked_by_modulus_11() -> None:
    assert faults("nhs-number", "9434765919", "9434765918", "4010232137", "9434675919") == [
        None,
        "LC822",
        None,
        "LC822",
    ]


def test_a_number_whose_check_would_be_ten_is_never_valid() -> None:
    body = next(str(body) for body in range(400000000, 400000100) if check_of(str(body)) == 10)
    assert set(faults("nhs-number", *(f"{body}{digit}" for digit in range(10)))) == {"LC822"}


def check_of(body: str) -> int:
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11) % 11


def test_repeated_digits_pass_modulus_11_and_are_still_placeholders() -> None:
    assert set(faults("nhs-number", *(str(digit) * 10 for digit in range(10)))) == {"LC823"}
    assert faults("nhs-number", "1234567890", "0123456789") == ["LC823", "LC823"]


def test_blanks_are_missing() -> None:
    assert faults("nhs-number", None, "", "  ", "\u00a0") == ["LC820"] * 4


def test_both_forms_of_a_pnc_id_are_one() -> None:
    written = (
        "2003/0011985X",
        "03/0011985X",
        "20030011985X",
        "030011985X",
        "2003/11985x",
        " 2003 / 0011985 X",
    )
    assert normal("pnc-id", *written) == ["03/0011985X"] * 6


def test_pnc_ids_seen_in_open_government_tests_are_valid() -> None:
    assert faults("pnc-id", "20030011985X", "2008/0056560Z", "1979/0163001B") == [None] * 3


def test_a_wrong_pnc_letter_and_a_wrong_form_are_told_apart() -> None:
    assert faults(
        "pnc-id", "2003/0011985Y", "2003/0011985I", "2003-0011985", "1803/0011985X", "03/0000000Z"
    ) == [
        "LC822",
        "LC822",
        "LC821",
        "LC821",
        "LC823",
    ]


def test_permanent_and_temporary_upns_are_checked_by_their_letter() -> None:
    assert faults("upn", "B801200005001", "a801200005001", "M80120000500A", "E80120000500A") == [
        None,
        "LC822",
        None,
        "LC822",
    ]


def test_a_upn_has_no_letter_i_o_or_s() -> None:
    assert faults("upn", "I801200005001", "B80120000500S", "B80120000A001", "B80120000500") == ["LC821"] * 4


def test_prison_numbers_and_crns_have_a_form_and_no_check() -> None:
    assert faults("prison-number", "A1234BC", "a1234bc", "A12345C", "A0000AA") == [
        None,
        None,
        "LC821",
        "LC823",
    ]
    assert faults("crn", "X123456", "X12345", "1234567", "X000000") == [None, "LC821", "LC821", "LC823"]


def test_local_ids_keep_leading_zeros_hyphens_and_slashes() -> None:
    assert normal("local-id", " 0017 ", "ab-1/2", "17.0") == ["0017", "AB-1/2", "17"]
    assert faults("local-id", "0017", "AB-1/2.x_3", "x" * 41, "a+b", "é1") == [
        None,
        None,
        "LC821",
        "LC821",
        "LC821",
    ]


@pytest.mark.parametrize("word", ["N/A", "n/k", "unknown", "None", "0000", "-", "999999", "TBC"])
def test_words_for_not_known_are_not_local_ids(word: str) -> None:
    assert faults("local-id", word) == ["LC823"]


def test_made_up_identifiers_are_valid() -> None:
    made = {
        "nhs-number": [nhs_number("999000001"), nhs_number("943476591")],
        "upn": [upn("801200005001"), upn("80120000500A")],
        "pnc-id": [pnc_id(2003, 11985), pnc_id(1999, 9999999)],
    }
    for kind, values in made.items():
        assert faults(kind, *values) == [None, None]


def test_impossible_bodies_are_refused_without_being_quoted() -> None:
    makers: list[Callable[[], str]] = [
        lambda: nhs_number("12345"),
        lambda: upn("80120000500S"),
        lambda: pnc_id(1800, 12345),
    ]
    for make in makers:
        with pytest.raises(CohortError) as caught:
            make()
        assert caught.value.code == "LC821"
        assert "12345" not in str(caught.value)
    with pytest.raises(CohortError, match="LC822"):
        nhs_number(next(str(body) for body in range(400000000, 400000100) if check_of(str(body)) == 10))


@pytest.mark.parametrize("kind", KINDS)
def test_empty_columns_are_read(kind: str) -> None:
    assert normal(kind) == []
    assert faults(kind) == []
    assert faults(kind, None) == ["LC820"]
