"""Every measured figure stands beside a command, and every command that a page names is there, with its options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.reader import ROOT, part

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HEADER = re.compile(r"^\| ?(.*\|)\n\|[-| :]+\|$", re.MULTILINE)
MEASURED = re.compile(
    r"coverage|CPU|processor|memory|draws|recall|times as fast|seconds|ratio \||F1|MB", re.IGNORECASE
)
COMMAND = re.compile(r"python -m (?:benchmarks|pytest|timeit)")


def commands_of(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Each ``python -m benchmarks…`` of a page, and the words after it; a name in capitals stands for any."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"python -m ((?:benchmarks|tests)[\w.]*)([^`\n]*)", text):
        if not found[1].rpartition(".")[2].isupper():
            yield found[1].rstrip("."), found[2].split()


@cache
def files_of(module: str) -> tuple[Path, ...]:
    """The file that ``-m`` runs, and the files of its own package that it imports."""
    place = ROOT.joinpath(*module.split("."))
    main = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
    if not main.is_file():
        return ()
    imported = re.findall(
        r"^(?:from|import) (benchmarks[\w.]+)", main.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    beside = [ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in imported]
    return (main, *(path for path in beside if path.is_file()))


@cache
def options_of(module: str) -> frozenset[str]:
    """The options a module's parser knows: every text that begins with two dashes where it is added."""
    known = {"--help"}
    for path in files_of(module):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                known.update(re.findall(r"^--[\w-]+", node.value))
    return frozenset(known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_bench_and_race_that_a_page_names_is_there_with_its_options(page: Path) -> None:
    for module, words in commands_of(page):
        assert files_of(module), f"no module {module}"
        asked = {word.split("=")[0].rstrip(",.;:)") for word in words if word.startswith("--")}
        assert asked - options_of(module) == set(), f"{module} does not know"


def test_the_reader_of_options_knows_what_is_there_and_what_is_not() -> None:
    assert "--draws" in options_of("benchmarks.calibration")
    assert "--people" in options_of("benchmarks.race.linkage")
    assert "--wishes" not in options_of("benchmarks.race.linkage")
    assert files_of("benchmarks.race.wishes") == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_with_a_table_of_measured_figures_names_the_command_that_makes_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if any(MEASURED.search(header) for header in HEADER.findall(text)):
        assert COMMAND.search(text), "measured figures without a command"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"\b(tests/[\w/]+\.py)\b", text)
    assert [name for name in named if not (ROOT / name).is_file() and "your_" not in name] == []


def test_every_page_made_by_a_program_says_so_and_the_program_is_there() -> None:
    made = {path.name for path in part("make_reference").pages() if path.parent.name == "reference"}
    for name in made:
        text = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")
        assert "written by `docs/make_reference.py`" in text
