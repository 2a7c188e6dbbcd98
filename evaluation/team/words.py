"""Words and tables that the reports for the team share (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from cohorts.attacks.formulas import is_formula
from evaluation.reporting.tables import Cell, Table
from theory_of_change.tracking.periods import Period

NOTHING = "–"


def day_words(day: dt.date) -> str:
    """A day as people write it: 3 November 2026."""
    return f"{day.day} {day:%B %Y}"


def period_words(period: Period) -> str:
    """A period as people write it."""
    return f"{day_words(period.first)} to {day_words(period.last)}"


def day_or(text: str, otherwise: str) -> str:
    """A day that may not be set, in words."""
    return day_words(dt.date.fromisoformat(text[:10])) if text else otherwise


def pounds(amount: float) -> str:
    """Pounds, whole."""
    return f"£{amount:,.0f}" if amount >= 0 else f"minus £{-amount:,.0f}"


def counted(number: int, noun: str, many: str = "") -> str:
    """``3 projects``, ``1 project``, ``no project``."""
    return f"no {noun}" if not number else f"{number:,} {noun if number == 1 else many or noun + 's'}"


def joined(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}" if names else "none"


def grid(caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], otherwise: str) -> Table | str:
    """A table, or the sentence that says that there is nothing to put into it."""
    made = tuple(tuple(_cell(value) for value in row) for row in rows)
    return Table(caption, tuple(head), made) if made else otherwise


def _cell(value: Cell) -> Cell:
    """No cell is empty, and none is one that a spreadsheet would run."""
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    return f"'{text}" if is_formula(text) else text or NOTHING
