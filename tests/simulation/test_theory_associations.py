"""Associations where truth is known: how often unrelated things are called related, and intervals hold the truth."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from evaluation.theory_tests.association import ALPHA, NEGLIGIBLE, Association, association

RUNS = 1200
SLACK = 3 * math.sqrt(ALPHA * (1 - ALPHA) / RUNS)
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]


def normal(chance: np.random.Generator, n: int) -> Sample:
    z = chance.normal(size=(n, 2))
    return z @ [0.8, 0.3] + chance.normal(size=n), z @ [0.7, -0.4] + chance.normal(size=n), z


def yes_or_no(chance: np.random.Generator, n: int) -> Sample:
    z = (chance.random((n, 1)) < 0.4) * 1.0
    x = (chance.random(n) < 0.2 + 0.3 * z[:, 0]) * 1.0
    return (chance.random(n) < 0.15 + 0.3 * z[:, 0]) * 1.0, x, z


def skewed(chance: np.random.Generator, n: int) -> Sample:
    """The spread of the one grows with the other's cause: an ordinary error would be wrong."""
    z = (chance.random((n, 1)) < 0.5) * 1.0
    wide = 0.3 + 3 * z[:, 0]
    return wide * chance.normal(size=n), chance.exponential(size=n) * wide, z


def found(make: Callable[[np.random.Generator, int], Sample], n: int, runs: int = RUNS) -> list[Association]:
    chance = np.random.default_rng(20261122)
    all_ = [association(*_ordered(make(chance, n))) for _ in range(runs)]
    assert all(isinstance(one, Association) for one in all_)
    return [one for one in all_ if isinstance(one, Association)]


def _ordered(sample: Sample) -> Sample:
    y, x, z = sample
    return y, x, z


@pytest.mark.parametrize(("make", "n"), [(normal, 60), (yes_or_no, 300), (skewed, 200)])
def test_unrelated_things_are_called_related_no_more_often_than_alpha(
    make: Callable[[np.random.Generator, int], Sample], n: int
) -> None:
    wrong = sum(one.p_related < ALPHA for one in found(make, n)) / RUNS
    assert wrong <= ALPHA + SLACK + 0.01  # a hundredth for samples this small


def at(r: float) -> Callable[[np.random.Generator, int], Sample]:
    def make(chance: np.random.Generator, n: int) -> Sample:
        z = chance.normal(size=(n, 1))
        own = chance.normal(size=n)
        y = r * own + math.sqrt(1 - r * r) * chance.normal(size=n)
        return y + z[:, 0], own - z[:, 0], z

    return make


@pytest.mark.parametrize("r", [0.0, 0.3, 0.7])
def test_intervals_hold_the_truth_as_often_as_they_say(r: float) -> None:
    held = sum(one.conf_low <= r <= one.conf_high for one in found(at(r), 120)) / RUNS
    assert abs(held - (1 - ALPHA)) <= SLACK + 0.01


def test_a_bare_negligible_correlation_is_called_unrelated_no_more_often_than_alpha() -> None:
    wrong = sum(one.p_negligible < ALPHA for one in found(at(NEGLIGIBLE), 400)) / RUNS
    assert wrong <= ALPHA + SLACK


def test_few_people_are_never_enough_to_call_anything_unrelated() -> None:
    assert not any(one.p_negligible < ALPHA for one in found(at(0.0), 60, 300))


def test_children_of_one_school_are_not_taken_one_by_one() -> None:
    chance = np.random.default_rng(5)
    schools, size = 40, 15
    labels = np.repeat(np.arange(schools), size)
    wrong = naive = 0
    for _ in range(600):
        x = chance.normal(size=schools)[labels] + 0.3 * chance.normal(size=schools * size)
        y = chance.normal(size=schools)[labels] + 0.3 * chance.normal(size=schools * size)
        none = np.empty((len(x), 0))
        both = association(y, x, none, labels), association(y, x, none)
        assert isinstance(both[0], Association)
        assert isinstance(both[1], Association)
        wrong += both[0].p_related < ALPHA
        naive += both[1].p_related < ALPHA
    assert wrong / 600 <= 0.085  # forty clusters: a little above alpha
    assert naive / 600 > 0.4
