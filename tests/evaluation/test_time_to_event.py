"""Times to an event from plan to verdict: keys, bad data, checks, curves, and the three designs."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from cohorts.disclosure import is_small
from evaluation.companion import companion_disagrees
from evaluation.decidable import Prospects, doubts, project
from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from evaluation.plan import canonical, fingerprint
from evaluation.protection import may_show
from evaluation.reporting.curves import curve_table
from evaluation.verdict import Ruling
from tests.evaluation.studies import an_estimate, make_plan, number, primary, read
from tests.evaluation.times import time_plan, watched_people
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile(10, 5)
MARGIN = 'minimum_important_difference = 0.85\nmid_source = "a stated choice"\n'


def codes(problem: pytest.ExceptionInfo[EvaluationError]) -> set[str]:
    return {fault.code for fault in problem.value.faults}


def check(found: OutcomeResult, name: str) -> Any:
    return next(item for item in found.checks if item.name == name)


# --- the plan


def test_a_plan_names_the_columns_of_a_time_to_an_event() -> None:
    plan = time_plan(outcome='competing = "died"\nentry = "since"\nhorizon = 40')
    timing = plan.outcomes[0].timing
    assert timing is not None
    assert (timing.duration, timing.event, timing.competing, timing.entry) == ("weeks", "y", "died", "since")
    assert timing.horizon == 40
    assert (plan.outcomes[0].effect, plan.outcomes[0].is_ratio) == ("hazard-ratio", True)


def test_the_event_may_have_a_column_of_its_own_and_a_wave_goes_for_all() -> None:
    timing = time_plan(measure="arrest", outcome='event = "arrested"\nwave = "a-year"').outcomes[0].timing
    assert timing is not None
    assert (timing.event, timing.duration) == ("arrested@a-year", "weeks@a-year")


def test_plans_without_times_keep_the_fingerprint_they_had() -> None:
    plan = make_plan()
    assert "timing" not in canonical(plan)
    assert fingerprint(plan) != fingerprint(time_plan())
    assert fingerprint(time_plan(outcome="horizon = 40")) != fingerprint(time_plan())


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"kind": "binary", "outcome": 'duration = "weeks"'}, "LC406"),
        ({"kind": "time-to-event"}, "LC402"),
        ({"kind": "time-to-event", "outcome": 'duration = "weeks"\nbaseline = "x"'}, "LC406"),
        ({"kind": "time-to-event", "outcome": 'duration = "weeks"\nhorizon = 0'}, "LC403"),
        ({"kind": "time-to-event", "outcome": 'duration = "weeks"\neffect = "difference"'}, "LC406"),
        (
            {
                "kind": "time-to-event",
                "outcome": 'duration = "weeks"\nminimum_important_difference = 1\nmid_source = "x"',
            },
            "LC403",
        ),
    ],
)
def test_a_plan_with_wrong_time_keys_is_refused(parts: dict[str, Any], code: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        make_plan(**parts)
    assert code in codes(problem)


@pytest.mark.parametrize("method", ["doubly-robust", "cluster-randomised"])
def test_a_method_that_has_no_times_says_so(method: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        time_plan(method, covariates=["x"], design='cluster = "school"' if "cluster" in method else "")
    assert "LC407" in codes(problem)


# --- the data


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"weeks": -1.0}, "LC455", "must not be negative"),
        ({"weeks": math.inf}, "LC454", "must hold finite numbers"),
        ({"y": 2.0}, "LC456", "0 or 1"),
        ({"died": 0.5}, "LC456", "0 or 1"),
        ({"y": 1.0, "died": 1.0}, "LC455", "cannot both come first"),
        ({"since": 60.0}, "LC455", "must come before"),
        ({"since": -2.0}, "LC455", "must not be negative"),
    ],
)
def test_rows_that_are_no_times_are_named_and_no_value_is_shown(
    change: dict[str, float], code: str, said: str
) -> None:
    frame = watched_people(60).with_columns(since=pl.lit(0.0))
    row = pl.int_range(frame.height) == 4
    frame = frame.with_columns(
        pl.when(row).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in change.items()
    )
    with pytest.raises(EvaluationError) as problem:
        primary(frame, time_plan(outcome='competing = "died"\nentry = "since"'))
    assert code in codes(problem)
    told = " ".join(fault.problem for fault in problem.value.faults)
    assert said in told
    assert "row 6" in told
    assert "60" not in told


def test_a_text_for_a_time_is_refused() -> None:
    frame = watched_people(60).with_columns(weeks=pl.lit("soon"))
    with pytest.raises(EvaluationError) as problem:
        primary(frame, time_plan())
    assert codes(problem) == {"LC454"}


def test_a_column_of_times_that_is_not_there_is_named() -> None:
    with pytest.raises(EvaluationError) as problem:
        primary(watched_people(60).drop("weeks"), time_plan())
    assert codes(problem) == {"LC453"}


def test_people_without_a_time_are_counted_as_missing_outcomes() -> None:
    frame = watched_people(100)
    gone = frame.with_columns(weeks=pl.when(pl.int_range(200) >= 20).then("weeks"))
    found = primary(gone, time_plan())
    assert found.estimate.n == 180
    assert check(found, "missing outcomes").reading == pytest.approx(0.1)


# --- what stands in the way


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"y": pl.lit(0.0)}, "an arm has too few events, or nothing but events"),
        ({"y": pl.col("y") * pl.col("treat")}, "an arm has too few events, or nothing but events"),
        ({"y": pl.col("y") * (1 - pl.col("treat"))}, "an arm has too few events, or nothing but events"),
        ({"x": pl.col("y")}, "the arms cannot be told apart from the other columns"),
        ({"x": pl.col("treat")}, "the arms cannot be told apart from the other columns"),
    ],
    ids=["no events", "none among the others", "none among the treated", "separation", "arm as covariate"],
)
def test_what_cannot_be_answered_is_not_assessable(change: dict[str, pl.Expr], said: str) -> None:
    found = primary(watched_people(150).with_columns(**change), time_plan(covariates=["x"]))
    assert found.verdict.answer == "not-assessable"
    assert said in found.verdict.sentence
    assert found.estimate.value is None
    assert found.estimate.std_error is None


def test_everybody_having_the_event_is_no_obstacle() -> None:
    found = primary(watched_people(150).with_columns(y=pl.lit(1.0)), time_plan())
    assert found.verdict.answer != "not-assessable"
    assert found.estimate.treated_mean == pytest.approx(1.0)


def test_events_all_at_one_time_are_survived() -> None:
    found = primary(watched_people(150).with_columns(weeks=pl.lit(10.0)), time_plan())
    assert found.estimate.value is not None
    assert check(found, "ties").reading == 1


def test_few_events_and_many() -> None:
    frame = watched_people(40)
    assert check(primary(frame, time_plan()), "events").result in {"warn", "pass"}
    rare = frame.with_columns(y=pl.when(pl.int_range(80) < 25).then("y").otherwise(0.0))
    assert check(primary(rare, time_plan()), "events").consequence == "block"


# --- checks that warn


def test_hazards_that_cross_lower_the_trust_and_show_mean_times() -> None:
    frame = watched_people(1500, 3, ratio=0.4, shift=2.0)
    found = primary(frame, time_plan())
    held = check(found, "proportional hazards")
    assert (held.result, held.consequence) == ("warn", "downgrade")
    assert "mean time" in held.note
    assert found.sensitivity[0].name.startswith("difference in mean time")
    assert check(primary(watched_people(1500, 3), time_plan()), "proportional hazards").result == "pass"


def test_people_lost_in_one_arm_only_lower_the_trust() -> None:
    frame = watched_people(300)
    early = (pl.col("treat") == 1) & (pl.int_range(600) % 4 == 0)
    lost = frame.with_columns(
        weeks=pl.when(early).then(pl.col("weeks").clip(0, 5)).otherwise("weeks"),
        y=pl.when(early).then(0.0).otherwise("y"),
    )
    assert (
        check(primary(lost, time_plan(outcome="horizon = 29")), "follow-up lost").consequence == "downgrade"
    )
    assert check(primary(frame, time_plan(outcome="horizon = 29")), "follow-up lost").result == "pass"


def test_a_horizon_beyond_what_was_watched_is_cut_and_said() -> None:
    found = primary(watched_people(100), time_plan(outcome="horizon = 500"))
    cut = check(found, "horizon")
    assert (cut.result, cut.limit) == ("warn", 500)
    assert cut.reading <= 53


def test_competing_events_are_named_and_their_ratio_stands_beside() -> None:
    frame = watched_people(500, 2, rival=0.02)
    found = primary(frame, time_plan(outcome='competing = "died"'))
    note = check(found, "competing events").note
    assert "cause-specific" in note
    beside = next(way.estimate for way in found.sensitivity if "Fine and Gray" in way.name)
    assert 0.3 < number(beside.value) < 1
    naive = primary(frame, time_plan())
    assert number(found.estimate.treated_mean) < number(naive.estimate.treated_mean)
    assert found.estimate.value == pytest.approx(number(naive.estimate.value))


# --- designs


def test_late_entry_counts_people_from_when_they_came() -> None:
    frame = watched_people(300, 4).with_columns(since=(pl.col("weeks") / 3).floor().clip(0, 8))
    found = primary(frame, time_plan(outcome='entry = "since"'))
    plain = primary(frame, time_plan())
    assert found.estimate.value != plain.estimate.value
    assert number(found.estimate.value) == pytest.approx(0.6, abs=0.25)


def test_strata_have_baselines_of_their_own_and_clusters_widen_degrees_of_freedom() -> None:
    frame = watched_people(300, 5)
    assert number(primary(frame, time_plan(design='strata = "place"')).estimate.value) < 0.9
    grouped = primary(frame, time_plan(design='cluster = "school"')).estimate
    assert (grouped.n_clusters, grouped.df) == (24, 23)


def test_what_the_strata_say_already_is_left_out_and_arms_that_are_strata_are_not_assessable() -> None:
    frame = watched_people(200, 5)
    plan = time_plan(design='strata = "place"', covariates=["x", "place"])
    found = primary(frame, plan)
    assert found.estimate.value == pytest.approx(
        number(primary(frame, time_plan(design='strata = "place"', covariates=["x"])).estimate.value)
    )
    assert "place" in check(found, "covariates").note
    apart = frame.with_columns(place=pl.col("treat").cast(pl.String))
    assert primary(apart, time_plan(design='strata = "place"')).verdict.answer == "not-assessable"


def test_weights_and_matches_take_confounding_away() -> None:
    """The crude ratio is drawn towards 1 by people with a high x, who are treated more and have the event sooner."""
    crude, weighted, matched = [], [], []
    for seed in range(4):
        frame = watched_people(1200, seed, ratio=0.6, pull=1.0)
        crude.append(number(primary(frame, time_plan()).estimate.value))
        weighted.append(number(primary(frame, time_plan("weighting", covariates=["x", "z"])).estimate.value))
        matched.append(number(primary(frame, time_plan("matching", covariates=["x", "z"])).estimate.value))
    assert np.mean(crude) > 0.75
    assert np.mean(weighted) == pytest.approx(0.61, abs=0.05)
    assert np.mean(matched) == pytest.approx(0.60, abs=0.05)


@pytest.mark.parametrize("settings", ['kind = "entropy"', "trim = 0.05", ""])
def test_each_kind_of_weights_gives_ratio_mean_time_and_curves(settings: str) -> None:
    found = primary(
        watched_people(300, 6, pull=0.6), time_plan("weighting", covariates=["x"], settings=settings)
    )
    assert found.estimate.std_error is not None
    assert found.sensitivity[0].estimate.effect == "difference"
    assert found.path
    assert not any(item.name == "e-value" for item in found.checks)


def test_the_error_of_the_weights_counts() -> None:
    """The delete-one (jackknife) error of the whole procedure is the yardstick."""
    frame = watched_people(60, 7, pull=0.8)
    plan = time_plan("weighting", covariates=["x"], design='estimand = "ATE"')
    whole = primary(frame, plan).estimate
    values = [
        math.log(number(primary(frame.filter(pl.int_range(120) != i), plan).estimate.value))
        for i in range(120)
    ]
    jackknife = math.sqrt(119 / 120 * sum((v - np.mean(values)) ** 2 for v in values))
    assert number(whole.std_error) == pytest.approx(jackknife, rel=0.12)


def test_matching_with_replacement_counts_people_and_not_rows() -> None:
    frame = watched_people(150, 8, pull=0.8)
    found = primary(frame, time_plan("matching", covariates=["x"], settings="replace = true"))
    assert found.estimate.n_comparison < found.estimate.n_treated
    assert found.estimate.std_error is not None


# --- verdict, words, trust


def test_a_verdict_speaks_of_times_the_rate() -> None:
    found = primary(watched_people(1500, 9, ratio=0.4), time_plan(outcome=MARGIN + 'name = "arrest"'))
    verdict = found.verdict
    assert (verdict.answer, verdict.detail) == ("works", "meaningful")
    assert "times the rate of the others, enough to matter" in verdict.sentence
    assert "came to it at 0.4" in verdict.can_say[0]
    size = next(fact for fact in verdict.security_facts if fact.part == "size")
    assert size.level >= 3
    assert "hazard ratio of 0." in size.fact


def test_more_of_a_wanted_event_is_better_when_higher_is_better() -> None:
    frame = watched_people(1500, 9, ratio=2.5)
    found = primary(frame, time_plan(better="higher", outcome=MARGIN))
    assert found.verdict.answer == "works"
    assert not found.sensitivity[0].flips_verdict


def test_swapping_the_arms_turns_the_ratio_round() -> None:
    frame, plan = watched_people(200, 3), time_plan(covariates=["x"])
    one = primary(frame, plan).estimate
    other = primary(frame.with_columns(treat=1 - pl.col("treat")), plan).estimate
    assert other.value == pytest.approx(1 / number(one.value))
    assert other.std_error == pytest.approx(one.std_error)
    assert other.conf_low == pytest.approx(1 / number(one.conf_high))


@pytest.mark.parametrize(
    ("low", "high", "answer", "disagrees"),
    [(1.0, 3.0, "works", False), (-1.0, 3.0, "works", True), (-3.0, -1.0, "works", True),
     (-1.0, 3.0, "inconclusive", False), (1.0, 3.0, "inconclusive", True), (1.0, 3.0, "not-assessable", False)],
)  # fmt: skip
def test_a_companion_disagrees_when_it_points_another_way(
    low: float, high: float, answer: Any, disagrees: bool
) -> None:
    estimate = an_estimate((low + high) / 2, low, high)
    assert companion_disagrees(estimate, time_plan().outcomes[0], Ruling(answer, "")) is disagrees


def test_what_a_trial_could_show_hangs_on_its_events() -> None:
    """Schoenfeld: 400 people, 40 in 100 with the event: error 2 / root 160, times 2.8 is 0.443, a ratio of 0.64."""
    plan = time_plan(outcome=MARGIN + "expected_rate = 0.4")
    found = project(plan, plan.outcomes[0], Prospects(200, 200))
    assert found.detectable == pytest.approx(math.exp(-2.8016 * 2 / math.sqrt(160)), rel=1e-3)
    told = next(doubt for doubt in doubts(plan, Prospects(200, 200)) if doubt.code == "too-small")
    assert "a ratio of 0.64 or further from 1, the ratio that matters is 0.85" in told.text
    assert "expected_rate" in project(time_plan(), time_plan().outcomes[0], Prospects(200, 200)).note
    assert not doubts(plan, Prospects(8000, 8000))


# --- what may be shown


def test_steps_of_a_curve_stand_for_ten_events_and_ten_people_are_left() -> None:
    frame = watched_people(300, 10)
    found = primary(frame, time_plan())
    for arm, name in ((1, "with"), (0, "without")):
        ends = [float(row.term.split(", by ")[1]) for row in found.path if row.term.startswith(f"{name},")]
        weeks = frame.filter((pl.col("treat") == arm) & (pl.col("y") == 1))["weeks"].to_numpy()
        edges = [0.0, *ends]
        assert len(ends) >= 3
        assert all(((weeks > low) & (weeks <= high)).sum() >= 10 for low, high in pairwise(edges))
        stay = frame.filter(pl.col("treat") == arm)["weeks"].to_numpy()
        assert (stay > ends[-1]).sum() >= 10 or (stay >= ends[-1]).sum() - (weeks == ends[-1]).sum() >= 10


def test_shares_that_stand_for_few_people_withhold_the_ratio_and_the_curve() -> None:
    frame = watched_people(200, 11)
    found = primary(frame, time_plan())
    assert may_show(found.kind, found.estimate, PROFILE)
    table = curve_table(found, PROFILE)
    assert table is not None
    assert len(table.rows) == len(found.path)
    rare = replace(found, estimate=replace(found.estimate, treated_mean=0.01))
    assert is_small(2, PROFILE)
    assert not may_show(rare.kind, rare.estimate, PROFILE)
    assert curve_table(rare, PROFILE) is None


def test_a_plan_of_times_is_read_from_its_text_alone() -> None:
    text = (
        '[plan]\nid = "t"\ntitle = "T"\n[design]\nmethod = "randomised"\ntreatment = "treat"\n[[outcome]]\n'
        'measure = "y"\nrole = "primary"\nkind = "time-to-event"\nbetter = "lower"\nduration = "weeks"\n'
    )
    assert read(text).outcomes[0].timing is not None
