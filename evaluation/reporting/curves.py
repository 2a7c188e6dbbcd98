"""The curve of a time to an event as a table: who had it by when, arm by arm (pure)."""

from __future__ import annotations

from evaluation.model import OutcomeResult, PathRow
from evaluation.protection import may_show
from evaluation.reporting.numbers import NOT_ESTIMATED, in_100, number, plain
from evaluation.reporting.tables import Table
from workspace.settings import DisclosureProfile

CURVED = ("time-to-event", "count")
HEAD = ("People", "By (time)", "Had it", "Interval, in 100")
MEAN_HEAD = ("People", "By (time)", "Events a person", "Interval")


def curve_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """Shares who had the event by each time; nothing where there is no curve or too few people stand behind it."""
    if not outcome.path or outcome.kind not in CURVED:
        return None
    if not may_show(outcome.kind, outcome.estimate, profile):
        return None
    unit = f", in {outcome.unit}" if outcome.unit else ""
    if outcome.kind == "count":
        caption = f"How often by when: {outcome.name}; each step stands for ten people with an event or more"
        return Table(caption, MEAN_HEAD, tuple(_mean_row(row) for row in outcome.path))
    caption = f"Who had it by when: {outcome.name}{unit}; each step stands for ten events or more"
    return Table(caption, HEAD, tuple(_row(row) for row in outcome.path))


def _row(row: PathRow) -> tuple[str, ...]:
    arm, _, time = row.term.partition(", by ")
    if row.value is None or row.conf_low is None or row.conf_high is None:
        return (f"{arm} the programme", time, NOT_ESTIMATED, NOT_ESTIMATED)
    ends = f"{plain(100 * row.conf_low, 0)} to {plain(100 * row.conf_high, 0)}"
    return (f"{arm} the programme", time, in_100(row.value), ends)


def _mean_row(row: PathRow) -> tuple[str, ...]:
    arm, _, time = row.term.partition(", by ")
    ends = f"{number(row.conf_low)} to {number(row.conf_high)}"
    return (f"{arm} the programme", time, number(row.value), ends)
