"""The register cannot forget: whatever is done to files and commands, a locked null study still shows."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from evaluation.register import store as register_store
from evaluation.register.store import add_note, list_notes
from tests.commands.program import Program
from tests.commands.small_project import PLAN, project_at
from workspace.database import create_database, reading, writing
from workspace.project import create_project

SAID = ("--reason", "the arms were mixed up", "--by", "Police research unit")


def entry(program: Program, root: Path, plan: str = "locked") -> dict[str, Any]:
    payload = program.well("finding", "list", "--json", cwd=root).payload
    return next(one for one in payload["entries"] if one["plan"]["plan_id"] == plan)


@pytest.fixture
def reported(small: Path, program: Program) -> Path:
    """The small project with its locked plan run: no worthwhile difference."""
    program.well("evaluate", "run", "locked", cwd=small)
    return small


def test_a_locked_null_study_cannot_be_hidden(reported: Path, program: Program) -> None:
    fingerprint = entry(program, reported)["runs"][0]["sha256"]
    program.well("evaluate", "run", "locked", cwd=reported)
    assert program("plan", "stop", "locked", "--reason", "we would rather not", cwd=reported).code == 4
    program.well("finding", "dispute", "EVAL-001", *SAID, cwd=reported)
    explored = program("evaluate", "run", "locked", "--exploratory", cwd=reported)
    assert (explored.code, "LC859" in explored.err) == (4, True), (
        "an exploration opens nothing that is sealed"
    )
    program.well("evaluate", "run", "locked", cwd=reported)
    program.well("finding", "publish", "EVAL-002", "--where", "only the other one", cwd=reported)
    for folder in ("evidence", "reports", "plans"):
        shutil.rmtree(reported / folder)
    found = entry(program, reported)
    assert found["state"] == "disputed"
    assert [run["answer"] for run in found["runs"]] == ["no-meaningful-effect"] * 3
    listed = program.well("finding", "list", cwd=reported).out
    assert listed.count("no worthwhile difference (file missing)") == 3
    assert f"evidence/EVAL-001.json is missing; fingerprint of what was written: {fingerprint}" in listed
    status = program.well("status", cwd=reported).out
    assert "evidence/EVAL-001.json is missing" in status
    assert "plans/locked.toml is missing" in status
    health = program("doctor", "--json", cwd=reported)
    assert health.code == 1
    reading_ = next(check for check in health.payload["checks"] if check["name"] == "findings")
    assert (reading_["result"], "EVAL-001 is missing" in reading_["note"]) == ("fail", True)
    shown = program.well("finding", "show", "locked", cwd=reported).out
    assert "its locked text is in the database" in shown


def test_a_finding_that_was_rewritten_is_named_as_changed(reported: Path, program: Program) -> None:
    path = reported / "evidence" / "EVAL-001.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("no-meaningful-effect", "works"), encoding="utf-8"
    )
    listed = program.well("finding", "list", cwd=reported).out
    assert "no worthwhile difference (file changed)" in listed
    assert "evidence/EVAL-001.json was changed since it was written" in listed


def test_a_stopped_study_stays_and_still_owes_what_was_collected(
    small: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = entry(program, small)
    assert (before["state"], before["ripe_in"]) == ("running", "2022-03")
    dry = program.well("plan", "stop", "locked", "--reason", "no money", "--dry-run", cwd=small)
    assert "Nothing was written" in dry.out
    assert entry(program, small)["state"] == "running"
    said = program.well("plan", "stop", "locked", "--reason", "no money", cwd=small).out
    assert "its finding is still owed" in said
    stopped = entry(program, small)
    assert (stopped["state"], stopped["overdue"]) == ("stopped", False)
    assert stopped["notes"][0]["data_state"] == "outcomes collected"
    assert program("plan", "stop", "locked", "--reason", "again", cwd=small).code == 4
    monkeypatch.setattr(register_store, "today", lambda: dt.date(2031, 6, 1))
    late = entry(program, small)
    assert (late["state"], late["overdue"]) == ("stopped", True)
    assert "the report was due on 2030-12-31" in program.well("status", cwd=small).out


def test_a_plan_that_is_late_is_overdue_in_the_list_and_in_status(
    small: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Overdue" not in program.well("status", cwd=small).out
    monkeypatch.setattr(register_store, "today", lambda: dt.date(2031, 1, 1))
    assert entry(program, small)["state"] == "overdue"
    status = program.well("status", cwd=small).out
    assert "locked: the report was due on 2030-12-31" in status
    assert "lifecourse evaluate run locked" in status


def test_disputes_are_answered_once_and_publication_is_noted(reported: Path, program: Program) -> None:
    program.well("finding", "dispute", "EVAL-001", *SAID, cwd=reported)
    program.well("finding", "dispute", "locked", *SAID, cwd=reported)
    several = program("finding", "resolve", "EVAL-001", "--ruled", "upheld", *SAID, cwd=reported)
    assert (several.code, "LC543" in several.err, "Open: 1, 2" in several.err) == (12, True, True)
    for number in ("1", "2"):
        program.well(
            "finding",
            "resolve",
            "EVAL-001",
            "--dispute",
            number,
            "--ruled",
            "not-upheld",
            *SAID,
            cwd=reported,
        )
    again = program("finding", "resolve", "EVAL-001", "--ruled", "upheld", *SAID, cwd=reported)
    assert "has no open dispute" in again.err
    assert program("finding", "resolve", "EVAL-001", "--ruled", "gone", *SAID, cwd=reported).code == 12
    done = program.well(
        "finding", "publish", "locked", "--where", "Crime Journal 4", "--on", "2026-01-02", cwd=reported
    )
    assert "Nothing was released by this" in done.out
    shown = program.well("finding", "show", "EVAL-001", cwd=reported).out
    assert "2026-01-02  EVAL-001 published: Crime Journal 4" in shown
    assert shown.count("not upheld") == 2
    assert entry(program, reported)["state"] == "published"


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("finding", "show", "EVAL-009"), "LC540", 12),
        (("finding", "dispute", "locked", *SAID), "LC540", 12),
        (("plan", "stop", "aid", "--reason", "x y"), "LC540", 12),
        (("plan", "stop", "locked", "--reason", " . "), "LC542", 12),
        (("finding", "publish", "locked", "--where", "a journal", "--on", "2999-01-01"), "LC544", 12),
    ],
)
def test_what_the_register_refuses(
    words: tuple[str, ...], code: str, exit_code: int, small: Path, program: Program
) -> None:
    done = program(*words, cwd=small)
    assert (done.code, code in done.err) == (exit_code, True), done.err


def test_a_run_and_a_plan_that_was_never_locked_cannot_be_stopped(reported: Path, program: Program) -> None:
    text = PLAN.replace('"aid"\ntitle', '"loose"\ntitle').replace('"arrested"', '"convictions"')
    text = text.replace('wave = "12-months"', 'wave = "release"').replace('"binary"', '"continuous"')
    text = text.replace('covariates = ["convictions"]', "").replace("expected_rate = 0.4\n", "")
    (reported / "plans" / "loose.toml").write_text(text, encoding="utf-8")
    program.well("evaluate", "run", "loose", "--exploratory", cwd=reported)
    for name in ("EVAL-001", "loose"):
        done = program("plan", "stop", name, "--reason", "no money", cwd=reported)
        assert (done.code, "LC541" in done.err) == (4, True)
    assert entry(program, reported, "loose")["state"] == "exploratory"


def test_the_register_is_read_without_the_theory_and_with_a_broken_one(small: Path, program: Program) -> None:
    (small / "theory.toml").write_text("[theory]\nwhat = 1\n", encoding="utf-8")
    assert entry(program, small)["state"] == "running"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_note SET said = 'another'",
        "DELETE FROM register_note",
        "replace",
    ],
)
def test_the_database_itself_refuses_to_change_a_note(
    statement: str, database_url: str, tmp_path: Path
) -> None:
    project = create_project(tmp_path / "project")
    create_database(project)
    with writing(project) as session:
        add_note(session, "stop", "aid", "no money")
    embedded = not database_url
    if statement == "replace":
        rows = "VALUES (1, 'stop', 'aid', 'x', '', '', '', '', NULL, '', '')"
        statement = f"INSERT OR REPLACE INTO register_note {rows}" if embedded else "TRUNCATE register_note"
    with writing(project, keep=False) as session, pytest.raises(DatabaseError, match="append-only"):
        session.connection().exec_driver_sql(statement)
    with reading(project) as session:
        assert [note.said for note in list_notes(session)] == ["no money"]


def test_the_register_is_the_same_on_both_stores(database_url: str, place: Path, program: Program) -> None:
    program.well("init", place / "p", "--name", "A project")
    with writing(project_at(place / "p")) as session:
        number = add_note(session, "publish", "EVAL-001", "a journal", day="2026-01-01")
        assert number == 1
        assert add_note(session, "dispute", "EVAL-001", "why", by_whom="Bo") == 2
    payload = program.well("finding", "list", "--json", cwd=place / "p").payload
    assert payload["tally"]["planned"] == 0
    assert payload["entries"] == []
    assert "No evaluation is planned yet" in program.well("finding", "list", cwd=place / "p").out
