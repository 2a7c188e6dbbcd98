"""The minutes of a yearly review of measures as Markdown (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from theory_of_change.markdown import plain_line
from theory_of_change.reviews.minutes import minutes_part
from theory_of_change.tracking.measure_reviews.agenda import Item, breaks_of
from theory_of_change.tracking.measure_reviews.decisions import MeasureDecision, latest
from theory_of_change.tracking.model import Tracked

DONE = {"keep": "Keep", "change": "Change", "retire": "Retire"}
PARTS = (
    ("due", "Due for review"),
    ("overdue", "Figures that are overdue"),
    ("changed", "Definitions changed since the last minutes"),
    ("check", "Checks that are open"),
)


def minutes_text(
    name: str,
    day: dt.date,
    measures: Mapping[str, Tracked],
    items: Sequence[Item],
    decided: Sequence[MeasureDecision],
    everything: Sequence[MeasureDecision],
) -> str:
    """Minutes of the decisions of one day: what was decided, what is open, which measures are retired."""
    return "\n".join(_lines(name, day, measures, items, decided, everything)) + "\n"


def _lines(
    name: str,
    day: dt.date,
    measures: Mapping[str, Tracked],
    items: Sequence[Item],
    decided: Sequence[MeasureDecision],
    everything: Sequence[MeasureDecision],
) -> Iterator[str]:
    yield f"# Review of measures, {day.isoformat()}"
    yield ""
    yield plain_line(f"{name}: {len(measures)} measures are tracked.")
    yield from minutes_part("Decided", [_decision(each) for each in decided])
    settled = {each.measure for each in decided}
    for kind, heading in PARTS:
        chosen = [
            each for each in items if each.kind == kind and not (kind == "due" and each.measure in settled)
        ]
        yield from minutes_part(
            heading, [plain_line(f"{each.measure} {each.name}: {each.text}") for each in chosen]
        )
    yield from minutes_part(
        "Breaks", [plain_line(f"{e.measure} {e.name}: {e.text}") for e in breaks_of(measures)]
    )
    gone = [each for each in latest(everything).values() if each.decision == "retire"]
    yield from minutes_part("Retired measures, which stay listed", [_decision(each) for each in gone])


def _decision(each: MeasureDecision) -> str:
    following = f" Next review {each.next_review}." if each.next_review else ""
    said = f"{DONE[each.decision]}: {each.measure} {each.name}, {each.date}. {each.because} ({each.by}).{following}"
    return plain_line(said)
