"""Who was given which sequence: every order there could have been, against refits with full matrices."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.checks import clusters_of
from evaluation.clusters.model import Prepared
from evaluation.clusters.nested_model import layered_fit
from evaluation.clusters.rollout import Rollout, exposure, how_many, rollout_of, rollout_test, scores_of
from evaluation.clusters.stepped_wedge import Periods, order_test, periods_of, prepare_periods
from evaluation.frame import build_frame
from evaluation.regression.linear import NotIdentified
from tests.evaluation.cluster_samples import wards
from tests.evaluation.studies import make_plan, study

Array = npt.NDArray[np.float64]
LAYOUT = 'layout = "stepped-wedge"\nperiod = "month"'


def prepared(count: int, periods: int, *, crossing: bool = False, seed: int = 1) -> tuple[Prepared, Periods]:
    settings = LAYOUT.replace("stepped-wedge", "crossover") if crossing else LAYOUT
    plan = make_plan("cluster-randomised", design='cluster = "ward"', settings=settings, covariates=["x"])
    frame = build_frame(study(wards(count, periods, seed, crossing=crossing, each=5)), plan, plan.outcomes[0])
    clusters = clusters_of(frame)
    return prepare_periods(frame.data, ("x:x",), clusters), periods_of(frame.data, clusters)


def refit(ready: Prepared, periods: Periods, arms: Array) -> float:
    """Generalised least squares with another allocation and the variances found without the treatment."""
    null = layered_fit(ready, ready.design[:, :-1], periods.layers)
    same = ready.clusters.codes[:, None] == ready.clusters.codes[None, :]
    group = periods.groups[:, None] == periods.groups[None, :]
    v = null.by_cluster[0, 0] * same + null.by_group[0, 0] * group + null.sigma2 * np.eye(len(ready.y))
    design = np.column_stack([ready.design[:, :-1], arms])
    w = np.linalg.inv(v)
    return float(np.linalg.solve(design.T @ w @ design, design.T @ w @ ready.y)[-1])


@pytest.mark.parametrize("crossing", [False, True])
def test_the_test_is_a_listing_of_refits(crossing: bool) -> None:
    ready, periods = prepared(4, 4, crossing=crossing)
    found = order_test(ready, periods, stepped=not crossing, draws=199, seed=1)
    schedules, given = periods.rollout.schedules(stepped=not crossing)
    values = []
    for order in sorted(set(itertools.permutations(given.tolist()))):
        arms = schedules[np.array(order)][ready.clusters.codes, periods.codes]
        values.append(refit(ready, periods, arms))
    seen = refit(ready, periods, ready.treated)
    assert found.exact
    assert found.allocations == len(values)
    assert found.value == pytest.approx(seen, rel=1e-8)
    assert found.p_value == pytest.approx(np.mean(np.abs(values) >= abs(seen) * (1 - 1e-9)))


def test_the_interval_holds_the_effects_that_are_not_rejected() -> None:
    ready, periods = prepared(8, 5, seed=3)
    found = order_test(ready, periods, stepped=True, draws=199, seed=1)
    assert found.exact
    assert found.allocations == 2520  # eight clusters, four sequences of two
    low, high = found.interval(0.05)
    assert low is not None
    assert high is not None
    assert low < found.value < high
    assert found.p_at(low - found.value - 1e-6) <= 0.05 < found.p_at(low - found.value + 1e-6)


def test_many_clusters_are_drawn_with_a_seed() -> None:
    ready, periods = prepared(12, 5)
    one, two, other = (order_test(ready, periods, stepped=True, draws=199, seed=seed) for seed in (1, 1, 2))
    assert (one.exact, one.allocations) == (False, 200)
    assert one.p_value == two.p_value
    assert not np.array_equal(one.by_outcome, other.by_outcome)


def test_strata_keep_their_own_sequences() -> None:
    given, strata = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 0, 0, 1, 1])
    assert how_many(given, strata) == 6 * 2
    ready, periods = prepared(6, 3)
    scores = scores_of(
        layered_fit(ready, ready.design[:, :-1], periods.layers), np.tile(np.arange(3), 6).astype(np.int64)
    )
    schedules, mine = periods.rollout.schedules(stepped=True)
    kept = rollout_test(scores, schedules, mine, np.array([0, 0, 1, 1, 2, 2]))
    assert kept.allocations == 8


def test_sequences_and_times_on_treatment_by_hand() -> None:
    arms = np.array([[0.0, 1, 1], [0, 0, 1], [0, np.nan, 0]])
    rollout = Rollout(arms)
    assert rollout.first_treated.tolist() == [1, 2, 3]
    assert rollout.goes_back == 0
    assert rollout.both_arms.tolist() == [False, True, True]
    assert exposure(rollout).tolist() == [[0, 1, 2], [0, 0, 1], [0, 0, 0]]
    schedules, given = rollout.schedules(stepped=True)
    assert schedules.tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert given.tolist() == [0, 1, 2]
    with pytest.raises(NotIdentified):  # in a crossover a period nobody was seen in may be either
        rollout.schedules(stepped=False)
    assert Rollout(np.array([[0.0, 1, 0]])).goes_back == 1


def test_both_arms_of_a_cluster_in_one_period_are_refused() -> None:
    with pytest.raises(NotIdentified):
        rollout_of(np.array([0.0, 1.0]), np.array([0, 0]), np.array([0, 0]))


def test_one_sequence_for_all_is_no_test() -> None:
    ready, periods = prepared(4, 4)
    scores = scores_of(
        layered_fit(ready, ready.design[:, :-1], periods.layers), np.tile(np.arange(4), 4).astype(np.int64)
    )
    with pytest.raises(NotIdentified):
        rollout_test(
            scores, np.array([[0.0, 0, 1, 1]]), np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64)
        )
