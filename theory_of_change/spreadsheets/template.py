"""A theory as an Excel workbook: one sheet for boxes, one for links, drop-downs, ids that are locked (pure)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.spreadsheets.layout import (
    BOXES,
    CHOICES,
    HEAD,
    HEAD_KEYS,
    HELP,
    LINKS,
    LONGEST,
    MEANINGS,
    ROWS,
    TAKE_OUT,
    WIDE,
    Column,
    columns_of,
)
from theory_of_change.theory_text import keys_of

MADE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - written into the file, so that the same theory gives the same bytes
HOW = (
    "Fill in the sheets Theory, Boxes and Links, save the file, then: lifecourse theory import FILE.xlsx",
    "Nothing is taken over until the whole file is right; every fault is named with its sheet and cell.",
    "One row is one box or one link. New rows go below the last one. Ids that are there are locked.",
    "Where a cell holds several entries, write one a line (Alt+Enter makes a new line in a cell).",
    "To take a box or link out, write yes in the last column of its row. Dates are written 2027-03-31.",
)


def workbook_bytes(theory: Theory, measures: Iterable[Measure]) -> bytes:
    """The workbook of a theory; ``measures`` are listed in the help, for their ids."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": theory.title[:200], "created": MADE})
    looks = _looks(book)
    _head_sheet(book.add_worksheet(HEAD), theory, looks)
    box_columns, link_columns = columns_of(Box), columns_of(Link)
    boxes, links = book.add_worksheet(BOXES), book.add_worksheet(LINKS)
    _table(boxes, box_columns, theory.boxes, {"id"}, looks)
    _table(links, link_columns, theory.links, {"from", "to"}, looks)
    for key in ("from", "to"):
        place = [column.key for column in link_columns].index(key)
        source = f"={BOXES}!$A$2:$A${ROWS}"
        links.data_validation(1, place, ROWS - 1, place, {"validate": "list", "source": source})
    _help_sheet(
        book.add_worksheet(HELP), (*HEAD_KEYS, *_keys(box_columns, link_columns), "take_out"), measures, looks
    )
    book.close()
    return file.getvalue()


def _keys(*tables: Sequence[Column]) -> list[str]:
    return [column.key for columns in tables for column in columns]


def _looks(book: Any) -> dict[str, Any]:
    base = {"text_wrap": True, "valign": "top"}
    return {
        "heading": book.add_format({"bold": True, "bg_color": "#e6e9e6", "bottom": 1, **base}),
        "locked": book.add_format({"num_format": "@", "bg_color": "#f3f4f2", **base}),
        "text": book.add_format({"num_format": "@", "locked": False, **base}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "locked": False, **base}),
        "whole": book.add_format({"num_format": "0", "locked": False, **base}),
        "number": book.add_format({"num_format": "General", "locked": False, **base}),
        "plain": book.add_format(base),
        "bold": book.add_format({"bold": True, **base}),
    }


def _look(column: Column, looks: dict[str, Any]) -> Any:
    return looks[column.form if column.form in ("date", "whole", "number") else "text"]


def _head_sheet(sheet: Any, theory: Theory, looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 14, looks["heading"])
    sheet.set_column(1, 1, 80)
    for row, (key, form) in enumerate(HEAD_KEYS.items()):
        column = Column(key, form)
        sheet.write_string(row, 0, column.heading, looks["heading"])
        _write(sheet, row, 1, getattr(theory, key), _look(column, looks))
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _table(
    sheet: Any,
    columns: Sequence[Column],
    values: Sequence[Box] | Sequence[Link],
    locked: set[str],
    looks: dict[str, Any],
) -> None:
    """Headings, one row a value, and empty rows ready for more."""
    for place, column in enumerate(columns):
        look = _look(column, looks)
        sheet.set_column(place, place, WIDE.get(column.key, 14), look)
        sheet.write_string(0, place, column.heading, looks["heading"])
        if column.key in CHOICES:
            rule = {"validate": "list", "source": list(CHOICES[column.key])}
            sheet.data_validation(1, place, ROWS - 1, place, rule)
    names = {**keys_of(Box), **keys_of(Link)}
    for row, value in enumerate(values, 1):
        for place, column in enumerate(columns):
            look = looks["locked"] if column.key in locked else _look(column, looks)
            _write(sheet, row, place, getattr(value, names[column.key]), look)
    last = len(columns)
    sheet.set_column(last, last, 10, looks["text"])
    sheet.write_string(0, last, TAKE_OUT, looks["heading"])
    sheet.data_validation(1, last, ROWS - 1, last, {"validate": "list", "source": ["yes"]})
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _write(sheet: Any, row: int, place: int, value: object, look: Any) -> None:
    """A value as a cell; text stays text, whatever it looks like."""
    if value is None or value is False or value == "" or value == ():
        sheet.write_blank(row, place, None, look)
    elif isinstance(value, bool):
        sheet.write_string(row, place, "yes", look)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, place, dt.datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, look)
    else:
        text = "\n".join(value) if isinstance(value, tuple) else str(value)
        if len(text) > LONGEST:
            problem = f"a text of {len(text):,} letters does not fit into a cell"
            raise TheoryError("LC234", problem, "Shorten it in theory.toml.")
        sheet.write_string(row, place, text, look)


def _help_sheet(sheet: Any, keys: Sequence[str], measures: Iterable[Measure], looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    row = 0
    for line in HOW:
        sheet.merge_range(row, 0, row, 1, line, looks["plain"])
        row += 1
    row += 1
    for key in dict.fromkeys(keys):
        sheet.write_string(row, 0, key.replace("_", " "), looks["bold"])
        sheet.write_string(row, 1, MEANINGS.get(key, ""), looks["plain"])
        row += 1
    row += 1
    sheet.write_string(row, 0, "Measures you can name", looks["bold"])
    for measure in measures:
        row += 1
        sheet.write_string(row, 0, measure.id, looks["plain"])
        sheet.write_string(row, 1, measure.name, looks["plain"])
    sheet.protect()
