"""A report's page as a tree of elements; drawings stay as they are written (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML cannot hold
VOID = frozenset({"meta", "br", "link", "img", "hr", "input", "col"})


@dataclass(slots=True)
class Element:
    """An element with its attributes and what is inside; ``drawing`` holds the text of an SVG."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)
    drawing: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class attribute."""
        return frozenset(self.attributes.get("class", "").split())

    def elements(self) -> Iterator[Element]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def every(self, tag: str) -> Iterator[Element]:
        """Every element of a tag below this one, in order."""
        for child in self.elements():
            if child.tag == tag:
                yield child
            yield from child.every(tag)

    def text(self) -> str:
        """All words inside, white space made one."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag == "br":
                yield " "
            else:
                yield from child._pieces()


def read_page(page: str) -> Element:
    """The tree of a page of ours, without letters that XML cannot hold.

    Raises ``ValueError`` where an element is not closed in its order.
    """
    drawings: list[str] = []

    def keep(found: re.Match[str]) -> str:
        drawings.append(found[0])
        return "<svg></svg>"

    reader = _Reader()
    reader.feed(DRAWING.sub(keep, UNPRINTABLE.sub("", page)))
    reader.close()
    if len(reader.open) != 1:
        raise ValueError("an element of the page is not closed")
    for element, drawing in zip(reader.open[0].every("svg"), drawings, strict=True):
        element.drawing = drawing
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open.pop().tag != tag:
            raise ValueError("the elements of the page are not closed in order")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
