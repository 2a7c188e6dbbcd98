"""The program, waiting: pages run some hundreds of commands, and most of the time of each would be Python's start.

``python -m tests.docs.waiting SOCKET`` imports the program once and waits. Whoever connects hands over words, folder,
surroundings and its own input and output; the process forks, and the child becomes the program. The README and the
tutorials are followed with the program as users start it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.docs.reader import ROOT
from tests.forks import become, warm_up

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
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line.sendall(str(become(words, folder, surroundings)).encode())
    os._exit(0)


def _serve(path: str) -> None:
    warm_up()
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
