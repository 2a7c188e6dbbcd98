"""Reports for the team through the program: written as a set, the same again, refused in plain words."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Made, isolate
from tests.commands.program import Program, snapshot
from tests.evaluation.team_project import fill
from workspace.clock import today


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory: pytest.TempPathFactory, small_once: Made) -> Made:
    """The small project with a finding, measures, projects, actions and voices: made once."""
    base = tmp_path_factory.mktemp("filled")
    config, temporary = base / "config", base / "temporary"
    shutil.copytree(small_once.root, base / "project")
    shutil.copytree(small_once.config, config)
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, config, temporary)
        fill(Program(patch), base / "project")
        Program(patch).well("evaluate", "run", "locked", cwd=base / "project")
    return Made(base / "project", config, temporary, small_once.outcome)


@pytest.fixture
def filled(copy_of: Callable[[Made, str], Path], filled_once: Made) -> Path:
    """A copy of it with its key in place."""
    return copy_of(filled_once, "project")


def test_every_report_is_written_with_its_word_file_and_its_tables(program: Program, filled: Path) -> None:
    year = str(today().year)
    for words, stem in (
        (("quarterly", "2026-Q3"), "quarterly-2026-Q3"),
        (("annual", year), f"annual-{year}"),
        (("needs",), "needs"),
        (("closing", "prj-001"), "closing-PRJ-001"),
    ):
        said = program.well("report", *words, "--json", cwd=filled).payload
        assert said["files"][:2] == [f"reports/{stem}/{stem}.html", f"reports/{stem}/{stem}.docx"]
        assert all((filled / name).is_file() for name in said["files"])
        assert said["missing"]
    page = (filled / f"reports/annual-{year}/annual-{year}.html").read_text(encoding="utf-8")
    assert "EVAL-001" in page
    assert "LC729: the plan names no subgroup and no covariate of deprivation" in page
    assert "Did aid on release reduce arrests?" in page


def test_a_return_is_the_same_bytes_again_until_a_figure_is_corrected(program: Program, filled: Path) -> None:
    def bytes_of() -> dict[str, bytes]:
        said = program.well("report", "home-office", "2026-Q3", "--json", cwd=filled).payload
        return {name: (filled / name).read_bytes() for name in said["files"]}

    before = bytes_of()
    assert bytes_of() == before
    manifest = json.loads(before.pop("reports/home-office-2026-Q3/manifest.json"))
    written = {Path(name).name: hashlib.sha256(data).hexdigest() for name, data in before.items()}
    assert manifest["sha256"] == written
    (filled / "inbox" / "fix.csv").write_text(
        "measure,area,period,value\nknife,,2026-Q3,101\n", encoding="utf-8"
    )
    program.well("measure", "import", "inbox/fix.csv", "--replace", cwd=filled)
    after = bytes_of()
    assert (
        after["reports/home-office-2026-Q3/figures.csv"] != before["reports/home-office-2026-Q3/figures.csv"]
    )
    assert b"95" in after["reports/home-office-2026-Q3/corrections.csv"]


def test_a_dry_run_of_a_report_writes_nothing(program: Program, filled: Path) -> None:
    before = snapshot(filled / "reports")
    for words in (("quarterly", "2026-Q3"), ("home-office", "2026-Q3"), ("needs",)):
        assert "Would write" in program.well("report", *words, "--dry-run", cwd=filled).out
    assert snapshot(filled / "reports") == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("quarterly", "2026"), "LC725"),
        (("annual", "2026-Q3"), "LC725"),
        (("quarterly", "2199-Q1"), "LC726"),
        (("needs", "--known-on", "2199-01-01"), "LC726"),
        (("home-office", "2026-Q3", "--layout", "home-ofice"), "LC727"),
        (("needs", "--period", "2001"), "LC730"),
        (("closing", "PRJ-009"), "LC351"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_its_code(
    words: tuple[str, ...], code: str, program: Program, filled: Path
) -> None:
    said = program("report", *words, cwd=filled)
    assert said.code != 0
    assert said.err.startswith(code), said.err


def test_an_empty_project_gets_a_report_of_nil_returns(program: Program, place: Path) -> None:
    program.well("init", "p")
    program.well("report", "quarterly", "2026-Q3", cwd=place / "p")
    page = (place / "p/reports/quarterly-2026-Q3/quarterly-2026-Q3.html").read_text(encoding="utf-8")
    assert page.count("Nil return") >= 6
