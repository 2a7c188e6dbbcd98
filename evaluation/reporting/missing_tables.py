"""Tables of what missing outcomes could do, and of an outcome over its waves (pure)."""

from __future__ import annotations

from evaluation.missing.waves import WAVE
from evaluation.model import OutcomeResult
from evaluation.protection import may_show
from evaluation.reporting.numbers import NOT_ESTIMATED, TOO_FEW, number
from evaluation.reporting.tables import Table
from evaluation.wording import ANSWER_WORDS
from workspace.settings import DisclosureProfile


def tipping_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """How far those missing must lie from what the analysis takes them to be before the answer is another one."""
    facts = outcome.missing
    if facts is None or not facts.tipping:
        return None
    safe = may_show(outcome.kind, outcome.estimate, profile)
    rows = []
    words: dict[str, str] = dict(ANSWER_WORDS)
    for point in facts.tipping:
        moved = "no shift within the scale or 3 SD changes it"
        if point.shift is not None and point.in_sd is not None:
            unit = f" {outcome.unit}" if outcome.unit else ""
            moved = f"{number(abs(point.shift))}{unit} ({abs(point.in_sd):.2f} SD)" if safe else TOO_FEW
        then = words.get(point.answer, point.answer) if point.shift is not None else "unchanged"
        rows.append((point.who, point.direction, moved, then))
    head = ("Missing outcomes of", "Moved", "By how much before the answer changes", "The answer then")
    return Table(f"Tipping points: {outcome.name}", head, tuple(rows))


def bounds_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """The two ends the effect can have, with an interval over both."""
    facts = outcome.missing
    if facts is None or not facts.bounds:
        return None
    safe = may_show(outcome.kind, outcome.estimate, profile)
    rows = tuple(
        (
            bound.name,
            number(bound.low) if safe else TOO_FEW,
            number(bound.high) if safe else TOO_FEW,
            _ends(bound.conf_low, bound.conf_high) if safe else TOO_FEW,
        )
        for bound in facts.bounds
    )
    head = ("Bounds", "Lowest effect", "Highest effect", "Interval over both")
    return Table(f"What the effect could be, whatever the missing outcomes were: {outcome.name}", head, rows)


def wave_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """The difference at each wave of one model."""
    rows = [row for row in outcome.path if row.term.startswith(WAVE)]
    if not rows:
        return None
    safe = may_show(outcome.kind, outcome.estimate, profile)
    cells = tuple(
        (
            row.term.removeprefix(WAVE),
            (number(row.value) if safe else TOO_FEW) if row.value is not None else NOT_ESTIMATED,
            _ends(row.conf_low, row.conf_high) if safe else TOO_FEW,
        )
        for row in rows
    )
    return Table(f"Wave by wave: {outcome.name}", ("Wave", "Difference", "Interval"), cells)


def _ends(low: float | None, high: float | None) -> str:
    return NOT_ESTIMATED if low is None or high is None else f"{number(low)} to {number(high)}"
