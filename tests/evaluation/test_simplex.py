"""Weights on the simplex: the exact optimum, certified, whatever the columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from evaluation.synthetic.simplex import Array, simplex_weights


def loss(columns: Array, target: Array, ridge: float, weights: Array) -> float:
    left = target - columns @ weights
    return float(left @ left + ridge * weights @ weights)


def test_two_donors_by_hand() -> None:
    """The target 0.3 of the way from the first to the second; and one beyond the second."""
    columns = np.array([[0.0, 10.0], [5.0, 5.0]])
    inside = simplex_weights(columns, np.array([3.0, 5.0]))
    assert inside.weights == pytest.approx([0.7, 0.3], abs=1e-12)
    assert inside.unique
    assert simplex_weights(columns, np.array([14.0, 9.0])).weights.tolist() == [0.0, 1.0]


def test_a_ridge_by_hand() -> None:
    """Equal columns: the ridge alone decides, and shares out evenly. Apart by two with ridge two: (w - 1)^2 4 + ..."""
    same = simplex_weights(np.ones((3, 4)), np.zeros(3), ridge=1.0)
    assert same.weights == pytest.approx([0.25] * 4, abs=1e-12)
    # |2 - 2 w1|^2 + 2 (w1^2 + (1 - w1)^2) is least where -8 (1 - w1) + 4 w1 - 4 (1 - w1) = 0: w1 = 3/4.
    found = simplex_weights(np.array([[2.0, 0.0]]), np.array([2.0]), ridge=2.0)
    assert found.weights == pytest.approx([0.75, 0.25], abs=1e-12)


@pytest.mark.parametrize("ridge", [0.0, 1e-8, 0.5, 20.0])
@pytest.mark.parametrize("shape", [(5, 3), (19, 38), (6, 60), (40, 8)])
def test_the_conditions_of_the_optimum_hold_and_a_general_solver_finds_nothing_lower(
    shape: tuple[int, int], ridge: float
) -> None:
    draw = np.random.default_rng(sum(shape))
    columns, target = draw.normal(size=shape), draw.normal(size=shape[0])
    found = simplex_weights(columns, target, ridge)
    assert found.residual < 1e-10
    assert found.weights.min() >= 0
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    other = minimize(
        lambda w: loss(columns, target, ridge, w), np.full(shape[1], 1 / shape[1]), bounds=[(0, 1)] * shape[1],
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, method="SLSQP", options={"maxiter": 500},
    )  # fmt: skip
    assert loss(columns, target, ridge, found.weights) <= other.fun + 1e-9


def test_where_many_weights_meet_the_path_the_most_even_are_taken_and_it_is_said() -> None:
    draw = np.random.default_rng(3)
    columns = draw.normal(size=(5, 40))
    centre = simplex_weights(columns, columns.mean(axis=1))
    assert centre.weights == pytest.approx([1 / 40] * 40, abs=1e-9)
    assert not centre.unique
    several = simplex_weights(columns, columns[:, :6] @ np.full(6, 1 / 6))
    assert columns @ several.weights == pytest.approx(columns[:, :6].mean(axis=1), abs=1e-9)
    assert (several.weights**2).sum() <= 1 / 6 + 1e-9


def test_a_donor_that_is_there_twice_shares_its_weight() -> None:
    draw = np.random.default_rng(4)
    columns, target = draw.normal(size=(8, 6)), draw.normal(size=8)
    once, twice = simplex_weights(columns, target), simplex_weights(np.hstack([columns, columns]), target)
    assert twice.weights[:6] == pytest.approx(once.weights / 2, abs=1e-9)
    assert (once.unique, twice.unique) == (True, False)


def test_a_search_that_sets_out_from_other_weights_comes_to_the_same_end() -> None:
    draw = np.random.default_rng(5)
    columns, target = draw.normal(size=(12, 30)), draw.normal(size=12)
    near = simplex_weights(columns, target + 0.3 * draw.normal(size=12)).weights
    assert simplex_weights(columns, target, near=near).weights == pytest.approx(
        simplex_weights(columns, target).weights, abs=1e-10
    )


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 9), st.integers(1, 14), st.integers(0, 10_000), st.sampled_from([0.0, 0.3]),
    st.floats(-1e6, 1e6), st.sampled_from([1e-6, 1.0, 1e7]),
)  # fmt: skip
def test_order_origin_and_unit_change_nothing(
    rows: int, n: int, seed: int, ridge: float, origin: float, unit: float
) -> None:
    draw = np.random.default_rng(seed)
    columns, target = (
        draw.integers(-4, 5, size=(rows, n)).astype(float),
        draw.integers(-4, 5, size=rows).astype(float),
    )
    order = draw.permutation(n)
    plain = simplex_weights(columns, target, ridge)
    moved = simplex_weights(
        unit * (columns[:, order] + round(origin)), unit * (target + round(origin)), ridge * unit**2
    )
    assert plain.residual < 1e-8
    assert moved.weights == pytest.approx(plain.weights[order], abs=1e-6)
