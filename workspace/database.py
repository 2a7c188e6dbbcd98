"""The store's door: one way to read and one way to write, on the embedded SQLite file or on a server.

Rules of the embedded file (measured and reproduced before they were written down):

* Rollback journal with ``synchronous=FULL``: as fast as a write-ahead log for imports, one file on disk.
* ``secure_delete`` on: what is deleted is overwritten, whatever the system's default.
* Writers take the lock at once (``BEGIN IMMEDIATE``) and wait rather than fail.
* Only one SQLite library may touch the file in a process, and nothing opens it as a plain file meanwhile:
  closing a second handle drops the first one's locks, and another process's rows are lost in silence.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workspace.errors import WorkspaceError
from workspace.postgresql import SHOWN, is_server, open_server, plain_server_errors, server_layout
from workspace.project import Project

if TYPE_CHECKING:  # third-party types only; our own floors are never imported this way
    from sqlalchemy.engine import Connection, Engine
    from sqlmodel import Session

HEAD = "0015"
BUSY_SECONDS = 120
SQLITE = "sqlite:///"


def database_path(project: Project) -> Path:
    """Where the embedded database file is."""
    url = project.settings.database_url
    if not url.startswith(SQLITE):
        raise WorkspaceError(
            "LC113",
            "the database URL is neither sqlite:/// nor postgresql://",
            'Use url = "sqlite:///data/cohort.sqlite", or postgresql://host/database.',
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
        options = connection.get_execution_options()
        if options.get("lifecourse_bulk", False):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # has no effect once a transaction is begun
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("lifecourse_write", False) else "BEGIN")

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
        raise _unusable(str(problem.orig), path) from None
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


def _unusable(said: str, path: Path) -> WorkspaceError:
    """Why a database could not be used, by the words of SQLite, none of which are data."""
    if "full" in said:
        problem, hint = "no space left on the disk; nothing was saved", "Free some space, then try again."
    elif "disk I/O" in said:
        problem = "the disk refused to read or write; nothing was saved"
        hint = "Check the disk, its space and your quota, then try again."
    elif "unable to open" in said:
        problem = "it cannot be opened, or no file can be made beside it; nothing was saved"
        hint = "Check the rights of the file and its folder."
    elif "readonly" in said:
        problem, hint = (
            "you may not write to it or its folder; nothing was saved",
            "Check the rights of the file and its folder.",
        )
    else:
        return WorkspaceError("LC110", "the database cannot be used", "lifecourse doctor", where=path.name)
    return WorkspaceError("LC107", problem, hint, where=path.name)


def create_database(project: Project) -> None:
    """Make the database and bring it to the newest layout. A server's database must be empty."""
    url = project.settings.database_url
    if is_server(url):
        _create_on_server(project, url)
        return
    path = database_path(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with plain_errors(path):
        _upgrade(open_engine(path))
    _take_possession(project)


def _create_on_server(project: Project, url: str) -> None:
    from sqlalchemy import inspect

    with plain_server_errors():
        engine = open_server(url, BUSY_SECONDS)
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
        if tables:
            raise WorkspaceError(
                "LC115",
                "the database is not empty",
                "One database holds one project: make an empty database for this one.",
                where=SHOWN,
            )
        _upgrade(engine)
    _take_possession(project)


def _take_possession(project: Project) -> None:
    """Write into the database whose it is, so that it is never read under another project's key."""
    from workspace.records import Owner

    with writing(project) as session:
        session.add(Owner(project_id=project.settings.project_id))


def upgrade_database(project: Project) -> None:
    """Bring an existing database to the newest layout."""
    version = layout_version(project)
    if version > HEAD:
        raise _other_layout(version)
    with _errors(project):
        _upgrade(_engine(project))


def _engine(project: Project) -> Engine:
    url = project.settings.database_url
    return open_server(url, BUSY_SECONDS) if is_server(url) else open_engine(database_path(project))


def _errors(project: Project) -> contextlib.AbstractContextManager[None]:
    if is_server(project.settings.database_url):
        return plain_server_errors()
    return plain_errors(database_path(project))


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
    if is_server(project.settings.database_url):
        return server_layout(project.settings.database_url, BUSY_SECONDS)
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


def _check_layout(project: Project) -> None:
    version = layout_version(project)
    if version != HEAD:
        raise _other_layout(version)


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

    _check_layout(project)
    with _errors(project), Session(_engine(project), info={"project": project}) as session:
        _check_owner(session, project)
        yield session
        session.rollback()


@contextlib.contextmanager
def writing(project: Project, *, keep: bool = True, bulk: bool = False) -> Iterator[Session]:
    """A session that holds the write lock from the start; all of it is kept, or none.

    With ``keep`` off (a dry run) everything is done and checked as ever, and then taken back. With ``bulk`` the
    embedded file's references are checked once at the end and not at every row (see ``references.py``).
    """
    from sqlmodel import Session

    from workspace.references import watch

    _check_layout(project)
    with _errors(project):
        bulk = bulk and not is_server(project.settings.database_url)
        engine = _engine(project).execution_options(lifecourse_write=True, lifecourse_bulk=bulk)
        with Session(engine, info={"project": project}) as session:
            try:
                _check_owner(session, project)
                references = watch(session) if bulk else None
                yield session
                if references:
                    references.refuse_orphans(session)
                if keep:
                    session.commit()
                else:
                    session.rollback()
            except BaseException:
                session.rollback()
                raise


def compact(project: Project, tables: Iterable[str]) -> None:
    """Write the store anew without what was deleted, so that no page of it keeps old bytes.

    On a server only the tables named, which takes their owner's rights; its log (WAL) keeps older pages until the
    server recycles them.
    """
    with _errors(project):
        engine = _engine(project)
        raw = engine.raw_connection()
        try:
            if is_server(project.settings.database_url):
                if raw.driver_connection is None:
                    raise RuntimeError
                raw.driver_connection.autocommit = True
                cursor = raw.cursor()
                for table in tables:
                    cursor.execute(f'VACUUM (FULL) "{table}"')
            else:
                cursor = raw.cursor()
                cursor.execute("VACUUM")
            cursor.close()
        finally:
            raw.close()


def _check_owner(session: Session, project: Project) -> None:
    """Refuse a database that was made for another project: its people were tokenised for that one."""
    from sqlmodel import select

    from workspace.records import Owner

    owner = session.exec(select(Owner.project_id)).first()
    if owner is not None and owner != project.settings.project_id:
        raise WorkspaceError(
            "LC115",
            "the database belongs to another project",
            "Look at [database] url and [project] id in lifecourse.toml.",
        )


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
