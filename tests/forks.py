"""The program in a fork: a process imports it once, forks for every command, and the child becomes the program.

Most of the time of a short command is Python's start. Nothing is computed before a fork, so that no thread of a library
is lost by it.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

WARM = (
    "cli",
    "polars",
    "sqlmodel",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
    "fastexcel",
    "jinja2",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "theory_of_change.store",
    "cohorts.actions",
    "cohorts.gate.actions",
    "evaluation.actions",
    "evaluation.amending.actions",
    "evaluation.annexes.commands",
    "evaluation.evidence.actions",
    "evaluation.power_analysis.actions",
    "evaluation.replication.actions",
    "evaluation.reporting.html",
    "evaluation.site.actions",
    "evaluation.team.commands",
)


def warm_up(*more: str) -> None:
    """Import what commands need, and these."""
    for name in (*WARM, *more):
        importlib.import_module(name)


def become(
    words: Sequence[str],
    folder: str | Path,
    surroundings: Mapping[str, str],
    first: Callable[[], object] = lambda: None,
) -> int:
    """Run the program here as if it had been started there, after ``first``; give the exit code it ends with."""
    os.environ.clear()
    os.environ.update(surroundings)
    time.tzset()
    tempfile.tempdir = None
    os.chdir(folder)
    code: object = 0
    try:
        first()
        sys.argv = ["lifecourse", *words]
        importlib.import_module("cli").main()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    return int(str(code or 0))
