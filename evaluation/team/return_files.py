"""A return as files: one workbook, a CSV a sheet, and a manifest with the fingerprint of each (pure).

The same return gives the same bytes: no clock, no random names, one day in the properties, one day in the archive.
"""

from __future__ import annotations

import hashlib
import io
import json

from cohorts.attacks.formulas import is_formula
from evaluation.team.home_office import Return, Row, Value, fixed_day
from evaluation.team.layout import Sheet
from evaluation.team.tables_csv import csv_bytes
from workspace.office_files import packed

MANIFEST = "manifest.json"


def return_files(made: Return) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of every file of a return, the manifest last."""
    files = [(f"{made.layout.id}-{made.period.text.replace('/', '-')}.xlsx", _workbook(made))]
    for sheet in made.layout.sheets:
        table = [
            [said for _, said in sheet.columns],
            *(_texts(sheet, row) for row in made.rows[sheet.rows]),
        ]
        files.append((f"{sheet.name.lower()}.csv", csv_bytes(table)))
    return (*files, (MANIFEST, _manifest(made, files)))


def _workbook(made: Return) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": made.title, "created": fixed_day(made.period), "author": ""})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for sheet in made.layout.sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.repeat_rows(0)
            for column, (_, said) in enumerate(sheet.columns):
                page.write_string(0, column, said, bold)
                page.set_column(column, column, 16 if said != "Name" and said != "Said" else 48)
            for number, row in enumerate(made.rows[sheet.rows], start=1):
                for column, (key, _) in enumerate(sheet.columns):
                    _write(page, number, column, row.get(key, ""))
    return packed(buffer.getvalue())


def _write(page: object, row: int, column: int, value: Value) -> None:
    """A number as a number, everything else as text: nothing is ever a formula."""
    if isinstance(value, str):
        page.write_string(row, column, value)  # type: ignore[attr-defined]  # a worksheet of an untyped library
    else:
        page.write_number(row, column, value)  # type: ignore[attr-defined]


def _texts(sheet: Sheet, row: Row) -> list[str]:
    texts = [str(row.get(key, "")) for key, _ in sheet.columns]
    return [f"'{text}" if is_formula(text) else text for text in texts]


def _manifest(made: Return, files: list[tuple[str, bytes]]) -> bytes:
    said = {
        "return": made.layout.id,
        "layout": made.layout.label,
        "layout_note": made.layout.note,
        "period": made.period.text,
        "from": made.period.first.isoformat(),
        "to": made.period.last.isoformat(),
        "newest_entry": made.newest or None,
        "figures": len(made.rows["figures"]),
        "missing": len(made.rows["missing"]),
        "corrections": len(made.rows["corrections"]),
        "demonstration": made.practice,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files},
    }
    return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
