"""Success measures over time: the number, how it moved, what to make of it, and what is wrong in it (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cohorts.disclosure import is_small
from cohorts.gate.outputs import Output
from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table
from evaluation.site.model import Held, Page, Part
from evaluation.site.own_figures import told_figures
from evaluation.site.words import anchor, dated, day_words, measure_path
from evaluation.success_figures import told_concern
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.change import change_words
from theory_of_change.tracking.model import COUNT, Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Move
from theory_of_change.tracking.periods import Period
from theory_of_change.tracking.views import figure_text
from workspace.settings import DisclosureProfile

Slot = tuple[str, str, Period]
FIRST_COVID, LAST_COVID = dt.date(2020, 3, 1), dt.date(2022, 2, 28)
SHORT = "Short-term measures"
GROUPS = {"home-office": "Home Office measures", "local": "Local measures"}
HORIZONS = {"short": SHORT, "long": "Long-term measures"}
MISMATCH = ("LC310", "LC311", "LC312")
NONE = "No success measure is tracked yet."
OWN = "our own count"
HEAD = (
    "Measure",
    "Period",
    "Figure",
    "Change since the figure before (95 % range)",
    "Reading",
    "Source",
    "Next due",
)


def measure_pages(held: Held) -> tuple[Page, ...]:
    """The overview by who asked for it, and a page for each measure."""
    kept = held.measures
    if kept is None or not kept.measures:
        return (
            Page(
                "measures.html", "Success measures", "measures", "gathered.html", {"none": NONE, "parts": ()}
            ),
        )
    told, hidden, outputs = told_figures(
        kept, withheld_slots(kept, held.profile), held.editions, held.profile
    )
    concerns = tuple(told_concern(one, kept.measures, hidden) for one in held.concerns)
    shown = _Shown(replace(held, concerns=concerns), told, hidden, outputs)
    return (_overview(shown), *(_one(shown, measure) for measure in kept.measures.values()))


class _Shown:
    """What the pages of one site share: figures, and which of them may not be told."""

    def __init__(
        self, held: Held, kept: Kept, hidden: frozenset[Slot], outputs: Mapping[str, tuple[Output, ...]]
    ) -> None:
        self.held, self.kept, self.hidden, self.outputs = held, kept, hidden, outputs
        self.moves = {move.after.slot: move for move in kept.moves}

    def figure(self, row: FigureRow) -> str:
        if row.slot in self.hidden:
            own = _is_small(row, self.kept.measures[row.measure], self.held.profile)
            return f"fewer than {self.held.profile.threshold}" if own else "withheld"
        return figure_text(row, self.kept.measures[row.measure])

    def change(self, row: FigureRow) -> tuple[str, str]:
        """The change and its reading."""
        move = self.moves.get(row.slot)
        if move is None:
            return "nothing to compare with", ""
        if {move.before.slot, move.after.slot} & self.hidden:
            return "withheld: too few people", ""
        if move.why_not:
            return f"not compared: {dated(move.why_not)}", ""
        said, _, _ = change_words(move.change).partition(": ")
        return dated(said), _reading(move)

    def areas(self, measure: str) -> list[str]:
        return [area for name, area in self.kept.series.keys if name == measure]

    def rows(self, measure: str, area: str) -> list[FigureRow]:
        return [row for row in self.kept.series.of(measure, area) if row.value is not None]


def _reading(move: Move) -> str:
    aim = "" if move.as_aimed == "not clear" else f", {move.as_aimed}"
    return f"{move.change.reading}{aim}"


def withheld_slots(kept: Kept, profile: DisclosureProfile) -> frozenset[Slot]:
    """Figures that may not be told: small counts of people, and what they could be worked back from.

    Where one part of a whole is small, no part of that whole is told for the period; where one area is, no area is,
    only the whole.
    """
    rows = [row for row in kept.rows if row.measure in kept.measures and row.value is not None]
    small = {row.slot for row in rows if _is_small(row, kept.measures[row.measure], profile)}
    wholes = {(kept.measures[row.measure].part_of, row.area, row.period) for row in rows if row.slot in small}
    places = {(row.measure, row.period) for row in rows if row.slot in small and row.area}
    beside = {
        row.slot
        for row in rows
        if (kept.measures[row.measure].part_of, row.area, row.period) in wholes
        and kept.measures[row.measure].part_of
    }
    elsewhere = {row.slot for row in rows if row.area and (row.measure, row.period) in places}
    return frozenset(small | beside | elsewhere)


def _is_small(row: FigureRow, measure: Tracked, profile: DisclosureProfile) -> bool:
    """A small count, or a share of few people or of all but a few."""
    if measure.unit == COUNT:
        return is_small(round(row.value or 0), profile)
    if not row.of:
        return False
    part = round((row.value or 0) * row.of / 100) if measure.unit == "per cent" else round(row.of)
    return is_small(part, profile) or is_small(round(row.of) - part, profile)


def _overview(shown: _Shown) -> Page:
    groups: dict[str, list[Tracked]] = {}
    for measure in shown.kept.measures.values():
        groups.setdefault(_group(measure), []).append(measure)
    order = [*GROUPS.values(), *HORIZONS.values()]
    names = sorted(groups, key=lambda name: (order.index(name) if name in order else len(order), name))
    parts = [
        Part(
            name, (), (Table(name, HEAD, tuple(row for one in groups[name] for row in _newest(shown, one))),)
        )
        for name in names
    ]
    wrong = [c for c in shown.held.concerns if c.code in MISMATCH]
    parts.append(_mismatches(shown, wrong, ""))
    lead = "A figure alone cannot say why it moved. Only a test against a comparison can."
    view = {"none": "", "parts": parts, "lines": (_covid_line(),)}
    return Page(
        "measures.html",
        "Success measures",
        "measures",
        "gathered.html",
        view,
        lead,
        tuple(shown.kept.measures),
    )


def _group(measure: Tracked) -> str:
    if measure.owner in GROUPS:
        return GROUPS[measure.owner]
    return HORIZONS.get(
        measure.horizon, f"Measures of: {measure.owner}" if measure.owner else "Other measures"
    )


def _name(measure: Tracked, area: str, up: str = "") -> str:
    words = measure.plain_name or measure.name
    return anchor(up + measure_path(measure.id), f"{words}, {area}" if area else words)


def _newest(shown: _Shown, measure: Tracked) -> Iterator[tuple[str, ...]]:
    for area in shown.areas(measure.id) or [""]:
        rows = shown.rows(measure.id, area)
        name, source = _name(measure, area), measure.source or OWN
        due = _due(shown, measure.id, area)
        if not rows:
            yield (name, "", "no figure yet", "nothing to compare", "", source, due)
            continue
        change, reading = shown.change(rows[-1])
        yield (name, _period(rows[-1]), shown.figure(rows[-1]), change, reading or "none", source, due)


def _period(row: FigureRow) -> str:
    """The period, marked where the pandemic's rules fell into it."""
    covid = row.period.first <= LAST_COVID and row.period.last >= FIRST_COVID
    return f"{row.period.text}{' (pandemic)' if covid else ''}"


def _covid_line() -> str:
    return "“Pandemic” marks periods that hold some of March 2020 to February 2022, when life and recording differed."


def _due(shown: _Shown, measure: str, area: str) -> str:
    found = [one.due for one in shown.kept.due if one.measure.id == measure and one.area == area]
    return day_words(min(found).isoformat()) if found else "none due"


def _mismatches(shown: _Shown, wrong: Sequence[Concern], up: str) -> Part:
    """Printed figures that cannot be right, in words; those about withheld figures are counted only."""
    hidden = {(name, area, period.text) for name, area, period in shown.hidden}
    told = [c for c in wrong if (c.measure, c.area, c.period) not in hidden]
    rows = tuple(
        (
            _name(shown.kept.measures[c.measure], c.area, up),
            c.period,
            dated(c.text),
            c.hint or "ask the source",
        )
        for c in told
        if c.measure in shown.kept.measures
    )
    left = len(wrong) - len(told)
    lines = (f"{left} more about figures that are withheld.",) if left else ()
    if not rows:
        return Part("Printed figures that do not add up", ("None was found.", *lines))
    head = ("Measure", "Period", "What does not fit", "What to do")
    return Part(
        "Printed figures that do not add up", lines, (Table("Printed figures to ask about", head, rows),)
    )


def _one(shown: _Shown, measure: Tracked) -> Page:
    facts = [
        ("Full name", measure.name),
        ("What it counts", measure.definition),
        (
            "Which way is wanted",
            {"reduce": "down", "increase": "up"}.get(measure.aim, "neither: it is watched"),
        ),
        ("Unit", measure.unit),
        ("Who asked for it", measure.obligation or measure.owner),
        ("Source", measure.source or OWN),
        ("Stands in for", f"{measure.stands_for}, which it does not measure" if measure.stands_for else ""),
        ("Part of", measure.part_of),
        ("Next figure due", _due(shown, measure.id, (shown.areas(measure.id) or [""])[0])),
    ]
    parts = [_figures(shown, measure)]
    if measure.breaks:
        items = tuple(f"From {day_words(one.starts.isoformat())}: {one.why}" for one in measure.breaks)
        parts.append(Part("Breaks", ("Figures before and after a break are not compared.",), items=items))
    own = [c for c in shown.held.concerns if c.measure == measure.id and c.severity != "note"]
    parts.append(_mismatches(shown, [c for c in own if c.code in MISMATCH], "../"))
    parts += _cautions([c for c in own if c.code not in (*MISMATCH, "LC320")], shown)
    view = {"none": "", "facts": [(name, value) for name, value in facts if value], "parts": parts}
    title = measure.plain_name or measure.name
    return Page(
        measure_path(measure.id),
        title,
        "measures",
        "gathered.html",
        view,
        "",
        (measure.id,),
        shown.outputs[measure.id],
    )


def _cautions(found: list[Concern], shown: _Shown) -> list[Part]:
    """What else can mislead; nothing is said of figures that are withheld."""
    hidden = {(name, area, period.text) for name, area, period in shown.hidden}
    items = tuple(
        dated(f"{one.period}: {one.text}." if one.period else f"{capital(one.text)}.")
        for one in found
        if (one.measure, one.area, one.period) not in hidden
    )
    return [Part("What can mislead", items=items)] if items else []


def _figures(shown: _Shown, measure: Tracked) -> Part:
    rows = []
    for area in shown.areas(measure.id):
        for row in reversed(shown.rows(measure.id, area)):
            change, reading = shown.change(row)
            rows.append((_period(row), area or "all", shown.figure(row), change, reading or "none"))
    if not rows:
        return Part("Figures", ("No figure has come in yet.",))
    head = ("Period", "Area", "Figure", "Change since the figure before (95 % range)", "Reading")
    return Part("Figures, the newest first", (_covid_line(),), (Table("Every figure", head, tuple(rows)),))
