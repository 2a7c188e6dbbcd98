"""What holds for every option of staggered adoption, as for every other method."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.contract.test_every_method import close, numbers
from tests.evaluation.staggered import rollout, staggered_plan
from tests.evaluation.studies import number, primary, run

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("", {}),
    "not yet": ('comparison = "not-yet"\naggregate = "dynamic"', {}),
    "anticipation": ('anticipation = 1\nbase = "universal"\naggregate = "calendar"', {}),
    "clusters": ('aggregate = "simple"', {"design": 'cluster = "region"'}),
    "weights": ("", {"design": 'weights = "people"'}),
    "pairs": ('gaps = "pairwise"', {}),
    "multiplier": ('bands = "multiplier"\ndraws = 199', {}),
    "regression": ('control = "regression"', {"covariates": ["x"]}),
    "odds": ('control = "ipw"\ncomparison = "not-yet"', {"covariates": ["x"]}),
    "both": ('control = "doubly-robust"', {"covariates": ["x"], "design": 'cluster = "region"\nweights = "people"'}),
    "efficient": ('estimator = "efficient"\ndraws = 99', {}),
    "people": ("", {"units": "people"}),
    "binary": ("", {"kind": "binary", "units": "people"}),
    "count": ('comparison = "not-yet"', {"kind": "count", "outcome": 'effect = "difference"'}),
}  # fmt: skip
every = pytest.mark.parametrize("option", OPTIONS)


def plan_of(option: str) -> AnalysisPlan:
    settings, parts = OPTIONS[option]
    return staggered_plan(settings, **parts)


def panel(option: str, seed: int = 1) -> pl.DataFrame:
    frame = rollout((31, 32, 33, 40), seed=seed)
    if option == "binary":
        return frame.with_columns(y=(pl.col("y") > 1).cast(pl.Int64))
    if option == "count":
        return frame.with_columns(y=(pl.col("y").exp().clip(0, 50)).round().cast(pl.Int64))
    if option == "pairs":
        return frame.filter(~((pl.col("area") < "a030") & (pl.col("year") == 2003)))
    return frame


def ask(frame: pl.DataFrame, option: str) -> OutcomeResult:
    return primary(frame, plan_of(option))


@every
def test_the_same_data_and_seed_give_the_same_answer_to_the_last_bit(option: str) -> None:
    assert ask(panel(option), option) == ask(panel(option), option)


@every
def test_the_order_of_rows_and_columns_changes_nothing(option: str) -> None:
    frame = panel(option)
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    assert ask(moved, option) == ask(frame, option)


@every
def test_new_names_for_units_and_clusters_change_nothing_but_the_last_bits(option: str) -> None:
    if option == "efficient":
        return  # which unit a redrawn start falls on hangs on the order of the names: the next test says how far
    frame = panel(option)
    renamed = frame.with_columns(
        area=pl.col("area").str.reverse() + "q", region=pl.col("region").str.reverse() + "z"
    )
    one, other = ask(renamed, option), ask(frame, option)
    close(one, other)
    found = [{row.term: number(row.value) for row in each.path} for each in (one, other)]
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-12)


def test_new_names_change_only_the_drawn_p_of_randomly_timed_starts() -> None:
    frame = panel("efficient")
    renamed = frame.with_columns(area=pl.col("area").str.reverse() + "q")
    one, other = ask(renamed, "efficient"), ask(frame, "efficient")
    assert numbers(one.estimate) == pytest.approx(numbers(other.estimate), rel=1e-9)
    drawn = [next(c.reading for c in each.checks if c.name == "randomisation test") for each in (one, other)]
    assert abs(number(drawn[0]) - number(drawn[1])) < 0.15


@every
def test_an_outcome_with_a_constant_added_has_the_same_effect(option: str) -> None:
    if option == "binary":
        return
    frame = panel(option)
    one = ask(frame.with_columns(pl.col("y") + 7), option).estimate
    other = ask(frame, option).estimate
    assert one.value == pytest.approx(number(other.value), rel=1e-8, abs=1e-9)
    assert one.std_error == pytest.approx(number(other.std_error), rel=1e-8)


@every
def test_an_outcome_in_other_units_has_the_effect_in_these_units(option: str) -> None:
    if option in ("binary", "count"):
        return
    frame = panel(option)
    one, other = ask(frame.with_columns(pl.col("y") * -10), option).estimate, ask(frame, option).estimate
    assert one.value == pytest.approx(-10 * number(other.value), rel=1e-8)
    assert one.std_error == pytest.approx(10 * number(other.std_error), rel=1e-8)
    assert one.conf_low == pytest.approx(-10 * number(other.conf_high), rel=1e-8)


@every
def test_years_written_otherwise_change_nothing(option: str) -> None:
    frame = panel(option)
    start = pl.when(pl.col("start") > 0).then(pl.col("start") - 1999).otherwise(0)
    moved = frame.with_columns(year=pl.col("year") - 1999, start=start)
    one, other = ask(moved, option), ask(frame, option)
    assert one.estimate == other.estimate
    assert [row.value for row in one.path] == [row.value for row in other.path]


@every
def test_the_data_are_left_as_they_were(option: str) -> None:
    frame = panel(option)
    copy = frame.clone()
    run(frame, plan_of(option))
    assert frame.equals(copy)


@every
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hopeless_data_are_refused_kindly_or_not_assessed(option: str, n: int) -> None:
    from evaluation.errors import EvaluationError

    frame = panel(option).filter(pl.col("area").is_in([f"a{i:03d}" for i in range(0, 34 * n, 34)]))
    try:
        found = ask(frame, option)
    except EvaluationError:
        return
    assert found.verdict.answer == "not-assessable"
    assert any(check.consequence == "block" for check in found.checks)
    assert (found.estimate.std_error, found.estimate.conf_low) == (None, None)
