"""How far to trust a result: the worst of three columns, then threats."""

from __future__ import annotations

from typing import get_args

import pytest

from evaluation.frame import ArmCounts
from evaluation.model import Check, CheckResult, Consequence
from evaluation.power import detectable
from evaluation.security import security_level
from tests.evaluation.studies import an_estimate

WHOLE = ArmCounts(100, 100, 100, 100)


def check(result: CheckResult, name: str = "a threat", consequence: Consequence = "downgrade") -> Check:
    return Check(name, result, 1.0, 1.0, consequence, "")


def level(*checks: Check, design: int = 5, size: float = 0.1, arms: ArmCounts = WHOLE) -> int:
    """Security where the study could detect ``size`` standard deviations."""
    made = an_estimate(0.0, -1.0, 1.0, std_error=size / detectable(1.0), outcome_sd=1.0)
    return security_level("randomised", design, made, arms, checks)[0]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0.1, 5),
        (0.2, 5),
        (0.21, 4),
        (0.299, 4),
        (0.3, 3),
        (0.4, 2),
        (0.499, 2),
        (0.5, 1),
        (0.599, 1),
        (0.6, 0),
        (3.0, 0),
    ],
)
def test_the_size_that_could_be_detected_sets_the_level(size: float, expected: int) -> None:
    assert level(size=size) == expected


@pytest.mark.parametrize(
    ("missing", "expected"),
    [(0, 5), (20, 5), (21, 4), (40, 4), (60, 3), (61, 2), (80, 2), (100, 1), (101, 0), (199, 0)],
)
def test_the_share_of_missing_outcomes_sets_the_level(missing: int, expected: int) -> None:
    gone = missing // 2
    assert level(arms=ArmCounts(100, 100, 100 - gone, 100 - (missing - gone))) == expected


@pytest.mark.parametrize("design", [0, 1, 2, 3, 4, 5])
def test_no_study_is_more_secure_than_its_design(design: int) -> None:
    assert level(design=design) == design


def test_the_worst_column_counts() -> None:
    assert level(design=3, size=0.55, arms=ArmCounts(100, 100, 90, 85)) == 1


@pytest.mark.parametrize(
    ("high", "moderate", "down"),
    [
        (0, 0, 0),
        (0, 1, 0),
        (0, 2, 0),
        (0, 3, 1),
        (0, 4, 1),
        (1, 0, 1),
        (1, 1, 1),
        (1, 2, 2),
        (2, 0, 2),
        (5, 5, 2),
    ],
)
def test_threats_take_off_none_one_or_two_levels_and_never_more(high: int, moderate: int, down: int) -> None:
    threats = [check("fail")] * high + [check("warn")] * moderate
    assert level(*threats) == 5 - down


def test_threats_never_take_the_level_below_nought() -> None:
    assert level(check("fail"), check("fail"), design=1) == 0


@pytest.mark.parametrize("consequence", [c for c in get_args(Consequence) if c != "downgrade"])
def test_a_check_that_does_not_downgrade_is_no_threat(consequence: Consequence) -> None:
    assert level(*[check("fail", consequence=consequence)] * 4) == 5


@pytest.mark.parametrize("result", [r for r in get_args(CheckResult) if r not in ("fail", "warn")])
def test_a_check_that_passed_is_no_threat(result: CheckResult) -> None:
    assert level(*[check(result)] * 4) == 5


def test_poor_balance_caps_the_level_at_two() -> None:
    assert level(check("fail", "balance"), design=5) == 2
    assert level(check("fail", "balance"), design=2) == 1  # the threat itself still counts
    assert level(check("warn", "balance", "none")) == 5


def test_nothing_estimated_is_level_nought_and_says_so() -> None:
    found, facts = security_level("matching", 3, an_estimate(None, None, None, std_error=None), WHOLE, ())
    assert found == 0
    assert facts[1].fact == "nothing could be estimated"


def test_every_fact_that_set_the_level_is_named_in_order() -> None:
    made = an_estimate(0.0, -1.0, 1.0, std_error=0.05, outcome_sd=1.0)
    checks = (check("fail", "balance"), check("fail", "overlap"))
    found, facts = security_level("matching", 5, made, WHOLE, checks)
    assert [fact.part for fact in facts] == ["design", "size", "attrition", "threats", "balance"]
    assert "balance, overlap" in facts[3].fact
    assert found == facts[-1].level == 2


def test_common_support_and_the_funnel_cap_the_level_at_two_and_the_funnel_is_no_threat_beside() -> None:
    assert level(check("fail", "common support"), design=3) == 2
    assert level(check("fail", "funnel"), design=5) == 2
    assert level(check("fail", "funnel"), check("fail", "overlap"), design=2) == 1
    assert level(check("fail", "funnel"), design=1) == 1


@pytest.mark.parametrize("name", ["attrition bias", "cluster attrition"])
def test_what_was_lost_is_one_threat_whatever_tells_of_it(name: str) -> None:
    assert level(check("warn", "attrition"), check("fail", name), design=4) == 3
    assert level(check("fail", "attrition"), check("fail", name), check("warn"), design=4) == 3
    assert level(check("fail", "attrition"), check("fail", name), check("fail"), design=4) == 2


@pytest.mark.parametrize("name", ["attrition", "cluster attrition"])
def test_a_trial_that_lost_beyond_the_boundary_stands_with_comparisons(name: str) -> None:
    made = an_estimate(0.0, -1.0, 1.0, std_error=0.01, outcome_sd=1.0)
    found, facts = security_level("randomised", 5, made, WHOLE, (check("fail", name),))
    assert (found, facts[0].level) == (2, 3)
    assert "chance no longer vouches" in facts[0].fact
    assert security_level("randomised", 5, made, WHOLE, (check("warn", name),))[0] == 5
