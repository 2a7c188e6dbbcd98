"""The cells of a filled-in workbook to the values of a theory, each remembered with its sheet and cell (pure)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.spreadsheets.layout import (
    BOXES,
    HEAD,
    HEAD_KEYS,
    LINKS,
    TAKE_OUT,
    Column,
    cell_name,
    columns_of,
)
from theory_of_change.theory_file import build_theory
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Path_, TomlSource

Rows = Sequence[Sequence[str]]
LINK_ROWS = 1_000_000  # rows of the sheet of links are counted from here, to know them apart from boxes
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00:00(?:\.0+)?)?")
_PLACE = re.compile(r"(.*):(\d+)")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class SheetSource(TomlSource):
    """The values of a workbook, read as those of a theory file are, but with cells for places."""

    cells: Mapping[Path_, str] = field(default_factory=dict)

    def where(self, path: Path_ = ()) -> str:
        """``model.xlsx, sheet Boxes, cell D14``."""
        while path and path not in self.cells:
            path = path[:-1]
        return f"{self.name}, {self.cells[path]}" if path else self.name


def read_sheets(sheets: Mapping[str, Rows], measures: Mapping[str, Measure], name: str) -> Theory:
    """A theory out of the cells of its workbook. Raises one error with every fault and its cell."""
    faults: list[Fault] = []
    source = _source(sheets, name, faults)
    try:
        theory = build_theory(source, measures)
    except TheoryError as error:
        faults.extend(_in_sheet_words(fault) for fault in error.faults)
    if faults:
        raise TheoryError.gather(faults)
    return theory


def place_of(source: str, line: int, key: str = "") -> str:
    """Where a box or link of a workbook stands: its sheet and row, or the cell of one of its keys."""
    is_link = line > LINK_ROWS
    sheet, row = (LINKS, line - LINK_ROWS) if is_link else (BOXES, line)
    keys = [column.key for column in columns_of(Link if is_link else Box)]
    if line <= 1:
        return f"{source}, sheet {HEAD}"
    spot = f"cell {cell_name(keys.index(key), row)}" if key in keys else f"row {row}"
    return f"{source}, sheet {sheet}, {spot}"


def _in_sheet_words(fault: Fault) -> Fault:
    """A fault told of rows and cells, not of lines and keys."""
    where = _PLACE.fullmatch(fault.where)
    place = place_of(where[1], int(where[2])) if where else fault.where
    problem = re.sub(r"\[\[(?:box|link)\]\]|\[theory\]", "the row", fault.problem)
    problem = re.sub(r"on line (\d+)", lambda found: f"in row {int(found[1]) % LINK_ROWS}", problem)
    hint = "Fill in the cell." if fault.hint.startswith("Add ") and "=" in fault.hint else fault.hint
    return Fault(fault.code, place, problem, "Correct the cell." if hint.startswith("Correct ") else hint)


def _source(sheets: Mapping[str, Rows], name: str, faults: list[Fault]) -> SheetSource:
    missing = [sheet for sheet in (HEAD, BOXES, LINKS) if sheet not in sheets]
    if missing:
        problem = f"the workbook has no sheet named {' and none named '.join(missing)}"
        raise TheoryError(
            "LC233", problem, "Start from: lifecourse theory template --to FILE.xlsx", where=name
        )
    cells: dict[Path_, str] = {}
    lines: dict[Path_, int] = {}
    data: dict[str, Any] = {"theory": _head(sheets[HEAD], name, cells, faults), "box": [], "link": []}
    for key, sheet, columns, first in (
        ("box", BOXES, columns_of(Box), 0),
        ("link", LINKS, columns_of(Link), LINK_ROWS),
    ):
        found = _headings(sheets[sheet], columns, f"{name}, sheet {sheet}", faults)
        for row, values in _filled(sheets[sheet], f"{name}, sheet {sheet}", faults):
            path: Path_ = (key, len(data[key]))
            lines[path], cells[path] = first + row, f"sheet {sheet}, row {row}"
            entry: dict[str, Any] = {}
            for place, column in found.items():
                cells[(*path, column.key)] = f"sheet {sheet}, cell {cell_name(place, row)}"
                where = f"{name}, {cells[(*path, column.key)]}"
                _take(entry, column, values[place] if place < len(values) else "", where, faults)
            data[key].append(entry)
    return SheetSource(name, data, lines, cells)


def _head(rows: Rows, name: str, cells: dict[Path_, str], faults: list[Fault]) -> dict[str, Any]:
    cells["theory",] = f"sheet {HEAD}"
    known = {Column(key, form).heading: Column(key, form) for key, form in HEAD_KEYS.items()}
    entry: dict[str, Any] = {}
    for row, values in enumerate(rows, 1):
        word = values[0].strip().lower() if values else ""
        if word in known:
            column = known[word]
            cells["theory", column.key] = f"sheet {HEAD}, cell {cell_name(1, row)}"
            where = f"{name}, {cells['theory', column.key]}"
            _take(entry, column, values[1] if len(values) > 1 else "", where, faults)
        elif word:
            where = f"{name}, sheet {HEAD}, cell {cell_name(0, row)}"
            hint = f"The rows are {', '.join(known)}."
            faults.append(Fault("LC233", where, "a row the program does not know", hint))
    return entry


def _headings(rows: Rows, columns: Sequence[Column], where: str, faults: list[Fault]) -> dict[int, Column]:
    """Which column of the sheet holds which key, read off its first row."""
    known = {column.heading: column for column in columns}
    found: dict[int, Column] = {}
    for place, cell in enumerate(rows[0] if rows else ()):
        word = " ".join(cell.lower().replace("_", " ").split())
        spot = f"{where}, cell {cell_name(place, 1)}"
        if word == TAKE_OUT:
            continue
        if word in known and known[word] in found.values():
            faults.append(Fault("LC233", spot, f"the heading '{word}' is there twice", "Take one out."))
        elif word in known:
            found[place] = known[word]
        elif word:
            problem = f"a heading the program does not know.{did_you_mean(word, known)}"
            faults.append(Fault("LC233", spot, problem, f"The headings are {', '.join(known)}."))
    if not found:
        faults.append(Fault("LC233", where, "the first row holds no headings", "Use a fresh template."))
    return found


def _filled(rows: Rows, where: str, faults: list[Fault]) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows below the headings that hold anything and stay, with their numbers as the sheet counts them."""
    headings = [" ".join(cell.lower().split()) for cell in (rows[0] if rows else ())]
    mark = headings.index(TAKE_OUT) if TAKE_OUT in headings else -1
    for number, row in enumerate(rows[1:], 2):
        marked = row[mark].strip() if 0 <= mark < len(row) else ""
        goes = _YES.get(marked.lower()) if marked else False
        if goes is None:
            spot = f"{where}, cell {cell_name(mark, number)}"
            faults.append(Fault("LC203", spot, f"'{TAKE_OUT}' must be yes or empty", "Correct the cell."))
        if not goes and any(cell.strip() for cell in row):
            yield number, row


def _take(entry: dict[str, Any], column: Column, cell: str, where: str, faults: list[Fault]) -> None:
    """Read one cell into the entry; an empty cell says nothing."""
    text = cell.strip()
    if not text:
        return
    read, rule = READERS[column.form]
    value = read(text)
    if value is None:
        faults.append(Fault("LC203", where, f"'{column.heading}' must be {rule}", "Correct the cell."))
    else:
        entry[column.key] = value


def _date(text: str) -> dt.date | None:
    found = _DAY.fullmatch(text)
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _whole(text: str) -> int | None:
    number = _number(text)
    return int(number) if number is not None and number == int(number) else None


def _entries(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "text": (lambda text: text, "a text"),
    "list": (_entries, "one entry a line"),
    "date": (_date, "a date written 2027-03-31"),
    "whole": (_whole, "a whole number"),
    "number": (_number, "a number"),
    "yes": (lambda text: _YES.get(text.lower()), "yes or no"),
}
