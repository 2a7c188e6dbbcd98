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
SAME = ""


def rows_of(found: Economics) -> list[tuple[str, str, str]]:
    """Every figure there is, in the order in which it is read."""
    per, unit = found.per, found.unit
    rows = [(f"Cost for each {per}, {prices(found.cost_year)}", given(found.cost), SAME)]
    if found.worth:
        rows.append((f"Worth of one {unit}, {prices(found.worth_year)}", given(found.worth), SAME))
    if found.break_even:
        factor, words = told_for(unit, per)
        rows.append((f"To break even: {words}", _plain(found.break_even, factor), SAME))
    if found.cost_per_unit:
        rows.append((f"Cost for each {unit}", shown(found.cost_per_unit), SAME))
    if found.net:
        rows += _worth(found)
    elif found.mode != "unvalued" and found.worth:
        rows.append(("Benefit for each pound of cost", NOT_SUPPORTED, SAME))
    return rows


def caption_of(found: Economics) -> str:
    """What the table shows, with the year of its pounds."""
    return f"What it cost and what it was worth, {years_of(found.cost_year, found.worth_year)}"


def _worth(found: Economics) -> list[tuple[str, str, str]]:
    per = found.per
    rows = [(f"Benefit for each {per}", shown(found.benefit), shown(found.benefit_uncut))]
    if found.cashable:
        rows.append(("… of it cashable (police, courts, services)", shown(found.cashable), SAME))
        rest = (
            shown(found.not_cashable)
            if found.not_cashable
            else "left out: only the response block is counted"
        )
        rows.append(("… of it not cash (harm to people, precautions)", rest, SAME))
    else:
        rows.append(("… of it cashable (police, courts, services)", "not given by the source", SAME))
    rows.append((f"Benefit less cost, for each {per}", shown(found.net), shown(found.net_uncut)))
    rows.append(
        (
            "Chance that it was worth more than it cost",
            percent(found.chance or 0.0),
            percent(found.chance_uncut or 0.0),
        )
    )
    if found.total and found.places:
        places = places_words(found.places, per)
        rows.append((f"Net present social value of {places}", shown(found.total), SAME))
    rows.append(("Benefit for each pound of cost", *_ratio(found)))
    if found.information is not None:
        whole = ""
        if found.places:
            whole = f"; for {places_words(found.places, per)} {pounds(found.information_total or 0.0)}"
        what = f"Another study is worth at most, for each {per}"
        rows.append((what, f"{pounds(found.information)}{whole}", SAME))
    return rows


def _ratio(found: Economics) -> tuple[str, str]:
    if found.ratio is None or found.ratio_uncut is None:
        harmed = found.benefit is not None and found.benefit.value is not None and found.benefit.value <= 0
        return "none: there is no benefit" if harmed else NOT_SUPPORTED, SAME
    return pounds(found.ratio), pounds(found.ratio_uncut)


def _plain(figure: Figure, factor: float) -> str:
    value, low, high = (factor * (end or 0.0) for end in (figure.value, figure.low, figure.high))
    return f"{value:.3g}" if low == high else f"{value:.3g} ({low:.3g} to {high:.3g})"
