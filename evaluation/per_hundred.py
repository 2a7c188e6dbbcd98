"""Ratios in people: between how many fewer and more in every 100, at a rate there might be otherwise (pure).

A ratio of 0.8 is 8 fewer where 40 in every 100 would have it, and 1 fewer where 5 would. The rate is that of the
comparison, rounded so coarsely that it gives no small count away (``BASE_PEOPLE``).
"""

from __future__ import annotations

from collections.abc import Callable

from evaluation.model import Estimate, Units
from evaluation.nouns import OVER_TIME, Nouns
from evaluation.plan import PlannedOutcome

BASE_PEOPLE = 10  # a rounded rate leaves at least so many people (or events) undecided
STEPS = (1, 2, 5, 10)  # to which a rate in every 100 is rounded: the finest that leaves them undecided
WHERE = "Where "
RATIO_OF = {"risk-ratio": "risk", "odds-ratio": "odds", "rate-ratio": "rate", "hazard-ratio": "hazard"}


def margin_words(margin: float, outcome: PlannedOutcome) -> tuple[str, str]:
    """The ratio of a benefit that matters, and of a harm that does, in words.

    Both are equally far from 1 on the log scale: 0.80 times the rate, and 1.25 times.
    """
    low, high = sorted((margin, 1 / margin))
    benefit, harm = (low, high) if outcome.better == "lower" else (high, low)
    of = "rate of the others" if outcome.timing else RATIO_OF[outcome.effect]
    return f"{benefit:.2f} times the {of}", f"{harm:.2f} times the {of}"


def at_a_rate(outcome: PlannedOutcome, estimate: Estimate, nouns: Nouns, method: str, units: Units) -> str:
    """The interval of a ratio as numbers in every 100; empty where no rate can be named.

    Assumes the ratio holds at the rate named: of risks, odds and rates as they are; of a hazard ratio under
    proportional hazards (1 - (1 - p) ** ratio). Rates of areas, and of people followed over time, are told for every
    100 expected, which needs no rate.
    """
    low, high, base = estimate.conf_low, estimate.conf_high, estimate.comparison_mean
    if low is None or high is None or not outcome.is_ratio:
        return ""
    if outcome.effect == "rate-ratio" and (units == "areas" or method in OVER_TIME):
        return f"For every 100 {nouns.without}, that is {_fewer(100 * (low - 1), 100 * (high - 1))}."
    rate = rounded_base(100 * base, estimate.n_comparison) if base else None
    if rate is None:
        return ""
    if outcome.effect == "rate-ratio":
        if outcome.exposure:
            return ""
        span = _fewer(rate * (low - 1), rate * (high - 1))
        return f"{WHERE}there are {rate:.0f} for every 100 people without the programme, that is {span}."
    if rate >= 100 or (outcome.timing is not None and outcome.timing.competing):
        return ""
    risk = _RISKS[outcome.effect]
    span = _fewer(100 * risk(rate / 100, low) - rate, 100 * risk(rate / 100, high) - rate)
    when = " in the time looked at" if outcome.timing else ""
    return f"{WHERE}{rate:.0f} in every 100 have it{when} without the programme, that is {span} in every 100."


def rounded_base(rate: float, n: int) -> float | None:
    """A rate in every 100, rounded to the finest step that leaves ``BASE_PEOPLE`` undecided; None where none does."""
    for step in STEPS:
        if step * n / 100 >= BASE_PEOPLE:
            return step * round(rate / step) or None
    return None


def within_rounding(lines: tuple[str, ...], rounding: int) -> tuple[str, ...]:
    """Lines without rates, where a project rounds its counts more coarsely than rates are rounded here."""
    return lines if rounding <= BASE_PEOPLE else tuple(line for line in lines if not line.startswith(WHERE))


def _odds(risk: float, ratio: float) -> float:
    return ratio * risk / (1 - risk + ratio * risk)


def _hazard(risk: float, ratio: float) -> float:
    return 1 - float((1 - risk) ** ratio)


def _risk(risk: float, ratio: float) -> float:
    return min(1.0, float(ratio * risk))


_RISKS: dict[str, Callable[[float, float], float]] = {
    "risk-ratio": _risk, "odds-ratio": _odds, "hazard-ratio": _hazard,
}  # fmt: skip


def _fewer(low: float, high: float) -> str:
    """Two whole numbers with their direction; a decimal where both would be the same."""
    decimals = 0 if round(low) != round(high) else 1
    ends = [round(end, decimals) + 0.0 for end in (low, high)]
    told = [f"{abs(end):,.{decimals}f}" for end in ends]
    if ends[0] < 0 < ends[1]:
        return f"between {told[0]} fewer and {told[1]} more"
    if ends[1] <= 0:
        return f"between {told[1]} and {told[0]} fewer"
    return f"between {told[0]} and {told[1]} more"
