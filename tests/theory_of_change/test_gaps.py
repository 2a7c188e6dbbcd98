"""What a theory lacks, one small theory a rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory_of_change.gaps import find_circles, find_gaps
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.priorities import Priority

TODAY = dt.date(2026, 6, 1)
SCORE = Measure("score", "A score", "continuous", "lower", follow_up_months=12)


def activity(**changes: Any) -> Box:
    return Box("A1", "activity", "Mentoring", tier="primary", line=5, **changes)


def outcome(id_: str, term: str = "", line: int = 9, **changes: Any) -> Box:
    return Box(id_, "outcome", "Fewer offend", term=term, measures=("score",), line=line, **changes)


def link(start: str, end: str, line: int = 20, **changes: Any) -> Link:
    whole: dict[str, Any] = {"because": "trust", "could_harm": "old ties", "test": "PLAN-001"}
    return Link(start, end, line=line, **(whole | changes))


def theory(*boxes: Box, links: tuple[Link, ...] = (), review_by: dt.date | None = None) -> Theory:
    return Theory("A theory", review_by=review_by, boxes=boxes, links=links, measures=(SCORE,))


def found(of: Theory) -> list[tuple[str, str]]:
    return [(gap.code, gap.subject) for gap in find_gaps(of, TODAY)]


def test_a_whole_theory_has_no_gaps() -> None:
    assert found(theory(activity(), outcome("O1"), links=(link("A1", "O1"),))) == []


def test_a_link_without_because_is_an_error() -> None:
    gaps = find_gaps(theory(activity(), outcome("O1"), links=(link("A1", "O1", because=" "),)), TODAY)
    assert [(gap.code, gap.severity, gap.line) for gap in gaps] == [("LC211", "error", 20)]


def test_a_link_without_test_and_evidence_is_told_with_both_boxes() -> None:
    gaps = find_gaps(theory(activity(), outcome("O1"), links=(link("A1", "O1", test=""),)), TODAY)
    assert [gap.problem for gap in gaps] == [
        "link A1>O1 (Mentoring, Fewer offend) has no test and no evidence"
    ]
    assert gaps[0].severity == "warning"


def test_outside_evidence_stands_in_for_a_test() -> None:
    backed = link("A1", "O1", test="", evidence=("EVD-001",))
    assert found(theory(activity(), outcome("O1"), links=(backed,))) == []


def test_a_link_back_to_an_earlier_stage_needs_the_word_feedback() -> None:
    boxes = (activity(), outcome("S1", "short"), outcome("L1", "long"))
    forward = (link("A1", "S1"), link("A1", "L1", lag_months=12))
    assert found(theory(*boxes, links=(*forward, link("L1", "S1")))) == [("LC212", "L1>S1")]
    assert found(theory(*boxes, links=(*forward, link("L1", "S1", feedback=True)))) == []


def test_an_outcome_without_a_term_may_stand_before_or_after_another() -> None:
    boxes = (activity(), outcome("O1"), outcome("L1", "long"))
    for middle in (link("O1", "L1", lag_months=12), link("L1", "O1", lag_months=12)):
        assert found(theory(*boxes, links=(link("A1", "O1"), link("A1", "L1", lag_months=12), middle))) == []


def test_a_circle_within_a_stage_is_told_once_with_its_path() -> None:
    boxes = (activity(), outcome("S1", "short"), outcome("S2", "short"), outcome("L1", "long"))
    links = (link("A1", "S1"), link("S1", "S2"), link("S2", "S1", line=30), link("S2", "L1", lag_months=12))
    gaps = find_gaps(theory(*boxes, links=links), TODAY)
    assert [(gap.code, gap.line) for gap in gaps] == [("LC212", 30)]
    assert gaps[0].problem.endswith("closes a circle: S1>S2>S1")


def test_a_factor_may_point_to_any_stage() -> None:
    factor = Box("F1", "factor", "Poverty", factor_sign="risk")
    for end in ("A1", "O1"):
        assert (
            found(theory(activity(), outcome("O1"), factor, links=(link("A1", "O1"), link("F1", end)))) == []
        )


def test_a_link_inside_the_last_stage_needs_a_lag() -> None:
    boxes = (activity(), outcome("L1", "long"), outcome("L2", "long"))
    links = (link("A1", "L1", lag_months=12), link("L1", "L2"))
    assert found(theory(*boxes, links=links)) == [("LC213", "L1>L2")]
    assert found(theory(*boxes, links=(links[0], link("L1", "L2", lag_months=12)))) == []


def test_an_outcome_or_impact_without_a_measure_is_a_warning() -> None:
    boxes = (activity(), Box("O1", "outcome", "Hope"), Box("I1", "impact", "Peace"))
    assert found(theory(*boxes, links=(link("A1", "O1"), link("O1", "I1")))) == [
        ("LC221", "O1"),
        ("LC221", "I1"),
    ]


def test_a_link_that_names_no_harm_is_a_warning() -> None:
    assert found(theory(activity(), outcome("O1"), links=(link("A1", "O1", could_harm=""),))) == [
        ("LC222", "A1>O1")
    ]


@pytest.mark.parametrize(
    ("box", "links", "words"),
    [
        (outcome("O2"), (), "is joined to nothing"),
        (outcome("O2"), (link("O2", "O1", lag_months=12),), "has no way in"),
        (Box("P1", "output", "Meetings"), (link("A1", "P1"),), "has no way out"),
    ],
)
def test_a_box_with_no_way_in_or_out_is_a_warning(box: Box, links: tuple[Link, ...], words: str) -> None:
    gaps = find_gaps(theory(activity(), outcome("O1"), box, links=(link("A1", "O1"), *links)), TODAY)
    assert [(gap.code, gap.subject) for gap in gaps] == [("LC223", box.id)]
    assert words in gaps[0].problem


def test_reviews_are_overdue_from_the_day_after() -> None:
    def due(day: dt.date) -> list[tuple[str, str]]:
        boxes = (activity(review_by=day), outcome("O1"))
        return found(theory(*boxes, links=(link("A1", "O1", review_by=day),), review_by=day))

    assert due(TODAY) == []
    assert due(TODAY - dt.timedelta(days=1)) == [("LC224", "theory"), ("LC224", "A1"), ("LC224", "A1>O1")]


def test_a_lag_shorter_than_the_follow_up_of_its_measure_is_a_warning() -> None:
    def lag(months: int) -> list[tuple[str, str]]:
        return found(theory(activity(), outcome("O1"), links=(link("A1", "O1", lag_months=months),)))

    assert lag(11) == [("LC225", "A1>O1")]
    assert lag(12) == []


def has_circle(pairs: set[tuple[int, int]]) -> bool:
    """Take away boxes nothing leads to until none is left, or only circles are."""
    left = {end for pair in pairs for end in pair}
    while free := {box for box in left if not any(b == box and a in left for a, b in pairs)}:
        left -= free
    return bool(left)


PAIRS = st.sets(
    st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] != pair[1]), max_size=12
)


@given(PAIRS)
def test_circles_are_found_exactly_when_there_are_any(pairs: set[tuple[int, int]]) -> None:
    circles = find_circles([Link(f"O{a}", f"O{b}") for a, b in sorted(pairs)])
    assert bool(circles) == has_circle(pairs)
    for circle in circles:
        ends = [step.to_box for step in circle]
        assert [step.from_box for step in circle] == [ends[-1], *ends[:-1]]


def test_a_very_long_chain_is_walked_without_trouble() -> None:
    links = [Link(f"O{number}", f"O{number + 1}") for number in range(3000)]
    assert find_circles(links) == []


def test_a_link_to_a_long_term_outcome_says_how_long_it_takes() -> None:
    boxes = (activity(), outcome("L1", "long"))
    assert found(theory(*boxes, links=(link("A1", "L1"),))) == [("LC226", "A1>L1")]
    assert found(theory(*boxes, links=(link("A1", "L1", lag_months=24),))) == []


def test_a_priority_the_theory_does_not_list_is_told_and_a_former_name_is_not() -> None:
    listed = (Priority("preventing-offending", "Preventing Offending", ("reducing-reoffending",)),)
    boxes = (activity(priority=("reducing-reoffending",)), outcome("O1", priority=("helth",)))
    whole = replace(theory(*boxes, links=(link("A1", "O1"),)), priorities=listed)
    assert found(whole) == [("LC227", "O1")]
    assert whole.priorities_of(boxes[0]) == ("preventing-offending",)


def test_a_reason_for_having_no_measure_is_not_a_gap() -> None:
    unmeasured = Box("O1", "outcome", "Better life chances", not_measurable="a scale is being agreed")
    assert found(theory(activity(), unmeasured, links=(link("A1", "O1"),))) == []
