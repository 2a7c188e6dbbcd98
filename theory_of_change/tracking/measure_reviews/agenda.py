"""What a yearly review of measures should look at: due, changed, broken, doubtful, off course (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from theory_of_change.tracking.measure_reviews.decisions import MeasureDecision, latest
from theory_of_change.tracking.model import Concern, Tracked
from workspace.days import days_after

YEAR_DAYS = 365
NOT_DEFINING = ("id", "line", "breaks")  # a new break is told by itself


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the agenda: about which measure, of what kind, and what."""

    measure: str
    name: str
    kind: str
    text: str


def agenda(
    measures: Mapping[str, Tracked],
    earlier: Mapping[str, Tracked] | None,
    decisions: Sequence[MeasureDecision],
    concerns: Sequence[Concern],
    overdue: Mapping[str, int],
    today: dt.date,
) -> tuple[Item, ...]:
    """Everything to look at, by measure in the order of measures.toml; retired ones only where something is left.

    ``earlier``: the measures at the last review that was minuted; ``overdue``: figures that are late, by measure.
    """
    last = latest(decisions)
    found: list[Item] = []
    for measure in measures.values():
        decided = last.get(measure.id)
        if decided is not None and decided.decision == "retire":
            continue
        found += [Item(measure.id, measure.name, kind, text) for kind, text in _due(decided, today)]
        if overdue.get(measure.id):
            found.append(
                Item(measure.id, measure.name, "overdue", f"{overdue[measure.id]} figures are overdue")
            )
        found += [
            Item(measure.id, measure.name, "changed", text)
            for text in changes_of(measure, (earlier or {}).get(measure.id), known=earlier is not None)
        ]
        found += [
            Item(
                measure.id, measure.name, "check", f"{each.code} {each.period} {each.text}".replace("  ", " ")
            )
            for each in concerns
            if each.measure == measure.id and each.severity != "note"
        ]
    return tuple(found)


def _due(decided: MeasureDecision | None, today: dt.date) -> Iterator[tuple[str, str]]:
    if decided is None:
        yield "due", "it was never reviewed"
        return
    day = decided.next_review or days_after(decided.date, YEAR_DAYS)
    if day <= today:
        yield "due", f"review due since {day}; last decided on {decided.date}: {decided.decision}"


def changes_of(measure: Tracked, before: Tracked | None, *, known: bool = True) -> Iterator[str]:
    """What was changed in a measure since the last minutes, key by key, and the breaks that are new."""
    if before is None:
        if known:
            yield "new since the last review"
        return
    for field in fields(Tracked):
        old, new = getattr(before, field.name), getattr(measure, field.name)
        if field.name not in NOT_DEFINING and old != new:
            yield f"{field.name}: {_said(old)} became {_said(new)}"
    for each in measure.breaks:
        if each not in before.breaks:
            yield f"a break from {each.starts} on: {each.why}"


def _said(value: object) -> str:
    if value in ("", None, ()):
        return "nothing"
    if isinstance(value, tuple):
        return "; ".join(f"{each.where}: {each.text}" for each in value)
    return f"'{value}'"


def breaks_of(measures: Mapping[str, Tracked]) -> tuple[Item, ...]:
    """Every break that is held, the newest first."""
    found = [(each.starts, measure, each.why) for measure in measures.values() for each in measure.breaks]
    found.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(Item(m.id, m.name, "break", f"from {day} on: {why}") for day, m, why in found)
