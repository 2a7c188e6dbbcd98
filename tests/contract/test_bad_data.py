"""Data that cannot bear the question: an error that says what to do, or no answer and why; never a number that looks
fine. Every row of ``bad_rows`` meets every situation of ``bad_data`` that can befall it."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from tests.contract.bad_data import SITUATIONS
from tests.contract.bad_rows import ROWS, people, plan_like, plan_of
from tests.contract.test_every_method import PEOPLE
from tests.evaluation.studies import number, primary

# These turn a number into a text, or need people who may be gone: they do not go with others.
RETYPED = {"an outcome in words", "a category is the arm", "a category for everyone", "one treated person"}
CASES = [(name, what) for name, row in ROWS.items() for what, case in SITUATIONS.items() if case.fits(row)]


def ask(name: str, frame: pl.DataFrame) -> OutcomeResult | EvaluationError:
    """The answer of a row's plan on a frame, or why there is none."""
    try:
        return primary(frame, plan_of(name))
    except EvaluationError as refused:
        return refused


def unsound(value: Any, at: str = "") -> Iterator[str]:
    """Where something that is infinite or a NaN stands in a result."""
    if isinstance(value, float) and not math.isfinite(value):
        yield at
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from unsound(part, f"{at}.{key}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from unsound(part, f"{at}[{place}]")


def values_of(frame: pl.DataFrame) -> set[str]:
    """What no message may hold: who people are, and numbers written so long that nothing else is written so."""
    told = frame.select(pl.col("unit", "x", "y").cast(pl.String))
    values = {value for column in told.iter_columns() for value in column.drop_nulls()}
    return {value for value in values if len(value) > 4}


def check_refusal(refused: EvaluationError, frame: pl.DataFrame) -> None:
    """Code, problem and hint for each fault, the exit code, and nothing of the data."""
    assert refused.exit_code == 12
    assert refused.faults
    for fault in refused.faults:
        assert fault.code.startswith("LC4")
        assert len(fault.problem) > 10
        assert len(fault.hint) > 5
    said = "".join(traceback.format_exception(refused))
    assert not any(value in said for value in values_of(frame))
    assert "Warning" not in said


def check_silence(found: OutcomeResult) -> None:
    """Not assessable, for a reason that is told in a sentence; nothing about it looks like an answer."""
    assert found.verdict.answer == "not-assessable"
    assert found.verdict.sentence.startswith("The data cannot answer this")
    blocking = [check for check in found.checks if check.consequence == "block"]
    assert blocking
    for check in blocking:
        assert check.result == "fail"
        assert len(check.note) > 40
        assert check.note.endswith(".")
    assert found.verdict.detail == blocking[0].name


def check_sound(found: OutcomeResult) -> None:
    """Nothing infinite anywhere; what is missing goes together; a number stands inside its intervals."""
    whole = asdict(found)
    assert list(unsound(whole)) == []
    json.dumps(whole, allow_nan=False)
    e = found.estimate
    if e.value is None:
        assert (e.std_error, e.conf_low, e.conf_high, e.p_value, e.standardised) == (None,) * 5
    if e.std_error is not None:
        ends = [number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)]
        assert ends == sorted(ends)
        assert e.std_error > 0
    if found.verdict.answer != "not-assessable":
        assert e.std_error is not None


def test_every_method_and_kind_of_outcome_is_among_the_rows() -> None:
    asked = {(row.method, row.kind) for row in ROWS.values()}
    assert asked == {(name, kind) for name, method in PEOPLE.items() for kind in method.kinds}


@pytest.mark.parametrize("name", ROWS)
def test_with_good_data_every_row_but_the_caliper_of_nobody_has_an_answer(name: str) -> None:
    found = primary(people(name), plan_of(name))
    check_sound(found)
    if name == "matching-caliper":
        check_silence(found)
    else:
        assert found.verdict.answer != "not-assessable", found.checks


@pytest.mark.parametrize(("name", "what"), CASES)
def test_bad_data_never_give_a_number_that_looks_fine(name: str, what: str) -> None:
    case, row = SITUATIONS[what], ROWS[name]
    frame = case.change(people(name), row)
    found = ask(name, frame)
    if isinstance(found, EvaluationError):
        assert case.expected != "finite"
        check_refusal(found, frame)
        return
    assert case.expected != "refused", [check for check in found.checks if check.consequence == "block"]
    check_sound(found)
    if case.expected == "silent" or found.verdict.answer == "not-assessable":
        check_silence(found)


# --- what is harmless: the same answer as without it, and what was left out is named


def place_of_x(name: str) -> bool:
    return "x" in ROWS[name].covariates and "missing" not in ROWS[name].more


# What x becomes, and whether the answer is that of a plan without x.
SPARE: dict[str, pl.Expr] = {
    "constant decimal": pl.lit(0.1),
    "one category": pl.lit("all"),
}
WITH_X = [name for name in ROWS if place_of_x(name) and name != "matching-caliper"]


def without_x(name: str) -> Any:
    """The plan of a row, one covariate fewer; nothing where a method needs one."""
    row = ROWS[name]
    left = tuple(c for c in row.covariates if c != "x")
    return None if row.observed and not left else plan_like(replace(row, covariates=left))


def same_answer(found: OutcomeResult, other: OutcomeResult) -> None:
    """The same verdict, value and error, up to what another order of the same sums leaves."""
    assert found.verdict.answer == other.verdict.answer
    assert (found.estimate.value is None) == (other.estimate.value is None)
    if other.estimate.value is not None:
        assert found.estimate.value == pytest.approx(other.estimate.value, rel=1e-6, abs=1e-9)
        assert found.estimate.std_error == pytest.approx(number(other.estimate.std_error), rel=1e-6)


@pytest.mark.parametrize("spare", SPARE)
@pytest.mark.parametrize("name", WITH_X)
def test_a_constant_covariate_changes_nothing_and_is_named(name: str, spare: str) -> None:
    frame = people(name).with_columns(x=SPARE[spare])
    found, plan = primary(frame, plan_of(name)), without_x(name)
    named = [check for check in found.checks if check.name == "covariates"]
    assert len(named) == 1
    assert "x" in named[0].note.replace(".", "").replace(",", "").split()
    check_sound(found)
    if plan is not None:
        other = primary(frame, plan)
        same_answer(found, other)


@pytest.mark.parametrize("name", [name for name in WITH_X if "z" in ROWS[name].covariates])
def test_a_covariate_that_says_what_another_says_changes_nothing_and_is_named(name: str) -> None:
    frame = people(name).with_columns(z=3 * pl.col("x") + 1)
    row = ROWS[name]
    found = primary(frame, plan_of(name))
    other = primary(frame, plan_like(replace(row, covariates=tuple(c for c in row.covariates if c != "z"))))
    assert [check.note for check in found.checks if check.name == "covariates" and "z" in check.note]
    check_sound(found)
    same_answer(found, other)


# --- several things wrong at once, in fewer people


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_wrong_together_gives_no_traceback_and_nothing_unsound(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ROWS)))
    row = ROWS[name]
    fitting = [what for what, case in SITUATIONS.items() if case.fits(row) and what not in RETYPED]
    wrong = data.draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True))
    frame = people(name)
    size = data.draw(st.integers(2, frame.height))
    frame = frame.sample(size, seed=data.draw(st.integers(0, 999)))
    for what in wrong:
        frame = SITUATIONS[what].change(frame, row)
    found = ask(name, frame)
    if isinstance(found, EvaluationError):
        check_refusal(found, frame)
        return
    check_sound(found)
    if found.verdict.answer == "not-assessable":
        check_silence(found)
