"""The engines of differences in differences: checked by hand, by another way, or by what must not matter."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq, linprog
from scipy.special import ndtr, ndtri, stdtrit
from scipy.stats import chi

from evaluation.differences_in_time.absorbed import residual, two_way
from evaluation.differences_in_time.adjusted_changes import doubly_robust, regressed
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.cross_sections import People, people_effect, people_path
from evaluation.differences_in_time.fixed_effects import two_way_regression
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.placements import placement_test, strayed_p
from evaluation.differences_in_time.pre_trends import lean_of_means, pre_trend
from evaluation.differences_in_time.relative_bounds import relative_bounds, relative_breakdown
from evaluation.differences_in_time.smooth_bounds import folded, smooth_bounds, smooth_breakdown
from evaluation.differences_in_time.two_groups import (
    Panel,
    average_effect,
    panel_of,
    panel_path,
)
from evaluation.differences_in_time.two_way_counts import checked, count_path, count_regression
from evaluation.observed.propensity import Separation
from evaluation.regression.linear import NotIdentified

Array = npt.NDArray[np.float64]


def panel(
    n: int = 24, treated: int = 9, periods: int = 7, start: int = 4, seed: int = 1, *, gaps: float = 0.0
) -> Panel:
    draw = np.random.default_rng(seed)
    y = draw.normal(size=(n, 1)) * 2 + draw.normal(size=(n, periods)).cumsum(axis=1)
    y[draw.random(y.shape) < gaps] = np.nan
    return panel_of(y, marked(n, treated), start)


def marked(n: int, treated: int) -> Array:
    """The first so many are treated."""
    return np.asarray(np.arange(n) < treated, dtype=np.float64)


def dummies(n: int, periods: int) -> Array:
    unit, period = np.divmod(np.arange(n * periods), periods)
    return np.column_stack(
        [*(unit == i for i in range(n)), *(period == t for t in range(1, periods))]
    ).astype(float)


# --- two-way effects


@pytest.mark.parametrize("weighted", [False, True])
def test_effects_are_taken_out_as_a_regression_on_all_dummies_would(weighted: bool) -> None:
    one = panel(gaps=0.15)
    weights = one.weights * (np.random.default_rng(2).uniform(0.5, 2, one.y.shape) if weighted else 1.0)
    live = weights.ravel() > 0
    root = np.sqrt(weights.ravel()[live])
    every = dummies(*one.y.shape)[live] * root[:, None]
    y = one.y.ravel()[live] * root
    wanted = y - every @ np.linalg.lstsq(every, y, rcond=None)[0]
    found = residual(two_way(weights), one.y).ravel()[live] * root
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_a_policy_that_effects_explain_is_not_identified() -> None:
    one = panel()
    everywhere = np.tile((np.arange(7) >= 4) * 1.0, (24, 1))
    with pytest.raises(NotIdentified):
        two_way_regression(one.y, (everywhere,), one.weights, one.clusters)
    with pytest.raises(NotIdentified):
        two_way_regression(one.y, (one.programme,), one.weights, np.zeros(24, dtype=np.int64))


def test_the_path_of_a_balanced_panel_is_a_table_of_means() -> None:
    y = np.array([[1.0, 2, 9], [3, 2, 7], [0, 1, 2], [2, 1, 4], [1, 1, 3]])
    path = panel_path(panel_of(y, np.array([1.0, 1, 0, 0, 0]), 2))
    assert path.times == (-2, 0)
    assert path.values == pytest.approx([(2 - 2) - (1 - 1), (8 - 2) - (3 - 1)])
    # Changes of the treated to the last period: 7 and 5; of the others 2, 3 and 3... each variance over its number.
    changes = (np.array([7.0, 5.0]), np.array([1.0, 3.0, 2.0]))
    assert path.covariance[1, 1] == pytest.approx(sum(c.var(ddof=1) / len(c) for c in changes))


def even_effect(panel: Panel) -> tuple[float, float]:
    """Two-way estimate of an even panel and its error clustered by unit (CR2), in one pass over the cells.

    Mean change of the treated less that of the others; the variance of each mean from the changes themselves.
    """
    contrast = np.where(
        np.arange(panel.periods) >= panel.start, 1 / (panel.periods - panel.start), -1 / panel.start
    )
    moved = panel.y @ contrast
    own, other = moved[panel.treated == 1], moved[panel.treated == 0]
    variance = float(own.var(ddof=1)) / len(own) + float(other.var(ddof=1)) / len(other)
    return float(own.mean() - other.mean()), math.sqrt(variance)


def test_the_average_is_the_two_way_estimate_and_its_error_cr2() -> None:
    one = panel()
    fit = two_way_regression(one.y, (one.programme,), one.weights, one.clusters, small=True)
    value, error = average_effect(panel_path(one))
    assert (value, error) == pytest.approx((float(fit.values[0]), fit.std_error), rel=1e-10)
    assert even_effect(one) == pytest.approx((value, error), rel=1e-10)
    assert panel_path(one).df == pytest.approx(fit.df, rel=1e-8)


def test_clusters_above_units_give_cr2_in_closed_form_too() -> None:
    draw = np.random.default_rng(3)
    y = draw.normal(size=(40, 6)).cumsum(axis=1)
    for labels in (np.arange(40) // 4, np.arange(40) % 8):  # within a group, and across both
        one = panel_of(y, marked(40, 16), 3, labels)
        fit = two_way_regression(one.y, (one.programme,), one.weights, one.clusters, small=True)
        assert average_effect(panel_path(one)) == pytest.approx(
            (float(fit.values[0]), fit.std_error), rel=1e-9
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.2))
def test_constants_of_units_and_periods_and_the_order_of_units_change_nothing(seed: int, gaps: float) -> None:
    one = panel(seed=seed, gaps=gaps)
    draw = np.random.default_rng(seed)
    seen = np.where(one.weights > 0, one.y, np.nan)
    order = draw.permutation(len(seen))
    moved = seen + 100 * draw.normal(size=(len(seen), 1)) + 50 * draw.normal(size=(1, seen.shape[1]))
    other = panel_of(moved[order], one.treated[order], one.start)
    for a, b in ((panel_path(one), panel_path(other)),):
        np.testing.assert_allclose(a.values, b.values, atol=1e-8)
        np.testing.assert_allclose(a.covariance, b.covariance, atol=1e-8)
    fits = [two_way_regression(p.y, (p.programme,), p.weights, p.clusters) for p in (one, other)]
    assert fits[0].std_error == pytest.approx(fits[1].std_error, rel=1e-6)


def test_a_group_not_seen_before_has_no_path() -> None:
    one = panel()
    seen = one.y.copy()
    seen[:9, :4] = np.nan
    with pytest.raises(NotIdentified):
        panel_path(panel_of(seen, one.treated, one.start))


def test_a_gap_next_to_the_start_moves_the_base() -> None:
    one = panel()
    seen = one.y.copy()
    seen[:9, 3] = np.nan
    path = panel_path(panel_of(seen, one.treated, one.start))
    assert path.base == -2
    assert -2 not in path.times
    assert not path.consecutive


# --- counts


def counts(seed: int = 3) -> tuple[Panel, Array]:
    draw = np.random.default_rng(seed)
    exposure = draw.uniform(1, 5, size=(40, 6))
    treated = marked(40, 15)
    programme = np.outer(treated, np.arange(6) >= 3)
    level = draw.normal(size=(40, 1)) + 1 + 0.1 * np.arange(6) - 0.4 * programme
    return panel_of(draw.poisson(exposure * np.exp(level)).astype(float), treated, 3), exposure


def test_counts_equal_a_poisson_regression_on_all_dummies() -> None:
    import statsmodels.api as sm

    one, exposure = counts()
    found = count_regression(one, (one.programme,), exposure, factor="clusters")
    live = one.y.sum(axis=1) > 0
    design = np.column_stack([one.programme.ravel(), dummies(*one.y.shape)])
    keep = np.repeat(live, 6)
    used = design[keep][:, design[keep].any(axis=0)]
    fit = sm.GLM(
        one.y.ravel()[keep], used, family=sm.families.Poisson(), offset=np.log(exposure).ravel()[keep]
    ).fit(cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(40), 6)[keep], "use_correction": False})
    groups = live.sum()
    assert found.regression.values[0] == pytest.approx(fit.params[0], abs=1e-8)
    assert found.regression.std_error == pytest.approx(
        fit.bse[0] * math.sqrt(groups / (groups - 1)), rel=1e-6
    )
    assert found.without_events == 40 - groups


def test_counts_without_events_on_a_side_have_no_ratio() -> None:
    one, _ = counts()
    y = one.y.copy()
    y[:15, 3:] = 0
    silent = panel_of(y, one.treated, one.start)
    with pytest.raises(Separation):
        checked(silent)
    y = one.y.copy()
    y[:15, 4] = 0
    with pytest.raises(Separation):
        count_path(panel_of(y, one.treated, one.start))


def test_a_ratio_does_not_change_with_the_unit_of_exposure() -> None:
    one, exposure = counts()
    found = [
        count_regression(one, (one.programme,), e, small=True).regression for e in (exposure, 1e5 * exposure)
    ]
    assert found[0].values[0] == pytest.approx(found[1].values[0], abs=1e-9)
    assert found[0].std_error == pytest.approx(found[1].std_error, rel=1e-7)


# --- repeated cross-sections


def test_people_of_four_cells_by_hand() -> None:
    y = np.array([1.0, 3, 5, 9, 2, 2, 4, 4, 6])
    period = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1])
    treated = np.array([1.0, 1, 1, 1, 0, 0, 0, 0, 0])
    people = People(y, period, treated, 1, np.empty((9, 0)))
    found = people_effect(people, "HC2")
    assert found.value == pytest.approx((7 - 2) - (14 / 3 - 2))
    cells = ([1, 3], [5, 9], [2, 2], [4, 4, 6])
    assert found.std_error == pytest.approx(math.sqrt(sum(np.var(c, ddof=1) / len(c) for c in cells)))
    assert people_path(people).values == pytest.approx([found.value])


def test_counts_of_people_are_a_poisson_regression() -> None:
    draw = np.random.default_rng(5)
    period, treated = draw.integers(0, 4, 400), draw.integers(0, 2, 400).astype(np.float64)
    exposure = draw.uniform(0.5, 2, 400)
    y = draw.poisson(exposure * np.exp(0.3 + 0.2 * treated - 0.5 * treated * (period >= 2))).astype(float)
    found = people_effect(People(y, period, treated, 2, np.empty((400, 0)), exposure=exposure))
    totals = {
        (g, a): (y[m].sum() / exposure[m].sum())
        for g in (0, 1)
        for a in (0, 1)
        for m in [(treated == g) & ((period >= 2) == a)]
    }
    by_hand = math.log(totals[1, 1] / totals[1, 0]) - math.log(totals[0, 1] / totals[0, 0])
    assert found.value == pytest.approx(by_hand, abs=0.05)  # period effects move it a little
    assert 0.1 < found.std_error < 0.3


# --- covariates


def test_both_adjustments_take_out_a_trend_that_hangs_on_a_covariate() -> None:
    draw = np.random.default_rng(6)
    x = draw.normal(size=3000)
    treated = np.asarray(draw.random(3000) < 1 / (1 + np.exp(-x)), dtype=np.float64)
    moved = (2 * x + 1 * treated + draw.normal(size=3000))[:, None]
    units = np.arange(3000)
    for estimator in (regressed, doubly_robust):
        found = estimator(moved, treated, x[:, None], units)
        assert float(found.values[0]) == pytest.approx(1.0, abs=4 * math.sqrt(found.covariance[0, 0]))
        assert math.sqrt(found.covariance[0, 0]) < 0.1
    assert abs(moved[treated == 1].mean() - moved[treated == 0].mean() - 1) > 0.5


def test_covariates_that_tell_the_groups_apart_are_noticed() -> None:
    treated = marked(40, 20)
    moved = np.random.default_rng(1).normal(size=(40, 1))
    with pytest.raises(Separation):
        doubly_robust(moved, treated, np.arange(40.0)[:, None], np.arange(40))
    with pytest.raises(NotIdentified):
        regressed(moved, treated, treated[:, None], np.arange(40))


# --- bands and tests before the start


def test_the_band_of_independent_values_is_the_product_rule() -> None:
    wanted = float(ndtri(1 - (1 - 0.95 ** (1 / 5)) / 2))
    assert simultaneous(np.zeros(5), np.diag([1.0, 4, 9, 1, 1]), draws=200_000) == pytest.approx(
        wanted, abs=0.01
    )


def test_the_band_of_values_that_say_the_same_is_that_of_one() -> None:
    assert simultaneous(np.zeros(4), np.ones((4, 4)), draws=100_000) == pytest.approx(1.96, abs=0.015)
    assert simultaneous(np.zeros(1), np.eye(1)) == pytest.approx(1.959964, abs=1e-6)
    assert simultaneous(np.zeros(3), np.eye(3), seed=4) == simultaneous(np.zeros(3), np.eye(3), seed=4)


def test_the_band_of_few_degrees_of_freedom_is_that_of_multivariate_t() -> None:
    one = simultaneous(np.zeros(3), np.ones((3, 3)), draws=200_000, df=8)
    assert one == pytest.approx(float(stdtrit(8, 0.975)), abs=0.02)

    def held(bound: float) -> float:  # five independent values over one error of 10 degrees of freedom
        inside = quad(
            lambda s: (2 * ndtr(bound * s) - 1) ** 5 * chi.pdf(s * np.sqrt(10), 10) * np.sqrt(10), 0, 6
        )
        return float(inside[0]) - 0.95

    wanted = brentq(held, 2, 5)
    assert simultaneous(np.zeros(5), np.eye(5), draws=200_000, df=10) == pytest.approx(wanted, abs=0.02)
    assert simultaneous(np.zeros(1), np.eye(1), df=10) == pytest.approx(float(stdtrit(10, 0.975)))


def test_power_of_one_period_before_is_that_of_a_plain_test() -> None:
    path = EffectPath((-2, 0), np.array([0.1, 1.0]), np.diag([0.04, 0.04]))
    found = pre_trend(path, lean=1.5)
    assert found is not None
    assert found.p_value == pytest.approx(0.617075, abs=1e-6)  # of z = 0.5
    assert found.slope50 == pytest.approx(1.9599 * 0.2, abs=1e-3)
    assert found.slope80 == pytest.approx(2.8016 * 0.2, abs=1e-3)
    assert found.slope50 is not None
    assert found.bias50 == pytest.approx(1.5 * found.slope50)
    assert lean_of_means(path) == pytest.approx(0 - (-2 - 1) / 2)


def test_too_few_clusters_for_a_joint_test_say_so() -> None:
    path = EffectPath((-4, -3, -2, 0), np.zeros(4), np.eye(4), df=3.0)
    assert pre_trend(path, lean=1.0) is None
    assert pre_trend(EffectPath((0, 1), np.zeros(2), np.eye(2)), lean=1.0) is None


# --- bounds


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 4), st.floats(0.1, 2))
def test_identified_sets_are_those_of_the_linear_programmes(
    seed: int, before: int, after: int, limit: float
) -> None:
    draw = np.random.default_rng(seed)
    times = (*range(-before - 1, -1), *range(after))
    values = draw.normal(size=len(times))
    weights = draw.dirichlet(np.ones(after))
    path = EffectPath(times, values, np.zeros((len(times),) * 2))
    whole = np.insert(np.eye(len(times)), before, 0.0, axis=0)
    steps, known = np.diff(whole, axis=0), np.hstack([np.eye(before), np.zeros((before, after))])
    largest = np.abs(steps[:before] @ values).max()
    found = relative_bounds(path, limit, weights=weights)
    rows = np.vstack([steps[before:], -steps[before:]])
    ends = _programme(rows, np.full(2 * after, limit * largest), known, values, before, weights)
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-7)
    bends = np.diff(whole, n=2, axis=0)
    seen = np.abs(np.diff(np.append(values[:before], 0.0), n=2)).max(initial=0.0)
    (smooth,) = smooth_bounds(path, (seen + limit,), weights=weights)
    rows = np.vstack([bends, -bends])
    ends = _programme(rows, np.full(len(rows), seen + limit), known, values, before, weights)
    assert (smooth.low, smooth.high) == pytest.approx(ends, abs=1e-7)


def _programme(
    rows: Array, limits: Array, known: Array, values: Array, before: int, weights: Array
) -> tuple[float, float]:
    """Least and largest effect: what was seen after, less the gap in trends, which the programme moves as it may."""
    goal = np.concatenate([np.zeros(before), weights])
    seen = float(weights @ values[before:])
    parts = [
        linprog(
            sign * goal, A_ub=rows, b_ub=limits, A_eq=known, b_eq=values[:before], bounds=(None, None)
        ).fun
        for sign in (-1.0, 1.0)
    ]
    return seen + float(parts[0]), seen - float(parts[1])


def test_an_identified_set_is_empty_where_the_past_bends_more() -> None:
    path = EffectPath((-3, -2, 0), np.array([0.0, 1.0, 3.0]), np.eye(3) * 0.01)
    assert smooth_bounds(path, (0.5,))[0].low is None
    assert smooth_bounds(path, (2.5,))[0].low is not None


def test_breakdown_values_are_where_the_sets_touch_nought() -> None:
    path = EffectPath((-3, -2, 0, 1), np.array([0.2, -0.1, 3.0, 3.5]), np.eye(4) * 0.01 + 0.005)
    least = relative_breakdown(path)
    assert least > 1
    near, far = (relative_bounds(path, least * share) for share in (0.98, 1.02))
    assert near.conf_low is not None
    assert far.conf_low is not None
    assert near.conf_low > 0 > far.conf_low
    bend = smooth_breakdown(path)
    inside, outside = smooth_bounds(path, (bend * 0.98, bend * 1.02))
    assert inside.conf_low is not None
    assert outside.conf_low is not None
    assert inside.conf_low > 0 > outside.conf_low
    assert relative_breakdown(EffectPath((-2, 0), np.array([0.1, 0.1]), np.eye(2))) == 0.0


def test_a_folded_normal_far_out_has_one_tail() -> None:
    assert folded(0.0, 0.05) == pytest.approx(1.959964, abs=1e-6)
    assert folded(29.9, 0.05) == pytest.approx(29.9 + 1.644854, abs=1e-5)
    assert folded(31.0, 0.05) == pytest.approx(31.0 + 1.644854, abs=1e-5)


# --- ranks


def test_one_treated_unit_is_ranked_among_all() -> None:
    moved = np.array([5.0, 1, 2, 3, -4, 0, 0.5, 1.5, 2.5, -1])
    treated = marked(10, 1)
    found = placement_test(moved, treated, alpha=0.2)
    far = np.abs(moved - moved.mean())
    assert found.value == pytest.approx(5 - moved[1:].mean())
    assert found.p_value == (far >= far[0]).mean() == 0.2
    assert (found.choices, found.exact, found.smallest) == (10, True, 0.1)
    low, high = found.wide
    assert low is not None
    assert high is not None
    for end, outside in ((low, -0.01), (high, 0.01)):
        for shift, kept in ((end - outside, True), (end + outside, False)):
            tried = moved - shift * treated
            gaps = np.abs(tried - tried.mean())
            assert bool((gaps >= gaps[0] - 1e-12).mean() > 0.2) is kept


def test_with_too_few_units_no_interval_is_given() -> None:
    found = placement_test(np.array([5.0, 1, 2, 3]), np.array([1.0, 0, 0, 0]))
    assert found.smallest == 0.25
    assert found.wide == (None, None)


def test_straying_before_the_start_is_ranked_too() -> None:
    before = np.zeros((20, 4))
    before[0] = [3.0, 2, 1, 0]
    before[1:] += np.random.default_rng(0).normal(size=(19, 4)) * 0.1
    assert strayed_p(before, marked(20, 1)) == pytest.approx(1 / 20)
    assert strayed_p(before[:, :1], marked(20, 1)) is None
