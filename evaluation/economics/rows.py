"""Costs and worth as rows of a table: what, how much, and how much before the cut for optimism (pure)."""

from __future__ import annotations

from evaluation.economics.model import Economics, Figure
from evaluation.economics.pounds import (
    given,
    percent,
    places_words,
    pounds,
    prices,
    shown,
    told_for,
    years_of,
)

HEAD = ("What", "Figure (95 % interval, or range)", "Before the cut for optimism")
NOT_SUPPORTED = "not supported"
NOT_CUT, ONLY_CUT = "is not cut", "given after the cut only"
CASH = "… of it cashable (police, courts, services)"
REST = "… of it not cash (harm to people, precautions)"
LEFT_OUT = "left out: only the response block is counted"


def rows_of(found: Economics) -> list[tuple[str, str, str]]:
    """Every figure there is, in the order in which it is read."""
    per, unit = found.per, found.unit
    rows = [(f"Cost for each {per}, {prices(found.cost_year)}", given(found.cost), NOT_CUT)]
    if found.worth:
        rows.append((f"Worth of one {unit}, {prices(found.worth_year)}", given(found.worth), NOT_CUT))
    if found.break_even:
        factor, words = told_for(unit, per)
        rows.append((f"To break even: {words}", _plain(found.break_even, factor), NOT_CUT))
    if found.cost_per_unit:
        rows.append((f"Cost for each {unit}", shown(found.cost_per_unit), NOT_CUT))
    if found.net:
        rows += _worth(found)
    elif found.mode != "unvalued" and found.worth:
        rows.append(("Benefit for each pound of cost", NOT_SUPPORTED, NOT_SUPPORTED))
    return rows


def caption_of(found: Economics) -> str:
    """What the table shows, with the year of its pounds."""
    return f"What it cost and what it was worth, {years_of(found.cost_year, found.worth_year)}"


def _worth(found: Economics) -> list[tuple[str, str, str]]:
    per, chances = found.per, [percent(chance or 0.0) for chance in (found.chance, found.chance_uncut)]
    rows = [(f"Benefit for each {per}", shown(found.benefit), shown(found.benefit_uncut))]
    if found.cashable:
        rows.append((CASH, shown(found.cashable), ONLY_CUT))
        rest = shown(found.not_cashable) if found.not_cashable else LEFT_OUT
        rows.append((REST, rest, ONLY_CUT))
    else:
        rows.append((CASH, "not given by the source", "not given by the source"))
    rows.append((f"Benefit less cost, for each {per}", shown(found.net), shown(found.net_uncut)))
    rows.append(("Chance that it was worth more than it cost", chances[0], chances[1]))
    if found.total and found.places:
        whole = f"Net present social value of {places_words(found.places, per)}"
        rows.append((whole, shown(found.total), ONLY_CUT))
    rows.append(("Benefit for each pound of cost", *_ratio(found)))
    if found.information is not None:
        rows.append((f"Another study is worth at most, for each {per}", _information(found), ONLY_CUT))
    return rows


def _information(found: Economics) -> str:
    alone = pounds(found.information or 0.0)
    if not found.places:
        return alone
    return f"{alone}; for {places_words(found.places, found.per)} {pounds(found.information_total or 0.0)}"


def _ratio(found: Economics) -> tuple[str, str]:
    if found.ratio is None or found.ratio_uncut is None:
        harmed = found.benefit is not None and found.benefit.value is not None and found.benefit.value <= 0
        said = "none: there is no benefit" if harmed else NOT_SUPPORTED
        return said, said
    return pounds(found.ratio), pounds(found.ratio_uncut)


def _plain(figure: Figure, factor: float) -> str:
    value, low, high = (factor * (end or 0.0) for end in (figure.value, figure.low, figure.high))
    return f"{value:.3g}" if low == high else f"{value:.3g} ({low:.3g} to {high:.3g})"
