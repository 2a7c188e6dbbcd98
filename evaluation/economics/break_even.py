"""The smallest effect that pays for itself, and whether it is the plan's difference that matters (pure).

Break-even difference = cost of a place / value of a unit of the outcome (times the years for which the effect counts).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from evaluation.economics.model import Figure
from evaluation.economics.pounds import plainly
from evaluation.economics.units import on_scale
from evaluation.economics.worth import Money
from evaluation.model import RATIOS, Better, Effect

APART = 0.05
SAYS_SO = re.compile(r"break.?even", re.IGNORECASE)
SUM_SAID = re.compile(
    r"£\s?([\d,]+(?:\.\d+)?)\s+(?:per|a|for each)\s+(?:place|person|participant|pupil)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a place must bring to pay for itself: in ``units``, with the range of costs and values.

    ``on_scale``: as the plan writes its difference that matters. ``agrees``: whether that is the plan's; ``None``
    where it cannot be told.
    ``warnings``: where the plan says it took the break-even, and did not.
    """

    units: Figure
    on_scale: float | None
    note: str
    planned: float | None
    agrees: bool | None
    reading: str
    warnings: tuple[str, ...]


def units_to_break_even(money: Money) -> Figure | None:
    """Units of the outcome a place must bring; ``None`` where a unit has no value."""
    if money.worth is None:
        return None
    factor = money.years * money.scale
    if min(money.worth.low, money.worth.mode) * factor <= 0:
        return None
    cost, worth = money.cost, money.worth
    return Figure(
        cost.mode / (worth.mode * factor), cost.low / (worth.high * factor), cost.high / (worth.low * factor)
    )


def break_even(
    money: Money, effect: Effect, better: Better, base: float | None, mid: float | None, mid_source: str
) -> BreakEven | None:
    """The break-even difference held against the plan's difference that matters and where that comes from."""
    units = units_to_break_even(money)
    if units is None or units.value is None:
        return None
    level, note = on_scale(units.value, effect, better, base)
    warnings = _other_sum(money, mid_source)
    if level is None or mid is None:
        return BreakEven(units, level, note, mid, None, _unknown(note, mid), tuple(warnings))
    agrees = alike(level, mid, effect)
    if SAYS_SO.search(mid_source) and not agrees:
        warnings.append(
            f"mid_source says break-even, and the plan's difference that matters is {mid:.3g}: worked out from "
            f"[economics] the break-even is {level:.3g}"
        )
    reading = _reading(level, mid, effect, agrees=agrees)
    return BreakEven(units, level, note, mid, agrees, reading, tuple(warnings))


def _other_sum(money: Money, mid_source: str) -> list[str]:
    """A cost of a place in ``mid_source`` that is none of the plan's."""
    said = SUM_SAID.search(mid_source) if SAYS_SO.search(mid_source) else None
    if said is None:
        return []
    amount = float(said.group(1).replace(",", ""))
    if any(abs(amount - cost) <= APART * max(amount, cost) for cost in money.said_costs):
        return []
    return [f"mid_source names {said.group(0)}, and [economics] has {plainly(money.said_costs[0])}"]


def alike(level: float, mid: float, effect: Effect) -> bool:
    """Say whether two differences that matter are the same, within 5 %; ratios by how far they are from 1."""
    one, other = distance(level, effect), distance(mid, effect)
    return abs(one - other) <= APART * max(one, other)


def distance(value: float, effect: Effect) -> float:
    """How far from no difference."""
    if effect not in RATIOS:
        return abs(value)
    return math.inf if value <= 0 else abs(math.log(value))


def _unknown(note: str, mid: float | None) -> str:
    if note:
        return note
    return (
        "the plan sets no difference that matters" if mid is None else "it cannot be held against the plan's"
    )


def _reading(level: float, mid: float, effect: Effect, *, agrees: bool) -> str:
    if agrees:
        return "an effect that just matters would just pay for itself"
    if distance(level, effect) > distance(mid, effect):
        return "an effect that just matters would not pay for itself"
    return "an effect that just matters would more than pay for itself"
