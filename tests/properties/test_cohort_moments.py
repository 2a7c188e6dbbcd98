"""Cohort moments: however the data are cut, ordered or shifted, the same effects and errors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.differences_in_time.adjusted import Control, People, design_of, from_people
from evaluation.differences_in_time.aggregates import KINDS, aggregate
from evaluation.differences_in_time.group_time import GroupTime, from_moments
from evaluation.differences_in_time.moments import (
    Array,
    Codes,
    CohortMoments,
    Contrasts,
    cohort_moments,
    covariance_of,
    merge,
    unbiased,
    variance_of,
)
from evaluation.differences_in_time.pairwise import from_pairs
from evaluation.differences_in_time.rollout import NEVER, Rollout, cohorts_of
from evaluation.differences_in_time.two_way import two_way

seeds = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)
STARTS = np.array([2, 3, 5, NEVER])


def sample(seed: int, n: int = 60, periods: int = 7) -> tuple[Array, Codes, Array, Codes]:
    """Paths, cohorts, weights and clusters of made-up units; every cohort has some."""
    draw = np.random.default_rng(seed)
    cohort = np.concatenate([np.arange(4).repeat(4), draw.integers(0, 4, n - 16)])
    paths = draw.normal(size=(n, 1)) * 3 + draw.normal(size=(n, periods)).cumsum(axis=1)
    return paths, cohort, draw.uniform(0.3, 3.0, n), draw.integers(0, 11, n)


def everything(effects: GroupTime) -> list[float]:
    found = list(effects.effects) + list(effects.errors())
    for kind in KINDS:
        whole = aggregate(effects, kind)
        assert whole is not None
        found += [whole.value, whole.std_error, *whole.values, *whole.errors]
    return found


def effects_of(moments: CohortMoments) -> list[float]:
    found = []
    for comparison in ("never", "not-yet"):
        for base in ("varying", "universal"):
            for anticipation in (0, 1):
                rollout = Rollout(STARTS, moments.periods, comparison, base, anticipation)
                found += everything(from_moments(moments, rollout))
    return found


def weighted_cases(seed: int) -> list[tuple[Array | None, Codes | None]]:
    _, _, weights, clusters = sample(seed)
    return [(None, None), (weights, None), (None, clusters), (weights, clusters)]


@few
@given(seed=seeds, cuts=st.lists(st.integers(1, 59), max_size=4))
def test_moments_of_parts_merge_into_those_of_the_whole(seed: int, cuts: list[int]) -> None:
    paths, cohort, _, _ = sample(seed)
    edges = [0, *sorted(set(cuts)), len(paths)]
    for weights, clusters in weighted_cases(seed):
        whole = cohort_moments(paths, cohort, 4, weights, clusters)
        parts = tuple(
            cohort_moments(
                paths[a:b],
                cohort[a:b],
                4,
                None if weights is None else weights[a:b],
                None if clusters is None else clusters[a:b],
            )
            for a, b in pairwise(edges)
        )
        assert effects_of(merge(parts)) == pytest.approx(effects_of(whole), rel=1e-9, abs=1e-11)


@few
@given(seed=seeds)
def test_the_order_of_units_changes_nothing(seed: int) -> None:
    paths, cohort, _, _ = sample(seed)
    order = np.random.default_rng(seed + 1).permutation(len(paths))
    for weights, clusters in weighted_cases(seed):
        one = cohort_moments(paths, cohort, 4, weights, clusters)
        other = cohort_moments(
            paths[order],
            cohort[order],
            4,
            None if weights is None else weights[order],
            None if clusters is None else clusters[order],
        )
        assert effects_of(other) == pytest.approx(effects_of(one), rel=1e-10, abs=1e-12)


@few
@given(seed=seeds)
def test_constants_of_units_and_of_periods_change_nothing(seed: int) -> None:
    paths, cohort, _, _ = sample(seed)
    draw = np.random.default_rng(seed + 2)
    moved = paths + draw.normal(size=(len(paths), 1)) * 5 + draw.normal(size=(1, paths.shape[1])) * 5
    for weights, clusters in weighted_cases(seed):
        one = cohort_moments(paths, cohort, 4, weights, clusters)
        other = cohort_moments(moved, cohort, 4, weights, clusters)
        assert effects_of(other) == pytest.approx(effects_of(one), rel=1e-8, abs=1e-10)
        found, again = two_way(one, STARTS), two_way(other, STARTS)
        assert found is not None
        assert again is not None
        assert again.value == pytest.approx(found.value, rel=1e-8, abs=1e-10)


@few
@given(seed=seeds)
def test_errors_without_bias_are_those_of_two_means(seed: int) -> None:
    paths, cohort, _, _ = sample(seed)
    rollout = Rollout(STARTS, paths.shape[1])
    found = from_moments(unbiased(cohort_moments(paths, cohort, 4)), rollout)
    for j in range(found.cells.count):
        change = paths[:, found.cells.period[j]] - paths[:, found.cells.base[j]]
        own, controls = change[cohort == found.cells.cohort[j]], change[cohort == 3]
        neyman = np.sqrt(own.var(ddof=1) / len(own) + controls.var(ddof=1) / len(controls))
        assert found.errors()[j] == pytest.approx(neyman, rel=1e-9)
    pairs = from_pairs(paths, cohort, rollout, widened=True)
    constant = People(paths, cohort, np.ones((len(paths), 1)), None, None)
    adjusted, _ = from_people(constant, rollout, "regression", widened=True)
    assert pairs.errors() == pytest.approx(found.errors(), rel=1e-9)
    assert adjusted.errors() == pytest.approx(found.errors(), rel=1e-9)


@few
@given(seed=seeds)
def test_every_unit_twice_divides_errors_by_the_root_of_two(seed: int) -> None:
    paths, cohort, weights, _ = sample(seed)
    for w in (None, weights):
        rollout = Rollout(STARTS, paths.shape[1], "not-yet")
        one = from_moments(cohort_moments(paths, cohort, 4, w), rollout)
        twice = None if w is None else np.tile(w, 2)
        two = from_moments(cohort_moments(np.tile(paths, (2, 1)), np.tile(cohort, 2), 4, twice), rollout)
        assert two.effects == pytest.approx(one.effects, abs=1e-12)
        assert two.errors() * np.sqrt(2) == pytest.approx(one.errors(), rel=1e-10)
        for kind in KINDS:
            whole, again = aggregate(one, kind), aggregate(two, kind)
            assert whole is not None
            assert again is not None
            assert again.std_error * np.sqrt(2) == pytest.approx(whole.std_error, rel=1e-10)


@few
@given(seed=seeds)
def test_moments_pairs_and_adjustment_without_covariates_agree(seed: int) -> None:
    paths, cohort, _, _ = sample(seed)
    for weights, clusters in weighted_cases(seed):
        for comparison in ("never", "not-yet"):
            rollout = Rollout(STARTS, paths.shape[1], comparison)
            want = everything(from_moments(cohort_moments(paths, cohort, 4, weights, clusters), rollout))
            assert everything(from_pairs(paths, cohort, rollout, weights, clusters)) == pytest.approx(
                want, rel=1e-9, abs=1e-11
            )
            people = People(paths, cohort, np.ones((len(paths), 1)), weights, clusters)
            controls: tuple[Control, ...] = ("regression", "doubly-robust")
            for control in controls:
                found, _ = from_people(people, rollout, control)
                assert everything(found) == pytest.approx(want, rel=1e-8, abs=1e-10)


@few
@given(seed=seeds)
def test_the_unit_and_origin_of_covariates_change_nothing(seed: int) -> None:
    paths, cohort, _, _ = sample(seed, n=120)
    x = np.random.default_rng(seed + 3).normal(size=(120, 2))
    rollout = Rollout(STARTS, paths.shape[1], "not-yet")
    for control in ("regression", "ipw", "doubly-robust"):
        one, _ = from_people(People(paths, cohort, design_of(x), None, None), rollout, control)
        turned = x @ np.array([[2.0, 1.0], [0.0, -3.0]]) * 100 + 7
        two, _ = from_people(People(paths, cohort, design_of(turned), None, None), rollout, control)
        assert everything(two) == pytest.approx(everything(one), rel=1e-6, abs=1e-8)


@few
@given(seed=seeds)
def test_variances_are_those_of_the_influences_of_single_units(seed: int) -> None:
    paths, cohort, weights, clusters = sample(seed)
    draw = np.random.default_rng(seed + 4)
    contrasts = Contrasts(np.zeros(3), draw.normal(size=(3, 4)), draw.normal(size=(3, 4, paths.shape[1])))
    moments = cohort_moments(paths, cohort, 4, weights)
    gap = paths - moments.mean[cohort]
    phi = weights[:, None] * (
        contrasts.level[:, cohort].T + np.einsum("njt,nt->nj", contrasts.slope[:, cohort].swapaxes(0, 1), gap)
    )
    assert covariance_of(moments, contrasts) == pytest.approx(phi.T @ phi, rel=1e-9, abs=1e-9)
    assert variance_of(moments, contrasts) == pytest.approx((phi**2).sum(axis=0), rel=1e-9)
    summed = np.zeros((11, 3))
    np.add.at(summed, clusters, phi)
    held = cohort_moments(paths, cohort, 4, weights, clusters)
    assert covariance_of(held, contrasts) == pytest.approx(summed.T @ summed, rel=1e-9, abs=1e-9)


@few
@given(seed=seeds)
def test_a_two_way_coefficient_is_its_comparisons_together(seed: int) -> None:
    paths, _, weights, _ = sample(seed)
    draw = np.random.default_rng(seed)
    first = draw.choice([1, 2, 4, 6, NEVER], len(paths))
    starts, cohort = cohorts_of(first)
    for w in (None, weights):
        found = two_way(cohort_moments(paths, cohort, len(starts), w), starts)
        assert found is not None
        assert sum(pair.weight for pair in found.pairs) == pytest.approx(1.0, abs=1e-10)
        assert all(pair.weight > 0 for pair in found.pairs)
        assert sum(pair.weight * pair.value for pair in found.pairs) == pytest.approx(found.value, abs=1e-9)
