"""What is wrong in a partner's file, row by row, without a word of what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.extracts import RawTable
from workspace.errors import Fault

SHOWN = 10
NAMED = 5
RULES = {
    "LC583": "the period is blank, not in the form and step declared, or over before the area was valid",
    "LC584": "the area is blank, or not in the collection",
    "LC585": "rows say different things of the same area, period and measure",
    "LC586": "not a whole number from 0 (count), below 0 (rate, denominator), or no share from 0 to 1 (complete)",
    "LC820": "the identifier is missing",
    "LC821": "the identifier has the wrong length or characters",
    "LC822": "the check digit does not fit",
    "LC823": "a placeholder stands where the identifier should be",
    "LC824": "not a date in the form the source declares",
    "LC825": "the year is outside 1900 to 2100",
    "LC826": "not a number",
    "LC827": "the value is outside its minimum or maximum",
    "LC828": "neither 1 or 0 nor yes or no",
    "LC829": "the category is not among the codes",
    "LC830": "the wave is not among the waves of the source",
    "LC831": "the index date is missing",
    "LC832": "one person has two different identifiers of this kind",
    "LC833": "one person has different values for the same variable and wave",
    "LC834": "the row repeats an earlier one and is counted once",
    "LC835": "one person has two different index dates",
    "LC836": "the birth date is after the index date",
    "LC837": "the row is blank and was left out",
    "LC862": "the end is before the start",
    "LC863": "this cell is blank, but others of the same record are filled",
    "LC864": "the day is before data_from or after data_until of the source",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One rule broken in one column, and the rows (counted from 0 in the table) that break it."""

    code: str
    column: str
    rows: pl.Series = field(repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken in one column: how often, and the first ten rows of the file."""

    code: str
    column: str
    rule: str
    count: int
    rows: tuple[int, ...]
    places: tuple[str, ...]

    @property
    def text(self) -> str:
        """``column 'dob', rows 3, 17 and 4 more: not a date in the form the source declares``."""
        named = self.places[:NAMED]
        cells = [place.rpartition(", cell ") for place in named]
        if all(middle for _, middle, _ in cells):
            where = f"{cells[0][0]}, cell{'s' if self.count > 1 else ''} " + ", ".join(
                cell for *_, cell in cells
            )
        else:
            where = f"row{'s' if self.count > 1 else ''} " + ", ".join(str(row) for row in self.rows[:NAMED])
        more = f" and {self.count - len(named)} more" if self.count > len(named) else ""
        column = f"column '{self.column}', " if self.column else ""
        return f"{column}{where}{more}: {self.rule}"


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What an intake found: counts and rules, no values.

    ``rows`` are all rows below the heading. Blank and repeated rows are neither accepted nor rejected; the
    warnings count them. ``missing`` gives, by variable and reason, how many observations have no value.
    """

    source: str
    rows: int
    accepted_rows: int
    rejected_rows: int
    people: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    missing: tuple[tuple[str, str, int], ...]


class IntakeRefused(CohortError):  # noqa: N818 - the file was refused, not broken
    """The file was not taken in. The report says all that is wrong with it."""

    report: IntakeReport


def refused(report: IntakeReport, name: str) -> IntakeRefused:
    """The error for a file that is not taken in, with one fault a problem."""
    hint = 'Have the rows corrected, or write rejects = "set-aside" to leave them out.'
    error = IntakeRefused.gather(Fault(item.code, name, item.text, hint) for item in report.problems)
    error.report = report
    return error


def marks_of(faults: pl.Series, column: str, rows: pl.Series) -> list[Mark]:
    """Turn a series of fault codes (null: all is well) into marks."""
    codes = faults.drop_nulls().unique().sort().to_list()
    return [Mark(code, column, rows.filter(faults == code)) for code in codes]


def describe(marks: Iterable[Mark], raw: RawTable) -> tuple[Problem, ...]:
    """Gather marks into problems: one for each rule and column, in the order in which they were found."""
    found: dict[tuple[str, str], list[pl.Series]] = {}
    for mark in marks:
        if mark.rows.len():
            found.setdefault((mark.code, mark.column), []).append(mark.rows)
    return tuple(_problem(code, column, series, raw) for (code, column), series in found.items())


def _problem(code: str, column: str, series: Sequence[pl.Series], raw: RawTable) -> Problem:
    rows = pl.concat(series).unique().sort()
    first = rows.head(SHOWN).to_list()
    return Problem(
        code,
        column,
        RULES[code],
        rows.len(),
        tuple(raw.file_row(row) for row in first),
        tuple(raw.place(row, column) for row in first),
    )


def marked_rows(marks: Iterable[Mark]) -> pl.Series:
    """All rows that bear a mark, each once."""
    series = [mark.rows for mark in marks]
    return pl.concat(series).unique() if series else pl.Series(dtype=pl.UInt32)
