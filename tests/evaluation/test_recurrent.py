"""Events that come back and rows of intervals, from plan to verdict: keys, bad data, errors by person, designs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.decidable import Prospects, project
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.frame import build_frame
from evaluation.locking import open_plan
from evaluation.methods.time_to_event import watch
from evaluation.plan import canonical
from evaluation.store import table_from_file
from evaluation.times.cox import CannotFit, fit_cox, robust_covariance
from evaluation.times.curve_path import mean_rows
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.recurrent import counted, mean_difference, rate_of_totals
from evaluation.times.survival import Times
from evaluation.times.timing import described
from tests.evaluation.offending import ROWS, offenders, offending_plan
from tests.evaluation.said import check, codes, told, ways
from tests.evaluation.studies import make_plan, number, plan_text, primary, read, study
from tests.evaluation.times import time_plan, watched_people
from workspace.project import Project
from workspace.settings import Settings

# --- the plan


def test_a_plan_of_events_that_come_back_asks_for_a_ratio_of_rates() -> None:
    outcome = offending_plan(outcome='competing = "died"').outcomes[0]
    timing = outcome.timing
    assert timing is not None
    assert (timing.recurrent, timing.intervals, timing.entry, timing.competing) == (
        True,
        True,
        "start",
        "died",
    )
    assert (outcome.effect, outcome.is_ratio, outcome.counts) == ("rate-ratio", True, True)


def test_plans_of_times_that_use_no_rows_keep_the_fingerprint_they_had() -> None:
    text = canonical(time_plan())
    assert not any(key in text for key in ("recurrent", "intervals", "changing", "off_clock"))
    assert "recurrent" in canonical(offending_plan())
    assert "off_clock" in canonical(time_plan(outcome='off_clock = "custody"'))


BAD_PLANS: list[tuple[dict[str, Any], str, str]] = [
    ({"outcome": 'effect = "hazard-ratio"'}, "LC406", "Use rate-ratio"),
    ({"outcome": 'off_clock = "custody"'}, "LC406", "rows of intervals leave such time out"),
    ({"design": ""}, "LC406", "need unit"),
    ({"outcome": 'changing = ["season"]'}, "LC406", "not among the covariates"),
    ({"outcome": 'minimum_important_difference = 1\nmid_source = "x"'}, "LC403", "must differ from 1"),
    (
        {"method": "weighting", "covariates": ["x", "season"], "outcome": 'changing = ["season"]'},
        "LC406",
        "do not go with weighting",
    ),
    (
        {"method": "matching", "covariates": ["x", "season"], "outcome": 'changing = ["season"]'},
        "LC406",
        "do not go with matching",
    ),
    ({"method": "doubly-robust", "covariates": ["x"]}, "LC407", "not time-to-event"),
]


@pytest.mark.parametrize(("parts", "code", "said"), BAD_PLANS)
def test_a_plan_that_asks_what_rows_cannot_do_is_refused(parts: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        offending_plan(**parts)
    assert code in codes(problem)
    assert said in told(problem)
    assert any("plan.toml:" in fault.where for fault in problem.value.faults)


def test_rows_need_an_entry_and_changing_covariates_need_rows() -> None:
    with pytest.raises(EvaluationError) as problem:
        make_plan(kind="time-to-event", outcome='duration = "stop"\nrecurrent = true', design='unit = "unit"')
    assert "LC402" in codes(problem)
    with pytest.raises(EvaluationError) as problem:
        time_plan(outcome='changing = ["x"]', covariates=["x"])
    assert "needs rows of intervals" in told(problem)
    with pytest.raises(EvaluationError) as problem:
        make_plan(kind="binary", outcome="recurrent = true")
    assert "LC406" in codes(problem)


def test_a_project_says_that_rows_are_read_from_a_file(tmp_path: Path) -> None:
    project_ = Project(tmp_path, Settings("p", "a project"))
    project_.plans.mkdir()
    text = plan_text(kind="time-to-event", better="lower", design='unit = "unit"', outcome=ROWS)
    (project_.plans / "a-plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as problem:
        open_plan(project_, "a-plan")
    assert codes(problem) == {"LC406"}
    assert "let them be drawn" in told(problem)


def test_a_report_says_how_times_were_analysed_and_what_that_assumes() -> None:
    once, again = time_plan().outcomes[0].timing, offending_plan().outcomes[0].timing
    assert described([None]) == ()
    assert [name for name, _ in described([once])] == ["Times to an event", "Times assume"]
    told_ = dict(described([None, once, again]))
    assert "errors by person" in told_["Events that come back"]
    assert "time off the clock is no time at risk" in told_["Times assume"]


# --- the ratio


def test_errors_by_person_are_the_sandwich_written_out() -> None:
    """No ties, no covariates: score residuals of each row by loops, summed by person."""
    draw = np.random.default_rng(3)
    frame = offenders(30, 3, custody=0).with_columns(stop=pl.col("stop") + draw.uniform(-0.4, 0.4, None))
    frame = frame.sort("unit", "start")
    frame = frame.with_columns(
        stop=pl.col("stop") + pl.Series(draw.uniform(-0.4, 0.4, frame.height)), start=pl.col("start")
    ).with_columns(start=pl.col("stop").shift(1).over("unit").fill_null(0.0))
    arrays = [frame[name].to_numpy() for name in ("start", "stop", "arrest", "treat")]
    start, stop, event, arm = arrays
    who = np.unique(frame["unit"].to_numpy(), return_inverse=True)[1]
    beta = math.log(number(primary(frame, offending_plan()).estimate.value))
    score, information, moved = 0.0, 0.0, np.zeros(len(stop))
    for time in stop[event == 1]:
        there = (start < time) & (stop >= time)
        risk = np.where(there, np.exp(beta * arm), 0.0)
        mean = float(risk @ arm / risk.sum())
        own = (stop == time) & (event == 1)
        score += float((arm[own] - mean).sum())
        information += float(risk @ (arm - mean) ** 2 / risk.sum())
        moved += own * (arm - mean) - risk / risk.sum() * (arm - mean)
    assert score == pytest.approx(0, abs=1e-8)
    error = math.sqrt(float((np.bincount(who, weights=moved) ** 2).sum())) / information
    assert primary(frame, offending_plan()).estimate.std_error == pytest.approx(error)


def test_without_repeats_it_is_the_hazard_ratio_with_robust_errors() -> None:
    frame = watched_people(150)
    plain = primary(frame, time_plan(covariates=["x"])).estimate
    rows = frame.with_columns(start=pl.lit(0.0), stop="weeks", arrest="y")
    found = primary(rows, offending_plan(covariates=["x"]))
    assert found.estimate.value == pytest.approx(number(plain.value))
    assert found.estimate.std_error == pytest.approx(number(plain.std_error))
    assert "Nobody had the event more than once" in check(found, "repeated events").note


def test_rows_cut_in_two_change_nothing() -> None:
    frame = offenders(120)
    middle = (pl.col("start") + pl.col("stop")) / 2
    first = frame.with_columns(stop=middle, arrest=pl.lit(0.0), died=pl.lit(0.0))
    plan = offending_plan(covariates=["x"], outcome='competing = "died"\nhorizon = 300')
    one, two = primary(frame, plan), primary(pl.concat([first, frame.with_columns(start=middle)]), plan)
    assert two.estimate.value == pytest.approx(number(one.estimate.value))
    assert two.estimate.std_error == pytest.approx(number(one.estimate.std_error))
    for name, way in ways(one).items():
        assert ways(two)[name].value == pytest.approx(number(way.value)), name
        assert ways(two)[name].std_error == pytest.approx(number(way.std_error)), name


def test_a_few_people_with_many_events_do_not_pass_for_many_people() -> None:
    found = primary(offenders(200, frail=3.0), offending_plan())
    assert number(found.estimate.std_error) > 1.5 * number(
        ways(found)["errors of the model (Andersen and Gill)"].std_error
    )


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(120):
        e = primary(offenders(60, seed + 100, frail=1.0, custody=0), offending_plan()).estimate
        held += number(e.conf_low) <= 0.6 <= number(e.conf_high)
    assert 105 <= held <= 120


def test_mean_numbers_and_counts_stand_beside_the_ratio() -> None:
    found = primary(
        offenders(200, death=0.0005), offending_plan(covariates=["x"], outcome='competing = "died"')
    )
    beside = ways(found)
    mean = beside["difference in mean number a person, by 365"]
    gap = number(found.estimate.treated_mean) - number(found.estimate.comparison_mean)
    assert (mean.effect, mean.value) == ("difference", pytest.approx(gap))
    ratio = number(found.estimate.value)
    for name in ("counts over time at risk, Poisson", "counts over time at risk, negative binomial"):
        assert beside[name].effect == "rate-ratio"
        assert number(beside[name].value) == pytest.approx(ratio, rel=0.15)
    assert "counts everybody" in check(found, "competing events").note.replace(
        "the mean numbers count", "counts"
    )
    assert found.kind == "count"
    assert "every event counted" in found.verdict.can_say[0]


def test_counts_over_time_at_risk_are_totals_over_totals() -> None:
    frame = offenders(80)
    plan = offending_plan()
    people = build_frame(study(frame), plan, plan.outcomes[0])
    watched = watch(people, plan, plan.outcomes[0], estimand="ITT")
    events, time = counted(watched)
    assert time.sum() == pytest.approx(float((frame["stop"] - frame["start"]).sum()))
    assert events.sum() == float(frame["arrest"].sum())
    rates = [
        float(part["arrest"].sum()) / float((part["stop"] - part["start"]).sum())
        for part in (frame.filter(pl.col("treat") == arm) for arm in (1, 0))
    ]
    assert rate_of_totals(watched).value == pytest.approx(rates[0] / rates[1])


def test_the_curves_are_the_mean_numbers_with_errors_by_person() -> None:
    plan = offending_plan()
    watched = watch(
        build_frame(study(offenders(200)), plan, plan.outcomes[0]), plan, plan.outcomes[0], estimand="ITT"
    )
    path = mean_rows(watched)
    assert {row.term.partition(",")[0] for row in path} == {"with", "without"}
    for row in path:
        arm, by = int(row.term.startswith("with,")), float(row.term.rpartition(" ")[2])
        rows = watched.arm(arm)
        whole = mean_function(watched.times.of(rows))
        moved = np.bincount(np.asarray(watched.person)[rows], weights=whole.influence(by))
        assert (row.value, row.std_error) == pytest.approx((whole.at(by), math.sqrt(float(moved @ moved))))
        assert 0 <= number(row.conf_low) < number(row.value) < number(row.conf_high)
    by_arm = replace(watched, horizon=300.0)
    gap = mean_difference(by_arm)
    assert gap.std_error == pytest.approx(math.hypot(*(error_at(watched, arm, 300.0) for arm in (0, 1))))


def error_at(watched: Any, arm: int, by: float) -> float:
    rows = watched.arm(arm)
    moved = np.bincount(watched.person[rows], weights=mean_function(watched.times.of(rows)).influence(by))
    return math.sqrt(float(moved @ moved))


def test_steps_of_a_curve_stand_for_ten_people_with_an_event() -> None:
    """One person with very many events gives no step of their own."""
    frame = offenders(60, custody=0)
    busy = pl.DataFrame(
        {"unit": ["P99999"] * 200, "start": np.arange(200.0), "stop": np.arange(1.0, 201), "arrest": [1.0] * 200}
    ).with_columns(treat=pl.lit(1.0), x=pl.lit(0.0), z=pl.lit(0.0), place=pl.lit("east"), school=pl.lit("S00"),
                   died=pl.lit(0.0), season=pl.lit(0.0))  # fmt: skip
    path = primary(pl.concat([frame, busy.select(frame.columns)]), offending_plan()).path
    first = min(float(row.term.rpartition(" ")[2]) for row in path if row.term.startswith("with,"))
    early = frame.filter((pl.col("treat") == 1) & (pl.col("arrest") == 1) & (pl.col("stop") <= first))
    assert early["unit"].n_unique() >= 9


def test_time_in_custody_is_off_the_clock_and_reported_by_arm() -> None:
    found = primary(offenders(150, custody=30.0), offending_plan())
    note = check(found, "time off the clock").note
    assert "with the programme" in note
    assert "without it" in note
    none = primary(offenders(150, custody=0.0), offending_plan())
    assert not [item for item in none.checks if item.name == "time off the clock"]


def test_custody_that_differs_between_the_arms_costs_trust() -> None:
    frame = offenders(150, custody=0.0)
    later = (pl.col("treat") == 1) & (pl.col("start") == 0) & (pl.col("stop") > 130)
    gone = frame.with_columns(stop=pl.when(later).then(pl.lit(30.0)).otherwise("stop"),
                              arrest=pl.when(later).then(pl.lit(0.0)).otherwise("arrest"))  # fmt: skip
    more = frame.filter(later).with_columns(start=pl.lit(120.0))
    item = check(primary(pl.concat([gone, more]), offending_plan()), "time off the clock")
    assert (item.result, item.consequence) == ("warn", "downgrade")
    assert item.reading == pytest.approx(0.05, abs=0.2)


@pytest.mark.parametrize("method", ["randomised", "matching", "weighting"])
def test_zero_events_in_all_or_in_an_arm_are_not_assessable(method: str) -> None:
    frame = offenders(100, pull=0.8 if method != "randomised" else 0.0)
    plan = offending_plan(method, covariates=["x", "z"])
    nothing = frame.with_columns(arrest=pl.lit(0.0))
    one_arm = frame.with_columns(arrest=pl.col("arrest") * (1 - pl.col("treat")))
    for bad in (nothing, one_arm):
        found = primary(bad, plan)
        assert found.verdict.answer == "not-assessable"
        assert found.estimate.p_value is None
        assert check(found, "events").consequence == "block"


def test_everybody_lost_before_the_horizon_is_said() -> None:
    found = primary(offenders(100), offending_plan(outcome="horizon = 900"))
    item = check(found, "horizon")
    assert item.result == "warn"
    assert "mean numbers go no further" in item.note


def test_a_changing_covariate_costs_trust_and_is_left_out_beside() -> None:
    plan = offending_plan(covariates=["x", "season"], outcome='changing = ["season"]')
    found = primary(offenders(150), plan)
    assert check(found, "changing covariates").consequence == "downgrade"
    without = primary(offenders(150), offending_plan(covariates=["x"])).estimate
    assert ways(found)["without covariates that change over time"].value == pytest.approx(
        number(without.value)
    )
    assert found.estimate.value != pytest.approx(number(without.value), rel=1e-6)


# --- designs


@pytest.mark.parametrize("settings", ["", 'kind = "entropy"'])
def test_weights_and_matches_take_confounding_away(settings: str) -> None:
    frame = offenders(600, pull=1.2, frail=0.5)
    crude = number(primary(frame, offending_plan()).estimate.value)
    found = primary(frame, offending_plan("weighting", covariates=["x", "z"], settings=settings)).estimate
    assert abs(math.log(number(found.value) / 0.6)) < abs(math.log(crude / 0.6))
    assert number(found.conf_low) < 0.62 < number(found.conf_high)


def test_the_error_of_a_weighted_ratio_is_near_that_of_leaving_people_out() -> None:
    frame = offenders(60, 2, pull=0.8)
    plan = offending_plan("weighting", covariates=["x", "z"], design='unit = "unit"\nestimand = "ATE"')
    found = primary(frame, plan).estimate
    names = frame["unit"].unique().to_list()
    logs = [
        math.log(number(primary(frame.filter(pl.col("unit") != name), plan).estimate.value)) for name in names
    ]
    jackknife = math.sqrt((len(names) - 1) / len(names) * ((np.array(logs) - np.mean(logs)) ** 2).sum())
    assert found.std_error == pytest.approx(jackknife, rel=0.08)


def test_clusters_widen_the_error_under_weighting_too() -> None:
    frame = offenders(200, pull=0.8)
    alone, grouped = (
        primary(
            frame, offending_plan("weighting", covariates=["x"], design=f'unit = "unit"\n{more}')
        ).estimate
        for more in ("", 'cluster = "school"')
    )
    assert grouped.value == pytest.approx(number(alone.value))
    assert (grouped.df, alone.df) == (23, None)
    assert grouped.std_error != pytest.approx(number(alone.std_error), rel=1e-6)


def test_matching_with_replacement_counts_people_and_not_rows() -> None:
    plan = offending_plan("matching", covariates=["x", "z"], settings="replace = true")
    e = primary(offenders(200, pull=0.8), plan).estimate
    assert e.n_treated + e.n_comparison < 400
    assert number(e.std_error) > 0.05


def test_the_engine_refuses_rows_of_nobody() -> None:
    with pytest.raises(CannotFit):
        fit_cox(Times(np.ones(3), np.zeros(3), np.zeros(3)), np.ones((3, 1)))
    fit = fit_cox(Times(np.array([1.0, 2, 3, 4]), np.ones(4)), np.array([[0.0], [1], [0], [1]]))
    assert robust_covariance(fit).shape == (1, 1)


# --- before and after


def test_what_a_plan_could_show_is_worked_out_from_events_a_person() -> None:
    margin = 'minimum_important_difference = 0.8\nmid_source = "a stated choice"\n'
    plan = offending_plan(outcome=margin + "expected_rate = 2.0\nexpected_sd = 2.5")
    shown = project(plan, plan.outcomes[0], Prospects(200, 200))
    assert shown.effect is not None
    # With the programme there are fewer events, and so less is known of their log.
    spread = 2.5 / 2.0 * math.sqrt((math.exp(shown.effect) + 1) / 200)
    assert shown.effect == pytest.approx(spread * (1.959964 + 0.841621), rel=1e-4)
    assert shown.detectable == pytest.approx(math.exp(-shown.effect))


def test_a_file_of_rows_runs_from_plan_to_verdict(tmp_path: Path) -> None:
    offenders(150).write_csv(tmp_path / "rows.csv")
    plan = read(
        plan_text(
            measure="arrest", kind="time-to-event", better="lower", covariates=["x"],
            design='unit = "unit"', outcome=ROWS,
        )
    )  # fmt: skip
    table, _ = table_from_file(tmp_path / "rows.csv", plan)
    found = gather_finding(table, plan, "unlocked").outcomes[0]
    assert found.estimate.n == 300
    assert found.verdict.answer in ("works", "inconclusive")
    assert found.path
