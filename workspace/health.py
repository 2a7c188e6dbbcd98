"""Checks of the foundations for ``lifecourse doctor``."""

from __future__ import annotations

import platform
import sqlite3
import subprocess

from workspace.audit import read_log, verify
from workspace.database import HEAD, database_path, layout_hint, layout_version, reading
from workspace.errors import LifecourseError
from workspace.noticeboard import HealthReading
from workspace.project import Project

SYNCED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "nextcloud")


def workspace_health(project: Project) -> list[HealthReading]:
    """Python, SQLite, the folder, the database, the audit chain."""
    return [_python(), _sqlite(), _folder(project), _ignored(project), *_database(project)]


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
        with reading(project) as session:
            connection = session.connection()
            sound = connection.exec_driver_sql("PRAGMA quick_check").scalar()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            secure = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
        chain = verify(read_log(project))
    except LifecourseError as error:
        fault = error.faults[0]
        return [HealthReading("Database", "fail", f"{fault.code} {fault.problem}", fault.hint)]
    well = sound == "ok" and orphans is None
    readings = [
        HealthReading(
            "Database",
            "pass" if well else "fail",
            f"{database_path(project).name}, layout {version}, {'sound' if well else 'damaged'}",
            "" if well else "Restore a backup.",
        ),
        HealthReading(
            "Deleted data is overwritten",
            "pass" if secure else "fail",
            f"secure_delete {'on' if secure else 'off'}, journal {mode}",
        ),
    ]
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
