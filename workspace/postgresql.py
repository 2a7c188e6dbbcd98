"""A team's store: one PostgreSQL database a project, named by a URL; same commands, same results.

Readers see one state throughout (repeatable read); writers queue behind one lock, as they do on the embedded
file, so that ids and the audit chain never fork. Passwords belong in the environment or in a password file,
not in lifecourse.toml; no message ever shows the URL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workspace.errors import WorkspaceError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

PREFIXES = ("postgresql://", "postgres://")
SHOWN = "the PostgreSQL database"
WRITE_LOCK = 7_301_960  # one number for all writers of a database
LOCK_NOT_AVAILABLE = "55P03"


def is_server(url: str) -> bool:
    """Say whether a URL names a PostgreSQL database."""
    return url.startswith(PREFIXES)


def open_server(url: str, busy_seconds: float) -> Engine:
    """An engine on a PostgreSQL database."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    _need_driver()
    rest = url.split("://", 1)[1]
    engine = create_engine(
        f"postgresql+psycopg://{rest}",
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("lifecourse_write", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(busy_seconds * 1000)}ms'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def _need_driver() -> None:
    try:
        import psycopg  # noqa: F401 - only to see whether it is there
    except ImportError:
        raise WorkspaceError(
            "LC114",
            "PostgreSQL needs its driver, which is not installed",
            "pip install 'lifecourse[postgresql]'",
        ) from None


@contextlib.contextmanager
def plain_server_errors() -> Iterator[None]:
    """Turn the driver's errors into ours. The driver's own text may quote values or the URL, so it is dropped."""
    from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

    try:
        yield
    except IntegrityError:
        raise _refused("the database refused the data: a rule of the store was broken") from None
    except OperationalError as problem:
        if _state(problem) == LOCK_NOT_AVAILABLE:
            raise WorkspaceError(
                "LC112",
                "another command is writing to the database",
                "Wait for it and try again.",
                where=SHOWN,
            ) from None
        raise _refused("the database server cannot be reached, or went away") from None
    except DBAPIError:
        raise _refused("the database cannot be used") from None


def _state(problem: Any) -> str:
    return str(getattr(problem.orig, "sqlstate", "") or "")


def _refused(problem: str) -> WorkspaceError:
    hint = "Check that the server runs and the URL is right, then: lifecourse doctor"
    return WorkspaceError("LC110", problem, hint, where=SHOWN)


def server_layout(url: str, busy_seconds: float) -> str:
    """The layout version of the database; LC110 when it holds none."""
    from sqlalchemy.exc import ProgrammingError

    with plain_server_errors(), open_server(url, busy_seconds).connect() as connection:
        try:
            row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        except ProgrammingError:
            raise WorkspaceError(
                "LC110", "the database holds no Lifecourse project", "lifecourse init makes one.", where=SHOWN
            ) from None
    return str(row[0]) if row else ""


def has_password(url: str) -> bool:
    """Say whether a URL carries a password."""
    from urllib.parse import urlsplit

    return bool(urlsplit(url).password)
