"""Rows of intervals, time off the clock and what competes: bad data are named, cut-up people stay whole."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.times.interval_rows import check_intervals
from tests.evaluation.offending import ROWS, offenders, offending_plan
from tests.evaluation.said import check, codes, told
from tests.evaluation.studies import make_plan, number, primary, study
from tests.evaluation.times import time_plan, watched_people

# --- the data


def broken(**change: Any) -> pl.DataFrame:
    """Three people in six rows, in order; ``change`` sets a column's value in row 3 (row 4 of the file)."""
    frame = pl.DataFrame(
        {
            "unit": ["a", "a", "b", "b", "c", "c"],
            "treat": [1.0, 1, 0, 0, 1, 1],
            "x": [0.5, 0.5, 1, 1, 2, 2],
            "start": [0.0, 20, 0, 5, 0, 9],
            "stop": [10.0, 30, 5, 8, 9, 12],
            "arrest": [1.0, 0, 1, 0, 1, 1],
            "died": [0.0, 1, 0, 0, 0, 0],
        }
    )
    row = pl.int_range(frame.height) == 2
    return frame.with_columns(
        pl.when(row).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in change.items()
    )


BAD_ROWS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"stop": 6.0},
        "LC476",
        "must not begin ('start') before the person's row before is over; not so in row 5",
    ),
    ({"unit": None}, "LC476", "'unit' is blank; not so in row 4"),
    (
        {"died": 1.0, "arrest": 0.0},
        "LC476",
        "no row of a person may follow the one with 'died'; not so in row 4",
    ),
    ({"treat": 1.0}, "LC477", "'treat' must be the same in all rows of a person; not so in rows 4, 5"),
    ({"x": 7.7}, "LC477", "'x' must be the same"),
    ({"stop": -5.0}, "LC455", "'stop' must not be negative; not so in row 4"),
    ({"start": 5.0}, "LC455", "'start' must come before 'stop'; not so in row 4"),
    ({"arrest": 2.0}, "LC456", "row 4"),
]


@pytest.mark.parametrize(("change", "code", "said"), BAD_ROWS)
def test_rows_that_are_no_intervals_are_named_and_no_value_is_shown(
    change: dict[str, Any], code: str, said: str
) -> None:
    plan = offending_plan(covariates=["x"], outcome='competing = "died"')
    with pytest.raises(EvaluationError) as problem:
        gather_finding(study(broken(**change)), plan, "unlocked")
    assert code in codes(problem)
    assert said in told(problem)
    assert "7.7" not in told(problem)


def test_rows_after_a_single_event_are_refused_with_the_way_out() -> None:
    outcome = ROWS.replace("recurrent", "intervals")
    plan = make_plan(
        measure="arrest", kind="time-to-event", better="lower", design='unit = "unit"', outcome=outcome
    )
    with pytest.raises(EvaluationError) as problem:
        gather_finding(study(broken()), plan, "unlocked")
    assert "no row of a person may follow the one with 'arrest'" in told(problem)
    assert "recurrent = true" in told(problem)


def test_a_person_of_whom_a_row_is_blank_counts_as_not_seen() -> None:
    frame = offenders(100)
    gone = frame.with_columns(
        arrest=pl.when((pl.col("unit") == "P00003") & (pl.col("start") == 0)).then(None).otherwise("arrest")
    )
    found = primary(gone, offending_plan())
    assert found.estimate.n == 199
    assert check(found, "missing outcomes").reading == pytest.approx(1 / 200)
    assert [step.n for step in found.flow][:2] == [200, 200]


def test_a_changing_covariate_that_is_blank_somewhere_leaves_the_person_out() -> None:
    frame = offenders(100).with_columns(
        season=pl.when((pl.col("unit") == "P00003") & (pl.col("start") == 0)).then(None).otherwise("season")
    )
    plan = offending_plan(covariates=["season"], outcome='changing = ["season"]')
    assert primary(frame, plan).estimate.n == 199


def test_one_row_a_person_without_faults_is_not_looked_at() -> None:
    table = study(watched_people(50))
    before = table.frame.clone()
    check_intervals(table, time_plan())
    assert table.frame.equals(before)


# --- time off the clock with one row a person


def test_days_in_custody_come_off_each_persons_time() -> None:
    frame = watched_people(120, whole_weeks=False).with_columns(custody=pl.col("weeks") * 0.2)
    found = primary(frame, time_plan(outcome='off_clock = "custody"\nhorizon = 24'))
    other = primary(frame.with_columns(weeks=0.8 * pl.col("weeks")), time_plan(outcome="horizon = 24"))
    assert found.estimate.value == pytest.approx(number(other.estimate.value))
    assert found.sensitivity[0].estimate.value == pytest.approx(number(other.sensitivity[0].estimate.value))
    note = check(found, "time off the clock").note
    assert "20 % of their time" in note


def test_people_in_custody_the_whole_time_are_counted_in_the_flow() -> None:
    frame = watched_people(100).with_columns(
        custody=pl.when(pl.int_range(200) < 7).then("weeks").otherwise(pl.lit(0.0))
    )
    found = primary(frame, time_plan(outcome='off_clock = "custody"'))
    step = next(item for item in found.flow if item.step == "at risk at some time")
    assert (step.n, step.reason) == (193, "off the clock the whole time")


@pytest.mark.parametrize(
    ("value", "said"), [(-1.0, "must not be negative"), (500.0, "must not be longer than the time")]
)
def test_time_off_that_cannot_be_is_named(value: float, said: str) -> None:
    frame = watched_people(60).with_columns(
        custody=pl.when(pl.int_range(120) == 4).then(value).otherwise(0.0)
    )
    with pytest.raises(EvaluationError) as problem:
        primary(frame, time_plan(outcome='off_clock = "custody"'))
    assert codes(problem) == {"LC455"}
    assert said in told(problem)
    assert "row 6" in told(problem)


# --- rows of a single event: late entry and covariates that change


def test_rows_of_a_single_event_are_whole_people_cut_up() -> None:
    frame = watched_people(150).filter(pl.col("weeks") > 0)
    halves = pl.concat(
        [
            frame.with_columns(start=pl.lit(0.0), stop=pl.col("weeks") / 2, hit=pl.lit(0.0)),
            frame.with_columns(start=pl.col("weeks") / 2, stop="weeks", hit="y"),
        ]
    )
    plan = make_plan(
        measure="hit", kind="time-to-event", better="lower", design='unit = "unit"', covariates=["x"],
        outcome='intervals = true\nentry = "start"\nduration = "stop"\nhorizon = 40',
    )  # fmt: skip
    one, two = primary(frame, time_plan(covariates=["x"], outcome="horizon = 40")), primary(halves, plan)
    assert two.estimate.effect == "hazard-ratio"
    assert two.estimate.value == pytest.approx(number(one.estimate.value))
    assert two.estimate.std_error == pytest.approx(number(one.estimate.std_error))
    assert two.sensitivity[0].estimate.value == pytest.approx(number(one.sensitivity[0].estimate.value))
    assert two.sensitivity[0].estimate.std_error == pytest.approx(
        number(one.sensitivity[0].estimate.std_error)
    )
    readings = [{c.name: c.reading for c in found.checks if c.reading is not None} for found in (one, two)]
    assert readings[1] == pytest.approx(readings[0])


def test_another_outcome_of_the_same_file_is_taken_once_a_person() -> None:
    frame = offenders(100).with_columns(score=pl.col("x") + pl.col("treat"))
    more = '[[outcome]]\nmeasure = "score"\nrole = "secondary"\nkind = "continuous"\nbetter = "higher"'
    found = gather_finding(study(frame), offending_plan(more=more), "unlocked").outcomes
    assert (found[0].estimate.n, found[1].estimate.n) == (200, 200)
    assert number(found[1].estimate.value) == pytest.approx(1.0, abs=0.4)


# --- what competes


def test_shares_and_grays_test_stand_beside_a_cause_specific_ratio() -> None:
    frame = watched_people(200, rival=0.01)
    found = primary(frame, time_plan(outcome='competing = "died"\nhorizon = 40'))
    way = next(w.estimate for w in found.sensitivity if "Aalen and Johansen" in w.name)
    gap = number(found.estimate.treated_mean) - number(found.estimate.comparison_mean)
    assert way.effect == "risk-difference"
    assert way.value == pytest.approx(gap)
    item = check(found, "Gray's test")
    assert 0 < item.reading < 1
    assert item.consequence == "none"
    weighted = primary(
        watched_people(300, pull=0.8, rival=0.01),
        time_plan("weighting", covariates=["x", "z"], outcome='competing = "died"'),
    )
    assert not [c for c in weighted.checks if c.name == "Gray's test"]
    assert any("Aalen and Johansen" in w.name for w in weighted.sensitivity)


def test_where_hazards_part_a_ratio_of_times_stands_beside() -> None:
    frame = watched_people(400, shift=-2.0, whole_weeks=False)
    found = primary(frame, time_plan(covariates=["x"]))
    assert check(found, "proportional hazards").result == "warn"
    way = next(w for w in found.sensitivity if "log-normal" in w.name)
    assert way.estimate.effect == "time-ratio"
    assert number(way.estimate.value) > 1
    assert not way.flips_verdict
    held = primary(watched_people(400), time_plan(covariates=["x"]))
    assert not [w for w in held.sensitivity if "log-normal" in w.name]
