"""Readers of an annex, written apart from what wrote it: CSV and OpenDocument as tables of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree

from cohorts.gate.outgoing import Outgoing

Grid = list[list[str | float]]
NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def csv_tables(files: tuple[Outgoing, ...]) -> dict[str, Grid]:
    """The CSV files by the names of their tables."""
    found = {}
    for file in files:
        if file.name.endswith(".csv"):
            rows = csv.reader(io.StringIO(file.data.decode("utf-8"), newline=""))
            found[file.name.removesuffix(".csv").partition("-")[2]] = [
                [_number(c) for c in row] for row in rows
            ]
    return found


def _number(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


def ods_sheets(data: bytes) -> dict[str, Grid]:
    """The sheets of a workbook, every row as it stands."""
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        assert box.infolist()[0].filename == "mimetype"
        assert box.infolist()[0].compress_type == zipfile.ZIP_STORED
        for name in box.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(box.read(name))
        tree = ElementTree.fromstring(box.read("content.xml"))
    sheets = {}
    for table in tree.iterfind(".//table:table", NAMES):
        rows = [[_cell(c) for c in row.iterfind("table:table-cell", NAMES)]
                for row in table.iterfind(".//table:table-row", NAMES)]  # fmt: skip
        sheets[table.get(f"{{{NAMES['table']}}}name", "")] = rows
    return sheets


def _cell(cell: ElementTree.Element) -> str | float:
    kind = cell.get(f"{{{NAMES['office']}}}value-type")
    assert cell.get(f"{{{NAMES['table']}}}formula") is None
    if kind == "float":
        return float(cell.get(f"{{{NAMES['office']}}}value", ""))
    return "".join("".join(p.itertext()) for p in cell.iterfind("text:p", NAMES))


def ods_tables(data: bytes) -> dict[str, Grid]:
    """The tables of a workbook by their names, from their header rows on."""
    found: dict[str, Grid] = {}
    for name, rows in ods_sheets(data).items():
        number, _, title = name.partition("_")
        if number.isdigit():
            start = next(i for i, row in enumerate(rows) if len(row) > 1)
            found[title] = rows[start:]
    return found


def by_column(grid: Grid) -> list[Mapping[str, str | float]]:
    """The rows of a table by the names of its columns."""
    return [dict(zip(map(str, grid[0]), row, strict=True)) for row in grid[1:]]
