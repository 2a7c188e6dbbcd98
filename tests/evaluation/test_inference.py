"""Intervals, p-values and standardised effects against hand calculation and scipy."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from evaluation.inference import cox_index, critical, estimate_from, hedges_g, pooled_sd, two_sided_p
from evaluation.regression.linear import Fit


def fit(value: float = 2.0, error: float = 0.5, df: float = 18) -> Fit:
    return Fit(value, error, df, None, (), 0.5)


def dressed(made: Fit, **changes: Any) -> Any:
    parts: dict[str, Any] = {
        "estimand": "ITT", "effect": "difference", "alpha": 0.05, "distribution": "t", "arms": (10, 10),
        "means": (3.0, 1.0), "spread": 1.0, "standardised": None,
    }  # fmt: skip
    return estimate_from(made, **(parts | changes))


def test_critical_values_are_those_of_the_tables() -> None:
    assert critical(0.95, None, "normal") == pytest.approx(1.959964, abs=1e-6)
    assert critical(0.90, 10, "normal") == pytest.approx(1.644854, abs=1e-6)
    assert critical(0.95, 10, "t") == pytest.approx(2.228139, abs=1e-6)
    assert critical(0.95, None, "t") == pytest.approx(1.959964, abs=1e-6)


def test_p_values_are_two_sided() -> None:
    assert two_sided_p(1.959964, 1.0, None, "normal") == pytest.approx(0.05, abs=1e-7)
    assert two_sided_p(-2.228139, 1.0, 10, "t") == pytest.approx(0.05, abs=1e-7)
    assert two_sided_p(0.0, 1.0, 10, "t") == 1.0


def test_an_estimate_carries_a_wide_and_a_narrow_interval() -> None:
    made = dressed(fit())
    t = stats.t(18)
    assert made.conf_low == pytest.approx(2 - t.ppf(0.975) * 0.5)
    assert made.conf_high == pytest.approx(2 + t.ppf(0.975) * 0.5)
    assert made.narrow_low == pytest.approx(2 - t.ppf(0.95) * 0.5)
    assert made.narrow_high == pytest.approx(2 + t.ppf(0.95) * 0.5)
    assert made.p_value == pytest.approx(2 * t.sf(4))
    assert made.conf_level == 0.95
    assert made.df == 18


def test_alpha_widens_both_intervals() -> None:
    made = dressed(fit(), alpha=0.01)
    t = stats.t(18)
    assert made.conf_low == pytest.approx(2 - t.ppf(0.995) * 0.5)
    assert made.narrow_low == pytest.approx(2 - t.ppf(0.99) * 0.5)
    assert made.conf_level == 0.99


def test_the_normal_interval_has_no_degrees_of_freedom() -> None:
    made = dressed(fit(), distribution="normal")
    assert made.df is None
    assert made.conf_high == pytest.approx(2 + 1.959964 * 0.5, abs=1e-6)


@pytest.mark.parametrize("error", [0.0, math.nan, math.inf, -1.0])
def test_without_a_sound_standard_error_there_is_no_inference(error: float) -> None:
    made = dressed(fit(error=error))
    parts = (made.std_error, made.conf_low, made.conf_high, made.narrow_low, made.narrow_high, made.p_value)
    assert parts == (None,) * 6
    assert made.value == 2.0


@pytest.mark.parametrize("error", [1e-17, 1e-15])
def test_a_standard_error_of_rounding_dust_is_no_standard_error(error: float) -> None:
    """An outcome that the arms decide completely leaves residuals of dust, and a p-value of nought."""
    made = dressed(fit(value=1.0, error=error), spread=0.0)
    assert made.std_error is None
    assert made.p_value is None


def test_the_pooled_sd_weighs_variances_by_their_freedom() -> None:
    # 3 x 4 + 5 x 9 = 57 over 8
    assert pooled_sd(4, 4.0, 6, 9.0) == pytest.approx(math.sqrt(57 / 8))


def test_hedges_g_by_hand() -> None:
    # d = 2 / 4 = 0.5; N = 20: omega = 1 - 3 / 71; var = omega^2 ((0.5 / 4)^2 + 0.25 / 36)
    omega = 1 - 3 / 71
    made = hedges_g(fit(), 4.0, 20, 0.05)
    assert made is not None
    half = stats.t(18).ppf(0.975) * omega * math.sqrt(0.015625 + 0.25 / 36)
    assert made.kind == "hedges-g"
    assert made.value == pytest.approx(0.5 * omega)
    assert (made.conf_low, made.conf_high) == pytest.approx((0.5 * omega - half, 0.5 * omega + half))


@pytest.mark.parametrize(("n", "factor"), [(20, 0.958), (30, 0.973), (60, 0.987)])
def test_the_small_sample_factor_agrees_with_the_field_standards(n: int, factor: float) -> None:
    made = hedges_g(fit(value=1.0), 1.0, n, 0.05)
    assert made is not None
    assert made.value == pytest.approx(factor, abs=0.0005)


def test_no_standardised_effect_without_spread_people_or_error() -> None:
    assert hedges_g(fit(), 0.0, 20, 0.05) is None
    assert hedges_g(fit(), 1.0, 3, 0.05) is None
    assert hedges_g(fit(error=math.nan), 1.0, 20, 0.05) is None


def test_the_cox_index_by_hand() -> None:
    # 30 of 50 against 20 of 50: odds ratio 2.25; omega = 1 - 3 / 391
    omega = 1 - 3 / 391
    made = cox_index((30, 20), (50, 50), 0.05)
    assert made is not None
    assert made.value == pytest.approx(omega * math.log(2.25) / 1.65)
    error = omega * math.sqrt(1 / 30 + 1 / 20 + 1 / 20 + 1 / 30) / 1.65
    assert made.conf_high - made.value == pytest.approx(1.959964 * error, abs=1e-6)


@pytest.mark.parametrize("events", [(0, 20), (30, 0), (50, 20), (30, 50)])
def test_no_cox_index_when_a_cell_is_empty(events: tuple[int, int]) -> None:
    assert cox_index(events, (50, 50), 0.05) is None
