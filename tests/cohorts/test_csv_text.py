"""Encodings, separators, and rows that do not fit the heading."""

from __future__ import annotations

import pytest

from cohorts.errors import CohortError
from cohorts.partner_files.csv_text import decode, read_csv_text

POUND = "name,fee\nRenée,£5\n"


@pytest.mark.parametrize(
    ("data", "used"),
    [
        (POUND.encode("utf-8"), "utf-8"),
        (POUND.encode("utf-8-sig"), "utf-8"),
        (POUND.encode("cp1252"), "cp1252"),
        (POUND.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + POUND.encode("utf-16-be"), "utf-16"),
    ],
)
def test_the_encoding_is_found_and_named(data: bytes, used: str) -> None:
    assert decode(data, "auto", "a.csv") == (POUND, used)


def test_a_declared_encoding_is_kept_to() -> None:
    assert decode("£".encode("cp1252"), "cp1252", "a.csv") == ("£", "cp1252")
    with pytest.raises(CohortError, match="LC813"):
        decode("£".encode("cp1252"), "utf-8", "a.csv")


@pytest.mark.parametrize("data", [b"a,b\n1,\x002\n", b"\x81\x8d\x8f", b"\xff\xfea"])
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(CohortError, match="LC813"):
        decode(data, "auto", "a.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_of_the_heading(separator: str) -> None:
    frame, headings = read_csv_text(f'a{separator}"b, c; d"\n1{separator}2\n', "a.csv")
    assert headings == ["a", "b, c; d"]
    assert frame.rows() == [("1", "2")]


def test_all_line_endings_and_embedded_newlines_are_read() -> None:
    assert read_csv_text('a,b\r\n1,"x\r\ny"\r\n2,z\r\n', "a.csv")[0].rows() == [("1", "x\r\ny"), ("2", "z")]
    text, _ = decode(b"a,b\r1,2\r", "auto", "a.csv")
    assert read_csv_text(text, "a.csv")[0].rows() == [("1", "2")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,2\n3\n4,5\n", "line 3 has 1 cells, the heading has 2"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 cells, the heading has 2"),
        ('a,b\n1,"x\ny"\n3,4,5\n', "line 4 has 3 cells, the heading has 2"),
        ("a,b\n1,2\n,,\n", "line 3 has 3 cells, the heading has 2"),
        ('a,b\n1,2\n3,"secret\n4,5\n', "after line 2: a quotation mark"),
        ('a,b\n1,2\n3,"secret"x\n', "after line 2: a quotation mark"),
        ('"a,b\n1,2\n', "line 1: the quotation marks"),
    ],
)
def test_a_ragged_row_is_named_by_its_line_and_not_quoted(text: str, line: str) -> None:
    with pytest.raises(CohortError) as caught:
        read_csv_text(text, "a.csv")
    assert caught.value.code == "LC814"
    assert line in str(caught.value)
    assert "secret" not in str(caught.value)


def test_blank_lines_keep_their_place_and_empty_last_cells_are_no_short_rows() -> None:
    assert read_csv_text("a,b\n1,\n\n,\n2,3\n", "a.csv")[0].rows() == [
        ("1", None),
        (None, None),
        (None, None),
        ("2", "3"),
    ]


def test_a_blank_first_line_is_no_heading() -> None:
    with pytest.raises(CohortError, match="LC815"):
        read_csv_text("\na,b\n1,2\n", "a.csv")
