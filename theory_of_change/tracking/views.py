"""What the terminal shows of success measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from theory_of_change.tracking.change import change_words
from theory_of_change.tracking.due import Due
from theory_of_change.tracking.model import SHARE, Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Move, Series
from theory_of_change.tracking.targets import standing, standing_words
from theory_of_change.views import counted
from workspace.console import say, table

SEVERITIES = ("error", "warning", "note")
NOT_COMPARED = "not compared"
MILLION = 1e6  # from here on six figures would be written with an exponent


def concern_payload(concerns: Sequence[Concern]) -> dict[str, Any]:
    """The concerns for machines."""
    return {
        **{f"{name}s": sum(each.severity == name for each in concerns) for name in SEVERITIES},
        "concerns": [asdict(each) for each in concerns],
    }


def concerns_view(concerns: Sequence[Concern], *, notes: bool) -> None:
    """One line a concern, the gravest first within a measure; notes are counted unless asked for."""
    for each in concerns:
        if each.severity == "note" and not notes:
            continue
        where = " ".join(part for part in (each.measure, each.area, each.period) if part)
        say(f"{each.code}  {each.severity:7}  {where}: {each.text}")
        if each.hint and each.severity != "note":
            say(f"{'':16}{each.hint}")
    said = [counted(sum(each.severity == name for each in concerns), name) for name in SEVERITIES]
    say(", ".join(said) + ("" if notes or not said else ". Notes are listed with --notes."))


def figure_text(row: FigureRow, measure: Tracked) -> str:
    """A figure as people read it."""
    if row.value is None:
        return "not there yet"
    number = f"{row.value:,.0f}" if abs(row.value) >= MILLION else f"{row.value:,.6g}"
    text = number + (" %" if measure.unit == SHARE else "")
    return (
        text
        + (f" of {row.of:,.0f}" if row.of else "")
        + (" (provisional)" if row.status == "provisional" else "")
    )


def trend_view(
    measure: Tracked, series: Series, moves: Sequence[Move], said: Mapping[str, Sequence[str]]
) -> None:
    """One measure: each figure, how it moved against the one before, and whether that is as it should be."""
    say(f"{measure.id}  {measure.name}" + (f" ({measure.plain_name})" if measure.plain_name else ""))
    facts = [f"aim: {measure.aim}", f"unit: {measure.unit}"]
    facts += [
        f"{key}: {value}" for key in ("owner", "source", "obligation") if (value := getattr(measure, key))
    ]
    say("; ".join(facts))
    by_slot = {move.after.slot: move for move in moves}
    rows = []
    for name, area in series.keys:
        if name != measure.id:
            continue
        for row in series.of(name, area):
            move = by_slot.get(row.slot)
            rows.append(
                (
                    area,
                    row.period.text,
                    figure_text(row, measure),
                    _moved(move),
                    move.as_aimed if move else "",
                )
            )
    table(("Area", "Period", "Figure", "Change (95 in 100 times within)", "Aim"), rows)
    for area, lines in said.items():
        say(f"{area}: {' '.join(lines)}" if area else " ".join(lines))
    for name, area in series.keys:
        found = standing(measure, series, area) if name == measure.id else None
        if found:
            say(standing_words(measure, found))


def _moved(move: Move | None) -> str:
    if move is None:
        return ""
    return f"{NOT_COMPARED}: {move.why_not}" if move.why_not else change_words(move.change)


def overview(measures: Mapping[str, Tracked], moves: Sequence[Move], series: Series) -> list[dict[str, str]]:
    """The newest figure of every measure and how it moved."""
    newest = {(move.measure.id, move.after.area): move for move in moves}
    found = []
    for measure in measures.values():
        areas = [area for name, area in series.keys if name == measure.id] or [""]
        for area in areas:
            rows = [row for row in series.of(measure.id, area) if row.value is not None]
            move = newest.get((measure.id, area))
            current = move if move is not None and rows and move.after is rows[-1] else None
            found.append(
                {
                    "measure": measure.id,
                    "name": measure.name,
                    "area": area,
                    "period": rows[-1].period.text if rows else "",
                    "figure": figure_text(rows[-1], measure) if rows else "no figure yet",
                    "change": _moved(current),
                    "aim": current.as_aimed if current else "",
                }
            )
    return found


def overview_view(lines: Sequence[Mapping[str, str]]) -> None:
    """The overview as a table."""
    table(
        ("Measure", "What", "Area", "Newest", "Figure", "Change against the figure before", "Aim"),
        [tuple(line.values()) for line in lines],
    )


def due_view(found: Sequence[Due], today: dt.date) -> None:
    """Figures to chase, the longest overdue first."""
    if not found:
        say("No figure is due.")
        return
    table(
        ("Measure", "What", "Owner", "Area", "Period", "Due", "State"),
        [
            (
                each.measure.id, each.measure.name, each.measure.owner, each.area, each.period.text, str(each.due),
                _state(each, today),
            )
            for each in sorted(found, key=lambda each: each.due)
        ],
    )  # fmt: skip


def _state(each: Due, today: dt.date) -> str:
    asked = f", asked {counted(each.asked, 'time')}" if each.asked else ""
    return ("overdue" if each.overdue(today) else "coming") + asked


def change_line(move: Move) -> str:
    """A change in words, or why there is none."""
    return _moved(move)


def move_payload(move: Move) -> dict[str, Any]:
    """One change for machines, full precision."""
    change = move.change
    return {
        "measure": move.measure.id,
        "area": move.after.area,
        "from": move.before.period.text,
        "to": move.after.period.text,
        "before": change.before,
        "after": change.after,
        "difference": change.difference,
        "percent": None if change.points or not change.prints_percent else change.percent,
        "points": change.percent if change.points else None,
        "conf_low": change.low,
        "conf_high": change.high,
        "log_low": change.log_low,
        "log_high": change.log_high,
        "reading": change.reading,
        "aim": move.as_aimed,
        "why_not_compared": move.why_not,
    }
