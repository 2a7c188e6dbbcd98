"""The documentation as a site: every page has its place, nothing is fetched from elsewhere, and it can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_report_in_chromium import AXE, CHROMIUM, DESKTOP, PHONE, browser, page, show
from tests.docs.reader import ROOT, part

__all__ = ["browser", "page"]
DOCS = ROOT / "docs"
BUILT = ROOT / "build" / "docs"
LOOKED_AT = ("docs/explanation/methods/displacement-difference.html", "README.html", "search.html")


def test_the_index_names_every_page_itself_so_that_the_side_bar_has_them_all() -> None:
    sections = part("conf").sections_of((DOCS / "index.md").read_text(encoding="utf-8"))
    listed = [page for pages in sections.values() for page in pages]
    there = {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for path in DOCS.rglob("*.md")
        if path.name != "index.md"
    }
    assert sorted(listed) == sorted(there)


def test_a_page_that_would_fetch_something_from_elsewhere_is_found(tmp_path: Path) -> None:
    site = part("build_site")
    for number, line in enumerate(
        (
            '<script async src="https://example.org/a.js"></script>',
            '<link rel="stylesheet" href="//example.org/a.css">',
            "<style>@import 'https://example.org/a.css';</style>",
            '<img alt="" src="http://example.org/a.png">',
        )
    ):
        (tmp_path / f"bad-{number}.html").write_text(line, encoding="utf-8")
    (tmp_path / "font.css").write_text(
        "@font-face { src: url(https://example.org/a.woff2) }", encoding="utf-8"
    )
    (tmp_path / "good.html").write_text('<a href="https://example.org/">a link</a>', encoding="utf-8")
    assert list(site.fetched_from_elsewhere(tmp_path)) == [*(f"bad-{n}.html" for n in range(4)), "font.css"]


needs_the_built_site = pytest.mark.skipif(
    not (CHROMIUM.exists() and (BUILT / "index.html").exists()),
    reason="there is no Chromium, or nobody ran docs/build_site.py here",
)


@pytest.mark.browser
@needs_the_built_site
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["day", "night"])
def test_pages_fit_and_pass_axe_by_day_and_by_night(page: Any, size: tuple[int, int], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(color_scheme=scheme)
    for name in LOOKED_AT:
        show(page, BUILT / name, size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name
        results = Axe().run(page, options={**AXE, "resultTypes": ["violations"], "preload": False})
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    assert [url for url in asked if not url.startswith("file:")] == []


@pytest.mark.browser
@needs_the_built_site
def test_a_word_is_found_without_a_server(page: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    show(page, BUILT / "docs" / "index.html", DESKTOP)
    page.fill("input[name=q]", "caliper")
    page.keyboard.press("Enter")
    # Results come one after another: the test waits for the page it knows, not for the first.
    page.locator("#search-results li a", has_text="Matching").first.wait_for()
    assert said == []
