"""Reads a report's values back as text, to look for words in it."""

from __future__ import annotations

from evaluation.reporting.tables import Table
from evaluation.team.paper import Listing, Paper, tables_of
from evaluation.team.tables_csv import cell_text


def text_of(paper: Paper, heading: str = "") -> str:
    """Every word of a report, or of one section of it."""
    lines: list[str] = []
    for page in paper.pages:
        if heading and page.heading != heading:
            continue
        for block in page.blocks:
            if isinstance(block, Table):
                lines += [block.caption, *(" | ".join(map(cell_text, row)) for row in block.rows)]
            else:
                lines += block.lines if isinstance(block, Listing) else [block]
    assert lines, f"no section '{heading}'"
    return "\n".join(lines)


def row_of(paper: Paper, caption: str, first: str) -> tuple[str, ...]:
    """The row of a table that begins with a word."""
    (table,) = (one for one in tables_of(paper) if one.caption.startswith(caption))
    return next(tuple(map(cell_text, row)) for row in table.rows if cell_text(row[0]).startswith(first))
