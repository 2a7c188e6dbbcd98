"""A small project whose sources are agreed on row by row, on either store, and the words of an export."""

from __future__ import annotations

from pathlib import Path

from cohorts.custody.age_files import decrypt_with
from tests.cohorts.agreements import keep, name_it
from tests.commands.program import Outcome, Program
from tests.commands.small_project import make_small_project
from workspace.project import Project
from workspace.settings import read_settings

SETTING = "ONS SRS"
FIELDS = '["identifiers", "index_date", "age_at_release", "aid", "area", "convictions", "arrested"]'
COARSE = ("--band", "age_at_release=20", "--band", "convictions=4")
PLAIN = ("--plain-file", "--reason", "encrypted-disk")


def opened(root: Path) -> Project:
    """The project of a folder."""
    return Project(root, read_settings(root / "lifecourse.toml"))


def agree(root: Path, *, days: int = 365, **lines: str) -> None:
    """An agreement over both sources that lets rows go to a safe setting; ``lines`` replace whole values."""
    facts = {
        "sources": '["releases", "arrests"]',
        "fields": FIELDS,
        "outputs": '"rows"',
        "safe_settings": f'["{SETTING}"]',
    }
    keep(opened(root), days=days, **(facts | lines))


def make_agreed(program: Program, root: Path) -> Path:
    """The small project, agreed on."""
    make_small_project(program, root)
    for source in ("releases", "arrests"):
        name_it(opened(root), source)
    agree(root)
    return root


def export(
    program: Program, root: Path, out: str, *words: str, to: str = SETTING, yes: bool = True
) -> Outcome:
    """Ask for a release into the folder beside the project."""
    asked: list[str | Path] = ["cohort", "export", "leavers", "--to", to, "--recipient", "University"]
    return program(*asked, "--out", root.parent / out, *(["--yes"] if yes else []), *words, cwd=root)


def exported(program: Program, root: Path, out: str, *words: str) -> Path:
    """A release in plain, coarse enough that nobody is alone; the file of rows."""
    outcome = export(program, root, out, *COARSE, *PLAIN, *words)
    assert outcome.code == 0, outcome.said
    return root.parent / out


def unlocked(path: Path, identity: str) -> bytes:
    """The bytes of an age file."""
    return decrypt_with(path.read_bytes(), [identity], path.name)
