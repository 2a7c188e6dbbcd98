"""Rules that one page must keep: its build, its tables, its ids, and that it asks for nothing (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from evaluation.reporting.page_tree import Element
from workspace.errors import Fault

LANDMARKS = ("header", "main", "footer", "nav")
ASKING = ("script", "iframe", "object", "embed", "base", "form", "video", "audio", "img")
FETCHED = ("src", "srcset", "poster", "data", "xlink:href", "background")
OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
IN_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:)[^)]", re.IGNORECASE)


def page_faults(name: str, page: Element) -> Iterator[Fault]:
    """Everything wrong with one page."""
    yield from _asking(name, page)
    yield from _built(name, page)
    yield from _headings(name, page)
    yield from _tables(name, page)
    yield from _ids(name, page)


def style_faults(name: str, css: str) -> Iterator[Fault]:
    """What a style sheet would fetch."""
    if IN_STYLE.search(css):
        yield Fault("LC741", name, "the style sheet asks for another file")


def _where(name: str, one: Element) -> str:
    return f"{name}:{one.line}"


def _asking(name: str, page: Element) -> Iterator[Fault]:
    for one in page.walk():
        if one.tag in ASKING:
            yield Fault("LC741", _where(name, one), f"the page holds <{one.tag}>")
        if any(key.startswith("on") for key in one.attributes):
            yield Fault("LC741", _where(name, one), f"<{one.tag}> has a script in an attribute")
        wanted = [one.get(key) for key in FETCHED if key in one.attributes]
        wanted += [one.get("href")] if one.tag in ("link", "use", "image") else []
        if any(OUTSIDE.match(address) for address in wanted):
            yield Fault("LC741", _where(name, one), f"<{one.tag}> asks for something from outside")
        if one.tag == "a" and one.get("href").lower().startswith("javascript:"):
            yield Fault("LC741", _where(name, one), "a link holds a script")
        styled = "".join(text for text in one.inside if isinstance(text, str)) if one.tag == "style" else ""
        if IN_STYLE.search(styled + one.get("style")):
            yield Fault("LC741", _where(name, one), "a style asks for another file")


def _built(name: str, page: Element) -> Iterator[Fault]:
    top = next(iter(page.all("html")), None)
    if top is None or not top.get("lang").startswith("en"):
        yield Fault("LC742", name, "the page does not say its language")
    heads = page.all("head")
    if not heads or not any(one.text for one in heads[0].all("title")):
        yield Fault("LC742", name, "the page has no title")
    for tag in ("main", "h1"):
        if len(page.all(tag)) != 1:
            yield Fault("LC742", name, f"the page has {len(page.all(tag))} <{tag}> in place of one")
    body = next(iter(page.all("body")), None)
    for one in body.elements() if body else ():
        if one.tag not in LANDMARKS and "skip" not in one.get("class").split():
            yield Fault(
                "LC742", _where(name, one), f"<{one.tag}> stands outside the main part, head and foot"
            )


def _headings(name: str, page: Element) -> Iterator[Fault]:
    before = 0
    for one in page.all("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(one.tag[1])
        if level > before + 1:
            yield Fault(
                "LC742", _where(name, one), f"a heading of level {level} follows one of level {before}"
            )
        if not one.text:
            yield Fault("LC742", _where(name, one), "a heading is empty")
        before = level


def _tables(name: str, page: Element) -> Iterator[Fault]:
    for table in page.all("table"):
        captions = table.all("caption")
        if len(captions) != 1 or not captions[0].text:
            yield Fault("LC743", _where(name, table), "the table has no caption")
        if any(not one.get("scope") for one in table.all("th")) or not table.all("th"):
            yield Fault("LC743", _where(name, table), "a heading of the table does not say what it heads")
        if not any(_is_region(one) for one in table.above()):
            yield Fault("LC743", _where(name, table), "the keyboard cannot reach the table to scroll it")
    for one in page.classed("scroll"):
        if not _is_region(one):
            yield Fault("LC743", _where(name, one), "a part that scrolls has no name or cannot be reached")


def _is_region(one: Element) -> bool:
    return one.get("role") == "region" and one.get("tabindex") == "0" and bool(one.get("aria-label"))


def _ids(name: str, page: Element) -> Iterator[Fault]:
    ids = Counter(one.get("id") for one in page.walk() if one.get("id"))
    for value, count in ids.items():
        if count > 1:
            yield Fault("LC744", name, f"the id '{value}' is given {count} times")
    for one in page.walk():
        for key in ("aria-labelledby", "aria-describedby", "for"):
            for wanted in one.get(key).split():
                if wanted not in ids:
                    yield Fault(
                        "LC744", _where(name, one), f"{key} names '{wanted}', which is not on the page"
                    )
