"""Readings of rows become one observation a person, variable and wave."""

from __future__ import annotations

import polars as pl

from cohorts.errors import CohortError
from cohorts.extracts import RawTable
from cohorts.observations import categories_of, conflicts, missing_counts, observe, recorded
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
wave = "w1"
[[identifier]]
column = "id"
kind = "local-id"
[[variable]]
column = "x"
name = "x"
kind = "number"
[[variable]]
column = "c1"
name = "c"
kind = "category"
[[variable]]
column = "c2"
name = "c"
kind = "category"
wave = "w2"
""",
        "a.toml",
        CohortError,
    )
)


def facts(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    """Observe rows (x, c1, c2), of which the first and last belong to the same person."""
    cells = [(str(number), *row) for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(("id", "x", "c1", "c2"), pl.String), orient="row")
    sheet, numbers, _ = distinct_rows(RawTable(frame, "a.csv", "csv"), MAPPING)
    read = read_rows(sheet, numbers, MAPPING, PseudonymKey("k", b"k" * 32), "demo-1")
    group = pl.Series([number % max(len(rows) - 1, 1) for number in range(len(rows))], dtype=pl.UInt32)
    return observe(MAPPING, read, group)


PEOPLE = pl.DataFrame({"group": [0, 1], "person": [1, 0]}, schema={"group": pl.UInt32, "person": pl.UInt32})


def test_categories_of_one_variable_share_their_labels_over_waves() -> None:
    found = facts(("1", "b", "a"), ("2", "c", None), (None, None, None))
    categories = categories_of(found, MAPPING)
    assert categories == {"c": ("a", "b", "c")}
    observations = recorded(found, PEOPLE, categories, MAPPING)
    assert observations.rows() == [
        (0, "c", "w1", 2.0, None),
        (0, "c", "w2", None, "not recorded"),
        (0, "x", "w1", 2.0, None),
        (1, "c", "w1", 1.0, None),
        (1, "c", "w2", 0.0, None),
        (1, "x", "w1", 1.0, None),
    ]
    assert missing_counts(observations) == (("c", "not recorded", 1),)


def test_rows_that_disagree_are_found_and_blanks_never_disagree() -> None:
    found = facts(("1", "b", None), ("2", "c", None), ("3", "b", "a"))
    marks = [
        (mark.code, mark.column, mark.rows.to_list()) for mark in conflicts(found, MAPPING) if mark.rows.len()
    ]
    assert marks == [("LC833", "x", [0, 2])]


def test_the_same_answer_twice_is_one_observation() -> None:
    found = facts(("1", "b", None), ("2", "c", None), ("1", "b", "a"))
    assert not any(mark.rows.len() for mark in conflicts(found, MAPPING))
    assert recorded(found, PEOPLE, categories_of(found, MAPPING), MAPPING).height == 6
