"""Run the program many times, each in a process of its own, without starting Python each time.

``python -m tests.faults.forked`` imports the program once and waits. Every line it reads is a job; it forks, the child
runs the program with its fault set up, and the parent writes how that ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.commands.program import ROOT, Outcome
from tests.forks import become, warm_up


class Forked:
    """The waiting process, as a test sees it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forked"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(
        self, how: str, *words: str, cwd: Path, env: Mapping[str, str], seconds: float | None = None
    ) -> Outcome:
        """Run the program with a fault (``none`` for none), killed after so many seconds where they are given."""
        job = {"how": how, "words": words, "cwd": str(cwd), "env": dict(env), "seconds": seconds}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return Outcome(said["code"], said["out"], said["err"])

    def close(self) -> None:
        """End the waiting process."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def _child(job: Mapping[str, Any], out: int, err: int) -> None:
    """Become the program; never returns."""
    from tests.faults.disturbed import disturb

    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8")

    def first() -> None:
        if job["how"] != "none":
            disturb(job["how"])

    os._exit(become(job["words"], job["cwd"], job["env"], first))


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            try:
                _child(job, out.fileno(), err.fileno())
            finally:
                os._exit(70)
        status = _wait(child, job["seconds"])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return {"code": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}


def _wait(child: int, seconds: float | None) -> int:
    until = time.monotonic() + (seconds if seconds is not None else 120)
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.005)
    os.kill(child, 9)
    return os.waitpid(child, 0)[1]


def _serve(lines: Sequence[str] | Any) -> None:
    warm_up("tests.faults.disturbed")
    for line in lines:
        sys.stdout.write(json.dumps(_run(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(sys.stdin)
