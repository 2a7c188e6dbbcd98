"""A locked plan with two outcomes, both loaded sealed, on the small project; and edits of its file."""

from __future__ import annotations

from pathlib import Path

from tests.commands.program import Program
from tests.commands.small_project import LOCKED, PEOPLE, csv_text, prison_number

SECOND = """[[outcome]]
measure = "arrested"
wave = "24-months"
role = "secondary"
kind = "binary"
better = "lower"

[reporting]"""
TWO = LOCKED.replace('id = "locked"', 'id = "two"').replace("[reporting]", SECOND)
HARMLESS = ('covariates = ["convictions"]', "covariates = []")
MARGIN = ("minimum_important_difference = 0.4\n", "minimum_important_difference = 0.45\n")
REASON = ("--reason", "The partner could not say who was convicted")


def later_arrest(i: int) -> list[str]:
    """Whether person ``i`` was arrested by the second visit."""
    return [prison_number(i), "24", str(int((i * 3) % 10 < 5))]


def with_two_outcomes(program: Program, root: Path) -> None:
    """Load the second visit sealed and lock the plan."""
    rows = csv_text(("Prison number", "Visit", "Arrested"), map(later_arrest, range(PEOPLE)))
    (root / "inbox" / "later.csv").write_text(rows, encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/later.csv", "--sealed", cwd=root)
    (root / "plans" / "two.toml").write_text(TWO, encoding="utf-8")
    program.well("plan", "lock", "two", cwd=root)


def edit(root: Path, *changes: tuple[str, str], plan: str = "two") -> None:
    """Change the plan's file."""
    path = root / "plans" / f"{plan}.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def swap_roles(root: Path) -> None:
    """Make the primary outcome secondary and the other way round."""
    path = root / "plans" / "two.toml"
    text = path.read_text(encoding="utf-8").replace('role = "primary"', 'role = "third"')
    text = text.replace('role = "secondary"', 'role = "primary"').replace(
        'role = "third"', 'role = "secondary"'
    )
    path.write_text(text, encoding="utf-8")
