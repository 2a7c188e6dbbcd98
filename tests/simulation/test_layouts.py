"""Known truth with 8 and 10 clusters: stepped wedges, classes in schools, growth, ratios. Short, with seeds.

Allowances are Monte-Carlo error: 3.3 standard errors of a share.
"""

from __future__ import annotations

import math
from contextlib import suppress
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.checks import Clusters
from evaluation.clusters.growth import Waves, growth_effect
from evaluation.clusters.model import Prepared, mixed_effect
from evaluation.clusters.nested_model import Layered, layered_effect, pairs
from evaluation.clusters.ratio import Counted, averaged_ratio, averages, logged_ratio, marginal_ratio
from evaluation.clusters.rollout import rollout_of
from evaluation.clusters.stepped_wedge import Periods, order_test, robust_wedge
from evaluation.inference import critical
from evaluation.regression.linear import Fit, NotIdentified

pytestmark = pytest.mark.simulation

Array = npt.NDArray[np.float64]
Z = 3.3


def within(share: float, draws: int) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


def missed(fits: list[Fit], truth: float) -> float:
    """The share of 95 % intervals that miss the truth."""
    return float(np.mean([abs(f.value - truth) > critical(0.95, f.df, "t") * f.std_error for f in fits]))


def clusters_of(codes: npt.NDArray[np.int64], arm: Array) -> Clusters:
    sizes = np.bincount(codes).astype(float)
    return Clusters(codes, sizes, np.bincount(codes, weights=arm) / sizes)


def wedge(draw: np.random.Generator, count: int, effect: float = 0.0) -> tuple[Prepared, Periods]:
    """Five periods, 8 to 15 people in each; a tenth of the variance between clusters, half of it by period."""
    sizes = draw.integers(8, 16, (count, 5))
    cluster = np.repeat(np.arange(count), sizes.sum(axis=1))
    period = np.concatenate([np.repeat(np.arange(5), row) for row in sizes])
    arm = (period >= (1 + np.arange(count) % 4)[cluster]).astype(float)
    spread = math.sqrt(0.1 / 0.9 / 2)
    y = 0.3 * period + effect * arm + draw.normal(size=len(arm))
    y += spread * (draw.normal(size=count)[cluster] + draw.normal(size=(count, 5))[cluster, period])
    periods = (period[:, None] == np.arange(1, 5)[None, :]).astype(float)
    design = np.column_stack([np.ones(len(arm)), periods, arm])
    ready = Prepared(y - y.mean(), design, (), (), clusters_of(cluster, arm), np.ones(len(arm)))
    return ready, Periods(period, pairs(cluster, period), rollout_of(arm, cluster, period))


WEDGES = 200


@cache
def wedges(count: int) -> tuple[tuple[Prepared, Periods], ...]:
    draw = np.random.default_rng(count)
    return tuple(wedge(draw, count) for _ in range(WEDGES))


@pytest.mark.parametrize("count", [8, 10])
def test_a_stepped_wedge_that_does_nothing_is_claimed_as_seldom_as_it_says(count: int) -> None:
    trials = wedges(count)
    fits = [layered_effect(ready, periods.layers)[0] for ready, periods in trials]
    values = np.array([fit.value for fit in fits])
    assert abs(values.mean()) < Z * values.std(ddof=1) / math.sqrt(WEDGES)
    assert missed(fits, 0.0) <= 0.05 + within(0.05, WEDGES)
    assert missed([robust_wedge(ready) for ready, _ in trials], 0.0) <= 0.05 + within(0.05, WEDGES) + 0.005


def test_leaving_out_periods_within_clusters_would_claim_too_often() -> None:
    """What the second random intercept is for: the same trials with intercepts of clusters alone."""
    assert missed([mixed_effect(ready)[0] for ready, _ in wedges(10)], 0.0) > 0.075


def test_the_test_of_the_order_rejects_a_true_nought_as_often_as_it_says() -> None:
    draws = 120
    p = [order_test(*trial, stepped=True, draws=199, seed=1).p_value for trial in wedges(10)[:draws]]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + within(0.05, draws)


@pytest.mark.parametrize("by_class", [False, True])
def test_classes_in_schools_are_covered(by_class: bool) -> None:
    draws, draw = 150, np.random.default_rng(5)
    room = np.repeat(np.arange(40), 7)
    school = room // 4
    arm = ((room if by_class else school) % 2).astype(float)
    fits = []
    for _ in range(draws):
        y = 0.4 * arm + 0.4 * draw.normal(size=10)[school] + 0.4 * draw.normal(size=40)[room]
        y += draw.normal(size=len(arm))
        ready = Prepared(
            y, np.column_stack([np.ones(280), arm]), (), (), clusters_of(school, arm), np.ones(280)
        )
        fits.append(layered_effect(ready, Layered(room))[0])
    assert abs(missed(fits, 0.4) - 0.05) < within(0.05, draws)


def test_growth_of_pupils_in_ten_schools_is_covered() -> None:
    draws, draw = 100, np.random.default_rng(6)
    person = np.repeat(np.arange(80), 4)
    school, time = person // 8, np.tile(np.arange(4) / 3, 80)
    arm = (school % 2).astype(float)
    waves = Waves(time, person, 3.0, np.arange(4.0))
    design = np.column_stack([np.ones(320), time, arm, arm * time])
    fits = []
    for _ in range(draws):
        pace = 0.5 * draw.normal(size=10)[school] + 0.6 * draw.normal(size=80)[person] + 0.9 * arm
        y = (
            draw.normal(size=10)[school] * 0.4
            + draw.normal(size=80)[person]
            + pace * time
            + 0.7 * draw.normal(size=320)
        )
        ready = Prepared(y - y.mean(), design, (), (), clusters_of(school, arm), np.ones(320))
        fits.append(growth_effect(ready, waves, slope=True).effect)
    assert float(np.mean([fit.value for fit in fits])) == pytest.approx(0.3, abs=0.05)
    assert missed(fits, 0.3) <= 0.05 + within(0.05, draws)


@pytest.mark.parametrize(("count", "treated"), [(8, 4), (10, 5), (10, 3)])
@pytest.mark.parametrize("effect", ["rate-ratio", "odds-ratio"])
def test_ratios_of_few_clusters_that_do_nothing_are_claimed_as_seldom_as_they_say(
    effect: str, count: int, treated: int
) -> None:
    draws, draw = 400, np.random.default_rng(count + treated)
    fits: dict[str, list[Fit]] = {"averages": [], "logs": [], "marginal": []}
    for _ in range(draws):
        codes = np.repeat(np.arange(count), draw.integers(15, 71, count))
        arm = (np.arange(count) < treated).astype(float)[codes]
        x, n = draw.normal(size=len(codes)), len(codes)
        line = -0.4 + 0.4 * draw.normal(size=count)[codes] + 0.3 * x
        time = draw.uniform(0.5, 1.5, n) if effect == "rate-ratio" else None
        y = (
            draw.poisson(np.exp(line) * time)
            if time is not None
            else draw.uniform(size=n) < 1 / (1 + np.exp(-line))
        )
        counted = Counted(
            y.astype(float), arm, x[:, None], ("x",), clusters_of(codes, arm), effect, time  # type: ignore[arg-type]
        )  # fmt: skip
        found = averages(counted)
        fits["averages"].append(averaged_ratio(counted, found))
        with suppress(NotIdentified):  # a cluster without events has no logarithm
            fits["logs"].append(logged_ratio(counted, found))
        fits["marginal"].append(marginal_ratio(counted))
    for name, each in fits.items():
        assert missed(each, 0.0) <= 0.05 + within(0.05, draws), name
