"""What all tests may need: a throw-away PostgreSQL server, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

DATABASES = count(1)
# As many tests as there are cores run at once: libraries that start a thread for every core would wait for one another.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if os.name == "posix" else []
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _as_server_user(words: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; its own user does it then."""
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server of its own, without a database name; skipped where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="lc-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"

    def run(*words: str) -> None:
        done = subprocess.run(
            _as_server_user(list(words)),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"PostgreSQL would not {Path(words[0]).name}")

    run(str(programs / "initdb"), "-D", f"{folder}/data", "-U", "lifecourse", "-A", "trust", "-E", "UTF8")
    run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    try:
        yield f"postgresql://lifecourse@127.0.0.1:{port}"
    finally:
        run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_database(server: str) -> str:
    """The URL of a new, empty database."""
    import psycopg

    name = f"project_{next(DATABASES)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test on both stores: the embedded file, and a server named by the environment."""
    if request.param == "sqlite":
        monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
        return ""
    url = str(request.getfixturevalue("empty_database"))
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", url)
    return url
