"""Workbooks and separated text to cells, all as text, each at its place (pure)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from theory_of_change.errors import TheoryError
from workspace.quiet import nothing_on_stderr
from workspace.zip_files import unpacks_to_too_much

Table = list[list[str]]


def sheet_cells(data: bytes, wanted: Callable[[list[str]], list[str]]) -> dict[str, Table] | None:
    """The sheets that ``wanted`` picks of a workbook's names, row by row from the first; ``None`` where it is none."""
    import fastexcel

    if unpacks_to_too_much(data):
        return None
    try:
        with nothing_on_stderr():
            book = fastexcel.read_excel(data)
            return {sheet: _cells(book, sheet) for sheet in wanted(book.sheet_names)}
    except fastexcel.FastExcelError:
        return None


def _cells(book: object, sheet: str) -> Table:
    loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")  # type: ignore[attr-defined]
    frame = loaded.to_polars()
    if not frame.width:
        return []
    places = [column.absolute_index for column in loaded.available_columns()]
    rows = []
    for values in frame.iter_rows():
        row = [""] * (max(places) + 1)
        for place, value in zip(places, values, strict=True):
            row[place] = value or ""
        rows.append(row)
    return rows


def text_cells(data: bytes, name: str, code: str, separators: str = ",") -> Table:
    """The rows of separated text in UTF-8 or Windows-1252; of several separators the one its first line has most of.

    Raises
    ------
    TheoryError
        ``code``: it is no text, or its quotation marks do not pair up.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise TheoryError(code, "it is not text", "Save it as CSV.", where=name)
    separator = max(separators, key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise TheoryError(code, "its quotation marks do not pair up", "Save it again.", where=name) from None
