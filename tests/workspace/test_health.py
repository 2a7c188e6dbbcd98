"""What doctor says of the foundations."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workspace.database import database_path
from workspace.health import workspace_health
from workspace.noticeboard import HealthReading
from workspace.project import Project


def named(project: Project, name: str) -> HealthReading:
    return next(reading for reading in workspace_health(project) if reading.name == name)


def test_a_fresh_project_passes_every_check(project: Project) -> None:
    assert {reading.name: reading.result for reading in workspace_health(project)} == dict.fromkeys(
        (
            "Python", "SQLite library", "Project folder", "Data kept out of git", "Database",
            "Deleted data is overwritten", "Audit log",
        ),
        "pass",
    )  # fmt: skip


@pytest.mark.parametrize("folder", ["OneDrive - Council", "Dropbox", "Nextcloud"])
def test_a_synced_folder_is_pointed_out(folder: str, project: Project, tmp_path: Path) -> None:
    moved = replace(project, root=tmp_path / folder / "mersey")
    shutil.copytree(project.root, moved.root)
    reading = named(moved, "Project folder")
    assert (reading.result, bool(reading.hint)) == ("warn", True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@pytest.mark.parametrize(("ignored", "result"), [(True, "pass"), (False, "fail")])
def test_git_itself_is_asked_whether_data_would_be_taken(
    ignored: bool, result: str, project: Project
) -> None:
    subprocess.run(["git", "init", "-q", str(project.root)], check=True, capture_output=True)
    if not ignored:
        (project.root / ".gitignore").write_text("data/\n")
    assert named(project, "Data kept out of git").result == result


def orphan(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO enrolment VALUES ('COH-009', 1, '2026-01-01')")


def tamper(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER audit_entry_no_update")
    connection.execute("INSERT INTO audit_entry VALUES (1, 'a', 'b', 'c', 'd', '{}', 'e', 'f')")


@pytest.mark.parametrize(("damage", "name"), [(orphan, "Database"), (tamper, "Audit log")])
def test_damage_fails_its_check_and_says_what_to_do(
    damage: Callable[[sqlite3.Connection], None], name: str, project: Project
) -> None:
    connection = sqlite3.connect(database_path(project))
    damage(connection)
    connection.commit()
    connection.close()
    reading = named(project, name)
    assert (reading.result, bool(reading.hint)) == ("fail", True)


def test_a_database_that_is_gone_is_a_failed_check_and_no_error(project: Project) -> None:
    database_path(project).unlink()
    reading = named(project, "Database")
    assert reading.result == "fail"
    assert reading.note.startswith("LC110 ")
