"""Rows read one by one, before anybody knows who is who."""

from __future__ import annotations

import polars as pl

from cohorts.errors import CohortError
from cohorts.extracts import RawTable
from cohorts.pseudonyms import PseudonymKey
from cohorts.reading import distinct_rows, read_rows
from cohorts.source_file import read_mapping
from workspace.toml_source import parse_toml

MAPPING = read_mapping(
    parse_toml(
        """
[source]
id = "a"
title = "A"
cohort = "c"
wave_column = "visit"
waves = { "1" = "first" }
[[identifier]]
column = "id"
kind = "local-id"
[[variable]]
column = "x"
name = "x"
kind = "number"
""",
        "a.toml",
        CohortError,
    )
)
KEY = PseudonymKey("k", b"k" * 32)
RAW = RawTable(
    pl.DataFrame(
        {
            "id": ["1", "2", None, " 1 ", "N/A"],
            "visit": ["1", "2", " ", "1.0", "1"],
            "x": ["3", "4", None, "3", "y"],
        }
    ),
    "a.csv",
    "csv",
)


def test_blank_rows_are_dropped_and_the_others_keep_their_numbers() -> None:
    cells, numbers, marks = distinct_rows(RAW, MAPPING)
    assert numbers.to_list() == [0, 1, 3, 4]
    assert cells["id"].to_list() == ["1", "2", "1", "N/A"]
    assert [(mark.code, mark.rows.to_list()) for mark in marks] == [("LC837", [2]), ("LC834", [])]


def test_every_row_gets_its_token_wave_and_faults() -> None:
    cells, numbers, _ = distinct_rows(RAW, MAPPING)
    rows = read_rows(cells, numbers, MAPPING, KEY, "demo-1")
    tokens = rows.tokens["local-id"]
    assert tokens[0] == tokens[2] != tokens[1]
    assert tokens[3] is None
    assert rows.waves.to_list() == ["first", None, "first", "first"]
    found = [(mark.code, mark.column, mark.rows.to_list()) for mark in rows.marks if mark.rows.len()]
    assert found == [("LC823", "id", [4]), ("LC830", "visit", [1]), ("LC826", "x", [4])]


def test_rows_are_kept_in_step() -> None:
    cells, numbers, _ = distinct_rows(RAW, MAPPING)
    kept = read_rows(cells, numbers, MAPPING, KEY, "demo-1").keep(pl.Series([False, True, True, False]))
    assert kept.numbers.to_list() == [1, 3]
    assert kept.readings[0].value.to_list() == [4.0, 3.0]
    assert kept.tokens.height == kept.waves.len() == kept.index_dates.len() == 2
    assert kept.marks == ()
