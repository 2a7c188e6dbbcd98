"""Price years: from the pounds of one year to those of another, by a series the user brings (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evaluation.errors import EvaluationError

YEAR = re.compile(r"\d{4}(?:[-/]\d{2}(?:\d{2})?)?")


def price_year(text: str) -> str:
    """A year as it is compared: ``2015-16``, also where it is written 2015/16 or 2015-2016; ``2015`` stays."""
    first, _, second = text.strip().replace("/", "-").partition("-")
    return f"{first}-{second[-2:]}" if second else first


def read_deflator(rows: Sequence[tuple[str | None, str | None]], name: str) -> dict[str, float]:
    """A series of year and index. Raises EvaluationError (LC564) at the first row that is none, or comes twice."""
    found: dict[str, float] = {}
    for number, (year, index) in enumerate(rows, start=2):
        where = f"{name}:{number}"
        if not year or not YEAR.fullmatch(year.strip()):
            raise EvaluationError(
                "LC564", "the column 'year' holds no year here", "Write 2015-16 or 2015.", where=where
            )
        level = _number(index)
        if level is None or level <= 0:
            raise EvaluationError(
                "LC564", "the column 'index' holds no number above 0 here", "Correct it.", where=where
            )
        if price_year(year) in found:
            raise EvaluationError("LC564", "a year stands here twice", "Keep one row a year.", where=where)
        found[price_year(year)] = level
    return found


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", ""))
    except ValueError:
        return None


def rebased(amount: float, from_year: str, to_year: str, deflator: Mapping[str, float], name: str) -> float:
    """An amount in the prices of another year. Raises EvaluationError (LC564) for a year the series does not have."""
    first, last = price_year(from_year), price_year(to_year)
    for year in (first, last):
        if year not in deflator:
            raise EvaluationError(
                "LC564",
                f"the deflator has no year {year}",
                "Add it, or correct the price year.",
                where=name,
            )
    return amount * deflator[last] / deflator[first]
