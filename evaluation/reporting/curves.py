"""The curve of a time to an event, drawn and as a table: who had it by when, arm by arm (pure)."""

from __future__ import annotations

from itertools import pairwise

from evaluation.figures import Figure, Line, LineKind
from evaluation.model import OutcomeResult, PathRow
from evaluation.protection import may_show
from evaluation.reporting.figures import draw_figure
from evaluation.reporting.love import Chart
from evaluation.reporting.numbers import NOT_ESTIMATED, in_100, number, plain
from evaluation.reporting.tables import Table
from workspace.settings import DisclosureProfile

BY = ", by "
CURVED = ("time-to-event", "count")
HEAD = ("People", "By (time)", "Had it", "Interval, in 100")
MEAN_HEAD = ("People", "By (time)", "Events a person", "Interval")


def curve_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """Shares who had the event by each time; nothing where there is no curve or too few people stand behind it."""
    steps = _steps(outcome)
    if not steps:
        return None
    if not may_show(outcome.kind, outcome.estimate, profile):
        return None
    unit = f", in {outcome.unit}" if outcome.unit else ""
    if outcome.kind == "count":
        caption = f"How often by when: {outcome.name}; each step stands for ten people with an event or more"
        return Table(caption, MEAN_HEAD, tuple(_mean_row(row) for row in steps))
    caption = f"Who had it by when: {outcome.name}{unit}; each step stands for ten events or more"
    return Table(caption, HEAD, tuple(_row(row) for row in steps))


def _steps(outcome: OutcomeResult) -> tuple[PathRow, ...]:
    """The rows of a path that are steps of a curve; those of panels, waves and bounds are something else."""
    return tuple(row for row in outcome.path if BY in row.term) if outcome.kind in CURVED else ()


def curve_chart(
    outcome: OutcomeResult, profile: DisclosureProfile, *, stamp: str, prefix: str
) -> Chart | None:
    """The same curves drawn in steps, at the numbers the table prints; nothing where there is no table."""
    if curve_table(outcome, profile) is None:
        return None
    count = outcome.kind == "count"
    arms: dict[str, list[tuple[float, float]]] = {}
    for row in _steps(outcome):
        arm, _, time = row.term.partition(BY)
        if row.value is not None:
            arms.setdefault(arm, []).append((float(time), _printed(row.value, count=count)))
    lines = tuple(_stepped(f"{arm} the programme", sorted(points)) for arm, points in arms.items() if points)
    if not lines:
        return None
    what = "How often by when" if count else "Who had it by when"
    title = f"{stamp}{what}: {outcome.name}"
    y_name = "events a person" if count else "had it, in 100"
    figure = Figure("curves", title, f"time, in {outcome.unit}" if outcome.unit else "time", y_name, lines)
    drawn = draw_figure(figure, title=title, prefix=prefix)
    return Chart(drawn.svg, title, "The intervals are in the table below.") if drawn.svg else None


def _printed(value: float, *, count: bool) -> float:
    """A number as the table prints it."""
    return float(f"{value:.3g}") if count else float(round(100 * value))


def _stepped(name: str, points: list[tuple[float, float]]) -> Line:
    """A line that stays where it is until the next point."""
    places = [points[0]]
    for (_, before), (x, after) in pairwise(points):
        places += [(x, before), (x, after)]
    kind: LineKind = "observed" if name.startswith("with ") else "comparison"
    return Line(name, kind, tuple(x for x, _ in places), tuple(y for _, y in places))


def _row(row: PathRow) -> tuple[str, ...]:
    arm, _, time = row.term.partition(BY)
    if row.value is None or row.conf_low is None or row.conf_high is None:
        return (f"{arm} the programme", time, NOT_ESTIMATED, NOT_ESTIMATED)
    ends = f"{plain(100 * row.conf_low, 0)} to {plain(100 * row.conf_high, 0)}"
    return (f"{arm} the programme", time, in_100(row.value), ends)


def _mean_row(row: PathRow) -> tuple[str, ...]:
    arm, _, time = row.term.partition(BY)
    ends = f"{number(row.conf_low)} to {number(row.conf_high)}"
    return (f"{arm} the programme", time, number(row.value), ends)
