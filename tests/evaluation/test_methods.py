"""The two methods: what they do beside estimating, and what they say of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.balance import baseline_check
from evaluation.frame import build_frame
from evaluation.matched.checks import carried_check, share_matched, support_check
from evaluation.matched.pairing import pair_rows
from evaluation.matched.people import from_pairs
from evaluation.methods.matching import _score, estimate_effect
from evaluation.methods.nothing import no_estimate, outcome_means, without_inference
from evaluation.methods.randomised import estimate_effect as estimate_trial
from evaluation.methods.registry import METHODS
from evaluation.model import Check, MethodResult
from tests.evaluation.studies import an_estimate, make_plan, number, observed, primary, study, trial


def named(result: MethodResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def randomised(frame: pl.DataFrame, **parts: Any) -> MethodResult:
    plan = make_plan(**parts)
    return estimate_trial(build_frame(study(frame), plan, plan.outcomes[0]), plan, plan.outcomes[0])


def matching(frame: pl.DataFrame, **parts: Any) -> MethodResult:
    plan = make_plan("matching", **parts)
    return estimate_effect(build_frame(study(frame), plan, plan.outcomes[0]), plan, plan.outcomes[0])


# --- randomised


def test_a_trial_of_six_by_hand() -> None:
    frame = pl.DataFrame({"treat": [1.0, 1, 1, 0, 0, 0], "y": [4.0, 6, 11, 1, 2, 3]})
    e = randomised(frame).estimate
    assert e.value == pytest.approx(5.0)
    assert (e.n_treated, e.n_comparison) == (3, 3)
    assert e.df == pytest.approx(196 / 85)  # Welch: variances 13 and 1 over three people each
    assert (e.treated_mean, e.comparison_mean) == (7.0, 2.0)
    assert e.outcome_sd == pytest.approx(np.sqrt(7.0))  # variances 13 and 1
    assert e.std_error == pytest.approx(np.sqrt(14 / 3))


def test_a_risk_difference_by_hand() -> None:
    frame = pl.DataFrame({"treat": [1.0] * 4 + [0.0] * 4, "y": [1.0, 0, 0, 0, 1, 1, 1, 0]})
    e = randomised(frame, kind="binary").estimate
    assert e.value == pytest.approx(-0.5)
    assert e.effect == "risk-difference"
    assert e.standardised is not None
    omega = 1 - 3 / 23
    assert e.standardised.value == pytest.approx(omega * np.log(1 / 9) / 1.65)


def test_without_adjustment_covariates_only_serve_for_balance() -> None:
    frame = trial(80)
    plain, unadjusted = randomised(frame), randomised(frame, covariates=["x"], settings='adjust = "none"')
    assert unadjusted.estimate == plain.estimate
    assert [row.covariate for row in unadjusted.balance] == ["x"]
    assert unadjusted.sensitivity == ()


def test_an_adjusted_trial_shows_the_unadjusted_difference_beside() -> None:
    frame = trial(80)
    adjusted = randomised(frame, covariates=["x"])
    (way,) = adjusted.sensitivity
    assert way.name == "difference of means, not adjusted"
    assert number(way.estimate.value) == pytest.approx(number(randomised(frame).estimate.value))
    assert number(adjusted.estimate.std_error) < number(way.estimate.std_error)


def test_adjustment_ignores_covariates_that_add_nothing_and_names_them() -> None:
    frame = trial(80).with_columns(twice=2 * pl.col("x"), flat=pl.lit(3.0))
    result = randomised(frame, covariates=["x", "twice", "flat"])
    check = named(result, "covariates")
    assert (check.result, check.reading) == ("info", 2.0)
    assert "twice, flat" in check.note
    assert number(result.estimate.value) == pytest.approx(
        number(randomised(frame, covariates=["x"]).estimate.value)
    )


def test_chance_imbalance_is_shown_beside_what_chance_does_and_fails_nothing() -> None:
    frame = trial(60).with_columns(x=pl.col("x") + 2 * pl.col("treat"))
    check = named(randomised(frame, covariates=["x", "z"]), "chance imbalance")
    assert (check.result, check.consequence) == ("info", "none")
    assert number(check.reading) > 1
    assert "58 times in a hundred" in check.note  # field standards 3.2: n = 60 an arm


@pytest.mark.parametrize(
    ("schools", "result", "consequence"),
    [
        (2, "fail", "block"),
        (3, "fail", "downgrade"),
        (4, "warn", "downgrade"),
        (9, "warn", "downgrade"),
        (10, "warn", "none"),
        (39, "warn", "none"),
        (40, "pass", "none"),
    ],
)
def test_few_clusters_warn_and_very_few_block(schools: int, result: str, consequence: str) -> None:
    frame = trial(200).sort("treat")
    within = [f"{int(t)}-{i % schools}" for i, t in enumerate(frame["treat"].to_list())]
    check = named(
        randomised(frame.with_columns(school=pl.Series(within)), design='cluster = "school"'), "clusters"
    )
    assert (check.result, check.consequence, check.reading) == (result, consequence, schools)


def test_many_strata_bring_errors_clustered_by_them_as_a_sensitivity() -> None:
    frame = trial(200).with_row_index().with_columns(area=(pl.col("index") % 12).cast(pl.String))
    names = [way.name for way in randomised(frame, design='strata = "area"').sensitivity]
    assert names == ["difference of means, not adjusted", "errors clustered by area"]


# --- matching


def test_matched_people_are_compared_and_counted_once() -> None:
    result = matching(observed(400), covariates=["x", "z"])
    e = result.estimate
    assert e.n_treated == e.n_comparison == e.n_clusters
    assert {check.name for check in result.checks} >= {"common support", "balance"}
    assert all(row.smd_after is not None for row in result.balance)


def test_matching_brings_the_groups_closer() -> None:
    result = matching(observed(1500), covariates=["x", "z"])
    row = next(row for row in result.balance if row.covariate == "x")
    assert abs(number(row.smd_after)) < 0.05 < 0.5 < abs(number(row.smd_before))


def test_every_other_choice_the_plan_could_have_made_is_tried() -> None:
    names = [way.name for way in matching(observed(300), covariates=["x"]).sensitivity]
    assert names == [
        "difference of means after matching",
        "smallest score first",
        "without a caliper",
        "with replacement",
    ]
    turned = 'adjust = "none"\norder = "smallest"\ncaliper = 0\nreplace = true'
    names = [way.name for way in matching(observed(300), covariates=["x"], settings=turned).sensitivity]
    assert names == [
        "regression after matching",
        "largest score first",
        "caliper of 0.2 SD",
        "without replacement",
        "Abadie and Imbens's estimator",
    ]


def test_pairs_matched_exactly_are_alike_and_within_the_caliper_of_everyone() -> None:
    plan = make_plan("matching", covariates=["x"], design='exact = ["place"]')
    frame = build_frame(study(observed(500)), plan, plan.outcomes[0])
    score = _score(frame)
    pairs = pair_rows(frame, score, plan.design.settings)
    places = frame.data["x:place"].to_list()
    assert len(pairs) > 50
    assert all(places[i] == places[j] for i, j in pairs)
    assert np.abs(score[pairs[:, 0]] - score[pairs[:, 1]]).max() <= 0.2 * score.std(ddof=1)
    assert len(set(pairs[:, 1].tolist())) == len(pairs)


def test_matched_sets_weigh_one_whatever_their_size() -> None:
    found = from_pairs(np.array([[5, 0], [7, 1], [5, 2]]))
    assert found.rows.tolist() == [5, 7, 0, 1, 2]
    assert found.weights.tolist() == [1, 1, 0.5, 1, 0.5]
    assert found.sets.tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("kept", "result", "consequence"),
    [
        (10, "pass", "none"),
        (9, "pass", "none"),
        (8, "warn", "none"),
        (7, "warn", "none"),
        (6, "fail", "downgrade"),
    ],
)
def test_treated_people_left_out_are_read_against_the_limits(
    kept: int, result: str, consequence: str
) -> None:
    plan = make_plan("matching", covariates=["x"])
    columns = {"treat": [1.0] * 10 + [0.0] * 10, "y": [0.0] * 20, "x": [0.0] * 20}
    frame = build_frame(study(columns), plan, plan.outcomes[0])
    share = share_matched(frame, from_pairs(np.array([[i, 10 + i] for i in range(kept)])))
    check = support_check(share)
    assert share == pytest.approx(kept / 10)
    assert (check.result, check.consequence) == (result, consequence)


def test_an_effect_on_few_of_the_treated_is_named_for_what_it_is() -> None:
    frame = observed(400, pull=3.0)
    result = matching(frame, covariates=["x"], settings="caliper = 0.01")
    assert named(result, "common support").result == "fail"
    assert result.estimate.estimand == "ATT among the matched"
    assert matching(observed(400, pull=0.1), covariates=["x"]).estimate.estimand == "ATT"


def test_one_comparison_person_who_carries_much_is_noticed() -> None:
    plan = make_plan("matching", covariates=["x"])
    columns = {"treat": [0.0] * 20 + [1.0] * 20, "y": [0.0] * 40, "x": [0.0] * 40}
    frame = build_frame(study(columns), plan, plan.outcomes[0])
    few, many = [[20 + i, 0] for i in range(3)] + [[29, 1]], [[20 + i, i] for i in range(20)]
    assert carried_check(frame, from_pairs(np.array(few), twice=True))[0].consequence == "downgrade"
    assert carried_check(frame, from_pairs(np.array(many))) == ()


def test_a_baseline_far_apart_after_matching_blocks_the_verdict() -> None:
    draw = np.random.default_rng(3)
    frame = observed(400).with_columns(before=pl.col("treat") * 4 + pl.Series(draw.normal(size=400)))
    plan = make_plan("matching", covariates=["x"], outcome='baseline = "before"', settings="caliper = 0")
    found = primary(frame, plan)
    assert found.verdict.answer == "not-assessable"
    assert found.verdict.detail in ("baseline equivalence", "overlap")


# --- where nothing can be estimated


def test_nothing_estimated_still_counts_people_and_means() -> None:
    plan = make_plan()
    frame = build_frame(study({"treat": [1.0, 0.0, 0.0], "y": [5.0, 1.0, 2.0]}), plan, plan.outcomes[0])
    e = no_estimate(frame, plan, plan.outcomes[0])
    assert (e.n_treated, e.n_comparison, e.treated_mean, e.comparison_mean) == (1, 2, 5.0, 1.5)
    assert (e.value, e.std_error, e.p_value) == (None, None, None)


def test_taking_inference_away_leaves_counts_and_means() -> None:
    e = without_inference(an_estimate(1, 0, 2, treated_mean=3.0, comparison_mean=2.0))
    assert (e.value, e.std_error, e.conf_low, e.conf_high, e.narrow_low, e.p_value, e.df) == (None,) * 7
    assert (e.treated_mean, e.comparison_mean, e.n) == (3.0, 2.0, 200)


def test_outcome_means_by_hand() -> None:
    found = outcome_means(np.array([1.0, 3.0, 5.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    assert found == ((2.0, 2.5), (2, 2), (2.0, 12.5), (4, 5))


# --- the register


def test_every_method_says_what_it_assumes_and_how_secure_it_can_be() -> None:
    for name, method in METHODS.items():
        assert method.name == name
        assert method.assumes.endswith(".")
        assert 0 <= method.design_level <= 5
        if method.reads == "panel":  # their plans have units and times: see their own tests
            continue
        cluster = 'cluster = "school"' if name == "cluster-randomised" else ""
        score = 'running = "score"\ncutoff = 0' if name == "regression-discontinuity" else ""
        plan = make_plan(name, covariates=["x"], design=cluster, settings=score)
        chosen = replace(plan.design.settings, running="") if score else plan.design.settings
        assert method.read_settings(None) == chosen
        assert all(label and value for label, value in method.describe(plan.design.settings, plan.design))


def test_a_baseline_that_differs_and_is_not_adjusted_for_is_a_doubt() -> None:
    assert baseline_check(0.12, "score").result == "warn"
    unadjusted = baseline_check(0.12, "score", adjusted=False)
    assert (unadjusted.result, unadjusted.consequence) == ("fail", "downgrade")
    assert "does not adjust for it" in unadjusted.note
    assert baseline_check(0.3, "score", adjusted=False).consequence == "block"
