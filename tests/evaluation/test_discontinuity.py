"""Regression discontinuity by hand: neighbours, lines, bandwidths, bunching; keys, faults, checks and figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.density import density_jump, near_count
from evaluation.discontinuity.jump import Bandwidths, Recipe, jump_at_cutoff, sorted_scores
from evaluation.discontinuity.local_polynomial import Side, TooFewPoints, kernel_weights
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.model import Check, OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import make_plan, number, plan_text, primary, read, scored, study

Array = npt.NDArray[np.float64]
METHOD = "regression-discontinuity"
CUT = 'running = "score"\ncutoff = 0\n'


def plan(settings: str = CUT, **more: Any) -> AnalysisPlan:
    return make_plan(METHOD, settings=settings, **({"treatment": ""} | more))


def check_of(found: OutcomeResult, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


# --- the engine, by hand


def side(x: list[float], y: list[float] | None = None) -> Side:
    return Side(np.array(x), np.array(y or x)[:, None])


def test_kernels_at_the_cut_off_half_way_and_at_the_edge() -> None:
    u = np.array([0.0, 0.5, 1.0, 1.5])
    assert kernel_weights(u, "triangular").tolist() == [1, 0.5, 0, 0]
    assert kernel_weights(u, "uniform").tolist() == [0.5, 0.5, 0.5, 0]
    assert kernel_weights(u, "epanechnikov").tolist() == pytest.approx([0.75, 0.5625, 0, 0])


def test_three_nearest_neighbours_and_what_a_person_differs_from_them() -> None:
    """Of 1, 2, 3, 5, 9: the three nearest to 1 are 2, 3, 5; mean 100 against 10, times root 3/4."""
    y = [10.0, 50.0, 100.0, 150.0, 500.0]
    strays = side([1, 2, 3, 5, 9]).neighbour_residuals(np.array(y), slice(0, 5))
    assert strays[0] == pytest.approx(math.sqrt(3 / 4) * (10 - 100))
    assert strays[4] == pytest.approx(math.sqrt(3 / 4) * (500 - 100))


def test_neighbours_with_the_same_score_come_together() -> None:
    """At 0 are four: each has the other three. At 1 is one: the four at 0 and, as far away, the one at 2."""
    one = side([0, 0, 0, 0, 1, 2, 3])
    y = np.array([0.0, 3.0, 6.0, 9.0, 1.0, 10.0, 4.0])
    strays = one.neighbour_residuals(y, slice(0, 7))
    assert strays[0] == pytest.approx(math.sqrt(3 / 4) * (0 - 6))
    assert strays[4] == pytest.approx(math.sqrt(5 / 6) * (1 - 28 / 5))


def test_hundredths_that_a_computer_cannot_write_are_equally_far_all_the_same() -> None:
    scores = np.round(np.arange(60) * 0.01, 2)
    y = np.sin(np.arange(60.0))
    hundredths = Side(scores, y[:, None]).neighbour_residuals(y, slice(0, 60))
    whole = Side(np.arange(60.0), y[:, None]).neighbour_residuals(y, slice(0, 60))
    assert hundredths == pytest.approx(whole)


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.integers(0, 12), min_size=2, max_size=30),
    data=st.data(),
)
def test_neighbours_found_at_once_are_those_found_one_by_one(values: list[int], data: st.DataObject) -> None:
    x = np.sort(np.array(values, dtype=float))
    y = np.array(data.draw(st.lists(st.integers(-50, 50), min_size=len(x), max_size=len(x))), dtype=float)
    found = Side(x, y[:, None]).neighbour_residuals(y, slice(0, len(x)))
    assert found == pytest.approx([one_by_one(x, y, i) for i in range(len(x))], abs=1e-9)


def one_by_one(x: Array, y: Array, i: int) -> float:
    """The rule as it is told: all of one's own score, then the next nearest scores until there are three."""
    inside = x == x[i]
    wanted = min(3, len(x) - 1)
    while inside.sum() - 1 < wanted:
        gap = np.full(len(x), np.inf)
        low, high = x[inside].min(), x[inside].max()
        below, above = x[x < low], x[x > high]
        down = x[i] - below.max() if len(below) else np.inf
        up = above.min() - x[i] if len(above) else np.inf
        gap = np.where(x == (below.max() if len(below) else np.nan), down, gap)
        gap = np.where(x == (above.min() if len(above) else np.nan), up, gap)
        inside |= gap == min(down, up)
    others = inside.copy()
    others[i] = False
    m = int(others.sum())
    return float(math.sqrt(m / (m + 1)) * (y[i] - y[others].mean())) if m else 0.0


@pytest.mark.parametrize("kernel", ["triangular", "uniform", "epanechnikov"])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_a_polynomial_of_the_order_fitted_is_found_exactly(kernel: str, order: int) -> None:
    x = np.linspace(-1, 1, 201)
    y = np.polyval([2.0, -1.0, 0.5, 3.0][-order - 1 :], x) + 0.7 * (x >= 0)
    recipe = Recipe(order, kernel)  # type: ignore[arg-type]
    found = jump_at_cutoff(sorted_scores(x, y), Bandwidths(0.5, 0.7, 0.8, 0.9), recipe)
    assert found.conventional == pytest.approx(0.7)
    assert found.value == pytest.approx(0.7)


def test_the_correction_takes_off_the_bias_of_a_parabola_exactly() -> None:
    x = np.linspace(-1, 1, 401)
    y = 3 * x**2 * (x >= 0) + 0.7 * (x >= 0)
    found = jump_at_cutoff(sorted_scores(x, y), Bandwidths.equal(0.5, 0.8), Recipe())
    assert found.conventional != pytest.approx(0.7, abs=1e-3)
    assert found.value == pytest.approx(0.7)


def test_equal_widths_for_fit_and_bias_are_one_order_more() -> None:
    """With h = b the corrected line is the parabola: a known identity of Calonico, Cattaneo and Titiunik."""
    draw = np.random.default_rng(3)
    x, y = draw.uniform(-1, 1, 500), draw.normal(size=500)
    line = jump_at_cutoff(sorted_scores(x, y), Bandwidths.equal(0.6), Recipe(1))
    parabola = jump_at_cutoff(sorted_scores(x, y), Bandwidths.equal(0.6), Recipe(2))
    assert line.value == pytest.approx(parabola.conventional)
    assert line.std_error == pytest.approx(parabola.conventional_error)


def test_a_fuzzy_jump_is_the_ratio_of_two_jumps() -> None:
    draw = np.random.default_rng(4)
    x = draw.uniform(-1, 1, 800)
    t = (draw.random(800) < np.where(x >= 0, 0.8, 0.1)).astype(float)
    y = x + t + draw.normal(size=800)
    widths = Bandwidths.equal(0.5, 0.7)
    ratio = jump_at_cutoff(sorted_scores(x, y, t), widths, Recipe())
    top, bottom = (jump_at_cutoff(sorted_scores(x, v), widths, Recipe()) for v in (y, t))
    assert ratio.conventional == pytest.approx(top.conventional / bottom.conventional)
    assert ratio.first_stage is not None
    assert ratio.offered is not None
    assert (ratio.first_stage.value, ratio.offered.value) == pytest.approx((bottom.value, top.value))


def test_covariates_that_say_all_leave_no_error_and_ones_that_say_nothing_leave_the_value() -> None:
    draw = np.random.default_rng(5)
    x, z = draw.uniform(-1, 1, 600), draw.normal(size=600)
    y = x + 0.5 * (x >= 0) + 2 * z
    widths = Bandwidths.equal(0.5, 0.7)
    exact = jump_at_cutoff(sorted_scores(x, y, covariates=z[:, None]), widths, Recipe(1, "triangular", "HC0"))
    assert (exact.value, exact.std_error) == pytest.approx((0.5, 0.0), abs=1e-9)
    bare = jump_at_cutoff(sorted_scores(x, y), widths, Recipe())
    idle = np.column_stack([np.ones(600), (x >= 0).astype(float)])  # constant on each side
    told = jump_at_cutoff(sorted_scores(x, y, covariates=idle), widths, Recipe())
    assert (told.value, told.std_error) == pytest.approx((bare.value, bare.std_error))


def test_every_person_a_cluster_is_no_cluster_but_for_the_factor() -> None:
    draw = np.random.default_rng(6)
    x, y = draw.uniform(-1, 1, 400), draw.normal(size=400)
    widths, plain = Bandwidths.equal(0.6, 0.8), Recipe(1, "triangular", "HC0")
    alone = jump_at_cutoff(sorted_scores(x, y), widths, plain)
    each = jump_at_cutoff(sorted_scores(x, y, groups=np.arange(400)), widths, plain)
    n = alone.n_left + alone.n_right
    factor = n / (n - 1) * (n - 1) / (n - 4)
    assert each.conventional_error == pytest.approx(alone.conventional_error * math.sqrt(factor))


def test_bandwidths_scale_with_the_score_and_shrink_for_coverage() -> None:
    frame = scored(2000)
    x, y = frame["score"].to_numpy(), frame["y"].to_numpy()
    one = choose_bandwidths(sorted_scores(x, y), "mse", Recipe())
    ten = choose_bandwidths(sorted_scores(10 * x, y), "mse", Recipe())
    assert (ten.h_left, ten.b_left) == pytest.approx((10 * one.h_left, 10 * one.b_left))
    narrow = choose_bandwidths(sorted_scores(x, y), "cer", Recipe())
    assert narrow.h_left == pytest.approx(one.h_left * 2000 ** (-1 / 20))
    assert narrow.b_left == one.b_left


def test_too_few_different_scores_are_no_fit() -> None:
    x = np.array([-2.0, -2, -1, -1, 1, 1, 2, 2])
    with pytest.raises(TooFewPoints):
        jump_at_cutoff(sorted_scores(x, x), Bandwidths.equal(3.0), Recipe())
    with pytest.raises(TooFewPoints):
        choose_bandwidths(sorted_scores(x, x), "mse", Recipe())


# --- bunching


def test_an_even_spread_of_people_has_the_density_it_has() -> None:
    x = np.linspace(-1, 1, 2001)[:-1]
    found = density_jump(x[x < 0], x[x >= 0], (0.5, 0.5))
    assert (found.left, found.right) == pytest.approx((0.5, 0.5), rel=2e-3)
    assert found.p_value > 0.9


def test_twice_as_many_people_above_are_found() -> None:
    draw = np.random.default_rng(8)
    x = np.sort(np.concatenate([draw.uniform(-1, 0, 1000), draw.uniform(0, 1, 2000)]))
    found = density_jump(x[x < 0], x[x >= 0])
    assert found.right > 1.5 * found.left
    assert found.p_value < 0.001


def test_people_near_the_cut_off_are_counted_like_coins() -> None:
    """One person every 0.1 below and every 0.05 above: the twentieth above stands at 1, where ten are below."""
    left, right = -np.linspace(0.1, 2.0, 20)[::-1], np.linspace(0.05, 4.0, 80)
    found = near_count(left, right)
    assert found.width == pytest.approx(1.0)  # the twentieth above comes first
    assert (found.left, found.right) == (10, 20)
    assert found.p_value == pytest.approx(2 * sum(math.comb(30, k) for k in range(11)) / 2**30)


def test_scores_in_whole_units_are_counted_by_units() -> None:
    """Age 18 and over: 18 stands against 17, 19 against 16, with 15 people at each age."""
    ages = np.repeat(np.arange(10.0, 26.0), 15) - 18
    found = near_count(ages[ages < 0], ages[ages >= 0])
    assert found.width == 2
    assert (found.left, found.right, found.p_value) == (30, 30, 1.0)


# --- the plan


@pytest.mark.parametrize(
    ("lines", "more", "code", "said"),
    [
        ("cutoff = 0", {}, "LC402", "no 'running'"),
        ('running = "score"', {}, "LC402", "no 'cutoff'"),
        (CUT + "order = 4", {}, "LC403", "3 at most"),
        (CUT + 'kernel = "gaussian"', {}, "LC403", "not one of"),
        (CUT + 'bandwidth = "best"', {}, "LC403", "not one of"),
        (CUT + "bandwidth = -1", {}, "LC403", "above 0"),
        (CUT + "bandwidth_left = 1", {}, "LC402", "bandwidth_right"),
        (CUT + "bandwidth = 1\nbandwidth_left = 1\nbandwidth_right = 2", {}, "LC406", "one for each side"),
        (CUT + "bias_bandwidth = 1", {}, "LC406", "a rule chooses both"),
        (CUT + "bandwidth = 1\ndonut = 2", {}, "LC406", "leaves out everybody"),
        (CUT + "placebo_cutoffs = [0, 1]", {}, "LC406", "itself"),
        (CUT + 'placebo_cutoffs = ["a"]', {}, "LC403", "list of 1 to 12"),
        (CUT + 'slopes = "same"', {}, "LC406", "plain"),
        (CUT + 'inference = "plain"\nfuzzy = "got"', {}, "LC406", "'fuzzy'"),
        (CUT + 'fuzzy = "score"', {}, "LC403", "same column"),
        (CUT + 'fuzzy = "got"', {"treatment": "treat"}, "LC406", "does not go with 'fuzzy'"),
        (CUT, {"design": 'strata = "place"'}, "LC406", "'strata'"),
        (CUT, {"covariates": ["score"]}, "LC406", "the score"),
        (CUT + 'errors = "HC2"', {"design": 'cluster = "site"'}, "LC406", "cluster"),
        (CUT, {"kind": "binary", "outcome": 'effect = "risk-ratio"'}, "LC406", "differences"),
        (CUT, {"more": '[analysis]\nmissing = "multiple-imputation"'}, "LC406", "cut-off"),
        (CUT + "width = 1", {}, "LC401", "width"),
    ],
)  # fmt: skip
def test_keys_that_cannot_be_are_told_with_their_line(
    lines: str, more: dict[str, Any], code: str, said: str
) -> None:
    text = plan_text(METHOD, settings=lines, **({"treatment": ""} | more))
    with pytest.raises(EvaluationError) as told:
        read(text)
    faults = [fault for fault in told.value.faults if fault.code == code]
    assert any(said in fault.problem for fault in faults), told.value.faults
    assert all(fault.where.startswith("plan.toml:") for fault in faults)


def test_a_plan_without_its_own_table_says_which_it_needs() -> None:
    text = plan_text(METHOD, treatment="").replace(f"[design.{METHOD}]\n", "")
    with pytest.raises(EvaluationError) as told:
        read(text)
    assert "score and its cut-off" in told.value.faults[0].problem


# --- from plan and data to an answer


def test_the_arm_is_what_score_and_cut_off_say() -> None:
    frame = scored()
    found = primary(frame, plan())
    assert found.estimate.estimand == "effect at the cut-off (of those whose score is near it)"
    low, high = number(found.estimate.conf_low), number(found.estimate.conf_high)
    assert low < 1.0 < high
    assert primary(frame, plan(treatment="treat")).estimate == found.estimate
    assert primary(frame.drop("treat"), plan()).estimate == found.estimate


def test_a_score_that_treats_from_below_is_the_mirror_image() -> None:
    frame = scored()
    turned = frame.with_columns(score=50 - pl.col("score"))
    below = (
        'running = "score"\ncutoff = 50\ntreated_above = false\nbandwidth_left = 0.9\nbandwidth_right = 0.7\n'
    )
    above = 'running = "score"\ncutoff = 0\nbandwidth_left = 0.7\nbandwidth_right = 0.9\n'
    one, other = primary(turned, plan(below)), primary(frame, plan(above))
    assert one.estimate.value == pytest.approx(number(other.estimate.value))
    assert one.estimate.std_error == pytest.approx(number(other.estimate.std_error))
    marks = {one.figures[0].marks, other.figures[0].marks}
    assert marks == {((50.0, "cut-off"),), ((0.0, "cut-off"),)}


def test_whoever_stands_at_the_cut_off_is_treated_from_either_side() -> None:
    frame = pl.DataFrame({"score": np.repeat(np.arange(-30.0, 31.0), 12)}).with_columns(
        y=pl.col("score") * 0.1 + pl.int_range(pl.len()) % 7
    )
    above = primary(frame, plan(CUT + "bandwidth = 20")).estimate
    below = primary(frame, plan(CUT + "treated_above = false\nbandwidth = 20")).estimate
    assert above.n_treated == below.n_treated == 20 * 12  # 0 to 19; at 20 the weight is nought
    assert above.n_comparison == below.n_comparison == 19 * 12


def test_a_treatment_that_does_not_follow_the_rule_is_refused_with_the_way_out() -> None:
    frame = scored().with_columns(
        treat=pl.when(pl.int_range(pl.len()) == 4).then(1 - pl.col("treat")).otherwise("treat")
    )
    with pytest.raises(EvaluationError, match=r"LC490.*row 6") as told:
        primary(frame, plan(treatment="treat"))
    assert 'fuzzy = "treat"' in told.value.faults[0].hint
    with pytest.raises(EvaluationError, match="LC490") as told:
        primary(scored().with_columns(treat=1 - pl.col("treat")), plan(treatment="treat"))
    assert "treated_above" in told.value.faults[0].hint


def test_scores_on_one_side_only_are_refused() -> None:
    with pytest.raises(EvaluationError, match=r"LC491.*on one side of the cut-off 9"):
        primary(scored(), plan('running = "score"\ncutoff = 9'))


def test_a_score_in_words_or_not_there_is_refused() -> None:
    words = scored().with_columns(score=pl.format("about {}", "place"))
    with pytest.raises(EvaluationError, match="LC454"):
        primary(words, plan())
    with pytest.raises(EvaluationError, match=r"LC453.*'score'"):
        primary(scored().drop("score"), plan())


def test_people_without_a_score_are_left_out_and_counted() -> None:
    frame = scored().with_columns(score=pl.when(pl.int_range(pl.len()) >= 10).then("score"))
    steps = {step.step: step.n for step in primary(frame, plan()).flow}
    assert steps["arm known"] == 890


def test_a_fuzzy_plan_names_its_estimand_and_reads_the_first_stage() -> None:
    found = primary(scored(3000), plan(CUT + 'fuzzy = "got"'))
    assert "take part because of it" in found.estimate.estimand
    assert check_of(found, "take-up").result == "pass"
    assert "jumps by" in check_of(found, "take-up").note


def test_with_a_strong_push_the_interval_of_anderson_and_rubin_is_much_the_same() -> None:
    """Its ends are effects at which the jump of the outcome less so much of take-up is just at its critical value."""
    frame = scored(6000)
    found = primary(frame, plan(CUT + 'fuzzy = "got"\nbandwidth = 0.8\nbias_bandwidth = 1.2'))
    line = next(way.estimate for way in found.sensitivity if "Rubin" in way.name)
    e = found.estimate
    assert line.conf_low == pytest.approx(number(e.conf_low), abs=0.1 * number(e.std_error))
    assert line.conf_high == pytest.approx(number(e.conf_high), abs=0.1 * number(e.std_error))
    for end in (number(line.conf_low), number(line.conf_high)):
        less = frame["y"].to_numpy() - end * frame["got"].to_numpy()
        left = jump_at_cutoff(
            sorted_scores(frame["score"].to_numpy(), less), Bandwidths.equal(0.8, 1.2), Recipe()
        )
        assert abs(left.value) == pytest.approx(1.959964 * left.std_error, rel=1e-5)


def test_a_weak_push_or_the_wrong_way_round_blocks() -> None:
    draw = np.random.default_rng(1)
    frame = scored(1500)
    idle = frame.with_columns(got=pl.Series(draw.integers(0, 2, 1500).astype(float)))
    found = primary(idle, plan(CUT + 'fuzzy = "got"'))
    assert (found.verdict.answer, check_of(found, "take-up").consequence) == ("not-assessable", "block")
    found = primary(frame.with_columns(got=1 - pl.col("got")), plan(CUT + 'fuzzy = "got"'))
    assert "treated side" in check_of(found, "take-up").note


def test_bunching_takes_trust_away_or_blocks() -> None:
    frame = scored(4000)
    moved = frame.with_columns(
        score=pl.when(pl.col("score").is_between(-0.25, 0) & (pl.int_range(pl.len()) % 5 > 0))
        .then(-pl.col("score"))
        .otherwise("score")
    )
    found = check_of(primary(moved, plan()), "density")
    assert (found.result, found.consequence) == ("fail", "block")
    assert check_of(primary(frame, plan()), "density").result == "pass"


def test_a_covariate_that_jumps_takes_trust_away_and_one_the_cut_off_decides_blocks() -> None:
    frame = scored(3000).with_columns(z=pl.col("z") + 1.5 * pl.col("treat"))
    found = check_of(primary(frame, plan(covariates=["x", "z"])), "covariates at the cut-off")
    assert (found.consequence, "z" in found.note) == ("downgrade", True)
    decided = primary(frame, plan(covariates=["x", "treat"]))
    assert check_of(decided, "covariates at the cut-off").consequence == "block"
    assert decided.verdict.answer == "not-assessable"


def test_an_outcome_that_jumps_elsewhere_is_noticed_at_a_placebo_cut_off() -> None:
    frame = scored(4000).with_columns(y=pl.col("y") + 3 * (pl.col("score") > 0.8))
    found = primary(frame, plan(CUT + "placebo_cutoffs = [0.8, -0.8]"))
    assert check_of(found, "placebo cut-offs").consequence == "downgrade"
    rows = next(table for table in found.tables if table.name == "placebo cut-offs").rows
    assert [row[0] for row in rows] == ["cut-off at -0.8", "cut-off at 0.8"]
    assert number(rows[1][1]) == pytest.approx(3, abs=1)  # type: ignore[arg-type]


def test_a_donut_leaves_out_who_is_nearest() -> None:
    frame = scored(3000)
    near = frame.with_columns(y=pl.when(pl.col("score").abs() < 0.05).then(50.0).otherwise("y"))
    spoilt, hollow = primary(near, plan()), primary(near, plan(CUT + "donut = 0.05"))
    assert abs(number(hollow.estimate.value) - 1) < 0.6
    assert hollow.estimate == primary(frame, plan(CUT + "donut = 0.05")).estimate
    assert number(spoilt.estimate.std_error) > number(hollow.estimate.std_error)


@pytest.mark.parametrize(("unit", "consequence"), [(0.3, "downgrade"), (0.6, "block")])
def test_a_score_with_few_values_takes_trust_away_or_blocks(unit: float, consequence: str) -> None:
    frame = scored(3000).with_columns(score=(pl.col("score") / unit).floor() * unit)
    found = primary(frame, plan(CUT + "bandwidth = 2\nbias_bandwidth = 3.5"))
    assert check_of(found, "different scores").consequence == consequence
    assert "Kolesár" in check_of(found, "different scores").note


def test_two_values_on_a_side_are_not_assessable_and_say_what_to_do() -> None:
    frame = scored(600).with_columns(score=pl.col("score").clip(-1.4, 1.4).floor())
    found = primary(frame, plan())
    assert found.verdict.answer == "not-assessable"
    assert "finer units" in check_of(found, "scores near the cut-off").note


def test_few_people_within_the_bandwidth_block_and_areas_are_held_to_another_number() -> None:
    frame = scored(220)
    narrow = CUT + "bandwidth = 0.25\nbias_bandwidth = 0.6"
    found = primary(frame, plan(narrow))
    assert (found.verdict.answer, check_of(found, "near the cut-off").limit) == ("not-assessable", 30)
    text = plan_text(METHOD, settings=narrow, treatment="")
    areas = primary(frame, read(text.replace("[design]", '[population]\nunits = "areas"\n[design]', 1)))
    assert check_of(areas, "near the cut-off").limit in (10, 20)
    assert areas.estimate.std_error is not None
    assert check_of(areas, "units").result == "info"
    assert areas.units == "areas"


def test_few_clusters_within_the_bandwidth_block() -> None:
    frame = scored().with_columns(site=pl.format("s{}", pl.int_range(pl.len()) % 4))
    found = primary(frame, plan(design='cluster = "site"'))
    assert check_of(found, "clusters").consequence == "block"


def test_figures_hold_means_of_twenty_people_or_more_and_the_fits() -> None:
    frame = scored(2000)
    found = primary(frame, plan())
    jump, density = found.figures
    assert (jump.name, density.name) == ("jump", "density")
    points = [line for line in jump.lines if line.kind == "points"]
    assert len(points) == 2
    assert all(len(line.x) <= 2000 / 20 / 2 for line in points)
    assert all(x < 0 for x in points[0].x)
    assert all(x >= 0 for x in points[1].x)
    fits = {line.kind: line for line in jump.lines if line.kind != "points"}
    assert [step.step for step in found.flow][-1] == "within the bandwidth"
    gap = number(fits["observed"].y[0]) - number(fits["comparison"].y[0])
    line = next(way for way in found.sensitivity if way.name.startswith("conventional"))
    assert gap == pytest.approx(number(line.estimate.value))


def test_a_share_that_stands_for_a_few_people_is_no_point_of_a_figure() -> None:
    seldom = scored(3000).with_columns(y=(pl.int_range(pl.len()) % 60 == 0).cast(pl.Float64))
    found = primary(seldom, plan(kind="binary"))
    points = [line for line in found.figures[0].lines if line.kind == "points"]
    assert {y for line in points for y in line.y} == {None}
    often = primary(scored(3000, binary=True), plan(kind="binary")).figures[0].lines
    assert any(y is not None and 0 < y < 1 for line in often if line.kind == "points" for y in line.y)


def test_the_same_question_is_asked_in_other_ways() -> None:
    names = {way.name for way in primary(scored(), plan(covariates=["x"])).sensitivity}
    assert {
        "conventional, bias not corrected", "bandwidths halved", "bandwidths doubled",
        "bandwidth for the best coverage", "a bandwidth for each side", "order 2", "uniform kernel",
        "the nearest twentieth left out", "without covariates", "plain regression",
    } == names  # fmt: skip


def test_subgroups_are_asked_at_the_cut_off_each() -> None:
    asked = plan(more='[[subgroup]]\nby = "place"\nreason = "a test"')
    found = gather_finding(study(scored(3000)), asked, "unlocked").outcomes[0]
    assert [group.level for group in found.subgroups[0].groups] == ["east", "north", "south"]
    assert all(group.estimate.value is not None for group in found.subgroups[0].groups)


def test_many_missing_outcomes_bring_their_own_lines() -> None:
    frame = scored(2000).with_columns(y=pl.when(pl.int_range(pl.len()) % 8 > 0).then("y"))
    found = primary(frame, plan())
    assert any("missing outcomes" in way.name for way in found.sensitivity)
    assert found.estimate.value is not None
