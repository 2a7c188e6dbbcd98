"""Run the program as a user does, in this process or in another, and look at what it left behind."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cli
from workspace import console

ROOT = Path(__file__).parents[2]
SECRET_VARIABLES = ("LIFECOURSE_KEY_FILE", "LIFECOURSE_DATABASE_URL", "FORCE_COLOR")


@dataclass(frozen=True)
class Outcome:
    """What a run of the program said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything, whatever the stream."""
        return self.out + self.err

    @property
    def payload(self) -> Any:
        """Standard output read as one JSON document; anything else there is an error."""
        return json.loads(self.out)


@dataclass
class Program:
    """The program in this process, from ``sys.argv`` to the exit code."""

    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str | Path, cwd: Path | None = None) -> Outcome:
        argv = ["lifecourse", *map(str, words)]
        out, err = io.StringIO(), io.StringIO()
        before = console.current()
        console.configure(console.RunSettings())
        code: object = 0
        with self.monkeypatch.context() as patch, contextlib.ExitStack() as stack:
            patch.setattr(sys, "argv", argv)
            patch.setattr(sys.modules["__main__"], "__package__", None)  # or usage lines would name pytest
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            if cwd:
                stack.enter_context(contextlib.chdir(cwd))
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code
            finally:
                console.configure(before)
        return Outcome(int(str(code or 0)), out.getvalue(), err.getvalue())

    def well(self, *words: str | Path, cwd: Path | None = None) -> Outcome:
        """Run a command that must succeed."""
        outcome = self(*words, cwd=cwd)
        assert outcome.code == 0, outcome.said
        return outcome


def in_another_process(
    *words: str | Path, cwd: Path, env: dict[str, str], program: tuple[str, ...] = ("-m", "cli")
) -> Outcome:
    """Run the program in a process of its own."""
    done = subprocess.run(
        [sys.executable, *program, *map(str, words)],
        cwd=cwd,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def snapshot(*folders: Path) -> dict[str, str]:
    """Every file and folder below the folders, with the fingerprint of its bytes."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = f"link to {path.readlink()}"
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found[str(path)] = "folder"
    return found
