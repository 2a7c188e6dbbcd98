"""What holds for every kind of synthetic control, whatever the data."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.evaluation.force_areas import as_table, made_areas, plan_for
from tests.evaluation.studies import number, primary

WAYS = {
    "classic": ("", 'treated_unit = "Avon"'),
    "classic with a predictor": ('predictors = ["x"]', 'treated_unit = "Avon"'),
    "did": ('kind = "did"', 'treated_unit = "Avon"'),
    "augmented": ('kind = "augmented"', 'treated_unit = "Avon"'),
    "conformal": ('inference = "conformal"', 'treated_unit = "Avon"'),
    "two areas": ("", 'treated_units = ["Avon", "Force 01"]'),
    "two areas, jackknife": ('kind = "did"\ninference = "jackknife"', 'treated_units = ["Avon", "Force 01"]'),
}
every = pytest.mark.parametrize("way", WAYS)
NUMBERS = ("value", "std_error", "conf_low", "conf_high", "narrow_low", "narrow_high", "treated_mean")


def plan_of(way: str) -> AnalysisPlan:
    lines, treated = WAYS[way]
    return plan_for(lines, treated=treated)


def table(seed: int = 3, effect: float = -6.0) -> pl.DataFrame:
    areas = made_areas(n=14, effect=effect, seed=seed)
    return as_table(areas).with_columns(
        x=pl.col("y") / 7 + pl.col("area").str.tail(1).cast(pl.Float64, strict=False)
    )


def with_x(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("x").fill_null(5.0))


def close(one: OutcomeResult, other: OutcomeResult, *, by: float = 0.0, times: float = 1.0) -> None:
    """The same answer, moved (levels only) and stretched."""
    for name in NUMBERS:
        mine, theirs = getattr(one.estimate, name), getattr(other.estimate, name)
        if mine is None:
            assert theirs is None
            continue
        moved = by if name == "treated_mean" else 0.0
        assert theirs == pytest.approx(times * mine + moved, rel=1e-5, abs=1e-6 * max(1.0, times)), name


@every
def test_the_same_data_and_seed_give_the_same_answer_to_the_last_bit_and_leave_the_data_alone(
    way: str,
) -> None:
    frame = with_x(table())
    before = frame.clone()
    assert primary(frame, plan_of(way)) == primary(frame, plan_of(way))
    assert frame.equals(before)


@every
def test_the_order_of_rows_and_columns_changes_nothing(way: str) -> None:
    frame = with_x(table())
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    assert primary(moved, plan_of(way)) == primary(frame, plan_of(way))


@every
def test_other_names_for_the_donors_change_no_number(way: str) -> None:
    frame = with_x(table())
    names = {f"Force {k:02d}": f"Zone {99 - k:02d}" for k in range(2, 14)}
    renamed = frame.with_columns(pl.col("area").replace(names))
    close(primary(frame, plan_of(way)), primary(renamed, plan_of(way)))


@every
@pytest.mark.parametrize(("by", "times"), [(1000.0, 1.0), (0.0, 1000.0), (-40.0, 0.01)])
def test_another_origin_and_unit_move_the_answer_with_them(way: str, by: float, times: float) -> None:
    """Adding as much everywhere and always changes no effect; only levels."""
    if way == "classic with a predictor" and times == 1.0:
        by = 100.0
    frame = with_x(table())
    moved = frame.with_columns(y=times * pl.col("y") + by)
    close(primary(frame, plan_of(way)), primary(moved, plan_of(way)), by=by, times=times)


@every
def test_as_much_more_for_all_in_one_period_changes_nothing(way: str) -> None:
    """A shock that all areas share is in the pool too; matched in standard deviations it is as well."""
    frame = with_x(table())
    shocked = frame.with_columns(y=pl.col("y") + 5.0 * (pl.col("year") == 2019))
    one, other = primary(frame, plan_of(way)), primary(shocked, plan_of(way))
    rel = (
        1e-3 if way == "did" or "jackknife" in way else 1e-6
    )  # weights of periods follow the donors' later means
    assert other.estimate.value == pytest.approx(number(one.estimate.value), rel=rel)


@pytest.mark.parametrize("way", ["did", "two areas, jackknife"])
def test_a_level_of_its_own_for_each_area_changes_nothing_with_an_intercept(way: str) -> None:
    frame = with_x(table())
    levels = {name: 13.0 * k for k, name in enumerate(sorted(frame["area"].unique()))}
    moved = frame.with_columns(y=pl.col("y") + pl.col("area").replace_strict(levels, return_dtype=pl.Float64))
    one, other = primary(frame, plan_of(way)).estimate, primary(moved, plan_of(way)).estimate
    assert other.value == pytest.approx(number(one.value), rel=1e-6)
    assert other.std_error == pytest.approx(number(one.std_error), rel=1e-6)


@pytest.mark.parametrize("way", ["classic", "augmented", "did", "classic with a predictor"])
def test_an_effect_that_is_added_is_found_again_and_its_interval_moves_with_it(way: str) -> None:
    """Nothing that is fitted before the start, and no placebo, sees what happened after it to the treated area."""
    frame = with_x(table(effect=0.0))
    later = (pl.col("area") == "Avon") & (pl.col("year") >= 2016)
    moved = frame.with_columns(y=pl.when(later).then(pl.col("y") - 7.5).otherwise("y"))
    one, other = primary(frame, plan_of(way)).estimate, primary(moved, plan_of(way)).estimate
    assert number(other.value) == pytest.approx(number(one.value) - 7.5, abs=1e-8)
    assert number(other.conf_low) == pytest.approx(number(one.conf_low) - 7.5, abs=1e-8)


def asked(frame: pl.DataFrame, way: str) -> OutcomeResult | EvaluationError:
    """The answer, or why there is none."""
    try:
        return primary(frame, plan_of(way))
    except EvaluationError as refused:
        return refused


def hopeless() -> dict[str, pl.DataFrame]:
    whole = with_x(table())
    return {
        "the treated area alone": whole.filter(pl.col("area") == "Avon"),
        "one donor": whole.filter(pl.col("area").is_in(["Avon", "Force 01", "Force 02"])),
        "one period before": whole.filter(pl.col("year") >= 2015),
        "no outcome seen": whole.with_columns(y=pl.lit(None, dtype=pl.Float64)),
        "no outcome of the treated seen": whole.with_columns(y=pl.when(pl.col("area") != "Avon").then("y")),
        "all the same": whole.with_columns(y=pl.lit(7.0)),
        "noughts only": whole.with_columns(y=pl.lit(0.0)),
        "every donor has a gap": whole.filter((pl.col("area") == "Avon") | (pl.col("year") != 2009)),
        "a period that nobody has": whole.filter(pl.col("year") != 2009),
        "the same area twice in a period": pl.concat([whole, whole.head(1)]),
        "no start inside": whole.filter(pl.col("year") < 2016),
        "words for times": whole.with_columns(year=pl.lit("soon")),
    }


@every
@pytest.mark.parametrize("what", list(hopeless()))
def test_data_that_cannot_bear_it_get_an_error_or_no_claim(way: str, what: str) -> None:
    found = asked(hopeless()[what], way)
    if isinstance(found, EvaluationError):
        assert found.exit_code == 12
        assert all(fault.problem and fault.hint for fault in found.faults)
        return
    assert found.verdict.answer == "not-assessable"
    assert any(check.consequence == "block" and check.note.endswith(".") for check in found.checks)
    sound(asdict(found))


def sound(value: Any) -> None:
    """Nothing that is infinite or no number, anywhere."""
    if isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        for part in value.values():
            sound(part)
    elif isinstance(value, list | tuple):
        for part in value:
            sound(part)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(WAYS)), st.integers(3, 9), st.integers(4, 14), st.integers(0, 10_000), st.booleans(),
)  # fmt: skip
def test_small_panels_of_whole_numbers_never_crash_and_hold_only_numbers(
    way: str, n: int, periods: int, seed: int, few: bool
) -> None:
    draw = np.random.default_rng(seed)
    areas = draw.integers(0, 2 if few else 6, size=(n, periods)).astype(float)
    frame = as_table(areas, first=2016 - periods // 2).with_columns(x=pl.lit(float(draw.integers(0, 3))))
    found = asked(frame, way)
    if isinstance(found, EvaluationError):
        assert found.exit_code == 12
        return
    sound(asdict(found))
    assert json.dumps(asdict(found), default=str, allow_nan=False)
