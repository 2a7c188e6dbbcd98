"""A report's page read into the blocks of a Word file: the same words in the same order (pure).

What belongs to the screen alone is left out: the link that skips to the answer, the words that open a closed section,
and the sentence that stands on paper in place of long tables (a Word file has the tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evaluation.reporting.page_tree import Element
from evaluation.reporting.signs import COLOURS
from evaluation.word.blocks import Block, Grid, Kind, Layout, Paragraph, Picture, Run
from evaluation.word.painting import words_of

INLINE = frozenset({"a", "abbr", "b", "br", "code", "em", "i", "span", "strong", "sub", "sup", "time"})
SCREEN_ONLY = frozenset({"skip", "on-paper"})
LEFT_OUT = frozenset({"head", "style", "script", "summary", "title"})
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
COLUMNS = frozenset({"pictures", "pair"})
ON_ONE_LINE = frozenset({"key"})
SPREAD = frozenset({"others"})
ROLES = ("answer", "sentence", "detail", "fragile", "kicker", "note", "status")


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page the reader is: on page one or not, in whose box, in how deep a list, in which role."""

    first: bool = False
    tone: str = ""
    level: int = 0
    role: str = ""


class PageReader:
    """Reads one page; it counts the ordered lists, so that each starts at one."""

    def __init__(self) -> None:
        self.lists = 0

    def blocks(self, page: Element) -> tuple[Block, ...]:
        """Every block of the page."""
        return tuple(self._inside(page, Place()))

    def _inside(self, element: Element, place: Place) -> Iterator[Block]:
        """Blocks of what is inside an element; words that stand loose between them become paragraphs."""
        loose: list[Element | str] = []
        for child in element.inside:
            if isinstance(child, str) or child.tag in INLINE:
                loose.append(child)
                continue
            yield from _paragraph(loose, place)
            loose = []
            yield from self._block(child, place)
        yield from _paragraph(loose, place)

    def _block(self, element: Element, place: Place) -> Iterator[Block]:
        if element.tag in LEFT_OUT or element.classes & SCREEN_ONLY:
            return
        if element.tag in HEADINGS:
            yield from _heading(element, place)
        elif element.tag in ("p", "figcaption", "dt", "dd"):
            role = next((name for name in ROLES if name in element.classes), place.role)
            kind: Kind = "caption" if element.tag == "figcaption" else "text"
            yield from _paragraph(element.inside, replace(place, role=role), kind)
        elif element.tag in ("ul", "ol"):
            yield from self._list(element, place)
        elif element.tag == "dl":
            yield from _facts(element, place)
        elif element.tag == "table":
            yield _grid(element, place)
        elif element.tag == "svg":
            title, said = words_of(element.drawing)
            yield Picture(element.drawing, title, said, place.role, place.first)
        else:
            yield from self._holder(element, place)

    def _holder(self, element: Element, place: Place) -> Iterator[Block]:
        """Sections, boxes and figures: what is inside, with what it says of its place."""
        classes = element.classes
        if "page-two" in classes:
            yield Layout("page two")
        starts = element.tag == "header" or "page-one" in classes
        inner = replace(place, first=starts or (place.first and "page-two" not in classes))
        if "verdict" in classes:
            inner = replace(inner, tone=next((tone for tone in COLOURS if tone in classes), ""))
        parts = [part for part in element.elements() if part.tag in ("figure", "section")]
        if classes & COLUMNS and len(parts) > 1:
            yield Layout("two columns")
            for i, part in enumerate(parts):
                if i:
                    yield Layout("next column")
                yield from self._block(
                    part, replace(inner, role="half" if part.tag == "figure" else "column")
                )
            yield Layout("one column")
            return
        if "drawn" in classes or "forest" in classes:
            inner = replace(inner, role="chart")
        yield from self._inside(element, inner)

    def _list(self, element: Element, place: Place) -> Iterator[Block]:
        number = 0
        if element.tag == "ol":
            self.lists += 1
            number = self.lists
        items = [item for item in element.elements() if item.tag == "li"]
        if element.classes & ON_ONE_LINE:
            runs = [run for item in items for run in (*_runs(item.inside), Run("    "))]
            yield Paragraph(tuple(runs[:-1]), first=place.first, role="key")
            return
        for item in items:
            yield from self._item(item, replace(place, level=place.level + 1), number, element.classes)

    def _item(self, item: Element, place: Place, number: int, classes: frozenset[str]) -> Iterator[Block]:
        nested = [part for part in item.elements() if part.tag in ("ul", "ol")]
        own = [part for part in item.inside if part not in nested]
        if classes & SPREAD:
            name, answer = list(item.elements())
            runs = (*_runs([name]), Run("\t"), *_runs([answer]))
            yield Paragraph(runs, "spread", first=place.first)
        else:
            runs = _trimmed(_runs(own))
            yield Paragraph(runs, "item", place.level, number, first=place.first, tone=place.tone)
        for part in nested:
            yield from self._list(part, place)


def _heading(element: Element, place: Place) -> Iterator[Block]:
    runs = _trimmed(_runs(element.inside))
    role = "kicker" if "kicker" in element.classes else place.role if place.role == "column" else ""
    yield Paragraph(
        runs,
        "heading",
        HEADINGS[element.tag],
        anchor=element.attributes.get("id", ""),
        tone=place.tone,
        first=place.first,
        role=role,
    )


def _paragraph(children: list[Element | str], place: Place, kind: Kind = "text") -> Iterator[Block]:
    runs = _trimmed(_runs(children))
    if runs:
        yield Paragraph(runs, kind, tone=place.tone, first=place.first, role=place.role)


def _facts(element: Element, place: Place) -> Iterator[Block]:
    for pair in element.elements():
        name, value = (_trimmed(_runs(part.inside)) for part in pair.elements())
        bold = tuple(replace(run, bold=True) for run in name)
        yield Paragraph((*bold, Run("\t"), *value), "fact", first=place.first)


def _grid(element: Element, place: Place) -> Grid:
    caption = next((found.text for found in element.all("caption")), "")
    rows = [
        tuple(_trimmed(_runs(cell.inside)) for cell in row.elements() if cell.tag in ("th", "td"))
        for row in element.all("tr")
    ]
    wide = max(map(len, rows))
    head, *others = (row + ((),) * (wide - len(row)) for row in rows)
    return Grid(caption, head, tuple(others), place.first)


def _runs(children: list[Element | str], look: Run | None = None) -> list[Run]:
    """The runs of inline children, white space made one, looks handed down."""
    look = look or Run("")
    found: list[Run] = []
    for child in children:
        if isinstance(child, str):
            found.append(replace(look, text=re.sub(r"\s+", " ", child)))
        elif child.tag == "br":
            found.append(replace(look, text="\n"))
        elif not child.classes & SCREEN_ONLY:
            found += _runs(child.inside, _looks(child, look))
    return found


def _looks(element: Element, look: Run) -> Run:
    classes = element.classes
    if element.tag in ("strong", "b"):
        look = replace(look, bold=True)
    if element.tag == "code":
        look = replace(look, code=True)
    if "stamp" in classes:
        look = replace(look, stamp=True)
    if "mark" in classes:
        colour = next((value for tone, value in COLOURS.items() if tone in classes), "")
        look = replace(look, bold=True, colour=colour)
    if element.tag == "a":
        look = replace(look, target=element.attributes.get("href", "").removeprefix("#"))
    return look


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """Runs without doubled spaces and without space at the ends."""
    kept: list[Run] = []
    before = " "
    for run in runs:
        text = run.text.lstrip(" ") if before[-1] in " \n" else run.text
        if text:
            kept.append(replace(run, text=text))
            before = text
    while kept and not (last := kept[-1].text.rstrip()):
        kept.pop()
    if kept:
        kept[-1] = replace(kept[-1], text=last)
    return tuple(kept)
