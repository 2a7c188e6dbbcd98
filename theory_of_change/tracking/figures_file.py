"""Rows of a table of figures, from a spreadsheet or CSV, to figures; every fault at once, by cell and rule (pure).

No message repeats what stands in a cell: a column of names may have been pasted by mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from theory_of_change.tracking.model import COUNT, SHARE, STATES, FigureRow, Stated, Tracked
from theory_of_change.tracking.periods import FORMS, Period, read_period
from workspace.errors import Fault, did_you_mean

NEEDED = ("measure", "period", "value")
COLUMNS = (
    *NEEDED, "area", "of", "status", "stated_change", "stated_difference", "compared_with", "compared_value",
    "printed_under", "source", "document", "note",
)  # fmt: skip
NOT_THERE = ("", "n/a", "na", "not available", "not yet available", "asked")
LEFT_BLANK = {"measure", "period", "area"}  # what a template fills in itself
_NUMBER = re.compile(r"[-+−]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: its headings, its rows, and how to name a cell (``Figures!C4`` or ``line 4, column value``)."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_row: int = 2
    letters: bool = False

    def place(self, row: int, heading: str = "") -> str:
        """The cell in a row (from 0) under a heading; the row where the heading is not there."""
        number = row + self.first_row
        if heading not in self.headings:
            return f"{self.name}, row {number}"
        if self.letters:
            return f"{self.name}, cell {letter(self.headings.index(heading))}{number}"
        return f"{self.name}, row {number}, column {heading}"


def letter(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    text = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        text = chr(65 + left) + text
    return text


def read_figures(sheet: Sheet, measures: Mapping[str, Tracked]) -> list[FigureRow]:
    """The figures of a table.

    Raises
    ------
    TheoryError
        With every fault: ``LC304`` unknown measures, ``LC306`` headings and periods, ``LC307`` numbers and words,
        ``LC308`` the same figure twice.
    """
    _refuse_headings(sheet)
    faults: list[Fault] = []
    found: list[FigureRow] = []
    seen: dict[tuple[str, str, Period], int] = {}
    for number, cells in enumerate(sheet.rows):
        row = dict(zip(sheet.headings, (cell.strip() for cell in cells), strict=True))
        if not any(cell for name, cell in row.items() if name not in LEFT_BLANK):
            continue
        figure = _Reader(sheet, number, row, measures, faults).figure()
        if figure is None:
            continue
        if figure.slot in seen:
            said = f"the same measure, area and period stand in row {seen[figure.slot] + sheet.first_row} already"
            faults.append(Fault("LC308", sheet.place(number), said, "Keep one of the two."))
        seen.setdefault(figure.slot, number)
        found.append(figure)
    if not found and not faults:
        faults.append(
            Fault("LC306", sheet.name, "there are no figures in it", "Fill in the rows below the headings.")
        )
    if faults:
        raise TheoryError.gather(faults)
    return found


def _refuse_headings(sheet: Sheet) -> None:
    faults = [
        Fault("LC306", sheet.name, f"there is no column '{name}'", f"Its columns: {', '.join(COLUMNS)}.")
        for name in NEEDED
        if name not in sheet.headings
    ]
    known = [name for name in sheet.headings if name in COLUMNS]
    if known:  # else the first row may hold anything, and is not quoted
        faults += [
            Fault("LC306", sheet.name, f"the column '{name}' is not known.{did_you_mean(name, COLUMNS)}")
            for name in sheet.headings
            if name and name not in COLUMNS
        ]
    if len(set(sheet.headings)) < len(sheet.headings):
        faults.append(Fault("LC306", sheet.name, "two columns have the same heading", "Remove one of them."))
    if faults:
        raise TheoryError.gather(faults)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One row being read; what is wrong goes into ``faults``."""

    sheet: Sheet
    number: int
    row: Mapping[str, str]
    measures: Mapping[str, Tracked]
    faults: list[Fault]

    def _fault(self, code: str, heading: str, problem: str, hint: str = "") -> None:
        self.faults.append(Fault(code, self.sheet.place(self.number, heading), problem, hint))

    def figure(self) -> FigureRow | None:
        before = len(self.faults)
        measure = self._measure()
        if measure is None:
            return None
        period = self._period("period", measure)
        against = self._period("compared_with", measure) if self.row.get("compared_with") else None
        asked = self.row.get("value", "").casefold() in NOT_THERE
        value = None if asked else self._number("value", measure)
        status = self._status(asked=asked)
        stated = Stated(
            self._number("stated_change"),
            self._number("stated_difference"),
            against,
            self._number("compared_value"),
        )
        of = self._number("of")
        if of is not None and of <= 0:
            self._fault("LC307", "of", "it must be a number above 0")
        if value is not None and of and measure.unit == COUNT and measure.at_risk and value > of:
            self._fault("LC307", "value", "more people did it than there are said to be (of)")
        texts = {name: self._text(name) for name in ("area", "printed_under", "source", "document", "note")}
        if len(self.faults) > before or period is None:
            return None
        return FigureRow(measure.id, period, value, of=of, status=status, stated=stated, **texts)

    def _measure(self) -> Tracked | None:
        name = self.row.get("measure", "")
        if name in self.measures:
            return self.measures[name]
        near = did_you_mean(name, self.measures) if name else ""
        said = "no measure is named" if not name else f"no such measure is tracked.{near}"
        self._fault(
            "LC304", "measure", said, "lifecourse measure trend lists them; lifecourse measure add makes one."
        )
        return None

    def _period(self, heading: str, measure: Tracked) -> Period | None:
        text = self.row.get(heading, "").removesuffix(" 00:00:00")
        found = read_period(text, measure.year)
        if found is None:
            split = re.fullmatch(r"[0-9]{4}\s*[/–-]\s*[0-9]{2,4}", text)
            hint = (
                f'{measure.id} is kept by calendar years: say year = "school" or "financial" in measures.toml.'
                if split and measure.year == "calendar"
                else f"Write it like {FORMS}."
            )
            self._fault("LC306", heading, "it is not a period", hint)
        return found

    def _number(self, heading: str, measure: Tracked | None = None) -> float | None:
        text = self.row.get(heading, "")
        if not text:
            return None
        percent = heading == "stated_change" or (measure is not None and measure.unit == SHARE)
        bare = text.removesuffix("%").strip() if percent else text
        if not _NUMBER.fullmatch(bare):
            self._fault(
                "LC307", heading, "it is not a number", "Digits only: notes belong into the column note."
            )
            return None
        number = float(bare.replace(",", "").replace("−", "-"))
        if not math.isfinite(number):
            self._fault("LC307", heading, "it is not a number")
        elif measure is not None:
            self._bounds(measure, number)
        return number

    def _bounds(self, measure: Tracked, number: float) -> None:
        if measure.unit == COUNT and (number < 0 or not number.is_integer()):
            self._fault("LC307", "value", "a count is a whole number of at least 0")
        if measure.unit == SHARE and not 0 <= number <= 100:
            self._fault("LC307", "value", "a percentage lies between 0 and 100")

    def _status(self, *, asked: bool) -> str:
        status = self.row.get("status", "").casefold() or ("asked" if asked else "final")
        if status not in STATES:
            self._fault("LC307", "status", f"it must be one of {', '.join(STATES)}")
        elif (status == "asked") != asked:
            self._fault("LC307", "status", "'asked' is for a figure that is not there yet, and only for it")
        return status

    def _text(self, heading: str) -> str:
        text = self.row.get(heading, "")
        if len(text) > LONGEST or any(ord(sign) < 32 for sign in text.replace("\n", " ")):
            self._fault("LC307", heading, f"a text of at most {LONGEST} signs is wanted")
        return text


def sheet_of(
    name: str, cells: Sequence[Sequence[str]], *, first_row: int = 1, letters: bool = False
) -> Sheet:
    """A table from rows of text, its headings in the first; short rows are filled up with blanks.

    Raises
    ------
    TheoryError
        ``LC306``: it is empty, or a row is longer than the headings.
    """
    if not cells:
        raise TheoryError(
            "LC306", "the table is empty", "Start from: lifecourse measure template", where=name
        )
    headings = tuple(cell.strip().casefold().replace(" ", "_") for cell in cells[0])
    while headings and not headings[-1]:
        headings = headings[:-1]
    width, rows, faults = len(headings), [], []
    for number, row in enumerate(cells[1:], start=first_row + 1):
        if any(cell.strip() for cell in row[width:]):
            faults.append(
                Fault("LC306", f"{name}, row {number}", "it has more cells than there are headings")
            )
        rows.append((*row[:width], *[""] * (width - len(row))))
    if faults:
        raise TheoryError.gather(faults)
    return Sheet(name, headings, tuple(rows), first_row + 1, letters)
