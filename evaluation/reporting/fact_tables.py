"""Tables that a method hands over (weights of donors, effects of groups), with numbers printed alike (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from evaluation.figures import FactTable
from evaluation.reporting.numbers import DIGITS, MOST_DECIMALS, decimals_for, plain
from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table

NONE = "none"
NEARLY_NOUGHT = "nearly 0"
UNLIKE = 200.0
YEARS = (1800, 2200)
FOR_ANALYSTS = re.compile(r"\bp\b|p[- ]value", re.IGNORECASE)


def fact_table(facts: FactTable, about: str = "") -> Table:
    """A method's table as the report prints it; ``about`` is the outcome it belongs to."""
    columns = [_column([row[i] for row in facts.rows]) for i in range(len(facts.columns))]
    rows = tuple(zip(*columns, strict=True)) if facts.rows else ()
    head = tuple(capital(name) for name in facts.columns)
    return Table(f"{facts.title}: {about}" if about else facts.title, head, rows)


def for_analysts(facts: FactTable) -> bool:
    """Say whether a table holds p-values: those stand with the statistics, not among the findings."""
    return any(FOR_ANALYSTS.search(column) for column in facts.columns)


def _column(cells: Sequence[str | float | None]) -> list[str]:
    """The cells of one column, numbers with as many decimals as their middle one needs.

    Numbers unlike one another (ratios beside totals) get three figures each.
    """
    numbers = [float(cell) for cell in cells if isinstance(cell, int | float) and math.isfinite(cell)]
    sizes = sorted(abs(n) for n in numbers if n)
    decimals = None if _unlike(sizes) else _decimals(numbers, sizes)
    years = bool(numbers) and decimals == 0 and all(YEARS[0] <= n <= YEARS[1] for n in numbers)
    return [_cell(cell, decimals, years=years) for cell in cells]


def _unlike(sizes: Sequence[float]) -> bool:
    return bool(sizes) and sizes[-1] > UNLIKE * sizes[len(sizes) // 2 if len(sizes) > 2 else 0]


def _decimals(numbers: Sequence[float], sizes: Sequence[float]) -> int:
    """Three figures for the number in the middle; none where all are whole numbers."""
    if all(n == int(n) for n in numbers):
        return 0
    return max(0, min(MOST_DECIMALS, DIGITS - 1 - math.floor(math.log10(sizes[len(sizes) // 2]))))


def _cell(cell: str | float | None, decimals: int | None, *, years: bool) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return NONE
    if isinstance(cell, str):
        return cell or NONE
    if math.isinf(cell):
        return "no limit"
    places = max(decimals_for(cell), 0) if decimals is None else decimals
    if round(float(cell), places) == 0:
        if cell:
            return NEARLY_NOUGHT  # a row of noughts would read as exactly nought
        places = places if places <= DIGITS else 0  # and exactly nought needs no six of them
    return f"{cell:.0f}" if years else plain(float(cell), places)
