"""Annexes: nothing in a cell runs, no cell is empty, the workbook is laid out for readers, the bytes stay the same."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from cohorts.attacks.formulas import cells_of, is_formula
from evaluation.annexes.building import annex_files
from evaluation.annexes.model import NOT_AVAILABLE, WITHHELD, cell_text, safe_text
from evaluation.annexes.ods import LONGEST_NAME
from evaluation.annexes.tables import cell
from evaluation.edits.sentences import generated_sentences
from evaluation.model import Check
from evaluation.reporting.html import report_checklists
from evaluation.saved.model import Whole
from tests.evaluation import report_builders as made
from tests.evaluation.annex_reader import by_column, csv_tables, ods_sheets
from tests.evaluation.report_reader import PROFILE
from tests.evaluation.test_one_number import annex, whole

CALLS = '=HYPERLINK("http://x.example","click")'


@pytest.mark.parametrize(
    "text", [CALLS, "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1"]
)
def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    assert safe_text(text).startswith("'")
    assert not is_formula(safe_text(text))


@pytest.mark.parametrize("text", ["−9.4 (−15.9 to −2.9)", "-0.094", "- none", "a=b", ""])
def test_a_text_that_no_spreadsheet_runs_stays_as_it_is(text: str) -> None:
    if not is_formula(text):
        assert safe_text(text) == text


def test_numbers_are_written_in_full_and_what_is_none_is_marked() -> None:
    assert float(cell_text(0.1 + 0.2)) == 0.1 + 0.2
    assert cell_text(True) == "yes"
    assert cell(None) == cell(float("nan")) == cell("") == NOT_AVAILABLE
    assert cell(None, withheld=True) == WITHHELD
    assert cell(0) == 0


def test_nothing_a_team_writes_runs_in_any_file() -> None:
    outcome = made.outcome(
        name=CALLS, mid_source="+44 1234", checks=(Check("people", "pass", 1.0, 2.0, "none", CALLS),)
    )
    result = made.result(outcome, plan=replace(made.PLAN, title=CALLS))
    kept = Whole(result, PROFILE, "", practice=False)
    files = annex_files(kept, report_checklists(kept), generated_sentences(result, PROFILE))
    for file in files:
        if file.name.endswith(".csv"):
            assert not any(is_formula(text) for text in cells_of(file.name, file.data)), file.name
    book = next(f.data for f in files if f.name.endswith(".ods"))
    words = [c for rows in ods_sheets(book).values() for row in rows for c in row if isinstance(c, str)]
    assert not any(is_formula(text) for text in words)
    assert any("HYPERLINK" in text for text in words)


@pytest.mark.parametrize("name", ["works", "groups", "hidden", "series"])
def test_no_cell_is_empty_and_every_row_is_as_long_as_its_header(name: str) -> None:
    files = annex(whole(name))
    for file in files:
        if file.name.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(file.data.decode("utf-8"), newline="")))
            assert len(rows) > 1, file.name
            assert {len(row) for row in rows} == {len(rows[0])}, file.name
            assert all(text for row in rows for text in row), file.name
            assert b"\r\n" in file.data


def test_the_workbook_has_a_cover_contents_notes_and_one_table_a_sheet() -> None:
    files = annex(whole("works"))
    sheets = ods_sheets(next(f.data for f in files if f.name.endswith(".ods")))
    names = list(sheets)
    assert names[:3] == ["Cover", "Contents", "Notes"]
    assert all(len(name) <= LONGEST_NAME for name in names)
    assert len(set(names)) == len(names)
    assert [row[0] for row in sheets["Contents"][3:]] == ["Cover", "Notes", *names[3:]]
    assert {row[0] for row in sheets["Notes"]} >= {"[c]", "[x]"}
    for i, name in enumerate(names[3:], 1):
        rows = sheets[name]
        assert str(rows[0][0]).startswith(f"Table {i}: ")
        assert rows[1] == ["This worksheet contains one table."]
        wide = [row for row in rows if len(row) > 1]
        assert {len(row) for row in wide} == {len(wide[0])}
        assert all(cell_ != "" for row in rows for cell_ in row)
    book = next(f.data for f in files if f.name.endswith(".ods"))
    with zipfile.ZipFile(io.BytesIO(book)) as box:
        content = box.read("content.xml").decode()
        assert content.count("<table:table-header-rows>") == len(names) - 1
        assert "<dc:language>en-GB</dc:language>" in box.read("meta.xml").decode()
        assert {info.date_time for info in box.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_program_that_others_wrote_reads_the_workbook() -> None:
    fastexcel = pytest.importorskip("fastexcel")
    files = annex(whole("works"))
    book = fastexcel.read_excel(next(f.data for f in files if f.name.endswith(".ods")))
    assert book.sheet_names[:4] == ["Cover", "Contents", "Notes", "1_estimates"]
    rows = book.load_sheet("1_estimates", header_row=None).to_polars().rows()
    assert any("reoffended_12m" in row for row in rows)


def test_the_same_result_gives_the_same_bytes() -> None:
    assert annex(whole("works")) == annex(whole("works"))


def test_every_file_names_whose_numbers_it_bears_and_sentences_stand_beside_the_program_s() -> None:
    files = annex(whole("works"))
    assert {file.subjects for file in files} == {("EVAL-003",)}
    rows = by_column(csv_tables(files)["sentences"])
    assert {row["edited by the team"] for row in rows} == {"no"}
    assert rows[0]["as the program wrote it"] == rows[0]["as it is shown"]
