"""What a study of a given size can show, and rule out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.power import detectable, equivalence_power, people_to_settle
from tests.evaluation.study_errors import std_error_of


def test_a_study_detects_two_point_eight_standard_errors_four_times_in_five() -> None:
    assert detectable(1.0) == pytest.approx(2.8015852, abs=1e-7)
    assert detectable(2.5) == pytest.approx(2.5 * 2.8015852, abs=1e-6)


def test_the_standard_error_is_that_of_two_means() -> None:
    assert std_error_of(50, 200, 10.0) == pytest.approx(10 * math.sqrt(1 / 50 + 1 / 200))
    assert std_error_of(50, 200, 10.0, r2=0.75) == pytest.approx(std_error_of(50, 200, 10.0) / 2)


def test_sixty_people_an_arm_at_a_base_of_43_per_cent_detect_25_points() -> None:
    # The variance is that of the base rate in both arms. Arcsine tables give 23.0; ours is the cautious figure.
    error = std_error_of(60, 60, math.sqrt(0.43 * 0.57))
    assert 100 * detectable(error) == pytest.approx(25.32, abs=0.01)


@pytest.mark.parametrize(("n", "points"), [(142, 16.46), (500, 8.77), (2000, 4.39)])
def test_the_detectable_difference_shrinks_with_the_root_of_the_size(n: int, points: float) -> None:
    assert 100 * detectable(std_error_of(n, n, math.sqrt(0.43 * 0.57))) == pytest.approx(points, abs=0.01)


@pytest.mark.parametrize(("margin", "people"), [(0.05, 1680), (0.03, 4660), (0.02, 10500)])
def test_equivalence_power_agrees_with_the_field_standards(margin: float, people: int) -> None:
    # Field standards 1.4: base 43 %, true difference nought, four times in five.
    error = std_error_of(people, people, math.sqrt(0.43 * 0.57))
    assert equivalence_power(error, margin) == pytest.approx(0.8, abs=0.003)


def test_equivalence_power_is_nought_when_the_interval_is_wider_than_the_margins() -> None:
    assert equivalence_power(1.0, 1.6) == 0.0
    assert equivalence_power(1.0, 1.7) > 0.0
    assert equivalence_power(1.0, 2.9265) == pytest.approx(0.8, abs=1e-4)


@given(
    n=st.integers(60, 5000),
    error=st.floats(0.01, 10),
    margin=st.floats(0.01, 10),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
)
def test_the_people_asked_for_do_settle_the_question(
    n: int, error: float, margin: float, alpha: float
) -> None:
    people = people_to_settle(n, error, margin, alpha=alpha)
    then = error * math.sqrt(n / people)
    assert detectable(then, alpha=alpha) <= margin * (1 + 1e-9)
    assert equivalence_power(then, margin, alpha=alpha) >= 0.8 - 1e-9


@given(n=st.integers(60, 5000), error=st.floats(0.05, 10), margin=st.floats(0.05, 10))
def test_no_more_people_are_asked_for_than_are_needed(n: int, error: float, margin: float) -> None:
    fewer = people_to_settle(n, error, margin) - 1
    if fewer < 1:
        return
    then = error * math.sqrt(n / fewer)
    assert detectable(then) > margin or equivalence_power(then, margin) < 0.8


@given(n=st.integers(2, 500), m=st.integers(2, 500), sd=st.floats(0.1, 100), margin=st.floats(0.01, 10))
def test_more_people_never_show_less(n: int, m: int, sd: float, margin: float) -> None:
    few, more = std_error_of(n, m, sd), std_error_of(n + 1, m, sd)
    assert detectable(more) < detectable(few)
    assert equivalence_power(more, margin) >= equivalence_power(few, margin)
