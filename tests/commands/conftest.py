"""The demonstration and a small project, each made once; every test that writes gets a copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.program import SECRET_VARIABLES, Outcome, Program, in_another_process
from tests.commands.small_project import make_small_project

# One for all runs: matplotlib writes its list of fonts once, and nowhere that a test looks.
MATPLOTLIB = Path(tempfile.gettempdir()) / "lifecourse-tests-matplotlib"


@dataclass(frozen=True)
class Made:
    """A project that was made once for all tests: nobody writes into it."""

    root: Path
    config: Path
    temporary: Path
    outcome: Outcome


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The demonstration, run as a user would, with an empty temporary folder of its own, and every call out refused."""
    base = tmp_path_factory.mktemp("demo")
    config, temporary = base / "config", base / "temporary"
    config.mkdir()
    temporary.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
    env |= {"XDG_CONFIG_HOME": str(config), "TMPDIR": str(temporary), "NO_COLOR": "1"}
    env["MPLCONFIGDIR"] = str(MATPLOTLIB)
    env["LIFECOURSE_TRIED"] = str(base / "tried")
    offline = ("-m", "tests.commands.offline")
    outcome = in_another_process("demo", "practice", cwd=base, env=env, program=offline)
    return Made(base / "practice", config, temporary, outcome)


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The small project."""
    base = tmp_path_factory.mktemp("small")
    config, temporary = base / "config", base / "temporary"
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, config, temporary)
        make_small_project(Program(patch), base / "project")
    return Made(base / "project", config, temporary, Outcome(0, "", ""))


def isolate(patch: pytest.MonkeyPatch, config: Path, temporary: Path) -> None:
    """A configuration and a temporary folder of its own, and nothing said by the environment."""
    for name in SECRET_VARIABLES:
        patch.delenv(name, raising=False)
    for folder in (config, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    patch.setenv("XDG_CONFIG_HOME", str(config))
    patch.setenv("TMPDIR", str(temporary))
    patch.setattr(tempfile, "tempdir", str(temporary))
    patch.setenv("NO_COLOR", "1")
    patch.setenv("COLUMNS", "100")
    patch.setenv("TERM", "dumb")
    patch.setenv("MPLCONFIGDIR", str(MATPLOTLIB))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with its own configuration (``config``) and temporary folder (``temporary``)."""
    isolate(monkeypatch, tmp_path / "config", tmp_path / "temporary")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def program(place: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, in this process."""
    return Program(monkeypatch)


@pytest.fixture
def copy_of(place: Path) -> Callable[[Made, str], Path]:
    """Copy a project that was made once, together with its key."""

    def copy(made: Made, name: str) -> Path:
        shutil.copytree(made.root, place / name)
        shutil.copytree(made.config, place.parent / "config", dirs_exist_ok=True)
        return place / name

    return copy


@pytest.fixture
def small(copy_of: Callable[[Made, str], Path], small_once: Made) -> Path:
    """A copy of the small project with its key in place."""
    return copy_of(small_once, "project")


@pytest.fixture
def practice(copy_of: Callable[[Made, str], Path], demo: Made) -> Path:
    """A copy of the demonstration with its key in place."""
    return copy_of(demo, "practice")
