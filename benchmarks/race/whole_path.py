"""The whole path from two CSV files to a report, beside a script that keeps nothing.

Lifecourse: ``init``, ``key create``, ``cohort new``, two ``source load``, ``plan lock``, ``evaluate run`` (which
checks, estimates, gives sensitivities and a verdict, and writes the page) and ``report evaluation``; every command is
a process that starts anew. The script (:mod:`benchmarks.race.path_peer`) reads the same files with pandas, merges
them, fits the same model with statsmodels and writes the table of coefficients as HTML. Estimate and error must agree.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.race.made_up import lifecourse, make_project

Work = Callable[[], dict[str, Any]]
PLAN = """[plan]
id = "race"
title = "Did aid raise the first measure?"
links = []

[population]
cohort = "race"

[design]
method = "randomised"
treatment = "aid@w0"
covariates = ["age@w0", "m1@w0", "m2@w0"]
seed = 1

[design.randomised]
adjust = "ancova"
errors = "HC2"

[[outcome]]
measure = "m1"
wave = "w3"
kind = "continuous"
better = "higher"
unit = "points"
role = "primary"
minimum_important_difference = 1
mid_source = "Made up"
expected_sd = 11

[reporting]
reported_by = 2027-12-31
"""


def ours(rows: int, folder: Path) -> Work:
    """Nine commands."""
    work = folder / "path"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()

    def done() -> dict[str, Any]:
        project = make_project(work)
        (project / "plans" / "race.toml").write_text(PLAN, encoding="utf-8")
        for name in ("people", "obs"):
            lifecourse(project, "source", "load", name, str(folder / f"{name}.csv"))
        lifecourse(project, "plan", "lock", "race", "--waive", "a race")
        lifecourse(project, "evaluate", "run", "race")
        lifecourse(project, "report", "evaluation", "EVAL-001", "--to", "html")
        return {"found": lambda: _estimate(project)}

    return done


def _estimate(project: Path) -> dict[str, Any]:
    if not list((project / "reports").glob("EVAL-001*.html")):
        raise SystemExit("no report was written")
    file = project / "evidence" / "EVAL-001.json"
    found = json.loads(file.read_text(encoding="utf-8"))["outcomes"][0]["estimate"]
    return {"value": found["value"], "std_error": found["std_error"]}


def script(rows: int, folder: Path) -> Work:
    """A pandas and statsmodels script, started as a user starts it."""
    file = Path(__file__).with_name("path_peer.py")

    def done() -> dict[str, Any]:
        words = [sys.executable, str(file), str(folder), str(folder / "script.html")]
        found = subprocess.run(words, check=True, capture_output=True, text=True)
        given: dict[str, Any] = json.loads(found.stdout)
        return given

    return done
