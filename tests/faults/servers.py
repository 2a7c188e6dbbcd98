"""A PostgreSQL server of one test's own, to be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.conftest import _as_server_user, _programs


class OwnServer:
    """A server that can die."""

    def __init__(self) -> None:
        programs = _programs()
        if programs is None:
            pytest.skip("PostgreSQL is not installed")
        self.programs = programs
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = Path(tempfile.mkdtemp(prefix="lc-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "lifecourse", "-A", "trust", "-E", "UTF8")
        self.start()

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgresql://lifecourse@127.0.0.1:{self.port}/postgres"

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            _as_server_user([str(self.programs / name), *words]),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"PostgreSQL would not {name}")

    def start(self) -> None:
        """Start it, or start it again."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/data", "-o", options, "-l", f"{self.folder}/log", "-w", "start"
        )

    def kill(self) -> None:
        """``kill -9`` to the server and every process it started."""
        head = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{head}/task/{head}/children")
        ids = [head, *map(int, children.read_text().split())] if children.exists() else [head]
        for one in ids:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        until = time.monotonic() + 30
        while any(Path(f"/proc/{one}").exists() for one in ids) and time.monotonic() < until:
            time.sleep(0.05)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop it and take its files away."""
        words = [str(self.programs / "pg_ctl"), "-D", f"{self.folder}/data", "-m", "immediate", "stop"]
        subprocess.run(
            _as_server_user(words),
            cwd="/tmp",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        shutil.rmtree(self.folder, ignore_errors=True)
