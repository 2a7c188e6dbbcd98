"""Commands run in processes of their own: which distributions each loads, and whether it tries to call out."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.audit.distributions import plain

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "--help": ("--help",),
    "init": ("init", "new"),
    "demo": ("demo", "practice"),
    "status": ("status",),
    "theory check": ("theory", "check"),
    "theory draw": ("theory", "draw", "--to", "theory.svg"),
    "source inspect": ("source", "inspect", "inbox/prison-releases.csv"),
    "cohort flow": ("cohort", "flow", "prison-leavers"),
    "cohort synthesise": ("cohort", "synthesise", "prison-leavers", "--out", "twin.csv"),
    "plan check": ("plan", "check", "aid-on-release"),
    "evaluate run": ("evaluate", "run", "aid-on-release"),
    "report evaluation, Word": ("report", "evaluation", "EVAL-001", "--to", "word"),
    "report annex": ("report", "annex", "EVAL-001"),
    "site build": ("site", "build"),
    "audit verify": ("audit", "verify"),
}
# Runs a command; afterwards writes which modules are there and which calls out were tried. Calls out are refused.
WATCHER = """
import json, os, sys
tried = []
def refuse(event, given):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        tried.append(event)
        raise OSError("no command may call out")
sys.addaudithook(refuse)
import cli
sys.argv = ["lifecourse", *sys.argv[1:]]
code = 0
try:
    cli.main()
except SystemExit as stop:
    code = stop.code or 0
with open(os.environ["WATCHED"], "w") as file:
    json.dump({"code": code, "tried": tried, "modules": sorted({name.split(".")[0] for name in sys.modules})}, file)
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """One command: its exit code, the distributions it loaded, the calls out it tried."""

    command: str
    code: int
    loaded: tuple[str, ...]
    tried: tuple[str, ...]


def watch(commands: dict[str, tuple[str, ...]] | None = None) -> list[Watched]:
    """Run commands, those after ``demo`` in the demonstration."""
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-audit-") as name:
        folder = Path(name)
        for words, command in (commands or COMMANDS).items():
            root = folder / "practice"
            at = root if root.is_dir() and command[0] not in ("init", "demo", "--help") else folder
            found.append(_one(words, command, at, folder))
    return found


def _one(words: str, command: tuple[str, ...], cwd: Path, folder: Path) -> Watched:
    report = folder / "watched.json"
    env = {
        **os.environ,
        "WATCHED": str(report),
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "HOME": str(folder),
        "NO_COLOR": "1",
    }
    for name in ("LIFECOURSE_KEY_FILE", "LIFECOURSE_DATABASE_URL"):
        env.pop(name, None)
    words_ = [sys.executable, "-c", WATCHER, *command]
    subprocess.run(words_, cwd=cwd, env=env, capture_output=True, check=False, timeout=900)
    said: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    return Watched(words, int(said["code"]), distributions_of(said["modules"]), tuple(said["tried"]))


def distributions_of(modules: list[str]) -> tuple[str, ...]:
    """The distributions that top-level modules come from; the program's own and the library's are left out."""
    of = importlib.metadata.packages_distributions()
    names = {plain(name) for module in modules for name in of.get(module, [])}
    return tuple(sorted(names - {"lifecourse", "pip", "setuptools"}))
