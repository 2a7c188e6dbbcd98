"""A page read back as a tree of elements, in the order in which they are read (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


@dataclass(eq=False, slots=True)
class Element:
    """One element: its tag, attributes, what is in it, and the line it begins on."""

    tag: str
    attributes: dict[str, str]
    line: int = 0
    parent: Element | None = None
    inside: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute; empty where there is none."""
        return self.attributes.get(name, "")

    def walk(self) -> Iterator[Element]:
        """The element and all below it, in order."""
        yield self
        for one in self.inside:
            if isinstance(one, Element):
                yield from one.walk()

    def all(self, *tags: str) -> list[Element]:
        """Everything below with one of these tags, in order."""
        return [one for one in self.walk() if one.tag in tags and one is not self]

    def classed(self, name: str) -> list[Element]:
        """Everything below of a class."""
        return [one for one in self.walk() if name in one.get("class").split()]

    def above(self) -> Iterator[Element]:
        """What it stands in, the nearest first."""
        one = self.parent
        while one is not None:
            yield one
            one = one.parent

    def children(self) -> list[Element]:
        """The elements directly in it."""
        return [one for one in self.inside if isinstance(one, Element)]

    @property
    def text(self) -> str:
        """All its words, one space between."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for one in self.inside:
            if isinstance(one, str):
                yield one
            elif one.tag not in ("style", "script"):
                yield from one._pieces()
                yield " " if one.tag not in ("span", "strong", "a", "code") else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = Element("document", {})
        self.open = self.top

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        one = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], self.open)
        self.open.inside.append(one)
        if tag not in VOID:
            self.open = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element with nothing in it."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open = self.open.parent or self.top

    def handle_endtag(self, tag: str) -> None:
        """End the nearest element of that tag."""
        for one in (self.open, *self.open.above()):
            if one.tag == tag and one.parent is not None:
                self.open = one.parent
                return

    def handle_data(self, data: str) -> None:
        """Take words in."""
        self.open.inside.append(data)


def read_page(text: str) -> Element:
    """The tree of a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.top


def table_rows(table: Element) -> list[tuple[str, ...]]:
    """The words of each row of a table, its head first."""
    return [tuple(cell.text for cell in row.all("th", "td")) for row in table.all("tr")]
