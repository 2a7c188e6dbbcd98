"""Rosenbaum's bounds against sums over every way the pairs could have fallen."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from evaluation.matched.rosenbaum import FEWEST, GAMMAS, bound_check, bound_rows, undone_at, upper_p, weigh
from tests.evaluation.studies import number


def pairs_of(up: int, down: int) -> np.typing.NDArray[np.float64]:
    return np.array([1.0] * up + [-1.0] * down)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0])
def test_mcnemars_bound_is_the_tail_of_the_binomial(gamma: float) -> None:
    found = weigh(np.concatenate([pairs_of(14, 5), np.zeros(30)]), binary=True)
    assert found.differing == 19
    assert upper_p(found, gamma) == pytest.approx(float(binom.sf(13, 19, gamma / (1 + gamma))), rel=1e-12)


@pytest.mark.parametrize("gamma", [1.0, 2.0])
def test_the_signed_rank_bound_is_near_the_sum_over_every_way_the_pairs_could_fall(gamma: float) -> None:
    apart = np.array([3.0, -1.0, 4.0, 2.0, 6.0, 7.0, -2.0, 9.0, 10.0, 5.0, 8.0, 4.0])
    found, chance = weigh(apart, binary=False), gamma / (1 + gamma)
    sizes = np.abs(apart)
    ranks = np.array([(sizes < s).sum() + ((sizes == s).sum() + 1) / 2 for s in sizes])
    assert found.statistic == ranks[apart > 0].sum()
    exact = 0.0
    for signs in product((0, 1), repeat=len(apart)):
        up = np.array(signs)
        if up @ ranks >= found.statistic:
            exact += float(chance ** up.sum() * (1 - chance) ** (len(apart) - up.sum()))
    assert upper_p(found, gamma) == pytest.approx(exact, abs=0.02)  # a normal approximation, 12 pairs


differences = st.lists(st.integers(-9, 9), min_size=1, max_size=60).map(lambda d: np.array(d, dtype=float))


@settings(max_examples=200)
@given(apart=differences, binary=st.booleans(), level=st.sampled_from([0.005, 0.025, 0.1]))
def test_the_strength_that_undoes_it_is_where_the_p_value_passes_the_level(
    apart: np.typing.NDArray[np.float64], binary: bool, level: float
) -> None:
    found = weigh(np.sign(apart) if binary else apart, binary=binary)
    rising = [upper_p(found, gamma) for gamma in GAMMAS]
    assert rising == sorted(rising)
    gamma = undone_at(found, level)
    if gamma is None:
        assert not found.differing or upper_p(found, 1.0) > level
    elif gamma < 1e5:
        assert upper_p(found, gamma) == pytest.approx(level, rel=1e-6)


@given(apart=differences)
def test_turning_the_pairs_round_changes_the_direction_alone(apart: np.typing.NDArray[np.float64]) -> None:
    one, other = weigh(apart, binary=False), weigh(-apart, binary=False)
    assert (one.statistic, one.differing) == (other.statistic, other.differing)
    if 2 * one.statistic != one.total:
        assert one.toward == -other.toward


def test_the_check_says_how_strong_a_cause_would_have_to_be() -> None:
    found = weigh(pairs_of(110, 12), binary=True)
    check = bound_check(found, 0.05)
    assert (check.name, check.result, check.consequence) == ("hidden cause", "info", "none")
    assert 4 < number(check.reading) < 6
    assert f"{check.reading:.2f} times as likely" in check.note
    assert "more of it (McNemar's test)" in check.note
    rows = {row.term: row.value for row in bound_rows(found, 0.05)}
    assert rows["hidden cause of 1"] == 0
    assert rows["hidden cause of 5"] == pytest.approx(0.023, abs=1e-9)


def test_pairs_that_show_nothing_leave_nothing_to_undo() -> None:
    found = weigh(pairs_of(20, 18), binary=True)
    assert bound_rows(found, 0.05) == ()
    assert "nothing a hidden cause could undo" in bound_check(found, 0.05).note


def test_few_pairs_that_differ_bear_no_bound() -> None:
    found = weigh(pairs_of(FEWEST - 1, 0), binary=True)
    assert bound_rows(found, 0.05) == ()
    assert bound_check(found, 0.05).reading is None
