"""Differences in differences where the truth is known: coverage, size, false alarms, and what bounds are worth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from benchmarks.calibration.parts import alike
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.placements import placement_test, strayed_p
from evaluation.differences_in_time.pre_trends import pre_trend
from evaluation.differences_in_time.relative_bounds import naive_interval, relative_bounds
from evaluation.differences_in_time.smooth_bounds import smooth_bounds
from evaluation.differences_in_time.two_groups import average_effect, changes, freedom, panel_of, panel_path
from evaluation.differences_in_time.two_way_counts import count_regression
from evaluation.inference import critical

Array = npt.NDArray[np.float64]
PERIODS, START = 10, 6


def drawn(draw: np.random.Generator, n: int, rho: float = 0.7) -> Array:
    """Units with levels of their own, shared shocks of periods and errors that follow one another."""
    noise = alike(draw, n, PERIODS, rho)
    return draw.normal(size=(n, 1)) * 2 + draw.normal(size=PERIODS) + noise


def group(n: int, treated: int) -> Array:
    """The first so many units are treated."""
    return np.asarray(np.arange(n) < treated, dtype=np.float64)


def within(share: float, wanted: float, repeats: int, *, wide: float = 3.0) -> bool:
    """As near to its nominal value as chance lets it be."""
    return abs(share - wanted) <= wide * math.sqrt(wanted * (1 - wanted) / repeats)


def coverage(n: int, treated: int, repeats: int, seed: int, *, clusters: int = 0) -> float:
    """Effects that grow with time; 95 % intervals of their average."""
    draw, hit = np.random.default_rng(seed), 0
    grows = np.linspace(0.5, 2.0, PERIODS - START)
    for _ in range(repeats):
        y = drawn(draw, n)
        labels = np.arange(n) % clusters if clusters else np.arange(n)
        if clusters:
            y += drawn(draw, clusters)[labels]
        arm: Array = np.asarray(labels < (clusters // 2 if clusters else treated), dtype=np.float64)
        y[:, START:] += arm[:, None] * grows
        one = panel_of(y, arm, START, labels)
        value, error = average_effect(panel_path(one))
        hit += abs(value - grows.mean()) <= critical(0.95, freedom(one), "t") * error
    return hit / repeats


def test_intervals_cover_with_errors_that_follow_one_another() -> None:
    assert within(coverage(60, 25, 800, 1), 0.95, 800)


def test_intervals_cover_with_five_treated_units_and_with_ten_clusters() -> None:
    assert within(coverage(25, 5, 800, 2), 0.95, 800)
    assert within(coverage(100, 50, 500, 3, clusters=10), 0.95, 500)


def test_the_rank_of_one_treated_unit_is_a_test_of_its_size_and_covers() -> None:
    draw, repeats = np.random.default_rng(4), 500
    rejected = strayed = covered = 0
    for _ in range(repeats):
        y = drawn(draw, 40)
        arm = group(40, 1)
        one = panel_of(y, arm, START)
        found = placement_test(changes(one), arm, alpha=0.05)
        rejected += found.p_value <= 0.05
        low, high = found.wide
        assert low is not None
        assert high is not None
        covered += low <= 0 <= high
        p = strayed_p(y[:, :START], arm)
        strayed += p is not None and p <= 0.05
    assert within(rejected / repeats, 0.05, repeats)
    assert within(strayed / repeats, 0.05, repeats)
    assert within(covered / repeats, 0.95, repeats)


def test_the_test_before_the_start_raises_false_alarms_no_more_often_than_it_says() -> None:
    """Hotelling's form with 12 units, and that it finds the line it says it finds, as often as it says."""
    draw, repeats, alarms, found_lines = np.random.default_rng(5), 600, 0, 0
    arm = group(24, 12)
    for _ in range(repeats):
        y = drawn(draw, 24, rho=0.3)
        found = pre_trend(panel_path(panel_of(y, arm, START)), lean=1.0)
        assert found is not None
        alarms += found.p_value < 0.05
    assert within(alarms / repeats, 0.05, repeats)
    half = _true_slope(arm)
    for _ in range(repeats):
        y = drawn(draw, 24, rho=0.3) + half * arm[:, None] * np.arange(PERIODS)
        found = pre_trend(panel_path(panel_of(y, arm, START)), lean=1.0)
        assert found is not None
        found_lines += found.p_value < 0.05
    assert within(found_lines / repeats, 0.5, repeats, wide=3.5)


def _true_slope(arm: Array) -> float:
    """The line found half of the time, with the covariance the errors truly have (rho = 0.3)."""
    lags = np.abs(np.subtract.outer(np.arange(PERIODS), np.arange(PERIODS)))
    onto = np.delete(np.eye(PERIODS), START - 1, axis=0) - np.eye(PERIODS)[START - 1]
    covariance = onto @ (0.3**lags) @ onto.T * (1 / arm.sum() + 1 / (1 - arm).sum())
    times = tuple(t - START for t in range(PERIODS) if t != START - 1)
    found = pre_trend(EffectPath(times, np.zeros(PERIODS - 1), covariance, df=22.0), lean=1.0)
    assert found is not None
    assert found.slope50 is not None
    return found.slope50


def test_the_band_holds_the_whole_path_and_pointwise_intervals_do_not() -> None:
    draw, repeats, whole, alone = np.random.default_rng(6), 400, 0, 0
    arm = group(200, 80)
    for _ in range(repeats):
        path = panel_path(panel_of(drawn(draw, 200), arm, START))
        farthest = float(np.abs(path.values / path.errors).max())
        whole += farthest <= simultaneous(path.values, path.covariance, 0.95, seed=1, draws=2_000)
        alone += farthest <= 1.96
    assert within(whole / repeats, 0.95, repeats)
    assert alone / repeats < 0.85


def test_counts_cover_with_over_dispersion_that_lasts() -> None:
    draw, repeats, hit = np.random.default_rng(7), 300, 0
    arm = group(40, 16)
    for _ in range(repeats):
        level = draw.normal(size=(40, 1)) * 0.5 + 2 + 0.3 * drawn(draw, 40) / 2
        one = panel_of(np.zeros((40, PERIODS)), arm, START)
        y = draw.poisson(np.exp(level - 0.3 * one.programme)).astype(float)
        one = panel_of(y, arm, START)
        fit = count_regression(one, (one.programme,), small=True).regression
        hit += abs(float(fit.values[0]) + 0.3) <= critical(0.95, fit.df, "t") * fit.std_error
    assert within(hit / repeats, 0.95, repeats, wide=3.5)


def test_bounds_cover_when_trends_part_as_much_as_allowed_and_the_naive_ones_do_not() -> None:
    """After the start the gap takes the largest step before in every period: the worst case of mbar = 1."""
    draw, repeats = np.random.default_rng(8), 300
    times = (-4, -3, -2, 0, 1)
    lags = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    onto = np.delete(np.eye(6), 3, axis=0) - np.eye(6)[3]
    covariance = onto @ (0.5**lags) @ onto.T * 0.05
    truth = np.array([0.0, 0.0, -0.2, 0.2, 0.4])  # steps before: 0, -0.2, 0.2; after: 0.2, 0.2; no effect
    root = np.linalg.cholesky(covariance)
    honest = naive = bent = 0
    for _ in range(repeats):
        path = EffectPath(times, truth + root @ draw.normal(size=5), covariance)
        found = relative_bounds(path, 1.0)
        assert found.conf_low is not None
        assert found.conf_high is not None
        honest += found.conf_low <= 0 <= found.conf_high
        low, high = naive_interval(found, path.average()[1])
        naive += low <= 0 <= high
        (smooth,) = smooth_bounds(path, (0.4,))
        assert smooth.conf_low is not None
        assert smooth.conf_high is not None
        bent += smooth.conf_low <= 0 <= smooth.conf_high
    assert honest / repeats >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
    assert bent / repeats >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
    assert naive < honest
