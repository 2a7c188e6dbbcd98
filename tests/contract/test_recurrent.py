"""What every method promises, for events that come back too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from tests.contract import test_every_method as every
from tests.contract.test_times import METHODS_OF_TIMES, PROMISES, ROWS, SAYS_NOTHING
from tests.evaluation.studies import number, primary

KIND = "recurrent"
rows = pytest.mark.parametrize(("method", "design"), ROWS)
HOPELESS = sorted(set(every.HOPELESS) - {"constant outcome"})


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
    frame = every.people(method, KIND)
    found = primary(SAYS_NOTHING[change](frame), every.plan_of(method, KIND, design))
    if found.verdict.answer != "not-assessable":
        assert (
            number(found.estimate.conf_low) < number(found.estimate.value) < number(found.estimate.conf_high)
        )


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
    one, other = primary(frame, plan), primary(frame.with_columns(pl.col("start", "stop") * 7), plan)
    assert other.estimate.value == pytest.approx(number(one.estimate.value))
    assert other.estimate.std_error == pytest.approx(number(one.estimate.std_error))
    mean, days = (number(found.sensitivity[0].estimate.value) for found in (other, one))
    assert mean == pytest.approx(days)  # a number of events has no unit of time


@pytest.mark.parametrize("method", METHODS_OF_TIMES)
def test_small_studies_of_any_shape_never_crash_and_never_claim(method: str) -> None:
    draw = np.random.default_rng(11)
    for _ in range(40):
        n = int(draw.integers(1, 12))
        start = draw.integers(0, 5, n).astype(float)
        frame = pl.DataFrame(
            {
                "unit": [f"P{i}" for i in draw.integers(0, n, n)],
                "treat": draw.integers(0, 2, n).astype(float),
                "x": draw.integers(0, 3, n).astype(float),
                "z": draw.normal(size=n),
                "place": draw.choice(["a", "b", "c"], n).tolist(),
                "y": draw.integers(0, 2, n).astype(float),
                "start": start,
                "stop": start + draw.integers(0, 3, n),
            }
        )
        if draw.uniform() < 0.5:
            frame = frame.with_columns(unit=pl.int_range(n).cast(pl.String))
        for number_ in range(len(every.DESIGNS[method])):
            if (method, number_) not in ROWS:
                continue
            try:
                found = primary(frame, every.plan_of(method, KIND, number_))
            except EvaluationError:
                continue
            assert found.verdict.answer == "not-assessable"
            assert found.estimate.p_value is None
