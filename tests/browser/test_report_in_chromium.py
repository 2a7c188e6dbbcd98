"""The report in a real browser: it fits, asks for nothing, says nothing on the console, and passes axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.reporting.html import render_report
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_samples import SAMPLES
from workspace.settings import DisclosureProfile

CHROMIUM = Path("/usr/bin/chromium")
QUIETLY = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    }
}
MADE = SAMPLES | PANEL_SAMPLES
DESKTOP, PHONE, A4_INSIDE = (1280, 900), (320, 700), (695, 1039)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium on this machine"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("chromium")), executable_path=str(CHROMIUM), args=QUIETLY
        )
        yield context
        context.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {name: folder / f"{name}.html" for name in MADE}
    for name, path in made.items():
        page = render_report(
            MADE[name](), DisclosureProfile(), audit_head="c0ffee" * 8, practice=name == "works"
        )
        path.write_text(page, encoding="utf-8")
    return made


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    yield opened
    opened.close()


def show(page: Any, path: Path, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(path.as_uri())


def too_wide(page: Any) -> list[str]:
    """Elements outside scrolling regions that reach beyond the window."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *:not(.skip)')]
            .filter(e => !e.closest('[role=region]') && e.getBoundingClientRect().right > innerWidth + 0.5)
            .map(e => e.tagName + '.' + e.getAttribute('class'))"""
    )
    return found


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", MADE)
def test_the_report_fits_asks_for_nothing_and_passes_axe(
    page: Any, files: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    show(page, files[name], size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert too_wide(page) == []
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    results = Axe().run(page, options={**AXE, "resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    assert asked == [files[name].as_uri()]
    assert said == []


@pytest.mark.parametrize("name", MADE)
def test_page_one_fits_on_one_sheet_and_the_statistics_open_in_print(
    page: Any, files: dict[str, Path], name: str
) -> None:
    page.emulate_media(media="print")
    show(page, files[name], A4_INSIDE)
    assert page.evaluate("document.querySelector('.page-two').getBoundingClientRect().top") <= A4_INSIDE[1]
    assert page.evaluate("getComputedStyle(document.querySelector('.page-two')).breakBefore") == "page"
    assert (
        page.evaluate("document.querySelector('details:not(.numbers) table').getBoundingClientRect().height")
        > 30
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_INSIDE[0]
    rows = "[...new Set([...document.querySelectorAll('tr')].map(e => getComputedStyle(e).breakInside))]"
    assert page.evaluate(rows) == ["avoid"]
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


def test_the_first_stop_of_the_keyboard_skips_to_the_answer(page: Any, files: dict[str, Path]) -> None:
    show(page, files["works"], DESKTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_drawings_keep_their_own_ground_in_forced_colours(page: Any, files: dict[str, Path]) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    show(page, files["works"], DESKTOP)
    ground = page.evaluate("getComputedStyle(document.querySelector('.pictures svg rect')).fill")
    assert ground == "rgb(255, 255, 255)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.answer .sign')).borderTopStyle") == "solid"
    )


def test_text_set_at_twice_the_size_still_fits_a_desktop(page: Any, files: dict[str, Path]) -> None:
    show(page, files["many-ways"], (640, 700))
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert too_wide(page) == []
