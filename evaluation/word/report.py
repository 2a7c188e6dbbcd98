"""A report's page as a Word file.

The Word file is made of the page itself: the same words, numbers, order and drawings, so that the two cannot say
different things. What Word needs on top is set here: language, title, headings, heading rows that repeat, words for
every picture and table, and pages on their side for tables too wide for an upright one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evaluation.reporting.page_tree import read_whole_drawings
from evaluation.word.blocks import Block, Grid, Layout, Paragraph, Picture
from evaluation.word.grids import grid_xml
from evaluation.word.painting import paint
from evaluation.word.paragraphs import paragraph_xml
from evaluation.word.reading import PageReader
from evaluation.word.sizes import INSIDE, INSIDE_ACROSS, Sizes, fitting, picture_width
from evaluation.word.styles import (
    NAMESPACE,
    W,
    add_footer,
    new_document,
    section_xml,
    set_lists,
)
from workspace.office_files import packed

WIDE_COLUMNS, VERY_WIDE, FEW_ROWS = 8, 10, 5
BRIDGED, LAST = 3, 5
BEFORE_COLUMNS = 130
AFTER = f"{{{W}}}after"


@dataclass(frozen=True, slots=True)
class Section:
    """How a stretch of pages starts, its columns, and whether it lies on its side."""

    starts: str = "nextPage"
    columns: int = 1
    wide: bool = False


def word_report(page: str) -> bytes:
    """A page of ours as a Word file (.docx).

    Parameters
    ----------
    page
        The whole HTML of a report as ``reporting/html.py`` and the team's reports write it: one ``h1``, headings
        without gaps, tables with captions, drawings as SVG with a title.

    Returns
    -------
    bytes
        The file; the same page gives the same bytes.

    Raises
    ------
    ValueError
        Where the page is not closed in order, or a drawing uses what cannot be painted.
    """
    blocks = PageReader().blocks(read_whole_drawings(page))
    title = next(b.text for b in blocks if isinstance(b, Paragraph) and b.kind == "heading" and b.level == 1)
    status = next((b for b in blocks if isinstance(b, Paragraph) and b.role == "status"), None)
    stamps = [run.text for run in status.runs if run.stamp] if status else []
    document = new_document(title)
    set_lists(document, blocks)
    foot = add_footer(document, ". ".join((*stamps, title)))
    _Writer(document, fitting(blocks), foot).write(blocks)
    file = io.BytesIO()
    document.save(file)
    return packed(file.getvalue())


class _Writer:
    """Puts blocks into a document, one after the other."""

    def __init__(self, document: Any, sizes: Sizes, foot: str) -> None:
        self.document, self.sizes, self.foot = document, sizes, foot
        self.section = Section()
        self.marks = 0
        self.next_column = False

    def write(self, blocks: Sequence[Block]) -> None:
        for block, wide in zip(blocks, lying(blocks), strict=True):
            if isinstance(block, Layout):
                self._change(block)
                continue
            if wide != self.section.wide:
                self._turn(Section("nextPage", 1, wide))
            for xml in self._written(block):
                self._add(xml)
        self._body().append(self._end_of_section())

    def _body(self) -> Any:
        return self.document.element.body

    def _written(self, block: Paragraph | Grid | Picture) -> Iterator[Any]:
        if isinstance(block, Picture):
            yield self._picture(block)
            return
        if isinstance(block, Grid):
            yield from map(
                _parsed, grid_xml(block, self.sizes, INSIDE_ACROSS if self.section.wide else INSIDE)
            )
            return
        if block.anchor:
            self.marks += 1
        yield _parsed(paragraph_xml(block, self.sizes, self.marks))

    def _add(self, element: Any) -> None:
        if self.next_column:
            element.insert(1, _parsed('<w:r><w:br w:type="column"/></w:r>'))
            self.next_column = False
        self._body().append(element)

    def _change(self, layout: Layout) -> None:
        if layout.change == "next column":
            self.next_column = True
        elif layout.change == "two columns":
            self._turn(Section("continuous", 2))
        else:
            self._turn(Section("nextPage" if layout.change == "page two" else "continuous"))

    def _turn(self, coming: Section) -> None:
        """End the section here, in its last paragraph, and begin another."""
        body = self._body()
        if len(body):
            properties = body[-1].get_or_add_pPr()
            if coming.columns > 1:
                properties.get_or_add_spacing().set(AFTER, str(BEFORE_COLUMNS))
            properties.append(self._end_of_section())
        self.section = coming

    def _end_of_section(self) -> Any:
        now, foot, self.foot = self.section, self.foot, ""
        return _parsed(section_xml(now.starts, columns=now.columns, wide=now.wide, feet=foot))

    def _picture(self, picture: Picture) -> Any:
        painted = paint(picture.svg, picture_width(picture))
        inline = self.document.part.new_pic_inline(
            io.BytesIO(painted.png), round(painted.width * 914400), round(painted.height * 914400)
        )
        for side in ("distT", "distB", "distL", "distR"):
            inline.set(side, "0")
        inline.docPr.set("title", picture.title)
        inline.docPr.set("descr", ". ".join(part for part in (picture.title, picture.description) if part))
        after = 40 if picture.first else 120
        element = _parsed(f'<w:p><w:pPr><w:spacing w:before="0" w:after="{after}"/></w:pPr><w:r/></w:p>')
        drawing = _parsed("<w:drawing/>")
        drawing.append(inline)
        element[-1].append(drawing)
        return element


def _parsed(xml: str) -> Any:
    from docx.oxml import parse_xml

    end = min(place for place in (xml.find(">"), xml.find("/>"), xml.find(" ")) if place >= 0)
    return parse_xml(f"{xml[:end]} {NAMESPACE} {RELATIONS}{xml[end:]}")


RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def lying(blocks: Sequence[Block]) -> list[bool]:
    """Which blocks stand on a page on its side: wide tables, headings over them, and little between two of them."""
    wide = [isinstance(block, Grid) and _is_wide(block) for block in blocks]
    for i in range(len(blocks) - 2, -1, -1):
        block = blocks[i]
        over = isinstance(block, Paragraph) and block.kind in ("heading", "caption") and not block.first
        wide[i] = wide[i] or (over and wide[i + 1] and not isinstance(blocks[i + 1], Layout))
    return _bridged(blocks, wide)


def _is_wide(grid: Grid) -> bool:
    """Whether a table lies down: many columns, and rows enough to be worth a page of its own."""
    columns = len(grid.head)
    return not grid.first and (
        columns >= VERY_WIDE or (columns >= WIDE_COLUMNS and len(grid.rows) >= FEW_ROWS)
    )


def _bridged(blocks: Sequence[Block], wide: list[bool]) -> list[bool]:
    """Little between two wide tables, and a few last lines after one, stay on the page on its side."""
    places = [i for i, lies in enumerate(wide) if lies]
    for a, b in pairwise(places):
        between = blocks[a + 1 : b]
        if len(between) <= BRIDGED and not any(isinstance(block, Picture | Layout) for block in between):
            wide[a + 1 : b] = [True] * len(between)
    rest = blocks[places[-1] + 1 :] if places else ()
    if rest and len(rest) <= LAST and all(isinstance(block, Paragraph) for block in rest):
        wide[-len(rest) :] = [True] * len(rest)
    return wide
