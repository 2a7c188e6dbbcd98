"""A minimal OpenDocument workbook written by hand, as LibreOffice would write it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

OASIS = "urn:oasis:names:tc:opendocument:xmlns"
KIND = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0" '
    f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def _cell(attributes: str, shown: str, repeated: int) -> str:
    times = f' table:number-columns-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-cell{times} {attributes}><text:p>{escape(shown)}</text:p></table:table-cell>"


def text(value: str, repeated: int = 1) -> str:
    """A text cell."""
    return _cell('office:value-type="string"', value, repeated)


def number(value: str, shown: str = "", repeated: int = 1) -> str:
    """A number cell, and how the sheet shows it."""
    return _cell(f'office:value-type="float" office:value="{value}"', shown or value, repeated)


def day(value: str, shown: str) -> str:
    """A date cell, and how the sheet shows it."""
    return _cell(f'office:value-type="date" office:date-value="{value}"', shown, 1)


def yes_no(value: str) -> str:
    """A yes/no cell: ``true`` or ``false``."""
    return _cell(f'office:value-type="boolean" office:boolean-value="{value}"', value.upper(), 1)


def time_of_day(value: str, shown: str) -> str:
    """A cell with a time of day: ``PT13H05M00S``."""
    return _cell(f'office:value-type="time" office:time-value="{value}"', shown, 1)


def blank(repeated: int = 1) -> str:
    """A blank cell, or many."""
    return f'<table:table-cell table:number-columns-repeated="{repeated}"/>'


def row(*cells: str, repeated: int = 1) -> str:
    """A row, or several the same."""
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def write_ods(path: Path, **sheets: list[str]) -> Path:
    """Write sheets, each a list of rows."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(rows)}</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", KIND, zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", MANIFEST)
        package.writestr("content.xml", content)
    return path
