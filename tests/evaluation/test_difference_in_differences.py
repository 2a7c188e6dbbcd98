"""Difference in differences from a plan: what it answers, doubts, shows and refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from evaluation.settings_words import settings_words
from tests.evaluation.differences import METHOD, areas, plan_of
from tests.evaluation.studies import number, primary, read

PANEL = 'unit = "area"'
MARGIN = 'minimum_important_difference = 1\nmid_source = "a test"'


def ask(frame: pl.DataFrame, **parts: Any) -> OutcomeResult:
    return primary(frame, read(plan_of(**{"design": PANEL, **parts})))


def checks(found: OutcomeResult) -> dict[str, Check]:
    return {check.name: check for check in found.checks}


def faults(**parts: Any) -> list[tuple[str, str]]:
    with pytest.raises(EvaluationError) as problem:
        read(plan_of(**{"design": PANEL, **parts}))
    return [(fault.code, fault.problem) for fault in problem.value.faults]


# --- answers


def test_areas_give_the_effect_with_its_path_figures_and_bounds() -> None:
    found = ask(areas(), outcome=MARGIN)
    estimate = found.estimate
    assert abs(number(estimate.value) + 2) < 4 * number(estimate.std_error)
    assert (estimate.n_treated, estimate.n_comparison, estimate.n_clusters) == (12, 18, 30)
    assert number(estimate.treated_mean) - number(estimate.comparison_mean) == pytest.approx(estimate.value)
    assert found.verdict.answer == "works"
    events = {row.term: row for row in found.path}
    assert len(events) == 18
    assert "event-study 2015" not in events  # the base period
    alone, band = events["event-study 2018"], events["band 2018"]
    assert number(band.conf_low) < number(alone.conf_low) < number(alone.conf_high) < number(band.conf_high)
    means, study = found.figures
    assert (means.name, study.name) == ("means", "event-study")
    assert study.lines[0].y[5] == 0.0
    assert study.labels[6] == "2016"
    table = found.tables[0]
    assert table.name == "honest-bounds"
    assert [row[1] for row in table.rows[:3]] == [0.5, 1.0, 2.0]
    assert checks(found)["pre-trend"].result == "pass"
    assert checks(found)["honest bounds"].reading is not None


def test_expected_means_stand_where_the_treated_would_have_been() -> None:
    found = ask(areas())
    lines = {line.name: line.y for line in found.figures[0].lines}
    effects = {row.term: number(row.value) for row in found.path}
    expected = lines["treated, had they moved as the others"]
    assert number(lines["treated"][7]) - number(expected[7]) == pytest.approx(effects["event-study 2017"])
    assert expected[5] == lines["treated"][5]
    assert expected[0] is None


def test_trends_that_part_before_are_found_and_take_trust_down() -> None:
    frame = areas(effect=0.0).with_columns(y=pl.col("y") - 0.8 * pl.col("tr") * (pl.col("year") - 2010))
    found = ask(frame, outcome=MARGIN)
    check = checks(found)["pre-trend"]
    assert (check.result, check.consequence) == ("fail", "downgrade")
    straight = next(way for way in found.sensitivity if way.name == "a straight gap in trends taken out")
    assert straight.flips_verdict
    assert abs(number(straight.estimate.value)) < 1.5
    assert number(found.estimate.value) < -3


def test_one_period_before_cannot_show_parallel_trends() -> None:
    found = ask(areas().filter(pl.col("year") >= 2015))
    check = checks(found)["periods before"]
    assert (check.result, check.consequence, check.reading) == ("warn", "downgrade", 1.0)
    assert "pre-trend" not in checks(found)
    assert found.tables == ()


def test_gaps_are_taken_as_they_are_and_whole_units_stand_beside() -> None:
    frame = areas()
    some = frame.filter((pl.int_range(pl.len()) * 7919) % 13 > 0)
    found = ask(some)
    whole = next(way for way in found.sensitivity if way.name == "units seen in every period")
    kept = ask(some, settings='unbalanced = "complete"')
    assert kept.estimate.value == pytest.approx(whole.estimate.value)
    assert kept.estimate.n < found.estimate.n == 30
    assert number(checks(kept)["units left out"].reading) == 30 - kept.estimate.n


def test_units_seen_once_say_nothing_and_do_not_count() -> None:
    frame = areas()
    single = frame.filter((pl.col("area") != "a029") | (pl.col("year") == 2012))
    found, without = ask(single), ask(frame.filter(pl.col("area") != "a029"))
    assert found.estimate.value == pytest.approx(without.estimate.value)
    assert found.estimate.std_error == pytest.approx(without.estimate.std_error)
    assert (found.estimate.n, found.estimate.n_clusters) == (29, 29)


def test_changing_covariates_are_warned_of_and_baseline_ones_are_not() -> None:
    design = f'{PANEL}\ncovariates = ["x"]'
    moving = ask(areas(), design=design, settings='time_varying = ["x"]')
    assert checks(moving)["time-varying covariates"].consequence == "downgrade"
    fixed = ask(areas(), design=design)
    assert "time-varying covariates" not in checks(fixed)
    assert {way.name for way in fixed.sensitivity} >= {"without covariates", "covariates by doubly robust"}


def test_few_clusters_bring_the_wild_bootstrap_and_ranks_beside() -> None:
    found = ask(areas(12, 6))
    assert (checks(found)["clusters"].result, checks(found)["clusters"].consequence) == ("warn", "downgrade")
    ways = {way.name: way.estimate for way in found.sensitivity}
    assert ways["wild cluster bootstrap"].value == pytest.approx(found.estimate.value)
    assert ways["ranks among all choices of as many units"].p_value is not None


def test_counts_are_rate_ratios() -> None:
    found = ask(areas(), measure="c", kind="count", outcome='exposure = "pop"')
    assert found.estimate.effect == "rate-ratio"
    assert number(found.estimate.value) == pytest.approx(np.exp(-0.2), rel=0.1)
    assert number(found.estimate.treated_mean) / number(found.estimate.comparison_mean) == pytest.approx(
        found.estimate.value
    )


def test_counts_without_events_are_not_assessable_and_say_what_to_do() -> None:
    frame = areas().with_columns(
        c=pl.when((pl.col("tr") == 1) & (pl.col("year") >= 2016)).then(0).otherwise("c")
    )
    found = ask(frame, measure="c", kind="count", outcome='exposure = "pop"')
    assert found.verdict.answer == "not-assessable"
    assert "difference" in checks(found)["separation"].note
    assert ask(frame, measure="c", kind="count", outcome='effect = "difference"').estimate.value is not None


# --- few units


def test_one_treated_area_is_ranked_and_gets_an_interval_but_no_error_for_its_path() -> None:
    found = ask(areas(40, 1, effect=-6.0))
    assert number(found.estimate.p_value) == pytest.approx(1 / 40)
    assert number(found.estimate.conf_low) < -3 < number(found.estimate.conf_high) + 6
    assert checks(found)["few treated units"].consequence == "downgrade"
    assert checks(found)["pre-trend"].note.endswith("by ranks).")
    assert all(row.std_error is None for row in found.path)
    assert found.tables[0].rows[0][4] is None  # bounds of the estimates, none that allow for chance


def test_one_treated_area_beside_ten_cannot_be_told_at_five_per_cent() -> None:
    found = ask(areas(11, 1, effect=-20.0))
    assert found.verdict.answer == "not-assessable"
    check = checks(found)["too few to rank"]
    assert check.consequence == "block"
    assert number(check.reading) == pytest.approx(1 / 11)
    assert found.estimate.conf_low is None


def test_clusters_that_hold_both_groups_and_are_few_are_refused() -> None:
    frame = areas().with_columns(
        region=pl.col("area").str.slice(3)
    )  # ten regions, each with treated and others
    assert ask(frame, design=f'{PANEL}\ncluster = "region"').estimate.conf_low is not None
    few = frame.with_columns(region=pl.when(pl.col("region") < "5").then(pl.lit("r")).otherwise(pl.lit("s")))
    found = ask(few, design=f'{PANEL}\ncluster = "region"')
    assert found.verdict.answer == "not-assessable"
    assert checks(found)["few clusters"].consequence == "block"


# --- people


def test_different_people_each_time_are_compared_and_shared_shocks_are_named() -> None:
    found = ask(areas(60, 24), design="", units="people")
    assert abs(number(found.estimate.value) + 2) < 4 * number(found.estimate.std_error)
    assert checks(found)["shared shocks"].consequence == "downgrade"
    assert number(found.estimate.outcome_sd) > 1
    clustered = ask(areas(60, 24), design='cluster = "area"', units="people")
    assert "shared shocks" not in checks(clustered)
    assert clustered.estimate.n_clusters == 60


def test_means_of_few_people_are_not_shown() -> None:
    few = areas(60, 30).filter((pl.col("tr") == 0) | (pl.col("year") != 2012) | (pl.col("area") < "a005"))
    found = ask(few, design="", units="people")
    treated = next(line for line in found.figures[0].lines if line.name == "treated")
    assert treated.y[2] is None
    assert all(value is None or value == float(f"{value:.3g}") for value in treated.y)


# --- what is refused


@pytest.mark.parametrize(
    ("start", "said"), [("2010", "no before"), ("2031", "no after"), ('"2014-Q1"', "another kind")]
)
def test_a_start_outside_the_data_is_refused(start: str, said: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        ask(areas(), start=start)
    fault = problem.value.faults[0]
    assert fault.code == "LC482"
    assert said in fault.problem
    assert "2010 to 2019" in fault.hint


def test_a_group_without_a_before_is_refused() -> None:
    with pytest.raises(EvaluationError) as problem:
        ask(areas().filter((pl.col("tr") == 0) | (pl.col("year") >= 2016)))
    assert problem.value.faults[0].code == "LC483"
    assert "treated group was not seen before" in problem.value.faults[0].problem


def test_units_never_seen_again_are_no_panel() -> None:
    with pytest.raises(EvaluationError) as problem:
        ask(areas().with_columns(area=pl.col("area") + "-" + pl.col("year").cast(pl.String)))
    assert problem.value.faults[0].code == "LC483"
    assert "leave unit out" in problem.value.faults[0].hint


def test_staggered_starts_are_refused_and_told_where_to_go() -> None:
    frame = areas().with_columns(tr=((pl.col("year") >= 2014) & (pl.col("area") < "a005")).cast(pl.Float64))
    with pytest.raises(EvaluationError) as problem:
        ask(frame)
    assert problem.value.faults[0].code == "LC480"
    assert "staggered-adoption" in problem.value.faults[0].hint


@pytest.mark.parametrize(
    ("parts", "code", "said"),
    [
        ({"settings": "end = 2"}, "LC401", "end"),
        ({"settings": 'errors = "HC1"'}, "LC406", "rows as independent"),
        ({"settings": 'errors = "CR2"', "design": ""}, "LC406", "need 'cluster' or 'unit'"),
        ({"settings": 'control = "doubly-robust"'}, "LC406", "covariates known at the start"),
        ({"settings": 'time_varying = ["x"]'}, "LC406", "'x' is not a covariate"),
        ({"settings": 'unbalanced = "complete"', "design": ""}, "LC406", "only a panel"),
        ({"settings": "relative = [-1]"}, "LC403", "at least 0"),
        ({"design": f'{PANEL}\nstrata = "region"'}, "LC406", "'strata' is not used"),
        ({"design": f'{PANEL}\ncovariates = ["x"]\nweights = "pop"'}, "LC406", "weights do not go"),
        ({"kind": "binary", "outcome": 'effect = "odds-ratio"'}, "LC406", "risk-difference"),
        ({"outcome": 'baseline = "x"'}, "LC406", "remove baseline"),
        ({"kind": "count", "design": f'{PANEL}\nweights = "pop"'}, "LC406", "use exposure"),
    ],
)
def test_settings_that_do_not_go_together_are_refused_at_their_line(
    parts: dict[str, Any], code: str, said: str
) -> None:
    found = faults(**parts)
    assert [f for f in found if f[0] == code and said in f[1]], found


def test_a_plan_without_a_start_is_refused() -> None:
    text = plan_of(design=PANEL)
    with pytest.raises(EvaluationError) as problem:
        read(text.replace(f"[design.{METHOD}]\nstart = 2016\n", ""))
    assert any("first treated period" in fault.problem for fault in problem.value.faults)
    with pytest.raises(EvaluationError) as problem:
        read(text.replace("start = 2016\n", ""))
    assert any("start" in fault.problem for fault in problem.value.faults)


def test_the_text_of_a_new_plan_can_be_read() -> None:
    from evaluation.starter import starter_plan

    plan = read(starter_plan("new", "", METHOD, ""))
    assert (plan.design.method, plan.design.settings.start, plan.population.units) == (
        METHOD,
        "2024",
        "areas",
    )


def test_the_report_says_what_was_compared_and_how_sure_it_is() -> None:
    design = f'{PANEL}\ncovariates = ["x"]\ncluster = "region"'
    words = dict(settings_words(read(plan_of(design=design, settings='control = "doubly-robust"'))))
    assert words["First treated period"] == "2016"
    assert "clustered by 'region'" in words["Standard errors"]
    assert words["Covariates"].startswith("doubly robust")
    alone = dict(settings_words(read(plan_of(settings='errors = "HC1"', units="people"))))
    assert alone["Standard errors"] == "HC1, people counted as independent"
