"""Team reports as values: each stands alone on page one, says what is missing, and hides neither null nor harm."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from evaluation.errors import EvaluationError
from evaluation.team.annual import annual
from evaluation.team.closing import closing
from evaluation.team.html import as_html
from evaluation.team.needs import needs
from evaluation.team.paper import Paper, Section, tables_of
from evaluation.team.quarterly import quarterly
from evaluation.team.tables_csv import cell_text, table_files
from evaluation.word.report import word_report
from tests.evaluation.team_known import event, figure, known
from tests.evaluation.team_reader import row_of, text_of
from tests.theory_of_change.tracked import period

QUARTER, YEAR = period("2026-Q3"), period("2026")
PAPERS: dict[str, Callable[[], Paper]] = {
    "quarterly": lambda: quarterly(known(), QUARTER),
    "annual": lambda: annual(known(), YEAR),
    "needs": lambda: needs(known(), None),
    "closing": lambda: closing(known(), known().projects[0]),
}


def nothing() -> Paper:
    """The quarter of a project in which nothing happened."""
    empty = known(measures={}, entries=(), events=(), found=(), theory=None)
    return quarterly(replace(empty, register=replace(empty.register, entries=())), QUARTER)


def test_a_quarter_says_what_came_in_how_it_moved_and_which_checks_are_open() -> None:
    paper = quarterly(known(), QUARTER)
    row = row_of(paper, "New success figures", "People hurt with a knife")
    assert row[2:] == ("2026-Q3", "95", "by -35.8 % (-51 to -16): a clear fall", "as aimed", "none")
    ambulances = row_of(paper, "Chase list: figures", "Ambulance")
    assert ambulances[-2:] == ("no day is set", "1 time, last on 20 October 2026")
    assert "LC311" in text_of(paper, "Success figures")
    assert "Nothing here says why" in text_of(paper, "In short")


def test_small_counts_are_in_no_report_in_no_form() -> None:
    for make in PAPERS.values():
        said = text_of(make())
        assert "4 to 7" not in said
        assert not re.search(r"Homicides?.*\| [47] \|", said)
    assert row_of(quarterly(known(), QUARTER), "New success", "People killed")[3].startswith("withheld")
    assert "Its figures are withheld" in text_of(quarterly(known(), QUARTER))


def test_a_harm_stands_as_plainly_as_a_success_and_before_it_on_the_first_page_of_the_year() -> None:
    quarter = text_of(quarterly(known(), QUARTER), "Findings and the register")
    assert "works: 1" in quarter
    assert "made things worse: 1" in quarter
    year = annual(known(), YEAR)
    assert text_of(year, "In short").startswith("Something made things worse: EVAL-002")
    assert "EVAL-002" in text_of(year, "What did not work, and harms")
    for paper in (quarterly(known(), QUARTER), year):
        assert "Question of thinking (EVAL-002): Made things worse." in text_of(paper, "In short")


def test_very_low_trust_is_never_counted_as_works() -> None:
    base = known()
    runs = tuple(
        replace(e, runs=tuple(replace(r, security=1) for r in e.runs)) for e in base.register.entries
    )
    paper = quarterly(replace(base, register=replace(base.register, entries=runs)), QUARTER)
    assert "works: 0" in text_of(paper, "In short")
    assert "associated with a better result: 1" in text_of(paper, "In short")


def test_projects_stand_against_plan_and_exceptions_have_their_nil_return() -> None:
    paper = quarterly(known(), QUARTER)
    mentors = row_of(paper, "Projects against plan", "Mentors")
    assert mentors[2:5] == ("£60,000", "£11,500", "£21,500, 36 % of the award")
    assert "lacks a sustainability model" in row_of(paper, "Projects against plan", "Boxing")[-1]
    exceptions = text_of(paper, "Actions by exception")
    assert "Send the return" in exceptions
    assert "Agree the schools" not in exceptions
    assert "Nil return: no action is late" in text_of(nothing(), "Actions by exception")


def test_voices_are_answered_counted_or_left_out_where_consent_does_not_hold() -> None:
    said = text_of(quarterly(known(), QUARTER), "Voices")
    assert "The bus is not safe" in said
    assert "Wardens ride along (20 September 2026)" in said
    assert "How I left" not in said
    assert "one.docx" not in text_of(quarterly(known(), QUARTER))
    assert "1 story left out" in said
    assert "VOI-001" in said


def test_an_empty_quarter_is_full_of_nil_returns_and_says_what_is_missing() -> None:
    paper = nothing()
    assert text_of(paper).count("Nil return") >= 6
    assert "none is tracked" in text_of(paper, "What is missing from this report")
    with pytest.raises(ValueError, match="is empty"):
        Section("Nothing", ())


def test_what_was_known_on_an_earlier_day_is_the_same_report_however_much_came_later() -> None:
    day = dt.date(2026, 10, 10)
    early = quarterly(known(day), QUARTER)
    later = [figure("knife", "2026-Q3", 140, "2026-11-01")]
    assert as_html(quarterly(known(day, later), QUARTER)) == as_html(early)
    assert "corrected" in text_of(quarterly(known(more=later), QUARTER), "Success figures")
    assert early.again == "lifecourse report quarterly 2026-Q3 --known-on 2026-10-10"


def test_the_year_shows_money_beside_verdicts_and_says_what_nobody_tested() -> None:
    paper = annual(known(), YEAR)
    assert row_of(paper, "Money by tier", "secondary")[2:] == (
        "£60,000", "£21,500", "Made things worse (EVAL-002)", "no project, £0 spent",
    )  # fmt: skip
    assert row_of(paper, "Money by tier", "primary")[-1] == "1 project, £0 spent"
    assert "1 of 2 paid projects without any verdict" in text_of(paper, "In short")


def test_the_year_says_which_findings_differ_by_deprivation_or_why_they_do_not_say() -> None:
    paper = annual(known(), YEAR)
    row = row_of(paper, "Findings by deprivation", "Question of thinking")
    assert row[1] == "not reported"
    assert "LC729: adjusted for imd_decile" in row[2]
    assert (
        "differs between groups of 'sex'" in row_of(paper, "Findings by deprivation", "Question of groups")[3]
    )
    assert "LC729" in text_of(paper, "What is missing from this report")


def test_commitments_promised_findings_and_who_was_told_are_kept_or_not() -> None:
    paper = annual(known(), YEAR)
    assert row_of(paper, "Commitments", "Send the return")[3] == "not kept"
    assert row_of(paper, "Commitments", "Agree the schools")[3] == "kept"
    assert row_of(paper, "Commitments", "Visit the club")[3] == "open"
    assert row_of(paper, "Findings that were promised", "Late")[2] == "overdue"
    assert "the board’s paper, 15 September 2026" in row_of(paper, "Who was told", "Question of PLAN-003")[2]
    assert "nobody yet" in row_of(paper, "Who was told", "Question of thinking")[2]
    assert "Sustainability model of 2 January 2026" in row_of(paper, "What ends", "Mentors")[3]
    assert "so everything it does ends" in row_of(paper, "What ends", "Boxing")[3]


def test_needs_hold_a_place_against_the_rest_and_say_what_is_not_known() -> None:
    paper = needs(known(), None)
    north = row_of(paper, "Success measures by place", "Admissions, assault by sharp object (knife)")
    (table,) = (t for t in tables_of(paper) if t.caption.startswith("Success measures"))
    rows = {
        (cell_text(r[1]), cell_text(r[2])): tuple(map(cell_text, r))
        for r in table.rows
        if "(knife)" in cell_text(r[0])
    }
    assert north[1] == "whole area"
    assert rows["Northside", "2025"][5:7] == (
        "8 per 10,000 (7.02 to 9.08)",
        "by +132 % (+96 to +173): higher",
    )
    assert ("whole area", "2025") in rows
    assert "No figure of poor in Southside" in text_of(paper, "What is missing from this report")
    assert "(knife" not in text_of(paper, "Context")
    with pytest.raises(EvaluationError) as error:
        needs(known(), period("2019"))
    assert error.value.code == "LC730"


def test_closing_says_what_was_found_or_that_nothing_was_evaluated() -> None:
    one, other = known().projects
    assert "Made things worse" in text_of(closing(known(), one), "Outcomes and what an evaluation found")
    paper = closing(known(), other)
    assert "Not evaluated" in text_of(paper, "In short")
    assert "names no outcome" in text_of(paper, "What is missing from this report")
    assert "Visit the club" in text_of(closing(known(), one), "Actions left")
    base = known()
    shut = replace(
        base,
        events=(*base.events, event("PRJ-002", "closed", "2026-11-01", state="closed", learned="Ask first")),
    )
    assert "Lesson: Ask first" in text_of(closing(shut, shut.projects[1]), "In short")
    assert "Ask first" in text_of(annual(shut, YEAR), "What was learned, and who was told")


@pytest.mark.parametrize("name", PAPERS)
def test_a_report_in_html_in_word_and_in_csv_holds_the_same_words(name: str) -> None:
    import docx

    paper = PAPERS[name]()
    page, word = as_html(paper), docx.Document(io.BytesIO(word_report(as_html(paper))))
    assert "<script" not in page
    assert "src=" not in page
    in_word = [[[c.text for c in row.cells] for row in table.rows] for table in word.tables]
    files = dict(table_files(paper))
    assert len(in_word) == len(tables_of(paper)) == len(files) - 1 == page.count("<table")
    for table, held in zip(tables_of(paper), in_word, strict=True):
        assert held == [list(table.head), *([cell_text(c) for c in row] for row in table.rows)]
    assert word.core_properties.title == paper.title
    assert word.core_properties.language == "en-GB"
    with zipfile.ZipFile(io.BytesIO(word_report(as_html(paper)))) as parts:
        document = parts.read("word/document.xml").decode()
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert document.count("w:tblHeader") == len(in_word)
    assert paper.made_of.replace("’", "") in page.replace("’", "")


def test_words_that_would_be_markup_or_a_formula_are_only_words() -> None:
    base = known()
    hostile = event("PRJ-003", "added", "2026-07-02", name="=cmd|' /C calc'!A0 <b>", tier="primary")
    paper = quarterly(replace(base, events=(*base.events, hostile)), QUARTER)
    assert "<b>" not in as_html(paper)
    assert not any(line.startswith(b"=") for _, data in table_files(paper) for line in data.splitlines())
