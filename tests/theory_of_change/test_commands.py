"""The commands of the ground floor, in a temporary project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from theory_of_change.commands import app, measure_app, status_lines
from theory_of_change.errors import TheoryError
from theory_of_change.theory_file import starter_theory
from workspace import console
from workspace.audit import read_log
from workspace.database import create_database
from workspace.errors import EXPLANATIONS, WorkspaceError
from workspace.noticeboard import STATUS
from workspace.project import Project, create_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = create_project(tmp_path / "mersey", "Mersey", practice=True)
    create_database(made)
    monkeypatch.chdir(made.root)
    before = console.current()
    console.configure(console.RunSettings())
    yield made
    console.configure(before)


def run(*words: str, group: typer.Typer = app, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


def test_new_writes_a_theory_that_check_accepts_and_records_it(project: Project) -> None:
    assert run("new") == "Wrote theory.toml. Next: lifecourse theory check\n"
    assert [(entry.action, entry.subject) for entry in read_log(project)] == [("theory.new", "theory.toml")]
    assert "4 warnings, 0 errors" in run("check")


def test_new_never_writes_over_a_theory(project: Project) -> None:
    project.theory_file.write_text("mine")
    with pytest.raises(TheoryError) as error:
        run("new")
    assert (error.value.code, error.value.exit_code) == ("LC207", 10)
    assert project.theory_file.read_text() == "mine"
    assert read_log(project) == []


def test_new_in_a_dry_run_writes_nothing(project: Project) -> None:
    assert run("new", dry_run=True).startswith("Would write theory.toml.")
    assert not project.theory_file.exists()
    assert read_log(project) == []


def test_new_takes_a_title(project: Project) -> None:
    run("new", "--title", 'The "cusp" pupils')
    assert run("show").startswith('The "cusp" pupils\n')


def test_check_prints_one_line_a_gap_and_counts_them(project: Project) -> None:
    text = starter_theory("Mersey").replace("because = ", "assumption = ", 1)
    project.theory_file.write_text(text)
    lines = run("check", exit_code=1).splitlines()
    assert lines[0].startswith(
        "theory.toml:29  LC221  box I1 (Fewer people are hurt by serious violence) has no"
    )
    assert any("LC211  link A1>P1 (" in line for line in lines)
    assert lines[-1] == "4 warnings, 1 error"


def test_check_in_json_holds_every_gap_and_nothing_else(project: Project) -> None:
    project.theory_file.write_text(starter_theory("Mersey"))
    payload = json.loads(run("check", json=True))
    assert (payload["file"], payload["errors"], payload["warnings"]) == ("theory.toml", 0, 4)
    assert {"code", "severity", "line", "subject", "problem", "hint"} == set(payload["gaps"][0])


def test_check_refuses_a_theory_that_cannot_be_read(project: Project) -> None:
    project.theory_file.write_text("[theory]\n")
    with pytest.raises(TheoryError) as error:
        run("check")
    assert str(error.value) == "theory.toml:1: LC202 [theory] has no 'title'"


def test_show_tells_the_theory_one_box_one_link_and_one_measure(project: Project) -> None:
    run("new")
    whole = run("show")
    assert "4 boxes, 3 links, 3 not tested" in whole
    assert "P1>O1" in whole
    assert run("show", "A1").startswith("box A1 (Mentors meet people")
    assert "Meeting others on the scheme" in run("show", "P1>O1")
    assert "lower" in run("show", "proven-reoffending-binary")
    with pytest.raises(TheoryError) as error:
        run("show", "P1>O2")
    assert "Did you mean 'P1>O1'?" in str(error.value)


@pytest.mark.parametrize("id_", ["", "A1", "P1>O1", "sdq-total"])
def test_show_in_json_is_json_and_nothing_else(project: Project, id_: str) -> None:
    run("new")
    payload = json.loads(run("show", *([id_] if id_ else []), json=True))
    assert payload.get("id", "") == id_


def test_measures_are_listed_and_shown_with_what_is_not_checked(project: Project) -> None:
    assert "time-to-first-arrest" in run("list", group=measure_app)
    shown = run("show", "sdq-total", group=measure_app)
    assert "not yet checked against its source" in shown
    assert "14-16 slightly outside" in shown
    payload = json.loads(run("show", "sdq-total", group=measure_app, json=True))
    assert payload["scoring"]["scales"][1]["reverse"] == [7]
    assert len(json.loads(run("list", group=measure_app, json=True))["measures"]) == 27
    with pytest.raises(TheoryError) as error:
        run("show", "sdq-totl", group=measure_app)
    assert "Did you mean 'sdq-total'?" in str(error.value)


def test_the_built_in_measures_can_be_listed_outside_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "sdq-total" in run("list", group=measure_app)
    with pytest.raises(WorkspaceError):
        run("list", group=measure_app, project=tmp_path)


def test_status_says_how_much_of_the_theory_is_tested(project: Project) -> None:
    assert status_lines in STATUS.values()
    assert status_lines(project)[0].text == "none yet"
    project.theory_file.write_text("[theory]\n")
    assert status_lines(project)[0].text == "cannot be read: 1 fault"
    project.theory_file.write_text(starter_theory("Mersey"))
    assert status_lines(project)[0].text == "4 boxes, 3 links, 3 not tested"


def test_every_code_this_floor_uses_can_be_explained() -> None:
    folder = Path(__file__).parents[2] / "theory_of_change"
    used = {word for path in folder.glob("*.py") for word in path.read_text().split('"') if word[:2] == "LC"}
    codes = {word for word in used if len(word) == 5 and word[2:].isdigit()}
    assert codes <= set(EXPLANATIONS)
    assert len(codes) > 30
