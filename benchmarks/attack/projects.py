"""Random projects, made by the program's own actions, and the demonstration, made by its own command."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cohorts.actions import load_file, new_cohort
from cohorts.errors import CohortError
from cohorts.identifiers import nhs_number
from cohorts.keys import VARIABLE, create_key
from workspace.database import create_database
from workspace.files import write_atomically
from workspace.project import Project, create_project

ROOT = Path(__file__).parents[2]
PEOPLE = """[source]
id = "people"
title = "People"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
wave = "release"
data_until = 2024-12-31
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[index_date]]
column = "out"
[[variable]]
column = "born"
name = "age_at_release"
kind = "age"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
[[variable]]
column = "priors"
name = "priors"
kind = "number"
minimum = 0
maximum = 60
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A project, and the NHS numbers of its people in the order of the file."""

    project: Project
    people: tuple[str, ...]


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A folder with keys, configuration and temporary files of its own; everything of it goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-attack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        own = {
            VARIABLE: str(folder / "keys" / "own.key"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "HOME": str(folder / "home"),
            "NO_COLOR": "1",
        }
        before = {key: os.environ.get(key) for key in (*own, "LIFECOURSE_DATABASE_URL")}
        os.environ.update(own)
        os.environ.pop("LIFECOURSE_DATABASE_URL", None)
        (folder / "home").mkdir()
        try:
            yield folder
        finally:
            for key, value in before.items():
                os.environ.pop(key, None)
                if value is not None:
                    os.environ[key] = value


def numbers(rng: np.random.Generator, size: int) -> tuple[str, ...]:
    """So many different made-up NHS numbers of the test range."""
    found: dict[str, None] = {}
    while len(found) < size:
        with contextlib.suppress(CohortError):  # one body in eleven has no check digit
            found[nhs_number(f"999{int(rng.integers(1_000_000)):06d}")] = None
    return tuple(found)


def random_project(folder: Path, seed: Sequence[int], size: int) -> Made:
    """A project with a random cohort: its size, its areas, its dates, its answers."""
    rng = np.random.default_rng(seed)
    project = create_project(folder / f"project-{'-'.join(map(str, seed))}", "Bench", practice=True)
    create_database(project)
    create_key(project)
    new_cohort(project, "leavers", "prison-leavers", "", None)
    write_atomically(project.sources / "people.toml", PEOPLE)
    people = numbers(rng, size)
    path = project.inbox / "people.csv"
    path.write_text("\n".join(["nhs,out,born,aid,area,priors", *_rows(rng, people)]) + "\n", encoding="utf-8")
    load_file(project, "people", path, sealed=False, replace=False)
    return Made(project, people)


def _rows(rng: np.random.Generator, people: Sequence[str]) -> Iterator[str]:
    areas = [f"area {chr(97 + i)}" for i in range(int(rng.integers(2, 7)))]
    for one in people:
        day = f"{int(rng.integers(1, 29)):02d}/{int(rng.integers(1, 13)):02d}/2022"
        born = (
            f"{int(rng.integers(1, 29)):02d}/{int(rng.integers(1, 13)):02d}/{int(rng.integers(1975, 2003))}"
        )
        yield f"{one},{day},{born},{int(rng.random() < 0.4)},{rng.choice(areas)},{int(rng.poisson(3))}"


def command(*words: str | Path, cwd: Path, typed: str = "") -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own, with a temporary folder of its own."""
    temporary = cwd.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    env: dict[str, Any] = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, words)],
        cwd=cwd,
        env=env,
        input=typed.encode(),
        capture_output=True,
        check=False,
        timeout=600,
    )
