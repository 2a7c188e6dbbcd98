"""Success figures leave as what they are: a source's as printed, own counts as counts of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohorts.gate.store import cells_kept
from evaluation.site import measures as measure_pages
from tests.commands.program import Program
from workspace.database import reading
from workspace.project import find_project

MEASURES = """[[measure]]
id = "KNIFE"
name = "Admissions, assault by sharp object"
aim = "reduce"
source = "hospital"

[[measure]]
id = "REACHED"
name = "Young people reached by our mentors"
aim = "increase"

[[measure]]
id = "STAYED"
name = "Mentored for six months"
aim = "increase"
unit = "per cent"
"""
FIGURES = """measure,period,value,of
KNIFE,2024,148,
KNIFE,2025,131,
REACHED,2023,7,
REACHED,2024,143,
REACHED,2025,208,
STAYED,2024,61.9,143
"""


@pytest.fixture
def counted(program: Program, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with figures of a source and figures of its own."""
    program.well("init", "p")
    (place / "p" / "measures.toml").write_text(MEASURES, encoding="utf-8")
    take(program, place / "p", FIGURES)
    monkeypatch.chdir(place / "p")
    return place / "p"


def take(program: Program, root: Path, text: str, *words: str) -> None:
    (root / "inbox" / "figures.csv").write_text(text, encoding="utf-8")
    program.well("measure", "import", "inbox/figures.csv", *words, cwd=root)


def text_below(folder: Path) -> str:
    return "\n".join(
        p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*")) if p.suffix in (".html", ".csv")
    )


def test_the_site_rounds_own_counts_and_leaves_a_sources_as_printed(counted: Path, program: Program) -> None:
    program.well("site", "build", cwd=counted)
    official, own, share = (
        (counted / f"public/measures/{name}.html").read_text(encoding="utf-8")
        for name in ("KNIFE", "REACHED", "STAYED")
    )
    assert ">148<" in official
    assert "hospital" in official
    assert (">145<" in own, ">210<" in own, "143" in own, "208" in own) == (True, True, False, False)
    assert "fewer than 10" in own
    assert "our own count" in own
    assert "62.1 % of 145" in share  # 90 of 145, not 61.9 of 143
    with reading(find_project()) as session:
        kept = {entry.universe for entry in cells_kept(session)}
    assert kept == {"site:measure:REACHED", "site:measure:STAYED"}


def test_an_own_count_that_moved_by_a_few_people_stands_until_more_have_come(
    counted: Path, program: Program
) -> None:
    program.well("site", "build", cwd=counted)
    page = counted / "public/measures/REACHED.html"
    before = page.read_text(encoding="utf-8")
    take(program, counted, "measure,period,value,of\nREACHED,2024,149,\n", "--replace")
    program.well("site", "build", cwd=counted)
    assert page.read_text(encoding="utf-8") == before
    take(program, counted, "measure,period,value,of\nREACHED,2024,163,\n", "--replace")
    program.well("site", "build", cwd=counted)
    assert ">165<" in page.read_text(encoding="utf-8")


def test_a_small_figure_that_a_page_would_tell_is_stopped_by_the_gate(
    counted: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(program, counted, "measure,period,value,of\nKNIFE,2023,4,\n")
    monkeypatch.setattr(measure_pages, "withheld_slots", lambda *_: frozenset())
    refused = program("site", "build", cwd=counted)
    assert (refused.code, refused.err[:5]) == (3, "LC903")
    assert list((counted / "public").rglob("*.html")) == []


@pytest.mark.parametrize("words", [("needs",), ("annual", "2025"), ("home-office", "2024")])
def test_no_exact_own_count_leaves_by_a_team_report(
    words: tuple[str, ...], counted: Path, program: Program
) -> None:
    toml = counted / "measures.toml"
    owned = toml.read_text(encoding="utf-8").replace("aim =", 'owner = "home-office"\naim =')
    toml.write_text(owned, encoding="utf-8")
    program.well("report", *words, cwd=counted)
    told = text_below(counted / "reports")
    assert "148" in told or "131" in told
    assert "145" in told or "210" in told
    assert not [exact for exact in ("143", "208", "61.9") if f">{exact}" in told or f",{exact}," in told]
    assert "withheld" in told or "fewer than 10" in told
