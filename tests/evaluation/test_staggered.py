"""Staggered adoption: plans, what is refused, what is said of data that bear little, and what the result shows."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from cli import app
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.model import Check, OutcomeResult
from tests.evaluation.staggered import rollout, staggered_plan, staggered_text
from tests.evaluation.studies import number, primary, study

NOT_YET = 'comparison = "not-yet"'
EFFICIENT = 'estimator = "efficient"'


def ask(frame: pl.DataFrame, settings: str = "", **parts: Any) -> OutcomeResult:
    return primary(frame, staggered_plan(settings, **parts))


def named(found: OutcomeResult, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


def silent(found: OutcomeResult, name: str, words: str) -> None:
    """No answer, because of the check of this name, which says the way out."""
    check = named(found, name)
    assert (check.consequence, found.verdict.answer) == ("block", "not-assessable")
    assert words in check.note
    assert (found.estimate.std_error, found.estimate.conf_low, found.estimate.p_value) == (None, None, None)


# --- the plan


@pytest.mark.parametrize(
    ("settings", "parts", "code", "words"),
    [
        ('comparison = "later"', {}, "LC403", "comparison"),
        ('aggregate = "mean"', {}, "LC403", "aggregate"),
        ('control = "ipw"', {}, "LC402", "needs covariates"),
        ("", {"covariates": ["x"]}, "LC406", 'control is "none"'),
        ("anticipation = 30", {}, "LC403", "24 periods at most"),
        ("anticipation = -1", {}, "LC403", "anticipation"),
        ("draws = 10", {}, "LC403", "draws"),
        ("draws = 1000000", {}, "LC403", "100000 at most"),
        ('errors = "adjusted"', {}, "LC406", 'cannot be "adjusted"'),
        ('estimator = "efficient"\nerrors = "unbiased"', {}, "LC406", 'cannot be "unbiased"'),
        ('control = "ipw"\ngaps = "pairwise"', {"covariates": ["x"]}, "LC406", "pairs of periods"),
        (f"{EFFICIENT}\nanticipation = 1", {}, "LC406", "'anticipation' does not go"),
        (f'{EFFICIENT}\ngaps = "pairwise"', {}, "LC406", "'gaps' does not go"),
        (f'{EFFICIENT}\nbase = "universal"', {}, "LC406", "'base' does not go"),
        (f'{EFFICIENT}\ncomparison = "never"', {}, "LC406", "'comparison' does not go"),
        (f'{EFFICIENT}\ncontrol = "ipw"', {"covariates": ["x"]}, "LC406", "'control' does not go"),
        (EFFICIENT, {"design": 'cluster = "region"'}, "LC406", "'cluster' does not go"),
        (EFFICIENT, {"design": 'weights = "people"'}, "LC406", "'weights' does not go"),
        ("", {"design": 'exact = ["x"]'}, "LC406", "'exact' is not used"),
        ("", {"design": 'strata = "region"'}, "LC406", "'strata' is not used"),
        ("", {"kind": "count"}, "LC406", "not a rate-ratio"),
        ("", {"kind": "binary", "outcome": 'effect = "odds-ratio"'}, "LC406", "not a odds-ratio"),
        ("surprise = 1", {}, "LC401", "surprise"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_line(
    settings: str, parts: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(EvaluationError) as problem:
        staggered_plan(settings, **parts)
    assert code in str(problem.value.faults)
    assert any(words in fault.problem for fault in problem.value.faults)
    assert all(fault.where.split(":")[-1].isdigit() for fault in problem.value.faults)


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ('first_treated = "start"\n', "first_treated"),
        ('[design.staggered-adoption]\nfirst_treated = "start"\n', "first_treated"),
        ('unit = "area"\n', "follows units"),
        ('time = "year"\n', "'time'"),
    ],
)
def test_what_the_method_cannot_do_without_is_asked_for(cut: str, words: str) -> None:
    from tests.evaluation.studies import read

    text = staggered_text()
    assert cut in text
    with pytest.raises(EvaluationError) as problem:
        read(text.replace(cut, ""))
    assert any(fault.code == "LC402" and words in fault.problem for fault in problem.value.faults)


def test_a_plan_in_file_mode_gives_the_answer_and_its_doubts(tmp_path: Path) -> None:
    data, plan = tmp_path / "areas.csv", tmp_path / "plan.toml"
    rollout().write_csv(data)
    margin = 'minimum_important_difference = 0.5\nmid_source = "a test"'
    plan.write_text(staggered_text('aggregate = "simple"', outcome=margin), encoding="utf-8")
    found = CliRunner().invoke(app, ["--json", "evaluate", "run", str(plan), "--data", str(data)])
    assert found.exit_code == 0, found.output
    result = json.loads(found.stdout)
    outcome = result["outcomes"][0]
    assert (result["method"], outcome["verdict"]["answer"]) == ("staggered-adoption", "works")
    assert (outcome["estimate"]["n_treated"], outcome["estimate"]["n_comparison"]) == (36, 24)
    terms = [row["term"] for row in outcome["path"]]
    assert {"event -1", "event 0", "cohort 2005", "period 2009"} <= set(terms)
    assert {"earlier trends", "forbidden comparisons"} <= {check["name"] for check in outcome["checks"]}
    assert result["ladders"]["sms"] <= 3


# --- bad input


def test_without_never_treated_units_the_way_out_is_named_and_works() -> None:
    frame = rollout().filter(pl.col("start") > 0)
    silent(ask(frame), "never treated", 'comparison = "not-yet"')
    found = ask(frame, NOT_YET)
    assert found.estimate.value is not None
    assert (found.estimate.n_treated, found.estimate.n_comparison) == (24, 24)
    assert "only until they started" in named(found, "controls").note
    assert "period 2008" not in [row.term for row in found.path]


def test_one_start_for_all_leaves_nobody_to_compare_with() -> None:
    silent(ask(rollout((20,), (2005,)), NOT_YET), "never treated", "start later or never")
    silent(ask(rollout((20,), (2005,)), EFFICIENT), "never treated", "start later or never")


def test_nobody_who_starts_in_the_window_is_no_study() -> None:
    silent(ask(rollout((20, 20), (0, 2031)), NOT_YET), "starts", "no start to be studied")


def test_units_treated_from_the_first_period_are_left_out_and_counted() -> None:
    frame = rollout((12, 12, 24), (2000, 2005, 0))
    found = ask(frame)
    assert named(found, "already treated").reading == 12
    assert found.estimate.n_treated == 12
    assert found.flow[-1].n == 36 * 10
    alone = ask(frame.filter(pl.col("start") != 2000))
    assert found.estimate.value == pytest.approx(number(alone.estimate.value), abs=1e-12)
    assert found.estimate.std_error == pytest.approx(number(alone.estimate.std_error), rel=1e-12)
    silent(ask(frame.filter(pl.col("start") != 2005)), "starts", "no start to be studied")


def test_one_period_before_the_first_start_is_a_doubt() -> None:
    found = ask(rollout((12, 24), (2001, 0)))
    assert (named(found, "periods before").reading, named(found, "periods before").consequence) == (
        1,
        "downgrade",
    )
    trends = named(found, "earlier trends")
    assert (trends.result, trends.consequence) == ("warn", "downgrade")
    assert "add earlier periods" in trends.note


def test_anticipation_beyond_the_window_is_refused_and_what_fits_is_used() -> None:
    frame = rollout((12, 12, 24), (2002, 2006, 0))
    found = ask(frame, "anticipation = 2")
    assert found.estimate.n_treated == 12  # the first cohort has no period before its anticipation
    silent(ask(frame, "anticipation = 8"), "periods before", "begin the window earlier")


def test_a_gap_leaves_the_unit_out_or_is_bridged_pair_by_pair() -> None:
    frame = rollout()
    hole = frame.filter(~((pl.col("area") == "a003") & (pl.col("year") == 2004)))
    found = ask(hole)
    gaps = named(found, "gaps")
    assert (gaps.result, gaps.consequence) == ("warn", "none")
    assert 'gaps = "pairwise"' in gaps.note
    whole = ask(frame.filter(pl.col("area") != "a003"))
    assert found.estimate.value == pytest.approx(number(whole.estimate.value), abs=1e-12)
    bridged = ask(hole, 'gaps = "pairwise"')
    assert bridged.estimate.n_treated == 36
    assert bridged.estimate.value != found.estimate.value
    assert named(bridged, "gaps").result == "warn"
    many = frame.filter(~((pl.col("area") < "a020") & (pl.col("year") == 2004)))
    assert named(ask(many), "gaps").consequence == "downgrade"


def test_gaps_filled_pair_by_pair_by_hand() -> None:
    frame = pl.DataFrame(
        {
            "area": ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f", "g"],
            "year": [1, 2] * 6 + [2],
            "start": [2] * 6 + [0] * 7,
            "y": [0.0, 3.0, 1.0, 5.0, 2.0, 7.0, 0.0, 1.0, 1.0, 3.0, 2.0, 2.0, 50.0],
        }
    )
    found = ask(frame, 'gaps = "pairwise"')
    assert found.estimate.value == pytest.approx(
        4.0 - 1.0
    )  # changes 3, 4, 5 against 1, 2, 0; g seen once counts not
    spread = math.sqrt((1 + 0 + 1) / 2 / 3 + (0 + 1 + 1) / 2 / 3)
    assert found.estimate.std_error == pytest.approx(spread)
    large = ask(frame, 'gaps = "pairwise"\nerrors = "influence"').estimate.std_error
    assert large == pytest.approx(math.sqrt((1 + 0 + 1) / 9 + (0 + 1 + 1) / 9))


def test_the_two_by_two_case_by_hand() -> None:
    frame = pl.DataFrame(
        {
            "area": [name for name in "abcdefgh" for _ in range(2)],
            "year": [2001, 2002] * 8,
            "start": [2002] * 8 + [0] * 8,
            "y": [1.0, 4.0, 2.0, 4.0, 0.0, 5.0, 3.0, 7.0, 1.0, 2.0, 5.0, 5.0, 2.0, 4.0, 0.0, 1.0],
        }
    )
    found = ask(frame)
    treated, comparison = np.array([3.0, 2.0, 5.0, 4.0]), np.array([1.0, 0.0, 2.0, 1.0])
    assert found.estimate.value == pytest.approx(treated.mean() - comparison.mean())
    error = math.sqrt(treated.var(ddof=1) / 4 + comparison.var(ddof=1) / 4)
    assert found.estimate.std_error == pytest.approx(error)
    large = ask(frame, 'errors = "influence"').estimate
    assert large.std_error == pytest.approx(math.sqrt(treated.var() / 4 + comparison.var() / 4))
    assert found.estimate.treated_mean == pytest.approx(5.0)
    assert found.estimate.comparison_mean == pytest.approx(5.0 - 2.5)
    assert found.estimate.df == 6
    few = named(found, "few clusters")
    assert (few.reading, few.consequence) == (4, "downgrade")
    assert "redrawing the starts gives p = 0.0" in few.note


def test_fewer_than_three_treated_areas_have_no_interval() -> None:
    silent(ask(rollout((2, 20), (2005, 0))), "few clusters", "synthetic-control")
    silent(ask(rollout((20, 2), (2005, 0))), "few clusters", "synthetic-control")
    silent(ask(rollout((2, 20), (2005, 0)), EFFICIENT), "few clusters", "no interval can be trusted")


def test_cohorts_under_five_units_have_no_error_of_their_own() -> None:
    found = ask(rollout((3, 30, 30), (2004, 2006, 0)))
    small = named(found, "small cohorts")
    assert (small.result, small.consequence) == ("info", "none")
    rows = {row.term: row for row in found.path}
    assert rows["cohort 2004"].std_error is None
    assert rows["cohort 2006"].std_error is not None
    found = ask(rollout((4, 4, 4, 30), (2004, 2005, 2006, 0)))
    assert named(found, "small cohorts").consequence == "downgrade"
    silent(ask(rollout((1, 1, 1, 1, 30), (2004, 2005, 2006, 2007, 0))), "small cohorts", "Join starts")


def test_few_clusters_are_said_with_a_test_by_signs() -> None:
    frame = rollout().with_columns(region=pl.col("area").str.slice(3, 1))
    found = ask(frame, design='cluster = "region"')
    assert (found.estimate.n_clusters, found.estimate.df) == (10, 9)
    assert "signs drawn for clusters gives p = 0.0" in named(found, "few clusters").note
    enough = ask(rollout(), design='cluster = "region"')
    assert enough.estimate.n_clusters == 25
    assert not [check for check in enough.checks if check.name == "few clusters"]


def test_few_treated_areas_beside_many_are_said_too() -> None:
    few = named(ask(rollout((6, 60), (2005, 0))), "few clusters")
    assert (few.result, few.reading, few.limit, few.consequence) == ("warn", 6, 10, "downgrade")
    assert "redrawing the starts gives p = 0.0" in few.note


def test_a_treatment_that_disagrees_with_its_start_or_ends_is_refused() -> None:
    frame = rollout()
    same = ask(frame, design='treatment = "on"')
    assert same.estimate == ask(frame).estimate
    ended = frame.with_columns(
        on=pl.when((pl.col("area") == "a000") & (pl.col("year") == 2009)).then(0).otherwise("on")
    )
    early = frame.with_columns(
        on=pl.when((pl.col("area") == "a001") & (pl.col("year") == 2002)).then(1).otherwise("on")
    )
    for wrong, words in ((ended, "0 at or after"), (early, "1 before")):
        with pytest.raises(EvaluationError) as problem:
            ask(wrong, design='treatment = "on"')
        assert [(fault.code, words in fault.problem) for fault in problem.value.faults] == [("LC484", True)]
        assert "a000" not in str(problem.value)


def test_a_start_that_changes_within_a_unit_is_refused() -> None:
    frame = rollout().with_columns(start=pl.col("start") + (pl.col("year") == 2009).cast(pl.Int64))
    with pytest.raises(EvaluationError) as problem:
        ask(frame)
    assert [fault.code for fault in problem.value.faults] == ["LC480"]


@pytest.mark.parametrize(
    "values",
    [
        ["2005.0", "2007", "", "2008"],
        ["2005-03-01", "2007-01-01", None, "2008-12-31"],
        ["2005", "2007", "0", "2008"],
    ],
)
def test_starts_are_read_however_they_are_written(values: list[str | None]) -> None:
    number_of = {2005: values[0], 2007: values[1], 0: values[2], 2008: values[3]}
    frame = rollout()
    if values[0] == "2005-03-01":  # a day within the year begins at the next first of January
        number_of = {2005: "2005-01-01", 2007: values[1], 0: None, 2008: "2008-01-01"}
        frame = frame.with_columns(year=pl.col("year").cast(pl.String) + "-01-01")
    frame = frame.with_columns(start=pl.col("start").replace_strict(number_of, return_dtype=pl.String))
    assert ask(frame).estimate == ask(rollout()).estimate


def test_covariates_alike_or_telling_cohorts_apart_are_answered_kindly() -> None:
    frame = rollout().with_columns(
        same=pl.lit(1.0),
        twin=2 * pl.col("x"),
        tells=(pl.col("start") == 2005).cast(pl.Float64),
    )
    robust = 'control = "doubly-robust"'
    plain = ask(frame, robust, covariates=["x"])
    constant = ask(frame, robust, covariates=["x", "same"])
    assert constant.estimate.value == pytest.approx(number(plain.estimate.value), abs=1e-9)
    silent(ask(frame, robust, covariates=["x", "twin"]), "overlap", "say the same among controls")
    silent(ask(frame, 'control = "ipw"', covariates=["tells"]), "overlap", "tell a cohort from its controls")


def test_a_covariate_that_changes_is_taken_as_first_seen() -> None:
    frame = rollout()
    moved = frame.with_columns(x=pl.col("x") + (pl.col("year") - 2000))
    settings, parts = 'control = "regression"', {"covariates": ["x"]}
    found, first = ask(moved, settings, **parts), ask(frame, settings, **parts)
    assert found.estimate.value == pytest.approx(number(first.estimate.value), abs=1e-10)
    assert "x" in named(found, "baseline values").note


def test_an_outcome_that_never_varies_has_no_answer() -> None:
    frame = rollout().with_columns(y=pl.lit(1.0))
    for settings in ("", NOT_YET, EFFICIENT):
        found = ask(frame, settings)
        assert found.verdict.answer == "not-assessable"
        assert found.estimate.std_error is None
    zeros = rollout().with_columns(y=pl.lit(0))
    assert ask(zeros, kind="count", outcome='effect = "difference"').verdict.answer == "not-assessable"


def test_weights_count_units_as_often_as_they_say() -> None:
    frame = rollout((12, 24), (2005, 0)).with_columns(
        people=pl.when(pl.col("area") == "a000").then(2.0).otherwise(1.0)
    )
    twice = pl.concat([frame, frame.filter(pl.col("area") == "a000").with_columns(area=pl.lit("b"))])
    weighted, doubled = ask(frame, design='weights = "people"'), ask(twice)
    assert weighted.estimate.value == pytest.approx(number(doubled.estimate.value), abs=1e-12)


def test_people_few_in_a_cohort_are_not_shown_and_not_counted_out() -> None:
    frame = rollout((6, 40, 7, 60), (2004, 2006, 2000, 0))
    found = ask(frame, units="people")
    assert found.estimate.std_error is not None
    terms = [row.term for row in found.path]
    assert "cohort 2004" not in terms
    assert "event 5" not in terms  # only the cohort of six has been treated so long
    assert "cohort 2006" in terms
    finding = gather_finding(study(frame), staggered_plan(units="people"), "unlocked").outcomes[0]
    cells = next(table for table in finding.tables if table.name == "group-time-effects")
    assert {row[0] for row in cells.rows} == {"2006"}
    already = named(found, "already treated")
    assert (already.reading, "fewer than ten" in already.note) == (None, True)


# --- settings that change the answer, and what is shown


def test_base_and_anticipation_change_what_stands_before_the_start() -> None:
    frame = rollout((30, 30), (2005, 0))
    rows = {row.term: number(row.value) for row in ask(frame).path}
    base = {row.term: number(row.value) for row in ask(frame, 'base = "universal"').path}
    assert "event -1" not in base
    assert base["event 2"] == pytest.approx(rows["event 2"], abs=1e-12)
    # A universal base adds up the steps that a varying one shows one by one.
    assert base["event -2"] == pytest.approx(-rows["event -1"], abs=1e-12)
    assert base["event -3"] == pytest.approx(-rows["event -1"] - rows["event -2"], abs=1e-12)
    early = {row.term: number(row.value) for row in ask(frame, "anticipation = 1").path}
    assert early["event 0"] == pytest.approx(rows["event 0"] + rows["event -1"], abs=1e-12)
    assert early["event -1"] == pytest.approx(rows["event -1"], abs=1e-12)


def test_a_programme_that_works_before_it_starts_shows_in_earlier_trends() -> None:
    frame = rollout((40, 40), (2006, 0), effect=0.0, seed=2)
    bent = frame.with_columns(y=pl.col("y") + 1.5 * ((pl.col("start") == 2006) & (pl.col("year") >= 2004)))
    trends = named(ask(bent), "earlier trends")
    assert (trends.result, trends.consequence) == ("fail", "downgrade")
    assert number(trends.reading) < 0.01
    assert named(ask(frame), "earlier trends").result == "pass"


def test_multiplier_bands_are_close_to_normal_ones() -> None:
    frame = rollout((40, 40, 60), (2004, 2006, 0))

    def band(settings: str, **parts: Any) -> float:
        result = gather_finding(study(frame), staggered_plan(settings, **parts), "unlocked").outcomes[0]
        events = next(figure for figure in result.figures if figure.name == "event-study").lines[0]
        rows = {row.term: row for row in result.path}
        last = rows[f"event {events.x[-1]:.0f}"]
        return (number(events.high[-1]) - number(last.value)) / number(last.std_error)

    normal = band("")
    assert 2.5 < normal < 3.3
    assert band('bands = "multiplier"\ndraws = 5000') == pytest.approx(normal, abs=0.15)
    robust = 'control = "doubly-robust"\nbands = "multiplier"\ndraws = 5000'
    assert band(robust, covariates=["x"]) == pytest.approx(normal, abs=0.25)
    clustered = band('bands = "multiplier"\ndraws = 5000', design='cluster = "region"')
    assert 2.3 < clustered < 3.3


def test_the_two_way_number_is_shown_apart_and_never_as_an_answer() -> None:
    result = gather_finding(study(rollout()), staggered_plan(), "unlocked").outcomes[0]
    table = next(table for table in result.tables if table.name == "two-way-comparisons")
    assert "not an answer" in table.title
    weights = [number(row[3]) for row in table.rows if str(row[0]).startswith("all ")]  # type: ignore[arg-type]
    assert sum(weights) == pytest.approx(1.0, abs=1e-12)
    check = named(result, "forbidden comparisons")
    assert (check.result, check.consequence) == ("info", "none")
    assert check.reading == pytest.approx(weights[2])
    assert not [way for way in result.sensitivity if "two-way" in way.name or "fixed" in way.name]


def test_other_averages_and_controls_stand_as_sensitivities() -> None:
    ways = [way.name for way in ask(rollout(), 'aggregate = "dynamic"').sensitivity]
    assert ways == [
        "average over cohorts' averages",
        "average over treated cohort-periods",
        "average over calendar periods",
        "controls not yet treated",
        "one period more of anticipation",
    ]
    named_ways = [
        way.name for way in ask(rollout(), 'control = "ipw"\n' + NOT_YET, covariates=["x"]).sensitivity
    ]
    assert {"controls never treated", "without covariates"} <= set(named_ways)


def test_the_efficient_estimator_says_what_chance_says() -> None:
    frame = rollout((25, 25, 25), (2004, 2006, 2008), effect=0.0)
    found = ask(
        frame, f'{EFFICIENT}\naggregate = "dynamic"\nerrors = "adjusted"\ndraws = 199', units="people"
    )
    assert found.estimate.std_error is not None
    assert named(found, "earlier outcomes").result == "pass"
    assert 0.005 <= number(named(found, "randomisation test").reading) <= 1
    ways = {way.name: way.estimate for way in found.sensitivity}
    assert number(ways["Neyman's error"].std_error) >= found.estimate.std_error
    assert "difference in differences, controls not yet treated" in ways
    chosen = frame.with_columns(y=pl.col("y") + 4 * (pl.col("start") == 2004))
    drawn = named(ask(chosen, EFFICIENT, units="people"), "earlier outcomes")
    assert (drawn.result, drawn.consequence) == ("fail", "downgrade")
    single = pl.concat([frame, rollout((1,), (2007,), seed=9).with_columns(area=pl.lit("z"))])
    small = named(ask(single, EFFICIENT, units="people"), "small cohorts")
    assert "one unit were left out" in small.note


def test_the_truth_is_found_where_effects_grow() -> None:
    frame = rollout((200, 200, 400), (2005, 2007, 0), effect=0.3)
    found = ask(frame)
    # Means of 0.3 x (1..5) and of 0.45 x (1..3): the later cohort gains half as much again.
    assert abs(number(found.estimate.value) - 0.9) < 4 * number(found.estimate.std_error)
    assert number(found.estimate.std_error) < 0.1


def test_too_many_cells_to_adjust_for_are_said() -> None:
    # 80 monthly starts over 84 months: 80 x 83 effects.
    frame = rollout((1,) * 80 + (20,), (*range(2003, 2083), 0), years=84)
    silent(ask(frame, 'control = "regression"', covariates=["x"]), "cells", "Use longer periods")
