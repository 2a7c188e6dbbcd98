"""Multiple imputation: the draws, the models, what cannot be imputed, and how it reaches a result."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from evaluation.frame import build_frame
from evaluation.missing.chained import (
    CannotImpute,
    Group,
    Variable,
    complete,
    donors,
    kind_of,
    logistic_draw,
    normal_draw,
)
from evaluation.missing.cluster_draws import cluster_draw
from evaluation.missing.imputation import impute
from evaluation.missing.pooling import pool, pool_estimates
from evaluation.model import Check, OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.evaluation.gaps import DESIGN, lost_by, people_of, with_gaps
from tests.evaluation.studies import an_estimate, make_plan, number, observed, primary, schools, study, trial

RULE = '[analysis]\nmissing = "multiple-imputation"\nimputations = 5'
METHODS = ("randomised", "cluster-randomised", "matching", "weighting", "doubly-robust")


def plan_of(method: str, *, more: str = RULE, design: str = "", **parts: object) -> AnalysisPlan:
    lines = f'unit = "unit"\n{DESIGN.get(method, "")}\n{design}'
    covariates = parts.pop("covariates", ["x", "z"])
    return make_plan(method, covariates=covariates, design=lines, more=more, **parts)


def check(found: OutcomeResult, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


# --- pooling


def test_without_spread_between_data_sets_nothing_is_lost() -> None:
    found = pool([2.0, 2.0, 2.0], [0.5, 0.5, 0.5], 40.0)
    assert (found.value, found.std_error, found.df) == (2.0, 0.5, 40.0)
    assert (found.missing_share, found.monte_carlo) == (0.0, 0.0)


def test_pooling_by_hand() -> None:
    """Values 1, 2, 3 with error 1: within 1, between 1, total 1 + 4/3, and df by Barnard and Rubin with 20."""
    found = pool([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 20.0)
    share = (4 / 3) / (7 / 3)
    old, seen = 2 / share**2, 21 / 23 * 20 * (1 - share)
    df = old * seen / (old + seen)
    assert found.total == pytest.approx(7 / 3)
    assert found.df == pytest.approx(df)
    assert found.missing_share == pytest.approx((4 / 3 + 2 / (df + 3)) / (7 / 3))
    assert found.monte_carlo == pytest.approx(math.sqrt(1 / 3))


def test_ratios_are_pooled_on_the_log_scale() -> None:
    two = [
        replace(an_estimate(value, value / 2, value * 2, std_error=0.2), effect="risk-ratio")
        for value in (0.5, 2.0)
    ]
    pooled = pool_estimates(two, is_ratio=True)
    assert pooled is not None
    assert pooled[0].value == pytest.approx(1.0)
    assert number(pooled[0].conf_low) * number(pooled[0].conf_high) == pytest.approx(1.0)


def test_one_data_set_without_inference_leaves_no_pooled_number() -> None:
    assert pool_estimates([an_estimate(1.0, 0.0, 2.0), an_estimate(None, None, None)], is_ratio=False) is None


# --- draws


def test_a_draw_of_a_line_has_its_posterior_mean_and_spread() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=80)
    design = np.column_stack([np.ones(80), x])
    y = 1 + 2 * x + draw.normal(size=80)
    drawn = np.array([normal_draw(y, design, draw)[1] for _ in range(4000)])
    best = np.linalg.lstsq(design, y, rcond=None)[0]
    spread = ((y - design @ best) ** 2).sum() / (80 - 2 - 2) * np.linalg.inv(design.T @ design)
    assert drawn.mean(axis=0) == pytest.approx(best, abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(spread, rel=0.1, abs=0.001)


def test_a_logistic_draw_stays_finite_where_the_covariate_tells_all() -> None:
    x = np.repeat([-1.0, 1.0], 20)
    beta = logistic_draw((x > 0).astype(float), np.column_stack([np.ones(40), x]), np.random.default_rng(2))
    assert np.isfinite(beta).all()
    assert beta[1] > 0


def test_donors_are_among_the_five_nearest_and_each_of_them_is_drawn() -> None:
    best = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 10.0, 11.0, 12.0, 13.0, 14.0])
    taken = donors(best, np.full(2000, 2.2), np.random.default_rng(3))
    assert set(taken.tolist()) == {0, 1, 2, 3, 4}
    assert set(donors(best, np.full(500, 99.0), np.random.default_rng(3)).tolist()) == {5, 6, 7, 8, 9}


def test_a_draw_with_clusters_keeps_their_share_of_the_variance() -> None:
    draw = np.random.default_rng(4)
    codes = np.repeat(np.arange(40), 15)
    y = draw.normal(size=40)[codes] * 0.6 + draw.normal(size=600)
    shifts, spreads = [], []
    for _ in range(200):
        found = cluster_draw(y, np.ones((600, 1)), codes, codes, draw)
        assert found is not None
        shifts.append(found.shifts.var())
        spreads.append(found.spread)
    assert np.mean(shifts) == pytest.approx(0.36, abs=0.12)
    assert np.mean(spreads) == pytest.approx(1.0, abs=0.08)


def test_two_clusters_fall_back_to_the_plain_model() -> None:
    codes = np.repeat([0, 1], 10)
    draw = np.random.default_rng(1)
    assert cluster_draw(draw.normal(size=20), np.ones((20, 1)), codes, codes, draw) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.0, 1.0, 1.0, np.nan], "binary"),
        ([1.0, 2.0, 5.0, np.nan], "matched"),
        ([0.0] * 10 + [1.5, 2.5], "matched"),
        (np.linspace(0, 1, 50).tolist(), "normal"),
    ],
)
def test_how_a_variable_is_drawn_follows_from_its_values(values: list[float], kind: str) -> None:
    assert kind_of(np.array(values)) == kind


def test_drawn_values_are_of_the_kind_that_was_seen() -> None:
    draw = np.random.default_rng(6)
    whole = np.where(draw.random(100) < 0.3, np.nan, draw.integers(1, 6, 100).astype(float))
    yes = np.where(draw.random(100) < 0.3, np.nan, (draw.random(100) < 0.4).astype(float))
    place = np.where(draw.random(100) < 0.3, np.nan, draw.integers(0, 3, 100).astype(float))
    variables = (
        Variable("a", "matched", whole),
        Variable("b", "binary", yes),
        Variable("c", "category", place),
    )
    filled = complete(Group(variables, np.empty((100, 0))), draw)
    assert set(filled[0].values) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert set(filled[1].values) == {0.0, 1.0}
    assert set(filled[2].values) == {0.0, 1.0, 2.0}
    for before, after in zip(variables, filled, strict=True):
        assert (after.values == before.values)[~before.gaps].all()


def test_a_model_with_more_columns_than_people_is_refused() -> None:
    draw = np.random.default_rng(6)
    y = np.where(np.arange(20) < 8, np.nan, draw.normal(size=20))
    group = Group((Variable("y", "normal", y),), draw.normal(size=(20, 15)))
    with pytest.raises(CannotImpute, match="12 people for a model of"):
        complete(group, draw)


def test_columns_that_say_the_same_leave_the_model_standing() -> None:
    draw = np.random.default_rng(6)
    x = draw.normal(size=60)
    y = np.where(np.arange(60) < 10, np.nan, x + draw.normal(size=60))
    group = Group((Variable("y", "normal", y),), np.column_stack([x, 2 * x, np.ones(60)]))
    assert np.isfinite(complete(group, draw)[0].values).all()


# --- a plan


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("binary", [False, True])
def test_every_method_is_pooled_over_imputed_data_sets(method: str, binary: bool) -> None:
    frame = with_gaps(people_of(method, 200, binary=binary), names=("y", "x", "place"))
    kind = "binary" if binary else "continuous"
    found = primary(frame, plan_of(method, covariates=["x", "z", "place"], kind=kind))
    assert found.missing is not None
    assert found.missing.imputations is not None
    assert found.missing.imputations >= 36  # as many as there are per cent of people with a gap
    assert 0.02 < number(found.missing.missing_information) < 0.8
    assert found.estimate.n_treated + found.estimate.n_comparison <= frame.height
    names = [way.name for way in found.sensitivity]
    assert names[0] == "complete cases"
    whole = number(primary(people_of(method, 200, binary=binary), plan_of(method, kind=kind)).estimate.value)
    assert number(found.estimate.value) == pytest.approx(whole, abs=3 * number(found.estimate.std_error))
    assert check(found, "imputation").result == "info"
    assert check(found, "Monte Carlo error").reading is not None


def test_ratios_and_counts_can_be_imputed() -> None:
    frame = trial(200).with_columns(events=pl.col("y").abs().round(), time=pl.lit(2.0))
    frame = with_gaps(frame, names=("events",))
    plan = plan_of("randomised", measure="events", kind="count", better="lower", outcome='exposure = "time"')
    found = primary(frame, plan)
    assert number(found.estimate.value) > 0
    assert found.estimate.effect == "rate-ratio"
    assert "near predictions" in check(found, "imputation").note


@pytest.mark.parametrize("method", METHODS)
def test_without_a_gap_imputation_is_the_complete_case_answer_and_says_so(method: str) -> None:
    frame = people_of(method)
    imputed, plain = primary(frame, plan_of(method)), primary(frame, plan_of(method, more=""))
    assert imputed.estimate == plain.estimate
    assert imputed.verdict.answer == plain.verdict.answer
    assert "Nothing is missing" in check(imputed, "imputation").note


def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_rows() -> None:
    frame = with_gaps(trial(150), names=("y", "x"))
    plan = plan_of("randomised")
    again = primary(frame.sample(fraction=1, shuffle=True, seed=4), plan)
    assert again.estimate == primary(frame, plan).estimate
    other = primary(frame, plan_of("randomised", design="seed = 9"))
    assert other.estimate.value != again.estimate.value


def test_renaming_a_category_changes_nothing() -> None:
    frame = with_gaps(trial(150), names=("y", "place"))
    names = {"east": "zulu", "north": "alpha", "south": "mike"}
    renamed = frame.with_columns(pl.col("place").replace_strict(names, default=None, return_dtype=pl.String))
    plan = plan_of("randomised", covariates=["x", "place"])
    one, other = primary(frame, plan).estimate, primary(renamed, plan).estimate
    assert number(one.value) == pytest.approx(number(other.value), rel=1e-9)


def test_an_auxiliary_variable_sharpens_the_imputation() -> None:
    frame = trial(400).with_columns(near=pl.col("y") * 2 + 0.1 * pl.col("z"))
    frame = with_gaps(frame, 0.3)
    plain = primary(frame, plan_of("randomised", covariates=["x"]))
    helped = primary(frame, plan_of("randomised", covariates=["x"], more=f'{RULE}\nauxiliary = ["near"]'))
    assert plain.missing is not None
    assert helped.missing is not None
    assert number(helped.missing.missing_information) < 0.3 * number(plain.missing.missing_information)
    assert "Auxiliary: near." in check(helped, "imputation").note


def test_a_covariate_seen_of_nobody_in_an_arm_cannot_be_imputed() -> None:
    frame = trial(100).with_columns(x=pl.when(pl.col("treat") == 1).then(pl.col("x")))
    found = primary(frame, plan_of("randomised"))
    assert found.verdict.answer == "not-assessable"
    assert check(found, "imputation").consequence == "block"
    assert "'x' was seen of nobody in an arm: leave it out" in check(found, "imputation").note


def test_a_covariate_wholly_missing_cannot_be_imputed() -> None:
    frame = trial(100).with_columns(x=pl.lit(None, dtype=pl.Float64))
    found = primary(frame, plan_of("randomised"))
    assert found.verdict.answer == "not-assessable"
    assert "leave it out" in check(found, "imputation").note


def test_gaps_in_one_arm_only_are_filled_from_that_arm() -> None:
    frame = trial(150).with_columns(
        y=pl.when((pl.col("treat") == 1) & (pl.int_range(pl.len()) % 4 == 0))
        .then(None)
        .otherwise(pl.col("y"))
    )
    plan = plan_of("randomised")
    whole = build_frame(study(frame), plan, plan.outcomes[0], gaps=True)
    imputed = impute(whole, plan, plan.outcomes[0])
    assert imputed.separate
    one = imputed.frames[0].data
    assert one["outcome"].null_count() == 0
    assert one.filter(pl.col("treated") == 0).equals(imputed.frames[1].data.filter(pl.col("treated") == 0))
    assert imputed.drawn.sum() == whole.data["outcome"].null_count()


def test_a_small_arm_shares_its_models_with_the_other_and_says_so() -> None:
    frame = with_gaps(observed(300, pull=0.4), names=("x",)).with_columns(
        *(pl.col("z").pow(k).alias(f"z{k}") for k in range(2, 6))
    )
    few = frame.filter((pl.col("treat") == 0) | (pl.col("unit").rank("ordinal") % 6 == 0))
    plan = plan_of("weighting", covariates=["x", "z", "place", "z2", "z3", "z4", "z5"])
    whole = build_frame(study(few), plan, plan.outcomes[0], gaps=True)
    assert not impute(whole, plan, plan.outcomes[0]).separate


def test_imputed_people_are_no_people() -> None:
    frame = with_gaps(trial(60), 0.7)
    found = primary(frame, plan_of("randomised", covariates=["x"]))
    assert check(found, "people seen").consequence == "block"
    assert found.verdict.answer == "not-assessable"
    assert found.estimate.value is None


def test_lin_and_strata_are_met_by_the_imputation_model() -> None:
    frame = lost_by(trial(300))
    plan = plan_of("randomised", design='strata = "place"', settings='adjust = "lin"')
    found = primary(frame, plan)
    assert number(found.estimate.value) == pytest.approx(1.0, abs=0.4)


def test_clusters_are_imputed_with_random_intercepts() -> None:
    found = primary(with_gaps(schools(250), names=("y", "x")), plan_of("cluster-randomised"))
    assert "random intercepts for clusters" in check(found, "imputation").note
