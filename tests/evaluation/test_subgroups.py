"""Subgroups: the difference of effects by hand, families of tests, clusters across groups, what may be shown."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation.clusters.interaction import joint_effects
from evaluation.differences.difference import signature
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.frame import build_frame
from evaluation.model import GroupDifference, GroupEffect, OutcomeResult, Subgroup
from evaluation.plan import canonical, fingerprint
from evaluation.protection import withheld
from evaluation.reporting.groups import difference_text
from evaluation.subgroups.comparison import Asked, answered
from evaluation.subgroups.keys import explored_by
from evaluation.subgroups.protection import WITHHELD_GROUP, shown_subgroup
from tests.evaluation.studies import (
    an_estimate,
    make_plan,
    number,
    plan_text,
    primary,
    read,
    schools,
    study,
    trial,
)
from workspace.settings import DisclosureProfile

ROOT = Path(__file__).parents[2]
BY_SEX = '[[subgroup]]\nby = "sex"\nreason = "girls came to more sessions"\n'
PROFILE = DisclosureProfile()


def sexes(n: int = 200, seed: int = 3, extra: float = 0.0) -> pl.DataFrame:
    frame = trial(n, seed).with_columns(sex=pl.when(pl.col("z") > 0).then(pl.lit("f")).otherwise(pl.lit("m")))
    return frame.with_columns(y=pl.col("y") + extra * pl.col("treat") * (pl.col("sex") == "f"))


def only(found: OutcomeResult) -> Subgroup:
    (one,) = found.subgroups
    return one


def test_two_groups_by_hand_are_welchs_effects_and_the_difference_of_them() -> None:
    frame = sexes()
    found = only(primary(frame, make_plan(more=BY_SEX)))
    effects = []
    for sex in ("f", "m"):
        part = frame.filter(pl.col("sex") == sex)
        one, zero = (part.filter(pl.col("treat") == arm)["y"].to_numpy() for arm in (1, 0))
        spread = one.var(ddof=1) / len(one), zero.var(ddof=1) / len(zero)
        df = sum(spread) ** 2 / (spread[0] ** 2 / (len(one) - 1) + spread[1] ** 2 / (len(zero) - 1))
        effects.append((one.mean() - zero.mean(), sum(spread), df))
    for group, (value, variance, _) in zip(found.groups, effects, strict=True):
        assert group.estimate.value == pytest.approx(value)
        assert group.estimate.std_error == pytest.approx(math.sqrt(variance))
    (difference,) = found.differences
    total = effects[0][1] + effects[1][1]
    df = total**2 / sum(variance**2 / df for _, variance, df in effects)
    assert (difference.level, difference.against) == ("m", "f")
    assert difference.value == pytest.approx(effects[1][0] - effects[0][0])
    assert difference.std_error == pytest.approx(math.sqrt(total))
    assert difference.df == pytest.approx(df)
    p = 2 * stats.t.sf(abs(difference.value) / difference.std_error, df)
    assert (difference.p_value, found.p_value) == pytest.approx((p, p))


def test_three_groups_are_tested_together_by_walds_test() -> None:
    found = only(primary(trial(200), make_plan("weighting", covariates=["x"], design='estimand = "ATE"',
                         more='[[subgroup]]\nby = "place"\nreason = "r"\n')))  # fmt: skip
    assert [group.level for group in found.groups] == ["east", "north", "south"]
    values = np.array([number(group.estimate.value) for group in found.groups])
    weights = np.array([number(group.estimate.std_error) ** -2 for group in found.groups])
    middle = (weights * values).sum() / weights.sum()
    cochran = float((weights * (values - middle) ** 2).sum())
    assert found.p_value == pytest.approx(stats.chi2.sf(cochran, 2))
    assert [one.level for one in found.differences] == ["north", "south"]


def test_groups_of_a_ratio_are_compared_as_a_ratio_of_ratios() -> None:
    cells = {("f", 1): (40, 60), ("f", 0): (20, 80), ("m", 1): (30, 70), ("m", 0): (30, 70)}
    rows = [(sex, float(arm), y) for (sex, arm), (a, b) in cells.items() for y in [1.0] * a + [0.0] * b]
    frame = pl.DataFrame(rows, schema=["sex", "treat", "y"], orient="row")
    plan = make_plan(kind="binary", outcome='effect = "risk-ratio"', settings='errors = "HC0"', more=BY_SEX)
    found = only(primary(frame, plan))
    (difference,) = found.differences
    assert [group.estimate.value for group in found.groups] == pytest.approx([2.0, 1.0])
    assert difference.value == pytest.approx(0.5)
    katz = 1 / 40 - 1 / 100 + 1 / 20 - 1 / 100 + 2 * (1 / 30 - 1 / 100)
    assert difference.std_error == pytest.approx(math.sqrt(katz))
    assert difference.conf_low * difference.conf_high == pytest.approx(0.25)
    assert difference_text(difference, "risk-ratio", "").endswith(" times")


def test_numbers_are_groups_in_their_own_order_and_the_unknown_are_left_out_and_counted() -> None:
    frame = sexes().with_columns(band=pl.Series([10.0, 9.0, None, 10.0] * 100))
    found = only(primary(frame, make_plan(more='[[subgroup]]\nby = "band"\nreason = "r"\n')))
    assert [group.level for group in found.groups] == ["9", "10"]
    assert found.left_out == 100
    assert primary(frame, make_plan()).estimate.n == 400


def test_the_column_of_the_groups_adjusts_for_nothing_within_them() -> None:
    frame = sexes()
    both = only(primary(frame, make_plan(covariates=["x", "sex"], more=BY_SEX)))
    one = only(primary(frame, make_plan(covariates=["x"], more=BY_SEX)))
    assert both.groups == one.groups
    strata = only(primary(frame, make_plan(covariates=["x"], design='strata = "sex"', more=BY_SEX)))
    assert strata.groups == one.groups
    nothing = only(primary(frame, make_plan("matching", covariates=["sex"], more=BY_SEX)))
    assert nothing.answer == "cannot-tell"
    assert "only covariate" in nothing.groups[0].note


# --- families and answers


def read_of(p: float | None, registered: bool = True, low: float = -1.0, high: float = 1.0) -> Subgroup:
    group = GroupEffect("a", an_estimate(0.0, -1.0, 1.0))
    differences = () if p is None else (GroupDifference("b", "a", 0.0, 0.5, low, high, p, None),)
    return Subgroup(
        "g", "r", registered, "difference", (group, group), differences, p, None, "cannot-tell", ""
    )


def test_holm_over_registered_groups_of_primaries_and_benjamini_hochberg_over_the_others() -> None:
    asked = [
        Asked((read_of(0.01), read_of(0.04), read_of(0.5, registered=False)), True, None),
        Asked((read_of(0.03), read_of(0.04)), False, None),
    ]
    found = answered(asked, 0.05)
    assert [one.p_value_adjusted for one in found[0]] == pytest.approx([0.02, 0.04, 0.5])
    assert [one.p_value_adjusted for one in found[1]] == pytest.approx([0.04, 0.04])
    assert [one.answer for one in found[0]] == ["differs", "differs", "no-evidence-of-a-difference"]


@pytest.mark.parametrize(
    ("p", "margin", "ends", "answer"),
    [
        (0.01, 0.5, (0.2, 1.0), "differs"),
        (0.3, 0.5, (-0.4, 1.0), "no-evidence-of-a-difference"),
        (0.3, 0.5, (-0.6, 1.0), "cannot-tell"),
        (0.3, None, (-9.0, 9.0), "no-evidence-of-a-difference"),
        (None, 0.5, (0.0, 0.0), "cannot-tell"),
    ],
)
def test_the_answer_follows_from_the_test_and_from_what_the_interval_holds(
    p: float | None, margin: float | None, ends: tuple[float, float], answer: str
) -> None:
    ((found,),) = answered([Asked((read_of(p, True, *ends),), True, margin)], 0.05)
    assert found.answer == answer
    assert "'g'" in found.sentence


def test_a_true_difference_is_found_and_is_no_verdict() -> None:
    found = primary(sexes(300, extra=2.0), make_plan(more=BY_SEX))
    assert only(found).answer == "differs"
    assert found.verdict == primary(sexes(300, extra=2.0), make_plan()).verdict


def test_how_often_a_difference_is_claimed_that_is_not_there() -> None:
    """Sixty null trials with one group analysis each: at 5 %, seven or fewer false claims (99 % of such series)."""
    plan = make_plan(more=BY_SEX)
    claimed = sum(only(primary(sexes(80, seed), plan)).answer == "differs" for seed in range(60))
    assert claimed <= 7


# --- clusters that hold people of several groups


def mixed_schools(seed: int = 2) -> pl.DataFrame:
    return schools(300, seed, icc=0.3).with_columns(
        sex=pl.when(pl.col("z") > 0).then(pl.lit("f")).otherwise(pl.lit("m"))
    )


def test_pupils_of_one_school_share_what_is_good_about_it_and_the_difference_knows() -> None:
    plan = make_plan("cluster-randomised", covariates=["x"], design='cluster = "school"', more=BY_SEX)
    found = only(primary(mixed_schools(), plan))
    (difference,) = found.differences
    apart = math.hypot(*(number(group.estimate.std_error) for group in found.groups))
    assert difference.std_error < 0.8 * apart
    assert "one model" in found.note


def test_the_joint_model_of_a_trial_of_people_is_least_squares_with_clustered_errors() -> None:
    frame = mixed_schools()
    plan = make_plan(covariates=["x"], design='cluster = "school"', settings='errors = "HC1"', more=BY_SEX)
    built = build_frame(study(frame), plan, plan.outcomes[0])
    joint = joint_effects(built, plan, plan.outcomes[0], "sex", ("f", "m"))
    assert joint is not None
    data = built.data
    f, t = (data["group:sex"] == "f").to_numpy().astype(float), data["treated"].to_numpy()
    design = np.column_stack([f, 1 - f, data["x:x"].to_numpy(), f * t, (1 - f) * t])
    codes = np.unique(data["cluster"].to_numpy(), return_inverse=True)[1]
    fit = sm.OLS(data["outcome"].to_numpy(), design).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert joint.values == pytest.approx(fit.params[-2:])
    assert joint.covariance == pytest.approx(fit.cov_params()[-2:, -2:])


def test_where_no_joint_model_is_made_the_report_says_that_errors_take_groups_apart() -> None:
    plan = make_plan("weighting", covariates=["x"], design='cluster = "school"', more=BY_SEX)
    assert "too wide" in only(primary(mixed_schools(), plan)).note


# --- the plan


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ('[[subgroup]]\nreason = "r"\n', "LC402", "[[subgroup]]"),
        ('[[subgroup]]\nby = "sex"\n', "LC402", "[[subgroup]]"),
        ('[[subgroup]]\nby = "treat"\nreason = "r"\n', "LC403", 'by = "treat"'),
        ('[[subgroup]]\nby = "y"\nreason = "r"\n', "LC412", 'by = "y"'),
        (BY_SEX + BY_SEX.replace("reason", "reason "), "LC409", 'by = "sex"'),
        ('[[subgroup]]\nby = "sex"\nreason = "r"\nwhere = "x"\n', "LC401", "where"),
    ],
)
def test_a_fault_of_a_subgroup_names_its_line(more: str, code: str, place: str) -> None:
    text = plan_text(more=more)
    with pytest.raises(EvaluationError) as caught:
        read(text)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(place)]
    assert (code, f"plan.toml:{lines[-1]}") in {(fault.code, fault.where) for fault in caught.value.faults}


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(EvaluationError, match="there is no column 'sex'"):
        primary(trial(), make_plan(more=BY_SEX))


def test_a_plan_without_subgroups_keeps_its_fingerprint_and_explored_ones_do_not_touch_it() -> None:
    bare, planned = make_plan(), make_plan(more=BY_SEX)
    assert "subgroups" not in json.loads(canonical(bare))
    assert fingerprint(bare) != fingerprint(planned)
    explored = explored_by(planned, ["sex", "place", "place"])
    assert [(one.by, one.registered) for one in explored.subgroups] == [("sex", True), ("place", False)]
    # Whether a re-run may be shown hangs on what is computed of everybody, whatever groups are asked for beside.
    assert signature(bare) == signature(planned) == signature(explored)


def run_file(folder: Path, *more: str) -> Any:
    sexes(200, extra=2.0).write_csv(folder / "people.csv")
    (folder / "plan.toml").write_text(plan_text(design='unit = "unit"', more=BY_SEX), encoding="utf-8")
    command = [sys.executable, "-m", "cli", "evaluate", "run", str(folder / "plan.toml"), "--data",
               str(folder / "people.csv"), *more]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_file_mode_gives_groups_in_json_report_and_terminal(tmp_path: Path) -> None:
    done = run_file(tmp_path, "--json", "--out", str(tmp_path / "out"), "--by", "place")
    assert done.returncode == 0, done.stderr
    payload = json.loads(done.stdout)
    one, other = payload["outcomes"][0]["subgroups"]
    assert (one["by"], one["registered"], one["answer"]) == ("sex", True, "differs")
    assert (other["by"], other["registered"]) == ("place", False)
    assert one["groups"][0]["estimate"]["value"] > one["groups"][1]["estimate"]["value"]
    assert payload["plan"]["sha256"] == fingerprint(
        read((tmp_path / "plan.toml").read_text(encoding="utf-8"))
    )
    page = next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    assert "Does the effect differ between groups" in page
    assert "girls came to more sessions" in page
    assert "The plan does not name these groups." in page
    said = run_file(tmp_path, "--by", "place").stdout
    assert "groups: The effect differs between groups of 'sex'." in said
    assert "EXPLORATORY (not in the plan)" in said


# --- what may be shown


def shown_sizes(*sizes: int, left_out: int = 0) -> list[bool]:
    groups = tuple(
        GroupEffect(f"g{i}", an_estimate(1.0, 0.0, 2.0, arms=(n, n), treated_mean=5.0, comparison_mean=4.0))
        for i, n in enumerate(sizes)
    )
    differences = tuple(
        GroupDifference(f"g{i}", "g0", 0.0, 1.0, -1.0, 1.0, 0.5, None) for i in range(1, len(sizes))
    )
    asked = Subgroup(
        "g", "r", True, "difference", groups, differences, 0.5, 0.5, "cannot-tell", "s", left_out
    )
    found = shown_subgroup("continuous", asked, PROFILE)
    hidden = {group.level for group in found.groups if group.estimate is None}
    assert all(group.note == WITHHELD_GROUP for group in found.groups if group.level in hidden)
    assert not hidden & {level for one in found.facts.differences for level in (one.level, one.against)}
    assert (found.facts.p_value is None) == bool(hidden) == (not found.whole)
    return [group.estimate is not None for group in found.groups]


def test_a_small_group_is_withheld_and_never_alone() -> None:
    assert shown_sizes(100, 200, 300) == [True, True, True]
    assert shown_sizes(100, 3, 300) == [False, False, True]
    assert shown_sizes(3, 200) == [False, False]
    assert shown_sizes(3, 7, 300) == [False, False, True]


def test_what_is_left_of_everybody_is_never_a_few_people() -> None:
    """The effect on everybody less those of the groups that are shown is the effect on the others."""
    assert shown_sizes(3, 4, 300) == [False, False, False]
    assert shown_sizes(3, 4, 200, 300) == [False, False, False, True]
    assert shown_sizes(100, 200, left_out=3) == [False, True]
    assert shown_sizes(100, 200, left_out=19) == [False, True]  # nine of them may be in one arm
    assert shown_sizes(100, 200, left_out=20) == [True, True]
    assert shown_sizes(3, 7, 300, left_out=2) == [False, False, True]


def test_an_outcome_that_is_withheld_takes_its_groups_along() -> None:
    found = primary(sexes(), make_plan(more=BY_SEX))
    small = replace(found, estimate=replace(found.estimate, n_treated=3))
    assert withheld(small, PROFILE).subgroups == ()


def test_every_outcome_is_asked_and_a_second_one_is_in_a_family_of_its_own() -> None:
    more = '[[outcome]]\nmeasure = "w"\nrole = "secondary"\nkind = "continuous"\nbetter = "higher"\n' + BY_SEX
    frame = sexes(extra=1.0).with_columns(w=pl.col("y") * 2)
    found = gather_finding(study(frame), make_plan(more=more), "unlocked")
    first, second = (only(outcome) for outcome in found.outcomes)
    assert second.p_value_adjusted == pytest.approx(number(first.p_value))
