"""The cells of a filled-in return to what it says; every fault at once, by sheet, cell and rule (pure).

No message repeats what stands in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from theory_of_change.days import day_of
from theory_of_change.errors import TheoryError
from theory_of_change.returns.layout import COLUMNS, HEAD, HEAD_ROWS, QUESTIONS, SHEETS, WORDS, Column
from theory_of_change.spreadsheets.layout import cell_name
from theory_of_change.tracking.periods import read_period
from workspace.errors import Fault, did_you_mean

Rows = Sequence[Sequence[str]]
LONGEST = 2000  # signs of a text
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Filled:
    """One row that holds anything: its sheet, where it stands, and its values by key."""

    sheet: str
    places: Mapping[str, str]
    values: Mapping[str, Any]

    def where(self, key: str) -> str:
        """``return.xlsx, sheet Actions, cell D4``."""
        return self.places[key]


@dataclass(slots=True)
class Returned:
    """A workbook as it was read: head, rows of each sheet, words, and what was wrong."""

    head: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[Filled]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    head_places: dict[str, str] = field(default_factory=dict)


def read_return(sheets: Mapping[str, Rows], name: str) -> Returned:
    """Read the cells of a return; what is wrong stands in ``faults``.

    Raises
    ------
    TheoryError
        ``LC357``: a sheet is missing, so it is no return.
    """
    missing = [sheet for sheet in SHEETS if sheet not in sheets]
    if missing:
        said = f"the workbook has no sheet named {' and none named '.join(missing)}"
        raise TheoryError("LC357", said, "Start from: lifecourse project template --to FILE.xlsx", where=name)
    found = Returned()
    _head(found, sheets[HEAD], name)
    for sheet, columns in COLUMNS.items():
        found.rows[sheet] = list(_rows(found, sheet, columns, sheets[sheet], name))
    for row, cells in enumerate(sheets[WORDS], 1):
        key = next((k for k, said in QUESTIONS.items() if cells and cells[0].strip() == said), "")
        if key:
            where = f"{name}, sheet {WORDS}, cell B{row}"
            found.words[key] = _text(cells[1] if len(cells) > 1 else "", where, found.faults)
    return found


def _head(found: Returned, rows: Rows, name: str) -> None:
    known = {heading: key for key, heading in HEAD_ROWS.items()}
    for row, cells in enumerate(rows, 1):
        key = known.get(cells[0].strip() if cells else "")
        if key:
            found.head[key] = cells[1].strip() if len(cells) > 1 else ""
            found.head_places[key] = f"{name}, sheet {HEAD}, cell B{row}"
    for key in ("partner", "quarter"):
        if not found.head.get(key):
            where = found.head_places.get(key, f"{name}, sheet {HEAD}")
            found.faults.append(Fault("LC358", where, f"the {key} is not there", "Use a fresh template."))
    quarter = read_period(found.head.get("quarter", ""))
    if found.head.get("quarter") and (quarter is None or "Q" not in quarter.text):
        where = found.head_places["quarter"]
        found.faults.append(
            Fault("LC360", where, "it is not a quarter", "Write it like 2026-Q3, which is July to September.")
        )


def _rows(found: Returned, sheet: str, columns: Sequence[Column], rows: Rows, name: str) -> Iterator[Filled]:
    places = _headings(found, sheet, columns, rows, name)
    asked = [column.key for column in columns if not column.locked]
    for number, cells in enumerate(rows[1:], 2):
        texts = {key: cells[at].strip() if at < len(cells) else "" for key, at in places.items()}
        if not any(texts.get(key) for key in (*asked, "id")):
            continue
        where = {key: f"{name}, sheet {sheet}, cell {cell_name(at, number)}" for key, at in places.items()}
        values = {
            column.key: READERS[column.form](texts[column.key], column, where[column.key], found.faults)
            for column in columns
            if column.key in texts
        }
        yield Filled(sheet, where, values)


def _headings(
    found: Returned, sheet: str, columns: Sequence[Column], rows: Rows, name: str
) -> dict[str, int]:
    known = {column.heading: column.key for column in columns}
    places = {}
    for at, cell in enumerate(rows[0] if rows else ()):
        word = " ".join(cell.lower().split())
        if word in known:
            places[known[word]] = at
        elif word:
            where = f"{name}, sheet {sheet}, cell {cell_name(at, 1)}"
            hint = f"The headings are {', '.join(known)}."
            found.faults.append(Fault("LC358", where, "a heading the program does not know", hint))
    lacking = [heading for heading, key in known.items() if key not in places]
    if lacking:
        said = f"there is no column {' and none '.join(repr(each) for each in lacking)}"
        found.faults.append(Fault("LC358", f"{name}, sheet {sheet}", said, "Use a fresh template."))
        return {}
    return places


def _text(text: str, where: str, faults: list[Fault]) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        faults.append(Fault("LC358", where, f"a text has at most {LONGEST:,} signs", "Shorten it."))
    return text


def _chosen(text: str, column: Column, where: str, faults: list[Fault]) -> str:
    text = _text(text, where, faults)
    if column.choices and text and text.lower() not in column.choices:
        near = did_you_mean(text.lower(), column.choices)
        said = f"'{column.heading}' must be one of {', '.join(column.choices)}.{near}"
        faults.append(Fault("LC358", where, said, "Choose it from the list of the cell."))
    return text.lower() if column.choices else text


def _day(text: str, column: Column, where: str, faults: list[Fault]) -> str:
    found = day_of(text.removesuffix(" 00:00:00"))
    if text and found is None:
        faults.append(
            Fault("LC358", where, f"'{column.heading}' is not a day that there is", "Write it 2026-10-31.")
        )
    return found.isoformat() if found else ""


def _number(text: str, column: Column, where: str, faults: list[Fault]) -> float | None:
    bare = text.replace(",", "").removeprefix("£").strip()
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare) or len(bare) > 15:
        faults.append(
            Fault("LC358", where, f"'{column.heading}' is not a number", "Digits only; words go into note.")
        )
        return None
    if float(bare) < 0 and column.form == "number":
        faults.append(Fault("LC358", where, f"'{column.heading}' cannot be below 0"))
    return float(bare)


READERS: dict[str, Callable[[str, Column, str, list[Fault]], Any]] = {
    "text": _chosen,
    "day": _day,
    "money": _number,
    "number": _number,
}
