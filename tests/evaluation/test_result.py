"""A result as JSON: its shape, and no small count anywhere in what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cohorts.attacks.estimates import arms_of
from cohorts.disclosure import publish_count
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.model import DataFacts, PlanFacts, Result
from evaluation.protection import _whole_percents, masked, released, released_mean
from evaluation.result import as_payload
from tests.evaluation.studies import make_plan, observed, study, trial
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
FIGURES = (
    "value", "std_error", "conf_low", "conf_high", "p_value", "treated_mean", "comparison_mean",
    "outcome_sd", "standardised",
)  # fmt: skip
COUNTS = ("rows", "n", "n_treated", "n_comparison", "n_clusters")


def result(frame: pl.DataFrame, **parts: Any) -> Result:
    plan = make_plan(parts.pop("method", "randomised"), **parts)
    finding = gather_finding(study(frame, row_of=0), plan, "unlocked")
    outcome = finding.outcomes[0]
    return Result(
        "EVAL-001", PlanFacts("a-plan", "A question", "0" * 64, "unlocked"),
        DataFacts(frame.height, "f" * 64, "people"),
        plan.design.method, "chance", (), outcome.flow, finding.outcomes, finding.links, {}, {"seed": 0},
    )  # fmt: skip


def kept(made: Result, profile: DisclosureProfile = PROFILE) -> dict[str, Any]:
    """What is saved in a project: as evaluation.actions does it."""
    return as_payload(masked(made, profile), profile)


def walk(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from walk(value, key)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from walk(value, name)
    else:
        yield name, part


def test_the_payload_has_the_keys_of_the_contract() -> None:
    payload = as_payload(result(trial(50), covariates=["x"]), None)
    assert set(payload) >= {"plan", "data", "method", "flow", "outcomes", "ladders", "provenance"}
    assert set(payload["plan"]) >= {"id", "sha256", "state", "deviations"}
    assert set(payload["data"]) == {"rows", "sha256", "cohort"}
    (outcome,) = payload["outcomes"]
    assert set(outcome) >= {
        "measure", "role", "kind", "better", "planned", "estimate", "path", "balance", "checks",
        "sensitivity", "verdict", "missing",
    }  # fmt: skip
    assert set(outcome["estimate"]) >= {
        "estimand", "effect", "value", "std_error", "conf_low", "conf_high", "conf_level", "p_value",
        "p_value_adjusted",
        "df", "n_treated", "n_comparison", "n_clusters", "treated_mean", "comparison_mean", "standardised",
    }  # fmt: skip
    assert set(outcome["verdict"]) >= {
        "answer",
        "detail",
        "security",
        "fragile",
        "can_say",
        "cannot_say",
        "why",
        "next",
    }
    assert set(outcome["checks"][0]) == {"name", "result", "reading", "limit", "consequence", "note"}
    assert set(outcome["balance"][0]) == {"covariate", "smd_before", "smd_after", "variance_ratio", "band"}
    assert set(outcome["sensitivity"][0]) == {"name", "estimate", "flips_verdict"}


@pytest.mark.parametrize("profile", [None, PROFILE])
def test_the_payload_is_json_without_infinities(profile: DisclosureProfile | None) -> None:
    for frame in (trial(50), trial(5), trial(50).with_columns(y=pl.lit(1.0))):
        json.dumps(as_payload(result(frame, covariates=["x"]), profile), allow_nan=False)


def test_file_mode_gives_counts_and_means_in_full_and_says_so() -> None:
    made = result(trial(53, binary=True), kind="binary")
    payload = as_payload(made, None)
    assert payload["outcomes"][0]["estimate"]["n_treated"] == 53
    assert payload["outcomes"][0]["estimate"]["treated_mean"] == made.primary.estimate.treated_mean
    assert str(payload["disclosure"]).startswith("not applied")


def test_with_a_profile_estimates_keep_their_digits_and_counts_are_rounded() -> None:
    made = result(trial(53))
    payload = kept(made)
    estimate = payload["outcomes"][0]["estimate"]
    assert estimate["value"] == made.primary.estimate.value
    assert (estimate["n_treated"], payload["data"]["rows"]) == (55, 105)
    assert payload["disclosure"] == {"threshold": 10, "rounding": 5}


def rare(n1: int, n0: int, events1: int, events0: int, missing: int) -> pl.DataFrame:
    def arm(n: int, events: int, gone: int) -> list[float | None]:
        return [None] * gone + [1.0] * events + [0.0] * (n - events)

    y = arm(n1, events1, missing) + arm(n0, events0, 0)
    return pl.DataFrame(
        {
            "treat": [1.0] * (n1 + missing) + [0.0] * n0,
            "y": y,
            "school": [f"s{i % 45}" for i in range(len(y))],
            "x": [float(i * 7 % 11) for i in range(len(y))],
        },
        schema_overrides={"y": pl.Float64},
    )


sizes = st.integers(0, 80)


@settings(max_examples=150, deadline=None)
@given(
    n1=sizes,
    n0=sizes,
    share1=st.integers(0, 80),
    share0=st.integers(0, 80),
    missing=st.integers(0, 12),
    method=st.sampled_from(["randomised", "clustered", "matching"]),
)
def test_no_small_count_of_people_stands_anywhere_in_what_is_kept(
    n1: int, n0: int, share1: int, share0: int, missing: int, method: str
) -> None:
    assume(n1 + missing > 0)
    events1, events0 = min(n1, share1), min(n0, share0)
    parts: dict[str, Any] = {"kind": "binary", "better": "lower", "covariates": ["x"]}
    if method == "matching":
        parts["method"] = "matching"
    if method == "clustered":
        parts["design"] = 'cluster = "school"'
    try:
        made = result(rare(n1, n0, events1, events0, missing), **parts)
    except EvaluationError:
        return
    payload = kept(made)
    counts_are_safe(payload)
    outcome = payload["outcomes"][0]
    if 0 < missing < 10:
        missing_is_withheld(outcome)
    for check in outcome["checks"]:
        if check["name"] in ("people", "identification"):
            assert check["reading"] is None or not 0 < check["reading"] < 10
    estimates_are_safe(made, outcome)


def counts_are_safe(payload: dict[str, Any]) -> None:
    for name, value in walk(payload):
        if name in COUNTS:
            assert value is None or value == 0 or (value >= 10 and value % 5 == 0), (name, value)


def missing_is_withheld(outcome: dict[str, Any]) -> None:
    for check in outcome["checks"]:
        if check["name"] in ("missing outcomes", "attrition"):
            assert not check["reading"], check
            assert "(withheld)" in check["note"] or "%" not in check["note"], check
    for fact in outcome["verdict"]["security_facts"]:
        assert fact["part"] != "attrition" or "(withheld)" in fact["fact"], fact


def estimates_are_safe(made: Result, outcome: dict[str, Any]) -> None:
    full, estimate = made.primary.estimate, outcome["estimate"]
    for arm, n in (("treated", full.n_treated), ("comparison", full.n_comparison)):
        if estimate[f"{arm}_mean"] is not None:
            exact, shown = getattr(full, f"{arm}_mean"), estimate[f"n_{arm}"]
            for mean, of in (
                (exact, n),
                (estimate[f"{arm}_mean"], shown),
            ):  # the truth, and what a reader works out
                events = round(mean * of)
                assert not 0 < events < 10
                assert not 0 < of - events < 10
    if not full.n_treated or not full.n_comparison:
        return  # an empty arm has no mean to withhold
    for each in (estimate, *(way["estimate"] for way in outcome["sensitivity"])):
        if each["treated_mean"] is None or each["comparison_mean"] is None:
            assert [each[name] for name in FIGURES] == [None] * len(FIGURES)


@pytest.mark.parametrize(
    ("events1", "events0"), [(3, 30), (30, 3), (197, 30), (30, 197), (0, 3), (9, 9), (191, 100)]
)
def test_a_rare_outcome_is_withheld_with_everything_that_would_give_it_back(
    events1: int, events0: int
) -> None:
    made = result(rare(200, 200, events1, events0, 0), kind="binary")
    outcome = kept(made)["outcomes"][0]
    estimate = outcome["estimate"]
    for name in (
        "value",
        "std_error",
        "conf_low",
        "conf_high",
        "p_value",
        "treated_mean",
        "comparison_mean",
        "outcome_sd",
        "standardised",
    ):
        assert estimate[name] is None, name
    said = " ".join([outcome["verdict"]["sentence"], *outcome["verdict"]["can_say"]])
    assert f"{100 * abs(events1 - events0) / 200:g} " not in said
    assert not any(word[0].isdigit() for word in outcome["verdict"]["sentence"].split())


@pytest.mark.parametrize(("events1", "events0"), [(0, 30), (10, 190), (100, 100), (200, 30)])
def test_a_common_outcome_and_none_or_all_are_shown(events1: int, events0: int) -> None:
    estimate = kept(result(rare(200, 200, events1, events0, 0), kind="binary"))["outcomes"][0]["estimate"]
    assert estimate["treated_mean"] == pytest.approx(events1 / 200)
    assert estimate["value"] == pytest.approx((events1 - events0) / 200)


def test_flow_steps_that_lose_a_few_people_do_not_show_how_few() -> None:
    made = result(rare(100, 100, 40, 40, 3), kind="binary")
    assert [step["n"] for step in kept(made)["flow"]] == [205, 205, 200]
    assert [step.n for step in made.flow] == [203, 203, 200]


def test_a_few_missing_outcomes_in_a_large_pool_do_not_show_through_their_share() -> None:
    """The share is of everyone of known arm, not of the few who were matched."""
    frame = observed(2000, pull=3.0).with_row_index()
    frame = frame.filter((pl.col("treat") == 0) | (pl.col("index") < 200)).sort("treat", "index")
    frame = frame.with_row_index("rank")
    frame = frame.with_columns(y=pl.when(pl.col("rank") < 3).then(None).otherwise("y"))
    made = result(
        frame.drop("index", "rank"), method="matching", covariates=["x", "z"], settings="caliper = 0.05"
    )
    assert frame.height > 1000
    assert made.primary.estimate.n < 200
    missing_is_withheld(kept(made)["outcomes"][0])


def test_masking_leaves_the_result_itself_as_it_was() -> None:
    made = result(rare(100, 100, 4, 40, 3), kind="binary")
    before = replace(made)
    kept(made)
    assert made == before


def test_a_matched_comparison_does_not_give_the_number_of_pairs_away() -> None:
    made = result(observed(300), method="matching", covariates=["x"])
    pairs = made.primary.estimate.n_treated
    payload = kept(made)
    assert pairs % 5
    for name, value in walk(payload):
        if name in COUNTS:
            assert value is None or value % 5 == 0


def test_degrees_of_freedom_are_rounded_in_what_is_kept_because_they_give_people_away() -> None:
    made = result(trial(103, effect=2.0))
    assert as_payload(made, None)["outcomes"][0]["estimate"]["df"] == pytest.approx(200.5058760608885)
    assert kept(made)["outcomes"][0]["estimate"]["df"] == 200


def test_no_mean_share_or_reading_that_is_kept_gives_the_exact_number_of_people_back() -> None:
    """53 and 53 people, 19 and 27 events: released as 20 of 55 and 25 of 55."""
    made = result(rare(53, 53, 19, 27, 0), kind="binary", better="lower")
    outcome = kept(made)["outcomes"][0]
    estimate = outcome["estimate"]
    assert (estimate["treated_mean"], estimate["comparison_mean"]) == (0.364, 0.455)
    assert (estimate["value"], estimate["std_error"]) == (
        made.primary.estimate.value,
        made.primary.estimate.std_error,
    )
    readings = {check["name"]: check["reading"] for check in outcome["checks"]}
    assert readings["people"] == 55
    raw = {check.name: check.reading for check in made.primary.checks}
    assert raw["people"] == 53
    again = released(released(masked(made, PROFILE), PROFILE), PROFILE)
    assert again == released(masked(made, PROFILE), PROFILE)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(20, 400), events=st.integers(10, 390), score=st.integers(1, 5000))
def test_areleased_mean_fits_every_arm_or_more_than_one_within_the_rounding(
    n: int, events: int, score: int
) -> None:
    assume(events <= n - 10)
    arm = {"estimate": {"n_treated": publish_count(n, PROFILE)}, "measure": "m", "checks": []}
    for kind, mean in (("binary", events / n), ("continuous", score / n)):
        shown = released_mean(kind, mean, n, PROFILE)  # type: ignore[arg-type]
        told = arm | {"kind": kind, "estimate": arm["estimate"] | {"treated_mean": shown}}  # type: ignore[operator]
        found = arms_of("r", {"data": {"cohort": "c"}, "outcomes": [told]}, PROFILE)
        assert not found[0].is_exact


def test_means_of_a_result_that_is_withheld_are_left_for_the_rule_that_withholds_them() -> None:
    made = result(rare(12, 40, 2, 15, 0), kind="binary", better="lower")
    assert released(made, PROFILE).primary.estimate == made.primary.estimate
    assert kept(made)["outcomes"][0]["estimate"]["treated_mean"] is None


def test_percentages_in_notes_lose_their_decimals_from_one_per_cent_on() -> None:
    assert (
        _whole_percents("Overall 12.7 %, 0.4 points apart; 3.2 points")
        == "Overall 13 %, 0.4 points apart; 3 points"
    )
