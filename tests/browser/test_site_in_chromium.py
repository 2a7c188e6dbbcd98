"""The site in a real browser, one page of each kind: it fits, asks for nothing outside, and passes axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_report_in_chromium import (
    A4_INSIDE,
    AXE,
    CHROMIUM,
    DESKTOP,
    PHONE,
    browser,
    page,
    show,
    too_wide,
)
from tests.evaluation.site.site_samples import files, written

KINDS = (
    "index.html", "findings/EVAL-001.html", "model.html", "model/box-A1.html", "map.html", "measures.html",
    "measures/MEA-101.html", "cohorts.html", "plans.html", "plans/works.html", "claims.html", "actions.html",
    "voice.html", "about.html",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium on this machine"),
]
__all__ = ["browser", "page"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    written(folder, files())
    return folder


@pytest.fixture(scope="module")
def link_page(site: Path) -> str:
    return sorted(path.name for path in (site / "model").glob("link-*"))[0]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", [*KINDS, "link"])
def test_a_page_of_each_kind_fits_asks_for_nothing_outside_and_passes_axe(
    page: Any, site: Path, link_page: str, name: str, size: tuple[int, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = site / (f"model/{link_page}" if name == "link" else name)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    show(page, path, size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert too_wide(page) == []
    results = Axe().run(page, options={**AXE, "resultTypes": ["violations"], "preload": False})
    assert results.violations_count == 0, results.generate_report()
    assert set(asked) == {path.as_uri(), (site / "style.css").as_uri()}
    assert said == []


def test_the_keyboard_goes_from_the_skip_link_through_the_pages_to_the_table(page: Any, site: Path) -> None:
    show(page, site / "index.html", DESKTOP)
    stops = []
    for _ in range(14):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 30)"))
    assert stops[0] == "Skip to the main part"
    assert stops[1] == "Practice partnership"
    assert stops[2:12] == [
        "Findings", "Logic model", "Evidence map", "Success measures", "Cohorts", "Evaluations", "Claims", "Actions",
        "Voice", "About",
    ]  # fmt: skip
    assert page.evaluate("document.activeElement.closest('[role=region]') !== null")
    page.keyboard.press("Shift+Tab")
    show(page, site / "index.html", DESKTOP)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", ["index.html", "model.html", "map.html"])
def test_a_printed_page_fits_the_sheet(page: Any, site: Path, name: str) -> None:
    page.emulate_media(media="print")
    show(page, site / name, A4_INSIDE)
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_INSIDE[0]
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
