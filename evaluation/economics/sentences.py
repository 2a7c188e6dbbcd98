"""Costs and worth in sentences: what a commissioner can say, cannot say, and should doubt (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.economics.found import Found
from evaluation.economics.model import Figure, Mode
from evaluation.economics.pounds import percent, plainly, pounds, prices
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


def _answered(spoken: Spoken) -> list[str]:
    net, found = spoken.net, spoken.found
    value = net.value if net and net.value is not None else 0.0
    if found.answer == "harms":
        return [
            f"People came out worse: cost and harm together come to {pounds(abs(value))} for each {spoken.per} "
            f"({_range(net)} in net benefit). There is no ratio of benefit to cost, for there is no benefit."
        ]
    lines = [
        f"Its benefits less its cost come to {pounds(value)} for each {spoken.per}, {_range(net)} "
        f"({prices(spoken.money.worth_year)}{_after(spoken)}).",
        f"The chance that it was worth more than it cost is {percent(spoken.chance or 0.0)}.",
    ]
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
        f"Benefits less cost lie {_range(spoken.net)} for each {spoken.per} "
        f"({prices(spoken.money.worth_year)}{_after(spoken)}).",
        f"The chance that it was worth more than it cost is {percent(spoken.chance or 0.0)}.",
    ]


def _needed(spoken: Spoken) -> str:
    """Units that pay for a place, in whole numbers people can picture."""
    value = (spoken.break_even.value if spoken.break_even else 0.0) or 0.0
    unit = spoken.found.unit_words
    many = unit.replace("case ", "cases ", 1).replace("event ", "events ", 1).replace("unit ", "units ", 1)
    whom = "areas and periods" if spoken.found.per.startswith("area") else "people"
    if unit.startswith("unit"):
        return f"{value:.3g} {many} for each {spoken.per}"
    return f"{100 * value * spoken.money.scale:.3g} {many} for every 100 {whom}"


def can_say(spoken: Spoken) -> tuple[str, ...]:
    """Lines for those who pay."""
    first = _cost(spoken).removesuffix(".")
    if spoken.mode == "answered" and spoken.found.answer != "harms" and spoken.found.security > LOW_SECURITY:
        return (
            f"{first}; benefits less cost lie {_range(spoken.net)} for each {spoken.per} "
            f"(95 % interval{_after(spoken)}), and the chance that it was worth more than it cost is {percent(spoken.chance or 0.0)}.",
        )
    if spoken.mode == "open":
        return (
            f"{first}. Whether it was worth that cannot be told yet: benefits less cost lie {_range(spoken.net)} for "
            f"each {spoken.per}.",
        )
    return (f"{first}.",)


def cannot_say(spoken: Spoken) -> tuple[str, ...]:
    """What no figure here supports."""
    if spoken.mode != "answered":
        if spoken.found.answer == "no-meaningful-effect":
            return ()
        return (
            "That it was worth its money, or that it was not: a ratio of benefit to cost is not supported.",
        )
    if spoken.found.answer == "harms":
        return ()
    lines = []
    if spoken.found.security <= LOW_SECURITY:
        lines.append("That the programme brought these benefits: the difference may have other causes.")
    if spoken.money.cashable is None or spoken.money.cashable < 1:
        lines.append(
            "That this is money saved: most of what is counted is harm spared to people, which is not cash."
        )
    return tuple(lines)


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
