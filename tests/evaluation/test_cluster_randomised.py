"""The cluster-randomised method: what it does beside estimating, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.clusters.checks import clusters_of, likeness_checks
from evaluation.clusters.effect_size import ArmSizes, design_effect, total_effect_size, widened
from evaluation.clusters.model import (
    means_effect,
    mixed_effect,
    prepare,
    robust_effect,
    strata_within_clusters,
)
from evaluation.decidable import Prospects, doubts, project
from evaluation.errors import EvaluationError
from evaluation.frame import AnalysisFrame, build_frame
from evaluation.methods.cluster_randomised import estimate_effect
from evaluation.model import Check, EffectSize, MethodResult, OutcomeResult
from evaluation.power import detectable, equivalence_power
from tests.evaluation.studies import make_plan, number, primary, schools, study
from tests.evaluation.study_errors import cluster_std_error, std_error_of

BY_SCHOOL = 'cluster = "school"'


def framed(frame: pl.DataFrame, **parts: Any) -> AnalysisFrame:
    plan = make_plan("cluster-randomised", **({"design": BY_SCHOOL} | parts))
    return build_frame(study(frame), plan, plan.outcomes[0])


def analysed(frame: pl.DataFrame, **parts: Any) -> MethodResult:
    plan = make_plan("cluster-randomised", **({"design": BY_SCHOOL} | parts))
    return estimate_effect(build_frame(study(frame), plan, plan.outcomes[0]), plan, plan.outcomes[0])


def found(frame: pl.DataFrame, **parts: Any) -> OutcomeResult:
    return primary(frame, make_plan("cluster-randomised", **({"design": BY_SCHOOL} | parts)))


def named(result: MethodResult | OutcomeResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def ways(result: MethodResult | OutcomeResult) -> dict[str, float]:
    return {way.name: number(way.estimate.value) for way in result.sensitivity}


def test_the_estimate_is_the_mixed_models_with_kenward_rogers_error_and_degrees_of_freedom() -> None:
    frame = framed(schools(), covariates=["x", "place"])
    ready = prepare(frame.data, ("x:x", "x:place"), clusters_of(frame))
    fit, model = mixed_effect(ready)
    e = analysed(schools(), covariates=["x", "place"]).estimate
    assert (e.value, e.std_error, e.df, e.n_clusters) == (fit.value, fit.std_error, fit.df, 24)
    assert 15 < number(e.df) < 30
    assert model.tau2 > 0


def test_cluster_means_by_hand() -> None:
    frame = schools(240, 3)
    means = frame.group_by("school").agg(pl.col("y").mean(), pl.col("treat").first()).sort("school")
    one, zero = (means.filter(pl.col("treat") == arm)["y"].to_numpy() for arm in (1, 0))
    e = analysed(frame, settings='model = "cluster-means"').estimate
    assert e.value == pytest.approx(one.mean() - zero.mean())
    pooled = (11 * one.var(ddof=1) + 11 * zero.var(ddof=1)) / 22
    assert e.std_error == pytest.approx(np.sqrt(pooled / 6))
    assert (e.df, e.n_clusters) == (22, 24)


def test_the_lines_beside_the_mixed_model_are_other_models_and_other_inference() -> None:
    assert list(ways(analysed(schools(), covariates=["x"]))) == [
        "random intercept, not adjusted",
        "means of clusters",
        "least squares, errors clustered (CR2)",
        "least squares, wild cluster bootstrap",
        "randomisation test of clusters",
    ]
    assert next(iter(ways(analysed(schools(), settings='model = "cluster-means"')))) == (
        "random intercept, Kenward-Roger"
    )


def test_every_line_shows_its_own_interval_and_agrees_roughly() -> None:
    result = analysed(schools(300, 5), covariates=["x"])
    for way in result.sensitivity:
        e = way.estimate
        low, high, narrow_low, narrow_high = (
            number(part) for part in (e.conf_low, e.conf_high, e.narrow_low, e.narrow_high)
        )
        assert low < narrow_low < number(e.value) < narrow_high < high
        assert number(e.value) == pytest.approx(number(result.estimate.value), abs=0.35)


def test_with_many_clusters_nothing_is_resampled_that_needs_few() -> None:
    result = analysed(schools(700, 6, an_arm=55))
    assert list(ways(result)) == ["means of clusters", "least squares, errors clustered (CR2)"]
    assert named(result, "clusters").result == "pass"


def test_the_seed_of_the_plan_moves_only_what_is_drawn() -> None:
    one, two = (analysed(schools(), design=f"{BY_SCHOOL}\nseed = {seed}") for seed in (1, 2))
    assert one.estimate == two.estimate
    p_values = [[number(way.estimate.p_value) for way in result.sensitivity] for result in (one, two)]
    assert p_values[0][:2] == p_values[1][:2]
    assert p_values[0][2:] != p_values[1][2:]


def test_people_allocated_within_sites_are_compared_within_them() -> None:
    result = analysed(
        schools(), design='cluster = "site"', settings='intervention_level = "individual"', covariates=["x"]
    )
    assert number(result.estimate.df) > 200
    assert list(ways(result)) == [
        "an effect that differs between clusters",
        "random intercept, not adjusted",
        "least squares, errors clustered (CR2)",
        "least squares, wild cluster bootstrap",
    ]


def varying(seed: int = 1, sites: int = 10, spread: float = 1.0) -> pl.DataFrame:
    """People allocated within sites, in which the effect differs."""
    draw = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), 40)
    treat = np.tile([1.0, 0.0], 20 * sites)
    effect = 1 + spread * draw.normal(size=sites)
    y = effect[site] * treat + draw.normal(size=sites)[site] + draw.normal(size=40 * sites)
    return pl.DataFrame({"treat": treat, "y": y, "school": [f"L{s:02d}" for s in site]})


SLOPE = 'intervention_level = "individual"\nrandom_slope = true'


def test_where_sites_are_alike_in_size_an_effect_that_varies_is_the_mean_of_the_sites_effects() -> None:
    """Balanced, the exact answer is the t test on the sites' own differences: sites less one."""
    frame = varying()
    gaps = (
        frame.group_by("school")
        .agg(
            pl.col("y").filter(pl.col("treat") == 1).mean() - pl.col("y").filter(pl.col("treat") == 0).mean()
        )["y"]
        .to_numpy()
    )
    result = analysed(frame, settings=SLOPE)
    e = result.estimate
    assert e.value == pytest.approx(gaps.mean())
    assert e.std_error == pytest.approx(gaps.std(ddof=1) / np.sqrt(10), rel=1e-6)
    assert e.df == pytest.approx(9, rel=1e-4)
    assert 0.4 < number(named(result, "effect by cluster").reading) < 2
    assert next(iter(ways(result))) == "the same effect in all clusters"


def test_an_effect_taken_for_the_same_everywhere_is_called_surer_than_it_is() -> None:
    frame = varying(2)
    same = analysed(frame, settings='intervention_level = "individual"')
    other = next(w for w in same.sensitivity if w.name == "an effect that differs between clusters").estimate
    assert number(other.std_error) > 1.5 * number(same.estimate.std_error)


def test_the_effect_cannot_vary_where_fewer_than_three_sites_hold_both_arms() -> None:
    frame = varying(3).with_columns(
        treat=pl.when(pl.col("school").is_in(["L00", "L01"])).then(pl.col("treat")).otherwise(pl.lit(0.0))
    )
    outcome = found(frame, settings=SLOPE)
    assert outcome.verdict.answer == "not-assessable"
    assert outcome.estimate.value is None


# --- clusters that cannot bear it


@pytest.mark.parametrize(
    ("an_arm", "result", "consequence"),
    [
        (1, "fail", "block"), (2, "fail", "block"), (3, "fail", "downgrade"), (4, "warn", "downgrade"),
        (9, "warn", "downgrade"), (10, "pass", "none"),
    ],
)  # fmt: skip
def test_clusters_in_the_arm_with_fewest_are_held_to_the_gates_table(
    an_arm: int, result: str, consequence: str
) -> None:
    outcome = found(schools(200, 2, an_arm=an_arm))
    check = named(outcome, "clusters")
    assert (check.result, check.consequence, check.reading) == (result, consequence, an_arm)
    assert (outcome.verdict.answer == "not-assessable") is (consequence == "block")


def one_cluster_in_an_arm(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        school=pl.when(pl.col("treat") == 1).then(pl.lit("S000")).otherwise(pl.col("school"))
    )


NOT_ASSESSABLE = {
    "one cluster in an arm": (one_cluster_in_an_arm, "clusters"),
    "one cluster in all": (lambda f: f.with_columns(school=pl.lit("S")), "allocation"),
    "clusters that hold both arms": (lambda f: f.with_columns(school=pl.col("site")), "allocation"),
    "every cluster one person": (lambda f: f.with_columns(school=pl.col("unit")), "identification"),
    "everybody like their cluster": (
        lambda f: f.with_columns(y=pl.col("y").mean().over("school")),
        "identification",
    ),
    "an outcome decided by the arm": (lambda f: f.with_columns(y=pl.col("treat")), "identification"),
    "an outcome that does not vary": (lambda f: f.with_columns(y=pl.lit(3.0)), "spread"),
    "a covariate that is the arm": (lambda f: f.with_columns(x=1 - pl.col("treat")), "identification"),
    "a covariate for each cluster": (lambda f: f.with_columns(x=pl.col("school")), "identification"),
}


@pytest.mark.parametrize("wrong", NOT_ASSESSABLE)
def test_what_clusters_cannot_bear_is_not_assessable(wrong: str) -> None:
    change, detail = NOT_ASSESSABLE[wrong]
    outcome = found(change(schools()), covariates=["x"])
    assert outcome.verdict.answer == "not-assessable"
    blocking = [check.name for check in outcome.checks if check.consequence == "block"]
    assert detail in blocking
    if detail != "clusters":
        assert outcome.estimate.std_error is None


def test_people_allocated_within_clusters_cannot_be_said_of_clusters_allocated_whole() -> None:
    outcome = found(schools(), settings='intervention_level = "individual"')
    check = named(outcome, "allocation")
    assert (check.result, check.consequence) == ("fail", "block")
    assert 'intervention_level = "cluster"' in check.note
    assert "not allocated as the plan says" in outcome.verdict.sentence


def test_one_arm_only_is_refused() -> None:
    with pytest.raises(EvaluationError) as refused:
        found(schools().with_columns(treat=pl.lit(1.0)))
    assert refused.value.code == "LC452"


def test_covariates_that_add_nothing_are_left_out_and_named() -> None:
    frame = schools().with_columns(twice=2 * pl.col("x"), flat=pl.lit(0.1))
    result = analysed(frame, covariates=["x", "twice", "flat"])
    assert "twice, flat" in named(result, "covariates").note
    assert number(result.estimate.value) == pytest.approx(
        number(analysed(frame, covariates=["x"]).estimate.value)
    )


def test_a_covariate_that_separates_a_yes_or_no_outcome_does_no_harm_to_a_linear_model() -> None:
    frame = schools(binary=True).with_columns(x=pl.col("y") * 4 + pl.col("z").clip(-1, 1))
    outcome = found(frame, kind="binary", covariates=["x"])
    assert abs(number(outcome.estimate.value)) < 1
    assert number(outcome.estimate.std_error) > 0


def test_clusters_of_one_person_are_noted_and_many_of_them_count_against_it() -> None:
    frame = schools(300, 4)
    alone = pl.when(pl.int_range(pl.len()) < 6).then(pl.concat_str(pl.lit("A"), "unit"))
    few = named(analysed(frame.with_columns(school=alone.otherwise("school"))), "singleton clusters")
    assert (few.result, few.consequence) == ("warn", "none")
    assert number(few.reading) == pytest.approx(6 / 30)
    alone = pl.when(pl.int_range(pl.len()) < 60).then(pl.concat_str(pl.lit("A"), "unit"))
    many = named(analysed(frame.with_columns(school=alone.otherwise("school"))), "singleton clusters")
    assert (many.result, many.consequence) == ("fail", "downgrade")
    assert not [c for c in analysed(frame).checks if c.name == "singleton clusters"]


def test_clusters_of_very_different_size_are_noted() -> None:
    assert named(analysed(schools(300, 4)), "cluster sizes").result == "pass"
    frame = schools(300, 4)
    big = pl.when(pl.col("treat") == 1).then(pl.lit("S000")).otherwise(pl.lit("S012"))
    gathered = frame.with_columns(
        school=pl.when(pl.int_range(pl.len()) < 400).then(big).otherwise(pl.col("school"))
    )
    check = named(analysed(gathered), "cluster sizes")
    assert (check.result, check.consequence) == ("warn", "none")
    assert number(check.reading) > 0.7


def test_likeness_is_stated_with_its_interval_and_what_it_costs() -> None:
    check = named(analysed(schools(400, 7, icc=0.3)), "likeness within clusters")
    assert 0.1 < number(check.reading) < 0.5
    assert "95 % interval" in check.note
    assert "design effect" in check.note


def test_no_variance_between_clusters_is_said_and_the_degrees_of_freedom_still_count_clusters() -> None:
    frame = schools(300, 8)
    level = frame.with_columns(
        y=pl.col("y") - 0.95 * (pl.col("y").mean().over("school") - pl.col("y").mean().over("treat"))
    )
    result = analysed(level)
    assert named(result, "no variance between clusters").result == "warn"
    assert number(result.estimate.df) < 24


def test_lost_clusters_are_read_by_the_boundary_for_attrition() -> None:
    frame = schools(300, 9)
    seen = pl.when(~pl.col("school").is_in([f"S00{i}" for i in range(6)])).then("y")
    lost = framed(frame.with_columns(y=seen))
    assert lost.cluster_arms is not None
    assert (lost.cluster_arms.treated, lost.cluster_arms.treated_seen) == (12, 6)
    assert (lost.cluster_arms.comparison, lost.cluster_arms.comparison_seen) == (12, 12)
    check = named(analysed(frame.with_columns(y=seen)), "cluster attrition")
    assert (check.result, check.consequence) == ("fail", "downgrade")
    assert check.note.startswith("25 % of clusters lost, 50 points apart")
    assert named(analysed(frame), "cluster attrition").note == "No cluster was lost."


def test_cluster_means_that_differ_before_are_shown_beside_chance() -> None:
    check = named(analysed(schools(), covariates=["x"]), "chance imbalance")
    assert (check.result, check.consequence) == ("info", "none")
    assert "differences of cluster means and sizes" in check.note
    assert "81 times in a hundred" in check.note  # 2 (1 - Phi(0.1 / sqrt(2 / 12)))


def test_strata_that_cut_through_clusters_leave_the_allocation_test_out() -> None:
    assert "randomisation test of clusters" in ways(
        analysed(schools(), design=f'{BY_SCHOOL}\nstrata = "district"')
    )
    cut = analysed(schools(), design=f'{BY_SCHOOL}\nstrata = "place"')
    assert "randomisation test of clusters" not in ways(cut)
    frame = framed(schools(), design=f'{BY_SCHOOL}\nstrata = "place"')
    assert strata_within_clusters(prepare(frame.data, (), clusters_of(frame)))


# --- effect sizes


def test_in_equal_clusters_the_total_effect_size_is_that_of_hedges_formula() -> None:
    sizes = ArmSizes(np.full(10, 20.0), np.full(10, 20.0))
    g = total_effect_size(3.0, 2.0, 8.0, sizes, 0.05)
    assert g is not None
    icc, n, m = 0.2, 400, 20
    # Hedges (2007), equations 15 and 16, equal clusters.
    assert g.value == pytest.approx(3 / np.sqrt(10) * np.sqrt(1 - 2 * (m - 1) * icc / (n - 2)))
    assert design_effect(sizes, icc) == pytest.approx(1 + 19 * icc)
    top = (n - 2) * (1 - icc) ** 2 + m * (n - 2 * m) * icc**2 + 2 * (n - 2 * m) * icc * (1 - icc)
    spread = 4 / n * (1 + 19 * icc)
    spread += g.value**2 * top / (2 * (n - 2) * ((n - 2) - 2 * (m - 1) * icc))
    assert (g.conf_high - g.conf_low) / 2 == pytest.approx(1.959964 * np.sqrt(spread), rel=1e-6)


def test_an_effect_size_without_spread_or_clusters_is_none() -> None:
    assert total_effect_size(1.0, 0.0, 0.0, ArmSizes(np.ones(4), np.ones(4)), 0.05) is None
    assert total_effect_size(1.0, 1.0, 1.0, ArmSizes(np.ones(1), np.ones(4)), 0.05) is None


def test_the_interval_of_a_risk_effect_size_allows_for_clusters() -> None:
    assert widened(None, 4.0) is None
    assert widened(EffectSize("cox-index", 1.0, 0.5, 1.5), 4.0) == EffectSize("cox-index", 1.0, 0.0, 2.0)
    clustered = found(schools(400, 3, binary=True, icc=0.3), kind="binary").estimate.standardised
    alone = primary(schools(400, 3, binary=True, icc=0.3), make_plan(kind="binary")).estimate.standardised
    assert clustered is not None
    assert alone is not None
    assert clustered.value == pytest.approx(alone.value)
    assert clustered.conf_high - clustered.conf_low > 1.3 * (alone.conf_high - alone.conf_low)


def test_the_three_models_agree_where_clusters_are_equal_and_nothing_is_adjusted() -> None:
    draw = np.random.default_rng(5)
    school = np.repeat(np.arange(12), 20)
    y = draw.normal(size=12)[school] + draw.normal(size=240)
    frame = framed(
        pl.DataFrame({"treat": (school < 6) * 1.0, "y": y, "school": [f"S{s:02d}" for s in school]})
    )
    ready = prepare(frame.data, (), clusters_of(frame))
    fits = [mixed_effect(ready)[0], means_effect(ready), robust_effect(ready)]
    for fit in fits:
        assert fit.value == pytest.approx(fits[0].value)
        assert fit.std_error == pytest.approx(fits[0].std_error)
        assert fit.df == pytest.approx(10)
    (check, *_) = likeness_checks(mixed_effect(ready)[1], 2.0)
    assert check.result == "info"


# --- before the data are there


def test_the_error_of_whole_clusters_is_that_of_people_times_the_design_effect() -> None:
    alone = std_error_of(100, 100, 10)
    assert cluster_std_error((100, 100), (5, 5), 10, 0.0) == pytest.approx(alone)
    assert cluster_std_error((100, 100), (5, 5), 10, 0.1) == pytest.approx(alone * np.sqrt(1 + 19 * 0.1))
    assert cluster_std_error((100, 100), (100, 100), 10, 0.5) == pytest.approx(alone)


@pytest.mark.parametrize(("clusters", "size"), [(10, 0.54), (20, 0.36), (30, 0.29), (60, 0.20)])
def test_what_can_be_detected_agrees_with_the_field_standards(clusters: int, size: float) -> None:
    # Rule R60: 20 people a cluster, a share of 0.1 between clusters, covariates explain half at both levels.
    half = clusters // 2
    error = cluster_std_error((20 * half, 20 * half), (half, half), 1.0, 0.1, r2=0.5, cluster_r2=0.5)
    assert detectable(error, df=clusters - 2) == pytest.approx(size, abs=0.006)


MARGIN = 'minimum_important_difference = 5\nmid_source = "x"\nexpected_sd = 10'


def test_a_plan_of_few_clusters_is_doubted_where_as_many_people_alone_would_do() -> None:
    plan = make_plan("cluster-randomised", design=BY_SCHOOL, outcome=MARGIN)
    people = Prospects(100, 100, None, 5, 5)
    assert [doubt.code for doubt in doubts(plan, people)] == ["too-small"]
    assert [doubt.code for doubt in doubts(make_plan(outcome=MARGIN), people)] == []
    many = Prospects(1000, 1000, None, 50, 50)
    assert doubts(plan, many) == ()
    likely = make_plan("cluster-randomised", design=BY_SCHOOL, outcome=MARGIN, settings="icc = 0.01")
    assert doubts(likely, people) == ()


def test_the_projection_names_its_assumption_and_uses_t_with_clusters_less_two() -> None:
    plan = make_plan("cluster-randomised", design=BY_SCHOOL, outcome=MARGIN, settings="icc = 0.1")
    shown = project(plan, plan.outcomes[0], Prospects(100, 100, None, 5, 5))
    error = cluster_std_error((100, 100), (5, 5), 10, 0.1)
    assert shown.detectable == pytest.approx(detectable(error, df=8))
    assert shown.equivalence == pytest.approx(equivalence_power(error, 5, df=8))
    assert "(ICC) 0.1" in shown.note
    unknown = project(plan, plan.outcomes[0], Prospects(100, 100))
    assert "number of clusters" in unknown.note


def test_fewer_than_three_clusters_in_an_arm_are_doubted_before_the_lock() -> None:
    plan = make_plan("cluster-randomised", design=BY_SCHOOL)
    assert [d.code for d in doubts(plan, Prospects(100, 100, None, 2, 9))] == ["few-clusters"]
    assert doubts(plan, Prospects(100, 100, None, 3, 3)) == ()
    sites = make_plan("cluster-randomised", design=BY_SCHOOL, settings='intervention_level = "individual"')
    assert doubts(sites, Prospects(100, 100, None, 2, 2)) == ()


# --- the plan


@pytest.mark.parametrize(
    ("design", "settings", "code"),
    [
        ("", "", "LC402"),
        (f'{BY_SCHOOL}\nexact = ["x"]', "", "LC406"),
        (BY_SCHOOL, 'design = "stepped-wedge"', "LC406"),
        (BY_SCHOOL, 'design = "crossover"', "LC406"),
        (BY_SCHOOL, "random_slope = true", "LC406"),
        (BY_SCHOOL, "random_slope = 1", "LC403"),
        (BY_SCHOOL, 'model = "cluster-means"\nintervention_level = "individual"', "LC406"),
        (BY_SCHOOL, 'model = "fixed"', "LC403"),
        (BY_SCHOOL, "icc = 1.2", "LC403"),
        (BY_SCHOOL, "draws = 10", "LC403"),
        (BY_SCHOOL, "slope = 1", "LC401"),
    ],
)
def test_a_plan_this_method_cannot_carry_out_is_refused(design: str, settings: str, code: str) -> None:
    with pytest.raises(EvaluationError) as refused:
        make_plan("cluster-randomised", design=design, settings=settings)
    assert refused.value.code == code


def test_security_knows_a_trial_of_clusters_for_a_trial() -> None:
    outcome = found(schools(600, 11, an_arm=30, icc=0.02), covariates=["x"])
    facts = {fact.part: fact.level for fact in outcome.verdict.security_facts}
    assert facts["design"] == 5
    assert outcome.verdict.answer == "works"
    assert not any(reason.code == "W2" for reason in outcome.verdict.why)
