"""A document as a Word file: real headings, tables with rows of headings that repeat, a language and a title (pure)."""

from __future__ import annotations

import io
from typing import Any

from evaluation.preregistration.document import Document, Grid
from workspace.office_files import headed_table, set_properties


def as_word(document: Document) -> bytes:
    """The document's bytes. The first heading is the document's title; what the plan says stands as plain text."""
    import docx

    made = docx.Document()
    set_properties(made, document.title, document.subject)
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


def _table(made: Any, grid: Grid) -> None:
    made.add_paragraph(grid.caption, style="Caption")
    table = headed_table(made, grid.head)
    for row in grid.rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    made.add_paragraph()
