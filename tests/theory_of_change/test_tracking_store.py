"""Figures into the store and back, from the command, CSV and workbooks; where anything is wrong, nothing is kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from typer.testing import CliRunner

from tests.theory_of_change.tracked import STRATEGY, figure, strategy
from theory_of_change.commands import measure_app
from theory_of_change.errors import TheoryError
from theory_of_change.tracking.commands import status_lines
from theory_of_change.tracking.figures_file import COLUMNS, read_figures, sheet_of
from theory_of_change.tracking.measures_file import read_tracked, tracked_text
from theory_of_change.tracking.store import add_figures, read_logged, read_sheet, template_of, times_asked
from workspace import console
from workspace.audit import read_log
from workspace.database import create_database, reading, writing
from workspace.errors import LifecourseError
from workspace.project import Project, create_project
from workspace.statements import run
from workspace.toml_source import TomlSource, read_toml


@pytest.fixture
def store_project(tmp_path: Path, database_url: str) -> Project:
    """A project on the embedded file, then on a server."""
    made = create_project(tmp_path / "mersey", "Mersey")
    made = replace(
        made, settings=replace(made.settings, database_url=database_url or made.settings.database_url)
    )
    create_database(made)
    return made


def test_what_is_tracked_is_written_back_as_it_was_read() -> None:
    measures, _ = strategy()
    text = "\n".join(tracked_text(each) for each in measures.values())
    again = read_tracked(TomlSource("measures.toml", tomllib.loads(text), {}))
    assert again == {name: replace(each, line=1) for name, each in measures.items()}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('[[measure]]\nid = "a"\nname = "A"\naim = "less"\n', "LC303", 4),
        ('[[measure]]\nid = "a"\naim = "reduce"\n', "LC302", 1),
        ('[[measure]]\nid = "1 a"\nname = "A"\naim = "reduce"\n', "LC305", 2),
        ('[[measure]]\nid = "a"\nname = "A"\naim = "reduce"\nowner_ = "x"\n', "LC301", 5),
        ('[[measure]]\nid = "a"\nname = "A"\naim = "reduce"\npart_of = "b"\n', "LC304", 1),
        ('[[measure]]\nid = "a"\nname = "A"\naim = "reduce"\nuncoded = true\n', "LC303", 5),
        ('[[measure]]\nid = "a"\nname = "A"\naim = "reduce"\n' * 2, "LC205", 6),
    ],
)
def test_faults_of_measures_toml_stand_at_their_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    path = tmp_path / "measures.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(TheoryError) as error:
        read_tracked(read_toml(path, TheoryError))
    assert (code, f"measures.toml:{line}") in {(f.code, f.where) for f in error.value.faults}


def test_every_fault_of_a_table_is_named_at_once_by_cell_and_none_quotes_it() -> None:
    measures, _ = strategy()
    rows = [
        ["measure", "period", "value", "status"],
        ["T1.1", "2021", "secret 99", ""],
        ["T9.9", "2021", "5", ""],
        ["T1.1", "last year", "5", ""],
        ["T1.1", "2020", "5.5", ""],
        ["T2.8", "2021-03", "109", ""],
        ["T1.2", "2021", "5", "maybe"],
        ["T1.3", "2021", "5", ""],
        ["T1.3", "2021", "6", ""],
    ]
    with pytest.raises(TheoryError) as error:
        read_figures(sheet_of("book.xlsx, sheet Figures", rows, letters=True), measures)
    faults = [(fault.code, fault.where.rpartition(" ")[2]) for fault in error.value.faults]
    assert faults == [
        ("LC307", "C2"), ("LC304", "A3"), ("LC306", "B4"), ("LC307", "C5"), ("LC307", "C6"), ("LC307", "D7"),
        ("LC308", "9"),
    ]  # fmt: skip
    assert "secret" not in str(error.value)
    assert "99" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["measure", "period"], ["T1.1", "2021"]], "no column 'value'"),
        ([["measure", "period", "value", "valeu"]], "'valeu' is not known"),
        ([["measure", "period", "value", "value"]], "two columns have the same heading"),
        ([["measure", "period", "value"]], "there are no figures in it"),
        ([["measure", "period", "value"], ["T1.1", "2021", "5", "6"]], "more cells than there are headings"),
        ([], "the table is empty"),
    ],
)
def test_a_table_of_another_shape_is_refused(rows: list[list[str]], said: str) -> None:
    measures, _ = strategy()
    with pytest.raises(TheoryError, match=said):
        read_figures(sheet_of("figures.csv", rows), measures)


def test_a_split_year_of_a_measure_kept_by_calendar_years_is_not_guessed_at() -> None:
    measures, _ = strategy()
    rows = [["measure", "period", "value"], ["T1.1", "2019/20", "5"]]
    with pytest.raises(TheoryError) as error:
        read_figures(sheet_of("figures.csv", rows), measures)
    assert "school" in error.value.faults[0].hint


def test_the_template_is_read_back_and_a_line_left_blank_says_nothing(tmp_path: Path) -> None:
    measures, _ = strategy()
    path = tmp_path / "t.xlsx"
    path.write_bytes(template_of(measures, [("T1.1", "2022"), ("T2.8", "2022-03")]))
    sheet = read_sheet(path)
    assert sheet.headings == COLUMNS
    with pytest.raises(TheoryError, match="no figures"):
        read_figures(sheet, measures)


def test_a_filled_in_workbook_gives_numbers_as_they_were_meant(tmp_path: Path) -> None:
    measures, _ = strategy()
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Figures")
        for column, heading in enumerate(
            ("Measure", "Period", "Value", "Stated change", "Compared with", "Note")
        ):
            sheet.write_string(0, column, heading)
        sheet.write_row(1, 0, ["T1.1", 2022, 1234, -8.5, 2021, "from the hub"])
        sheet.write_row(2, 0, ["T2.8", "2022-03", 9.25])
        sheet.write_row(3, 0, ["T1.2", "2022", "asked"])
    rows = read_figures(read_sheet(path), measures)
    assert [(r.measure, r.period.text, r.value, r.stated.percent, r.status) for r in rows] == [
        ("T1.1", "2022", 1234.0, -8.5, "final"), ("T2.8", "2022-03", 9.25, None, "final"),
        ("T1.2", "2022", None, None, "asked"),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04rubbish", b'a,"b\n1,2\n'])
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_damaged_files_get_a_clear_refusal(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TheoryError) as error:
        read_figures(read_sheet(path), {})
    assert error.value.faults[0].code == "LC306"


def test_figures_are_added_corrected_and_never_lost(store_project: Project) -> None:
    with writing(store_project) as session:
        done = add_figures(session, [figure("2020", 100), figure("2021", None)], replace=False)
        assert (done.new, done.asked) == (1, 1)
    with writing(store_project) as session:
        assert add_figures(session, [figure("2020", 100)], replace=False).unchanged == 1
        add_figures(session, [figure("2021", None)], replace=False)
    with pytest.raises(TheoryError, match="another figure is held"), writing(store_project) as session:
        add_figures(session, [figure("2022", 5), figure("2020", 101)], replace=False)
    with reading(store_project) as session:
        assert [(r.period.text, r.value) for r in read_logged(session)] == [("2020", 100.0), ("2021", None)]
        assert times_asked(session)[figure("2021", None).slot] == 2
    with writing(store_project) as session:
        assert add_figures(session, [figure("2020", 101)], replace=True).corrected == 1
        add_figures(session, [figure("2021", 90)], replace=False)
    with reading(store_project) as session:
        assert [(r.period.text, r.value) for r in read_logged(session)] == [("2020", 101.0), ("2021", 90.0)]
        assert run(session, "SELECT count(*) FROM success_figure").fetchone()[0] == 5


@pytest.mark.parametrize(
    "statement", ["UPDATE success_figure SET value = 1", "DELETE FROM success_figure", ""]
)
def test_the_database_refuses_to_change_or_delete_a_figure(
    store_project: Project, statement: str, database_url: str
) -> None:
    with writing(store_project) as session:
        add_figures(session, [figure("2020", 100)], replace=False)
    same = "INSERT OR REPLACE INTO success_figure SELECT * FROM success_figure"
    statement = statement or ("TRUNCATE success_figure" if database_url else same)
    with pytest.raises(LifecourseError), writing(store_project) as session:
        run(session, statement)


def run_command(*words: str, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(measure_app, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project that tracks the strategy's measures, and the folder to work in."""
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    made = create_project(tmp_path / "mersey", "Mersey")
    create_database(made)
    (made.root / "measures.toml").write_bytes((STRATEGY / "measures.toml").read_bytes())
    monkeypatch.chdir(made.root)
    before = console.current()
    yield made
    console.configure(before)


def test_a_month_of_figures_by_three_commands(folder: Project) -> None:
    table = str(STRATEGY / "figures.csv")
    assert "Would log: 69 new" in run_command("import", table, dry_run=True)
    assert (
        run_command("import", table)
        == "Logged: 69 new, 0 as they were, 0 corrected; 18 noted as asked for.\n"
    )
    assert "0 new, 69 as they were" in run_command("import", table)
    assert json.loads(run_command("check", exit_code=1, json=True))["errors"] == 7
    assert "7 errors, 31 warnings" in run_command("check", exit_code=1)
    moves = json.loads(run_command("trend", "T1.1", json=True))["moves"]
    assert [round(move["percent"], 2) for move in moves] == [-5.18, -49.49]
    assert "a clear fall" in run_command("trend", "T1.1")
    assert "too few to call" in run_command("trend")
    assert [entry.action for entry in read_log(folder)] == ["measure.log", "measure.log"]


def test_a_figure_logged_by_hand_is_read_at_once(folder: Project) -> None:
    run_command("log", "T1.1", "--period", "2020", "--value", "293")
    said = run_command(
        "log", "T1.1", "--period", "2021", "--value", "148", "--stated-change=-48", "--compared-with", "2020"
    )
    assert "Against 2020: -49.5 % (-59 to -38): a clear fall" in said
    assert "LC310" in said
    for words in (["--value", "12x"], ["--value", ""], ["--value", "5", "--area", "x" * 400]):
        with pytest.raises(TheoryError):
            run_command("log", "T1.1", "--period", "2022", *words)
    with pytest.raises(TheoryError, match=r"no measure 'T1\.l' is tracked"):
        run_command("log", "T1.l", "--period", "2022", "--value", "3")


def test_measures_are_added_and_what_is_due_is_chased(folder: Project) -> None:
    run_command(
        "add", "OWN-1", "--name", "Calls", "--aim", "watch", "--due-months", "2", "--year", "financial"
    )
    with pytest.raises(TheoryError, match="already"):
        run_command("add", "OWN-1", "--name", "Calls")
    with pytest.raises(TheoryError, match="aim"):
        run_command("add", "OWN-2", "--name", "Calls", "--aim", "down")
    assert "OWN-2" not in (folder.root / "measures.toml").read_text("utf-8")
    run_command("log", "OWN-1", "--period", "2019/20", "--value", "50")
    run_command("log", "OWN-1", "--period", "2020/21", "--asked")
    due = json.loads(run_command("due", json=True))["due"]
    assert (due[0]["period"], due[0]["due"], due[0]["asked"], due[0]["overdue"]) == (
        "2020/21",
        "2021-05-31",
        1,
        True,
    )
    assert "asked 1 time" in run_command("due")
    assert "overdue" in status_lines(folder)[0].text
    said = run_command("template", "--to", "fill.xlsx")
    assert said.startswith("Wrote fill.xlsx with")
    assert "OWN-1" in {row[0] for row in read_sheet(folder.root / "fill.xlsx").rows}


def test_without_measures_toml_the_message_says_what_to_do(folder: Project) -> None:
    (folder.root / "measures.toml").unlink()
    with pytest.raises(TheoryError, match=r"no measures\.toml"):
        run_command("trend")
    assert status_lines(folder) == []


def test_faults_below_and_beside_blank_cells_are_named_where_they_stand(tmp_path: Path) -> None:
    measures, _ = strategy()
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Figures")
        sheet.write_row(0, 0, ["measure", "period", "area", "value"])
        sheet.write_row(3, 0, ["T1.1", "2021", None, "x"])
    with pytest.raises(TheoryError) as error:
        read_figures(read_sheet(path), measures)
    assert [fault.where.rpartition(" ")[2] for fault in error.value.faults] == ["D4"]
