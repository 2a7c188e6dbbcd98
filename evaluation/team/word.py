"""A report as a Word file: language, title, real headings, repeating rows of headings; the same bytes (pure)."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from evaluation.reporting.signs import INK
from evaluation.reporting.tables import Cell, Table
from evaluation.team.paper import Listing, Paper

LANGUAGE = "en-GB"
ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def as_word(paper: Paper) -> bytes:
    """The report's bytes; the same report gives the same bytes."""
    import docx
    from docx.enum.section import WD_ORIENT

    made = docx.Document()
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = docx.shared.Mm(297), docx.shared.Mm(210)
    _properties(made, paper)
    made.add_heading(paper.title, level=0)
    made.add_paragraph(" ".join(f"{word}. {meaning}" for word, meaning in paper.status))
    made.add_paragraph(paper.made_of, style="Subtitle")
    number = 0
    for place, page in enumerate(paper.pages):
        made.add_heading(page.heading if place < 2 else f"{place - 1}. {page.heading}", level=1)
        for block in page.blocks:
            if isinstance(block, Table):
                number += 1
                _table(made, block, number)
            elif isinstance(block, Listing):
                for line in block.lines:
                    made.add_paragraph(line, style="List Bullet")
            else:
                made.add_paragraph(block)
    made.add_paragraph(f"Counts from 1 to {paper.threshold - 1} are withheld. The same again: {paper.again}")
    written = io.BytesIO()
    made.save(written)
    return fixed_zip(written.getvalue())


def fixed_zip(data: bytes) -> bytes:
    """The same archive with the same day on every file in it, in the same order."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, ZIP_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def cell_text(cell: Cell) -> str:
    """A cell as text; an answer keeps its sign."""
    return cell if isinstance(cell, str) else f"{cell.sign} {cell.words}"


def _properties(made: Any, paper: Paper) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    properties = made.core_properties
    properties.title, properties.subject = paper.title[:255], paper.kind
    properties.language, properties.author, properties.comments = LANGUAGE, "", ""
    properties.last_modified_by, properties.revision = "", 1
    properties.created = properties.modified = dt.datetime(paper.day.year, paper.day.month, paper.day.day)  # noqa: DTZ001
    for style in ("Title", "Subtitle", "Heading 1", "Caption"):  # the template's blues are too pale to read
        made.styles[style].font.color.rgb = RGBColor.from_string(INK.removeprefix("#").upper())
    run = made.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = run.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        run.append(language)
    language.set(qn("w:val"), LANGUAGE)


def _table(made: Any, data: Table, number: int) -> None:
    from docx.oxml import OxmlElement

    made.add_paragraph(f"Table {number}. {data.caption}", style="Caption")
    table = made.add_table(rows=1, cols=len(data.head), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, data.head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in data.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = cell_text(value)
    made.add_paragraph()
