"""The E-value: published examples, and what is said of an estimate."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evaluation.model import Estimate
from evaluation.observed.e_value import e_value, e_value_check

BASE = Estimate(
    estimand="ATT", effect="risk-difference", value=0.1, std_error=0.02, conf_low=0.06, conf_high=0.14,
    conf_level=0.95, p_value=0.0, df=None, n_treated=500, n_comparison=500, n_clusters=None, treated_mean=0.3,
    comparison_mean=0.2,
)  # fmt: skip


def test_the_published_example_of_smoking_at_birth() -> None:
    """VanderWeele and Ding (2017): RR 3.9, interval from 1.8, give 7.26 and 3.0."""
    assert e_value(3.9) == pytest.approx(7.263034, abs=1e-6)
    assert e_value(1.8) == pytest.approx(3.0)


def test_a_protective_ratio_counts_as_its_inverse_and_no_effect_needs_nothing() -> None:
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1.0) == 1.0


def test_a_risk_difference_is_read_at_the_comparison_s_risk() -> None:
    found = e_value_check(BASE)
    assert found is not None
    assert (found.result, found.consequence) == ("info", "none")
    assert found.reading == pytest.approx(e_value(0.26 / 0.2))
    assert f"{e_value(1.5):.2f}" in found.note


def test_a_fall_takes_the_end_of_its_interval_nearer_to_nothing() -> None:
    found = e_value_check(replace(BASE, value=-0.1, conf_low=-0.14, conf_high=-0.06))
    assert found is not None
    assert found.reading == pytest.approx(e_value(0.14 / 0.2))


def test_an_interval_that_holds_no_effect_needs_no_confounder() -> None:
    found = e_value_check(replace(BASE, conf_low=-0.01))
    assert found is not None
    assert found.reading == 1.0
    assert "reaches to both sides already" in found.note


def test_a_difference_of_means_goes_by_its_standard_deviation() -> None:
    found = e_value_check(
        replace(BASE, effect="difference", value=2.0, conf_low=1.0, conf_high=3.0, outcome_sd=4.0)
    )
    assert found is not None
    assert found.reading == pytest.approx(e_value(math.exp(0.91 * 0.25)))


@pytest.mark.parametrize(
    "gap",
    [
        replace(BASE, effect="difference"),
        replace(BASE, value=None),
        replace(BASE, conf_low=None),
        replace(BASE, comparison_mean=None),
        replace(BASE, comparison_mean=0.0),
    ],
    ids=["no spread", "no estimate", "no interval", "no comparison", "a comparison without events"],
)
def test_where_there_is_nothing_to_read_nothing_is_said(gap: Estimate) -> None:
    assert e_value_check(gap) is None
