"""What holds for every option of a difference in differences, as for every other method."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.contract.test_every_method import close
from tests.evaluation.differences import areas, plan_of
from tests.evaluation.studies import number, primary, read, run

PANEL = 'unit = "area"'
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {"design": PANEL},
    "clusters": {"design": f'{PANEL}\ncluster = "region"'},
    "cr1": {"design": PANEL, "settings": 'errors = "CR1"\ninterval = "normal"'},
    "weights": {"design": f'{PANEL}\nweights = "pop"'},
    "gaps": {"design": PANEL},
    "complete": {"design": PANEL, "settings": 'unbalanced = "complete"'},
    "regression": {"design": f'{PANEL}\ncovariates = ["x"]'},
    "doubly-robust": {"design": f'{PANEL}\ncovariates = ["x"]', "settings": 'control = "doubly-robust"'},
    "changing": {"design": f'{PANEL}\ncovariates = ["x"]', "settings": 'time_varying = ["x"]'},
    "one treated": {"design": PANEL},
    "three treated": {"design": PANEL},
    "people": {"design": PANEL, "units": "people"},
    "binary": {"design": PANEL, "units": "people", "kind": "binary", "measure": "b"},
    "count": {"design": PANEL, "kind": "count", "measure": "c", "outcome": 'exposure = "pop"'},
    "count as a difference": {"design": PANEL, "kind": "count", "measure": "c", "outcome": 'effect = "difference"'},
    "cross-sections": {"units": "people", "design": 'covariates = ["x", "region"]'},
    "cross-sections in clusters": {"units": "people", "design": 'cluster = "area"'},
    "counts of people": {"units": "people", "kind": "count", "measure": "c", "outcome": 'exposure = "pop"'},
}  # fmt: skip
RATIOS = ("count", "counts of people")
every = pytest.mark.parametrize("option", OPTIONS)


def planned(option: str) -> AnalysisPlan:
    return read(plan_of(**OPTIONS[option]))


def data(option: str, seed: int = 5) -> pl.DataFrame:
    many = {"people": 80, "binary": 80, "cross-sections": 20, "counts of people": 20}.get(option, 30)
    treated = {"one treated": 1, "three treated": 3}.get(option, int(0.4 * many))
    frame = areas(many, treated, periods=8, seed=seed).with_columns(b=(pl.col("y") > 31).cast(pl.Int64))
    if option in ("gaps", "complete"):
        return frame.filter(~((pl.col("area") > "a025") & (pl.col("year") == 2012)))
    return frame


def ask(frame: pl.DataFrame, option: str) -> OutcomeResult:
    return primary(frame, planned(option))


@every
def test_it_gives_an_answer_with_an_interval_and_says_what_it_rests_on(option: str) -> None:
    found = ask(data(option), option)
    assert found.estimate.conf_low is not None
    assert found.estimate.p_value is not None
    assert number(found.estimate.conf_low) < number(found.estimate.value) < number(found.estimate.conf_high)
    assert {figure.name for figure in found.figures} >= {"means"}
    assert any(check.name == "periods before" for check in found.checks)


@every
def test_the_same_data_and_seed_give_the_same_answer_whatever_the_order_of_rows(option: str) -> None:
    frame = data(option)
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    one, other = ask(frame, option), ask(moved, option)
    if "unit" in OPTIONS[option].get("design", ""):
        assert one == other
    close(one, other)
    assert ask(frame, option) == one


@every
def test_new_names_for_units_and_clusters_change_nothing_but_the_last_bits(option: str) -> None:
    frame = data(option)
    renamed = frame.with_columns(
        area=pl.col("area").str.reverse() + "q", region=pl.col("region").str.reverse() + "z"
    )
    close(ask(renamed, option), ask(frame, option))


@every
def test_a_constant_added_and_other_units_move_the_effect_as_they_should(option: str) -> None:
    measure = OPTIONS[option].get("measure", "y")
    if measure != "y":
        return
    frame = data(option)
    other = ask(frame, option).estimate
    moved = ask(frame.with_columns(pl.col("y") + 7), option).estimate
    assert moved.value == pytest.approx(other.value, rel=1e-8)
    assert moved.std_error == pytest.approx(other.std_error, rel=1e-6)
    turned = ask(frame.with_columns(pl.col("y") * -10), option).estimate
    assert turned.value == pytest.approx(-10 * number(other.value), rel=1e-8)
    assert turned.conf_low == pytest.approx(-10 * number(other.conf_high), rel=1e-6)


@every
def test_years_written_otherwise_change_nothing(option: str) -> None:
    frame = data(option)
    text = plan_of(**{**OPTIONS[option], "start": "7"})
    one = primary(frame.with_columns(year=pl.col("year") - 2009), read(text))
    assert one.estimate == ask(frame, option).estimate


@every
def test_the_data_are_left_as_they_were(option: str) -> None:
    frame = data(option)
    copy = frame.clone()
    run(frame, planned(option))
    assert frame.equals(copy)


@every
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hopeless_data_are_refused_kindly_or_not_assessed(option: str, n: int) -> None:
    places = [f"a{i:03d}" for i in (0, 29, 1)[:n]]
    frame = data(option).filter(pl.col("area").is_in(places))
    try:
        found = ask(frame, option)
    except EvaluationError:
        return
    assert found.verdict.answer == "not-assessable"
    assert any(check.consequence == "block" for check in found.checks)
    assert found.estimate.conf_low is None
