"""What a review should look at: what is due, what a new factor touches, what nobody has tested (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from theory_of_change.gaps import box_name, link_name
from theory_of_change.model import Theory
from theory_of_change.reviews.decisions import WHOLE, Decision, with_decisions
from workspace.days import days_after


@dataclass(frozen=True, slots=True)
class Point:
    """One thing on the agenda: what it is about, and why it is there."""

    about: str
    wording: str
    reason: str


def agenda(
    theory: Theory, decisions: Sequence[Decision], today: dt.date, days: int, earlier: Theory | None = None
) -> tuple[Point, ...]:
    """What is due within ``days``, and links that a factor touches which is new since ``earlier``."""
    current = with_decisions(theory, decisions)
    points = list(_due(current, today, days_after(today, days)))
    for factor in (box for box in theory.boxes if box.kind == "factor"):
        if earlier is not None and earlier.box(factor.id) is None:
            reason = f"touched by a new outside factor: {factor.id} ({factor.text})"
            points += [Point(id_, _words(theory, id_), reason) for id_ in touched(theory, factor.id)]
    return tuple(points)


def touched(theory: Theory, factor: str) -> tuple[str, ...]:
    """Links a factor bears upon: those that start from it or name it, and those that claim the box it moves."""
    moved = {link.to_box for link in theory.links if link.from_box == factor}
    return tuple(
        link.id
        for link in theory.links
        if factor in link.factors or link.from_box == factor or link.to_box in moved
    )


def not_measurable(theory: Theory) -> tuple[Point, ...]:
    """Outcomes that have no measure, with the reason the theory gives."""
    return tuple(
        Point(box.id, box_name(box), box.not_measurable or "no measure, and no reason given")
        for box in theory.boxes
        if box.kind in ("outcome", "impact") and not box.measures
    )


def _words(theory: Theory, about: str) -> str:
    link, box = theory.link(about), theory.box(about)
    return link_name(theory, link) if link else box_name(box) if box else theory.title


def _due(theory: Theory, today: dt.date, until: dt.date) -> Iterator[Point]:
    days = [(WHOLE, theory.review_by), *((box.id, box.review_by) for box in theory.boxes)]
    for about, day in [*days, *((link.id, link.review_by) for link in theory.links)]:
        if day and day <= until:
            word = "overdue since" if day < today else "due"
            yield Point(about, _words(theory, about), f"{word} {day.isoformat()}")
