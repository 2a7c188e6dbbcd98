"""Money in words: three digits, a true minus sign, the price year beside it (pure)."""

from __future__ import annotations

import math

from evaluation.economics.model import Figure

DIGITS = 3


def pounds(amount: float) -> str:
    """An amount to three digits: £14,100, −£35, £0.82."""
    if not math.isfinite(amount):
        return "without limit"
    size = abs(amount)
    if size >= 100:
        size = round(size, -max(0, math.floor(math.log10(size)) - DIGITS + 1))
    shown = f"{size:,.0f}" if size >= 100 or size == round(size) else f"{size:,.2f}"
    return f"−£{shown}" if amount < 0 and float(shown.replace(",", "")) > 0 else f"£{shown}"


def plainly(amount: float) -> str:
    """A cost as the plan wrote it: whole pounds from a hundred on, pence below."""
    return f"£{amount:,.0f}" if amount >= 100 or amount == round(amount) else f"£{amount:,.2f}"


def prices(year: str) -> str:
    """The price year as people write it: ``2015/16 prices``."""
    return f"{year.replace('-', '/')} prices"


def given(figure: Figure) -> str:
    """An amount that went in, in full, with its range, and its mean (of a PERT distribution) where that is another."""
    value, low, high = (0.0 if end is None else end for end in (figure.value, figure.low, figure.high))
    if low == high:
        return plainly(value)
    mean = (low + 4 * value + high) / 6
    average = "" if abs(mean - value) < 0.005 * max(value, 1.0) else f"; {pounds(mean)} on average"
    return f"{plainly(value)} ({plainly(low)} to {plainly(high)}{average})"


def shown(figure: Figure | None) -> str:
    """An amount with its interval; only the interval where there is no point."""
    if figure is None or (figure.value is None and figure.low is None):
        return "not given"
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return pounds(figure.value or 0.0)
    span = f"{pounds(figure.low)} to {pounds(figure.high)}"
    return span if figure.value is None else f"{pounds(figure.value)} ({span})"


def years_of(cost_year: str, worth_year: str) -> str:
    """The price years of figures that hold costs and values."""
    if not worth_year or cost_year == worth_year:
        return prices(cost_year)
    return f"costs in {prices(cost_year)}, benefits in {prices(worth_year)}"


def told_for(unit: str, per: str) -> tuple[float, str]:
    """By what to multiply units for each ``per``, and the words after them: cases of people are told per hundred."""
    first, _, rest = unit.partition(" ")
    many = f"{first}s {rest}"
    if per == "person" and first != "unit":
        return 100.0, f"{many} for every 100 people"
    return 1.0, f"{many} for each {per}"


def places_words(places: int, per: str) -> str:
    """So many places; of areas and panels, of what a cost is for."""
    many = {"area and period": "areas and periods", "person and period": "people and periods"}.get(
        per, "places"
    )
    return f"{places:,} {many}"


def percent(share: float) -> str:
    """A chance in words, never 0 or 100."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"
