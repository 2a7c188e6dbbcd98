"""Numbers as a report prints them: rounded with sense, in the measure's own unit, or withheld (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evaluation.model import RATIOS, Effect, EffectSize, Estimate, OutcomeResult

NOT_ESTIMATED = "not estimated"
TOO_FEW = "too few to show"
NEARLY_ALL = "withheld: nearly the same people"
MOST_DECIMALS = 6
DIGITS = 3
ONE_IN_100 = 0.01
SURE = 0.01
SMALLEST_P = 0.001
STANDARDISED = {"hedges-g": "Hedges’ g", "cox-index": "Cox index"}


@dataclass(frozen=True, slots=True)
class Scale:
    """How effects of one outcome are printed: factor, decimals (``None``: by size), unit."""

    factor: float
    decimals: int | None
    unit: str


def scale_of(effect: Effect, unit: str) -> Scale:
    """People per 100, times, or the measure's unit."""
    if effect == "risk-difference":
        return Scale(100, 1, " per 100 people")
    if effect == "hazard-ratio":
        return Scale(1, 2, " times the rate")
    if effect == "time-ratio":
        return Scale(1, 2, " times as long")
    if effect in RATIOS:
        return Scale(1, 2, " times")
    return Scale(1, None, f" {unit}" if unit else "")


def plain(value: float, decimals: int) -> str:
    """A number with a true minus sign, thousands set apart and never a minus nought."""
    rounded = round(value, decimals)
    text = f"{abs(rounded):,.{max(decimals, 0)}f}"
    return f"−{text}" if rounded < 0 else text


def decimals_for(*values: float) -> int:
    """Decimals that give the largest value three significant digits (negative: tens, hundreds)."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0 or not math.isfinite(largest):
        return 0
    return min(MOST_DECIMALS, DIGITS - 1 - math.floor(math.log10(largest)))


def number(value: float | None, unit: str = "") -> str:
    """One number, three significant digits at most."""
    if value is None or not math.isfinite(value):
        return NOT_ESTIMATED
    text = plain(value, decimals_for(value))
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return f"{text} {unit}" if unit else text


def span(low: float, high: float, decimals: int) -> str:
    """An interval in figures."""
    return f"{plain(low, decimals)} to {plain(high, decimals)}"


def effect_text(estimate: Estimate, unit: str) -> str:
    """The effect with its interval, in the measure's own unit."""
    if estimate.value is None:
        return NOT_ESTIMATED
    scale = scale_of(estimate.effect, unit)
    parts = [
        x * scale.factor for x in (estimate.value, estimate.conf_low, estimate.conf_high) if x is not None
    ]
    decimals = decimals_for(*parts) if scale.decimals is None else scale.decimals
    value = plain(parts[0], decimals)
    if len(parts) < 3:
        return f"{value}{scale.unit}; interval {NOT_ESTIMATED}"
    return f"{value} ({span(parts[1], parts[2], decimals)}){scale.unit}"


def in_100(share: float) -> str:
    """A share as people in 100; below one in a hundred with a decimal, so that some are not called none."""
    near_end = 0 < share < ONE_IN_100 or 1 - ONE_IN_100 < share < 1
    return f"{plain(100 * share, 1 if near_end else 0)} in 100"


def mean_text(outcome: OutcomeResult, mean: float | None) -> str:
    """An arm's mean: people in 100 for a yes-or-no outcome, else the measure's unit."""
    if mean is None:
        return NOT_ESTIMATED
    return in_100(mean) if outcome.kind in ("binary", "time-to-event") else number(mean, outcome.unit)


def margin_text(outcome: OutcomeResult) -> str:
    """The minimum important difference."""
    margin = outcome.minimum_important_difference
    if margin is None:
        return "none was set"
    scale = scale_of(outcome.estimate.effect, outcome.unit)
    return f"{number(margin * scale.factor)}{scale.unit}"


def standardised_text(size: EffectSize | None) -> str:
    """A standardised effect with its interval and its kind."""
    if size is None:
        return NOT_ESTIMATED
    kind = STANDARDISED.get(size.kind, size.kind)
    return f"{plain(size.value, 2)} ({span(size.conf_low, size.conf_high, 2)}) {kind}"


def people_span(low: float, high: float) -> str:
    """An interval of shares as people: "4 fewer to 7 more in every 100"."""
    decimals = 0 if 100 * (high - low) >= 2 else 1
    ends = [round(100 * x, decimals) + 0.0 for x in (low, high)]
    if ends[0] < 0 and ends[1] < 0:
        return f"{plain(-ends[1], decimals)} to {plain(-ends[0], decimals)} fewer in every 100"
    if ends[0] > 0 and ends[1] > 0:
        return f"{plain(ends[0], decimals)} to {plain(ends[1], decimals)} more in every 100"
    return f"{_people_end(ends[0], decimals)} to {_people_end(ends[1], decimals)} in every 100"


def _people_end(value: float, decimals: int) -> str:
    if value == 0:
        return "none"
    return f"{plain(abs(value), decimals)} {'fewer' if value < 0 else 'more'}"


def chance_text(chance: float | None) -> str:
    """A chance in words; never a false certainty."""
    if chance is None:
        return NOT_ESTIMATED
    if chance < SURE:
        return "less than 1 in 100"
    return "more than 99 in 100" if chance > 1 - SURE else f"{plain(100 * chance, 0)} in 100"


def p_text(p: float | None) -> str:
    """A p-value for analysts."""
    if p is None:
        return NOT_ESTIMATED
    return "below 0.001" if p < SMALLEST_P else f"{p:.3f}"
