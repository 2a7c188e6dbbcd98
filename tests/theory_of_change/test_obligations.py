"""Obligations stand in a file, come back as often as they say, and are told overdue first."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from theory_of_change.errors import TheoryError
from theory_of_change.obligations.commands import obligation_app, status_lines
from theory_of_change.obligations.file import read_register
from theory_of_change.obligations.model import Done, Obligation, Register, upcoming
from workspace import clock, console
from workspace.audit import read_log
from workspace.database import create_database
from workspace.days import months_later
from workspace.project import Project, create_project
from workspace.toml_source import parse_toml

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    made = create_project(tmp_path / "mersey", "Mersey")
    create_database(made)
    monkeypatch.chdir(made.root)
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr("theory_of_change.obligations.commands.today", lambda: TODAY)
    before = console.current()
    yield made
    console.configure(before)


def run(*words: str, **options: bool) -> str:
    console.configure(console.RunSettings(**options))  # type: ignore[arg-type]
    result = CliRunner().invoke(obligation_app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_duty_comes_back_and_what_is_late_stands_first(folder: Project) -> None:
    assert status_lines(folder) == []
    run(
        "add",
        "Review the strategy",
        "--source",
        "the Act",
        "--due",
        "2026-01-31",
        "--every",
        "year",
        "--owner",
        "lead",
    )
    run("add", "Grant return", "--source", "the grant", "--due", "2026-12-31", "--every", "quarter")
    run("add", "One report", "--source", "the board", "--due", "2026-12-01")
    assert "1 overdue; first: Review the strategy" in status_lines(folder)[0].text
    assert [line.split("  ")[0] for line in run("list").splitlines()[1:]] == ["OBL-001", "OBL-003", "OBL-002"]
    assert "295 days late. It is due again on 2027-01-31" in run(
        "done", "obl-001", "--by", "lead", "--note", "annex"
    )
    run("done", "OBL-003", "--by", "lead", "--on", "2026-11-20")
    with pytest.raises(TheoryError, match="comes once and was done") as error:
        run("done", "OBL-003", "--by", "lead")
    assert error.value.code == "LC356"
    assert "next: Grant return" in status_lines(folder)[0].text
    found = json.loads(run("list", "--all", json=True))
    assert [each["id"] for each in found["obligations"]] == ["OBL-002", "OBL-001"]
    assert len(found["done"]) == 2
    assert [each.action for each in read_log(folder)][-1] == "obligation.done"


def test_a_dry_run_leaves_the_file_alone(folder: Project) -> None:
    assert run("add", "A", "--source", "b", "--due", "2026-12-31", dry_run=True).startswith(
        "Would add OBL-001"
    )
    assert not (folder.root / "obligations.toml").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "A", "--source", "b", "--due", "31 December"), "LC355"),
        (("add", " ", "--source", " ", "--due", "2026-12-31"), "LC354"),
        (("add", "A", "--source", "b", "--due", "2026-12-31", "--every", "decade"), "LC355"),
        (("done", "OBL-009", "--by", "lead"), "LC356"),
    ],
)
def test_what_is_not_understood_is_refused(folder: Project, words: tuple[str, ...], code: str) -> None:
    with pytest.raises(TheoryError) as error:
        run(*words)
    assert {fault.code for fault in error.value.faults} == {code}


def test_faults_of_the_file_stand_at_their_line_all_at_once() -> None:
    text = (
        '[[obligation]]\nid = "OBL-001"\nduty = "A"\nsource = "b"\ndue = "soon"\nwho = "x"\n'
        '[[done]]\nobligation = "OBL-002"\ndue = 2026-01-01\non = 2026-01-01\n'
    )
    with pytest.raises(TheoryError) as error:
        read_register(parse_toml(text, "obligations.toml", TheoryError))
    found = {(fault.code, fault.where) for fault in error.value.faults}
    assert found == {
        ("LC355", "obligations.toml:5"), ("LC353", "obligations.toml:6"), ("LC354", "obligations.toml:7"),
        ("LC355", "obligations.toml:8"),
    }  # fmt: skip


def test_days_at_the_end_of_a_month_stay_there() -> None:
    assert months_later(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)
    each = Obligation("OBL-001", "A", "b", dt.date(2025, 12, 31), every="quarter")
    done = tuple(Done("OBL-001", months_later(each.due, 3 * n), TODAY, "lead") for n in range(2))
    assert upcoming(Register((each,), done))[0].day == dt.date(2026, 6, 30)
