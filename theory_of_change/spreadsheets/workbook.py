"""The bytes of an Excel workbook to the sheets of a theory (pure)."""

from __future__ import annotations

from theory_of_change.errors import TheoryError
from theory_of_change.spreadsheets.layout import BOXES, HEAD, LINKS
from theory_of_change.table_cells import Table as Table
from theory_of_change.table_cells import sheet_cells


def sheets_of(data: bytes, name: str) -> dict[str, Table]:
    """The sheets of a theory that the workbook has, row by row from the first row, every cell as text."""
    found = sheet_cells(data, lambda names: [sheet for sheet in names if sheet in (HEAD, BOXES, LINKS)])
    if found is None:
        hint = "Save it as .xlsx, or start from: lifecourse theory template --to FILE.xlsx"
        raise TheoryError("LC233", "the file is not an Excel workbook that can be read", hint, where=name)
    return found
