"""Rows read one by one, before anybody knows who is who, and put together again from their parts."""

from __future__ import annotations

import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.gathering import Gathered, gather
from cohorts.partner_files.mapping import IdentifierColumn
from cohorts.partner_files.reading import read_part
from cohorts.partner_files.source_file import read_mapping
from cohorts.pseudonyms import PseudonymKey, tokenise
from workspace.toml_source import parse_toml

MAPPING = read_mapping(
    parse_toml(
        """
[source]
id = "a"
title = "A"
cohort = "c"
ignore = ["note"]
wave_column = "visit"
waves = { "1" = "first" }
[[identifier]]
column = "id"
kind = "local-id"
[[variable]]
column = "x"
name = "x"
kind = "number"
[[variable]]
column = "area"
name = "area"
kind = "category"
""",
        "a.toml",
        CohortError,
    )
)
RAW = RawTable(
    pl.DataFrame(
        {
            "id": ["1", "2", None, " 1 ", "N/A", None, "3", " 1"],
            "visit": ["1", "2", " ", "1.0", "1", None, "1", "1"],
            "x": ["3", "4", None, "3", "y", None, "5", "3"],
            "area": ["s", "n", "", "s ", "w", None, "n", "s"],
            "note": [None, "a", "  ", None, "b", "c", "d", "e"],
        }
    ),
    "a.csv",
    "csv",
)
WHOLE = 100


def tokens_of(values: pl.Series, spec: IdentifierColumn) -> pl.Series:
    return tokenise(values, spec.kind, PseudonymKey("k", b"k" * 32), "demo-1")


def gathered(rows: int, raw: RawTable = RAW) -> Gathered:
    parts, first = [], 0
    for frame in raw.parts(rows):
        parts.append(read_part(frame, first, MAPPING))
        first += frame.height
    return gather(parts, MAPPING, tokens_of, raw.name)


@pytest.mark.parametrize("size", [1, 2, 3, WHOLE])
def test_blank_and_repeated_rows_are_dropped_and_the_others_keep_their_numbers(size: int) -> None:
    found = gathered(size)
    assert found.height == 8
    assert found.rows.cells["row"].to_list() == [0, 1, 3, 4, 5, 6]
    warned = [(mark.code, mark.rows.to_list()) for mark in found.warnings]
    assert warned == [("LC837", [2]), ("LC834", [5, 7])]  # row 5 says nothing that is read, like row 2


@pytest.mark.parametrize("size", [1, 2, 3, WHOLE])
def test_every_row_gets_its_token_wave_and_faults(size: int) -> None:
    found = gathered(size)
    cells, tokens = found.rows.cells, found.rows.tokens["local-id"]
    assert tokens.to_list() == sorted(tokens)
    assert tokens.len() == 3
    one, two, again, none, nobody, three = cells["local-id"]
    assert one == again
    assert {one, two, three} == {0, 1, 2}
    assert none is None
    assert nobody is None
    assert cells["wave"].to_list() == [1, None, 1, 1, None, 1]  # "" is the place 0
    assert cells["v0"].to_list() == [3.0, 4.0, 3.0, None, None, 5.0]
    areas = found.rows.labels["area"].gather(cells["v1"].cast(pl.UInt32)).to_list()
    assert areas == ["s", "n", "s", "w", None, "n"]
    marks = [(mark.code, mark.column, mark.rows.to_list()) for mark in found.marks if mark.rows.len()]
    assert marks == [
        ("LC820", "id", [5]),
        ("LC823", "id", [4]),
        ("LC830", "visit", [1, 5]),
        ("LC826", "x", [4]),
    ]


def test_rows_are_kept_in_step() -> None:
    kept = gathered(WHOLE).rows.keep(pl.Series([False, True, True, False, False, False]))
    assert kept.cells["row"].to_list() == [1, 3]
    assert kept.cells["v0"].to_list() == [4.0, 3.0]
    assert kept.without(pl.Series([3], dtype=pl.UInt32)).cells["row"].to_list() == [1]


def test_a_table_of_blank_rows_is_refused() -> None:
    blank = RawTable(pl.DataFrame({heading: [None, " "] for heading in RAW.columns}), "a.csv", "csv")
    with pytest.raises(CohortError, match="LC812"):
        gathered(1, blank)
