"""Weights of follow-up, tipping points, bounds, and what a share missing calls for."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evaluation.frame import ArmCounts, build_frame
from evaluation.methods.registry import METHODS
from evaluation.missing.bounds import _Arm, _ends, lee_bounds, trimmed_mean, worst_cases
from evaluation.missing.facts import MissingFacts
from evaluation.missing.follow_up_weights import follow_up_weights, weighted_fit
from evaluation.missing.missingness_model import missingness_check
from evaluation.missing.tipping_point import shifted, tipping_check, tipping_points
from evaluation.model import Check, Estimate, OutcomeResult
from evaluation.observed.propensity import Separation
from evaluation.plan import AnalysisPlan
from evaluation.protection import released
from evaluation.result import as_payload
from tests.evaluation.gaps import DESIGN, lost_by, people_of, with_gaps
from tests.evaluation.report_samples import SAMPLES
from tests.evaluation.studies import an_estimate, make_plan, number, observed, primary, study, trial
from workspace.settings import DisclosureProfile

WEIGHTED = '[analysis]\nmissing = "inverse-probability"'
MID = "minimum_important_difference = 0.3\nmid_source = 'x'"
FOLLOWED = ("randomised", "cluster-randomised", "weighting", "doubly-robust")


def plan_of(method: str, *, more: str = WEIGHTED, design: str = "", **parts: object) -> AnalysisPlan:
    lines = f'unit = "unit"\n{DESIGN.get(method, "")}\n{design}'
    covariates = parts.pop("covariates", ["x", "z"])
    return make_plan(method, covariates=covariates, design=lines, more=more, **parts)


def check(found: OutcomeResult, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


def names_of(found: OutcomeResult) -> set[str]:
    return {check.name for check in found.checks}


# --- weights of follow-up


@pytest.mark.parametrize("method", FOLLOWED)
@pytest.mark.parametrize("binary", [False, True])
def test_weights_stand_beside_complete_cases_in_every_method_that_has_them(method: str, binary: bool) -> None:
    frame = lost_by(people_of(method, 400, binary=binary))
    kind = "binary" if binary else "continuous"
    settings = 'adjust = "none"' if method == "randomised" else ""
    found = primary(frame, plan_of(method, kind=kind, settings=settings))
    whole = primary(
        people_of(method, 400, binary=binary), plan_of(method, kind=kind, settings=settings)
    ).estimate
    assert number(found.estimate.value) == pytest.approx(
        number(whole.value), abs=3 * number(found.estimate.std_error)
    )
    assert found.sensitivity[0].name == "complete cases"
    assert "99th percentile" in check(found, "follow-up weights").note
    assert number(check(found, "effective follow-up").reading) < found.estimate.n


def test_weights_take_the_bias_of_a_difference_of_means_away() -> None:
    people, plan = (
        trial(2000, 4),
        plan_of("randomised", settings='adjust = "none"', more=f"{WEIGHTED}\ntruncate = 1"),
    )
    found = primary(lost_by(people), plan)
    plain, weighted = number(found.sensitivity[0].estimate.value), number(found.estimate.value)
    assert abs(plain - 1.0) > 0.3
    assert abs(weighted - 1.0) < 0.12


@pytest.mark.parametrize("method", FOLLOWED)
def test_when_nobody_is_lost_everybody_weighs_one(method: str) -> None:
    frame = people_of(method)
    found, plain = primary(frame, plan_of(method)), primary(frame, plan_of(method, more=""))
    assert found.estimate == plain.estimate
    assert "Nobody's outcome is missing" in check(found, "follow-up weights").note


def test_weights_of_one_chance_for_all_leave_the_difference_of_means() -> None:
    draw = np.random.default_rng(1)
    y, treated = draw.normal(size=200), np.repeat([1.0, 0.0], 100)
    seen = draw.random(200) < 0.7
    weights = follow_up_weights(seen, treated, np.empty((200, 0)), 1.0)
    assert weights.values[seen] == pytest.approx(np.ones(int(seen.sum())))
    fit = weighted_fit(y, np.column_stack([np.ones(200), treated]), weights.times(None))
    one, zero = y[seen & (treated == 1)], y[seen & (treated == 0)]
    assert fit.value == pytest.approx(one.mean() - zero.mean())
    error = math.sqrt((fit.influence**2).sum())
    assert error == pytest.approx(math.sqrt(one.var() / len(one) + zero.var() / len(zero)), rel=1e-9)


def test_influences_are_what_leaving_a_person_out_does() -> None:
    """The infinitesimal jackknife beside the real one: both models fitted again without each person."""
    draw = np.random.default_rng(2)
    n, tried = 2000, 150
    x, treated = draw.normal(size=n), np.tile([1.0, 0.0], n // 2)
    y = treated + x + draw.normal(size=n)
    seen = draw.random(n) < 1 / (1 + np.exp(-1 - x))
    design = np.column_stack([np.ones(n), treated])

    def effect(rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
        weights = follow_up_weights(seen[rows], treated[rows], x[rows, None], 1.0)
        return weighted_fit(y[rows], design[rows], weights.times(None)).value

    fit = weighted_fit(y, design, follow_up_weights(seen, treated, x[:, None], 1.0).times(None))
    left_out = np.array([fit.value - effect(np.arange(n) != i) for i in range(tried)])
    # They differ by a person's own leverage on both models: a few hundredths where n is 2000.
    assert fit.influence[:tried] == pytest.approx(left_out, rel=0.05, abs=1e-5)
    assert fit.influence.sum() == pytest.approx(0.0, abs=1e-9)


def test_truncation_brings_the_largest_weights_down_to_its_quantile() -> None:
    draw = np.random.default_rng(3)
    x, treated = draw.normal(size=600), np.tile([1.0, 0.0], 300)
    seen = draw.random(600) < 1 / (1 + np.exp(-2 * x))
    free, cut = (follow_up_weights(seen, treated, x[:, None], q) for q in (1.0, 0.9))
    assert free.cut == 0
    assert cut.cut == pytest.approx(0.1 * seen.sum(), abs=3)
    assert cut.values.max() < free.values.max()
    assert (cut.slope[cut.values < free.values] == 0).all()


def test_follow_up_that_is_told_completely_is_not_assessable() -> None:
    frame = trial(100).with_columns(y=pl.when(pl.col("x") < 0.8).then(pl.col("y")))
    found = primary(frame, plan_of("randomised"))
    assert check(found, "follow-up weights").consequence == "block"
    assert found.verdict.answer == "not-assessable"
    with pytest.raises(Separation):
        follow_up_weights(
            frame["y"].is_not_null().to_numpy(),
            frame["treat"].to_numpy(),
            frame["x"].to_numpy()[:, None],
            1.0,
        )


@pytest.mark.parametrize(
    ("method", "effect", "kind"),
    [
        ("randomised", "risk-ratio", "binary"),
        ("weighting", "odds-ratio", "binary"),
        ("randomised", "rate-ratio", "count"),
    ],
)
def test_ratios_are_weighted_too(method: str, effect: str, kind: str) -> None:
    frame = people_of(method, 400, binary=True)
    found = primary(lost_by(frame), plan_of(method, kind=kind, outcome=f'effect = "{effect}"'))
    assert number(found.estimate.conf_low) > 1
    assert found.estimate.effect == effect


# --- tipping points


def test_the_tipping_point_of_a_plain_difference_by_hand() -> None:
    """Effect 1 [0.2, 1.8], half the treated missing: moved by -0.4 their arm loses 0.2, and zero is inside."""
    plan = plan_of("randomised", more="")
    estimate = an_estimate(1.0, 0.2, 1.8, outcome_sd=2.0, treated_mean=5.0, comparison_mean=4.0)
    arms = ArmCounts(100, 100, 50, 100)

    def turned(other: Estimate) -> str:
        return "works" if number(other.conf_low) > 0 else "inconclusive"

    points = tipping_points(estimate, arms, plan.outcomes[0], "works", turned)
    assert [point.who for point in points] == ["those with the programme"] * 2
    against, favour = points
    assert number(against.shift) == pytest.approx(-0.4, abs=1e-4)
    assert number(against.in_sd) == pytest.approx(-0.2, abs=1e-4)
    assert against.answer == "inconclusive"
    assert favour.shift is None
    note = tipping_check(points, plan.outcomes[0])[0]
    assert "0.4 (0.20 SD) below what the analysis takes them to be." in note.note


def test_no_shift_goes_beyond_the_scale() -> None:
    plan = plan_of("randomised", more="", kind="binary", better="lower")
    estimate = an_estimate(-0.3, -0.4, -0.2, effect="risk-difference", treated_mean=0.5, comparison_mean=0.8)

    def turned(other: Estimate) -> str:
        return "x" if number(other.conf_high) > 0 else "works"

    points = tipping_points(estimate, ArmCounts(100, 100, 90, 90), plan.outcomes[0], "works", turned)
    assert {point.shift for point in points} == {None}
    assert tipping_check(points, plan.outcomes[0])[0].result == "pass"


def test_a_ratio_is_moved_by_what_happens_to_its_risks() -> None:
    plan = plan_of("randomised", more="", kind="binary", outcome='effect = "risk-ratio"')
    estimate = an_estimate(0.5, 0.4, 0.625, effect="risk-ratio", treated_mean=0.2, comparison_mean=0.4)
    moved = shifted(estimate, plan.outcomes[0], (0.5, 0.0), (0.2, 0.4), (0.4, 0.0))
    assert moved is not None
    assert moved.value == pytest.approx(1.0)
    assert moved.conf_high == pytest.approx(1.25)
    assert shifted(estimate, plan.outcomes[0], (1.0, 0.0), (0.2, 0.4), (-0.3, 0.0)) is None


def test_the_tipping_point_agrees_with_imputed_outcomes_moved_by_as_much() -> None:
    """Delta-adjusted imputation proper: the drawn outcomes of the treated moved, estimated again and pooled."""
    from evaluation.missing.imputation import impute
    from evaluation.missing.pooling import pool_estimates

    frame = lost_by(trial(400, 8, effect=0.5))
    plan = plan_of("randomised", more='[analysis]\nmissing = "multiple-imputation"', outcome=MID)
    outcome, method = plan.outcomes[0], METHODS["randomised"].estimate
    found = primary(frame, plan)
    assert found.missing is not None
    point = next(
        p for p in found.missing.tipping if p.who == "those with the programme" and p.shift is not None
    )
    whole = build_frame(study(frame), plan, outcome, gaps=True)
    imputed = impute(whole, plan, outcome)
    moved = []
    for one in imputed.frames:
        theirs = pl.Series(imputed.drawn) & (one.data["treated"] == 1)
        shift = pl.when(theirs).then(number(point.shift)).otherwise(0.0)
        moved.append(
            method(replace(one, data=one.data.with_columns(pl.col("outcome") + shift)), plan, outcome)
        )
    pooled = pool_estimates([m.estimate for m in moved], is_ratio=False)
    assert pooled is not None
    share = (whole.arms.treated - whole.arms.treated_seen) / whole.arms.treated
    by = number(pooled[0].value) - number(found.estimate.value)
    assert by == pytest.approx(share * number(point.shift), rel=0.15)


# --- bounds


def test_worst_cases_of_a_yes_or_no_outcome_by_hand() -> None:
    """10 an arm; treated: 4 yes, 2 no, 4 missing; comparison: 3 yes, 5 no, 2 missing."""
    outcomes = [1, 1, 1, 1, 0, 0, None, None, None, None, 1, 1, 1, 0, 0, 0, 0, 0, None, None]
    frame = pl.DataFrame({"treat": [1.0] * 10 + [0.0] * 10, "y": outcomes})
    plan = make_plan("randomised", kind="binary")
    whole = build_frame(study(frame), plan, plan.outcomes[0], gaps=True)
    bound = worst_cases(whole, plan, plan.outcomes[0], METHODS["randomised"].estimate)
    assert bound is not None
    assert (bound.low, bound.high) == pytest.approx((0.4 - 0.5, 0.8 - 0.3))


def test_without_ends_there_are_no_worst_cases() -> None:
    plan = make_plan("randomised")
    whole = build_frame(study(with_gaps(trial(50))), plan, plan.outcomes[0], gaps=True)
    assert worst_cases(whole, plan, plan.outcomes[0], METHODS["randomised"].estimate) is None


def test_trimming_by_hand() -> None:
    assert trimmed_mean(np.array([1.0, 2.0, 3.0, 4.0]), 0.5, top=True) == 1.5
    assert trimmed_mean(np.array([1.0, 2.0, 3.0, 4.0]), 0.5, top=False) == 3.5
    assert trimmed_mean(np.array([1.0, 2.0, 4.0]), 0.5, top=True) == pytest.approx((1 + 0.5 * 2) / 1.5)
    more, less = _Arm(np.arange(1.0, 9.0), 10), _Arm(np.array([2.0, 2.0, 2.0, 2.0]), 10)
    assert _ends((more, less)) == pytest.approx((2.5 - 2, 6.5 - 2))
    assert _ends((less, more)) == pytest.approx((2 - 6.5, 2 - 2.5))


def test_bounds_meet_where_both_arms_are_seen_alike() -> None:
    frame = trial(100).with_columns(y=pl.when(pl.int_range(pl.len()).over("treat") < 70).then(pl.col("y")))
    plan = make_plan("randomised")
    whole = build_frame(study(frame), plan, plan.outcomes[0], gaps=True)
    bound = lee_bounds(whole, plan.outcomes[0], 0.05, 0)
    assert bound is not None
    assert bound.low == pytest.approx(bound.high)
    plain = number(primary(frame, plan).estimate.value)
    assert bound.low == pytest.approx(plain)
    reach = number(bound.conf_high) - bound.high
    assert reach == pytest.approx(1.96 * number(bound.high_error), rel=0.01)


def test_the_error_of_a_trimmed_end_is_near_that_of_a_bootstrap() -> None:
    draw = np.random.default_rng(12)
    frame = lost_by(trial(500, 3)).with_columns(
        y=pl.when((pl.col("treat") == 0) & (pl.int_range(pl.len()) % 4 == 0))
        .then(None)
        .otherwise(pl.col("y"))
    )
    plan = make_plan("randomised")
    whole = build_frame(study(frame), plan, plan.outcomes[0], gaps=True)
    bound = lee_bounds(whole, plan.outcomes[0], 0.05, 0)
    assert bound is not None
    parts = [
        whole.data.filter(pl.col("treated") == arm)["outcome"].fill_null(float("nan")).to_numpy()
        for arm in (1, 0)
    ]
    ends = []
    for _ in range(600):
        again = [draw.choice(part, len(part)) for part in parts]
        arms = [_Arm(np.sort(part[~np.isnan(part)]), len(part)) for part in again]
        ends.append(_ends((arms[0], arms[1])))
    spread = np.asarray(ends).std(axis=0)
    assert [number(bound.low_error), number(bound.high_error)] == pytest.approx(spread.tolist(), rel=0.15)


def test_trials_of_clusters_draw_whole_clusters_for_their_bounds() -> None:
    found = primary(lost_by(people_of("cluster-randomised", 250)), plan_of("cluster-randomised", more=""))
    assert found.missing is not None
    trimmed = next(bound for bound in found.missing.bounds if bound.name == "trimmed (Lee)")
    assert number(trimmed.conf_low) < trimmed.low <= trimmed.high < number(trimmed.conf_high)


# --- what a share missing calls for


@pytest.mark.parametrize(("share", "wanted"), [(0.03, 0), (0.12, 1), (0.35, 2)])
def test_the_share_missing_says_what_stands_beside_complete_cases(share: float, wanted: int) -> None:
    frame = with_gaps(trial(400, 5, binary=True), share)
    found = primary(frame, plan_of("randomised", more="", kind="binary", covariates=["x"]))
    lines = {way.name.split(" (")[0] for way in found.sensitivity}
    assert found.missing is not None
    assert ("multiple imputation" in lines) is (wanted >= 1)
    assert ({"who is missing", "tipping point"} <= names_of(found)) is (wanted >= 1)
    assert ({"bounds, worst cases", "bounds, trimmed"} <= names_of(found)) is (wanted == 2)
    assert bool(found.missing.tipping) is (wanted >= 1)
    assert len(found.missing.bounds) == (2 if wanted == 2 else 0)


def test_what_cannot_be_imputed_beside_is_said_and_blocks_nothing() -> None:
    frame = with_gaps(trial(200), 0.1).with_columns(
        aux=pl.when(pl.col("treat") == 1).then(pl.col("z")).otherwise(None)
    )
    found = primary(frame, plan_of("randomised", more='[analysis]\nauxiliary = ["aux"]'))
    assert check(found, "imputation").consequence == "none"
    assert found.estimate.value is not None


def test_comparisons_that_were_not_allocated_get_worst_cases_and_no_trimming() -> None:
    frame = with_gaps(observed(600, 5, binary=True), 0.3)
    found = primary(frame, plan_of("weighting", more="", kind="binary"))
    assert found.missing is not None
    assert [bound.name for bound in found.missing.bounds] == ["worst cases (Manski)"]


def test_who_is_missing_can_be_told_or_not() -> None:
    plan = plan_of("randomised", more="")

    def read(frame: pl.DataFrame) -> Check:
        return missingness_check(build_frame(study(frame), plan, plan.outcomes[0], gaps=True))[0]

    told = trial(400).with_columns(y=pl.when(pl.col("x") + 0.3 * pl.col("z") < 0.5).then(pl.col("y")))
    assert read(with_gaps(told, 0.05)).result == "warn"
    chance = read(with_gaps(trial(400), 0.2))
    assert number(chance.reading) < 0.6
    assert "odds ratios for one SD" in chance.note
    assert missingness_check(build_frame(study(trial(50)), plan, plan.outcomes[0], gaps=True)) == ()


def test_facts_reach_the_json_and_are_shortened_where_they_leave_a_project() -> None:
    found = primary(
        with_gaps(trial(400, 5, binary=True), 0.35), plan_of("randomised", more="", kind="binary")
    )
    result = SAMPLES["works"]()
    result = replace(result, outcomes=(found,))
    told = json.loads(json.dumps(as_payload(result, None)))["outcomes"][0]["missing"]
    assert told["rule"] == "complete-case"
    assert {point["who"] for point in told["tipping"]} >= {"those with the programme", "those without it"}
    assert {bound["name"] for bound in told["bounds"]} == {"worst cases (Manski)", "trimmed (Lee)"}
    kept = released(result, DisclosureProfile()).outcomes[0].missing
    assert isinstance(kept, MissingFacts)
    for bound in kept.bounds:
        assert float(f"{bound.low:.2g}") == bound.low
    assert released(released(result, DisclosureProfile()), DisclosureProfile()) == released(
        result, DisclosureProfile()
    )


def test_a_plan_of_keys_runs_on_a_file(tmp_path: Path) -> None:
    from evaluation.store import table_from_file
    from tests.evaluation.studies import plan_text, read

    frame = with_gaps(trial(150), names=("y", "x")).with_columns(near=pl.col("z"))
    frame.write_csv(tmp_path / "people.csv")
    more = '[analysis]\nmissing = "multiple-imputation"\nauxiliary = ["near"]\nimputations = 8'
    plan = read(plan_text("randomised", covariates=["x"], design='unit = "unit"', more=more))
    table, _ = table_from_file(tmp_path / "people.csv", plan)
    assert "near" in table.frame.columns
    assert primary(table.frame, plan).missing is not None
