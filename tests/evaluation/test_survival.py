"""Kaplan-Meier, log-rank, restricted means and cumulative incidence, by hand and against R."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.times.competing import fine_gray, incidence
from evaluation.times.cox import CannotFit, fit_cox
from evaluation.times.survival import Times, kaplan_meier, log_rank, restricted_influence, restricted_mean
from tests.evaluation.test_cox import rossi

FOUR = Times(np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0, 1.0]))


def test_a_curve_worked_out_by_hand() -> None:
    curve = kaplan_meier(FOUR)
    assert curve.times.tolist() == [1, 2, 3]
    assert curve.at_risk.tolist() == [4, 3, 1]
    assert curve.survival == pytest.approx([3 / 4, 1 / 2, 0])
    assert curve.std_error == pytest.approx([np.sqrt(3 / 64), np.sqrt(1 / 4 * (1 / 12 + 1 / 6)), 0.0])
    assert restricted_mean(curve, 3)[0] == pytest.approx(1 + 3 / 4 + 1 / 2)
    assert curve.at(0.5) == (1.0, 0.0)


def test_people_who_come_late_are_not_at_risk_before() -> None:
    late = Times(np.array([2.0, 3.0, 4.0]), np.ones(3), np.array([0.0, 2.0, 0.0]))
    assert kaplan_meier(late).at_risk.tolist() == [2, 2, 1]


def test_curves_log_rank_and_restricted_means_agree_with_r() -> None:
    """Engine notes E4 and E5, and the reference case: R survival, survRM2."""
    times, x = rossi()
    expected = {
        0: (0.694444444444, 0.0313427407586, 0.635652505285, 0.758674090655, 44.833333333333, 0.917672),
        1: (0.777777777778, 0.0282875042899, 0.724265218498, 0.835244129021, 46.875, 0.793325),
    }
    for arm, (share, error, low, high, mean, spread) in expected.items():
        curve = kaplan_meier(times.of(x[:, 0] == arm))
        assert curve.at(52) == pytest.approx((share, error), rel=1e-10)
        ends = curve.interval()
        assert (ends[0][-1], ends[1][-1]) == pytest.approx((low, high), rel=1e-8)
        found = restricted_mean(curve, 52)
        assert found[0] == pytest.approx(mean, rel=1e-12)
        assert found[1] == pytest.approx(spread, abs=5.1e-7)
    chi2, p = log_rank(times, x[:, 0])
    assert (chi2, p) == pytest.approx((3.83756957655, 0.050116117409), rel=1e-9)


def test_the_log_rank_test_lies_near_the_likelihood_ratio_of_a_cox_model() -> None:
    draw = np.random.default_rng(1)
    times = Times(draw.exponential(size=80), np.where(draw.uniform(size=80) < 0.7, 1.0, 0.0))
    group = draw.integers(0, 2, 80).astype(float)
    fit = fit_cox(times, group[:, None])
    assert log_rank(times, group)[0] == pytest.approx(
        2 * (fit.log_likelihood - fit.null_log_likelihood), rel=0.1, abs=0.02
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), horizon=st.floats(1.0, 12.0))
def test_the_error_from_influences_is_greenwoods(seed: int, horizon: float) -> None:
    draw = np.random.default_rng(seed)
    stop = np.ceil(np.minimum(draw.exponential(8, 60), draw.uniform(3, 15, 60)))
    times = Times(stop, np.where(draw.uniform(size=60) < 0.7, 1.0, 0.0))
    mean, error = restricted_mean(kaplan_meier(times), horizon)
    other, influence = restricted_influence(times, horizon, np.ones(60))
    assert other == pytest.approx(mean)
    assert influence.sum() == pytest.approx(0, abs=1e-9)
    assert np.sqrt(influence @ influence) == pytest.approx(error, rel=1e-6, abs=1e-9)


def test_without_events_the_curve_stays_at_one() -> None:
    curve = kaplan_meier(Times(np.array([1.0, 2.0]), np.zeros(2)))
    assert curve.at(2) == (1.0, 0.0)
    assert restricted_mean(curve, 2) == (2.0, 0.0)
    assert log_rank(Times(np.array([1.0, 2.0]), np.zeros(2)), np.array([0.0, 1.0])) == (0.0, 1.0)


# --- several ways out


def test_without_a_competing_event_the_incidence_is_one_minus_the_curve() -> None:
    times, _ = rossi()
    curve, found = kaplan_meier(times), incidence(times, np.zeros(len(times.stop)))
    assert found.share == pytest.approx(1 - curve.survival)
    assert found.std_error == pytest.approx(curve.std_error, rel=1e-9)


def test_the_incidences_and_those_left_add_up_to_everybody() -> None:
    draw = np.random.default_rng(5)
    stop = np.ceil(draw.exponential(8, 200))
    cause = draw.integers(0, 3, 200)
    one = incidence(Times(stop, (cause == 1) * 1.0), (cause == 2) * 1.0)
    two = incidence(Times(stop, (cause == 2) * 1.0), (cause == 1) * 1.0)
    rest = kaplan_meier(Times(stop, np.where(cause > 0, 1.0, 0.0)))
    for time in (2.0, 5.0, 9.0, 20.0):
        assert one.at(time)[0] + two.at(time)[0] + rest.at(time)[0] == pytest.approx(1)


def test_without_competing_events_fine_and_gray_is_cox() -> None:
    times, x = rossi()
    fit = fine_gray(times.stop, times.event, x)
    cox = fit_cox(times, x, ties="breslow")
    assert fit.coefficients == pytest.approx(cox.coefficients, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(cox.log_likelihood, rel=1e-10)
    assert fit.covariance == pytest.approx(cox.covariance, rel=1e-7)


def test_without_lost_sight_those_with_a_competing_event_stay_at_risk_for_ever() -> None:
    draw = np.random.default_rng(2)
    stop, cause = draw.exponential(size=150), draw.integers(1, 3, 150)
    x = draw.normal(size=(150, 2))
    fit = fine_gray(stop, cause, x)
    kept = fit_cox(Times(np.where(cause == 2, 1e6, stop), (cause == 1) * 1.0), x, ties="breslow")
    assert fit.coefficients == pytest.approx(kept.coefficients, rel=1e-8)


def test_fine_and_gray_without_events_is_refused() -> None:
    with pytest.raises(CannotFit):
        fine_gray(np.array([1.0, 2.0, 3.0]), np.array([0, 2, 0]), np.array([[1.0], [0.0], [1.0]]))
