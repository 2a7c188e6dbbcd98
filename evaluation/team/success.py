"""Success measures in a report for the team: what came in, how it moved, what is open, what is due (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator

from cohorts.gate.outputs import Output
from evaluation.reporting.tables import Table
from evaluation.success_figures import outputs_of_figures, told_concern
from evaluation.team.held_back import Slot, held_back
from evaluation.team.known import Entered, Known, within
from evaluation.team.words import NOTHING, counted, day_words, grid
from theory_of_change.tracking import codes as _codes  # noqa: F401 - declares LC304 to LC321
from theory_of_change.tracking.change import change_words
from theory_of_change.tracking.checks import check_figures
from theory_of_change.tracking.model import Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Move
from theory_of_change.tracking.periods import Period
from theory_of_change.tracking.views import figure_text
from workspace.errors import EXPLANATIONS
from workspace.settings import DisclosureProfile

ALL = "whole area"


def hidden_in(known: Known) -> frozenset[Slot]:
    """What is not shown of the figures of a project."""
    return held_back(known.measures, (entry.row for entry in known.exact.values()), known.profile)


def outputs_of(known: Known, measures: Container[str]) -> tuple[Output, ...]:
    """What a report that tells figures of some measures says about people, for the gate."""
    rows = [entry.row for entry in known.exact.values() if entry.row.measure in measures]
    return outputs_of_figures(known.measures, rows, hidden_in(known), known.profile)


def shown_figure(
    row: FigureRow, measure: Tracked, hidden: frozenset[Slot], profile: DisclosureProfile
) -> str:
    """A figure as it may be read."""
    if row.slot in hidden:
        return f"withheld (counts below {profile.threshold}, and others that would tell them)"
    return figure_text(row, measure)


def moved_words(move: Move | None, hidden: frozenset[Slot]) -> str:
    """How a figure moved, with its interval and reading; why not, where it cannot be said."""
    if move is None:
        return "first figure: nothing to compare with"
    if move.before.slot in hidden or move.after.slot in hidden:
        return "withheld with its figures"
    if move.why_not:
        return f"not compared: {move.why_not}"
    said = change_words(move.change)
    return f"by {said}" if said[:1] in "+-" else said


def new_figures(known: Known, period: Period) -> list[tuple[Entered, bool]]:
    """Figures that came in during a period, or whose own period ended in it; whether each corrects an earlier one."""
    found = []
    values: dict[Slot, set[float]] = {}
    for entry in map(known.told, known.entries):
        if entry.row.value is not None:
            values.setdefault(entry.row.slot, set()).add(entry.row.value)
    for slot, entry in known.current.items():
        row = entry.row
        if row.value is None or row.measure not in known.measures:
            continue
        came = period.first <= entry.day <= period.last
        if came or period.first <= row.period.last <= period.last:
            found.append((entry, len(values[slot]) > 1))
    order = list(known.measures)
    return sorted(
        found, key=lambda pair: (order.index(pair[0].row.measure), pair[0].row.area, pair[0].row.period)
    )


def figures_table(
    known: Known, period: Period, kinds: tuple[str, ...] = ("outcome", "activity")
) -> Table | str:
    """What came in, with change, interval and reading; context measures are never among the outcomes."""
    hidden = hidden_in(known)
    by_slot = {move.after.slot: move for move in known.moves}
    checks = open_checks(known)
    rows = []
    for entry, corrected in new_figures(known, period):
        row, measure = entry.row, known.measures[entry.row.measure]
        if measure.kind not in kinds:
            continue
        move = by_slot.get(row.slot)
        silent = move is None or row.slot in hidden or move.before.slot in hidden
        codes = sorted({each.code for each in checks if _is_about(each, row)})
        figure = shown_figure(row, measure, hidden, known.profile)
        rows.append(
            (
                f"{measure.plain_name or measure.name} ({measure.id})",
                row.area or ALL,
                row.period.text,
                figure + (" (corrected)" if corrected else ""),
                moved_words(move, hidden),
                NOTHING if silent or move is None else move.as_aimed,
                ", ".join(codes) or "none",
            )
        )
    head = ("Measure", "Place", "Period", "Figure", "Change (95 % interval)", "Aim", "Open checks")
    return grid("New success figures", head, rows, "Nil return: no success figure is new in this period.")


def _is_about(concern: Concern, row: FigureRow) -> bool:
    return concern.measure == row.measure and (
        not concern.period or (concern.period == row.period.text and concern.area == row.area)
    )


def open_checks(known: Known) -> list[Concern]:
    """What is wrong, doubtful or missing in the figures: LC310 to LC321."""
    found = check_figures(known.measures, [entry.row for entry in known.exact.values()])
    return [told_concern(each, known.measures) for each in found]


def checks_table(known: Known, period: Period) -> Table | str:
    """The open checks of what came in, in words; the words of small numbers are those of the code alone."""
    rows = [(e.row.measure, e.row.area, e.row.period.text) for e, _ in new_figures(known, period)]
    measures, few = {row[0] for row in rows}, _measures_with_few(known)
    lines = []
    for each in open_checks(known):
        about = (each.measure, each.area, each.period) in rows or (
            each.measure in measures and not each.period
        )
        if about:
            said = each.text
            if each.measure in few and each.period:
                said = f"{EXPLANATIONS[each.code].title}. Its figures are withheld."
            lines.append(
                (
                    " ".join(part for part in (each.measure, each.area) if part),
                    each.period or "all",
                    f"{each.code} ({each.severity})",
                    said,
                    each.hint or "read with care",
                )
            )
    head = ("Measure", "Period", "Check", "What it says", "What to do")
    return grid("Open checks of the new figures", head, lines, "No check is open on the new figures.")


def _measures_with_few(known: Known) -> set[str]:
    """Measures of which something is withheld, with their parts and wholes: a check may name them all."""
    found = {slot[0] for slot in hidden_in(known)}
    family = {m.part_of for m in known.measures.values() if m.id in found}
    return (
        found | family | {m.id for m in known.measures.values() if m.part_of in found | family and m.part_of}
    )


def checks_in_short(known: Known, period: Period) -> str:
    """How many new figures there are and how many checks are open on them."""
    new = new_figures(known, period)
    table = checks_table(known, period)
    number = 0 if isinstance(table, str) else len(table.rows)
    return (
        f"{counted(len(new), 'success figure')} new in the period; {counted(number, 'check')} open on them."
    )


def clear_moves(known: Known, period: Period) -> Iterator[str]:
    """Sentences of the figures that moved more than chance explains, good and bad alike, in the order of measures."""
    hidden = hidden_in(known)
    new = {entry.row.slot for entry, _ in new_figures(known, period)}
    for move in known.moves:
        slots = {move.before.slot, move.after.slot}
        if move.after.slot in new and move.change.clear and not move.why_not and not slots & hidden:
            if move.measure.kind == "context":
                continue
            name = move.measure.plain_name or move.measure.name
            where = f", {move.after.area}" if move.after.area else ""
            yield (
                f"{name}{where}, {move.before.period.text} to {move.after.period.text}: {moved_words(move, hidden)} "
                f"({move.as_aimed}). Nothing here says why."
            )


def chase_table(known: Known) -> Table | str:
    """Figures that are overdue: missing is a state with a day, never nought."""
    rows = [
        (
            f"{known.measures[name].name} ({name})",
            area or ALL,
            period.text,
            known.measures[name].owner or known.measures[name].source or "nobody is named",
            day_words(since) if since else "no day is set",
            asked_words(known, (name, area, period)),
        )
        for (name, area, period), since in to_chase(known).items()
    ]
    head = ("Measure", "Place", "Period", "Who has it", "Due since", "Asked")
    nil = "Nil return: no figure is overdue, and none that was asked for is still to come."
    return grid("Chase list: figures that are overdue or were asked for", head, rows, nil)


def to_chase(known: Known) -> dict[Slot, dt.date | None]:
    """Figures that are overdue, with the day since when; then those that were asked for and have no day."""
    late: dict[Slot, dt.date | None] = {
        (each.measure.id, each.area, each.period): each.due
        for each in known.due(known.day)
        if each.overdue(known.day)
    }
    for slot, entry in known.current.items():
        if entry.row.value is None and slot[0] in known.measures:
            late.setdefault(slot, None)
    return late


def asked_words(known: Known, slot: Slot) -> str:
    """How often a figure was asked for, and when last."""
    days = last_asked(known, slot)
    return f"{counted(len(days), 'time')}, last on {day_words(days[-1])}" if days else "not asked for yet"


def last_asked(known: Known, slot: Slot) -> list[dt.date]:
    """The days on which a figure was asked for."""
    return [e.day for e in known.entries if e.row.slot == slot and e.row.status == "asked"]


def due_rows(known: Known, period: Period) -> list[tuple[str, str, str, str]]:
    """Figures that fall due in a period."""
    return [
        (
            day_words(each.due),
            "figure",
            f"{each.measure.name} ({each.measure.id}), {each.area or ALL}, {each.period.text}",
            each.measure.owner or "nobody is named",
        )
        for each in known.due(period.last)
        if within(each.due.isoformat(), period)
    ]
