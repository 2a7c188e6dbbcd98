"""Stepped-wedge and crossover plans: what is checked, what is refused, what stands beside the estimate."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.decidable import Prospects, doubts, project
from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from tests.evaluation.cluster_samples import wards
from tests.evaluation.studies import make_plan, number, primary

DESIGN = 'cluster = "ward"\nunit = "unit"'
WEDGE = 'layout = "stepped-wedge"\nperiod = "month"'
CROSS = 'layout = "crossover"\nperiod = "month"'


def found(frame: pl.DataFrame, settings: str = WEDGE, **parts: Any) -> OutcomeResult:
    return primary(
        frame, make_plan("cluster-randomised", **({"design": DESIGN, "settings": settings} | parts))
    )


def named(result: OutcomeResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def test_a_stepped_wedge_finds_the_effect_and_shows_other_models_and_the_test_of_the_order() -> None:
    result = found(wards(effect=1.0), covariates=["x"])
    e = result.estimate
    assert number(e.conf_low) < 1.0 < number(e.conf_high)
    assert number(e.value) == pytest.approx(1.0, abs=0.3)
    assert (e.n_clusters, e.estimand) == (10, "ITT")
    assert [way.name for way in result.sensitivity] == [
        "not adjusted",
        "random intercepts of clusters only",
        "random intercepts of clusters, errors clustered (CR2)",
        "an effect that differs between clusters",
        "allowing for anticipation",
        "effects by time on treatment, averaged",
        "randomisation test of the order of clusters",
    ]
    assert [row.term for row in result.path] == [f"period {k} of the programme" for k in range(1, 6)]
    assert "averages over clusters and periods" in named(result, "what is averaged").note
    assert e.standardised is not None


def test_a_crossover_finds_the_effect_and_looks_for_what_is_carried_over() -> None:
    result = found(wards(8, 4, crossing=True), CROSS)
    assert number(result.estimate.value) == pytest.approx(1.0, abs=0.3)
    assert "allowing for carry-over" in {way.name for way in result.sensitivity}
    assert named(result, "carry-over").result in ("pass", "info")
    assert result.path == ()


def test_an_effect_that_comes_early_is_noticed() -> None:
    result = found(wards(12, 6, 2, ahead=1.0, each=14))
    check = named(result, "anticipation")
    assert (check.result, check.consequence) == ("warn", "downgrade")


def test_an_effect_that_grows_is_noticed_and_averaged_over_its_times() -> None:
    result = found(wards(12, 6, 2, effect=0.0, grows=0.6, each=14))
    check = named(result, "time on treatment")
    assert (check.result, check.consequence) == ("warn", "downgrade")
    ways = {way.name: number(way.estimate.value) for way in result.sensitivity}
    averaged = ways["effects by time on treatment, averaged"]
    assert averaged == pytest.approx(0.6 * 3, abs=0.5)  # one to five periods, three on average
    assert number(result.estimate.value) < averaged - 0.3  # one number for all of it misleads


def test_what_is_left_of_a_crossover_is_noticed() -> None:
    frame = wards(12, 6, 2, crossing=True, each=14)
    starts = (frame["ward"].str.slice(1).cast(pl.Int64) % 3).to_numpy()
    month = frame["month"].to_numpy()
    given = ((month + starts) % 3 == 0).astype(float)  # one month in three, so that after and never differ
    after = ((month + starts) % 3 == 1) & (month > 1)
    y = frame["y"].to_numpy() - frame["treat"].to_numpy() + given + 0.8 * after
    result = found(frame.with_columns(treat=pl.Series(given), y=pl.Series(y)), CROSS)
    assert named(result, "carry-over").result == "warn"
    ways = {way.name: number(way.estimate.value) for way in result.sensitivity}
    assert ways["allowing for carry-over"] == pytest.approx(1.0, abs=0.3)


def blocked(result: OutcomeResult, name: str) -> Check:
    assert (result.verdict.answer, result.estimate.value) == ("not-assessable", None)
    check = named(result, name)
    assert check.consequence == "block"
    return check


def test_a_wedge_that_goes_back_is_refused_and_named() -> None:
    check = blocked(found(wards(8, 4, crossing=True)), "allocation")
    assert 'layout = "crossover"' in check.note


def test_both_arms_in_a_cluster_and_period_are_refused() -> None:
    frame = wards()
    mixed = frame.with_columns(
        treat=pl.when(pl.col("unit") == "P00000").then(1 - pl.col("treat")).otherwise("treat")
    )
    assert "holds people of both arms" in blocked(found(mixed), "allocation").note


def test_a_programme_that_began_everywhere_at_once_cannot_be_told_from_time() -> None:
    frame = wards().with_columns(treat=(pl.col("month") > 3).cast(pl.Float64))
    result = found(frame)
    assert "what time did" in blocked(result, "periods").note
    assert "cannot be told from what time did" in result.verdict.sentence


def test_clusters_that_never_change_are_parallel() -> None:
    frame = wards().with_columns(treat=(pl.col("ward") < "W05").cast(pl.Float64))
    assert 'layout = "parallel"' in blocked(found(frame), "allocation").note


@pytest.mark.parametrize(
    ("count", "result", "consequence"),
    [(6, "fail", "downgrade"), (10, "warn", "downgrade"), (14, "pass", "none")],
)
def test_few_clusters_are_flagged(count: int, result: str, consequence: str) -> None:
    check = named(found(wards(count, 4, each=14)), "clusters")
    assert (check.result, check.consequence) == (result, consequence)


def test_three_clusters_are_not_assessable() -> None:
    result = found(wards(3, 4, each=30))
    assert result.verdict.answer == "not-assessable"
    assert named(result, "clusters").consequence == "block"


def test_two_sequences_of_a_wedge_are_flagged() -> None:
    frame = wards(8, 3, each=14)
    assert named(found(frame), "sequences").result == "warn"


def test_one_row_for_each_cluster_and_period_leaves_out_what_cannot_be_told() -> None:
    frame = wards(10, 8).group_by("ward", "month").agg(pl.col("y").mean(), pl.col("treat").first())
    result = found(frame.sort("ward", "month"), design='cluster = "ward"')
    assert number(result.estimate.value) == pytest.approx(1.0, abs=0.5)
    assert number(result.estimate.df) > 5


def test_yes_or_no_in_a_wedge_is_a_difference_of_shares_or_a_marginal_ratio() -> None:
    frame = wards(12, 5, binary=True, each=14)
    share = found(frame, kind="binary").estimate
    assert 0.1 < number(share.value) < 0.6
    odds = found(frame, WEDGE + '\nratio_model = "marginal"', kind="binary", outcome='effect = "odds-ratio"')
    assert number(odds.estimate.value) > 1.5
    assert odds.estimate.effect == "odds-ratio"
    assert named(odds, "what is averaged").result == "info"


@pytest.mark.parametrize(
    ("settings", "design", "said"),
    [
        ('layout = "stepped-wedge"', DESIGN, "needs 'period'"),
        ('period = "month"', DESIGN, "belongs to stepped-wedge"),
        (WEDGE + '\nintervention_level = "individual"', DESIGN, "clusters are allocated"),
        (WEDGE + '\nmodel = "cluster-means"', DESIGN, "compares a cluster with itself"),
        (WEDGE + '\nsubcluster = "room"', DESIGN, "not in this version"),
        ('intervention_level = "subcluster"', DESIGN, "need a name"),
        ('subcluster = "room"\nmodel = "cluster-means"', DESIGN, "know no groups"),
        (
            'subcluster = "room"\nintervention_level = "individual"\nrandom_slope = true',
            DESIGN,
            "not in this version",
        ),
        (WEDGE, DESIGN + '\ntime = "month"', "does not go with"),
        ("", 'cluster = "ward"\ntime = "month"', "needs 'unit'"),
        ('subcluster = "room"', DESIGN + '\ntime = "month"', "no groups between"),
    ],
)
def test_settings_that_do_not_go_together_are_faults_with_their_line(
    settings: str, design: str, said: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        make_plan("cluster-randomised", design=design, settings=settings)
    assert said in str(caught.value)
    assert any("plan.toml:" in fault.where for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("settings", "design", "effect", "kind", "said"),
    [
        (WEDGE, DESIGN, "odds-ratio", "binary", 'ratio_model = "marginal"'),
        ('intervention_level = "individual"', DESIGN, "risk-ratio", "binary", 'ratio_model = "marginal"'),
        ("", DESIGN + '\ntime = "month"', "rate-ratio", "count", "growth over time is a difference"),
    ],
)
def test_ratios_that_cannot_be_had_are_faults(
    settings: str, design: str, effect: str, kind: str, said: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        make_plan(
            "cluster-randomised", design=design, settings=settings, kind=kind, outcome=f'effect = "{effect}"'
        )
    assert said in str(caught.value)


def test_periods_must_be_numbers_and_rows_are_named() -> None:
    frame = wards().with_columns(month=pl.format("month {}", "month"))
    with pytest.raises(EvaluationError) as caught:
        found(frame)
    assert "column 'month' must hold numbers" in str(caught.value)
    assert "month 1" not in str(caught.value)


def test_the_older_name_of_layout_still_says_the_same() -> None:
    older = make_plan("cluster-randomised", design=DESIGN, settings='design = "crossover"\nperiod = "month"')
    assert older == make_plan("cluster-randomised", design=DESIGN, settings=CROSS)


def test_plans_without_the_new_keys_keep_their_fingerprint() -> None:
    from evaluation.plan import canonical

    text = canonical(make_plan("cluster-randomised", design='cluster = "ward"'))
    assert not {"layout", "period", "subcluster", "growth", "ratio_model", "time"} & set(text.split('"'))


@pytest.mark.parametrize(
    ("settings", "design", "says"),
    [
        (WEDGE, DESIGN, "give starts"),
        ('subcluster = "room"\nintervention_level = "subcluster"', DESIGN, "give subclusters"),
        ("", DESIGN + '\ntime = "month"', "spread of people's slopes"),
    ],
)
def test_what_such_trials_could_show_is_not_claimed_without_what_it_hangs_on(
    settings: str, design: str, says: str
) -> None:
    plan = make_plan("cluster-randomised", design=design, settings=settings, outcome="expected_sd = 1")
    prospects = Prospects(200, 200, None, 10, 10)
    shown = project(plan, plan.primaries[0], prospects)
    assert shown.detectable is None
    assert says in shown.note
    assert doubts(plan, prospects) == ()


def test_people_are_not_counted_twice_in_the_check_of_periods() -> None:
    check = named(found(wards(10, 6)), "periods")
    assert check.reading == pytest.approx(4 / 6)  # the first month has none, the last has all
    assert np.isfinite(number(check.reading))
