"""Costs held against what the effect was worth: how much may be said, and the figures for it (pure).

A ratio, or any point, needs an effect whose sign is settled. An inconclusive effect, or one whose sign goes under
another setting, has a range and a chance only; without an answer, without a comparison, or where an effect that matters
is ruled out, there are costs only. Benefits are cut for optimism by the security level; harms are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.economics.break_even import units_to_break_even
from evaluation.economics.draws import draw, interval, perfect_information
from evaluation.economics.found import Found
from evaluation.economics.model import Economics, Figure, Mode
from evaluation.economics.sentences import Spoken, can_say, cannot_say, doubts, sentences
from evaluation.economics.tables import Tables
from evaluation.economics.units import Array, gained, needs_base, on_scale
from evaluation.economics.worth import Money, Range
from evaluation.verdict import NO_COMPARISON

RULED_OUT = "an effect large enough to matter is ruled out: what is left is the cost"
STILL = (
    "an effect as large as the plan's difference that matters is ruled out, one large enough to pay for itself is not: "
    "what is left to tell is the cost"
)
OPEN = "the answer is not settled: cost and effect are given as ranges, and no ratio is supported"
FRAGILE = "under another setting the sign of the effect is not settled: ranges only, no ratio is supported"


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What only an effect with an interval, and a value of a unit, can give."""

    benefit: Figure | None = None
    benefit_uncut: Figure | None = None
    net: Figure | None = None
    net_uncut: Figure | None = None
    chance: float | None = None
    chance_uncut: float | None = None
    ratio: float | None = None
    ratio_uncut: float | None = None
    cashable: Figure | None = None
    not_cashable: Figure | None = None
    total: Figure | None = None
    information: float | None = None


def mode_of(found: Found, money: Money) -> tuple[Mode, str]:
    """How much may be said, and why no more."""
    said = _costs_only(found)
    if said:
        return "costs", STILL if said == RULED_OUT and _may_pay(found, money) else said
    if found.answer == "inconclusive" or found.fragile:
        reason = OPEN if found.answer == "inconclusive" else FRAGILE
        return ("open", reason) if money.worth else ("costs", reason)
    return ("answered", "") if money.worth else ("unvalued", "no value of a unit was given")


def _may_pay(found: Found, money: Money) -> bool:
    """Say whether at the better end of the interval a place would pay for itself."""
    if found.view is None or money.worth is None or needs_base(found):
        return False
    most = float(gained(found, found.view.high)) * money.scale * money.years * money.worth.mode
    return most > money.cost.mode


def _costs_only(found: Found) -> str:
    if found.withheld:
        return "the figures of this outcome are withheld: too few people to show"
    if found.answer == "not-assessable":
        return "the evaluation could not answer its question: a ratio of benefit to cost is not supported"
    if found.view is None:
        return "the effect has no interval that may be shown: a ratio of benefit to cost is not supported"
    if found.answer == "changed" or found.detail == NO_COMPARISON:
        return (
            "nothing shows what would have happened without the programme, so nothing shows what it was worth: a ratio "
            "of benefit to cost is not supported"
        )
    if found.answer == "no-meaningful-effect":
        return RULED_OUT
    return needs_base(found)


def appraise(found: Found, money: Money, tables: Tables, *, planned: bool = True) -> Economics:
    """Everything that may be said about costs and worth of one outcome.

    ``planned``: the costs were in the plan; else they were put beside a result that was known.
    """
    mode, reading = mode_of(found, money)
    share = tables.optimism.cuts[found.security]
    valued = mode in ("answered", "open")
    amounts = _amounts(found, money, share, point=mode == "answered") if valued else _Amounts()
    units = units_to_break_even(money)
    level = None if units is None else on_scale(units.value or 0.0, found.effect, found.better, found.base)[0]
    spoken = Spoken(found, money, mode, reading, share, amounts.net, amounts.chance, amounts.ratio, units)
    return Economics(
        planned=planned,
        mode=mode,
        reading=reading,
        per=found.per,
        cost=_figure(money.cost),
        cost_year=money.cost_year,
        worth=_figure(money.worth) if money.worth else None,
        worth_year=money.worth_year,
        worth_of=money.worth_name,
        unit=found.unit_words,
        verified=money.verified,
        security=found.security,
        cut=share,
        break_even=scaled(units, money.scale) if units else None,
        break_even_on_scale=level,
        cost_per_unit=_cost_per_unit(found, money) if mode in ("answered", "unvalued") else None,
        benefit=amounts.benefit,
        benefit_uncut=amounts.benefit_uncut,
        net=amounts.net,
        net_uncut=amounts.net_uncut,
        chance=amounts.chance,
        chance_uncut=amounts.chance_uncut,
        ratio=amounts.ratio,
        ratio_uncut=amounts.ratio_uncut,
        cashable=amounts.cashable,
        not_cashable=amounts.not_cashable,
        places=money.places,
        total=amounts.total,
        information=amounts.information,
        information_total=_times(amounts.information, money.places),
        sentences=sentences(spoken),
        can_say=can_say(spoken),
        cannot_say=cannot_say(spoken),
        doubts=doubts(spoken, tables, planned=planned),
        facts=money.facts,
        draws=money.draws,
        seed=money.seed,
    )


def _amounts(found: Found, money: Money, share: float, *, point: bool) -> _Amounts:
    """Benefits, net benefit and chances from the draws; points, worked out and not drawn, only where they may be."""
    drawn = draw(found, money, share)
    view, worth = found.view, money.worth
    uncut = cut = None
    cost = money.cost.mean
    if point and view is not None and worth is not None:
        uncut = float(gained(found, view.value)) * money.scale * money.years * worth.mean
        cut = uncut * (1 - share) if uncut > 0 else uncut
    benefit, net = _spread(drawn.cut, cut), drawn.cut - drawn.cost
    net_uncut = drawn.uncut - drawn.cost
    part = money.cashable
    shown = _spread(net, None if cut is None else cut - cost)
    good = cut is not None and cut > 0 and cost > 0 and not money.mixed
    return _Amounts(
        benefit=benefit,
        benefit_uncut=_spread(drawn.uncut, uncut),
        net=shown,
        net_uncut=_spread(net_uncut, None if uncut is None else uncut - cost),
        chance=float(np.mean(net > 0)),
        chance_uncut=float(np.mean(net_uncut > 0)),
        ratio=cut / cost if good and cut is not None else None,
        ratio_uncut=uncut / cost if good and uncut is not None else None,
        cashable=None if part is None else scaled(benefit, part),
        not_cashable=None if part is None or money.response_only else scaled(benefit, 1 - part),
        total=scaled(shown, money.places) if money.places else None,
        information=perfect_information(float(net.mean()), float(net.std())),
    )


def _spread(values: Array, point: float | None) -> Figure:
    return Figure(point, *interval(values))


def scaled(figure: Figure, factor: float) -> Figure:
    """A figure times a factor above 0."""
    low, high = figure.low or 0.0, figure.high or 0.0
    return Figure(None if figure.value is None else figure.value * factor, low * factor, high * factor)


def _times(amount: float | None, places: int | None) -> float | None:
    return None if amount is None or places is None else amount * places


def _figure(amount: Range) -> Figure:
    return Figure(amount.mode, amount.low, amount.high)


def _cost_per_unit(found: Found, money: Money) -> Figure | None:
    """The cost of one unit brought about, between the ends of the effect's interval; none where people got worse."""
    view, factor = found.view, money.scale * money.years
    if view is None or view.low <= 0:
        return None
    least, middle, most = (float(gained(found, end)) * factor for end in (view.low, view.value, view.high))
    if least <= 0:
        return None
    return Figure(money.cost.mode / middle, money.cost.low / most, money.cost.high / least)
