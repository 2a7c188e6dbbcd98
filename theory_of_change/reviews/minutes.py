"""The minutes of a review as Markdown: what was due, what was decided, by whom and why (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from theory_of_change.markdown import plain_line
from theory_of_change.model import Theory
from theory_of_change.reviews.agenda import Point, not_measurable
from theory_of_change.reviews.decisions import Decision
from theory_of_change.versions.differences import Change

DONE = {"keep": "Keep", "change": "Change", "drop": "Drop"}


def minutes_text(
    theory: Theory,
    day: dt.date,
    decisions: Sequence[Decision],
    points: Sequence[Point],
    changes: Sequence[Change],
) -> str:
    """Minutes of the decisions of one day, with what is still open and what changed since the last version."""
    return "\n".join(_lines(theory, day, decisions, points, changes)) + "\n"


def _lines(
    theory: Theory,
    day: dt.date,
    decisions: Sequence[Decision],
    points: Sequence[Point],
    changes: Sequence[Change],
) -> Iterator[str]:
    yield f"# Review of the theory of change, {day.isoformat()}"
    yield ""
    yield plain_line(theory.title)
    yield from minutes_part("Decided", [_decided(decision) for decision in decisions])
    settled = {decision.about for decision in decisions}
    yield from minutes_part(
        "Still to look at",
        [f"{plain_line(p.wording)}: {plain_line(p.reason)}" for p in points if p.about not in settled],
    )
    yield from minutes_part(
        "Changed since the last version kept", [plain_line(change.sentence) for change in changes]
    )
    yield from minutes_part(
        "No measure yet", [f"{plain_line(p.wording)}: {plain_line(p.reason)}" for p in not_measurable(theory)]
    )


def minutes_part(heading: str, entries: Sequence[str]) -> Iterator[str]:
    """A heading of the minutes with what stands under it; nothing is said to be nothing."""
    yield ""
    yield f"## {heading}"
    yield ""
    yield from (f"- {entry}" for entry in entries or ["Nothing."])


def _decided(decision: Decision) -> str:
    following = f" Next review {decision.next_review.isoformat()}." if decision.next_review else ""
    what = plain_line(decision.wording or decision.about)
    return f"{DONE[decision.decision]}: {what}. {plain_line(decision.because)} ({plain_line(decision.by)}){following}"
