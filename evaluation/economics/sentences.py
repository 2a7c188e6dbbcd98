"""Costs and worth in sentences: what a commissioner can say, cannot say, and should doubt (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.economics.found import Found
from evaluation.economics.model import Figure, Mode
from evaluation.economics.pounds import percent, plainly, pounds, prices, told_for, years_of
from evaluation.economics.tables import VERIFIED_WORDS, Tables
from evaluation.economics.worth import Money
from evaluation.wording import ANSWER_WORDS, LOW_SECURITY

SEVERAL = "Nothing else the programme may have done is priced: only the main outcome."


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the sentences need to know."""

    found: Found
    money: Money
    mode: Mode
    reading: str
    share: float
    net: Figure | None
    chance: float | None
    ratio: float | None
    break_even: Figure | None

    @property
    def per(self) -> str:
        """A person, or an area and period."""
        return self.found.per


def sentences(spoken: Spoken) -> tuple[str, ...]:
    """The section's sentences, in the order in which they are read."""
    lines = [_cost(spoken)]
    if spoken.mode == "answered":
        lines += _answered(spoken)
    elif spoken.mode == "open":
        lines += _open(spoken)
    else:
        lines.append(f"{spoken.reading[:1].upper()}{spoken.reading[1:]}.")
    if spoken.break_even and spoken.break_even.value is not None:
        lines.append(f"To pay for itself it would have to bring {_needed(spoken)}.")
    return tuple(lines)


def _cost(spoken: Spoken) -> str:
    money = spoken.money
    cost = money.cost
    span = "" if cost.low == cost.high else f", between {plainly(cost.low)} and {plainly(cost.high)}"
    return f"It cost {plainly(cost.mode)} for each {spoken.per}{span} ({prices(money.cost_year)})."


def _range(figure: Figure | None) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return "not known"
    return f"between {pounds(figure.low)} and {pounds(figure.high)}"


def _after(spoken: Spoken) -> str:
    return f", benefits cut by {100 * spoken.share:.0f} % for optimism" if spoken.share else ""


def _years(money: Money) -> str:
    return years_of(money.cost_year, money.worth_year)


def _chance(spoken: Spoken) -> str:
    return f"he chance that it was worth more than it cost is {percent(spoken.chance or 0.0)}."


def _whose(spoken: Spoken) -> str:
    """Benefits are the programme's where the evidence bears that; else on a condition."""
    low = spoken.found.security <= LOW_SECURITY
    return "If the difference is the programme's doing, its" if low else "Its"


def _answered(spoken: Spoken) -> list[str]:
    net, found = spoken.net, spoken.found
    value = net.value if net and net.value is not None else 0.0
    if found.answer == "harms":
        return [
            f"People came out worse: benefits less cost come to {pounds(value)} for each {spoken.per}, {_range(net)} "
            f"({_years(spoken.money)}). There is no ratio of benefit to cost, for there is no benefit."
        ]
    lines = [
        f"{_whose(spoken)} benefits less its cost come to {pounds(value)} for each {spoken.per}, {_range(net)} "
        f"({_years(spoken.money)}{_after(spoken)}).",
        f"T{_chance(spoken)}",
    ]
    if spoken.money.mixed:
        lines.append(
            "A ratio is not supported: pounds of different years do not divide. A deflator would mend that."
        )
    if spoken.ratio is not None:
        lines.append(
            f"For each pound spent about {pounds(spoken.ratio)} of benefit came about; read it with the net benefit "
            "and the break-even beside it, never alone."
        )
    return lines


def _open(spoken: Spoken) -> list[str]:
    why = ANSWER_WORDS["inconclusive"] if spoken.found.answer == "inconclusive" else "fragile"
    return [
        f"A ratio of benefit to cost is not supported: the answer is “{why}”.",
        f"Benefits less cost lie {_range(spoken.net)} for each {spoken.per} ({_years(spoken.money)}{_after(spoken)}).",
        f"T{_chance(spoken)}",
    ]


def _needed(spoken: Spoken) -> str:
    """Units that pay for a place, in numbers people can picture."""
    value = (spoken.break_even.value if spoken.break_even else 0.0) or 0.0
    factor, words = told_for(spoken.found.unit_words, spoken.per)
    return f"{factor * value * spoken.money.scale:.3g} {words}"


def can_say(spoken: Spoken) -> tuple[str, ...]:
    """Lines for those who pay."""
    first = _cost(spoken).removesuffix(".")
    if spoken.mode == "answered" and spoken.found.answer != "harms" and spoken.found.security > LOW_SECURITY:
        return (
            f"{first}; benefits less cost lie {_range(spoken.net)} for each {spoken.per} "
            f"({_years(spoken.money)}; 95 % interval{_after(spoken)}), and t{_chance(spoken)}",
        )
    if spoken.mode == "open":
        return (
            f"{first}. Whether it was worth that cannot be told yet: benefits less cost lie {_range(spoken.net)} for "
            f"each {spoken.per} ({_years(spoken.money)}).",
        )
    return (f"{first}.",)


def cannot_say(spoken: Spoken) -> tuple[str, ...]:
    """What no figure here supports."""
    if spoken.mode != "answered":
        if spoken.found.answer == "no-meaningful-effect":
            return ()
        unsupported = "a ratio of benefit to cost is not supported"
        return (f"That it was worth its money, or that it was not: {unsupported}.",)
    if spoken.found.answer == "harms":
        return ()
    lines = []
    if spoken.found.security <= LOW_SECURITY:
        lines.append("That the programme brought these benefits: the difference may have other causes.")
    if spoken.money.cashable is None or spoken.money.cashable < 1:
        lines.append(_not_cash(spoken.money.cashable))
    return tuple(lines)


def _not_cash(cashable: float | None) -> str:
    if cashable is None:
        return "That this is money saved: how much of the value is cash that somebody gets back is not known."
    return f"That this is money saved: {percent(cashable)} of the value is cash, the rest is not."


def doubts(spoken: Spoken, tables: Tables, *, planned: bool) -> tuple[str, ...]:
    """What takes trust away from these figures."""
    found, lines = spoken.found, list(spoken.money.doubts)
    if not planned:
        lines.insert(
            0, "Costs and values were chosen when the result was known; they are not part of its plan."
        )
    if spoken.mode in ("answered", "open"):
        words = VERIFIED_WORDS[tables.optimism.verified]
        lines.append(
            f"The cut for optimism at security {found.security} ({100 * spoken.share:.0f} %) is {words}."
        )
        if found.effect not in ("difference", "risk-difference"):
            lines.append("The level without the programme is taken as known; only the ratio is drawn.")
        if found.effect == "hazard-ratio":
            lines.append("Cases are those by the horizon, with hazards taken as proportional.")
        lines.append(SEVERAL)
    return tuple(lines)
