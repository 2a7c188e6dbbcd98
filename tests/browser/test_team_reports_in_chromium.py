"""The reports for the team in a real browser: they fit, ask for nothing, and pass axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.team.html import as_html
from tests.browser.test_report_in_chromium import AXE, CHROMIUM, DESKTOP, PHONE, QUIETLY, show, too_wide
from tests.evaluation.test_team_reports import PAPERS

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


@pytest.mark.parametrize("name", PAPERS)
def test_a_report_for_the_team_fits_asks_for_nothing_and_passes_axe(
    browser: Any, tmp_path: Path, name: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / f"{name}.html"
    path.write_text(as_html(PAPERS[name]()), encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for size in (DESKTOP, PHONE):
        show(page, path, size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert too_wide(page) == []
        results = Axe().run(page, options={**AXE, "resultTypes": ["violations"]})
        assert results.violations_count == 0, results.generate_report()
    assert asked == [path.as_uri()] * 2
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    page.close()
