"""Six ladders: the grade, the fact that decided it, one step up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evaluation.ladders import GRADES, WWC, Facts, climb, thresholds_crossed
from evaluation.methods.registry import METHODS
from evaluation.model import Answer, Check, OutcomeResult, Rung
from tests.evaluation.report_builders import outcome


def check(name: str, result: Any, consequence: Any = "none", reading: float | None = None) -> Check:
    return Check(name, result, reading, None, consequence, f"{name} said so.")


LOW, HIGH = check("attrition", "pass"), check("attrition", "fail", "downgrade")


def found(answer: Answer = "works", security: int = 4, *checks: Check, **estimate: Any) -> OutcomeResult:
    base = outcome(answer)
    return replace(
        base,
        checks=checks,
        subgroups=(),
        verdict=replace(base.verdict, answer=answer, security=security),
        estimate=replace(base.estimate, **({"conf_high": -0.06} | estimate)),
    )


def rungs(
    method: str, sms: int, result: OutcomeResult, links: int = 0, moderators: int = 0
) -> dict[str, Rung]:
    facts = Facts(method, sms, result, links, moderators, by_chance=METHODS[method].design_level == 5)
    return {rung.ladder: rung for rung in climb(facts)}


def test_a_trial_with_little_lost_stands_at_the_top() -> None:
    up = rungs("randomised", 5, found("works", 4, LOW))
    assert (up["sms"].grade, up["wwc"].grade, up["grade"].grade, up["eif"].grade) == (5, WWC[2], "high", 3)
    assert up["padlocks"].grade == 4


def test_a_trial_that_lost_many_is_no_better_than_a_comparison() -> None:
    up = rungs("randomised", 5, found("works", 2, HIGH))
    assert (up["sms"].grade, up["wwc"].grade) == (3, WWC[0])
    assert up["grade"].grade == "moderate"
    assert "attrition" in up["grade"].fact
    alike = rungs("randomised", 5, found("works", 2, HIGH, check("baseline equivalence", "pass")))
    assert alike["wwc"].grade == WWC[1]


def test_matching_needs_the_outcome_before() -> None:
    without = rungs("matching", 2, found("works", 2, LOW))
    assert (without["sms"].grade, without["wwc"].grade, without["grade"].grade) == (2, WWC[0], "low")
    assert "baseline" in without["wwc"].step_up
    alike = rungs("matching", 2, found("works", 2, LOW, check("baseline equivalence", "warn")))
    assert alike["wwc"].grade == WWC[1]


def test_a_pre_trend_that_failed_takes_a_level_of_the_maryland_scale() -> None:
    held = rungs("difference-in-differences", 3, found("works", 3, LOW))
    failed = rungs(
        "difference-in-differences", 3, found("works", 3, LOW, check("pre-trend", "fail", "downgrade"))
    )
    assert (held["sms"].grade, failed["sms"].grade) == (3, 2)


@pytest.mark.parametrize(
    ("method", "sms", "name", "result"),
    [("difference-in-differences", 3, "pre-trend", "fail"), ("staggered-adoption", 3, "earlier trends", "warn"),
     ("synthetic-control", 3, "fit before", "warn"), ("displacement-difference", 3, "drift before the start", "warn"),
     ("displacement-difference", 3, "alike before", "warn"), ("regression-discontinuity", 4, "density", "fail")],
)  # fmt: skip
def test_a_comparison_that_is_not_shown_to_hold_takes_a_level_of_the_maryland_scale(
    method: str, sms: int, name: str, result: Any
) -> None:
    doubted = found("works", 3, LOW, check(name, result, "downgrade"))
    assert rungs(method, sms, found("works", 3, LOW, check(name, "pass")))["sms"].grade == sms
    assert rungs(method, sms, doubted)["sms"].grade == sms - 1


def test_clusters_lost_count_as_people_lost_do() -> None:
    lost = found("works", 3, LOW, check("cluster attrition", "fail", "downgrade"))
    assert rungs("cluster-randomised", 5, lost)["wwc"].grade == WWC[0]


def test_days_that_were_picked_are_no_trial() -> None:
    picked = found("works", 3, LOW, check("allocation by chance", "fail"))
    facts = Facts("day-crossover", 3, picked, 0, 0, by_chance=False)
    up = {rung.ladder: rung for rung in climb(facts)}
    assert (up["sms"].grade, up["wwc"].grade, up["grade"].grade) == (3, WWC[0], "low")


@pytest.mark.parametrize(
    ("answer", "security", "sms", "grade"),
    [("no-meaningful-effect", 4, 5, "NE"), ("harms", 3, 3, "NE"), ("harms", 2, 2, "NL2"), ("inconclusive", 5, 5, "NL2"),
     ("works", 2, 2, 2), ("works", 3, 3, 3)],
)  # fmt: skip
def test_a_rigorous_null_is_no_evidence_of_benefit_and_never_hidden(
    answer: Answer, security: int, sms: int, grade: Any
) -> None:
    assert rungs("randomised", sms, found(answer, security, LOW))["eif"].grade == grade


def test_few_followed_up_is_below_the_second_level() -> None:
    lost = check("missing outcomes", "fail", "downgrade", 0.5)
    assert rungs("matching", 2, found("works", 1, lost))["eif"].grade == "NL2"


def test_grade_goes_down_for_each_difference_that_matters_inside_the_interval() -> None:
    wide = found("inconclusive", 4, LOW, conf_low=-0.5, conf_high=0.5)
    half = found("works", 4, LOW, conf_low=-0.01, conf_high=0.5)
    for plain, crossed in ((wide, 2), (half, 1)):
        result = replace(plain, minimum_important_difference=0.05)
        assert thresholds_crossed(result) == crossed
        assert rungs("randomised", 5, result)["grade"].grade == GRADES[3 - crossed]
    ratio = found("works", 4, LOW, effect="rate-ratio", conf_low=0.7, conf_high=1.1)
    assert thresholds_crossed(replace(ratio, minimum_important_difference=0.8)) == 1


def test_nothing_to_grade_says_what_stands_in_the_way() -> None:
    blocked = found("not-assessable", 0, check("people", "fail", "block"), value=None)
    up = rungs("randomised", 5, blocked)
    assert [up[name].grade for name in ("sms", "eif", "grade")] == [None, None, None]
    assert up["sms"].step_up == "people said so."
    assert up["wwc"].grade == WWC[0]


def test_empty_slots_are_said_to_be_empty() -> None:
    emmie = rungs("randomised", 5, found("works", 5, LOW), links=2)["emmie"]
    assert "mechanism: 2 links of the theory tested" in str(emmie.grade)
    assert "economics: not studied" in str(emmie.grade)
    assert emmie.step_up == "study moderators, implementation, economics"
