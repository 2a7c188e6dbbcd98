"""Plans that could never be decided, and those that could."""

from __future__ import annotations

import datetime as dt

import pytest

from evaluation.decidable import Prospects, doubts, project, unclustered
from evaluation.plan import AnalysisPlan
from evaluation.power import detectable, equivalence_power
from tests.evaluation.studies import make_plan, number
from tests.evaluation.study_errors import std_error_of

MARGIN = 'minimum_important_difference = {m}\nmid_source = "x"\nexpected_sd = {sd}'


def plan(m: float = 5, sd: float = 10, *, method: str = "randomised", more: str = "") -> AnalysisPlan:
    return make_plan(method, covariates=["x"], outcome=MARGIN.format(m=m, sd=sd), more=more)


def codes(made: AnalysisPlan, prospects: Prospects) -> list[str]:
    return [doubt.code for doubt in doubts(made, prospects)]


def test_a_study_large_enough_raises_no_doubt() -> None:
    assert codes(plan(), Prospects(100, 100)) == []


def test_a_study_that_can_neither_find_nor_rule_out_is_doubted() -> None:
    assert codes(plan(m=2), Prospects(50, 50)) == ["too-small"]


def test_either_a_detectable_margin_or_an_even_chance_of_equivalence_is_enough() -> None:
    # The second is the weaker demand: with 90 an arm, 2.80 SE is above the margin but equivalence better than even.
    error = std_error_of(90, 90, 10)
    margin = 3.9
    assert detectable(error) > margin
    assert equivalence_power(error, margin) > 0.5
    assert codes(plan(m=margin), Prospects(90, 90)) == []
    assert equivalence_power(error, 3.3) < 0.5
    assert codes(plan(m=3.3), Prospects(90, 90)) == ["too-small"]


def test_covariates_that_explain_the_outcome_help() -> None:
    small = Prospects(50, 50)
    helped = make_plan(outcome=MARGIN.format(m=3, sd=10) + "\nexpected_r2 = 0.8")
    assert codes(plan(m=3), small) == ["too-small"]
    assert codes(helped, small) == []


@pytest.mark.parametrize(
    ("arms", "expected"),
    [((29, 100), ["nobody-to-compare"]), ((100, 0), ["nobody-to-compare"]), ((30, 30), [])],
)
def test_an_arm_of_fewer_than_thirty_is_doubted(arms: tuple[int, int], expected: list[str]) -> None:
    assert codes(plan(m=50), Prospects(*arms)) == expected


def test_matching_needs_a_pool_twice_as_large() -> None:
    assert codes(plan(m=50, method="matching"), Prospects(100, 199)) == ["small-pool"]
    assert codes(plan(m=50, method="matching"), Prospects(100, 200)) == []
    assert codes(plan(m=50), Prospects(100, 101)) == []


@pytest.mark.parametrize(
    ("ripe", "expected"), [(dt.date(2027, 3, 31), []), (dt.date(2027, 4, 1), ["ripe-too-late"])]
)
def test_an_outcome_ripe_after_the_report_is_due_is_doubted(ripe: dt.date, expected: list[str]) -> None:
    made = plan(m=50, more="[reporting]\nreported_by = 2027-03-31\n")
    assert codes(made, Prospects(100, 100, ripe)) == expected


def test_all_doubts_are_given_at_once() -> None:
    made = plan(m=1, method="matching", more="[reporting]\nreported_by = 2027-03-31\n")
    assert codes(made, Prospects(40, 50, dt.date(2028, 1, 1))) == ["small-pool", "ripe-too-late", "too-small"]


def test_what_is_not_known_yet_is_no_doubt() -> None:
    assert codes(plan(), Prospects()) == []
    assert codes(make_plan(), Prospects(100, 100)) == []


def test_a_projection_says_what_it_lacks() -> None:
    one, bare, binary = plan(), make_plan(), make_plan(kind="binary")
    assert "not known yet" in project(one, one.outcomes[0], Prospects()).note
    assert "expected_sd" in project(bare, bare.outcomes[0], Prospects(50, 50)).note
    assert "expected_rate" in project(binary, binary.outcomes[0], Prospects(50, 50)).note


def test_a_rate_gives_its_own_spread() -> None:
    made = make_plan(kind="binary", outcome="expected_rate = 0.2")
    found = project(made, made.outcomes[0], Prospects(50, 50))
    shown = number(found.detectable)  # risks of 0.2 and 0.2 more by that much, each with its own spread
    error = ((0.2 + shown) * (0.8 - shown) / 50 + 0.2 * 0.8 / 50) ** 0.5
    assert shown == pytest.approx(detectable(error, df=98))
    assert found.equivalence is None


def test_the_doubt_speaks_of_people_in_a_hundred_for_a_risk() -> None:
    made = make_plan(
        kind="binary", outcome='expected_rate = 0.4\nminimum_important_difference = 0.05\nmid_source = "x"'
    )
    (doubt,) = doubts(made, Prospects(60, 60))
    assert "in every 100" in doubt.text
    assert "is 5," in doubt.text


def test_a_plan_of_a_cohort_of_schools_names_its_cluster_or_strata() -> None:
    assert [doubt.code for doubt in unclustered(plan(), "school")] == ["clusters-ignored"]
    assert unclustered(plan(), "") == ()
    for named in ('cluster = "school"', 'strata = "school"'):
        assert unclustered(make_plan(design=named), "school") == ()
