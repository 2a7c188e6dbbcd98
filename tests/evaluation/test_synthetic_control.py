"""Synthetic control: plan keys, fits, placebos, intervals, doubts, and data that cannot bear it."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge

from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from evaluation.synthetic.conformal import Residuals, conformal_interval, p_of_effect, shift_p
from evaluation.synthetic.fits import Fit, Kind, Predictors, choose_penalty, equal_weights, fit, zeta_of
from evaluation.synthetic.inference import jackknife_error, placebo_error
from evaluation.synthetic.placebos import Placebos, placebos, rank_p, ratio_of
from evaluation.synthetic.simplex import Array, simplex_weights
from tests.evaluation.force_areas import MARGIN, as_table, made_areas, plan_for, plan_text_for
from tests.evaluation.studies import number, primary, read

START = 16


def found(areas: Array, settings: str = "", **more: Any) -> OutcomeResult:
    return primary(as_table(areas), plan_for(settings, **more))


def checks(result: OutcomeResult) -> dict[str, Check]:
    return {check.name: check for check in result.checks}


def refused(frame: pl.DataFrame, settings: str = "", **more: Any) -> EvaluationError:
    with pytest.raises(EvaluationError) as problem:
        primary(frame, plan_for(settings, **more))
    return problem.value


# --- the plan


@pytest.mark.parametrize(
    ("parts", "code", "line"),
    [
        ({"treated": ""}, "LC402", "[design.synthetic-control]"),
        ({"treated": 'treated_unit = "Avon"\ntreated_units = ["Avon"]'}, "LC406", 'treated_unit = "Avon"'),
        ({"start": '"soon"'}, "LC403", 'start = "soon"'),
        ({"settings": 'kind = "nested"'}, "LC403", 'kind = "nested"'),
        ({"settings": 'kind = "did"\npredictors = ["x"]'}, "LC406", "predictors"),
        ({"settings": 'inference = "jackknife"'}, "LC406", "inference"),
        ({"settings": 'donors = ["Avon", "Force 01"]'}, "LC406", "donors"),
        ({"settings": 'exclude_units = ["Avon"]'}, "LC406", "exclude_units"),
        ({"settings": 'donors = ["Force 01"]\nexclude_units = ["Force 01"]'}, "LC406", "exclude_units"),
        ({"design": 'covariates = ["x"]'}, "LC406", "covariates"),
        ({"design": 'treatment = "treated"'}, "LC406", "treatment"),
        ({"design": 'cluster = "region"'}, "LC406", "cluster"),
        ({"design": 'weights = "people"'}, "LC406", "weights"),
        ({"kind": "count", "outcome": MARGIN.replace("3", "0.8")}, "LC406", "[[outcome]]"),
        ({"outcome": MARGIN + '\nbaseline = "b"'}, "LC406", "[[outcome]]"),
        ({"settings": 'donor = "Force 01"'}, "LC401", 'donor = "Force 01"'),
    ],
)  # fmt: skip
def test_a_key_that_is_wrong_is_named_with_its_line(parts: dict[str, str], code: str, line: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        plan_for(**parts)
    faults = [fault for fault in problem.value.faults if fault.code == code]
    lines = [int(fault.where.removeprefix("plan.toml:")) for fault in faults]
    text = plan_text_for(**parts).splitlines()
    assert any(text[number - 1].startswith(line) for number in lines)


def test_without_its_table_or_a_unit_the_plan_is_refused() -> None:
    text = plan_text_for(treated="")
    whole = text.replace('unit = "area"\n', "").partition("[design.synthetic-control]")
    bare = whole[0] + "[[outcome]]" + whole[2].partition("[[outcome]]")[2]
    with pytest.raises(EvaluationError) as problem:
        read(bare)
    assert {fault.code for fault in problem.value.faults} == {"LC402"}
    assert len(problem.value.faults) == 2


def test_the_settings_are_told_in_words() -> None:
    plan = plan_for('kind = "did"\nexclude_units = ["Force 03"]')
    from evaluation.methods.registry import METHODS

    told = dict(METHODS["synthetic-control"].describe(plan.design.settings, plan.design))
    assert told["Treated"] == "Avon, from 2016"
    assert "not Force 03" in told["Donors"]
    assert "intercepts" in told["Kind"]


# --- fits


def test_a_classic_fit_is_the_nearest_weighted_mean_and_its_gaps_are_what_is_left() -> None:
    areas = made_areas(6, 12)
    own = fit("classic", areas[0], areas[1:], 8)
    assert own.weights == pytest.approx(simplex_weights(areas[1:, :8].T, areas[0, :8]).weights)
    assert own.gaps == pytest.approx(areas[0] - own.weights @ areas[1:])
    assert own.effect == pytest.approx(own.gaps[8:].mean())
    assert own.before == pytest.approx(math.sqrt((own.gaps[:8] ** 2).mean()))


def test_synthetic_did_is_a_weighted_double_difference() -> None:
    areas = made_areas(8, 14)
    own = fit("did", areas[0], areas[1:], 9)
    assert own.periods is not None
    change = areas[:, 9:].mean(axis=1) - areas[:, :9] @ own.periods
    assert own.effect == pytest.approx(change[0] - own.weights @ change[1:])
    noise = np.diff(areas[1:, :9], axis=1).std(ddof=1)
    assert own.penalty == pytest.approx(5**0.25 * noise)
    assert zeta_of(areas[1:], 9, treated=3) == pytest.approx(15**0.25 * noise)


def test_equal_weights_are_difference_in_differences() -> None:
    areas = np.array([[1.0, 2, 9, 10], [0, 1, 2, 3], [4, 5, 8, 9]])
    own = equal_weights(areas[0], areas[1:], 2)
    assert own.effect == pytest.approx((9.5 - 1.5) - ((2.5 - 0.5) + (8.5 - 4.5)) / 2)


def test_the_augmented_kind_is_classic_weights_corrected_by_a_ridge_regression_of_the_outcome() -> None:
    """Ben-Michael and others (2021), lemma 1: an independent way, period by period, with scikit-learn's Ridge."""
    areas, start = made_areas(15, 18, extreme=True), 12
    target, donors = areas[0], areas[1:]
    own = fit("augmented", target, donors, start, penalty=2.5)
    base = simplex_weights(donors[:, :start].T, target[:start]).weights
    for t in range(start, 18):
        model = Ridge(alpha=2.5).fit(donors[:, :start], donors[:, t])
        left = target[:start] - base @ donors[:, :start]
        expected = base @ donors[:, t] + left @ model.coef_
        assert own.gaps[t] == pytest.approx(target[t] - expected, abs=1e-9)
    assert own.weights.sum() == pytest.approx(1)


def test_the_ridge_penalty_is_the_largest_within_one_standard_error_of_the_best() -> None:
    areas = made_areas(12, 10, extreme=True)
    target, donors = areas[0], areas[1:]
    largest = np.linalg.svd(donors - donors.mean(axis=0))[1][0] ** 2
    grid = largest * 1e-8 ** (np.arange(20) / 19)
    missed = np.empty((10, 20))
    for t in range(10):
        rest = [k for k in range(10) if k != t]
        base = simplex_weights(donors[:, rest].T, target[rest]).weights
        left = target[rest] - base @ donors[:, rest]
        for place, penalty in enumerate(grid):
            model = Ridge(alpha=penalty).fit(donors[:, rest], donors[:, t])
            missed[t, place] = target[t] - base @ donors[:, t] - left @ model.coef_
    squares = missed**2
    mean, error = squares.mean(axis=0), squares.std(axis=0, ddof=1) / math.sqrt(10)
    best = mean.argmin()
    wanted = max(grid[mean <= mean[best] + error[best]])
    chosen, off = choose_penalty(target, donors)
    assert chosen == pytest.approx(wanted, rel=1e-9)
    assert off == pytest.approx(missed[:, list(grid).index(wanted)], abs=1e-8)


def test_predictors_are_matched_beside_the_path_in_standard_deviations() -> None:
    areas = made_areas(10, 12)
    draw = np.random.default_rng(9)
    traits = draw.normal(size=(10, 2)) * [1, 1000]
    own = fit("classic", areas[0], areas[1:], 8, Predictors(traits[0], traits[1:]))
    rows = np.hstack([areas[:, :8], traits]).T
    scaled = rows / rows.std(axis=1, ddof=1, keepdims=True)
    assert own.weights == pytest.approx(simplex_weights(scaled[:, 1:], scaled[:, 0]).weights)
    in_pounds = fit("classic", areas[0], areas[1:], 8, Predictors(100 * traits[0], 100 * traits[1:]))
    assert in_pounds.weights == pytest.approx(own.weights, abs=1e-9)


def test_predictors_of_a_plan_may_have_gaps_and_change_the_weights() -> None:
    areas = made_areas(seed=3)
    frame = as_table(areas).with_columns(
        x=pl.when(pl.col("year") % 3 == 0).then(pl.col("area").str.len_chars() + pl.col("y") / 10)
    )
    plain, with_x = primary(frame, plan_for()), primary(frame, plan_for('predictors = ["x"]'))
    assert plain.estimate.value != with_x.estimate.value
    assert with_x.flow[-1].n == frame.height


# --- placebos and intervals


def test_every_donor_is_a_placebo_once_and_the_treated_area_is_in_none() -> None:
    areas = made_areas(9, 12, 8)
    areas[0] += 1e6

    def fitted(target: Array, donors: Array, _: Predictors | None) -> Fit:
        assert donors.max() < 1e5
        assert target.max() < 1e5
        return fit("classic", target, donors, 8)

    others = placebos(fitted, areas[1:], None, 1, np.random.default_rng(1))
    assert others.sets == tuple((k,) for k in range(8))
    assert others.all_of_them
    assert others.smallest_p == pytest.approx(1 / 9)


def test_sets_of_donors_stand_for_several_treated_areas_all_of_them_or_a_draw_with_a_seed() -> None:
    areas = made_areas(40, 8)

    def fitted(target: Array, donors: Array, _: Predictors | None) -> Fit:
        return equal_weights(target, donors, 5)

    few = placebos(fitted, areas[:7], None, 2, np.random.default_rng(1))
    assert (len(few.fits), few.all_of_them) == (21, True)
    many = placebos(fitted, areas, None, 3, np.random.default_rng(1))
    again = placebos(fitted, areas, None, 3, np.random.default_rng(1))
    assert (many.all_of_them, many.sets == again.sets) == (False, True)
    assert 900 < len(many.fits) <= 1000
    none = placebos(fitted, areas[:3], None, 2, np.random.default_rng(1))
    assert none.fits == ()


def test_ranks_by_hand() -> None:
    assert rank_p(3.0, [1.0, 2.0, 4.0]) == 0.5
    assert rank_p(9.0, [1.0, 2.0, 4.0]) == 0.25
    assert rank_p(1.0, [1.0, 1.0, 1.0]) == 1.0
    assert rank_p(math.inf, [math.inf, 2.0, 3.0]) == 0.5


def a_fit(effect: float, before: float) -> Fit:
    gaps = np.array([before, -before, effect, effect])
    return Fit(np.ones(1), None, gaps, effect, before, abs(effect), 0.0, 0.0, True)


def test_the_placebo_error_by_hand_and_wider_where_the_treated_area_is_fitted_worse() -> None:
    others = Placebos(tuple(a_fit(e, 1.0) for e in (-1.0, 0.0, 1.0, 2.0)), ((0,), (1,), (2,), (3,)), True)
    usual = placebo_error(a_fit(5.0, 0.5), others)
    worse = placebo_error(a_fit(5.0, 3.0), others)
    assert usual is not None
    assert worse is not None
    assert usual.error == pytest.approx(math.sqrt(5 / 3) * math.sqrt(1.25))
    assert usual.df == 3.0
    assert usual.spread == pytest.approx(math.sqrt(1.25))
    assert worse.error == pytest.approx(9 * usual.error)
    assert placebo_error(a_fit(5.0, 0.5), Placebos(others.fits[:2], others.sets[:2], True)) is None


def test_a_path_met_exactly_has_an_infinite_ratio_or_none() -> None:
    assert ratio_of(a_fit(2.0, 0.0)) == math.inf
    assert ratio_of(a_fit(0.0, 0.0)) == 1.0
    assert ratio_of(a_fit(4.0, 2.0)) == 2.0


def test_the_share_of_shifts_by_hand() -> None:
    """Four residuals, one period after: its size is second, so two of four shifts are at least as large."""
    assert shift_p(np.array([1.0, -5.0, 2.0, 3.0]), 1) == 0.5
    # Blocks of two, cyclic: 1+3, 1+5, 5+2, 2+3 = 4, 6, 7, 5: of the last block (2, 3) three are at least as large.
    assert shift_p(np.array([1.0, -5.0, 2.0, 3.0]), 2) == 0.75
    assert shift_p(np.array([1.0, 1.0, 1.0, 9.0]), 1) == 0.25


def test_a_conformal_interval_ends_where_effects_begin_to_be_rejected() -> None:
    areas = made_areas(12, 40, 34, effect=4.0, seed=8)
    ways = Residuals("classic", areas[1:], 0.0)
    own = fit("classic", areas[0], areas[1:], 34)
    wide, narrow = conformal_interval(ways, areas[0], 34, own.effect, own.before / math.sqrt(6), (0.05, 0.1))
    assert wide is not None
    assert narrow is not None
    assert wide[0] <= narrow[0] < own.effect < narrow[1] <= wide[1]
    for low, high, alpha in ((*wide, 0.05), (*narrow, 0.1)):
        fresh = Residuals("classic", areas[1:], 0.0)
        assert p_of_effect(fresh, areas[0], 34, low + 1e-2) > alpha
        assert p_of_effect(fresh, areas[0], 34, high - 1e-2) > alpha
        assert p_of_effect(fresh, areas[0], 34, low - 1e-2) <= alpha
        assert p_of_effect(fresh, areas[0], 34, high + 1e-2) <= alpha


def test_with_fewer_than_twenty_periods_a_conformal_interval_has_no_end_and_the_verdict_is_held_back() -> (
    None
):
    areas = made_areas(14, 16, 10)
    result = found(areas, 'inference = "conformal"', start="2010")
    assert result.estimate.conf_low is None
    assert checks(result)["interval"].consequence == "block"
    assert result.verdict.answer == "not-assessable"
    assert "placebo" in checks(result)["interval"].note


def test_a_conformal_verdict_carries_its_p_value_and_the_placebos_stand_beside_it() -> None:
    result = found(made_areas(14, 40, 34, effect=-9.0, seed=5), 'inference = "conformal"', start="2034")
    e = result.estimate
    assert number(e.conf_low) < -9 < number(e.conf_high)
    assert e.p_value == pytest.approx(1 / 40)
    assert [way.name for way in result.sensitivity if "placebos" in way.name] == [
        "interval from the placebos"
    ]


def test_the_jackknife_by_leaving_areas_out_by_hand() -> None:
    treated = np.array([[0.0, 4.0], [0.0, 8.0]])
    donors = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 6.0]])
    weights = np.array([0.5, 0.25, 0.25])
    own = Fit(weights, np.array([1.0]), np.array([0.0, 3.5]), 3.5, 0.0, 3.5, 0.0, 0.0, True)
    pool = 0.5 * 1 + 0.25 * 2 + 0.25 * 6
    ways = [8 - pool, 4 - pool, 6 - (0.5 + 1.5) / 0.5, 6 - (0.5 + 1.5) / 0.75, 6 - (0.5 + 0.5) / 0.75]
    wanted = math.sqrt(4 / 5 * sum((way - own.effect) ** 2 for way in ways))
    assert jackknife_error(own, treated, donors, 1) == pytest.approx(wanted)
    assert jackknife_error(own, treated[:1], donors, 1) is None


def test_several_treated_areas_are_averaged_and_may_be_jackknifed() -> None:
    areas = made_areas(seed=4)
    areas[1, START:] += 2
    two = 'treated_units = ["Avon", "Force 01"]'
    plain = found(areas, 'kind = "did"', treated=two)
    jack = found(areas, 'kind = "did"\ninference = "jackknife"', treated=two)
    assert plain.estimate.value == pytest.approx(number(jack.estimate.value))
    assert plain.estimate.std_error != jack.estimate.std_error
    assert (plain.estimate.n_treated, plain.estimate.n_comparison, jack.estimate.df) == (2, 19, 1.0)
    donors, target = areas[2:], areas[:2].mean(axis=0)
    assert plain.estimate.value == pytest.approx(
        fit("did", target, donors, START, penalty=zeta_of(donors, START, 2)).effect
    )


# --- doubts


def test_an_effect_that_is_there_is_found_with_all_doubts_beside_it() -> None:
    result = found(made_areas(n=31, effect=-8.0, seed=2))
    assert (result.verdict.answer, result.estimate.n_comparison) == ("works", 30)
    told = checks(result)
    assert told["placebo in space"].result == "pass"
    assert told["placebo in time"].result == "pass"
    assert told["one donor out"].result == "pass"
    assert told["spillover"].consequence == "none"
    assert number(told["optimum"].reading) < 1e-8
    assert {way.name for way in result.sensitivity} >= {
        "synthetic difference-in-differences", "ridge-augmented synthetic control",
    }  # fmt: skip
    assert sum(way.name.startswith("one donor out") for way in result.sensitivity) == 2


@pytest.mark.parametrize(("factor", "result", "consequence"), [(0.9, "fail", "block"), (1.9, "warn", "downgrade"),
                                                               (2.1, "pass", "none")])  # fmt: skip
def test_a_misfit_before_is_held_against_the_difference_that_matters(
    factor: float, result: str, consequence: str
) -> None:
    areas = made_areas(seed=6)
    misfit = fit("classic", areas[0], areas[1:], START).before
    told = found(areas, outcome=f'minimum_important_difference = {factor * misfit}\nmid_source = "a test"')
    check = checks(told)["fit before"]
    assert (check.result, check.consequence) == (result, consequence)
    assert (told.verdict.answer == "not-assessable") == (consequence == "block")


def test_without_a_difference_that_matters_the_misfit_is_a_doubt() -> None:
    check = checks(found(made_areas(seed=6), outcome=""))["fit before"]
    assert (check.result, check.consequence) == ("warn", "downgrade")


@pytest.mark.parametrize(("start", "result", "consequence"), [(4, "fail", "block"), (1, "fail", "block"),
    (7, "warn", "downgrade"), (8, "pass", "none")])  # fmt: skip
def test_few_periods_before_the_start_warn_and_very_few_block(
    start: int, result: str, consequence: str
) -> None:
    told = found(made_areas(seed=2), start=str(2000 + start))
    check = checks(told)["periods before"]
    assert (check.result, check.consequence) == (result, consequence)
    assert (told.estimate.value is None) == (consequence == "block")


def test_few_donors_are_said_and_very_few_block() -> None:
    twelve = checks(found(made_areas(n=13, effect=-8)))["placebo in space"]
    assert (twelve.result, twelve.consequence) == ("warn", "downgrade")
    assert "smallest possible is 0.077" in twelve.note
    three = found(made_areas(n=4))
    assert checks(three)["donors"].consequence == "block"
    assert three.verdict.answer == "not-assessable"


def test_a_treated_area_beyond_all_donors_is_said() -> None:
    areas = made_areas(seed=7)
    areas[0] += 30
    told = checks(found(areas))
    assert told["within the donors"].result == "warn"
    assert number(told["within the donors"].reading) == 1.0
    assert told["fit before"].consequence == "block"
    shifted = checks(found(areas, 'kind = "did"'))
    assert number(shifted["within the donors"].reading) < 0.5
    assert shifted["fit before"].consequence != "block"


def test_a_treated_area_fitted_worse_than_the_donors_widens_the_interval_and_is_said() -> None:
    areas = made_areas(seed=7, noisy=6.0)
    told = found(areas, outcome=MARGIN.replace("3", "30"))
    assert checks(told)["fitted like donors"].consequence == "downgrade"
    calm = found(made_areas(seed=7), outcome=MARGIN.replace("3", "30"))
    assert number(told.estimate.std_error) > 2 * number(calm.estimate.std_error)


def test_one_donor_with_most_weight_is_named() -> None:
    areas = made_areas(seed=8)
    areas[5] = areas[0] + 0.05 * np.random.default_rng(1).normal(size=24)
    check = checks(found(areas))["largest weight"]
    assert (check.result, check.consequence) == ("warn", "downgrade")
    assert check.note.startswith("Force 05 carries")


def test_a_fall_before_the_start_is_caught_by_a_fake_start() -> None:
    areas = made_areas(n=31, seed=9)
    areas[0, 11:] -= 12
    check = checks(found(areas, outcome=MARGIN.replace("3", "30")))["placebo in time"]
    assert (check.result, check.consequence) == ("fail", "downgrade")
    few = checks(found(made_areas(seed=9), start="2005"))["placebo in time"]
    assert few.result == "info"


def test_a_fit_that_many_weights_give_proves_nothing() -> None:
    areas = made_areas(n=60, periods=10, seed=10)
    areas[0, :5] = areas[1:, :5].mean(axis=0)
    told = checks(found(areas, start="2005"))
    assert told["several fits"].consequence == "downgrade"


def test_a_sign_that_hangs_on_one_donor_is_caught() -> None:
    areas = np.vstack([made_areas(n=8, seed=11)])
    areas[1] = areas[0]
    areas[1, START:] += 4.0
    areas[2:, START:] -= 6.0
    told = found(areas, outcome=MARGIN.replace("3", "30"))
    assert checks(told)["one donor out"].consequence == "downgrade"


# --- data


def test_names_that_are_not_there_and_starts_outside_the_data_are_refused() -> None:
    frame = as_table(made_areas())
    for parts in ({"treated": 'treated_unit = "Avalon"'}, {"settings": 'donors = ["Nowhere"]'},
                  {"settings": 'exclude_units = ["Nowhere"]'}):  # fmt: skip
        problem = refused(frame, **parts)
        assert problem.faults[0].code == "LC489"
        assert "Force" not in str(problem)
    for start in ("1990", "2000", "2024"):
        problem = refused(frame, start=start)
        assert problem.faults[0].code == "LC488"
        assert "2000 to 2023" in problem.faults[0].problem


def test_donors_can_be_chosen_and_left_out() -> None:
    areas = made_areas(seed=12)
    some = ", ".join(f'"Force {k:02d}"' for k in range(1, 11))
    named = found(areas, f"donors = [{some}]").estimate
    left = ", ".join(f'"Force {k:02d}"' for k in range(11, 21))
    without = found(areas, f"exclude_units = [{left}]").estimate
    assert (named.value, named.conf_low, named.n_comparison) == (without.value, without.conf_low, 10)
    assert named.value == pytest.approx(fit("classic", areas[0], areas[1:11], START).effect)


def test_a_donor_with_a_gap_is_left_out_and_a_treated_area_with_one_is_not_assessable() -> None:
    areas = made_areas(seed=13)
    frame = as_table(areas)
    hole = (pl.col("area") == "Force 04") & (pl.col("year") == 2007)
    told = primary(frame.filter(~hole), plan_for())
    assert told.estimate.n_comparison == 19
    assert checks(told)["gaps"].result == "warn"
    kept = np.delete(areas, 4, axis=0)
    assert told.estimate.value == pytest.approx(fit("classic", kept[0], kept[1:], START).effect)
    own = (pl.col("area") == "Avon") & (pl.col("year") == 2007)
    lost = primary(frame.with_columns(y=pl.when(~own).then("y")), plan_for())
    assert lost.verdict.answer == "not-assessable"
    assert checks(lost)["gaps"].consequence == "block"


def test_people_are_not_compared_and_never_named() -> None:
    told = primary(as_table(made_areas()), plan_for(units="people"))
    assert told.verdict.answer == "not-assessable"
    assert told.tables == ()
    assert told.figures == ()
    assert 'units = "areas"' in checks(told)["units"].note


def test_a_constant_outcome_and_one_without_noise_claim_nothing() -> None:
    flat = found(np.full((12, 24), 3.0))
    assert flat.verdict.answer == "not-assessable"
    same = np.tile(np.sin(np.arange(24.0)), (12, 1))
    assert found(same).verdict.answer == "not-assessable"


def test_a_count_over_its_exposure_is_a_rate() -> None:
    areas = np.round(made_areas(seed=14) * 20)
    frame = as_table(areas).with_columns(people=pl.lit(20.0), y=pl.col("y"))
    outcome = MARGIN + '\neffect = "difference"'
    rate = primary(frame, plan_for(outcome=outcome + '\nexposure = "people"', kind="count"))
    assert rate.estimate.value == pytest.approx(fit("classic", areas[0] / 20, areas[1:] / 20, START).effect)
    assert rate.kind == "count"


def test_months_and_quarters_are_periods_too() -> None:
    areas = made_areas(seed=15)
    months = [f"{2014 + t // 12}-{t % 12 + 1:02d}" for t in range(24)]
    frame = as_table(areas).with_columns(
        month=pl.col("year").replace_strict(list(range(2000, 2024)), months, return_dtype=pl.String)
    )
    by_month = primary(frame, plan_for(start='"2015-05"', time="month"))
    assert by_month.estimate.value == pytest.approx(number(found(areas).estimate.value))
    assert by_month.path[START].term == "gap 2015-05"


@pytest.mark.parametrize("kind", ["classic", "did", "augmented"])
def test_the_figures_and_rows_hold_the_same_numbers_as_the_fit(kind: Kind) -> None:
    areas = made_areas(n=25, periods=32, start=24, effect=-8, seed=16)
    told = primary(as_table(areas), plan_for(f'kind = "{kind}"', start="2024"))
    own = fit(kind, areas[0], areas[1:], 24)
    rows = [row for row in told.path if row.term.startswith("gap")]
    assert [row.value for row in rows] == pytest.approx(own.gaps)
    assert all(row.conf_low is None for row in rows[:24])
    assert all(
        number(row.conf_low) <= number(row.value) <= number(row.conf_high)
        for row in rows[24:]
        if row.conf_low
    )
    figures = {figure.name: figure for figure in told.figures}
    observed, expected = figures["paths"].lines
    assert np.array(observed.y) - np.array(expected.y) == pytest.approx(own.gaps)
    assert len(figures["gaps"].lines) == 25
    tables = {table.name: table for table in told.tables}
    weights = [row[1] for row in tables["donor weights"].rows if isinstance(row[1], float)]
    assert sum(weights) == pytest.approx(1, abs=1e-4)
    assert json.dumps([table.rows for table in told.tables], allow_nan=False)
