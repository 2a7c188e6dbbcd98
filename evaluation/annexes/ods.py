"""An OpenDocument workbook (.ods) written with the standard library: cover, contents, notes, one table a sheet (pure).

Own rather than odfpy: its last release is of January 2020, it brings 0.7 MB and a second package, has no types, and
this workbook needs four parts of XML. Layout after the Government Analysis Function's advice on spreadsheets (from
memory): a title in the first row, then how many tables there are, then notes; no merged and no empty cell; one header
row. A text is kept as a text, never as a formula. The same sheets give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from evaluation.annexes.model import AnnexTable, Cell, cell_text, safe_text

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
LONGEST_NAME = 31
LONGEST_TITLE_BAR = 40
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"),
        ("fo", "xsl-fo-compatible"), ("meta", "meta"),
    )
)  # fmt: skip
_ELSEWHERE = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ROOT = f'{_SPACES} {_ELSEWHERE} office:version="1.3"'
_STYLES = (
    '<style:style style:name="narrow" style:family="table-column">'
    '<style:table-column-properties style:column-width="3.4cm"/></style:style>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="9cm"/></style:style>'
    '<style:style style:name="title" style:family="table-cell"><style:text-properties fo:font-size="14pt" '
    'fo:font-weight="bold"/></style:style>'
    '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties '
    'fo:border-bottom="0.75pt solid #0b0c0c" fo:wrap-option="wrap"/><style:text-properties fo:font-weight="bold"/>'
    "</style:style>"
    '<style:style style:name="words" style:family="table-cell"><style:table-cell-properties '
    'fo:wrap-option="wrap" style:vertical-align="top"/></style:style>'
)
_DEFAULT = (
    '<style:default-style style:family="table-cell"><style:text-properties fo:font-family="Arial" '
    'fo:font-size="11pt" fo:language="en" fo:country="GB"/></style:default-style>'
)
_FILES = ("content.xml", "styles.xml", "meta.xml")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: words above (the first is its title), then at most one table. ``links`` lead to other sheets."""

    name: str
    words: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    links: bool = False


def sheet_of(table: AnnexTable, number: int) -> Sheet:
    """The sheet of one table."""
    said = ("This worksheet contains one table.", *((table.note,) if table.note else ()))
    words = (f"Table {number}: {table.title}", *said, "The notes worksheet says what [c] and [x] mean.")
    return Sheet(f"{number}_{table.name}"[:LONGEST_NAME], words, table.columns, table.rows)


def workbook(title: str, sheets: Sequence[Sheet]) -> bytes:
    """The sheets as the bytes of a workbook."""
    body = "".join(_sheet(sheet) for sheet in sheets)
    content = (
        f"{_HEAD}<office:document-content {_ROOT}><office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    styles = (
        f"{_HEAD}<office:document-styles {_ROOT}><office:styles>{_DEFAULT}</office:styles>"
        "</office:document-styles>"
    )
    meta = (
        f"{_HEAD}<office:document-meta {_ROOT}><office:meta><dc:title>{_words(title)}</dc:title>"
        "<dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", MIMETYPE), *((name, "text/xml") for name in _FILES))
    )
    manifest = (
        f'{_HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        f'manifest:version="1.3">{listed}</manifest:manifest>'
    )
    return _zipped((("mimetype", MIMETYPE), *zip(_FILES, (content, styles, meta), strict=True),
                    ("META-INF/manifest.xml", manifest)))  # fmt: skip


def _zipped(parts: Sequence[tuple[str, str]]) -> bytes:
    """The parts in a zip without times and owners; the kind of file comes first and is not packed."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as box:
        for name, text in parts:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            box.writestr(info, text.encode("utf-8"))
    return held.getvalue()


def _sheet(sheet: Sheet) -> str:
    head = "".join(_cell(name, "head") for name in sheet.columns)
    parts = [f'<table:table table:name="{_words(sheet.name)}">', *_widths(sheet)]
    for i, line in enumerate(sheet.words):
        parts.append(f"<table:table-row>{_cell(line, 'title' if i == 0 else '')}</table:table-row>")
    if head:
        parts.append(
            f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"
        )
    parts += [_row(row, links=sheet.links) for row in sheet.rows]
    return "".join((*parts, "</table:table>"))


def _widths(sheet: Sheet) -> Iterator[str]:
    """Wide columns for long texts; the first stays narrow enough to see others beside it."""
    if not sheet.columns:
        yield '<table:table-column table:style-name="wide"/>'
    for i in range(len(sheet.columns)):
        texts = (row[i] for row in sheet.rows if isinstance(row[i], str))
        longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
        yield f'<table:table-column table:style-name="{"wide" if longest > LONGEST_TITLE_BAR else "narrow"}"/>'


def _row(row: Sequence[Cell], *, links: bool) -> str:
    cells = [_link(row[0]) if links and i == 0 else _cell(cell, "words") for i, cell in enumerate(row)]
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _link(cell: Cell) -> str:
    name = _words(str(cell))
    return (
        f'<table:table-cell office:value-type="string"><text:p><text:a xlink:type="simple" '
        f"xlink:href=\"#'{name}'.A1\">{name}</text:a></text:p></table:table-cell>"
    )


def _cell(cell: Cell, style: str) -> str:
    look = f' table:style-name="{style}"' if style else ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        said = repr(cell)
        return (
            f'<table:table-cell{look} office:value-type="float" office:value="{said}">'
            f"<text:p>{said}</text:p></table:table-cell>"
        )
    said = _words(cell_text(cell))
    return f'<table:table-cell{look} office:value-type="string"><text:p>{said}</text:p></table:table-cell>'


def _words(text: str) -> str:
    return escape(safe_text(text))
