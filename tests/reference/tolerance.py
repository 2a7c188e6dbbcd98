"""When a result passes: the rule of the reference cases' README, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.model import Estimate

P_WITHIN, P_SMALL, P_SHARE = 0.001, 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Miss:
    """A number outside its tolerance."""

    name: str
    found: float | None
    expected: float
    allowed: float


def misses(found: Estimate, expected: dict[str, Any], *, only: tuple[str, ...] = ()) -> list[Miss]:
    """Every number of ``found`` that is farther from ``expected`` than its own tolerance allows.

    Value: within the largest of value_rel x |value|, value_abs and value_se x std_error. Standard error:
    within std_error_rel of itself. Interval ends: within ci_rel x the width of the reference interval.
    p-value: within 0.001, or 5 per cent of it when below 0.01. ``only`` names the numbers to compare.
    """
    pairs = {
        "value": (found.value, expected["value"], _value_within(expected)),
        "std_error": (found.std_error, expected.get("std_error"), _relative(expected, "std_error")),
        "ci_low": (found.conf_low, expected.get("ci_low"), _interval_within(expected)),
        "ci_high": (found.conf_high, expected.get("ci_high"), _interval_within(expected)),
        "p_value": (found.p_value, expected.get("p_value"), _p_within(expected)),
    }
    chosen = {
        name: pair for name, pair in pairs.items() if pair[1] is not None and (not only or name in only)
    }
    return [
        Miss(name, got, wanted, allowed)
        for name, (got, wanted, allowed) in chosen.items()
        if got is None or not abs(got - wanted) <= allowed
    ]


def _value_within(expected: dict[str, Any]) -> float:
    rule = expected["tolerance"]
    return float(
        max(
            rule.get("value_rel", 0.0) * abs(expected["value"]),
            rule.get("value_abs", 0.0),
            rule.get("value_se", 0.0) * (expected.get("std_error") or 0.0),
        )
    )


def _relative(expected: dict[str, Any], name: str) -> float:
    return float(expected["tolerance"].get(f"{name}_rel", 0.0) * abs(expected.get(name) or 0.0))


def _interval_within(expected: dict[str, Any]) -> float:
    width = (expected.get("ci_high") or 0.0) - (expected.get("ci_low") or 0.0)
    return float(expected["tolerance"].get("ci_rel", 0.0) * width)


def _p_within(expected: dict[str, Any]) -> float:
    p = float(expected.get("p_value") or 0.0)
    return P_SHARE * p if p < P_SMALL else P_WITHIN
