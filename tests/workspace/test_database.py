"""The store's door: pragmas, strict tables, one writer at a time, one layout, and locks that hold."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from cohorts import commands as cohort_commands
from cohorts import records as cohort_records
from cohorts.areas import records as area_records
from cohorts.custody import records as key_records
from cohorts.gate import records as gate_records
from cohorts.linking import records as link_records
from cohorts.lives import records as follow_records
from cohorts.releases import records as release_records
from cohorts.requests import records as rights_records
from evaluation import commands as evaluation_commands
from evaluation import records as evaluation_records
from evaluation.register import records as register_records
from evaluation.saved import records as saved_records
from theory_of_change.delivery import records as delivery_records
from theory_of_change.tracking import records as tracking_records
from workspace import audit, database, noticeboard, records
from workspace.database import (
    HEAD,
    create_database,
    database_path,
    layout_version,
    next_id,
    open_engine,
    reading,
    upgrade_database,
    writing,
)
from workspace.errors import WorkspaceError
from workspace.health import workspace_health
from workspace.project import Project

TABLES_OF = (
    records, cohort_records, area_records, key_records, link_records, follow_records, rights_records,
    evaluation_records, register_records, release_records, delivery_records, tracking_records,
    saved_records, gate_records,
)  # fmt: skip
FLOORS_POSTED = (cohort_commands, evaluation_commands)
PROBE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0.1, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("got the lock")
except sqlite3.OperationalError as problem:
    print(problem)
"""


def from_outside(path: Path) -> str:
    """What another process hears when it asks for the write lock."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("journal_mode", "delete"),
        ("synchronous", 2),
        ("temp_store", 2),
    ],
)
def test_every_connection_has_its_pragmas(pragma: str, value: object, project: Project) -> None:
    with reading(project) as session:
        assert session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    with writing(project) as session:
        assert session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_every_table_is_strict(project: Project) -> None:
    with reading(project) as session:
        tables = session.connection().exec_driver_sql("PRAGMA table_list").fetchall()
    ours = {row[1]: bool(row[5]) for row in tables if row[2] == "table" and not row[1].startswith("sqlite_")}
    assert {name for name, strict in ours.items() if not strict} == {"alembic_version"}
    assert set(ours) - {"alembic_version"} == set(SQLModel.metadata.tables)


def test_a_strict_table_refuses_a_text_where_a_number_belongs(project: Project) -> None:
    with pytest.raises(WorkspaceError) as error, writing(project) as session:
        session.connection().exec_driver_sql("INSERT INTO counter (prefix, last) VALUES ('X', 'Quilbrax')")
    assert error.value.code == "LC110"
    assert "Quilbrax" not in str(error.value)


def test_a_row_that_points_nowhere_is_refused_and_nothing_is_kept(project: Project) -> None:
    def write() -> None:
        with writing(project) as session:
            audit.record(session, "test", "thing")
            session.connection().exec_driver_sql("INSERT INTO enrolment VALUES ('COH-999', 7, '2026-01-01')")

    with pytest.raises(WorkspaceError) as error:
        write()
    assert error.value.code == "LC110"
    assert "rule of the store" in str(error.value)
    assert audit.read_log(project) == []


FIRST_LAYOUT = {
    "audit_entry", "owner", "counter", "participant", "pseudonym", "cohort", "enrolment", "delivery", "variable",
    "wave", "observation", "holding", "plan_lock", "evaluation",
}  # fmt: skip


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_triggers_refuse_to_change_the_log(change: str, project: Project) -> None:
    with writing(project) as session:
        audit.record(session, "test", "thing")
    with pytest.raises(WorkspaceError), writing(project) as session:
        session.connection().exec_driver_sql(change)
    assert audit.verify(audit.read_log(project)).entries == 1


def test_the_newest_layout_is_exactly_what_the_tables_say(project: Project) -> None:
    assert all(module.__doc__ for module in TABLES_OF)
    with open_engine(database_path(project)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_fresh_database_has_the_newest_layout_and_upgrading_it_changes_nothing(project: Project) -> None:
    assert layout_version(project) == HEAD
    before = database_path(project).read_bytes()
    upgrade_database(project)
    assert database_path(project).read_bytes() == before


def test_a_database_of_the_first_layout_is_brought_to_the_newest_and_keeps_its_log(project: Project) -> None:
    with writing(project) as session:
        audit.record(session, "test", "kept")
    with contextlib.closing(sqlite3.connect(database_path(project))) as old, old:
        for table in set(SQLModel.metadata.tables) - FIRST_LAYOUT:
            old.execute(f"DROP TABLE {table}")
        later = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'audit_entry'"
        for (trigger,) in old.execute(later).fetchall():
            old.execute(f"DROP TRIGGER {trigger}")
        for column in ("agreement", "agreement_version"):
            old.execute(f"ALTER TABLE delivery DROP COLUMN {column}")
        old.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(WorkspaceError, match="0001"), reading(project):
        pass
    upgrade_database(project)
    assert layout_version(project) == HEAD
    assert audit.verify(audit.read_log(project)).entries == 1
    test_the_newest_layout_is_exactly_what_the_tables_say(project)


def test_making_a_database_in_a_folder_that_is_not_there_makes_the_folder(project: Project) -> None:
    path = database_path(project)
    path.unlink()
    path.parent.rmdir()
    create_database(project)
    assert layout_version(project) == HEAD


def test_an_exception_of_any_kind_takes_the_whole_transaction_back(project: Project) -> None:
    with contextlib.suppress(KeyboardInterrupt), writing(project) as session:
        next_id(session, "EVAL")
        raise KeyboardInterrupt
    with writing(project) as session:
        assert next_id(session, "EVAL") == "EVAL-001"
        assert next_id(session, "EVAL") == "EVAL-002"
        assert next_id(session, "COH") == "COH-001"


def test_a_reader_never_keeps_what_it_writes(project: Project) -> None:
    with reading(project) as session:
        session.connection().exec_driver_sql("INSERT INTO counter (prefix, last) VALUES ('X', 1)")
    with reading(project) as session:
        assert session.connection().exec_driver_sql("SELECT COUNT(*) FROM counter").scalar() == 0


def test_a_second_writer_is_told_that_the_first_is_not_done(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with writing(project) as first:
        audit.record(first, "first", "x")
        with pytest.raises(WorkspaceError) as error, writing(project) as second:
            audit.record(second, "second", "x")
    assert (error.value.code, error.value.exit_code) == ("LC112", 2)
    assert [entry.action for entry in audit.read_log(project)] == ["first"]


def test_a_second_writer_waits_its_turn(project: Project) -> None:
    began = threading.Event()

    def slow() -> None:
        with writing(project) as session:
            audit.record(session, "first", "x")
            began.set()
            time.sleep(0.3)

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(10)
    with writing(project) as session:
        audit.record(session, "second", "x")
    thread.join()
    log = audit.read_log(project)
    assert [entry.action for entry in log] == ["first", "second"]
    assert audit.verify(log).first_bad is None


def test_the_write_lock_holds_while_the_same_process_reads_and_checks(project: Project) -> None:
    """POSIX drops all of a process's locks on a file when any handle of another library on it is closed."""
    assert all(module.__doc__ for module in FLOORS_POSTED)
    path = database_path(project)
    with writing(project) as session:
        session.connection().execute(text("INSERT INTO counter (prefix, last) VALUES ('X', 1)"))
        assert from_outside(path) == "database is locked"
        layout_version(project)
        assert from_outside(path) == "database is locked"
        workspace_health(project)
        assert from_outside(path) == "database is locked"
        for _, reporter in sorted(noticeboard.STATUS.items()):
            reporter(project)
        for check in noticeboard.HEALTH:
            check(project)
        audit.read_log(project)
        assert from_outside(path) == "database is locked"
    assert from_outside(path) == "got the lock"


def test_the_probe_of_that_test_would_see_a_lock_that_was_lost(project: Project) -> None:
    """Opening the file as a plain file and closing it does lose the lock: the reason for the rule."""
    path = database_path(project)
    if sys.platform == "win32":
        pytest.skip("POSIX locks")
    with writing(project):
        path.read_bytes()
        assert from_outside(path) == "got the lock"


@pytest.mark.parametrize("damage", ["text", "folder", "missing", "other", "empty"])
def test_what_is_no_database_of_ours_is_refused_in_words(damage: str, project: Project) -> None:
    path = database_path(project)
    path.unlink()
    if damage == "text":
        path.write_text("Quilbrax " * 1000)
    elif damage == "folder":
        path.mkdir()
    elif damage == "other":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
        connection.close()
    elif damage == "empty":
        path.touch()
    for attempt in (layout_version, upgrade_database):
        with pytest.raises(WorkspaceError) as error:
            attempt(project)
        assert (error.value.code, error.value.faults[0].where) == ("LC110", "data/cohort.sqlite")
        assert error.value.faults[0].hint
    assert path.exists() is (damage != "missing")


def test_a_page_of_rubbish_in_the_file_is_called_damage(project: Project) -> None:
    path = database_path(project)
    data = bytearray(path.read_bytes())
    data[4096:] = b"Quilbrax" * ((len(data) - 4096) // 8)
    path.write_bytes(data)
    with pytest.raises(WorkspaceError) as error:
        audit.read_log(project)
    assert error.value.code == "LC110"
    assert "Quilbrax" not in str(error.value)


@pytest.mark.parametrize(
    ("version", "hint"), [("0000", "doctor --upgrade"), ("9999", "pip install --upgrade")]
)
def test_another_layout_is_named_with_what_to_do(version: str, hint: str, project: Project) -> None:
    connection = sqlite3.connect(database_path(project))
    connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.commit()
    connection.close()
    with pytest.raises(WorkspaceError) as error, reading(project):
        pass
    assert error.value.code == "LC111"
    assert hint in error.value.faults[0].hint
    fail = next(check for check in workspace_health(project) if check.result == "fail")
    assert hint in fail.hint


def test_a_database_from_the_future_is_never_upgraded(project: Project) -> None:
    connection = sqlite3.connect(database_path(project))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(WorkspaceError) as error:
        upgrade_database(project)
    assert error.value.code == "LC111"


def test_deleted_values_are_overwritten_in_the_file(project: Project) -> None:
    path = database_path(project)
    with writing(project) as session:
        session.connection().exec_driver_sql("INSERT INTO counter (prefix, last) VALUES ('Quilbraxwexl', 1)")
    assert b"Quilbraxwexl" in path.read_bytes()
    with writing(project) as session:
        session.connection().exec_driver_sql("DELETE FROM counter")
    assert b"Quilbraxwexl" not in path.read_bytes()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "no journal is left behind"
