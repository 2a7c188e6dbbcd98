"""Known truth: effects that vary over time and cohort, errors that carry over; coverage of intervals and bands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.differences_in_time.adjusted import People, design_of, from_people
from evaluation.differences_in_time.aggregates import KINDS, Kind, aggregate
from evaluation.differences_in_time.arranged import Arranged
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.group_time import from_moments
from evaluation.differences_in_time.moments import Array, Codes, cohort_moments
from evaluation.differences_in_time.random_timing import comparison_of, efficient, randomisation_p
from evaluation.differences_in_time.resampling import wild_score_p
from evaluation.differences_in_time.rollout import NEVER, Comparison, Rollout, cohorts_of
from evaluation.differences_in_time.staggered_checks import before_test, wald
from evaluation.differences_in_time.staggered_effect import freedom, group_time, overall, units_of
from evaluation.differences_in_time.staggered_settings import ERRORS, Errors, StaggeredSettings
from evaluation.differences_in_time.two_way import two_way
from evaluation.inference import critical

PERIODS, CARRY = 9, 0.6
STARTS = np.array([3, 5, 6, NEVER])
SHARE = np.array([0.2, 0.2, 0.2, 0.4])
TIMES = 300


def chance(times: int, level: float = 0.95) -> tuple[float, float]:
    """Bounds that a share of ``times`` tries at ``level`` leaves less than once in a thousand."""
    half = 3.3 * math.sqrt(level * (1 - level) / times)
    return level - half, level + half


def effect(starts: Codes) -> Array:
    """True effects (n, T): they grow with time since the start, faster for those who start later."""
    since = np.maximum(np.arange(PERIODS)[None, :] - starts[:, None] + 1, 0)
    return np.asarray(
        np.where(starts[:, None] < PERIODS, since * (0.2 + 0.1 * np.minimum(starts, PERIODS)[:, None]), 0.0)
    )


def errors(draw: np.random.Generator, n: int, level: float = 2.0) -> Array:
    """A level of each unit's own and errors that carry over from period to period."""
    found = np.empty((n, PERIODS))
    found[:, 0] = draw.normal(size=n)
    for t in range(1, PERIODS):
        found[:, t] = CARRY * found[:, t - 1] + draw.normal(size=n) * math.sqrt(1 - CARRY**2)
    return found + level * draw.normal(size=(n, 1))


def truth(kind: Kind, sizes: Array, last: int = PERIODS) -> float:
    """The planned average of the true effects, for shares of the cohorts in the population."""
    gain, treated = effect(STARTS[:3]), sizes[:3]
    cells = [(g, t) for g in range(3) for t in range(int(STARTS[g]), last)]
    if kind == "simple":
        return float(sum(treated[g] * gain[g, t] for g, t in cells) / sum(treated[g] for g, _ in cells))
    if kind == "group":
        means = [np.mean([gain[g, t] for h, t in cells if h == g]) for g in range(3)]
        return float(treated @ np.array(means) / treated.sum())
    key = {(g, t): t - int(STARTS[g]) if kind == "dynamic" else t for g, t in cells}
    parts = []
    for term in sorted(set(key.values())):
        inside = [(g, t) for g, t in cells if key[g, t] == term]
        parts.append(sum(treated[g] * gain[g, t] for g, t in inside) / sum(treated[g] for g, _ in inside))
    return float(np.mean(parts))


def test_intervals_of_every_average_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(20261122)
    held = {(kind, comparison): 0 for kind in KINDS for comparison in ("never", "not-yet")}
    biased: list[float] = []
    for _ in range(TIMES):
        cohort = draw.choice(4, 250, p=SHARE)
        paths = errors(draw, 250) + effect(STARTS[cohort])
        moments = cohort_moments(paths, cohort, 4)
        comparisons: tuple[Comparison, ...] = ("never", "not-yet")
        for comparison in comparisons:
            effects = from_moments(moments, Rollout(STARTS, PERIODS, comparison))
            for kind in KINDS:
                whole = aggregate(effects, kind)
                assert whole is not None
                gap = abs(whole.value - truth(kind, SHARE))
                held[kind, comparison] += gap <= 1.959964 * whole.std_error
        regression = two_way(moments, STARTS)
        assert regression is not None
        biased.append(regression.value)
    low, high = chance(TIMES)
    assert {name: n for name, n in held.items() if not low <= n / TIMES <= high} == {}
    # The two-way number lies below every one of these averages here: that is why it is no answer.
    beyond_chance = np.mean(biased) + 4 * np.std(biased) / math.sqrt(TIMES)
    assert beyond_chance < min(truth(kind, SHARE) for kind in KINDS)


def test_intervals_hold_the_truth_where_areas_are_few() -> None:
    draw, cohort, kinds = np.random.default_rng(7), np.repeat(np.arange(4), 6), ERRORS["group-time"]
    held: dict[Errors, int] = dict.fromkeys(kinds, 0)
    for _ in range(TIMES):
        paths = errors(draw, len(cohort)) + effect(STARTS[cohort])
        units = units_of(
            Arranged(paths, STARTS[cohort], None, None, np.zeros((len(cohort), 0)), (), 0, 0, ())
        )
        for kind in kinds:
            settings = StaggeredSettings("first", errors=kind)
            whole, df = overall(units, settings), freedom(units, settings)
            assert whole is not None
            gap = abs(whole.value - truth("group", np.ones(4)))
            held[kind] += gap <= critical(0.95, df, "t" if df else "normal") * whole.std_error
    low, high = chance(TIMES)
    assert low <= held["unbiased"] / TIMES <= high
    assert held["influence"] < held["unbiased"]  # errors of a large sample: 92 of 100 here, in 3,000 draws


def test_bands_hold_the_whole_event_study_as_often_as_they_say() -> None:
    draw = np.random.default_rng(1)
    held = 0
    for _ in range(TIMES):
        cohort = draw.choice(4, 300, p=SHARE)
        paths = errors(draw, 300)  # no effect: every point of the event study is nought in truth
        effects = from_moments(cohort_moments(paths, cohort, 4), Rollout(STARTS, PERIODS))
        events = aggregate(effects, "dynamic")
        assert events is not None
        band = simultaneous(events.values, events.covariance, 0.95, seed=1, draws=2000)
        held += bool((np.abs(events.values) <= band * events.errors).all())
    low, high = chance(TIMES)
    assert low <= held / TIMES <= high


def test_a_test_of_earlier_trends_raises_no_more_false_alarms_than_it_says() -> None:
    draw, alarms = np.random.default_rng(2), 0
    for _ in range(TIMES):
        cohort = draw.choice(4, 400, p=SHARE)
        effects = from_moments(
            cohort_moments(errors(draw, 400) + effect(STARTS[cohort]), cohort, 4), Rollout(STARTS, PERIODS)
        )
        rows = np.flatnonzero(effects.cells.before(0))
        chosen = np.eye(effects.cells.count)[rows]
        tested = wald(effects.effects[rows], effects.covariance(chosen, np.zeros((len(rows), 4))))
        assert tested is not None
        alarms += tested[0] < 0.05
    assert alarms / TIMES <= 1 - chance(TIMES)[0]


def test_the_test_of_earlier_trends_holds_where_areas_are_few() -> None:
    draw, alarms = np.random.default_rng(6), 0
    cohort = np.repeat(np.arange(4), [12, 12, 12, 24])
    settings = StaggeredSettings("first", comparison="not-yet")
    for _ in range(TIMES):
        paths = errors(draw, 60) + effect(STARTS[cohort])
        none = np.zeros((60, 0))
        units = units_of(Arranged(paths, STARTS[cohort], None, None, none, (), 0, 0, ()))
        tested = before_test(group_time(units, settings)[0], units, settings)
        assert tested is not None
        alarms += tested[0] < 0.05
    assert alarms / TIMES <= 1 - chance(TIMES)[0]


@pytest.mark.parametrize("wrong", ["", "regression", "odds"])
def test_doubly_robust_holds_where_one_of_its_models_is_wrong(wrong: str) -> None:
    draw, held, naive = np.random.default_rng(3), 0, 0
    times = 200
    for _ in range(times):
        x = draw.normal(size=600)
        lean = np.exp(0.8 * x) if wrong == "odds" else 1 + np.exp(0.8 * x)
        chosen = (
            draw.random(600) < lean / (1 + lean)
            if wrong != "odds"
            else draw.random(600) < 0.25 + 0.5 * (x > 0.3)
        )
        cohort = np.where(chosen, draw.integers(0, 3, 600), 3)
        bend = x + 0.5 * x**2 if wrong == "regression" else x
        paths = errors(draw, 600) + 0.3 * bend[:, None] * np.arange(PERIODS) + effect(STARTS[cohort])
        people = People(paths, cohort, design_of(x[:, None]), None, None)
        effects, _ = from_people(people, Rollout(STARTS, PERIODS), "doubly-robust")
        whole = aggregate(effects, "group")
        assert whole is not None
        want = truth("group", np.array([1.0, 1.0, 1.0, 0.0]))
        held += abs(whole.value - want) <= 1.959964 * whole.std_error
        plain = aggregate(from_moments(cohort_moments(paths, cohort, 4), Rollout(STARTS, PERIODS)), "group")
        assert plain is not None
        naive += abs(plain.value - want) <= 1.959964 * plain.std_error
    low, _ = chance(times)
    assert held / times >= low
    assert naive / times < 0.8  # without covariates the answer is wrong here


def test_errors_by_cluster_hold_where_areas_share_their_shocks() -> None:
    draw, by_cluster, by_unit, wild = np.random.default_rng(4), 0, 0, 0
    times, clusters = 300, 40
    for _ in range(times):
        start = draw.permutation(np.arange(clusters) % 4)
        area = np.repeat(np.arange(clusters), 8)
        shocks = 0.7 * draw.normal(size=(clusters, PERIODS)).cumsum(axis=1)
        paths = errors(draw, len(area)) + shocks[area]
        for codes in (area, None):
            moments = cohort_moments(paths, start[area], 4, None, codes)
            effects = from_moments(moments, Rollout(STARTS, PERIODS))
            whole = aggregate(effects, "group")
            assert whole is not None
            quantile = 2.0227 if codes is not None else 1.96  # t with 39 degrees of freedom
            beyond = abs(whole.value) > quantile * whole.std_error
            if codes is None:
                by_unit += beyond
                continue
            by_cluster += beyond
            scores = effects.cluster_scores(whole.whole.weights[None], whole.whole.levels[None])[:, 0]
            wild += wild_score_p(scores, whole.value, 1, 199) < 0.05
    assert by_cluster / times <= 1 - chance(times)[0]
    assert wild / times <= 1 - chance(times)[0]
    assert by_unit / times > 0.25


def test_randomly_timed_starts_are_estimated_well_and_better_than_by_differences() -> None:
    draw, held, exact = np.random.default_rng(5), 0, 0
    values, plain = [], []
    for k in range(TIMES):
        starts, cohort = cohorts_of(draw.permutation(np.repeat(STARTS, 40)))
        paths = errors(
            draw, 160, level=0.3
        )  # units differ little for good: earlier outcomes are worth little
        moments = cohort_moments(paths, cohort, 4)
        comparison = comparison_of(starts, moments.n, PERIODS, "simple")
        found = efficient(moments, starts, comparison)
        held += abs(found.value) <= 1.959964 * found.std_error
        values.append(found.value)
        plain.append(found.plain)
        if k < 100:
            exact += randomisation_p(paths, cohort, comparison, k, 99) <= 0.05
    low, high = chance(TIMES)
    assert low <= held / TIMES <= high
    assert exact / 100 <= 1 - chance(100)[0]
    assert np.std(values) < 0.9 * np.std(plain)
