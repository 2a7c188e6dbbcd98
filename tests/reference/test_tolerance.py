"""The rule by which results pass: as the README of the reference cases says it."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.model import Estimate
from tests.reference.tolerance import misses

EXPECTED: dict[str, Any] = {
    "value": 100.0, "std_error": 10.0, "ci_low": 80.0, "ci_high": 120.0, "p_value": 0.02,
    "tolerance": {"value_rel": 1e-3, "value_abs": 0.05, "value_se": 0.02, "std_error_rel": 0.01, "ci_rel": 0.01},
}  # fmt: skip


def estimate(
    value: float = 100, se: float | None = 10, low: float = 80, high: float = 120, p: float = 0.02
) -> Estimate:
    return Estimate("ITT", "difference", value, se, low, high, 0.95, p, None, 1, 1, None, None, None)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (estimate(), []),
        (estimate(value=100.19), []),  # 0.02 x 10 is the largest allowance
        (estimate(value=100.21), ["value"]),
        (estimate(se=10.09), []),
        (estimate(se=10.11), ["std_error"]),
        (estimate(se=None), ["std_error"]),
        (estimate(low=80.39, high=119.61), []),
        (estimate(low=80.41), ["ci_low"]),
        (estimate(high=119.59), ["ci_high"]),
        (estimate(p=0.0209), []),
        (estimate(p=0.0211), ["p_value"]),
        (estimate(p=float("nan")), ["p_value"]),
    ],
)
def test_each_number_has_its_own_allowance(found: Estimate, names: list[str]) -> None:
    assert [miss.name for miss in misses(found, EXPECTED)] == names


def test_a_small_p_value_is_compared_relatively() -> None:
    small = EXPECTED | {"p_value": 0.001}
    assert misses(estimate(p=0.00104), small) == []
    assert [miss.name for miss in misses(estimate(p=0.00106), small)] == ["p_value"]


def test_only_the_numbers_named_and_given_are_compared() -> None:
    assert misses(estimate(low=0), EXPECTED, only=("value", "std_error")) == []
    bare = {"value": 100.0, "tolerance": {"value_abs": 0.1}}
    assert misses(estimate(se=None, low=0), bare) == []
