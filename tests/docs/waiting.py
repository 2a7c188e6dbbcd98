"""The program, waiting: pages run some hundreds of commands, and most of the time of each would be Python's start.

``python -m tests.docs.waiting SOCKET`` imports the program once and waits. Whoever connects hands over words, folder,
surroundings and its own input and output; the process forks, and the child becomes the program. Nothing is computed
before a fork, so that no thread of a library is lost by it. The README and the tutorials are followed with the program
as users start it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.docs.reader import ROOT

WARM = (
    "cli",
    "polars",
    "sqlmodel",
    "sqlalchemy.dialects.sqlite",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "jinja2",
    "cohorts.actions",
    "cohorts.gate.actions",
    "evaluation.actions",
    "evaluation.reporting.html",
    "evaluation.amending.actions",
    "evaluation.evidence.actions",
    "evaluation.power_analysis.actions",
    "theory_of_change.store",
)
# What stands in the place of the program: it connects, hands over what it was given, and ends as the program does.
CLIENT = """\
import array, json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({socket!r})
job = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
line.sendmsg([len(job).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
line.sendall(job)
sys.exit(int(line.recv(16) or b"70"))
"""


class Waiting:
    """The waiting process, as a test sees it; ``command`` is what a shim of the program runs."""

    def __init__(self, folder: Path) -> None:
        # A socket's path may be a hundred letters long; the test's own folder often is longer.
        self.place = Path(tempfile.mkdtemp(prefix="lc-"))
        client = folder / "client.py"
        client.write_text(CLIENT.format(socket=str(self.place / "s")), encoding="utf-8")
        self.command = f'"{sys.executable}" -S -E "{client}"'
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.waiting", str(self.place / "s")],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n"

    def close(self) -> None:
        """End the waiting process."""
        self.process.terminate()
        self.process.wait(30)
        assert self.process.stdout
        self.process.stdout.close()
        (self.place / "s").unlink()
        self.place.rmdir()


def _become(line: socket.socket) -> None:
    """Take over what the other side handed over, run the program, say how it ended; never returns."""
    size, handed, _, _ = socket.recv_fds(line, 8, 3)
    job = b""
    while len(job) < int.from_bytes(size, "big"):
        job += line.recv(1 << 16)
    words, folder, surroundings = json.loads(job)
    for ours, theirs in enumerate(handed):
        os.dup2(theirs, ours)
        os.close(theirs)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, encoding="utf-8") for n, mode in enumerate("rww"))
    os.environ.clear()
    os.environ.update(surroundings)
    time.tzset()
    tempfile.tempdir = None
    os.chdir(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code: object = 0
    try:
        sys.argv = [str(ROOT / "cli.py"), *words]
        importlib.import_module("cli").main()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    line.sendall(str(int(str(code or 0))).encode())
    os._exit(0)


def _serve(path: str) -> None:
    for name in WARM:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            line, _ = door.accept()
            if not os.fork():
                try:
                    _become(line)
                finally:
                    os._exit(70)
            line.close()


if __name__ == "__main__":
    _serve(sys.argv[1])
