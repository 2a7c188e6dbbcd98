"""What every method promises, for times to an event too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.methods.registry import METHODS
from tests.contract import test_every_method as every
from tests.evaluation.studies import number, primary
from tests.evaluation.times import time_plan

KIND = "time-to-event"
METHODS_OF_TIMES = [name for name, method in METHODS.items() if KIND in method.kinds]
# Lin's estimator and Abadie and Imbens's belong to differences, and rules for missing outcomes to outcomes: all are
# refused for times.
NOT_OF_TIMES = ('"lin"', "abadie-imbens", "missing")
ROWS = [
    (name, number)
    for name in METHODS_OF_TIMES
    for number, (_, _, settings) in enumerate(every.DESIGNS[name])
    if not any(word in settings for word in NOT_OF_TIMES)
]
rows = pytest.mark.parametrize(("method", "design"), ROWS)
PROMISES = [
    every.test_the_same_data_and_seed_give_the_same_answer_to_the_last_bit,
    every.test_the_order_of_rows_and_columns_changes_nothing,
    every.test_relabelling_categories_changes_nothing,
    every.test_the_unit_and_origin_of_a_covariate_change_nothing,
    every.test_columns_the_plan_does_not_name_change_nothing,
    every.test_the_input_is_left_as_it_was,
]
# What is wrong with the arms, the people or the covariates; what is wrong with times has tests of its own.
HOPELESS = sorted(set(every.HOPELESS) - {"constant outcome"})
SAYS_NOTHING: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "constant covariate": lambda frame: frame.with_columns(x=pl.lit(7.0)),
    "constant decimal": lambda frame: frame.with_columns(z=pl.lit(0.1)),
    "collinear covariates": lambda frame: frame.with_columns(x=pl.col("z") * 3 + 1),
    "one category": lambda frame: frame.with_columns(place=pl.lit("east")),
}


def test_three_methods_analyse_times() -> None:
    assert METHODS_OF_TIMES == ["randomised", "matching", "weighting"]


@rows
@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__.removeprefix("test_"))
def test_a_promise_of_every_method_is_kept(promise: Callable[..., Any], method: str, design: int) -> None:
    promise(method, KIND, design)


@rows
@pytest.mark.parametrize("wrong", HOPELESS)
def test_hopeless_data_are_refused_or_not_assessable(method: str, design: int, wrong: str) -> None:
    every.test_hopeless_data_are_refused_or_not_assessable_and_never_crash(method, KIND, design, wrong)


@rows
@pytest.mark.parametrize("change", sorted(SAYS_NOTHING))
def test_covariates_that_say_nothing_are_survived(method: str, design: int, change: str) -> None:
    every.test_covariates_that_say_nothing_are_survived(method, KIND, design, SAYS_NOTHING[change])


@rows
def test_the_ratio_lies_inside_its_intervals_and_the_p_value_agrees(method: str, design: int) -> None:
    for seed in range(2):
        e = primary(every.people(method, KIND, seed=seed), every.plan_of(method, KIND, design)).estimate
        low, narrow_low, value, narrow_high, high = (
            number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)
        )
        assert 0 < low < narrow_low < value < narrow_high < high
        assert (number(e.p_value) < 0.05) == (not low <= 1 <= high)


@rows
def test_the_unit_of_time_changes_no_ratio(method: str, design: int) -> None:
    frame, plan = every.people(method, KIND), every.plan_of(method, KIND, design)
    one, other = primary(frame, plan), primary(frame.with_columns(weeks=7 * pl.col("weeks")), plan)
    assert other.estimate.value == pytest.approx(number(one.estimate.value))
    assert other.estimate.std_error == pytest.approx(number(one.estimate.std_error))
    mean, weeks = (number(found.sensitivity[0].estimate.value) for found in (other, one))
    assert mean == pytest.approx(7 * weeks)


@pytest.mark.parametrize("method", METHODS_OF_TIMES)
def test_small_studies_of_any_shape_never_crash_and_never_claim(method: str) -> None:
    draw = np.random.default_rng(12)
    for _ in range(60):
        n = int(draw.integers(1, 25))
        frame = pl.DataFrame(
            {
                "treat": draw.integers(0, 2, n).astype(float),
                "x": draw.integers(0, 3, n).astype(float),
                "z": draw.normal(size=n),
                "place": draw.choice(["a", "b", "c"], n).tolist(),
                "unit": [f"P{i}" for i in range(n)],
                "y": draw.integers(0, 2, n).astype(float),
                "weeks": draw.integers(0, 6, n).astype(float),
            }
        )
        for covariates, lines, settings in every.DESIGNS[method]:
            if any(word in settings for word in NOT_OF_TIMES):
                continue
            plan = time_plan(method, covariates=covariates, design=lines, settings=settings)
            try:
                found = primary(frame, plan)
            except EvaluationError:
                continue
            assert found.verdict.answer == "not-assessable"
            assert found.estimate.p_value is None
