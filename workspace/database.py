"""The store's door: one SQLite file, one SQLite library, one way to read and one way to write.

Rules (measured and reproduced before they were written down):

* Rollback journal with ``synchronous=FULL``: as fast as a write-ahead log for imports, one file on disk.
* ``secure_delete`` on: what is deleted is overwritten, whatever the system's default.
* Writers take the lock at once (``BEGIN IMMEDIATE``) and wait rather than fail.
* Only one SQLite library may touch the file in a process, and nothing opens it as a plain file meanwhile:
  closing a second handle drops the first one's locks, and another process's rows are lost in silence.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workspace.errors import WorkspaceError
from workspace.project import Project

if TYPE_CHECKING:  # third-party types only; our own floors are never imported this way
    from sqlalchemy.engine import Connection, Engine
    from sqlmodel import Session

HEAD = "0001"
BUSY_SECONDS = 120
SQLITE = "sqlite:///"


def database_path(project: Project) -> Path:
    """Where the embedded database file is."""
    url = project.settings.database_url
    if not url.startswith(SQLITE):
        kind = url.split(":", 1)[0]
        raise WorkspaceError(
            "LC113",
            f"a '{kind}' database is not supported by this version",
            'Use url = "sqlite:///data/cohort.sqlite".',
        )
    return (project.root / url.removeprefix(SQLITE)).resolve()


def _pragmas(connection: Any, _record: Any = None) -> None:
    connection.isolation_level = None  # transactions are begun by us, not guessed by the driver
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "secure_delete=ON",
        "journal_mode=DELETE",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "cache_size=-262144",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def open_engine(path: Path) -> Engine:
    """An engine on the database file. The file must exist unless ``create_database`` is making it."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=BUSY_SECONDS)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "connect", _pragmas)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("lifecourse_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode else "BEGIN")

    return engine


@contextlib.contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into ours. The driver's own text may quote values, so it is dropped."""
    from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

    try:
        yield
    except OperationalError as problem:
        if "locked" in str(problem.orig) or "busy" in str(problem.orig):
            raise WorkspaceError(
                "LC112",
                "another command is writing to the database",
                "Wait for it and try again.",
                where=path.name,
            ) from None
        raise WorkspaceError(
            "LC110", "the database cannot be used", "lifecourse doctor", where=path.name
        ) from None
    except IntegrityError:
        raise WorkspaceError(
            "LC110",
            "the database refused the data: a rule of the store was broken",
            "lifecourse doctor",
            where=path.name,
        ) from None
    except DatabaseError:
        raise WorkspaceError(
            "LC110",
            "the database file is damaged",
            "Restore it from a backup. lifecourse doctor says more.",
            where=path.name,
        ) from None
    except sqlite3.Error:
        raise WorkspaceError(
            "LC110", "the database cannot be opened", "lifecourse doctor", where=path.name
        ) from None


def create_database(project: Project) -> None:
    """Make the database file and bring it to the newest layout."""
    path = database_path(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with plain_errors(path):
        _upgrade(open_engine(path))


def upgrade_database(project: Project) -> None:
    """Bring an existing database to the newest layout."""
    version = layout_version(project)
    if version > HEAD:
        raise _other_layout(version)
    path = database_path(project)
    with plain_errors(path):
        _upgrade(open_engine(path))


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect().execution_options(lifecourse_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _existing(project: Project) -> Path:
    path = database_path(project)
    shown = project.shown(path)
    if path.is_dir():
        raise WorkspaceError(
            "LC110",
            "the database is a folder, not a file",
            "Move the folder away, or correct [database] url.",
            where=shown,
        )
    if not path.is_file():
        raise WorkspaceError(
            "LC110",
            "the database file is missing",
            "Restore it from a backup, or start afresh with lifecourse init.",
            where=shown,
        )
    return path


def layout_version(project: Project) -> str:
    """The layout the database has, read with the driver alone (this is on the way of every command)."""
    path = _existing(project)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as problem:
        if "locked" in str(problem):
            raise WorkspaceError(
                "LC112",
                "another command is writing to the database",
                "Wait for it and try again.",
                where=project.shown(path),
            ) from None
        raise WorkspaceError(
            "LC110",
            "the file is not a Lifecourse database",
            "Restore it from a backup.",
            where=project.shown(path),
        ) from None
    return str(row[0]) if row else ""


def _checked(project: Project) -> Path:
    version = layout_version(project)
    if version != HEAD:
        raise _other_layout(version)
    return database_path(project)


def layout_hint(version: str) -> str:
    """What to do about a database of another layout."""
    older = version < HEAD
    return "lifecourse doctor --upgrade" if older else "Update the program: pip install --upgrade lifecourse"


def _other_layout(version: str) -> WorkspaceError:
    return WorkspaceError(
        "LC111",
        f"the database has layout {version or 'unknown'}, this program needs {HEAD}",
        layout_hint(version),
    )


@contextlib.contextmanager
def reading(project: Project) -> Iterator[Session]:
    """A session that sees one consistent state and never writes."""
    from sqlmodel import Session

    path = _checked(project)
    with plain_errors(path), Session(open_engine(path)) as session:
        yield session
        session.rollback()


@contextlib.contextmanager
def writing(project: Project) -> Iterator[Session]:
    """A session that holds the write lock from the start; all of it is kept, or none."""
    from sqlmodel import Session

    path = _checked(project)
    with plain_errors(path):
        engine = open_engine(path).execution_options(lifecourse_write=True)
        with Session(engine) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise


def next_id(session: Session, prefix: str) -> str:
    """The next id of a kind, such as EVAL-003. Numbers are never given twice, even after a deletion."""
    from workspace.records import Counter

    counter = session.get(Counter, prefix)
    if counter is None:
        counter = Counter(prefix=prefix, last=0)
    counter.last += 1
    session.add(counter)
    session.flush()
    return f"{prefix}-{counter.last:03d}"
