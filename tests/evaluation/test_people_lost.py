"""What people lost could do: the implied bias in the outcome's unit, trials beyond the boundary, the funnel."""

from __future__ import annotations

import math

import polars as pl
import pytest

from cohorts.following.attrition import worst_bias
from evaluation.actions import graded
from evaluation.finding import gather_finding
from evaluation.frame import AnalysisFrame, ArmCounts
from evaluation.ladders import WWC
from evaluation.model import Check, OutcomeResult
from evaluation.people_lost import bias_check
from evaluation.protection import WITHHELD, masked, released
from tests.evaluation.report_builders import result as a_result
from tests.evaluation.studies import an_estimate, make_plan, observed, primary, study, trial
from workspace.settings import DisclosureProfile

MARGIN = 'minimum_important_difference = {}\nmid_source = "x"\n'
LOCKED = "locked before outcomes"


def bias(kind: str, arms: ArmCounts, spread: float, outcome: str = "", effect: str = "difference") -> Check:
    planned = make_plan(kind=kind, outcome=outcome).outcomes[0]
    frame = AnalysisFrame(pl.DataFrame({"treated": [1.0], "outcome": [1.0]}), (), (), "", (), arms, 0)
    made = an_estimate(1.0, 0.5, 1.5, outcome_sd=spread, effect=effect)
    found = bias_check(frame, made, planned)
    assert found is not None
    return found


def test_the_bias_is_the_models_times_the_outcomes_spread_and_is_told_per_hundred() -> None:
    # 10 of 40 lost against 8 of 48: 0.408 x phi(-0.6745) / 0.75 - 0.354 x phi(-0.9674) / 0.8333 = 0.0667 SD by hand.
    arms = ArmCounts(40, 48, 30, 40)
    found = bias("binary", arms, 0.45, MARGIN.format(0.05), "risk-difference")
    assert found.reading == pytest.approx(0.0667 * 0.45, abs=0.00005)
    assert found.limit == 0.05
    assert (
        found.note
        == "People lost could alone account for up to 3 in every 100; the difference that matters is 5."
    )
    assert (found.result, found.consequence) == ("warn", "none"), "more than half of what matters"


@pytest.mark.parametrize(
    ("times", "result", "consequence"), [(0.99, "fail", "downgrade"), (1.01, "warn", "none"), (2.01, "pass", "none")]
)  # fmt: skip
def test_as_much_as_matters_takes_trust_away_and_half_of_it_is_noted(
    times: float, result: str, consequence: str
) -> None:
    arms = ArmCounts(100, 100, 70, 90)
    margin = times * worst_bias(0.3, 0.1) * 12.0
    found = bias("continuous", arms, 12.0, MARGIN.format(margin))
    assert (found.result, found.consequence) == (result, consequence)


def test_of_a_ratio_it_stands_on_the_log_scale_and_is_told_as_a_ratio() -> None:
    arms = ArmCounts(100, 100, 70, 90)
    found = bias("count", arms, 1.2, MARGIN.format(0.8), "rate-ratio")
    assert found.reading == pytest.approx(worst_bias(0.3, 0.1) * 1.2)
    assert found.limit == pytest.approx(abs(math.log(0.8)))
    assert (
        f"{math.exp(found.reading or 0):.2f} (or down to {math.exp(-(found.reading or 0)):.2f})" in found.note
    )


def test_without_a_difference_that_matters_it_informs_and_without_loss_it_is_nil() -> None:
    arms = ArmCounts(100, 100, 70, 90)
    assert bias("continuous", arms, 2.0).result == "info"
    assert bias("continuous", ArmCounts(100, 100, 100, 100), 2.0).reading == 0


def losing(treated: float, comparison: float, *, shift: float = 0.0, n: int = 300) -> pl.DataFrame:
    """A trial that lost shares of its arms; ``shift``: how much higher the treated stood before."""
    frame = trial(n).with_columns(before=pl.col("x") + 0.3 * pl.col("z") + shift * pl.col("treat"))
    place = pl.int_range(pl.len()).over("treat") / n
    gone = pl.when(pl.col("treat") == 1).then(place < treated).otherwise(place < comparison)
    return frame.with_columns(y=pl.when(gone).then(None).otherwise(pl.col("y")))


def ran(
    frame: pl.DataFrame, baseline: str = "", settings: str = "", covariates: tuple[str, ...] = ("x",)
) -> OutcomeResult:
    outcome = MARGIN.format(0.5) + (f'baseline = "{baseline}"\n' if baseline else "")
    plan = make_plan(covariates=covariates, outcome=outcome, settings=settings, design="seed = 1")
    return primary(frame, plan, LOCKED)


def named(found: OutcomeResult, name: str) -> Check | None:
    return next((check for check in found.checks if check.name == name), None)


def test_a_trial_within_the_boundary_is_not_asked_whether_those_left_were_alike() -> None:
    found = ran(losing(0.1, 0.08), "before")
    assert named(found, "baseline equivalence") is None
    assert found.verdict.security_facts[0].level == 5


@pytest.mark.parametrize(
    ("shift", "settings", "result", "consequence", "security"),
    [(0.0, "", "pass", "none", 2), (0.15, "", "warn", "none", 2), (0.15, 'adjust = "none"', "fail", "downgrade", 1),
     (0.4, "", "fail", "block", 2)],
)  # fmt: skip
def test_a_trial_beyond_the_boundary_is_judged_as_a_comparison(
    shift: float, settings: str, result: str, consequence: str, security: int
) -> None:
    frame = losing(0.28, 0.1)
    one = frame.filter((pl.col("treat") == 1) & pl.col("y").is_not_null())["before"].mean()
    zero = frame.filter((pl.col("treat") == 0) & pl.col("y").is_not_null())["before"].mean()
    assert isinstance(one, float)
    assert isinstance(zero, float)
    frame = frame.with_columns(before=pl.col("before") + (shift - one + zero) * pl.col("treat"))
    found = ran(frame, "before", settings)
    check = named(found, "baseline equivalence")
    assert check is not None
    assert (check.result, check.consequence) == (result, consequence)
    assert found.verdict.security_facts[0].level == 3
    assert found.verdict.security == security
    assert (found.verdict.answer == "not-assessable") is (consequence == "block")
    assert any(reason.code == "W2" for reason in found.verdict.why) is (result == "fail")


def test_a_trial_beyond_the_boundary_that_cannot_show_its_baseline_does_not_meet_the_clearinghouse() -> None:
    found = ran(losing(0.35, 0.1))
    check = named(found, "baseline equivalence")
    assert check is not None
    assert (check.result, check.consequence) == ("fail", "downgrade")
    graded_by = graded(a_result(found, method="randomised"), make_plan().design)
    assert graded_by.ladders["wwc"] == WWC[0]
    assert graded_by.ladders["sms"] == 3


def test_people_who_chose_are_not_asked_for_an_implied_bias() -> None:
    frame = observed(600).with_columns(
        y=pl.when(pl.int_range(pl.len()) % 5 == 0).then(None).otherwise(pl.col("y"))
    )
    found = primary(frame, make_plan("matching", covariates=["x"]), LOCKED)
    assert named(found, "attrition bias") is None


@pytest.mark.parametrize(
    ("kept", "result", "security"), [(0.75, "pass", 4), (0.6, "warn", 4), (0.45, "fail", 2)]
)
def test_the_share_analysed_of_those_the_plan_is_about_caps_security(
    kept: float, result: str, security: int
) -> None:
    """The covariate, not the outcome, is missing: nothing else tells of them."""
    n = 2000
    frame = trial(n)
    gone = pl.int_range(pl.len()).over("treat") / n >= kept
    frame = frame.with_columns(
        x=pl.when(gone).then(None).otherwise(pl.col("x")), age=pl.col("z") + 2.0 * gone
    )
    found = ran(frame, covariates=("x", "age"))
    check = named(found, "funnel")
    assert check is not None
    assert check.reading == pytest.approx(kept, abs=0.001)
    assert check.result == result
    assert found.verdict.security <= (5 if result != "fail" else security)
    lost = next(table for table in found.tables if table.name == "who was lost")
    age = next(row[1] for row in lost.rows if row[0] == "age")
    assert isinstance(age, float)
    assert age < -0.2, "those who were lost were older"


def test_nobody_is_told_who_was_lost_of_a_few() -> None:
    frame = trial(100).with_columns(x=pl.when(pl.int_range(pl.len()) < 29).then(None).otherwise(pl.col("x")))
    assert ran(frame).tables == ()


def test_of_few_lost_or_few_more_in_one_arm_the_bias_is_withheld() -> None:
    profile = DisclosureProfile()
    for frame in (losing(0.02, 0.0), losing(0.21, 0.2)):
        few = named(masked(a_result(ran(frame)), profile).outcomes[0], "attrition bias")
        assert few is not None
        assert (few.reading, few.note) == (None, WITHHELD)


def test_what_leaves_is_the_bias_of_the_shares_that_leave_and_nothing_finer() -> None:
    """10 % lost to the whole per cent and 15 points apart: whoever has the page can work it out, and no more."""
    profile = DisclosureProfile()
    found = ran(losing(0.253, 0.153))
    once = released(masked(a_result(found), profile), profile)
    check, raw = named(once.outcomes[0], "attrition bias"), named(found, "attrition bias")
    assert check is not None
    assert raw is not None
    spread = found.estimate.outcome_sd or 0.0
    assert check.reading == float(f"{worst_bias(0.20 + 0.05, 0.20 - 0.05) * spread:.2g}")
    assert f"up to {check.reading:.2f}" in check.note
    assert check.reading != raw.reading
    assert (check.result, check.consequence) == (raw.result, raw.consequence)
    assert released(once, profile) == once


def test_thirty_events_are_needed_beside_the_primary_outcome() -> None:
    frame = trial(200).with_columns(few=(pl.int_range(pl.len()) % 15 == 0).cast(pl.Float64))
    more = '[[outcome]]\nmeasure = "few"\nrole = "{}"\nkind = "count"\nbetter = "lower"\n'
    plan = make_plan(more=more.format("secondary"))
    second = gather_finding(study(frame), plan, LOCKED).outcomes[1]
    assert (second.verdict.answer, second.verdict.detail) == ("not-assessable", "events in all")
    assert second.estimate.conf_low is None
    alone = make_plan(measure="few", kind="count", better="lower")
    assert named(primary(frame, alone, LOCKED), "events in all") is None
