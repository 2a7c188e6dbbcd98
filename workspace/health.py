"""Checks of the foundations for ``lifecourse doctor``."""

from __future__ import annotations

import platform
import sqlite3
import subprocess
from typing import TYPE_CHECKING

from workspace.audit import read_log, verify
from workspace.database import HEAD, database_path, layout_hint, layout_version, reading
from workspace.errors import LifecourseError
from workspace.files import leftovers
from workspace.noticeboard import HealthReading
from workspace.postgresql import has_password, is_server
from workspace.project import Project
from workspace.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from sqlmodel import Session

SYNCED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "nextcloud")


def workspace_health(project: Project) -> list[HealthReading]:
    """Python, SQLite, the folder, the database, the audit chain."""
    return [
        _python(),
        _sqlite(),
        _folder(project),
        _ignored(project),
        *_database(project),
        *_password(project),
        *_leftovers(project),
    ]


def _python() -> HealthReading:
    return HealthReading("Python", "pass", platform.python_version())


def _sqlite() -> HealthReading:
    return HealthReading(
        "SQLite library", "pass", f"{sqlite3.sqlite_version}, rollback journal, full synchronisation"
    )


def _folder(project: Project) -> HealthReading:
    parts = [part.lower() for part in project.root.parts]
    if any(name in part for part in parts for name in SYNCED):
        return HealthReading(
            "Project folder",
            "warn",
            "it lies in a synced folder",
            "Keep data/ on a local disk: file syncing can break a database.",
        )
    return HealthReading("Project folder", "pass", "on a local path")


def _ignored(project: Project) -> HealthReading:
    """Would git take people's data? Asked of git itself, where the project is under git."""
    try:
        inside = subprocess.run(  # noqa: S603 - fixed words
            ["git", "-C", str(project.root), "rev-parse", "--is-inside-work-tree"],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=10,
        )
        if inside.returncode != 0:
            return HealthReading("Data kept out of git", "pass", "the project is not under git")
        probes = [  # one path at a time: git answers 0 when any of several is ignored
            subprocess.run(  # noqa: S603 - fixed words
                ["git", "-C", str(project.root), "check-ignore", "-q", path],  # noqa: S607
                capture_output=True,
                check=False,
                timeout=10,
            )
            for path in ("data/x", "inbox/x")
        ]
    except (OSError, subprocess.TimeoutExpired):
        return HealthReading("Data kept out of git", "pass", "git is not here")
    if all(probe.returncode == 0 for probe in probes):
        return HealthReading("Data kept out of git", "pass", "data/ and inbox/ are ignored")
    return HealthReading(
        "Data kept out of git",
        "fail",
        "data/ or inbox/ is not ignored",
        "Put data/ and inbox/ into .gitignore.",
    )


def _database(project: Project) -> list[HealthReading]:
    try:
        version = layout_version(project)
        if version != HEAD:
            note = f"layout {version or 'unknown'}, needed {HEAD}"
            return [HealthReading("Database", "fail", note, layout_hint(version))]
        on_server = is_server(project.settings.database_url)
        with reading(project) as session:
            readings = _server(session, version) if on_server else _file(project, session, version)
        chain = verify(read_log(project))
    except LifecourseError as error:
        fault = error.faults[0]
        return [HealthReading("Database", "fail", f"{fault.code} {fault.problem}", fault.hint)]
    note = (
        f"{chain.entries} entries" if chain.first_bad is None else f"entry {chain.first_bad}: {chain.reason}"
    )
    readings.append(
        HealthReading(
            "Audit log",
            "pass" if chain.first_bad is None else "fail",
            note,
            "lifecourse explain LC120" if chain.first_bad else "",
        )
    )
    return readings


def _file(project: Project, session: Session, version: str) -> list[HealthReading]:
    """The embedded file: is it sound, and is what was deleted overwritten."""
    connection = session.connection()
    sound = connection.exec_driver_sql("PRAGMA quick_check").scalar()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    secure = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
    well = sound == "ok" and orphans is None
    note = f"{database_path(project).name}, layout {version}, {'sound' if well else 'damaged'}"
    overwritten = f"secure_delete {'on' if secure else 'off'}, journal {mode}"
    return [
        HealthReading("Database", "pass" if well else "fail", note, "" if well else "Restore a backup."),
        HealthReading("Deleted data is overwritten", "pass" if secure else "fail", overwritten),
    ]


def _server(session: Session, version: str) -> list[HealthReading]:
    """The server and its version."""
    number = session.connection().exec_driver_sql("SHOW server_version").scalar()
    return [HealthReading("Database", "pass", f"PostgreSQL {number}, layout {version}")]


def _password(project: Project) -> list[HealthReading]:
    """A password has no place in a file that is kept in git."""
    text = (project.root / SETTINGS_FILE).read_text(encoding="utf-8")
    urls = [word for word in text.replace('"', " ").split() if is_server(word)]
    if not any(has_password(url) for url in urls):
        return []
    hint = "Put the URL into LIFECOURSE_DATABASE_URL, or the password into a password file."
    return [HealthReading("Database password", "fail", "a password stands in lifecourse.toml", hint)]


def _leftovers(project: Project) -> list[HealthReading]:
    """Half-written files that a killed command could not take away; nothing ever reads them."""
    found = [project.shown(path) for path in leftovers(project.root)]
    if not found:
        return []
    note = f"half-written files of an interrupted command ({len(found)}): {', '.join(found[:3])}"
    site = any(path.suffix == ".old" for path in leftovers(project.root))
    hint = "lifecourse site build brings back a site that has no folder, and tidies." if site else ""
    hint = hint or "When no command is running, delete them."
    return [HealthReading("Interrupted writes", "warn", note, hint)]
