"""Pages of methods and the methods register: the same headings; in each row data, program, tolerance, day and test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from evaluation.methods.registry import METHODS
from tests.docs.reader import ROOT, part

FOLDER = ROOT / "docs/explanation/methods"
REGISTER = (ROOT / "docs/reference/methods-register.md").read_text(encoding="utf-8")
PAPERS = (ROOT / "docs/reference/papers.md").read_text(encoding="utf-8")
HEADINGS = (
    "Assumptions",
    "When it misleads",
    "Where it was checked",
    "How far it agrees",
    "Calibration in short",
    "Sources",
)


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: str(page.stem))
def test_a_page_of_a_method_says_when_it_misleads_and_where_it_was_checked(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert [heading for heading in found if heading in HEADINGS] == list(HEADINGS)
    for heading in HEADINGS:
        body = re.sub(r"<!--.*?-->", "", text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]).strip()
        assert len(body) > 60, heading


def test_every_method_of_the_registry_has_such_a_page() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} >= set(METHODS)
    assert set(part("method_pages").PAGES) == {page.stem for page in FOLDER.glob("*.md")}


def rows() -> Iterator[list[str]]:
    for section in REGISTER.partition("\n## ")[2].partition("\n## Speed\n")[0].splitlines():
        if section.startswith("| ") and not section.startswith(("| Case |", "| What |")):
            yield [cell.strip() for cell in section.strip().strip("|").split(" | ")]


def test_every_row_of_the_methods_register_has_all_its_columns_and_its_test_is_there() -> None:
    lengths: dict[int, int] = {}
    for cells in rows():
        lengths[len(cells)] = lengths.get(len(cells), 0) + 1
        assert all(cells), cells
        assert date.fromisoformat(cells[-2]) <= date(2100, 1, 1)
        named = re.findall(r"`([\w/]+\.py)`", cells[-1])
        assert named, cells
        assert [name for name in named if not (ROOT / "tests" / name).is_file()] == []
    assert set(lengths) == {5, 6}
    assert lengths[6] > 150


def test_every_section_about_a_method_names_its_papers() -> None:
    for name in METHODS:
        body = REGISTER.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert re.search(r"^Papers?: .+\(\d{4}", body, flags=re.MULTILINE), name


def test_every_paper_of_the_register_stands_in_the_list_of_papers_in_full() -> None:
    listed = [line for line in PAPERS.splitlines() if line.startswith("- ")]
    assert all(re.search(r"\(\d{4}\)\. .*\*.+\*|\(\d{4}\)\. .+", line) for line in listed)
    missing, named = [], 0
    for paragraph in re.findall(r"^Papers?: (.+?)\n\n", REGISTER, flags=re.MULTILINE | re.DOTALL):
        for name, years in re.findall(
            r"([\w'’-]+)(?: and others| et al\.)? \((\d{4}(?:, \d{4})*)\)", " ".join(paragraph.split())
        ):
            for year in years.split(", "):
                named += 1
                if not any(name in line and f"({year})" in line for line in listed):
                    missing.append(f"{name} ({year})")
    assert missing == []
    assert named > 100


def test_what_a_page_says_of_calibration_are_the_counts_of_the_bench() -> None:
    pages = part("method_pages")
    world = {
        "name": "matching continuous, no effect", "method": "matching", "kind": "continuous", "holds": True,
        "draws": 400, "with_interval": 400, "coverage": 0.9, "false_works": 0.03, "false_harms": 0.01,
    }  # fmt: skip
    assert pages.strays(world)
    assert not pages.strays(world | {"coverage": 0.92})
    assert pages.belongs("matching", world)
    assert not pages.belongs("weighting", world)
    assert pages.belongs("time-to-event", world | {"kind": "time-to-event"})
    counted = json.loads(pages.COUNTS.read_text(encoding="utf-8")).values()
    outside = pages._outside([world | {"name": f"world {n}", "doubted": 0.5} for n in range(8)])
    assert (
        outside[0]
        == "- Beyond chance outside 93 to 97 %: world 0, 90.0 %; a check lowered trust in 50 % of the draws."
    )
    assert outside[-1] == "- And 2 more: see the table."
    least = min(w["coverage"] for w in counted if pages.belongs("randomised", w) and w["holds"])
    assert f"{100 * least:.1f} to " in pages.calibration("randomised")


def test_every_decision_says_when_why_what_was_turned_down_and_what_would_change_it() -> None:
    text = (ROOT / "docs/explanation/decisions.md").read_text(encoding="utf-8")
    entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= 20
    assert [int(entry.split(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        assert re.search(r"^\*\d{1,2} \w+ \d{4}\.\* \*\*Context\.\*\* \w", entry, flags=re.MULTILINE), entry[
            :60
        ]
        for part_of_it in ("Choice", "Turned down", "What would change it"):
            assert re.search(rf"^\*\*{part_of_it}\.\*\*\s\w", entry, flags=re.MULTILINE), entry[:60]
