"""Delivery in a plan, in the data, and along the theory's links."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from evaluation.differences.difference import signature
from evaluation.errors import EvaluationError
from evaluation.explaining.delivered import EVERYTHING, SIMILAR, delivery_facts
from evaluation.explaining.explained import DELIVER_FIRST, UNTESTED_CLAIM
from evaluation.explaining.facts import DeliveryFacts
from evaluation.explaining.gathered import not_looked
from evaluation.explaining.links import along_the_path
from evaluation.explaining.protection import shown_delivery
from evaluation.plan import canonical, fingerprint
from evaluation.study_table import StudyTable
from tests.evaluation.studies import (
    make_plan,
    observed,
    plan_text,
    primary,
    read,
    schools,
    scored,
    study,
    trial,
)
from tests.evaluation.why_samples import DELIVERY, people, plan, run, theory
from theory_of_change.model import Link
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def refused(more: str, *, method: str = "randomised", **parts: str) -> list[tuple[str, str]]:
    with pytest.raises(EvaluationError) as caught:
        read(plan_text(method, more=more, **parts))
    return [(fault.code, fault.where) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("", "LC525"),
        ("reach = 0.7\n", "LC525"),
        ('dose = "s"\nreach = 0.7\n', "LC526"),
        ('dose = "s"\nplanned = 8\nenough = 9\n', "LC526"),
        ("fidelity_at_least = 3\n", "LC526"),
        ('dose = "y"\n', "LC527"),
        ('dose = "treat"\n', "LC527"),
        ('dose = "s"\nunheard_of = 1\n', "LC401"),
        ('dose = "s"\nenough = 1\nreach = 1.2\n', "LC403"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused_with_its_line(section: str, code: str) -> None:
    found = refused(f"[delivery]\n{section}")
    assert code in [name for name, _ in found]
    assert all(where.startswith("plan.toml:") for _, where in found)


def test_a_dose_is_no_covariate_but_whom_it_was_meant_for_may_be() -> None:
    assert refused('[delivery]\ndose = "x"\n', covariates=["x"])[0][0] == "LC527"  # type: ignore[arg-type]
    assert read(plan_text(covariates=["x"], more='[delivery]\nright_people = "x"\n')).delivery is not None


def test_a_method_without_a_row_a_person_has_no_delivery() -> None:
    found = refused(
        '[delivery]\ndose = "s"\n',
        method="difference-in-differences",
        design='unit = "u"\ntime = "t"',
        settings="start = 3",
    )
    assert [code for code, _ in found] == ["LC528"]


def test_a_plan_without_the_section_keeps_its_fingerprint_and_one_with_it_is_no_way_round_a_held_result() -> (
    None
):
    bare, asked = plan(""), plan()
    assert '"delivery"' not in canonical(bare)
    assert '"selection"' not in canonical(bare)
    assert fingerprint(bare) != fingerprint(asked)
    assert signature(bare) == signature(asked)


def facts(frame: pl.DataFrame, delivery: str = DELIVERY) -> DeliveryFacts:
    found = delivery_facts(study(frame), plan(delivery))
    assert found is not None
    return found


def small() -> pl.DataFrame:
    """Ten people with the programme, seven of whom got eight sessions or more; ten without, one with other help."""
    return pl.DataFrame(
        {
            "treat": [1.0] * 10 + [0.0] * 10,
            "x": 0.0,
            "think": 0.0,
            "act": 0.0,
            "sessions": [8.0, 9, 10, 11, 12, 12, 12, 7, 3, 0] + [0.0] * 10,
            "score": [4.0] * 8 + [2.0, 1.0] + [None] * 10,
            "other": [0.0] * 10 + [1.0] + [0.0] * 9,
            "need": [1.0] * 8 + [0.0, 0.0] + [1.0] * 10,
        }
    )


def test_shares_are_counted_by_hand() -> None:
    found = {part.name: part for part in facts(small()).parts}
    assert found["dose"].mean == pytest.approx(8.4)
    assert (found["reach"].part, found["reach"].known, found["reach"].result) == (7, 10, "met")
    assert found["fidelity"].mean == pytest.approx((8 * 4 + 2) / 9)  # nothing was delivered to the tenth
    assert (found["right people"].part, found["right people"].known) == (8, 9)
    assert (found["contrast"].part, found["contrast"].known, found["contrast"].result) == (1, 10, "green")


@pytest.mark.parametrize(("helped", "colour"), [(2, "green"), (3, "amber"), (4, "amber"), (5, "red")])
def test_the_comparison_is_amber_above_a_tenth_and_red_above_a_fifth(helped: int, colour: str) -> None:
    frame = pl.concat([small(), small()]).with_row_index("row")
    treated = pl.col("treat") == 1
    rank = pl.col("row").rank("ordinal").over("treat")
    frame = frame.with_columns(
        pl.when(treated).then(0.0).otherwise((rank <= helped).cast(pl.Float64)).alias("other")
    )
    assert facts(frame.drop("row")).contrast == colour


def test_who_got_the_programme_itself_in_the_comparison_counts_as_help() -> None:
    crossed = small().with_columns(
        pl.when(pl.col("treat") == 0).then(2.0).otherwise("sessions").alias("sessions")
    )
    assert facts(crossed).contrast == "red"


def test_too_many_unknown_say_nothing_and_what_is_missing_is_named_alone() -> None:
    unknown = small().with_columns(
        pl.when((pl.col("treat") == 0) & (pl.col("x") == 0)).then(None).otherwise("other").alias("other"),
        pl.when(pl.col("treat") == 0).then(None).otherwise("sessions").alias("sessions"),
    )
    found = facts(unknown)
    assert found.not_looked == (SIMILAR,)
    assert not_looked(found)[0].text.startswith("Whether the comparison got similar help")
    assert not_looked(None)[0].text.count("whether") + 1 == len(EVERYTHING)
    assert not_looked(facts(small())) == ()


def test_records_that_have_not_come_yet_leave_delivery_unknown_in_a_cohort_and_are_missed_in_a_file() -> None:
    frame = people(200).drop("sessions", "score")
    found = delivery_facts(StudyTable(frame, "cohort", 0), plan())
    assert found is not None
    assert found.delivered is None
    with pytest.raises(EvaluationError) as caught:
        run(frame, plan())
    assert [fault.code for fault in caught.value.faults] == ["LC453", "LC453"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("sessions", -1.0, "LC529"), ("score", -2.0, "LC529"), ("other", -1.0, "LC529"), ("need", 2.0, "LC530")],
)
def test_values_that_are_none_are_named_by_row(column: str, value: float, code: str) -> None:
    frame = people(200).with_columns(
        pl.when(pl.int_range(200) == 3).then(value).otherwise(pl.col(column)).alias(column)
    )
    with pytest.raises(EvaluationError) as caught:
        run(frame, plan())
    assert [fault.code for fault in caught.value.faults] == [code]
    assert "row 5" in caught.value.faults[0].problem
    assert str(value) not in caught.value.faults[0].problem


def test_small_counts_of_delivery_are_withheld_and_others_rounded() -> None:
    shown = shown_delivery(facts(small()), PROFILE)
    assert shown is not None
    assert all(part.part is None and part.share is None for part in shown.parts)
    large = shown_delivery(facts(people(1000)), PROFILE)
    assert large is not None
    reach = next(part for part in large.parts if part.name == "reach")
    assert reach.part is not None
    assert reach.part % PROFILE.rounding == 0


def findings(frame: pl.DataFrame, delivery: str = DELIVERY, **more: str) -> list[str]:
    return [link.finding for link in run(frame, plan(delivery, **more)).links]


@pytest.mark.parametrize(
    ("changes", "expected", "kind", "codes"),
    [
        ({}, ["held", "held", "held"], "as-expected", ["W0"]),
        ({"dose": 0.3, "near": 0.0}, ["did not hold", "not tested", "not tested"], "implementation", ["W1"]),
        ({"near": 0.0}, ["held", "did not hold", "not tested"], "theory-first-link", ["W3"]),
        ({"far": 0.0}, ["held", "held", "did not hold"], "theory-later-link", ["W4"]),
        ({"similar": 0.4, "near": 0.0}, ["held, weakly", "not tested", "not tested"], "contrast", ["W5"]),
        ({"meant": 0.5, "near": 0.0}, ["held", "not tested", "not tested"], "wrong-people", ["W2"]),
    ],
)
def test_a_programme_that_fails_in_a_known_way_is_said_to_fail_in_that_way(
    changes: dict[str, float], expected: list[str], kind: str, codes: list[str]
) -> None:
    found = run(people(**changes), plan())  # type: ignore[arg-type]
    assert [link.finding for link in found.links] == expected
    assert found.failure is not None
    assert found.failure.kind == kind
    primary = next(outcome for outcome in found.outcomes if outcome.role == "primary")
    assert [reason.code for reason in primary.verdict.why] == codes


def test_what_was_not_put_to_the_test_may_not_be_said_to_fail() -> None:
    undelivered = run(people(dose=0.3, near=0.0), plan()).outcomes[1].verdict
    assert UNTESTED_CLAIM in undelivered.cannot_say
    assert undelivered.next[0] == DELIVER_FIRST
    worked = run(people(dose=0.3), plan()).outcomes[1].verdict
    assert UNTESTED_CLAIM not in worked.cannot_say
    assert UNTESTED_CLAIM not in run(people(near=0.0), plan()).outcomes[1].verdict.cannot_say


def test_without_the_section_nothing_of_delivery_is_claimed() -> None:
    found = run(people(near=0.0), plan(""))
    assert [link.finding for link in found.links] == ["not tested", "not known", "not tested"]
    assert found.failure is not None
    assert found.failure.kind == "implementation-or-theory"
    assert found.failure.not_looked == EVERYTHING
    assert found.delivery is None


def test_a_link_is_held_against_its_own_size_and_direction() -> None:
    large = theory(Link("P1", "O1", worthwhile_size=3.0), Link("O1", "O2", direction="lower"))
    links = run(people(), plan(links='["P1>O1", "O1>O2"]'), large).links
    assert [link.finding for link in links] == ["held, weakly", "went the other way"]
    assert links[0].worthwhile == "3"


def test_a_follow_up_shorter_than_the_lag_is_too_soon_rather_than_a_failure() -> None:
    from evaluation.finding import gather_finding
    from evaluation.study_table import Ripeness

    slow = theory(Link("O1", "O2", lag_months=24))
    ripe = (("act", Ripeness(12, 0, None)),)
    table = replace(study(people(far=0.0)), ripeness=ripe)
    found = gather_finding(table, plan(links='["O1>O2"]'), "locked before outcomes", slow)
    assert found.links[0].finding == "not known"
    assert found.links[0].note.startswith("Too soon: followed up 12 months")
    assert found.failure is not None
    assert found.failure.kind == "too-soon"


def test_a_far_end_that_moved_without_its_near_end_is_not_credited_to_the_link() -> None:
    frame = people(near=0.0).with_columns(pl.col("act") + pl.col("treat"))
    link = run(frame, plan(links='["O1>O2"]')).links[0]
    assert link.finding == "not known"
    assert "by another way" in link.note


def test_a_measure_known_to_be_unreliable_is_named() -> None:
    found = run(people(near=0.0), plan(), theory(reliability=0.6))
    assert found.failure is not None
    assert found.failure.kind == "measurement"


def test_links_are_read_from_the_start_of_the_path_and_a_circle_does_not_hang() -> None:
    listed = [Link("O1", "O2"), Link("A1", "P1"), Link("P1", "O1")]
    assert [link.id for link in along_the_path(listed)] == ["A1>P1", "P1>O1", "O1>O2"]
    assert len(along_the_path([Link("O1", "O2"), Link("O2", "O1")])) == 2


def with_records(frame: pl.DataFrame) -> pl.DataFrame:
    """The same people with half the sessions, and what else the section names."""
    treated = pl.col("treat") == 1
    return frame.rename({"score": "running"}, strict=False).with_columns(
        sessions=pl.when(treated).then(pl.int_range(pl.len()) % 13).otherwise(0),
        score=pl.lit(4.0),
        other=pl.lit(0.0),
        need=pl.lit(1.0),
    )


@pytest.mark.parametrize(
    ("frame", "parts"),
    [
        (trial(100), {"covariates": ["x"]}),
        (schools(100), {"method": "cluster-randomised", "design": 'cluster = "school"'}),
        (observed(300), {"method": "matching", "covariates": ["x", "z"]}),
        (observed(300), {"method": "weighting", "covariates": ["x", "z"]}),
        (scored(400), {"method": "regression-discontinuity", "settings": 'running = "running"\ncutoff = 0'}),
    ],
)
def test_delivery_goes_with_every_design_of_people_and_moves_no_number(
    frame: pl.DataFrame, parts: dict[str, Any]
) -> None:
    bare, asked = (
        primary(with_records(frame), make_plan(**{"method": "randomised", **parts}, more=more))
        for more in ("", DELIVERY)
    )
    assert asked.estimate == bare.estimate
    assert (asked.verdict.answer, asked.verdict.security) == (bare.verdict.answer, bare.verdict.security)
    assert "W1" in [reason.code for reason in asked.verdict.why]
    assert asked.dose_response is not None
