"""A strict little HTML reader, so that tests read a report as its readers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from evaluation.model import Result
from evaluation.reporting.html import render_report
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
VOID = {"meta", "br", "rect", "line", "circle", "path", "use", "link", "img"}
HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str = "") -> list[Element]:
        inside = [c for c in self.children if isinstance(c, Element)]
        found = [c for c in inside if not tag or c.tag == tag]
        return found + [e for c in inside for e in c.all(tag)]

    def text(self) -> str:
        parts = [
            c if isinstance(c, str) else c.text()
            for c in self.children
            if isinstance(c, str) or c.tag != "style"
        ]
        return " ".join(" ".join(parts).split())

    def rows(self) -> list[list[str]]:
        return [[cell.text() for cell in row.all() if cell.tag in ("th", "td")] for row in self.all("tr")]


class Reader(HTMLParser):
    """A strict little reader: every tag closes in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]


def render(result: Result, **options: bool | str) -> Element:
    return read(
        render_report(
            result,
            PROFILE,
            audit_head=str(options.get("audit_head", "")),
            practice=bool(options.get("practice")),
        )
    )


def table(page: Element, caption: str) -> list[list[str]]:
    return next(t for t in page.all("table") if caption in t.all("caption")[0].text()).rows()


def section(page: Element, number_: int) -> str:
    return next(
        s for s in page.all("section") if s.attributes["aria-labelledby"] == f"section-{number_}"
    ).text()


def by_class(page: Element, name: str) -> Element:
    return next(e for e in page.all() if name in e.attributes.get("class", "").split())
