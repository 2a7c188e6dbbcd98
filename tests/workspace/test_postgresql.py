"""A team's store on a server: the same layout, the same rules, the same results."""

from __future__ import annotations

import importlib
import json
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from tests.test_architecture import TABLES
from workspace import database
from workspace.audit import read_log, record, verify
from workspace.database import create_database, layout_version, reading, writing
from workspace.errors import WorkspaceError
from workspace.postgresql import has_password, is_server, open_server
from workspace.project import Project, create_project


@pytest.fixture
def on_server(tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", empty_database)
    project = create_project(tmp_path / "project", "Team")
    create_database(project)
    return project


def test_the_layout_on_a_server_is_that_of_the_models(on_server: Project) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    for name in sorted(TABLES | {"workspace/records.py"}):
        importlib.import_module(name.removesuffix(".py").replace("/", "."))
    assert layout_version(on_server) == database.HEAD
    with reading(on_server) as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_server_refuses_to_change_the_audit_log(on_server: Project) -> None:
    with writing(on_server) as session:
        record(session, "test", "one")
    for statement in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(WorkspaceError), writing(on_server) as session:
            session.connection().exec_driver_sql(statement)
    assert verify(read_log(on_server)).first_bad is None


def test_two_writers_queue_and_the_chain_stays_whole(on_server: Project) -> None:
    def work(name: str) -> None:
        for _ in range(5):
            with writing(on_server) as session:
                record(session, "test", name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome = verify(read_log(on_server))
    assert (outcome.entries, outcome.first_bad) == (10, None)


def test_a_writer_that_waits_too_long_is_told_so(on_server: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(on_server):
        monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
        with pytest.raises(WorkspaceError) as caught, writing(on_server):
            pass
    assert caught.value.code == "LC112"


def test_a_reader_cannot_write(on_server: Project) -> None:
    with pytest.raises(WorkspaceError), reading(on_server) as session:
        session.connection().exec_driver_sql("INSERT INTO counter (prefix, last) VALUES ('X', 1)")


def test_a_database_holds_one_project(on_server: Project, tmp_path: Path) -> None:
    other = create_project(tmp_path / "other", "Other")
    with pytest.raises(WorkspaceError) as caught:
        create_database(other)
    assert caught.value.code == "LC115"
    with pytest.raises(WorkspaceError) as caught, reading(other):
        pass
    assert caught.value.code == "LC115"


def test_a_server_that_is_not_there_is_one_clear_error_without_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", "postgresql://someone:topsecret@127.0.0.1:9/nowhere")
    project = create_project(tmp_path / "project", "Team")
    with pytest.raises(WorkspaceError) as caught:
        create_database(project)
    assert caught.value.code == "LC110"
    assert "topsecret" not in str(caught.value.faults)
    assert "nowhere" not in str(caught.value.faults)


def test_an_empty_database_is_no_project(
    tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", empty_database)
    project = create_project(tmp_path / "project", "Team")
    with pytest.raises(WorkspaceError) as caught, reading(project):
        pass
    assert caught.value.code == "LC110"


def test_urls_are_told_apart() -> None:
    assert is_server("postgresql://host/name")
    assert is_server("postgres://host/name")
    assert not is_server("sqlite:///data/cohort.sqlite")
    assert has_password("postgresql://me:secret@host/name")
    assert not has_password("postgresql://me@host/name")


def test_the_engine_hides_parameters_in_its_errors(empty_database: str) -> None:
    engine = open_server(empty_database, 1)
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.exec_driver_sql("SELECT %s::int", ("zorvquil",))
    assert "('zorvquil',)" not in str(caught.value)


def same(one: object, other: object) -> None:
    """Equal; numbers but for the last bits, since the order of people follows each project's own key."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same(a, b)
    elif isinstance(one, float) and isinstance(other, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-12)
    else:
        assert one == other


@pytest.mark.slow
def test_the_demonstration_finds_the_same_on_a_server(
    tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    root = Path(__file__).parents[2]
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    findings = []
    for name, url in (("file", ""), ("server", empty_database)):
        if url:
            monkeypatch.setenv("LIFECOURSE_DATABASE_URL", url)
        subprocess.run(
            [sys.executable, "-m", "cli", "demo", str(tmp_path / name)],
            cwd=root,
            check=True,
            capture_output=True,
        )
        results = [json.loads(p.read_text()) for p in sorted((tmp_path / name / "evidence").glob("*.json"))]
        for result in results:
            result.pop("provenance")
            for moment in ("locked_at",):
                result["plan"].pop(moment)
        findings.append(results)
    assert len(findings[0]) == 4
    for one, other in zip(*findings, strict=True):
        same(one, other)
