"""What those chosen would have come to on their own: priors, forecasts, over-dispersion, by hand and against peers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.places.any_shape import any_shape_forecast
from evaluation.places.dispersion import UNKNOWN, dispersion
from evaluation.places.expected import (
    Change,
    Mask,
    Watched,
    counts_change,
    counts_change_from,
    scores_change,
    scores_change_from,
)
from evaluation.places.prior import (
    EVEN,
    gamma_forecast,
    gamma_poisson_likelihood,
    gamma_prior,
    known_normal,
    normal_forecast,
    normal_prior,
    threshold_fall,
)
from evaluation.regression.linear import Array, NotIdentified


def watched(
    before: Array, after: Array, chosen: Array | Mask, looked_at: list[bool] | None = None
) -> Watched:
    marks = np.array(looked_at if looked_at is not None else [False] * before.shape[1])
    return Watched(before, after, np.ones_like(before), np.ones_like(after), chosen.astype(bool), marks)


# --- the fall a threshold brings about


@pytest.mark.parametrize(("threshold", "fall", "in_sd"), [(17, 3.2, 0.54), (20, 4.0, 0.67)])
def test_the_fall_of_a_threshold_is_that_of_rule_59(threshold: float, fall: float, in_sd: float) -> None:
    found = threshold_fall(9, 6, 0.7, threshold)
    assert round(found, 1) == fall
    assert round(found / 6, 2) == in_sd


def test_the_fall_of_a_threshold_is_the_mean_of_a_cut_normal() -> None:
    draw = np.random.default_rng(1)
    first = 9 + 6 * draw.normal(size=2_000_000)
    assert threshold_fall(9, 6, 0.7, 17) == pytest.approx(0.3 * (first[first >= 17].mean() - 9), abs=0.01)
    assert threshold_fall(9, 6, 0.7, 1, above=False) == pytest.approx(
        threshold_fall(9, 6, 0.7, 17), rel=1e-12
    )


# --- counts


def test_a_forecast_of_counts_by_hand() -> None:
    # shape 4 and mean 2 is a prior of 2 units of exposure: 10 events in 3 more make (4 + 10) / (2 + 3)
    at = np.array([math.log(2.0), math.log(4.0)])
    mean, variance = gamma_forecast(at, np.array([10.0]), np.array([3.0]))
    assert mean[0] == pytest.approx(14 / 5)
    assert variance[0] == pytest.approx(14 / 25)


def test_the_prior_of_counts_is_the_negative_binomial_of_statsmodels() -> None:
    import statsmodels.api as sm

    draw = np.random.default_rng(2)
    size = draw.uniform(0.5, 3, 800)
    events = draw.poisson(draw.gamma(2.0, 3.0, 800) * size).astype(float)
    peer = sm.NegativeBinomial(events, np.ones((800, 1)), loglike_method="nb2", exposure=size).fit(disp=0)
    found = gamma_prior(events, size)
    assert found.parameters[0] == pytest.approx(peer.params[0], abs=1e-4)
    assert math.exp(-found.parameters[1]) == pytest.approx(peer.params[1], rel=1e-3)
    assert math.sqrt(found.covariance[0, 0]) == pytest.approx(peer.bse[0], rel=1e-2)


def test_places_that_are_all_alike_fall_back_all_the_way() -> None:
    before = np.array([[6.0], [6.0], [5.0], [4.0], [5.0], [4.0], [5.0], [5.0], [6.0], [4.0]])
    chosen = np.array([1, 1] + [0] * 8)
    found = counts_change(watched(before, np.full((10, 1), 5.0), chosen), UNKNOWN)
    assert found.chosen_at == 6
    assert found.expected == pytest.approx(5, abs=0.02)
    assert found.explained == pytest.approx(1, abs=0.02)


def test_counts_against_their_own_other_periods_by_hand() -> None:
    before, after = np.array([[8.0, 20.0], [6.0, 16.0]]), np.array([[7.0, 9.0], [5.0, 4.0]])
    seen = watched(before, after, np.array([1, 1]), [False, True])
    found = counts_change_from(seen, UNKNOWN, np.array([True, False]))
    # 14 events in one period each, 25 in two: 28 were to be expected; variance 25 / 25^2 + 4 x 14 / 28^2
    assert found.log_ratio == pytest.approx(math.log(25 / 28))
    assert found.log_error == pytest.approx(math.sqrt(1 / 25 + 4 * 14 / 28**2))
    assert found.chosen_at == 18
    assert (found.fall, found.predicted_fall) == pytest.approx((18 - 6.25, 18 - 7))
    assert found.explained == pytest.approx(11 / 11.75)


def test_nothing_before_is_no_forecast() -> None:
    with pytest.raises(NotIdentified):
        counts_change(watched(np.zeros((5, 2)), np.ones((5, 1)), np.ones(5)), UNKNOWN)
    with pytest.raises(NotIdentified):
        counts_change_from(
            watched(np.zeros((5, 2)), np.ones((5, 1)), np.ones(5)), UNKNOWN, np.array([True, True])
        )


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_forecasts_without_a_shape_average_to_what_was_seen(seed: int) -> None:
    draw = np.random.default_rng(seed)
    size = draw.uniform(1, 2, 40)
    events = (draw.poisson(draw.gamma(2, 2, 40) * size) + 1).astype(np.float64)
    found = any_shape_forecast(events, size)
    assert (found > 0).all()
    assert float((found * size).sum()) == pytest.approx(float(events.sum()), rel=0.1)
    order = np.argsort(draw.random(40))
    assert any_shape_forecast(events[order], size[order]) == pytest.approx(found[order], rel=1e-6)


# --- over-dispersion


def test_dispersion_of_a_table_by_hand() -> None:
    # margins 30, 50 and 40, 40: expected 15, 15, 25, 25; chi-square 25/15 + 25/15 + 25/25 + 25/25 on 1 degree
    found = dispersion(np.array([[10.0, 20.0], [30.0, 20.0]]))
    assert found.raw == pytest.approx(16 / 3)
    assert found.factor == found.raw
    assert found.df == 1


def test_what_all_share_in_a_period_is_no_dispersion() -> None:
    season, level = np.array([1.0, 2.0, 4.0]), np.array([[10.0], [20.0], [5.0]])
    found = dispersion(level * season)
    assert found.raw == pytest.approx(0, abs=1e-12)
    assert found.factor == 1


def test_one_period_says_nothing_of_dispersion() -> None:
    assert dispersion(np.array([[3.0], [5.0]])) == UNKNOWN
    assert not dispersion(np.array([[3.0, np.nan], [np.nan, 5.0]])).known


def test_one_place_keeps_its_own_mean_only() -> None:
    found = dispersion(np.array([[4.0, 6.0, 8.0]]))
    assert found.raw == pytest.approx((4 + 4) / 6 / 2)
    assert found.df == 2


def test_exposure_is_part_of_what_is_expected() -> None:
    size = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    assert dispersion(5 * size, size).raw == pytest.approx(0, abs=1e-12)


# --- scores


def test_a_forecast_of_scores_by_hand() -> None:
    at = known_normal(9, 6, 0.7).parameters
    # one reading keeps 0.7 of its distance from the mean, two readings 0.7 / (0.7 + 0.3 / 2)
    assert normal_forecast(at, np.array([19.0]), np.array([1.0]))[0] == pytest.approx(9 + 0.7 * 10)
    assert normal_forecast(at, np.array([19.0]), np.array([2.0]))[0] == pytest.approx(9 + 0.7 / 0.85 * 10)


def test_scores_against_published_figures_by_hand() -> None:
    before, after = np.array([[19.0], [21.0], [17.0]]), np.array([[14.0], [17.0], [13.0]])
    found = scores_change(watched(before, after, np.ones(3)), known=(9, 6, 0.7))
    left = after[:, 0] - (9 + 0.7 * (before[:, 0] - 9))
    assert found.expected == pytest.approx(9 + 0.7 * 10)
    assert found.difference == pytest.approx(left.mean())
    assert found.difference_error == pytest.approx(left.std(ddof=1) / math.sqrt(3))
    assert found.df == 2
    assert found.predicted_fall == pytest.approx(3)


def test_a_retest_from_elsewhere_and_one_from_the_file_agree_in_a_large_file() -> None:
    draw = np.random.default_rng(3)
    level = draw.normal(9, 6 * math.sqrt(0.7), 20_000)
    seen = level[:, None] + draw.normal(0, 6 * math.sqrt(0.3), (20_000, 3))
    chosen = seen[:, 0] >= 17
    twice = scores_change(watched(seen[:, :2], seen[:, 2:], chosen))
    once = scores_change(watched(seen[:, :1], seen[:, 2:], chosen), retest=0.7)
    assert once.predicted_fall == pytest.approx(threshold_fall(9, 6, 0.7, 17), abs=0.1)
    assert abs(once.difference) < 3 * once.difference_error
    assert abs(twice.difference) < 3 * twice.difference_error


def test_one_reading_and_no_retest_is_no_forecast() -> None:
    with pytest.raises(NotIdentified):
        scores_change(
            watched(np.array([[1.0], [2.0], [4.0], [7.0]]), np.ones((4, 1)), np.array([0, 0, 1, 1]))
        )


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 1000), st.floats(-1e4, 1e4))
def test_another_unit_of_scores_changes_the_unit_alone(scale: float, shift: float) -> None:
    draw = np.random.default_rng(4)
    before, after = draw.normal(0, 2, (60, 2)) + draw.normal(0, 3, (60, 1)), draw.normal(0, 3, (60, 1))
    chosen = before[:, 0] > 2
    one = scores_change(watched(before, after, chosen))
    other = scores_change(watched(before * scale + shift, after * scale + shift, chosen))
    assert other.difference == pytest.approx(scale * one.difference, rel=1e-4, abs=1e-6 * scale)
    assert other.difference_error == pytest.approx(scale * one.difference_error, rel=1e-4)


def test_scores_without_correction_are_a_paired_difference() -> None:
    before, after = np.array([[5.0, 9.0], [7.0, 9.0], [6.0, 12.0]]), np.array([[4.0], [6.0], [8.0]])
    found = scores_change_from(watched(before, after, np.ones(3), [False, True]), np.array([True, False]))
    assert found.difference == pytest.approx(0)
    assert found.difference_error == pytest.approx(np.std([-1, -1, 2], ddof=1) / math.sqrt(3))
    assert found.chosen_at == 10


def test_a_change_the_other_way_explains_nothing() -> None:
    moved = Change(8.0, 6.0, 7.0, 2.0, 0.5, None, None, 3.0)
    assert moved.explained is None


@pytest.mark.parametrize("seed", range(12))
def test_the_prior_of_counts_is_at_the_least_deviance_of_a_dense_grid_also_at_its_edge(seed: int) -> None:
    """On plains a search used to stop on the way to the edge, up to 0.02 of deviance above it."""
    chance = np.random.default_rng(seed)
    size = chance.uniform(0.5, 3, 40)
    shape, mean = (math.inf, 2.0, 50.0, 1e4)[seed % 4], float(chance.choice([0.3, 3, 30]))
    rates = np.full(40, mean) if math.isinf(shape) else chance.gamma(shape, mean / shape, 40)
    events = chance.poisson(rates * size).astype(float)
    found = gamma_prior(events, size).parameters
    around = found[0] + np.linspace(-0.05, 0.05, 41)
    spreads = np.append(np.linspace(-7, EVEN, 200), EVEN)
    grid = [
        -float(gamma_poisson_likelihood(events, size, np.array([mean, spread])).sum())
        for spread in spreads
        for mean in around
    ]
    assert -float(gamma_poisson_likelihood(events, size, found).sum()) <= min(grid) + 1e-6
    assert -7 <= found[1] <= EVEN


@pytest.mark.parametrize("between", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_prior_of_scores_is_at_the_least_deviance_of_a_dense_grid_also_at_its_edge(
    seed: int, between: float
) -> None:
    chance = np.random.default_rng(seed)
    scores = chance.normal(10, between, 60)[:, None] + chance.normal(0, 2, (60, 3))
    means, squares, free = scores.mean(axis=1), float(scores.var(axis=1).sum() * 3), 120

    def deviance(mu: float, tau: float, sigma: float) -> float:
        variance = math.exp(tau) + math.exp(sigma) / 3
        parts = np.log(variance) + (means - mu) ** 2 / variance
        return 0.5 * (float(parts.sum()) + free * sigma + squares / math.exp(sigma))

    mu, tau, sigma = normal_prior(means, np.full(60, 3.0), squares, free).parameters
    lowest = math.log(1e-6 * means.var(ddof=1))
    grid = [
        deviance(mu, spread, sigma + step)
        for spread in np.append(np.linspace(lowest, lowest + 16, 120), lowest)
        for step in np.linspace(-0.3, 0.3, 61)
    ]
    assert deviance(mu, tau, sigma) <= min(grid) + 1e-6


@pytest.mark.parametrize("seed", [3, 9, 11])
def test_on_a_plain_the_prior_does_not_hang_on_the_order_or_the_unit_of_the_places(seed: int) -> None:
    chance = np.random.default_rng(seed)
    size = chance.uniform(0.5, 3, 40)
    events = chance.poisson(3 * size).astype(float)
    first = gamma_prior(events, size).parameters
    turned = gamma_prior(events[::-1].copy(), size[::-1].copy()).parameters
    larger = gamma_prior(events, 1000 * size).parameters
    assert turned == pytest.approx(first, abs=1e-5)
    assert larger + np.array([math.log(1000), 0]) == pytest.approx(first, abs=1e-5)
