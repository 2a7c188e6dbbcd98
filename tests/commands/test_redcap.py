"""The REDCap commands as a newcomer meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cohorts.redcap_project import FIELDS, dictionary_text, write_project
from tests.commands.program import Program

FILES = ("--redcap", "inbox/dictionary.csv", "--from", "inbox/export.csv", "--events", "inbox/events.csv")
ADD = ("source", "add", "trial", *FILES, "--missing", "-99, Not asked", "--cohort", "leavers")


@pytest.fixture
def folder(small: Path) -> Path:
    write_project(small / "inbox")
    return small


def test_a_dry_run_shows_the_sources_and_writes_none(program: Program, folder: Path) -> None:
    said = program.well(*ADD, "--dry-run", cwd=folder)
    assert "Would write sources/trial.toml" in said.out
    assert "exit_interview_arm_1: their rows are left out" in said.out
    assert list((folder / "sources").glob("trial*")) == []


def test_the_sources_are_written_and_load_one_after_the_other(program: Program, folder: Path) -> None:
    payload = program.well(*ADD, "--json", cwd=folder).payload
    assert [source["file"] for source in payload["sources"]] == [
        "sources/trial.toml",
        "sources/trial-session.toml",
    ]
    assert payload["events_left_out"] == ["exit_interview_arm_1"]
    for source in ("trial", "trial-session"):
        assert program.well("source", "load", source, "inbox/export.csv", "--json", cwd=folder).payload[
            "written"
        ]


def test_a_newer_dictionary_is_listed_with_exit_one_and_the_same_one_with_none(
    program: Program, folder: Path
) -> None:
    program.well(*ADD, cwd=folder)
    check = ("source", "check", "trial", "--redcap", "inbox/dictionary.csv", "--json")
    same = program.well(*check, cwd=folder)
    assert same.payload["layout"] == {"added": [], "removed": [], "changed": []}
    rows = [list(row) for row in FIELDS]
    next(row for row in rows if row[0] == "sex")[5] = "1, Male | 2, Female | 9, Prefer not to say"
    (folder / "inbox" / "dictionary.csv").write_text(dictionary_text(rows), encoding="utf-8")
    newer = program(*check, cwd=folder)
    assert newer.code == 1
    assert newer.payload["layout"]["changed"] == ["sex"]
    assert program("source", "check", "--redcap", "inbox/dictionary.csv", cwd=folder).code == 11
