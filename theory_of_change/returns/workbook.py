"""The workbook of a quarterly return: one sheet each for projects, actions, words and voices (pure)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from theory_of_change.delivery.model import Action, Project, Return, Thing, Voice, of_kind
from theory_of_change.returns.layout import (
    ACTIONS,
    COLUMNS,
    EVERYBODY,
    HEAD,
    HEAD_ROWS,
    HELP,
    NEW_ROWS,
    PROJECTS,
    QUESTIONS,
    VOICES,
    WORDS,
    Column,
)

MADE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - written into the file, so that the same state gives the same bytes


@dataclass(frozen=True, slots=True)
class Blank:
    """What a return asks of a partner about a quarter; ``said`` are the words of an earlier return of it."""

    partner: str
    quarter: str
    projects: tuple[Project, ...]
    actions: tuple[Action, ...]
    voices: tuple[Voice, ...]
    said: Return | None = None


def blank_return(things: Mapping[str, Thing], partner: str, quarter: str) -> Blank:
    """The projects with money of a partner (of all, where none is named), open actions, and voices to be answered."""
    projects = tuple(
        each for each in of_kind(things, Project) if each.state == "awarded" and partner in ("", each.partner)
    )
    own = {each.id for each in projects}
    actions = tuple(
        each for each in of_kind(things, Action) if each.open and (not partner or each.project in own)
    )
    voices = tuple(each for each in of_kind(things, Voice) if not each.answer and not each.story)
    name = partner or EVERYBODY
    said = [each for each in of_kind(things, Return) if (each.partner, each.quarter) == (name, quarter)]
    return Blank(name, quarter, projects, actions, () if partner else voices, said[-1] if said else None)


def return_bytes(blank: Blank) -> bytes:
    """The workbook; ids are locked, words on a list are chosen from it."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": f"Return of {blank.partner}, {blank.quarter}"[:200], "created": MADE})
        looks = _looks(book)
        _head(book.add_worksheet(HEAD), blank, looks)
        _table(book.add_worksheet(PROJECTS), COLUMNS[PROJECTS], _projects(blank), 0, looks)
        _table(book.add_worksheet(ACTIONS), COLUMNS[ACTIONS], _plain(ACTIONS, blank.actions), NEW_ROWS, looks)
        _words(book.add_worksheet(WORDS), blank, looks)
        _table(book.add_worksheet(VOICES), COLUMNS[VOICES], _plain(VOICES, blank.voices), NEW_ROWS, looks)
    return file.getvalue()


def _projects(blank: Blank) -> list[dict[str, Any]]:
    rows = []
    for each in blank.projects:
        held = each.quarters.get(blank.quarter, {})
        before = each.spent - float(held.get("spent", 0.0))
        rows.append({"id": each.id, "name": each.name, "awarded": each.awarded, "so_far": before, **held})
    return rows


def _plain(sheet: str, things: Sequence[Action] | Sequence[Voice]) -> list[dict[str, Any]]:
    return [{column.key: getattr(each, column.key) for column in COLUMNS[sheet]} for each in things]


def _looks(book: Any) -> dict[str, Any]:
    base = {"text_wrap": True, "valign": "top"}
    grey = {"bg_color": "#f3f4f2", **base}
    return {
        "heading": book.add_format({"bold": True, "bg_color": "#e6e9e6", "bottom": 1, **base}),
        "locked": book.add_format({"num_format": "@", **grey}),
        "locked money": book.add_format({"num_format": "#,##0.00", **grey}),
        "text": book.add_format({"num_format": "@", "locked": False, **base}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "locked": False, **base}),
        "money": book.add_format({"num_format": "#,##0.00", "locked": False, **base}),
        "number": book.add_format({"num_format": "General", "locked": False, **base}),
        "plain": book.add_format(base),
    }


def _head(sheet: Any, blank: Blank, looks: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    held = {"partner": blank.partner, "quarter": blank.quarter, "by": blank.said.by if blank.said else ""}
    for row, (key, heading) in enumerate(HEAD_ROWS.items()):
        sheet.write_string(row, 0, heading, looks["heading"])
        sheet.write_string(row, 1, held[key], looks["text" if key == "by" else "locked"])
    for row, line in enumerate(HELP, len(HEAD_ROWS) + 1):
        sheet.merge_range(row, 0, row, 1, line, looks["plain"])
    sheet.protect()


def _words(sheet: Any, blank: Blank, looks: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 90)
    for row, (key, question) in enumerate(QUESTIONS.items()):
        sheet.write_string(row, 0, question, looks["heading"])
        sheet.write_string(row, 1, getattr(blank.said, key) if blank.said else "", looks["text"])
        sheet.set_row(row, 90)
    sheet.protect("", {"format_rows": True})


def _table(
    sheet: Any,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    new: int,
    looks: Mapping[str, Any],
) -> None:
    """Headings, a row for each thing, and empty rows for what is new."""
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.wide)
        sheet.write_string(0, place, column.heading, looks["heading"])
        if column.choices and len(rows) + new:
            sheet.data_validation(
                1, place, len(rows) + new, place, {"validate": "list", "source": list(column.choices)}
            )
    for number in range(len(rows) + new):
        values = rows[number] if number < len(rows) else {}
        for place, column in enumerate(columns):
            _cell(sheet, number + 1, place, values.get(column.key), _look(column, looks))
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _look(column: Column, looks: Mapping[str, Any]) -> Any:
    if column.locked:
        return looks["locked money" if column.form == "money" else "locked"]
    return looks[column.form]


def _cell(sheet: Any, row: int, place: int, value: object, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, look)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, look)
    else:
        sheet.write_string(row, place, str(value), look)
