"""Nearest-neighbour matching against a matcher so simple that it can be read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.matched.nearest import Order, match_pairs, rounded
from evaluation.matched.settings import ORDERS

Pairs = list[tuple[int, int]]


def greedy(
    score: list[float],
    treated: list[int],
    caliper: float | None,
    ratio: int,
    *,
    replace: bool,
    order: Order,
) -> Pairs:
    """Everyone in turn takes the closest free person; ties go to the lowest row."""
    ones = [i for i, t in enumerate(treated) if t]
    free = [i for i, t in enumerate(treated) if not t]
    keys = {"largest": lambda i: -score[i], "smallest": lambda i: score[i]}
    ones.sort(key=lambda i: (keys.get(order, lambda i: 0.0)(i), i))
    pairs: Pairs = []
    if order == "closest" and not replace:
        for _ in range(ratio):
            left = list(ones)
            while left and free:
                gap, i, j = min((abs(score[i] - score[j]), i, j) for i in left for j in free)
                if caliper is not None and gap > caliper:
                    break
                pairs.append((i, j))
                left.remove(i)
                free.remove(j)
        return pairs
    turns = [(i, ratio) for i in ones] if replace else [(i, 1) for _ in range(ratio) for i in ones]
    for i, count in turns:
        near = sorted(free, key=lambda j: (abs(score[i] - score[j]), j))
        for j in near[:count]:
            if caliper is None or abs(score[i] - score[j]) <= caliper:
                pairs.append((i, j))
                if not replace:
                    free.remove(j)
    return pairs


def matched(score: list[float], treated: list[int], **choices: object) -> Pairs:
    found = match_pairs(np.array(score, dtype=float), np.array(treated, dtype=float), **choices)  # type: ignore[arg-type]
    return [(int(i), int(j)) for i, j in found]


people = st.lists(st.tuples(st.integers(-12, 12), st.integers(0, 1)), min_size=0, max_size=40)
calipers = st.one_of(st.none(), st.integers(0, 20))


@settings(max_examples=400)
@given(
    people=people,
    caliper=calipers,
    ratio=st.integers(1, 3),
    replace=st.booleans(),
    order=st.sampled_from(ORDERS),
)
def test_the_fast_matcher_makes_the_pairs_of_the_simple_one(
    people: list[tuple[int, int]], caliper: int | None, ratio: int, replace: bool, order: Order
) -> None:
    # Quarters are exact in binary, so that ties are ties and the caliper's edge is sharp.
    score, treated = [value / 4 for value, _ in people], [arm for _, arm in people]
    width = None if caliper is None else caliper / 4
    found = matched(score, treated, caliper=width, ratio=ratio, replace=replace, order=order)
    assert found == greedy(score, treated, width, ratio, replace=replace, order=order)


floats = st.lists(
    st.tuples(st.floats(-5, 5, allow_nan=False, width=32), st.integers(0, 1)), min_size=1, max_size=60
)


@settings(max_examples=200)
@given(people=floats, caliper=st.floats(0.01, 3), ratio=st.integers(1, 3))
def test_nobody_is_used_twice_nor_from_outside_the_caliper_nor_passed_over_for_someone_farther(
    people: list[tuple[float, int]], caliper: float, ratio: int
) -> None:
    score, treated = np.array([s for s, _ in people]), np.array([t for _, t in people])
    pairs = matched(score.tolist(), treated.tolist(), caliper=caliper, ratio=ratio)
    used = [j for _, j in pairs]
    assert len(used) == len(set(used))
    assert all(treated[i] == 1 and treated[j] == 0 for i, j in pairs)
    assert all(sum(i == k for k, _ in pairs) <= ratio for i, _ in pairs)
    assert all(abs(score[i] - score[j]) <= caliper * (1 + 1e-9) for i, j in pairs)
    free = set(np.flatnonzero(treated == 0).tolist())
    for i, j in pairs:
        assert abs(score[i] - score[j]) <= min(abs(score[i] - score[k]) for k in free) + 1e-8
        free.remove(j)
    for i in np.flatnonzero(treated == 1).tolist():
        if sum(i == k for k, _ in pairs) < ratio:
            assert all(abs(score[i] - score[k]) > caliper * (1 - 1e-8) for k in free)


@settings(max_examples=200)
@given(people=floats, ratio=st.integers(1, 3))
def test_with_replacement_everyone_gets_the_very_closest(people: list[tuple[float, int]], ratio: int) -> None:
    score, treated = np.array([s for s, _ in people]), np.array([t for _, t in people])
    pairs = matched(score.tolist(), treated.tolist(), ratio=ratio, replace=True)
    pool = np.flatnonzero(treated == 0)
    for i in np.flatnonzero(treated == 1).tolist():
        mine = sorted(abs(score[i] - score[j]) for k, j in pairs if k == i)
        closest = sorted(np.abs(score[pool] - score[i]).tolist())[:ratio]
        assert mine == pytest.approx(closest, abs=1e-8)


@given(people=floats, caliper=st.floats(0.01, 3))
def test_a_shifted_score_gives_the_same_pairs(people: list[tuple[float, int]], caliper: float) -> None:
    score, treated = [round(s, 3) for s, _ in people], [t for _, t in people]
    here = matched(score, treated, caliper=caliper)
    assert here == matched([s + 1.0 for s in score], treated, caliper=caliper)


def test_the_highest_score_chooses_first_and_ties_go_to_the_lowest_row() -> None:
    score = [0.5, 0.9, 0.7, 0.7, 0.1]
    treated = [1, 1, 0, 0, 0]
    assert matched(score, treated) == [(1, 2), (0, 3)]
    assert matched(score, treated, order="smallest") == [(0, 2), (1, 3)]


def test_between_two_equally_far_the_lowest_row_is_taken() -> None:
    assert matched([0.5, 0.75, 0.25], [1, 0, 0]) == [(0, 1)]
    assert matched([0.5, 0.25, 0.75], [1, 0, 0]) == [(0, 1)]
    assert matched([0.5, 0.25, 0.75], [1, 0, 0], replace=True) == [(0, 1)]


def test_the_last_bits_of_a_score_decide_nothing() -> None:
    assert matched([0.3, 0.1 + 0.2, 0.3], [1, 0, 0]) == [(0, 1)]
    assert matched([0.3, 0.3, 0.1 + 0.2], [1, 0, 0]) == [(0, 1)]


def test_someone_exactly_at_the_caliper_is_inside_it() -> None:
    assert matched([0.5, 0.75], [1, 0], caliper=0.25) == [(0, 1)]
    assert matched([0.3, 0.1], [1, 0], caliper=0.2) == [(0, 1)]
    assert matched([0.5, 0.76], [1, 0], caliper=0.25) == []


def test_everyone_gets_a_first_match_before_anyone_gets_a_second() -> None:
    assert matched([0.9, 0.5, 0.9, 0.8], [1, 1, 0, 0], ratio=2) == [(0, 2), (1, 3)]


def test_nobody_to_match_gives_no_pairs() -> None:
    for arm in (0, 1):
        assert matched([0.1, 0.2], [arm, arm]) == []
        assert matched([0.1, 0.2], [arm, arm], replace=True) == []


def test_rounding_keeps_significant_digits_and_nought() -> None:
    values: npt.NDArray[np.float64] = np.array([0.0, 123456.789, -0.000123456789])
    assert rounded(values, 4).tolist() == pytest.approx([0.0, 123500.0, -0.0001235], rel=1e-12)
