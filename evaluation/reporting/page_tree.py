"""A page read back as a tree of elements, in the order in which they are read (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
IN_A_LINE = frozenset({"a", "abbr", "b", "code", "em", "i", "span", "strong", "sub", "sup", "time"})
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML cannot hold


@dataclass(eq=False, slots=True)
class Element:
    """One element: its tag, attributes, what is in it, the line it begins on.

    ``drawing`` is the text of an SVG, where the page was read by ``read_whole_drawings``.
    """

    tag: str
    attributes: dict[str, str]
    line: int = 0
    parent: Element | None = None
    inside: list[Element | str] = field(default_factory=list)
    drawing: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class attribute."""
        return frozenset(self.get("class").split())

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
        return [one for one in self.walk() if name in one.classes]

    def above(self) -> Iterator[Element]:
        """What it stands in, the nearest first."""
        one = self.parent
        while one is not None:
            yield one
            one = one.parent

    def elements(self) -> list[Element]:
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
                yield "" if one.tag in IN_A_LINE else " "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = Element("document", {})
        self.open = self.top
        self.in_order = True

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
        self.in_order = self.in_order and (tag in VOID or self.open.tag == tag)
        for one in (self.open, *self.open.above()):
            if one.tag == tag and one.parent is not None:
                self.open = one.parent
                return

    def handle_data(self, data: str) -> None:
        """Take words in."""
        self.open.inside.append(data)


def read_page(text: str) -> Element:
    """The tree of any page, whether its elements are closed in order or not."""
    return _read(text).top


def read_whole_drawings(page: str) -> Element:
    """The tree of a page of ours, its drawings kept as they are written, without letters that XML cannot hold.

    Raises ``ValueError`` where an element is not closed in its order.
    """
    drawings: list[str] = []

    def keep(found: re.Match[str]) -> str:
        drawings.append(found[0])
        return "<svg></svg>"

    reader = _read(DRAWING.sub(keep, UNPRINTABLE.sub("", page)))
    if reader.open is not reader.top or not reader.in_order:
        raise ValueError("the elements of the page are not closed in order")
    for element, drawing in zip(reader.top.all("svg"), drawings, strict=True):
        element.drawing = drawing
    return reader.top


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


def table_rows(table: Element) -> list[tuple[str, ...]]:
    """The words of each row of a table, its head first."""
    return [tuple(cell.text for cell in row.all("th", "td")) for row in table.all("tr")]
