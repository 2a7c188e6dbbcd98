"""Tables as the XML of a Word file: a heading row that repeats, rows never cut, a description read aloud (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evaluation.word.blocks import Grid, Paragraph, Run
from evaluation.word.paragraphs import paragraph_xml, runs_xml
from evaluation.word.sizes import TWIPS, Sizes, column_shares, grid_size

KEPT_TOGETHER = 14
LINE = "b1b4b6"
STRONG = "0b0c0c"


def grid_xml(grid: Grid, sizes: Sizes, width: int) -> tuple[str, ...]:
    """The caption, the table ``width`` twips wide, and an empty line after it."""
    size = grid_size(grid, sizes, width)
    columns = [round(share * width) for share in column_shares(grid, size, width / TWIPS)]
    rows = [_row(grid.head, columns, size, heads=True, keep=True)]
    short = len(grid.rows) <= KEPT_TOGETHER
    rows += [
        _row(row, columns, size, heads=False, keep=short and row is not grid.rows[-1]) for row in grid.rows
    ]
    widths = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
    table = f"<w:tbl>{_properties(grid, width)}<w:tblGrid>{widths}</w:tblGrid>{''.join(rows)}</w:tbl>"
    caption = Paragraph((Run(grid.caption, bold=True),), "caption", first=grid.first)
    after = '<w:p><w:pPr><w:spacing w:before="0" w:after="60" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'
    return (*((paragraph_xml(caption, sizes),) if grid.caption else ()), table, after)


def _properties(grid: Grid, width: int) -> str:
    """The parts of ``w:tblPr`` in the order the format asks for."""
    heads = ", ".join("".join(run.text for run in cell) for cell in grid.head)
    said = f"{grid.caption}. {len(grid.rows)} rows. Columns: {heads}."
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/>'
        f'<w:tblBorders><w:bottom w:val="single" w:sz="4" w:color="{LINE}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:color="{LINE}"/></w:tblBorders>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="06A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
        'w:noVBand="1"/>'
        f'<w:tblCaption w:val="{escape(grid.caption)}"/><w:tblDescription w:val="{escape(said)}"/></w:tblPr>'
    )


def _row(
    cells: Sequence[tuple[Run, ...]], columns: Sequence[int], size: float, *, heads: bool, keep: bool
) -> str:
    repeated = "<w:tblHeader/>" if heads else ""
    made = "".join(
        _cell(cell, column, size, heads=heads, bold=heads or i == 0, keep=keep)
        for i, (cell, column) in enumerate(zip(cells, columns, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{made}</w:tr>"


def _cell(runs: tuple[Run, ...], width: int, size: float, *, heads: bool, bold: bool, keep: bool) -> str:
    ruled = (
        f'<w:tcBorders><w:bottom w:val="single" w:sz="12" w:color="{STRONG}"/></w:tcBorders>' if heads else ""
    )
    kept = "<w:keepNext/>" if keep else ""
    place = "bottom" if heads else "top"
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{ruled}<w:vAlign w:val="{place}"/></w:tcPr>'
        f'<w:p><w:pPr>{kept}<w:spacing w:before="30" w:after="30"/></w:pPr>'
        f"{runs_xml(runs, size, bold=bold)}</w:p></w:tc>"
    )
