"""Versions of the theory kept in ``theory/versions/``: the file as it was, under the day it was kept."""

from __future__ import annotations

from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import read_theory
from workspace import clock
from workspace.errors import did_you_mean
from workspace.project import Project


def version_folder(project: Project) -> Path:
    """Where versions are kept."""
    return project.root / "theory" / "versions"


def versions(project: Project) -> list[str]:
    """The names of the versions, oldest first."""
    return sorted((path.stem for path in version_folder(project).glob("*.toml")), key=_age)


def _age(name: str) -> tuple[str, int]:
    """``2026-11-22-2`` is the second of its day."""
    day, number = name[:10], name[11:]
    return day, int(number) if number.isdecimal() else 1


def with_version(project: Project) -> tuple[str, dict[Path, bytes]]:
    """The name of the version that is the theory as it is now, and the copy to be written: none of a text twice."""
    text = project.theory_file.read_bytes()
    kept = versions(project)
    if kept and (version_folder(project) / f"{kept[-1]}.toml").read_bytes() == text:
        return kept[-1], {}
    today = clock.today().isoformat()
    number = 1 + max((_age(name)[1] for name in kept if name.startswith(today)), default=0)
    name = today if number == 1 else f"{today}-{number}"
    return name, {version_folder(project) / f"{name}.toml": text}


def load_version(project: Project, name: str) -> Theory:
    """A theory out of a file, or out of a version that was kept; ``last`` is the newest of them."""
    kept = versions(project)
    if name == "last" and kept:
        name = kept[-1]
    path = version_folder(project) / f"{name}.toml" if name in kept else Path(name)
    if not path.is_file():
        problem = f"'{name}' is neither a file nor a version of this theory.{did_you_mean(name, kept)}"
        raise TheoryError("LC235", problem, "lifecourse theory versions")
    shown = project.shown(path) if name in kept else path.name
    return read_theory(path, load_catalogue(), shown)
