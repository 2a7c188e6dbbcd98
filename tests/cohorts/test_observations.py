"""Readings of rows become one observation a person, variable and wave."""

from __future__ import annotations

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.gathering import Rows, gather
from cohorts.partner_files.mapping import IdentifierColumn
from cohorts.partner_files.observations import Block, conflicts, labels_of, missing_counts, observe, recorded
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


def tokens_of(values: pl.Series, spec: IdentifierColumn) -> pl.Series:
    return tokenise(values, spec.kind, PseudonymKey("k", b"k" * 32), "demo-1")


def gathered(*rows: tuple[str | None, ...]) -> tuple[Rows, pl.Series]:
    """Read rows (x, c1, c2), of which the first and last belong to the same person."""
    cells = [(str(number), *row) for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(("id", "x", "c1", "c2"), pl.String), orient="row")
    part = read_part(frame, 0, MAPPING)
    people = max(len(rows) - 1, 1)
    person = pl.Series([(people - number) % people for number in range(len(rows))], dtype=pl.UInt32)
    return gather([part], MAPPING, tokens_of, "a.csv").rows, person


def marked(rows: Rows, person: pl.Series) -> list[tuple[str, str, list[int]]]:
    marks = [mark for facts in observe(MAPPING, rows, person) for _, mark in conflicts(facts, MAPPING)]
    return [(mark.code, mark.column, sorted(mark.rows)) for mark in marks if mark.rows.len()]


def blocks_of(rows: Rows, person: pl.Series) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for facts in observe(MAPPING, rows, person):
        labels = labels_of(facts, rows, MAPPING) if facts.name == "c" else ()
        assert labels in {(), ("a", "b", "c")}
        blocks += recorded(facts, rows, labels, MAPPING)
    return tuple(blocks)


def test_categories_of_one_variable_share_their_labels_over_waves() -> None:
    blocks = blocks_of(*gathered(("1", "b", "a"), ("2", "c", None), (None, None, None)))
    found = {
        (block.variable, block.wave): list(zip(block.person, block.value, block.missing, strict=True))
        for block in blocks
    }
    assert found == {
        ("c", "w1"): [(0, 1.0, None), (1, 2.0, None)],
        ("c", "w2"): [(0, 0.0, None), (1, None, "not recorded")],
        ("x", "w1"): [(0, 1.0, None), (1, 2.0, None)],
    }
    assert missing_counts(blocks) == (("c", "not recorded", 1),)


def test_rows_that_disagree_are_found_and_blanks_never_disagree() -> None:
    assert marked(*gathered(("1", "b", None), ("2", "c", None), ("3", "b", "a"))) == [("LC833", "x", [0, 2])]


def test_the_same_answer_twice_is_one_observation() -> None:
    rows, person = gathered(("1", "b", None), ("2", "c", None), ("1", "b", "a"))
    assert marked(rows, person) == []
    assert sum(block.person.len() for block in blocks_of(rows, person)) == 6
