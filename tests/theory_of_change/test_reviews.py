"""Reviews: what is due, what was decided, and what the minutes say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from theory_of_change.errors import TheoryError
from theory_of_change.gaps import find_gaps
from theory_of_change.model import Box, Link, Theory
from theory_of_change.reviews.agenda import agenda, touched
from theory_of_change.reviews.decisions import (
    Decision,
    decision_text,
    read_decisions,
    still_there,
    subject_words,
    with_decisions,
)
from theory_of_change.reviews.minutes import minutes_text

TODAY = dt.date(2026, 6, 1)
FACTOR = Box("F1", "factor", "The cost of living", factor_sign="risk")
THEORY = Theory(
    "Mentoring *and* more",
    review_by=dt.date(2026, 5, 1),
    boxes=(
        Box("A1", "activity", "Mentoring", tier="primary"),
        Box("O1", "outcome", "Fewer offend", review_by=dt.date(2026, 7, 1), not_measurable="no record yet"),
        Box("O2", "outcome", "In work", review_by=dt.date(2027, 7, 1)),
    ),
    links=(Link("A1", "O1", "trust", could_harm="none", test="plan"), Link("O1", "O2", "habit")),
)
KEEP = Decision(TODAY, "theory", "keep", "still right", "Steering group", dt.date(2027, 6, 1), "Mentoring")


def test_the_agenda_holds_what_is_overdue_and_what_is_due_soon() -> None:
    points = agenda(THEORY, (), TODAY, 60)
    assert [(point.about, point.reason) for point in points] == [
        ("theory", "overdue since 2026-05-01"),
        ("O1", "due 2026-07-01"),
    ]
    assert [point.about for point in agenda(THEORY, (KEEP,), TODAY, 60)] == ["O1"]


def test_a_new_outside_factor_puts_every_link_it_touches_on_the_agenda() -> None:
    links = (
        *THEORY.links,
        Link("F1", "O1", "rent comes first"),
        Link("A1", "O2", "references", factors=("F1",)),
    )
    now = replace(THEORY, boxes=(*THEORY.boxes, FACTOR), links=links, review_by=None)
    assert touched(now, "F1") == ("A1>O1", "F1>O1", "A1>O2")
    found = [(p.about, p.reason) for p in agenda(now, (), TODAY, 0, earlier=THEORY)]
    assert found == [
        (id_, "touched by a new outside factor: F1 (The cost of living)") for id_ in touched(now, "F1")
    ]
    assert agenda(now, (), TODAY, 0, earlier=now) == ()


def test_a_decision_reads_back_as_it_was_written() -> None:
    drop = Decision(TODAY, "A1>O1", "drop", 'it "did not" hold', "Core team", None, "link A1>O1 (x)")
    assert read_decisions(decision_text(KEEP) + "\n" + decision_text(drop), "reviews.toml") == (KEEP, drop)


def test_a_review_sets_the_next_day_and_the_check_follows_it() -> None:
    overdue = [gap.code for gap in find_gaps(THEORY, TODAY) if gap.subject == "theory"]
    assert overdue == ["LC224"]
    assert not [gap for gap in find_gaps(with_decisions(THEORY, (KEEP,)), TODAY) if gap.subject == "theory"]
    assert [gap.code for gap in find_gaps(with_decisions(THEORY, (KEEP,)), dt.date(2027, 6, 2))].count(
        "LC224"
    ) == 2


def test_what_was_to_be_dropped_and_is_still_there_is_told() -> None:
    drop = Decision(TODAY, "A1>O1", "drop", "no", "Core team")
    assert [(gap.code, gap.subject) for gap in still_there(THEORY, (drop,))] == [("LC237", "A1>O1")]
    assert list(still_there(THEORY, (drop, replace(drop, decision="keep")))) == []
    assert list(still_there(replace(THEORY, links=()), (drop,))) == []


def test_a_decision_without_a_reason_a_name_or_a_known_word_is_refused_at_once() -> None:
    with pytest.raises(TheoryError) as error:
        Decision(TODAY, "A1", "kep", " ", "", TODAY)
    assert [fault.code for fault in error.value.faults] == ["LC236"] * 4
    text = decision_text(replace(KEEP, about="A1")).replace('"keep"', '"kep"')
    with pytest.raises(TheoryError) as error:
        read_decisions(text, "r.toml")
    assert str(error.value).startswith("r.toml:1: LC236 'kep' is not one of keep, change, drop.")
    with pytest.raises(TheoryError) as error:
        subject_words(THEORY, "A9")
    assert error.value.code == "LC236"


def test_the_minutes_say_what_was_decided_and_what_is_open() -> None:
    text = minutes_text(THEORY, TODAY, (KEEP,), agenda(THEORY, (), TODAY, 60), ())
    assert "- Keep: Mentoring. still right (Steering group) Next review 2027-06-01." in text
    assert "Mentoring \\*and\\* more" in text
    assert "- box O1 (Fewer offend): due 2026-07-01" in text
    assert "overdue since" not in text  # decided today
    assert "- box O1 (Fewer offend): no record yet" in text
    assert "- box O2 (In work): no measure, and no reason given" in text
