"""Standardised differences by hand, and the bands they are read against."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.balance import balance_band, balance_check, balance_rows, baseline_check
from evaluation.model import BalanceRow
from evaluation.observed.support import support_check

X = np.array([[1.0], [3.0], [5.0], [2.0], [4.0], [9.0]])
ARMS = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])  # means 3 and 5, variances 4 and 13


def row(after: float | None, name: str = "age") -> BalanceRow:
    return BalanceRow(name, 0.5, after, 1.0)


def test_the_denominator_is_the_spread_of_the_treated() -> None:
    (found,) = balance_rows(X, ("x",), ARMS)
    assert found.smd_before == pytest.approx(-2 / 2)
    assert found.smd_after is None
    assert found.variance_ratio == pytest.approx(4 / 13)


def test_or_the_root_of_the_mean_variance_of_both_arms() -> None:
    (found,) = balance_rows(X, ("x",), ARMS, scale="both")
    assert found.smd_before == pytest.approx(-2 / math.sqrt(17 / 2))


def test_the_denominator_stays_the_same_after_weighting() -> None:
    weights = np.array([1.0, 1.0, 1.0, 2.0, 1.0, 0.0])  # comparison mean 8 / 3
    (found,) = balance_rows(X, ("x",), ARMS, weights=weights)
    assert found.smd_before == pytest.approx(-1.0)
    assert found.smd_after == pytest.approx((3 - 8 / 3) / 2)


def test_equal_weights_leave_the_variances_as_they_were() -> None:
    (found,) = balance_rows(X, ("x",), ARMS, weights=np.full(6, 0.4))
    assert found.variance_ratio == pytest.approx(4 / 13)
    assert found.smd_after == pytest.approx(found.smd_before)


def test_a_covariate_that_never_varies_is_balanced_and_one_that_differs_throughout_is_unknown() -> None:
    same, apart = balance_rows(
        np.column_stack([np.ones(6), ARMS]), ("same", "apart"), ARMS, weights=np.ones(6)
    )
    assert (same.smd_before, same.smd_after) == (0.0, 0.0)
    assert (apart.smd_before, apart.smd_after) == (None, None)


@pytest.mark.parametrize(
    ("worst", "result", "consequence"),
    [
        (0.0, "pass", "none"), (0.05, "pass", "none"), (-0.05, "pass", "none"), (0.051, "warn", "none"),
        (-0.10, "warn", "none"), (0.101, "fail", "downgrade"), (-3.0, "fail", "downgrade"),
    ],
)  # fmt: skip
def test_the_worst_covariate_is_read_against_the_bands(worst: float, result: str, consequence: str) -> None:
    check = balance_check((row(0.01), row(worst, "worst")))
    assert (check.result, check.consequence) == (result, consequence)
    assert check.reading == pytest.approx(max(abs(worst), 0.01))
    if result != "pass":
        assert "'worst'" in check.note


def test_balance_that_cannot_be_judged_fails() -> None:
    for rows in ((), (row(None),), (row(0.0), row(None))):
        check = balance_check(rows)
        assert (check.result, check.consequence, check.reading) == ("fail", "downgrade", None)


@pytest.mark.parametrize(
    ("smd", "result", "consequence"),
    [
        (0.25, "warn", "none"),
        (-0.26, "fail", "block"),
        (0.26, "fail", "block"),
        (0.05, "pass", "none"),
        (None, "fail", "downgrade"),
    ],
)
def test_a_baseline_too_far_apart_blocks_the_verdict(
    smd: float | None, result: str, consequence: str
) -> None:
    check = baseline_check(smd, "score")
    assert (check.result, check.consequence) == (result, consequence)


@pytest.mark.parametrize(
    ("after", "band"), [(None, ""), (0.05, "green"), (-0.051, "amber"), (0.1, "amber"), (-0.101, "red")]
)
def test_each_covariate_has_a_band(after: float | None, band: str) -> None:
    assert balance_band(BalanceRow("x", 0.3, after, 1.0)) == band


@pytest.mark.parametrize(
    ("beyond", "result", "consequence"),
    [(5, "pass", "none"), (20, "warn", "none"), (40, "fail", "downgrade")],
)
def test_common_support_is_read_against_the_bands_of_matching(
    beyond: int, result: str, consequence: str
) -> None:
    treated = np.repeat([1.0, 0.0], 100)
    score = np.concatenate([np.full(100 - beyond, 0.5), np.full(beyond, 0.9), np.linspace(0.1, 0.8, 100)])
    found = support_check(score, treated)
    assert (found.result, found.consequence) == (result, consequence)
    assert found.reading == pytest.approx(1 - beyond / 100)
