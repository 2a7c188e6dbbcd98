"""A whole run: from a table to verdicts, sensitivities and adjusted p-values."""

from __future__ import annotations

import math

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.explaining.gathered import not_looked
from evaluation.finding import gather_finding
from tests.evaluation.studies import make_plan, number, observed, plan_text, primary, read, run, study, trial

MARGIN = 'minimum_important_difference = {}\nmid_source = "x"'
TWO = '[[outcome]]\nmeasure = "{}"\nrole = "{}"\nkind = "continuous"\nbetter = "higher"\n'


def test_a_clear_benefit_works_and_the_same_fall_harms() -> None:
    frame = trial(200, effect=2.0)
    better = primary(frame, make_plan(covariates=["x"], outcome=MARGIN.format(0.5)), "locked before outcomes")
    assert (better.verdict.answer, better.verdict.detail) == ("works", "meaningful")
    worse = primary(frame, make_plan(covariates=["x"], better="lower", outcome=MARGIN.format(0.5)))
    assert (worse.verdict.answer, worse.verdict.detail) == ("harms", "meaningful")
    assert worse.estimate == better.estimate  # the estimate keeps the measure's own sign


def test_no_difference_in_a_large_trial_is_no_meaningful_effect() -> None:
    found = primary(trial(2000, effect=0.0), make_plan(covariates=["x"], outcome=MARGIN.format(0.5)))
    assert found.verdict.answer == "no-meaningful-effect"
    assert found.verdict.why[0].code == "W3"


def test_every_planned_outcome_is_reported_even_one_that_cannot_be_analysed() -> None:
    frame = trial(100).with_columns(flat=pl.lit(1.0))
    plan = make_plan(more=TWO.format("x", "secondary") + TWO.format("flat", "exploratory"))
    found = run(frame, plan).outcomes
    assert [item.measure for item in found] == ["y", "x", "flat"]
    assert (found[2].verdict.answer, found[2].verdict.detail) == ("not-assessable", "spread")


def test_p_values_are_adjusted_within_primaries_and_within_the_rest() -> None:
    more = TWO.format("x", "primary") + TWO.format("z", "secondary") + TWO.format("w", "secondary")
    frame = trial(100, effect=0.4).with_columns(w=pl.col("x") + pl.col("treat") / 5)
    plan = read(plan_text(more=more).replace('title = "A question"', 'title = "A question"\nreason = "both"'))
    y, x, z, w = (item.estimate for item in run(frame, plan).outcomes)
    first, second = sorted([number(y.p_value), number(x.p_value)])
    assert min(number(y.p_value_adjusted), number(x.p_value_adjusted)) == pytest.approx(min(2 * first, 1))
    assert max(number(y.p_value_adjusted), number(x.p_value_adjusted)) == pytest.approx(
        max(2 * first, second)
    )
    low, high = sorted([number(z.p_value), number(w.p_value)])
    assert min(number(z.p_value_adjusted), number(w.p_value_adjusted)) == pytest.approx(min(2 * low, high))


def test_fewer_than_thirty_in_an_arm_leave_counts_and_means_only() -> None:
    frame = trial(100)
    small = pl.concat([frame.filter(pl.col("treat") == 1).head(29), frame.filter(pl.col("treat") == 0)])
    found = primary(small, make_plan(covariates=["x"]))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", "people")
    e = found.estimate
    assert (e.value, e.std_error, e.conf_low, e.p_value, e.standardised) == (None,) * 5
    assert (e.n_treated, e.treated_mean is not None) == (29, True)
    assert found.sensitivity == ()


def test_nobody_left_and_one_arm_only_are_errors_of_the_data() -> None:
    with pytest.raises(EvaluationError) as error:
        run(trial(20), make_plan(where="x > 1000"))
    assert error.value.code == "LC457"
    with pytest.raises(EvaluationError) as error:
        run(trial(20), make_plan(where="treat == 1"))
    assert error.value.code == "LC452"


def lossy(missing: int = 30) -> pl.DataFrame:
    """A trial in which the first treated people's outcomes are missing."""
    frame = trial(150, effect=0.4)
    rank = pl.col("treat").cum_sum()
    gone = (pl.col("treat") == 1) & (rank <= missing)
    return frame.with_columns(y=pl.when(gone).then(None).otherwise("y"))


def test_missing_outcomes_are_tried_worse_and_better() -> None:
    found = primary(lossy(), make_plan(outcome=MARGIN.format(0.3)))
    worse, better = (way for way in found.sensitivity if way.name.startswith("missing outcomes"))
    shift = 0.2 * number(found.estimate.outcome_sd) * 30 / 150
    assert number(worse.estimate.value) == pytest.approx(number(found.estimate.value) - shift)
    assert number(better.estimate.value) == pytest.approx(number(found.estimate.value) + shift)
    assert "against" in worse.name


def test_against_the_programme_means_up_where_lower_is_better() -> None:
    found = primary(lossy(), make_plan(better="lower"))
    worse = next(way for way in found.sensitivity if "against" in way.name)
    assert number(worse.estimate.value) > number(found.estimate.value)


def test_few_missing_outcomes_are_left_alone() -> None:
    assert not any("missing" in way.name for way in primary(lossy(3), make_plan()).sensitivity)


def test_a_verdict_that_another_setting_turns_is_fragile_and_names_it() -> None:
    flipped = []
    for seed in range(12):
        found = primary(trial(80, seed=seed, effect=0.4), make_plan(covariates=["x"]))
        assert found.verdict.fragile == any(way.flips_verdict for way in found.sensitivity)
        assert found.verdict.flipped_by == tuple(way.name for way in found.sensitivity if way.flips_verdict)
        flipped.append(found.verdict.fragile)
    assert any(flipped)
    assert not all(flipped)


def test_security_is_that_of_the_design_and_the_plan() -> None:
    frame = trial(1000, effect=1.0)
    locked = primary(frame, make_plan(covariates=["x"]), "locked before outcomes")
    assert locked.verdict.security == 5
    matched = primary(
        observed(3000, pull=0.3), make_plan("matching", covariates=["x", "z"]), "locked before outcomes"
    )
    assert matched.verdict.security <= 3


def test_what_was_not_looked_for_is_always_said() -> None:
    found = primary(trial(50), make_plan())
    assert found.verdict.why[-1:] == not_looked(None)


def test_the_chances_of_benefit_and_harm_are_given_only_with_a_margin() -> None:
    assert primary(trial(50), make_plan()).verdict.probability_benefit is None
    found = primary(trial(50), make_plan(outcome=MARGIN.format(0.5))).verdict
    assert 0 <= number(found.probability_harm) < number(found.probability_benefit) <= 1


def test_a_sealed_frame_is_not_needed_to_be_sorted() -> None:
    """Without a unit column the order of the file is the order of people; a trial does not depend on it."""
    frame = trial(100).drop("unit")
    one, other = (
        primary(frame, make_plan(covariates=["x"])),
        primary(frame.reverse(), make_plan(covariates=["x"])),
    )
    assert number(one.estimate.value) == pytest.approx(number(other.estimate.value))
    assert number(one.estimate.std_error) == pytest.approx(number(other.estimate.std_error))


def test_all_figures_of_a_run_are_finite_or_absent() -> None:
    for kind in (False, True):
        plan = make_plan(covariates=["x", "place"], kind="binary" if kind else "continuous")
        found = gather_finding(study(trial(80, binary=kind)), plan, "unlocked").outcomes[0]
        for each in (found.estimate, *(way.estimate for way in found.sensitivity)):
            for name in ("value", "std_error", "conf_low", "conf_high", "p_value", "df", "outcome_sd"):
                part = getattr(each, name)
                assert part is None or math.isfinite(part)


def test_an_outcome_nobody_has_is_reported_as_not_assessable() -> None:
    frame = trial(100).with_columns(lost=pl.lit(None, dtype=pl.Float64))
    found = run(frame, make_plan(more=TWO.format("lost", "secondary"))).outcomes
    assert found[0].verdict.answer == "works"
    assert (found[1].verdict.answer, found[1].estimate.n) == ("not-assessable", 0)


def test_a_small_but_real_trial_may_work_with_low_security_and_careful_words() -> None:
    found = primary(trial(35, effect=3.0), make_plan())
    assert found.verdict.answer == "works"
    assert found.verdict.security <= 1
    assert "was associated with" in found.verdict.sentence
    assert "what would have happened otherwise" not in found.verdict.sentence


def test_a_sensitivity_line_on_too_few_people_gives_no_number_and_flips_nothing() -> None:
    frame = observed(160, pull=3.0)
    found = primary(frame, make_plan("matching", covariates=["x"], settings="caliper = 0"))
    thin = [way for way in found.sensitivity if min(way.estimate.n_treated, way.estimate.n_comparison) < 30]
    assert thin
    for way in thin:
        assert (way.estimate.value, way.flips_verdict) == (None, False)


def test_two_primary_outcomes_share_the_error_rate_in_their_intervals() -> None:
    one = primary(trial(100), make_plan())
    text = plan_text(more=TWO.format("x", "primary")).replace(
        'title = "A question"', 'title = "Q"\nreason = "both"'
    )
    two = run(trial(100), read(text)).outcomes
    assert one.estimate.conf_level == 0.95
    assert [item.estimate.conf_level for item in two] == [0.975, 0.975]
    wide = [number(e.conf_high) - number(e.conf_low) for e in (one.estimate, two[0].estimate)]
    assert wide[1] > wide[0]
    assert number(two[0].estimate.narrow_high) == pytest.approx(number(one.estimate.conf_high))
