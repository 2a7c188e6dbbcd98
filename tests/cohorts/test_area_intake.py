"""Partner files of area series become clean values, or are refused with the rows and the rule, never a cell."""

from __future__ import annotations

import pytest

from cohorts.areas.intake import take_in_areas
from cohorts.errors import CohortError
from cohorts.identifiers import upn
from cohorts.partner_files.problems import IntakeRefused
from tests.cohorts.area_files import LONG, WIDE, mapping_of, raw

HEAD = "Code,Month,Violence,Population"


def refused(
    headings: str, *rows: str, text: str = WIDE, known: dict[str, str | None] | None = None
) -> list[str]:
    with pytest.raises(IntakeRefused) as problem:
        take_in_areas(raw(headings, *rows), mapping_of(text), known or {})
    said = [str(fault) for fault in problem.value.faults]
    assert all("777" not in line for line in said)
    return said


def test_a_wide_file_is_laid_out_long_with_its_definition() -> None:
    intake = take_in_areas(raw(HEAD, "E1,2024-01,5,100", "E2,2024-01,*,200"), mapping_of(WIDE), {})
    assert intake.values.sort("measure", "code").rows() == [
        ("population", "E1", "2024-01", 100.0, None, "not stated", 1.0),
        ("population", "E2", "2024-01", 200.0, None, "not stated", 1.0),
        ("violence", "E1", "2024-01", 5.0, None, "counting-rules-2019", 1.0),
        ("violence", "E2", "2024-01", None, "not shared", "counting-rules-2019", 1.0),
    ]
    assert intake.areas["code"].to_list() == ["E1", "E2"]
    assert intake.report.missing == (("violence", "not shared", 1),)


def test_a_long_file_takes_each_measure_by_its_code() -> None:
    rows = ("E1,2024-01,0.5,vwi,5,A", "E1,2024-01,0.5,Rate,2.5,A", "E1,2024-02,,VWI,7,B")
    intake = take_in_areas(raw("Code,Month,Share,What,N,Rules", *rows), mapping_of(LONG), {})
    assert intake.values.sort("measure", "period").rows() == [
        ("injury", "E1", "2024-01", 5.0, None, "A", 0.5),
        ("injury", "E1", "2024-02", 7.0, None, "B", 1.0),
        ("rate", "E1", "2024-01", 2.5, None, "per head", 0.5),
    ]


def test_rows_that_say_the_same_count_once_and_rows_that_disagree_are_refused() -> None:
    intake = take_in_areas(raw(HEAD, "E1,2024-01,5,100", "E1,2024-01,5,100"), mapping_of(WIDE), {})
    assert intake.values.height == 2
    assert [w.code for w in intake.report.warnings] == ["LC834"]
    said = refused(HEAD, "E1,2024-01,777,100", "E1,2024-01,5,100", "E2,2024-01,5,100")
    assert len(said) == 1
    assert "LC585" in said[0]
    assert "rows 2, 3" in said[0]


def test_a_blank_does_not_contradict_a_value() -> None:
    intake = take_in_areas(raw(HEAD, "E1,2024-01,,100", "E1,2024-01,5,"), mapping_of(WIDE), {})
    assert intake.values.sort("measure")["value"].to_list() == [100.0, 5.0]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("E1,01/2024,5,100", "LC583", "Month"),
        ("E1,,5,100", "LC583", "Month"),
        (",2024-01,5,100", "LC584", "Code"),
        ("E1,2024-01,-777,100", "LC586", "Violence"),
        ("E1,2024-01,777.5,100", "LC586", "Violence"),
        ("E1,2024-01,5,-777", "LC586", "Population"),
        ("E1,2024-01,a777,100", "LC826", "Violence"),
    ],
)
def test_a_faulty_cell_is_named_by_row_column_and_rule(row: str, code: str, column: str) -> None:
    said = refused(HEAD, "E9,2024-01,5,100", row)
    assert len(said) == 1
    assert code in said[0]
    assert f"column '{column}', row 3" in said[0]


def test_without_lists_every_area_must_be_in_the_collection_and_valid() -> None:
    text = WIDE.replace("lists = true\n", "")
    known = {"E1": None, "E2": "2024-02-10"}
    said = refused(HEAD, "E1,2024-01,5,100", "E3,2024-01,5,100", text=text, known=known)
    assert "LC584" in said[0]
    early = refused(HEAD, "E2,2024-01,5,100", "E2,2024-02,5,100", text=text, known=known)
    assert "LC583" in early[0]
    assert "row 2" in early[0]
    assert "row 3" not in early[0]


def test_faulty_rows_may_be_set_aside() -> None:
    text = WIDE.replace("lists = true", 'lists = true\nrejects = "set-aside"')
    intake = take_in_areas(raw(HEAD, "E1,2024-01,5,100", "E1,soon,6,100"), mapping_of(text), {})
    assert intake.report.rejected_rows == 1
    assert intake.values.height == 2


def test_a_share_that_is_none_and_a_strange_code_are_refused() -> None:
    said = refused(
        "Code,Month,Share,What,N,Rules", "E1,2024-01,1.5,VWI,5,A", "E1,2024-01,1,Other,5,A", text=LONG
    )
    assert [line.split()[1] for line in said] == ["LC586", "LC829"]


def test_weeks_begin_on_one_weekday() -> None:
    text = WIDE.replace('step = "month"', 'step = "week"')
    rows = ("E1,01/01/2024,5,100", "E1,08/01/2024,5,100", "E1,16/01/2024,5,100")
    said = refused(HEAD, *rows, text=text)
    assert "LC583" in said[0]
    assert "row 4" in said[0]


@pytest.mark.parametrize(
    ("headings", "code"), [("Code,Month,Violence", "LC811"), (HEAD + ",Notes", "LC810"), ("A,B", "LC811")]
)
def test_columns_that_are_not_those_of_the_mapping_stop_the_load(headings: str, code: str) -> None:
    with pytest.raises(CohortError) as problem:
        take_in_areas(raw(headings, ",".join("1" for _ in headings.split(","))), mapping_of(WIDE), {})
    assert code in [fault.code for fault in problem.value.faults]


def test_a_file_of_blank_rows_is_refused() -> None:
    with pytest.raises(CohortError) as problem:
        take_in_areas(raw(HEAD, ",,,"), mapping_of(WIDE), {})
    assert problem.value.faults[0].code == "LC812"


def test_one_area_listed_in_two_ways_is_refused() -> None:
    text = WIDE.replace('column = "Code"\n', 'column = "Code"\nname = "Name"\n')
    said = refused("Name," + HEAD, "A,E1,2024-01,5,100", "B,E1,2024-02,5,100", text=text)
    assert "LC585" in said[0]


def test_numbers_of_people_are_never_kept_as_areas() -> None:
    rows = [f"{upn(f'99912345678{i}')},2024-01,5,100" for i in range(6)]
    with pytest.raises(CohortError) as problem:
        take_in_areas(raw(HEAD, *rows), mapping_of(WIDE), {})
    assert problem.value.faults[0].code == "LC584"
    assert "999" not in str(problem.value)
    assert take_in_areas(raw(HEAD, *rows[:2]), mapping_of(WIDE), {}).areas.height == 2
