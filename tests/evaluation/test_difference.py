"""A re-run that differs by a few people since somebody left is held; the rule, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.differences.difference import Footing, differences, shown_statement, signature
from tests.evaluation.studies import make_plan
from workspace.settings import DisclosureProfile

OLD = Footing("EVAL-001", "arrests", 412, 0.031, 0)
CHANGES = {"EVAL-001": [("erasure", 1)]}


def held(now: Footing, old: Footing = OLD) -> list[bool]:
    return [difference.held for difference in differences([old], [now], CHANGES, 10)]


def test_the_statement_says_people_events_and_effect() -> None:
    (found,) = differences([OLD], [Footing("", "arrests", 411, 0.0302, 1)], CHANGES, 10)
    assert found.statement == "412 → 411 people: 1 erasure since EVAL-001; effect 0.031 → 0.030"
    (several,) = differences(
        [OLD], [Footing("", "arrests", 409, None, 4)], {"EVAL-001": [("erasure", 2), ("lift", 1)]}, 10
    )
    assert several.statement == "412 → 409 people: 2 erasures, 1 person taken back since EVAL-001"


@pytest.mark.parametrize(
    ("n", "expected"), [(411, True), (403, True), (402, False), (421, True), (422, False)]
)
def test_fewer_than_ten_people_apart_is_held(n: int, expected: bool) -> None:
    assert held(Footing("", "arrests", n, 0.030, 1)) == [expected]


def test_one_out_and_one_in_is_held_and_the_very_same_result_is_not() -> None:
    assert held(Footing("", "arrests", 412, 0.030, 1)) == [True]
    assert held(Footing("", "arrests", 412, 0.031, 1)) == [False]


def test_nothing_is_compared_where_nobody_left_or_the_measure_is_another() -> None:
    assert held(Footing("", "arrests", 411, 0.030, 0)) == []
    assert held(Footing("", "weeks", 411, 0.030, 1)) == []


def test_a_plan_under_another_name_has_the_same_signature_and_another_plan_has_not() -> None:
    plan = make_plan()
    assert signature(replace(plan, id="copy", title="Copy")) == signature(plan)
    assert signature(replace(plan, analysis=replace(plan.analysis, alpha=0.01))) != signature(plan)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "412 → 411 people: 1 erasure since EVAL-001; effect 0.031 → 0.030",
            "fewer than 10 people apart, effects not said: fewer than 10 erasures since EVAL-001",
        ),
        (
            "412 → 412 people: 1 person taken back, 2 withdrawals since EVAL-003",
            "fewer than 10 people apart, effects not said: fewer than 10 people taken back, fewer than 10 withdrawals "
            "since EVAL-003",
        ),
        (
            "412 → 387 people: 23 withdrawals since EVAL-001; effect 0.031 → 0.030",
            "410 → 385 people: 25 withdrawals since EVAL-001; effect 0.031 → 0.030",
        ),
        ("what an older version said of 3 people", "it cannot be said how"),
    ],
)
def test_what_is_read_of_a_difference_says_nothing_of_a_few(text: str, shown: str) -> None:
    assert shown_statement(text, DisclosureProfile()) == shown
