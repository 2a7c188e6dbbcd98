"""What changed between two theories, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from tests.theory_of_change.theories import example
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.priorities import Priority
from theory_of_change.versions.differences import compare, count_words

BOXES = (
    Box("A1", "activity", "Mentoring", tier="primary"),
    Box("O1", "outcome", "Fewer offend", term="short"),
)
OLD = Theory("T", boxes=BOXES, links=(Link("A1", "O1", "trust", worthwhile="5 in 100", lag_months=6),))


def said(new: Theory) -> list[str]:
    return [change.sentence for change in compare(OLD, new)]


def test_a_theory_does_not_differ_from_itself_wherever_its_lines_stand() -> None:
    moved = replace(OLD, boxes=tuple(replace(box, line=99) for box in BOXES), line=7)
    assert compare(OLD, moved) == ()
    assert compare(example(), example()) == ()
    assert count_words(()) == "nothing changed"


def test_boxes_and_links_added_dropped_reworded_and_resized_are_told() -> None:
    boxes = (replace(BOXES[0], text="Mentoring every week"), Box("O2", "outcome", "In work", term="long"))
    new = replace(OLD, boxes=boxes, links=(Link("A1", "O2", "habits"),))
    assert said(new) == [
        'box A1 (Mentoring every week): reworded, from "Mentoring" to "Mentoring every week"',
        "box O2 added: In work (outcome)",
        "box O1 dropped: Fewer offend (outcome)",
        "link A1>O2 (Mentoring every week, In work) added, because habits",
        "link A1>O1 (Mentoring, Fewer offend) dropped",
    ]
    assert count_words(compare(OLD, new)) == "2 added, 2 dropped, 1 changed"


def test_every_key_of_a_link_is_compared_in_words() -> None:
    link = replace(
        OLD.links[0], worthwhile="3 in 100", lag_months=None, rivals=("a new head",), feedback=True,
        review_by=dt.date(2027, 1, 1),
    )  # fmt: skip
    assert said(replace(OLD, links=(link,))) == [
        'link A1>O1 (Mentoring, Fewer offend): another worthwhile size, from "5 in 100" to "3 in 100"',
        "link A1>O1 (Mentoring, Fewer offend): another lag, was 6, now not said",
        'link A1>O1 (Mentoring, Fewer offend): other rival explanations, now "a new head"',
        "link A1>O1 (Mentoring, Fewer offend): another review date, now 2027-01-01",
        "link A1>O1 (Mentoring, Fewer offend): leads back, from no to yes",
    ]


def test_the_head_the_measures_and_the_priorities_are_compared_too() -> None:
    score = Measure("score", "A score", "continuous", "lower")
    new = replace(OLD, title="U", measures=(score,), priorities=(Priority("health"),))
    assert said(new) == ['theory: title from "T" to "U"', "measure score added", "priority health added"]
    renamed = replace(new, priorities=(Priority("health", "Health", ("wellbeing",)),), measures=())
    assert [change.sentence for change in compare(new, renamed)] == [
        "measure score dropped",
        "priority health changed",
    ]
    assert said(replace(OLD, measures=(replace(score, catalogue=True),))) == []
