"""The bytes of an Excel workbook to its cells, all as text (pure)."""

from __future__ import annotations

from theory_of_change.errors import TheoryError
from theory_of_change.spreadsheets.layout import BOXES, HEAD, LINKS

Table = list[list[str]]


def sheets_of(data: bytes, name: str) -> dict[str, Table]:
    """The sheets of a theory that the workbook has, row by row from the first row, every cell as text."""
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        return {sheet: _cells(book, sheet) for sheet in book.sheet_names if sheet in (HEAD, BOXES, LINKS)}
    except fastexcel.FastExcelError:
        hint = "Save it as .xlsx, or start from: lifecourse theory template --to FILE.xlsx"
        raise TheoryError(
            "LC233", "the file is not an Excel workbook that can be read", hint, where=name
        ) from None


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
