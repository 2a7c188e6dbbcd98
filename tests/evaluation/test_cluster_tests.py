"""The wild cluster bootstrap, the allocation test and their intervals, against the same done one draw at a time."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.robust import cluster_products
from evaluation.clusters.wild_bootstrap import wild_bootstrap
from evaluation.regression.linear import NotIdentified, treatment_effect
from evaluation.trials.allocation import allocation_test
from evaluation.trials.inversion import accepted

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def made(seed: int = 1, clusters: int = 8, effect: float = 0.5) -> tuple[Array, Array, Codes]:
    draw = np.random.default_rng(seed)
    codes = np.repeat(np.arange(clusters), draw.integers(2, 9, clusters))
    n = len(codes)
    design = np.column_stack([np.ones(n), draw.normal(size=n), (codes % 2).astype(np.float64)])
    y = design @ [1.0, 1.0, effect] + 0.7 * draw.normal(size=clusters)[codes] + draw.normal(size=n)
    return design, y, codes


def t_of(design: Array, y: Array, codes: Codes, null: float = 0.0) -> float:
    fit = treatment_effect(y, design[:, -1], design[:, 1:-1], ("a",), clusters=(codes,))
    return float((fit.value - null) / fit.std_error)


def one_at_a_time(design: Array, y: Array, codes: Codes, null: float) -> float:
    """Share of all combinations of signs whose t is as far out; residuals with the hypothesis imposed."""
    rest = design[:, :-1]
    moved = y - null * design[:, -1]
    fitted = rest @ np.linalg.lstsq(rest, moved, rcond=None)[0]
    seen, far, count = abs(t_of(design, y, codes, null)), 0, int(codes.max()) + 1
    for signs in itertools.product((1.0, -1.0), repeat=count):
        drawn = fitted + (moved - fitted) * np.array(signs)[codes]
        far += abs(t_of(design, drawn, codes)) >= seen * (1 - 1e-9)
    return float(far / 2**count)


@pytest.mark.parametrize("null", [0.0, 1.3])
def test_the_wild_bootstrap_is_that_done_one_combination_at_a_time(null: float) -> None:
    design, y, codes = made(2, clusters=6)
    found = wild_bootstrap(cluster_products(design, y, codes), 2)
    assert found.exact
    assert found.combinations == 64
    assert found.t == pytest.approx(t_of(design, y, codes))
    assert found.statistics.p_at(null - found.value) == one_at_a_time(design, y, codes, null)
    assert found.p_value == one_at_a_time(design, y, codes, 0.0)


def test_the_interval_holds_what_is_not_rejected_and_nothing_else() -> None:
    design, y, codes = made(3, clusters=10)
    found = wild_bootstrap(cluster_products(design, y, codes), 2)
    low, high = found.interval(0.05)
    assert low is not None
    assert high is not None
    assert low < found.value < high
    assert (found.p_value > 0.05) == (low < 0 < high)
    for end, inwards in ((low, 1e-6), (high, -1e-6)):
        assert found.statistics.p_at(end + inwards - found.value) > 0.05
        assert found.statistics.p_at(end - inwards - found.value) <= 0.05


def test_fourteen_clusters_are_enumerated_and_fifteen_drawn_by_seed() -> None:
    design, y, codes = made(4, clusters=15)
    products = cluster_products(design, y, codes)
    one, same, other = (wild_bootstrap(products, 2, draws=999, seed=seed) for seed in (1, 1, 2))
    assert not one.exact
    assert one.combinations == 999
    assert one.p_value == same.p_value
    assert one.p_value != other.p_value
    assert (one.p_value * 1000) % 1 == pytest.approx(0, abs=1e-9)  # (1 + count) / (1 + draws)
    assert abs(one.p_value - other.p_value) < 0.05
    assert wild_bootstrap(cluster_products(*made(4, clusters=14)), 2).exact


def test_with_five_clusters_no_value_is_ever_rejected_at_five_per_cent() -> None:
    """Sixteen different |t|: the smallest p-value is one in sixteen, so the interval has no ends."""
    design, y, codes = made(5, clusters=5, effect=50.0)
    found = wild_bootstrap(cluster_products(design, y, codes), 2)
    assert found.p_value >= 1 / 16
    assert found.interval(0.05) == (None, None)


def test_what_the_wild_bootstrap_cannot_do_is_not_identified() -> None:
    design, y, codes = made(6)
    for bad in (np.zeros_like(codes),):
        with pytest.raises(NotIdentified):
            wild_bootstrap(cluster_products(design, y, bad), 2)
    with pytest.raises(NotIdentified):
        wild_bootstrap(cluster_products(design, design @ [1.0, 2.0, 3.0] * 0, codes), 2)
    design[:, 2] = design[:, 1] * 2
    with pytest.raises(NotIdentified):
        wild_bootstrap(cluster_products(design, y, codes), 2)


# --- allocations


def arms(count: int = 8) -> tuple[Array, Array]:
    draw = np.random.default_rng(3)
    treated = np.array([1.0, 0.0] * (count // 2))
    return draw.normal(size=count) + 0.8 * treated, treated


def test_every_allocation_is_tried_when_they_are_few() -> None:
    y, treated = arms()
    found = allocation_test(y, treated, treated, np.zeros(8, dtype=np.int64), np.ones(8))
    seen = y[treated == 1].mean() - y[treated == 0].mean()
    differences = [
        y[list(chosen)].mean() - np.delete(y, list(chosen)).mean()
        for chosen in itertools.combinations(range(8), 4)
    ]
    assert (found.exact, found.allocations) == (True, 70)
    assert found.value == pytest.approx(seen)
    assert found.p_value == np.mean(np.abs(differences) >= abs(seen) - 1e-12)


def test_allocations_stay_within_strata() -> None:
    y, treated = arms()
    strata = np.repeat(np.arange(4), 2)
    found = allocation_test(y, treated, treated, strata, np.ones(8))
    gaps = [y[2 * pair] - y[2 * pair + 1] for pair in range(4)]
    signed = [np.mean(np.array(signs) * gaps) for signs in itertools.product((1, -1), repeat=4)]
    assert found.allocations == 16
    assert found.value == pytest.approx(np.mean(gaps))
    assert found.p_value == np.mean(np.abs(signed) >= abs(np.mean(gaps)) - 1e-12)


def test_many_allocations_are_drawn_by_seed_and_agree_with_all_of_them() -> None:
    draw = np.random.default_rng(8)
    y, treated = draw.normal(size=24), np.repeat([1.0, 0.0], 12)
    y += 0.7 * treated
    strata, weights = np.zeros(24, dtype=np.int64), np.ones(24)
    one, same = (allocation_test(y, treated, treated, strata, weights, draws=1999, seed=5) for _ in range(2))
    assert not one.exact
    assert one.allocations == 2000
    assert one.p_value == same.p_value
    pooled = np.sqrt((y[:12].var(ddof=1) + y[12:].var(ddof=1)) / 12)
    from scipy.stats import t

    assert one.p_value == pytest.approx(2 * t.sf(abs(one.value / pooled), 22), abs=0.02)


def test_the_interval_of_the_allocation_test_is_its_own_inversion() -> None:
    y, treated = arms(10)
    strata, weights = np.zeros(10, dtype=np.int64), np.linspace(1, 2, 10)
    found = allocation_test(y, treated, treated, strata, weights)
    low, high = found.interval(0.05)
    assert low is not None
    assert high is not None
    for end, inwards in ((low, 1e-6), (high, -1e-6)):
        for shift, rejected in ((inwards, False), (-inwards, True)):
            null = allocation_test(y - (end + shift) * treated, treated, treated, strata, weights)
            assert (null.p_value <= 0.05) is rejected


def test_a_stratum_without_both_arms_leaves_nothing_to_compare() -> None:
    y, treated = arms(4)
    with pytest.raises(NotIdentified):
        allocation_test(y, treated, treated, np.array([0, 1, 0, 1]), np.ones(4))


def test_an_end_too_far_out_is_no_end() -> None:
    assert accepted(lambda shift: 1.0, 0.0, 1.0, 0.05) == (None, None)
    low, high = accepted(lambda shift: float(abs(shift) < 3), 10.0, 0.5, 0.05)
    assert (low, high) == pytest.approx((7.0, 13.0))
