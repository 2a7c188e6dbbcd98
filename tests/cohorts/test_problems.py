"""How problems are worded: column, rows, rule."""

from __future__ import annotations

import polars as pl

from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.problems import Mark, describe, marked_rows, marks_of

ROWS = pl.Series(range(100), dtype=pl.UInt32)
CSV = RawTable(pl.DataFrame({"NOMS number": [""] * 100}), "prison.csv", "csv")
XLSX = RawTable(pl.DataFrame({"NOMS number": [""] * 100}), "a.xlsx", "xlsx", sheet="Sheet1", letters=("D",))


def mark(*rows: int, code: str = "LC822", column: str = "NOMS number") -> Mark:
    return Mark(code, column, pl.Series(rows, dtype=pl.UInt32))


def test_a_problem_names_the_column_the_rows_and_the_rule() -> None:
    (problem,) = describe([mark(1, 15)], CSV)
    assert problem.text == "column 'NOMS number', rows 3, 17: the check digit does not fit"
    (problem,) = describe([mark(1)], CSV)
    assert problem.text == "column 'NOMS number', row 3: the check digit does not fit"


def test_cells_of_a_workbook_are_named() -> None:
    (problem,) = describe([mark(12, 16)], XLSX)
    assert problem.text == "column 'NOMS number', Sheet1, cells D14, D18: the check digit does not fit"
    assert problem.places == ("Sheet1, cell D14", "Sheet1, cell D18")


def test_long_lists_are_cut_and_counted() -> None:
    (problem,) = describe([mark(*range(20))], CSV)
    assert problem.rows == tuple(range(2, 12))
    assert problem.count == 20
    assert "rows 2, 3, 4, 5, 6 and 15 more:" in problem.text


def test_marks_of_one_rule_and_column_are_one_problem() -> None:
    problems = describe([mark(5, 1), mark(1, 2), mark(3, code="LC821"), mark()], CSV)
    assert [(problem.code, problem.count, problem.rows) for problem in problems] == [
        ("LC822", 3, (3, 4, 7)),
        ("LC821", 1, (5,)),
    ]


def test_rows_without_a_column_are_named_alone() -> None:
    (problem,) = describe([mark(0, 1, code="LC837", column="")], XLSX)
    assert problem.text == "rows 2, 3: the row is blank and was left out"


def test_fault_codes_become_marks() -> None:
    faults = pl.Series(["LC821", None, "LC822", "LC821"])
    assert [(item.code, item.rows.to_list()) for item in marks_of(faults, "id", ROWS.head(4))] == [
        ("LC821", [0, 3]),
        ("LC822", [2]),
    ]


def test_every_marked_row_counts_once() -> None:
    assert sorted(marked_rows([mark(1, 2), mark(2, 3)])) == [1, 2, 3]
    assert marked_rows([]).len() == 0
