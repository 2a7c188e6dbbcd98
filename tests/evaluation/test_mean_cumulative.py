"""Mean numbers of events, Gray's test and log-normal times, held against hands, derivatives and other formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from evaluation.times.competing import incidence
from evaluation.times.cox import CannotFit
from evaluation.times.gray import gray_test
from evaluation.times.lognormal import fit_lognormal
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.survival import Times, kaplan_meier, log_rank


def a(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


def test_a_mean_number_by_hand() -> None:
    """Three people: events at 2 and 5; at 2; none, lost at 3. Rates 2/3 at 2 and 1/2 at 5 (two left)."""
    rows = Times(a(2, 5, 6, 2, 6, 3), a(1, 1, 0, 1, 0, 0), a(0, 2, 5, 0, 2, 0))
    found = mean_function(rows)
    assert found.times.tolist() == [2, 5]
    assert found.at_risk.tolist() == [3, 2]
    assert found.at(1.9) == 0
    assert found.at(2) == pytest.approx(2 / 3)
    assert found.at(6) == pytest.approx(2 / 3 + 1 / 2)
    moved = np.bincount([0, 0, 0, 1, 1, 2], weights=found.influence(6))
    # (own jumps less expected ones) over those at risk: 1/3 less 2/9, and 1/2 less 1/4; and so on
    assert moved == pytest.approx([1 / 3 - 2 / 9 + 1 / 2 - 1 / 4, 1 / 3 - 2 / 9 - 1 / 4, -2 / 9])


def test_time_between_a_persons_rows_does_not_count() -> None:
    """The same three people; the first was away from 3 to 4.5 and the second until after the event at 5."""
    rows = Times(a(2, 3, 5, 6, 2, 6, 3), a(1, 0, 1, 0, 1, 0, 0), a(0, 2, 4.5, 5, 0, 5.5, 0))
    assert mean_function(rows).at(6) == pytest.approx(2 / 3 + 1)


def test_the_dead_count_with_no_more_events() -> None:
    """Two people: one has an event at 1 and dies at 2, one has events at 1 and 3. Ghosh and Lin: 1, then 1/2 more."""
    rows = Times(a(1, 2, 1, 3, 4), a(1, 0, 1, 1, 0), a(0, 1, 0, 1, 3))
    ended = a(0, 1, 0, 0, 0)
    assert mean_function(rows, ended).at(4) == pytest.approx(1 + 0.5 * 1)
    assert mean_function(rows).at(4) == pytest.approx(2)


def flag(where: Any) -> Any:
    return where.astype(np.float64)


def people_of(seed: int, n: int = 40) -> tuple[Times, Any, Any, Any]:
    """Rows of people with repeated events, half of whom die, with weights: rows, ends, weights, whose."""
    draw = np.random.default_rng(seed)
    rows: list[tuple[float, float, float, float, int]] = []
    for person in range(n):
        begin, end, dies = 0.0, draw.uniform(4, 12), float(draw.uniform() < 0.5)
        rate = draw.gamma(1.0) + 0.05
        while True:
            stop = begin + draw.exponential(2 / rate)
            if stop >= end:
                rows.append((begin, end, 0.0, dies, person))
                break
            rows.append((begin, stop, 1.0, 0.0, person))
            begin = stop
    start, stop_, event, ended, who = (np.array(part) for part in zip(*rows, strict=True))
    weights = draw.uniform(0.5, 2, n)[who.astype(int)]
    return Times(stop_, event, start), ended, weights, who.astype(np.int64)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_influence_is_the_derivative_in_a_persons_weight(terminal: bool) -> None:
    rows, ended, weights, who = people_of(3)
    ends = ended if terminal else None
    found = mean_function(rows, ends, weights)
    moved = np.bincount(who, weights=found.influence(8.0))
    for person in range(0, 40, 7):
        more = weights + 1e-6 * (who == person)
        slope = (mean_function(rows, ends, more).at(8.0) - found.at(8.0)) / 1e-6
        assert moved[person] == pytest.approx(slope, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_with_the_event_as_the_end_it_is_the_share_of_aalen_and_johansen(seed: int, n: int) -> None:
    draw = np.random.default_rng(seed)
    cause, stop = draw.integers(0, 3, n), draw.integers(1, 9, n).astype(np.float64)
    times, other = Times(stop, flag(cause == 1)), flag(cause == 2)
    share, mean = incidence(times, other), mean_function(times, np.maximum(times.event, other))
    for moment in range(10):
        assert mean.at(moment) == pytest.approx(share.at(moment)[0], abs=1e-12)
        # Variances, not errors: the root of rounding dust (1e-16) looks like an error of 1e-8.
        variance = (mean.influence(moment) ** 2).sum()
        assert variance == pytest.approx(share.at(moment)[1] ** 2, rel=1e-9, abs=1e-15)


def test_without_competing_events_it_is_kaplan_and_meiers_with_greenwoods_error() -> None:
    draw = np.random.default_rng(5)
    times = Times(draw.integers(1, 30, 200).astype(np.float64), draw.integers(0, 2, 200).astype(np.float64))
    survival, error = kaplan_meier(times).at(20)
    found = mean_function(times, times.event)
    assert 1 - found.at(20) == pytest.approx(survival)
    assert math.sqrt((found.influence(20) ** 2).sum()) == pytest.approx(error)


# --- Gray's test


def test_without_competing_events_grays_test_is_near_the_log_rank_test() -> None:
    draw = np.random.default_rng(2)
    group = draw.integers(0, 2, 400).astype(np.float64)
    event, gone = draw.exponential(1 / (0.1 * np.exp(-0.4 * group))), draw.uniform(5, 15, 400)
    times = Times(np.minimum(event, gone), flag(event <= gone))
    gray, rank = gray_test(times, np.zeros(400), group), log_rank(times, group)
    assert gray[0] == pytest.approx(rank[0], rel=0.02)
    assert gray[1] == pytest.approx(rank[1], rel=0.05)


def test_gray_sees_shares_where_the_cause_specific_rates_are_alike() -> None:
    """Both arms have the same rate of the event; in one half as many are taken away by the other way out."""
    draw = np.random.default_rng(4)
    n = 4000
    group = np.repeat([0.0, 1.0], n // 2)
    event, other = draw.exponential(20, n), draw.exponential(np.where(group == 1, 40, 5), n)
    times = Times(np.minimum(np.minimum(event, other), 30), flag((event < other) & (event < 30)))
    rival = flag((other < event) & (other < 30))
    assert gray_test(times, rival, group)[1] < 1e-6
    assert log_rank(times, group)[1] > 0.05


def test_swapping_the_groups_changes_nothing_and_hopeless_data_give_no_difference() -> None:
    draw = np.random.default_rng(6)
    cause, stop = draw.integers(0, 3, 90), draw.integers(1, 20, 90).astype(np.float64)
    group = draw.integers(0, 2, 90).astype(np.float64)
    times, other = Times(stop, flag(cause == 1)), flag(cause == 2)
    assert gray_test(times, other, group) == pytest.approx(gray_test(times, other, 1 - group))
    assert gray_test(Times(stop, np.zeros(90)), other, group) == (0.0, 1.0)
    assert gray_test(times, other, np.ones(90)) == (0.0, 1.0)
    with pytest.raises(ValueError, match=r"^$"):
        gray_test(Times(stop, times.event, np.zeros(90)), other, group)


# --- log-normal times


def test_without_anybody_cut_off_it_is_least_squares_on_logs() -> None:
    draw = np.random.default_rng(1)
    x = np.column_stack([np.ones(80), draw.normal(size=80)])
    log = x @ [1.0, 0.5] + 0.7 * draw.normal(size=80)
    fit = fit_lognormal(Times(np.exp(log), np.ones(80)), x)
    beta = np.linalg.lstsq(x, log, rcond=None)[0]
    assert fit.coefficients == pytest.approx(beta)
    assert fit.scale == pytest.approx(float((log - x @ beta).std()))
    assert np.diag(fit.covariance) == pytest.approx(fit.scale**2 * np.diag(np.linalg.inv(x.T @ x)))


def test_the_likelihood_is_that_of_books_and_highest_at_the_fit() -> None:
    draw = np.random.default_rng(8)
    x = np.column_stack([np.ones(120), draw.normal(size=120), draw.integers(0, 2, 120)])
    event, gone = np.exp(x @ [2.0, 0.3, -0.4] + draw.normal(size=120)), draw.uniform(2, 20, 120)
    times = Times(np.minimum(event, gone), flag(event <= gone))
    fit = fit_lognormal(times, x)

    def likelihood(beta: Any, scale: float) -> float:
        z = (np.log(times.stop) - x @ beta) / scale
        seen = norm.logpdf(z) - math.log(scale) - np.log(times.stop)
        return float(np.where(times.event == 1, seen, norm.logsf(z)).sum())

    best = likelihood(fit.coefficients, fit.scale)
    assert fit.log_likelihood == pytest.approx(best)
    for j in range(3):
        for by in (-1e-3, 1e-3):
            assert likelihood(fit.coefficients + by * np.eye(3)[j], fit.scale) < best
    assert likelihood(fit.coefficients, fit.scale * 1.001) < best


@pytest.mark.parametrize(
    "times",
    [
        Times(np.arange(1.0, 11), np.zeros(10)),
        Times(np.arange(10.0), np.ones(10)),
        Times(np.arange(1.0, 11), np.ones(10), np.zeros(10)),
    ],
    ids=["nobody had it", "a time of nought", "late entry"],
)
def test_times_that_cannot_be_fitted_say_so(times: Times) -> None:
    with pytest.raises(CannotFit):
        fit_lognormal(times, np.ones((10, 1)))


def test_columns_that_repeat_one_another_cannot_be_fitted() -> None:
    with pytest.raises(CannotFit):
        fit_lognormal(Times(np.arange(1.0, 11), np.ones(10)), np.ones((10, 2)))
