"""Classes in schools, and growth over several times: what is checked, refused and shown beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from evaluation.study import resolve
from tests.evaluation.cluster_samples import classes, waves
from tests.evaluation.studies import make_plan, number, primary

SCHOOLS = 'cluster = "school"\nunit = "unit"'
GROWTH = SCHOOLS + '\ntime = "year"'
ROOMS = 'subcluster = "room"'


def found(frame: pl.DataFrame, settings: str = "", **parts: Any) -> OutcomeResult:
    return primary(
        frame, make_plan("cluster-randomised", **({"design": SCHOOLS, "settings": settings} | parts))
    )


def named(result: OutcomeResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def ways(result: OutcomeResult) -> dict[str, float]:
    return {way.name: number(way.estimate.value) for way in result.sensitivity}


# --- three levels


def test_classes_in_schools_that_were_allocated_whole() -> None:
    result = found(classes(20, 2), ROOMS, covariates=["x"])
    assert number(result.estimate.conf_low) < 1.0 < number(result.estimate.conf_high)
    assert number(result.estimate.df) == pytest.approx(18, abs=1)
    assert "between groups within a cluster" in named(result, "likeness within clusters").note
    assert "random intercept of clusters only" in ways(result)


def test_classes_that_were_allocated_within_schools_are_what_counts() -> None:
    result = found(classes(within=True), ROOMS + '\nintervention_level = "subcluster"', covariates=["x"])
    assert number(result.estimate.value) == pytest.approx(1.0, abs=0.4)
    assert 25 < number(result.estimate.df) < 45  # 48 classes in 12 schools, not 385 pupils
    assert named(result, "clusters").reading == 24
    assert "an effect that differs between clusters" in ways(result)
    alone = result.sensitivity[
        [w.name for w in result.sensitivity].index("random intercept of clusters only")
    ]
    assert number(alone.estimate.df) > 300  # what leaving the classes out would claim


def test_the_same_label_of_a_class_in_two_schools_is_two_classes() -> None:
    frame = classes()
    renamed = frame.with_columns(room=pl.col("school") + pl.col("room"))
    one, two = found(frame, ROOMS).estimate, found(renamed, ROOMS).estimate
    assert (two.value, two.std_error, two.df) == pytest.approx((one.value, one.std_error, one.df))


@pytest.mark.parametrize(
    ("frame", "level", "hint"),
    [
        (classes(within=True), "cluster", '"individual"'),
        (classes(), "subcluster", '"cluster"'),
        (classes(), "individual", '"cluster"'),
    ],
)
def test_what_was_not_allocated_as_the_plan_says_is_refused(
    frame: pl.DataFrame, level: str, hint: str
) -> None:
    result = found(frame, f'{ROOMS}\nintervention_level = "{level}"')
    check = named(result, "allocation")
    assert (result.verdict.answer, check.consequence) == ("not-assessable", "block")
    assert hint in check.note


def test_pupils_of_both_arms_in_a_class_were_allocated_one_by_one() -> None:
    frame = classes(within=True).with_columns(
        treat=pl.when(pl.col("unit") == "P00000").then(1 - pl.col("treat")).otherwise("treat")
    )
    result = found(frame, ROOMS + '\nintervention_level = "subcluster"')
    assert 'intervention_level = "individual"' in named(result, "allocation").note


# --- growth


def test_growth_is_a_difference_of_slopes_and_counts_people_not_rows() -> None:
    frame = waves()
    result = found(frame, design=GROWTH, covariates=["x"])
    e = result.estimate
    assert number(e.conf_low) < 0.6 < number(e.conf_high)
    assert (e.n_treated, e.n_comparison, e.n_clusters) == (48, 48, 12)
    assert number(e.treated_mean) - number(e.comparison_mean) == pytest.approx(number(e.value))
    assert number(e.df) == pytest.approx(10, abs=1.5)  # slopes of schools, not of pupils
    assert "people seen at one time or more" in [step.step for step in result.flow]
    assert list(ways(result)) == [
        "not adjusted",
        "an average of its own for every time",
        "least squares, errors clustered (CR2)",
        "slopes of people, means of clusters",
    ]


def test_slopes_of_people_by_hand() -> None:
    frame = waves(6, 4, each=12)
    slopes = frame.group_by("unit").agg(
        pl.col("school").first(), pl.col("treat").first(), slope=pl.cov("year", "y") / pl.col("year").var()
    )
    means = (
        slopes.filter(pl.col("slope").is_finite())
        .group_by("school")
        .agg(pl.col("treat").first(), pl.col("slope").mean())
    )
    one, zero = (means.filter(pl.col("treat") == arm)["slope"].to_numpy() for arm in (1, 0))
    result = found(frame, design=GROWTH)
    assert ways(result)["slopes of people, means of clusters"] == pytest.approx(one.mean() - zero.mean())


def test_the_unit_of_time_is_the_unit_of_the_slope_and_not_of_the_end() -> None:
    frame = waves()
    months = frame.with_columns(year=12 * pl.col("year") + 3)
    years, other = found(frame, design=GROWTH).estimate, found(months, design=GROWTH).estimate
    assert number(other.value) == pytest.approx(number(years.value) / 12, rel=1e-6)
    assert number(other.std_error) == pytest.approx(number(years.std_error) / 12, rel=1e-6)
    end = found(frame, 'growth = "end"', design=GROWTH).estimate
    later = found(months, 'growth = "end"', design=GROWTH).estimate
    assert (later.value, later.std_error) == pytest.approx((end.value, end.std_error), rel=1e-6)
    assert number(end.value) == pytest.approx(3 * 0.6, abs=1.0)


def test_pupils_allocated_within_schools_may_vary_and_schools_need_not() -> None:
    result = found(waves(within=True), 'intervention_level = "individual"', design=GROWTH)
    assert number(result.estimate.value) == pytest.approx(0.6, abs=0.25)
    assert "slopes vary between people only" in ways(result)
    assert number(result.estimate.df) > 30


def test_two_times_leave_intercepts_of_people_and_say_so() -> None:
    result = found(waves(times=2), design=GROWTH)
    assert named(result, "times").result == "warn"
    assert "too few times to tell" in named(result, "change by person and cluster").note
    assert number(result.estimate.value) == pytest.approx(0.6, abs=0.7)


def test_people_on_their_own_grow_too() -> None:
    result = found(waves(within=True), design='cluster = "unit"\nunit = "unit"\ntime = "year"')
    assert number(result.estimate.value) == pytest.approx(0.6, abs=0.3)
    assert result.estimate.n_clusters == 96
    assert "each a cluster of their own" in named(result, "change by person and cluster").note


def test_one_time_is_no_growth() -> None:
    result = found(waves().filter(pl.col("year") == 0), design=GROWTH)
    assert result.verdict.answer == "not-assessable"
    assert (result.estimate.n_treated, result.estimate.value) == (48, None)


def test_people_keep_the_arm_they_were_given() -> None:
    frame = waves(within=True).with_columns(
        treat=pl.when((pl.col("unit") == "P0000") & (pl.col("year") > 0))
        .then(1 - pl.col("treat"))
        .otherwise("treat")
    )
    result = found(frame, 'intervention_level = "individual"', design=GROWTH)
    assert result.verdict.answer == "not-assessable"
    assert "keeps the arm" in named(result, "allocation").note


def test_people_who_change_school_are_counted() -> None:
    frame = waves(within=True).with_columns(
        school=pl.when((pl.col("unit") == "P0000") & (pl.col("year") > 1))
        .then(pl.lit("S01"))
        .otherwise("school")
    )
    result = found(frame, 'intervention_level = "individual"', design=GROWTH)
    assert named(result, "changed cluster").reading == pytest.approx(1 / 96)


def test_times_without_a_row_count_as_missing() -> None:
    frame = waves().filter((pl.col("year") < 2) | (pl.col("treat") == 1))
    check = named(found(frame, design=GROWTH), "missing times")
    assert (check.result, check.consequence) == ("fail", "downgrade")
    assert number(check.reading) > 0.4


def test_the_same_person_twice_at_one_time_is_a_fault() -> None:
    frame = waves()
    with pytest.raises(EvaluationError) as caught:
        found(pl.concat([frame, frame.head(1)]), design=GROWTH)
    assert "more than once at the same 'year'" in str(caught.value)
    with pytest.raises(EvaluationError) as caught:
        found(frame)  # without time it is one row a person
    assert "more than once" in str(caught.value)


def test_a_cohort_has_one_row_a_person_so_growth_is_for_files() -> None:
    with pytest.raises(EvaluationError) as caught:
        resolve(make_plan("cluster-randomised", design=GROWTH), {}, {})
    assert "a cohort gives one row a person" in str(caught.value)


def test_a_constant_pace_of_everybody_is_no_crash() -> None:
    frame = waves().with_columns(y=pl.col("year").cast(pl.Float64))
    result = found(frame, design=GROWTH)
    assert result.verdict.answer == "not-assessable"
    assert all(
        value is None or np.isfinite(value) for value in (result.estimate.value, result.estimate.std_error)
    )
