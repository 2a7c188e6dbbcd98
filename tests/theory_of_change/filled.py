"""A person at a spreadsheet: reads a workbook, types into some of its cells, saves it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import fastexcel
import xlsxwriter


def fill_in(template: Path, target: Path, typed: Mapping[str, Mapping[str, object]]) -> None:
    """Write ``template`` to ``target`` with ``typed`` cells, by sheet and cell: ``{"Projects": {"E2": 500}}``."""
    from xlsxwriter.utility import xl_cell_to_rowcol

    book = fastexcel.read_excel(template)
    with xlsxwriter.Workbook(target) as out:
        for name in book.sheet_names:
            sheet = out.add_worksheet(name)
            loaded = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            columns = [column.absolute_index for column in loaded.available_columns()]
            for row, values in enumerate(loaded.to_polars().iter_rows()):
                for column, value in zip(columns, values, strict=True):
                    if value:
                        sheet.write_string(row, column, value)
            for cell, value in typed.get(name, {}).items():
                sheet.write(*xl_cell_to_rowcol(cell), value)
