"""One bad input: what is wrong, the command that meets it, and what the program must answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.commands.small_project import HEADINGS, csv_text, release_row

Arrange = Callable[[Path], None]


@dataclass(frozen=True)
class Bad:
    """A row of the table.

    ``place`` is a piece of where the message must point to, ``secret`` lists what must not be repeated.
    The cells of ``file`` (from the second line on) are secret as well.
    """

    name: str
    words: str
    code: str
    exit_code: int
    place: str
    arrange: Arrange = lambda root: None
    file: str = ""
    secret: tuple[str, ...] = ()
    hint: bool = True


def writes(path: str, content: str | bytes) -> Arrange:
    """Put a file into the project."""

    def arrange(root: Path) -> None:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)

    return arrange


def changes(path: str, old: str, new: str) -> Arrange:
    """Change a text in a file of the project."""

    def arrange(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return arrange


def removes(path: str) -> Arrange:
    """Take a file away."""

    def arrange(root: Path) -> None:
        (root / path).unlink()

    return arrange


def folder_at(path: str) -> Arrange:
    """Put a folder where a file should be."""

    def arrange(root: Path) -> None:
        if (root / path).is_file():
            (root / path).unlink()
        (root / path).mkdir(parents=True)

    return arrange


def variable(name: str, value: str) -> Arrange:
    """Set an environment variable; ``{root}`` stands for the project. The test isolates the environment."""

    def arrange(root: Path) -> None:
        os.environ[name] = value.replace("{root}", str(root))

    return arrange


def both(*steps: Arrange) -> Arrange:
    """One step after the other."""

    def arrange(root: Path) -> None:
        for step in steps:
            step(root)

    return arrange


def with_cells(**cells: str) -> list[str]:
    """A correct release row of a new person with some cells changed."""
    headings = {"number": 0, "born": 1, "released": 2, "aid": 3, "area": 4, "convictions": 5, "surname": 6}
    row = release_row(500)
    row[0] = "Z9501XX"
    for name, value in cells.items():
        row[headings[name]] = value
    return row


def new_releases(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> Arrange:
    """A releases file ``inbox/bad.csv``: two correct new people, then the rows given."""
    good = [["Z9001XX", *release_row(900)[1:]], ["Z9002XX", *release_row(901)[1:]]]
    return writes("inbox/bad.csv", csv_text(headings, [*good, *rows]))
