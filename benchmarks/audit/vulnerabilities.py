"""Known faults of the pinned versions, as pip-audit and its service say; where either is away, that is said."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.audit.distributions import LOCK

SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """``checked`` says whether anybody was asked; ``found`` holds package, version and the id of what is known."""

    checked: bool
    said: str
    found: tuple[str, ...] = ()


def ask() -> Answer:
    """Ask about every pinned version."""
    if importlib.util.find_spec("pip_audit") is None:
        return Answer(checked=False, said="pip-audit is not installed")
    words = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(LOCK),
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
    ]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=SECONDS)
        said = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, json.JSONDecodeError):
        return Answer(checked=False, said="the service of pip-audit could not be reached, or gave no answer")
    found = [
        f"{one['name']} {one['version']}: {fault['id']}"
        for one in said.get("dependencies", [])
        for fault in one.get("vulns", [])
    ]
    return Answer(
        checked=True, said=f"{len(said.get('dependencies', []))} versions asked about", found=tuple(found)
    )
