"""A monitoring return: figures, what is missing, corrections and projects, in rows of a fixed layout (pure).

Nothing in it depends on the day on which it is made: the same entries give the same rows. A figure that was corrected
shows with what it was; a figure that is not there is a row of its own with its day, never nought.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evaluation.team import success
from evaluation.team.held_back import Slot, held_back
from evaluation.team.known import Entered, Known, day_of
from evaluation.team.layout import Layout
from evaluation.team.words import period_words
from evaluation.team.work import spent_in
from theory_of_change.delivery.model import Project, of_kind, standing
from theory_of_change.tracking.due import LIMIT, next_period
from theory_of_change.tracking.model import FigureRow, Tracked
from theory_of_change.tracking.moves import Move
from theory_of_change.tracking.periods import Period
from workspace.days import month_end

Value = str | float | int
Row = Mapping[str, Value]
WITHHELD, MISSING, NEVER = "withheld", "missing", "missing: no figure was ever held"


@dataclass(frozen=True, slots=True)
class Return:
    """A return: its layout, its period, and its rows by what they are of."""

    layout: Layout
    period: Period
    rows: Mapping[str, tuple[Row, ...]]
    newest: str
    measures: tuple[str, ...]
    practice: bool

    @property
    def title(self) -> str:
        """What the files call it."""
        return f"{self.layout.title}, {self.period.text}"


def owed_measures(known: Known, owner: str) -> dict[str, Tracked]:
    """The measures that are the owner's, or that an obligation to it names."""
    wanted = owner.replace("-", " ").casefold()
    return {
        name: one
        for name, one in known.measures.items()
        if wanted in one.owner.replace("-", " ").casefold()
        or wanted in one.obligation.replace("-", " ").casefold()
    }


def monitoring_return(known: Known, period: Period, layout: Layout) -> Return:
    """The return of a period, from what was known on a day."""
    measures = owed_measures(known, layout.owner)
    held = [
        entry
        for entry in known.current.values()
        if entry.row.measure in measures
        and entry.row.value is not None
        and _ends_in(entry.row.period, period)
    ]
    held.sort(key=lambda e: (list(measures).index(e.row.measure), e.row.area, e.row.period))
    hidden = success.hidden_in(known)
    missing = tuple(_missing(known, measures, period))
    corrections = tuple(_corrections(known, held, hidden))
    days = [entry.day for entry in known.entries if entry.row.measure in measures]
    newest = max(days).isoformat() if days else ""
    rows: dict[str, tuple[Row, ...]] = {
        "figures": tuple(_figures(known, held, hidden)),
        "missing": missing,
        "corrections": corrections,
        "projects": tuple(_projects(known, period)),
    }
    rows["about"] = _about(known, layout, period, rows)
    return Return(layout, period, rows, newest, tuple(measures), known.practice)


def _ends_in(own: Period, period: Period) -> bool:
    return period.first <= own.last <= period.last


def _figures(known: Known, held: Sequence[Entered], hidden: frozenset[Slot]) -> Iterator[Row]:
    moves = {move.after.slot: move for move in known.moves}
    checks = success.open_checks(known)
    for entry in held:
        row, measure = entry.row, known.measures[entry.row.measure]
        codes = {c.code for c in checks if c.measure == measure.id and c.period in ("", row.period.text)}
        shown = row.slot not in hidden
        yield {
            **_slot(row, measure),
            "from": row.period.first.isoformat(),
            "to": row.period.last.isoformat(),
            "state": row.status if shown else f"{WITHHELD}: few people",
            "figure": _number(row.value) if shown else "",
            "unit": measure.unit,
            "out_of": _number(row.of) if shown and row.of else "",
            **_change(moves.get(row.slot), hidden),
            "checks": ", ".join(sorted(codes)),
            "source": "; ".join(part for part in (row.source or measure.source, row.document) if part),
            "entered": entry.day.isoformat(),
        }


def _slot(row: FigureRow, measure: Tracked) -> dict[str, Value]:
    return {
        "measure": measure.id,
        "name": measure.name,
        "place": row.area or success.ALL,
        "period": row.period.text,
    }


def _number(value: float | None) -> Value:
    return "" if value is None else int(value) if value == int(value) else value


def _change(move: Move | None, hidden: frozenset[Slot]) -> dict[str, Value]:
    if move is None:
        return {"reading": "first figure: nothing to compare with"}
    told: dict[str, Value] = {"before_period": move.before.period.text}
    if {move.before.slot, move.after.slot} & hidden:
        return told | {"reading": WITHHELD}
    told["before"] = _number(move.before.value)
    if move.why_not:
        return told | {"reading": f"not compared: {move.why_not}"}
    change = move.change
    ends = {} if not change.prints_percent else {"low": _short(change.low), "high": _short(change.high)}
    amount = (
        {"points" if change.points else "percent": _short(change.percent)} if change.prints_percent else {}
    )
    return told | ends | amount | {"reading": change.reading}


def _short(value: float | None) -> Value:
    return "" if value is None or abs(value) > 1e9 else round(value, 1)


def _missing(known: Known, measures: Mapping[str, Tracked], period: Period) -> Iterator[Row]:
    for measure in measures.values():
        areas = [area for name, area in known.series.keys if name == measure.id]
        numbered = [a for a in areas if any(r.value is not None for r in known.series.of(measure.id, a))]
        for area in numbered or areas[:1] or [""]:
            rows = [row for row in known.series.of(measure.id, area) if row.value is not None]
            for own in _expected(rows, period) if rows else (period,):
                yield _absent(known, measure, area, own, MISSING if rows else NEVER)


def _expected(rows: Sequence[FigureRow], period: Period) -> Iterator[Period]:
    """Periods of a series that end in the return's period and have no figure; the series goes on as it began."""
    held = {row.period for row in rows}
    before = [row.period for row in rows if row.period.last < period.first]
    if not before:
        if not any(_ends_in(own, period) for own in held):
            yield period
        return
    own = max(before)
    for _ in range(LIMIT * 12):
        own = next_period(own)
        if own.last > period.last:
            return
        if _ends_in(own, period) and own not in held:
            yield own


def _absent(known: Known, measure: Tracked, area: str, own: Period, state: str) -> Row:
    asked = success.last_asked(known, (measure.id, area, own))
    months = measure.due_months
    return {
        **_slot(FigureRow(measure.id, own, None, area=area), measure),
        "state": state,
        "code": "LC728",
        "due": month_end(own.last, months).isoformat() if months is not None else "no day is set",
        "asked": len(asked),
        "last_asked": asked[-1].isoformat() if asked else "not asked for yet",
        "who": measure.owner or measure.source or "nobody is named",
    }


def _corrections(known: Known, held: Sequence[Entered], hidden: frozenset[Slot]) -> Iterator[Row]:
    for entry in held:
        slot = entry.row.slot
        past = [e for e in known.entries if e.row.slot == slot and e.row.value is not None]
        for exact in pairwise(past):
            before, after = map(known.told, exact)
            if before.row.value == after.row.value:
                continue
            shown = slot not in hidden and not any(_few(known, entry) for entry in exact)
            measure = known.measures[slot[0]]
            yield {
                **_slot(after.row, measure),
                "was": _number(before.row.value) if shown else WITHHELD,
                "was_entered": before.day.isoformat(),
                "now": _number(after.row.value) if shown else WITHHELD,
                "now_entered": after.day.isoformat(),
                "note": after.row.note,
            }


def _few(known: Known, entry: Entered) -> bool:
    return bool(held_back(known.measures, [entry.row], known.profile))


def _projects(known: Known, period: Period) -> Iterator[Row]:
    events = [event for event in known.events if day_of(event.at) <= period.last]
    for one in of_kind(standing(events), Project):
        spent = spent_in(known, one, period)
        if one.state == "bid" or (one.state == "closed" and not spent):
            continue
        yield {
            "project": one.id,
            "name": one.name,
            "tier": one.tier,
            "place": one.place,
            "state": one.state,
            "awarded": _number(one.awarded),
            "spent": _number(spent),
            "spent_so_far": _number(one.spent),
        }


def _about(
    known: Known, layout: Layout, period: Period, rows: Mapping[str, tuple[Row, ...]]
) -> tuple[Row, ...]:
    missing, corrected = len(rows["missing"]), len(rows["corrections"])
    lines = [
        ("Return", f"{layout.title}: {known.name}"),
        ("Period", f"{period.text}: {period_words(period)}"),
        ("Layout", f"{layout.label}. {layout.note}"),
        ("Figures", str(len(rows["figures"]))),
        ("Missing", f"{missing}; each is a row with its day, never nought (LC728)" if missing else "none"),
        ("Corrections", f"{corrected}; each with what it was" if corrected else "none"),
        ("Withheld", f"Counts from 1 to {known.profile.threshold - 1}, and others that would tell them"),
        ("Changes", "Describe; they do not say what caused them. Ranges: 95 %, counts taken as Poisson"),
    ]
    if known.practice:
        lines.insert(0, ("Demonstration", "Everyone in it is made up."))
    return tuple({"what": what, "said": said} for what, said in lines)


def fixed_day(period: Period) -> dt.datetime:
    """The day that stands in the file's properties: the last of the period, for no clock is read."""
    return dt.datetime(period.last.year, period.last.month, period.last.day)  # noqa: DTZ001 - written as it is
