"""A PostgreSQL server of one's own in a folder, started for a race and stopped after it; it keeps what it is given."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
DATABASE = "race"


@dataclass(frozen=True, slots=True)
class Server:
    """``url`` of its one database; ``pid`` of its first process, of which all others are children."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of the server: its first process, children it waited for, children alive."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if str(self.pid) in (stat.parent.name, fields[1]):
                ticks += sum(int(value) for value in fields[11:15])
        return ticks / TICKS


def programs() -> Path | None:
    """Where initdb, pg_ctl and psql are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def start(folder: Path) -> Server:
    """Start on ``folder``, which is made where it is not there; it is stopped when this process ends.

    Settings are PostgreSQL's own but for 512 MB of buffers and 4 GB between checkpoints; what is committed is on disk.
    """
    where = programs()
    if where is None:
        raise SystemExit("PostgreSQL is not installed")
    if not folder.exists():
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        words = ("-D", f"{folder}/data", "-U", "lifecourse", "-A", "trust", "-E", "UTF8")
        _run(folder, str(where / "initdb"), *words)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options += " -c shared_buffers=512MB -c max_wal_size=4GB"
    control = (str(where / "pg_ctl"), "-D", f"{folder}/data")
    _run(folder, *control, "-o", options, "-l", f"{folder}/log", "-w", "start")
    atexit.register(_run, folder, *control, "-m", "fast", "-w", "stop")
    url = f"postgresql://lifecourse@127.0.0.1:{port}"
    _create(url)
    pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    return Server(f"{url}/{DATABASE}", pid)


def stop_left(base: Path) -> None:
    """Stop the servers below a folder whose process was ended before it could stop them."""
    for file in base.glob("*/server/data/postmaster.pid"):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(file.read_text().splitlines()[0]), signal.SIGINT)


def _create(url: str) -> None:
    import psycopg

    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _run(folder: Path, *words: str) -> None:
    """PostgreSQL refuses to run as root; its own user does it then."""
    command = ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else list(words)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=folder, check=True, **quiet)  # type: ignore[call-overload]
