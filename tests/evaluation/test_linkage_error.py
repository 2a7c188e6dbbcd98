"""Linkage error: counted by arm, turned into a band, and carried into the verdict. Small cases by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibration.people_worlds import linked_trial
from evaluation.finding import gather_finding
from evaluation.linked.error import CORRECTED, Correction, correct, linkage_check
from evaluation.linked.facts import LinkageFacts, linkage_facts, match_rate, precision, recall
from evaluation.model import Estimate, LinkedArm, OutcomeResult
from evaluation.protection import LINKAGE, masked
from evaluation.reporting.html import render_report
from evaluation.result import as_payload
from evaluation.study_table import LinkedSource
from tests.evaluation import report_builders as made
from tests.evaluation.linked import arm, facts, risks
from tests.evaluation.report_reader import PROFILE
from tests.evaluation.studies import an_estimate, make_plan, number, primary, study, trial

GOOD = arm("with", 400, (100, 0)), arm("without", 400, (100, 0))
BINARY = make_plan(
    kind="binary", better="lower", outcome='minimum_important_difference = 0.05\nmid_source = "x"'
)


def corrected(estimate: Estimate, known: LinkageFacts) -> Correction:
    found = correct(estimate, known)
    assert isinstance(found, Correction)
    return found


def test_people_are_counted_by_arm_and_by_what_ids_say() -> None:
    people = pl.DataFrame(
        {
            "participant": range(10),
            "treated": [1.0] * 6 + [0.0] * 4,
            "outcome": [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, None, 0.0],
        }
    )
    linked = pl.DataFrame(
        {
            "participant": range(10),
            "linked": [True, True, True, False, False, False, True, True, False, False],
            "truth": [
                "same",
                "same",
                "other",
                "same",
                "unknown",
                "unknown",
                "same",
                "unknown",
                "same",
                "unknown",
            ],
        }
    )
    found = linkage_facts(people, LinkedSource("arrests", linked))
    assert found is not None
    assert found.treated == LinkedArm("with", 6, 3, 2, 1, 1)
    assert found.comparison == LinkedArm("without", 4, 2, 1, 1, 0)
    assert (match_rate(found.treated), match_rate(found.comparison)) == (0.5, 0.5)
    assert found.event_share == 4 / 5
    assert (found.absence_is_none, found.elsewhere) == (True, False)


def test_a_source_that_knows_nobody_or_one_arm_only_adds_nothing() -> None:
    people = pl.DataFrame({"participant": [1, 2], "treated": [1.0, 0.0], "outcome": [1.0, 0.0]})
    for who in ([7], [1]):
        linked = pl.DataFrame({"participant": who, "linked": [True], "truth": ["same"]})
        assert linkage_facts(people, LinkedSource("arrests", linked)) is None


def test_shares_carry_the_wilson_interval_which_has_width_at_one() -> None:
    share = recall(arm("with", 200, (97, 3)), 0.95)
    assert share is not None
    assert (share.value, share.n) == (0.97, 100)
    assert share.low == pytest.approx(0.9155, abs=5e-5)
    assert share.high == pytest.approx(0.9897, abs=5e-5)
    whole = recall(arm("with", 200, (100, 0)), 0.95)
    assert whole is not None
    assert whole.low == pytest.approx(100 / (100 + 1.96**2), abs=1e-4)
    assert whole.high == 1.0
    right = precision(arm("with", 200, (97, 3), wrong=3), 0.95)
    assert right is not None
    assert (right.value, right.n) == (0.97, 100)
    assert recall(arm("with", 200, (0, 0)), 0.95) is None


def test_a_spurious_difference_of_one_and_a_half_points_is_taken_back() -> None:
    """True 30 % in both arms; recall 97 % and 92 %: 29.1 % and 27.6 % are seen."""
    known = facts(arm("with", 10_000, (970, 30)), arm("without", 10_000, (920, 80)))
    seen = risks(0.291, 0.276)
    found = corrected(seen, known)
    assert seen.value == pytest.approx(0.015)
    assert found.estimate.value == pytest.approx(0.0, abs=1e-12)
    assert found.estimate.treated_mean == pytest.approx(0.3)
    assert found.estimate.comparison_mean == pytest.approx(0.3)
    assert number(found.low.value) < 0 < number(found.high.value)
    # by hand: 97.5 % Wilson intervals 0.9549 to 0.9801 and 0.8987 to 0.9371
    assert number(found.low.value) == pytest.approx(0.291 / 0.9801 - 0.276 / 0.8987, abs=2e-4)
    assert number(found.high.value) == pytest.approx(0.291 / 0.9549 - 0.276 / 0.9371, abs=2e-4)


def test_wrong_links_bring_in_other_peoples_events() -> None:
    """Risk 30 %, recall 90 %, links 40 % of which 5 % wrong, half of the records with an event: 0.29 / 0.9."""
    treated = LinkedArm("with", 1000, 400, 190, 0, 10)  # precision 190 / 200
    treated = replace(treated, own_missed=round(190 / 0.9) - 190)
    share = 190 / (190 + treated.own_missed)
    known = facts(treated, arm("without", 1000, (200, 0), linked=300), events=0.5)
    found = corrected(risks(0.3, 0.3, 1000), known)
    assert found.estimate.treated_mean == pytest.approx((0.3 - 0.05 * 0.4 * 0.5) / share)
    assert found.estimate.comparison_mean == pytest.approx(0.3)


def test_the_error_grows_by_recall_and_by_what_is_not_known_of_it() -> None:
    seen = risks(0.291, 0.276)
    many = facts(arm("with", 10_000, (97_000, 3_000)), arm("without", 10_000, (92_000, 8_000)))
    few = facts(arm("with", 10_000, (97, 3)), arm("without", 10_000, (92, 8)))
    sampling = np.sqrt(0.291 * 0.709 / 10_000 / 0.97**2 + 0.276 * 0.724 / 10_000 / 0.92**2)
    sure, unsure = (number(corrected(seen, known).estimate.std_error) for known in (many, few))
    assert sure == pytest.approx(sampling, rel=0.03)
    assert unsure > 1.5 * sure


def test_an_adjusted_effect_moves_by_as_much_as_the_plain_one() -> None:
    seen = replace(risks(0.291, 0.276), value=0.011)
    known = facts(arm("with", 10_000, (970, 30)), arm("without", 10_000, (920, 80)))
    assert corrected(seen, known).estimate.value == pytest.approx(0.011 - 0.015)


@given(
    p=st.tuples(st.floats(0.05, 0.6), st.floats(0.05, 0.6)),
    found=st.tuples(st.integers(70, 100), st.integers(70, 100)),
    wrong=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_swapping_the_arms_turns_the_sign_and_the_band_holds_the_point(
    p: tuple[float, float], found: tuple[int, int], wrong: tuple[int, int]
) -> None:
    arms = [
        arm(n, 500, (f, 100 - f), wrong=w) for n, f, w in zip(("with", "without"), found, wrong, strict=True)
    ]
    one = correct(risks(*p), facts(arms[0], arms[1], events=0.2))
    other = correct(risks(p[1], p[0]), facts(arms[1], arms[0], events=0.2))
    assert isinstance(one, str) == isinstance(other, str)
    if isinstance(one, Correction) and isinstance(other, Correction):
        assert number(one.estimate.value) == pytest.approx(-number(other.estimate.value), abs=1e-12)
        assert number(one.estimate.std_error) == pytest.approx(number(other.estimate.std_error))
        assert number(one.low.value) <= number(one.estimate.value) <= number(one.high.value)
        assert number(one.low.value) == pytest.approx(-number(other.high.value), abs=1e-12)


def test_perfect_linkage_changes_no_effect() -> None:
    assert corrected(risks(0.3, 0.2), facts(*GOOD)).estimate.value == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("estimate", "known", "said"),
    [
        (an_estimate(1.0, 0.0, 2.0), facts(*GOOD), "only a difference in risks"),
        (replace(risks(0.3, 0.2), value=None), facts(*GOOD), "no estimate"),
        (risks(0.3, 0.2), facts(*GOOD, none=False), "missing and not a false no"),
        (risks(0.3, 0.2), replace(facts(*GOOD), elsewhere=True), "does not come from this source alone"),
        (risks(0.3, 0.2), facts(GOOD[0], arm("without", 400, (29, 0))), "fewer than 30"),
        (risks(0.3, 0.2), facts(GOOD[0], arm("without", 400, (55, 45))), "as few as 50 %"),
        (risks(0.95, 0.2), facts(arm("with", 400, (70, 30)), GOOD[1]), "outside 0 and 1"),
    ],
)
def test_what_cannot_be_corrected_says_why_in_a_check(
    estimate: Estimate, known: LinkageFacts, said: str
) -> None:
    found = correct(estimate, known)
    assert isinstance(found, str)
    assert said in found
    check = linkage_check(known, found, lambda _: False)
    assert said in check.note
    assert (check.name, check.reading) == (LINKAGE, known.apart)


def test_without_a_correction_match_rates_far_apart_cost_trust() -> None:
    known = facts(arm("with", 400, (0, 0), linked=200), arm("without", 400, (0, 0), linked=176))
    check = linkage_check(known, "why", lambda _: False)
    assert (check.result, check.consequence) == ("warn", "downgrade")
    assert check.reading == pytest.approx(0.06)
    near = replace(known, comparison=arm("without", 400, (0, 0), linked=184))
    check = linkage_check(near, "why", lambda _: False)
    assert (check.result, check.consequence) == ("info", "none")


def test_recalls_far_apart_or_an_answer_that_turns_cost_trust() -> None:
    near = facts(arm("with", 400, (97, 3)), arm("without", 400, (96, 4)))
    far = facts(arm("with", 400, (97, 3)), arm("without", 400, (92, 8)))
    seen = risks(0.3, 0.2)
    for known, turns, result, consequence in (
        (near, False, "pass", "none"),
        (near, True, "warn", "downgrade"),
        (far, False, "warn", "downgrade"),
    ):
        check = linkage_check(known, correct(seen, known), lambda _, t=turns: t)  # type: ignore[misc]
        assert (check.result, check.consequence) == (result, consequence)
        assert ("not the same" in check.note) is turns


def result_of(recalls: tuple[float, float], seed: int = 3, n: int = 4000) -> OutcomeResult:
    table = linked_trial(np.random.default_rng(seed), n, (0.4, 0.4), recalls)
    return gather_finding(table, BINARY, "locked before outcomes").outcomes[0]


def test_a_verdict_that_linkage_made_is_fragile_and_names_it() -> None:
    found = result_of((0.97, 0.80))
    assert found.verdict.answer == "harms"  # nothing but unequal linkage
    assert found.verdict.fragile
    assert CORRECTED in found.verdict.flipped_by
    check = next(c for c in found.checks if c.name == LINKAGE)
    assert (check.result, check.consequence) == ("warn", "downgrade")
    line = next(way for way in found.sensitivity if way.name == CORRECTED)
    assert number(line.estimate.conf_low) < 0 < number(line.estimate.conf_high)
    assert [a.arm for a in found.linkage] == ["with", "without"]


def test_good_linkage_leaves_the_verdict_alone() -> None:
    found = result_of((0.99, 0.99))
    assert found.verdict.answer == "no-meaningful-effect"
    assert found.verdict.flipped_by == ()
    assert next(c for c in found.checks if c.name == LINKAGE).result == "pass"


def test_without_linkage_facts_nothing_changes() -> None:
    frame = trial(300, effect=0.3, binary=True)
    plan = make_plan(kind="binary", covariates=["x"])
    bare = primary(frame, plan)
    others = pl.DataFrame({"participant": [99_999], "linked": [True], "truth": ["same"]})
    linked = gather_finding(
        study(frame, linkage=(("y", LinkedSource("a", others)),)), plan, "unlocked"
    ).outcomes[0]
    assert bare == linked
    assert bare.linkage == ()
    assert LINKAGE not in [check.name for check in bare.checks]


def test_a_measured_outcome_is_only_checked_for_match_rates() -> None:
    frame = trial(200)
    people = pl.DataFrame({"participant": range(400), "linked": [True] * 400, "truth": ["unknown"] * 400})
    table = study(frame, linkage=(("y", LinkedSource("school", people)),))
    found = gather_finding(table, make_plan(covariates=["x"]), "unlocked").outcomes[0]
    assert next(c for c in found.checks if c.name == LINKAGE).result == "info"
    assert CORRECTED not in [way.name for way in found.sensitivity]


def test_the_report_shows_how_records_were_found_by_arm_and_json_carries_the_check() -> None:
    outcome = result_of((0.97, 0.80))
    result = masked(replace(made.result(), outcomes=(outcome,)), PROFILE)
    page = render_report(result, PROFILE)
    assert "How records were found" in page
    assert ">96 %<" in page.replace("\n", "")
    assert ">78 %<" in page.replace("\n", "")  # 755 of 965, as published
    payload = as_payload(result, PROFILE)["outcomes"][0]
    assert LINKAGE in [check["name"] for check in payload["checks"]]
    assert CORRECTED in [way["name"] for way in payload["sensitivity"]]
    assert "linkage" not in payload


def test_shares_of_a_few_people_are_withheld_from_page_and_json() -> None:
    outcome = result_of((0.97, 0.80))
    few = replace(outcome, linkage=(arm("with", 4000, (500, 3)), outcome.linkage[1]))
    result = masked(replace(made.result(), outcomes=(few,)), PROFILE)
    check = next(c for c in result.outcomes[0].checks if c.name == LINKAGE)
    assert (check.reading, any(letter.isdigit() for letter in check.note)) == (None, False)
    page = render_report(replace(made.result(), outcomes=(few,)), PROFILE)
    original = next(c.note for c in few.checks if c.name == LINKAGE)
    assert original not in page
    assert "too few to show" in page
