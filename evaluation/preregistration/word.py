"""A document as a Word file: real headings, tables with rows of headings that repeat, a language and a title (pure)."""

from __future__ import annotations

import io
from typing import Any

from evaluation.preregistration.document import Document, Grid

LANGUAGE = "en-GB"


def as_word(document: Document) -> bytes:
    """The document's bytes. The first heading is the document's title; what the plan says stands as plain text."""
    import docx

    made = docx.Document()
    _properties(made, document)
    made.add_heading(document.title, level=0)
    made.add_paragraph(document.subject, style="Subtitle")
    for line in document.stamp:
        made.add_paragraph(line, style="Quote")
    for part in document.parts:
        made.add_heading(part.heading, level=part.level)
        for block in part.body:
            if isinstance(block, Grid):
                _table(made, block)
            else:
                made.add_paragraph(block)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _properties(made: Any, document: Document) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = made.core_properties
    properties.title, properties.subject = document.title[:255], document.subject
    properties.language, properties.author, properties.comments = LANGUAGE, "", ""
    run = made.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = run.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        run.append(language)
    language.set(qn("w:val"), LANGUAGE)


def _table(made: Any, grid: Grid) -> None:
    from docx.oxml import OxmlElement

    made.add_paragraph(grid.caption, style="Caption")
    table = made.add_table(rows=1, cols=len(grid.head), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, grid.head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in grid.rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    made.add_paragraph()
