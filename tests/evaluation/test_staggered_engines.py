"""The engines of staggered adoption by hand, or against the same written out at length."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from evaluation.differences_in_time.adjusted import NoModel, People, design_of, from_people
from evaluation.differences_in_time.aggregates import aggregate
from evaluation.differences_in_time.group_time import from_moments
from evaluation.differences_in_time.moments import Contrasts, cluster_influence, cohort_moments
from evaluation.differences_in_time.random_timing import (
    NoContrast,
    comparison_of,
    efficient,
    events_of,
    joint_covariance,
    randomisation_p,
)
from evaluation.differences_in_time.resampling import multiplier_critical, redrawn_p, wild_score_p
from evaluation.differences_in_time.rollout import NEVER, Rollout, cells_of, cohorts_of
from evaluation.differences_in_time.staggered_checks import wald
from evaluation.differences_in_time.two_way import two_way

STARTS = np.array([2, 4, NEVER])


def paths(seed: int = 1, n: int = 36, periods: int = 6) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.normal(size=(n, periods)).cumsum(axis=1), np.arange(n) % 3


def test_cells_name_their_base_and_their_controls() -> None:
    cells = cells_of(Rollout(STARTS, 6, "not-yet"), np.ones(3))
    rows = {
        (int(g), int(t)): (int(b), tuple(np.flatnonzero(pool).tolist()))
        for g, t, b, pool in zip(cells.cohort, cells.period, cells.base, cells.controls, strict=True)
    }
    assert rows[0, 1] == (0, (1, 2))
    assert rows[0, 3] == (1, (1, 2))  # the cohort of period 4 has not started yet
    assert rows[0, 4] == (1, (2,))
    assert rows[1, 3] == (2, (2,))
    assert rows[1, 1] == (0, (0, 2))  # the earlier cohort serves until it starts
    ahead = cells_of(Rollout(STARTS, 6, "not-yet", "universal", 1), np.ones(3))
    assert set(ahead.cohort) == {0, 1}
    assert set(ahead.base[ahead.cohort == 1]) == {2}
    assert set(ahead.base[ahead.cohort == 0]) == {0}
    assert cells_of(Rollout(STARTS, 6, "not-yet", "universal", 2), np.ones(3)).cohort.tolist() == [1] * 5


def test_two_way_is_the_regression_with_dummies_and_its_clustered_error() -> None:
    y, cohort = paths()
    n, periods = y.shape
    treated = (np.arange(periods)[None, :] >= STARTS[cohort][:, None]).astype(float)
    design = np.column_stack(
        [treated.ravel(), np.repeat(np.eye(n), periods, axis=0), np.tile(np.eye(periods), (n, 1))[:, 1:]]
    )
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ design.T @ y.ravel()
    scores = (design * (y.ravel() - design @ beta)[:, None]).reshape(n, periods, -1).sum(axis=1)
    error = np.sqrt((bread @ scores.T @ scores @ bread)[0, 0] * n / (n - 1))
    moments = cohort_moments(y, cohort, 3)
    found = two_way(moments, STARTS)
    assert found is not None
    assert found.value == pytest.approx(beta[0], rel=1e-10)
    assert found.plain_error == pytest.approx(error, rel=1e-10)
    # Weights of the treated cells: residuals of the treatment on the dummies.
    rest = design[:, 1:]
    residual = (treated.ravel() - rest @ np.linalg.lstsq(rest, treated.ravel(), rcond=None)[0]).reshape(
        n, periods
    )
    weights = residual * treated / (residual * treated).sum()
    cells = np.array([[weights[cohort == h, t].sum() for t in range(periods)] for h in range(2)])
    inside = np.arange(periods)[None, :] >= STARTS[:2, None]
    assert found.negative_share == pytest.approx((cells[inside] < -1e-12).mean())
    assert found.negative_sum == pytest.approx(cells[cells < 0].sum(), abs=1e-12)


def test_comparisons_of_a_two_way_regression_by_hand() -> None:
    # Three units, three periods: one starts in the second, one in the third, one never.
    y = np.array([[0.0, 2.0, 4.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    found = two_way(cohort_moments(y, np.arange(3), 3), np.array([1, 2, NEVER]))
    assert found is not None
    pairs = {(pair.treated, pair.control): pair for pair in found.pairs}
    assert pairs[1, NEVER].value == pytest.approx(3.0)
    assert pairs[2, NEVER].value == pytest.approx(3.0)
    assert pairs[1, 2].value == pytest.approx(2.0)
    assert pairs[2, 1].value == pytest.approx(1.0)  # the early unit's growth is taken off
    assert pairs[1, NEVER].weight == pytest.approx(pairs[2, NEVER].weight) == pytest.approx(1 / 3)
    assert pairs[1, 2].weight == pytest.approx(pairs[2, 1].weight) == pytest.approx(1 / 6)
    assert found.forbidden == pytest.approx(1 / 6)
    assert found.value == pytest.approx((3 + 3) / 3 + (2 + 1) / 6)


def test_the_efficient_estimator_in_two_periods_adjusts_by_the_pooled_slope() -> None:
    y, _ = paths(2, 40, 2)
    cohort = np.repeat([0, 1], [15, 25])
    moments = cohort_moments(y, cohort, 2)
    found = efficient(
        moments, np.array([1, NEVER]), comparison_of(np.array([1, NEVER]), moments.n, 2, "simple")
    )
    early, late = y[:15], y[15:]
    ab = np.cov(early.T)[0, 1] / 15 + np.cov(late.T)[0, 1] / 25
    bb = early[:, 0].var(ddof=1) / 15 + late[:, 0].var(ddof=1) / 25
    aa = early[:, 1].var(ddof=1) / 15 + late[:, 1].var(ddof=1) / 25
    beta = ab / bb
    gap = early.mean(axis=0) - late.mean(axis=0)
    assert found.beta == pytest.approx(beta)
    assert found.value == pytest.approx(gap[1] - beta * gap[0])
    assert found.std_error == pytest.approx(np.sqrt(aa - beta * ab))
    assert found.plain == pytest.approx(gap[1] - gap[0])
    assert (found.before, found.before_error) == pytest.approx((gap[0], np.sqrt(bb)))
    slopes = [np.cov(part.T)[0, 1] / part[:, 0].var(ddof=1) * sign for part, sign in ((early, 1), (late, -1))]
    mean_variance = (early[:, 0].var(ddof=1) + late[:, 0].var(ddof=1)) / 2
    spare = (slopes[0] + slopes[1]) ** 2 * mean_variance / 40
    assert found.adjusted_error == pytest.approx(np.sqrt(aa - beta * ab - spare))


def test_averages_over_times_since_the_start_are_means_of_their_events() -> None:
    y, cohort = paths(3)
    moments = cohort_moments(y, cohort, 3)
    assert events_of(STARTS, 6) == (0, 1, 2, 3)
    events = [comparison_of(STARTS, moments.n, 6, "event", event) for event in range(4)]
    whole = comparison_of(STARTS, moments.n, 6, "dynamic")
    assert whole.after == pytest.approx(np.mean([one.after for one in events], axis=0))
    found = [efficient(moments, STARTS, one) for one in events]
    covariance = joint_covariance(moments, np.array([one.contrast for one in found]))
    assert np.sqrt(np.diag(covariance)) == pytest.approx([one.std_error for one in found])
    with pytest.raises(NoContrast):
        comparison_of(np.array([3]), np.array([5.0]), 6, "simple")
    with pytest.raises(NoContrast):
        comparison_of(np.array([3]), np.array([5.0]), 6, "dynamic")


def test_a_randomisation_test_comes_close_to_trying_every_allocation() -> None:
    draw = np.random.default_rng(4)
    y = draw.normal(size=(8, 3))
    y[:4, 1:] += 1.5
    starts, cohort = np.array([1, NEVER]), np.repeat([0, 1], 4)
    comparison = comparison_of(starts, np.array([4.0, 4.0]), 3, "simple")

    def size(codes: np.ndarray) -> float:
        found = efficient(cohort_moments(y, codes, 2), starts, comparison)
        return abs(found.value) / found.std_error

    every = {codes: size(np.array(codes)) for codes in set(permutations(cohort.tolist()))}
    exact = np.mean([one >= every[tuple(cohort.tolist())] - 1e-9 for one in every.values()])
    drawn = randomisation_p(y, cohort, comparison, 1, 4000)
    assert drawn == pytest.approx(exact, abs=0.025)
    assert redrawn_p(cohort, size, 1, 2000) == pytest.approx(exact, abs=0.035)


def test_signs_of_few_clusters_are_all_tried() -> None:
    scores = np.array([0.5, 0.2, -0.1, -0.6, 0.3, -0.3])
    value = 1.3
    gap = scores - scores.mean()

    def ratio(signs: tuple[float, ...]) -> float:
        drawn = np.array(signs) * gap
        return float(abs(drawn.sum()) / np.sqrt(((drawn - drawn.mean()) ** 2).sum() * 6 / 5))

    seen = value / np.sqrt((gap**2).sum() * 6 / 5)
    beyond = sum(ratio(signs) >= seen - 1e-12 for signs in product((-1.0, 1.0), repeat=6))
    assert wild_score_p(scores, value, 1, 999) == pytest.approx((1 + beyond) / 65)
    assert wild_score_p(np.tile(scores, 3), 0.0, 1, 99) == pytest.approx(1.0)


def test_multiplier_bands_of_alike_points_are_pointwise_and_of_many_wider() -> None:
    draw = np.random.default_rng(5)
    one = draw.normal(size=(400, 1))
    assert multiplier_critical(one, 0.95, 1, 500) == pytest.approx(1.959964, abs=1e-6)
    alike = multiplier_critical(np.hstack([one, one]), 0.95, 1, 20_000)
    apart = multiplier_critical(draw.normal(size=(400, 5)), 0.95, 1, 20_000)
    assert alike == pytest.approx(1.96, abs=0.06)
    assert apart == pytest.approx(2.57, abs=0.06)  # the 0.95 quantile of the largest of five: 2.569


def test_a_wald_test_ignores_what_says_the_same_twice() -> None:
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    values = np.array([3.0, 1.0])
    turn = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    found, again = wald(values, covariance), wald(turn @ values, turn @ covariance @ turn.T)
    assert found is not None
    assert again is not None
    assert again[0] == pytest.approx(found[0], rel=1e-9)
    assert again[1] == 2
    assert found[0] == pytest.approx(np.exp(-(values @ np.linalg.solve(covariance, values)) / 2))
    assert wald(values, np.zeros((2, 2))) is None


def test_nothing_after_the_start_has_no_average() -> None:
    y, cohort = paths()
    effects = from_moments(
        cohort_moments(y[:, :3], cohort, 3), Rollout(np.array([NEVER - 2, NEVER - 1, NEVER]), 3)
    )
    assert aggregate(effects, "group") is None


def test_controls_too_few_for_the_covariates_are_said() -> None:
    y, cohort = paths(6, 12)
    few = np.where(np.arange(12) < 10, cohort % 2, 2)
    x = design_of(np.random.default_rng(7).normal(size=(12, 3)))
    with pytest.raises(NoModel):
        from_people(People(y, few, x, None, None), Rollout(STARTS, 6), "regression")


def test_moments_without_clusters_have_no_influences_of_clusters() -> None:
    y, cohort = paths()
    with pytest.raises(ValueError, match="no clusters"):
        cluster_influence(
            cohort_moments(y, cohort, 3), Contrasts(np.zeros(1), np.zeros((1, 3)), np.zeros((1, 3, 6)))
        )


def test_cohorts_are_numbered_by_their_start() -> None:
    starts, cohort = cohorts_of(np.array([4, NEVER, 2, 4]))
    assert (starts.tolist(), cohort.tolist()) == ([2, 4, NEVER], [1, 2, 0, 1])
