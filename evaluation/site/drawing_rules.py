"""Rules for drawings: a title, attributes only, and a table after them with the same numbers (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.reporting.page_tree import Element
from workspace.errors import Fault

NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?")
KEYED = re.compile(r"^(.+) \((\d+)\)$")


def drawing_faults(name: str, page: Element, *, own: bool) -> Iterator[Fault]:
    """Everything wrong with the drawings of one page; the numbers are compared on the site's ``own`` pages."""
    order = list(page.walk())
    places = {id(one): place for place, one in enumerate(order)}
    tables = page.all("table")
    for drawing in page.all("svg"):
        where = f"{name}:{drawing.line}"
        yield from _form(where, drawing)
        after = [one for one in tables if places[id(one)] > places[id(drawing)]]
        if not after:
            yield Fault("LC745", where, "no table follows the drawing")
        elif own:
            yield from _numbers(where, drawing, after)


def _form(where: str, drawing: Element) -> Iterator[Fault]:
    first = next(iter(drawing.elements()), None)
    if first is None or first.tag != "title" or not first.text:
        yield Fault("LC745", where, "the drawing has no title")
    for one in drawing.walk():
        if one.get("class") or one.get("style") or one.tag == "style":
            yield Fault(
                "LC745", where, f"<{one.tag}> in the drawing is styled by a class: in print it turns black"
            )
            return


def _numbers(where: str, drawing: Element, after: list[Element]) -> Iterator[Fault]:
    """Numbers of the title must be in a table that follows; a key must count the rows it names."""
    cells = [cell.text for table in after for cell in table.all("td", "th")]
    told = {number for cell in cells for number in NUMBER.findall(cell)}
    title = drawing.elements()[0].text if drawing.elements() else ""
    missing = [number for number in NUMBER.findall(title) if number not in told]
    if missing and not drawing.all("g"):
        yield Fault("LC745", where, "a number of the drawing is not in a table after it")
    for text in drawing.all("text"):
        keyed = KEYED.match(text.text)
        if keyed is None or text.parent is not drawing:
            continue
        counted = [_rows_of(table, keyed[1]) for table in after]
        if any(counted) and int(keyed[2]) not in counted:
            yield Fault(
                "LC745", where, f"the key says {keyed[2]} for '{keyed[1]}', the table says {max(counted)}"
            )


def _rows_of(table: Element, words: str) -> int:
    """How many rows have a cell that ends with the words."""
    return sum(any(cell.text.endswith(words) for cell in row.all("td")) for row in table.all("tr"))
