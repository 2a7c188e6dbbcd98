"""The implied bias of people lost as it may leave: worked out again from the shares that are released (pure).

The bias is a function of how many each arm lost. At full precision it would give those numbers back, so what leaves is
the bias of the shares as they are released, and nothing where those are withheld.
"""

from __future__ import annotations

from dataclasses import replace

from cohorts.following.attrition import worst_bias
from evaluation.model import Check, OutcomeResult
from evaluation.people_lost import BIAS, Told, bias_words

LOST, MISSING = "attrition", "missing outcomes"


def without_bias(checks: tuple[Check, ...], said: str, *, few: bool) -> tuple[Check, ...]:
    """The checks with the bias withheld where few were lost, or few more in one arm than in the other."""
    lost = next((check for check in checks if check.name == LOST), None)
    if not few and (lost is None or lost.reading is not None):
        return checks
    return tuple(replace(c, reading=None, note=said) if c.name == BIAS and c.reading else c for c in checks)


def with_released_bias(checks: tuple[Check, ...], outcome: OutcomeResult) -> tuple[Check, ...]:
    """The checks with the bias of the shares that stand beside it: overall and apart, to two decimals or three."""
    readings = {check.name: check.reading for check in checks}
    overall, apart, spread = readings.get(MISSING), readings.get(LOST), outcome.estimate.outcome_sd
    if overall is None or apart is None or not spread:
        return checks
    shares = [min(max(overall + side * apart / 2, 0.0), 0.99) for side in (1, -1)]
    bias = float(f"{worst_bias(*shares) * spread:.2g}")
    told = Told(outcome.estimate.effect, outcome.unit, outcome.minimum_important_difference)
    return tuple(
        replace(c, reading=bias, note=bias_words(bias, told)) if c.name == BIAS and c.reading else c
        for c in checks
    )
