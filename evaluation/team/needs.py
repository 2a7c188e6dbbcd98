"""Tables for a strategic needs assessment: context and success measures by place, with rates and ranges (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.errors import EvaluationError
from evaluation.reporting.tables import Table
from evaluation.team import success
from evaluation.team.held_back import Slot
from evaluation.team.known import Known
from evaluation.team.paper import Listing, Paper, Section
from evaluation.team.rates import rate_of, rate_words, share_of
from evaluation.team.words import NOTHING, counted, day_words, grid, period_words
from theory_of_change.tracking.change import change_of_counts, change_words
from theory_of_change.tracking.model import COUNT, SHARE, FigureRow, Tracked
from theory_of_change.tracking.periods import Period

HEAD = (
    "Measure",
    "Place",
    "Period",
    "Figure",
    "Out of",
    "Rate (95 % range)",
    "Against the rest of the area",
    "Source",
)
NO_POPULATION = "count only, no population"


@dataclass(frozen=True, slots=True)
class Held:
    """The figures that the tables are made of: the newest of each measure and place, or those of one period."""

    known: Known
    rows: tuple[FigureRow, ...]
    hidden: frozenset[Slot]

    def of(self, measure: str) -> list[FigureRow]:
        """The figures of one measure: the whole area first, then its places."""
        return sorted(
            (row for row in self.rows if row.measure == measure), key=lambda row: (row.area, row.period)
        )

    def people(self, row: FigureRow) -> float | None:
        """How many people a count is out of, where that is known."""
        if row.of:
            return row.of
        population = self.known.measures[row.measure].population
        held = self.known.series.at(population, row.area, row.period) if population else None
        return held.value if held and held.slot not in self.hidden else None


def needs(known: Known, period: Period | None) -> Paper:
    """The tables from what was known on a day.

    Raises
    ------
    EvaluationError
        ``LC730``: no measure has a figure (in the period).
    """
    held = _held(known, period)
    if not held.rows:
        when = f" of {period.text}" if period else ""
        raise EvaluationError("LC730", f"no tracked measure has a figure{when}", "lifecourse measure log")
    of = f", {period.text}" if period else ""
    again = f" --period {period.text}" if period else ""
    return Paper(
        kind="needs",
        title=f"{known.name}: tables for the strategic needs assessment{of}",
        made_of=f"{_when(period)} Made from what was known on {day_words(known.day)}.",
        first=(Listing(_short(held)),),
        missing=_missing(held),
        sections=(
            Section(
                "Context",
                (_table(held, "context"), "Context describes a place. It is never an outcome of ours."),
            ),
            Section("Success measures", (_table(held, "outcome"), _table(held, "activity"))),
            Section("By age band, sex and other parts", (_parts(held),)),
            Section("What the figures mean", (_definitions(held), _breaks(held))),
        ),
        again=f"lifecourse report needs{again} --known-on {known.day}",
        subjects=tuple(sorted({row.measure for row in held.rows})),
        day=known.day,
        practice=known.practice,
        threshold=known.profile.threshold,
    )


def _when(period: Period | None) -> str:
    return f"{period_words(period)}." if period else "The newest figure of each measure and place."


def _held(known: Known, period: Period | None) -> Held:
    rows: dict[tuple[str, str], FigureRow] = {}
    for entry in known.current.values():
        row = entry.row
        if row.value is None or row.measure not in known.measures:
            continue
        if period and not period.covers(row.period):
            continue
        before = rows.get((row.measure, row.area))
        if before is None or before.period < row.period:
            rows[row.measure, row.area] = row
    for row in [*rows.values()]:  # beside each place stands the whole area of the same period
        whole = known.series.at(row.measure, "", row.period)
        if whole and row.area and whole is not rows.get((row.measure, "")):
            rows[row.measure, f"\n{row.period.text}"] = whole
    return Held(known, tuple(rows.values()), success.hidden_in(known))


def _short(held: Held) -> tuple[str, ...]:
    kinds = [held.known.measures[row.measure].kind for row in held.rows]
    places = sorted({row.area for row in held.rows if row.area})
    context, rest = kinds.count("context"), len(kinds) - kinds.count("context")
    few = sum(row.slot in held.hidden for row in held.rows)
    apart = [row for row in held.rows if _against(held, row).endswith(("higher", "lower"))]
    return (
        f"{counted(context, 'context figure')} and {counted(rest, 'figure')} of success measures.",
        f"Places: {', '.join(places)}." if places else "No figure is held of a place within the area.",
        f"{counted(len(apart), 'place figure')} higher or lower than the rest by more than chance explains.",
        f"{counted(few, 'figure')} withheld because few people stand behind.",
        "The figures describe; they do not say why a place differs, and a ranking of places would mostly rank chance.",
    )  # fmt: skip


def _table(held: Held, kind: str) -> Table | str:
    captions = {
        "context": "Context measures by place",
        "outcome": "Success measures by place",
        "activity": "What was done, by place",
    }
    rows = [
        _row(held, measure, row)
        for measure in held.known.measures.values()
        if measure.kind == kind
        for row in held.of(measure.id)
    ]
    return grid(captions[kind], HEAD, rows, f"Not known: no measure of kind '{kind}' has a figure.")


def _row(held: Held, measure: Tracked, row: FigureRow) -> tuple[str, ...]:
    people = held.people(row)
    known = held.known
    return (
        f"{measure.name} ({measure.id})",
        row.area or success.ALL,
        row.period.text,
        success.shown_figure(row, measure, held.hidden, known.profile),
        "withheld" if row.slot in held.hidden else f"{people:,.0f}" if people else _no_people(held, measure),
        _rate(held, row),
        _against(held, row) or NOTHING,
        "; ".join(part for part in (row.source or measure.source, row.document) if part) or "not said",
    )


def _no_people(held: Held, measure: Tracked) -> str:
    if measure.id in _populations(held):
        return NOTHING
    return NO_POPULATION if measure.unit == COUNT else "not known"


def _populations(held: Held) -> set[str]:
    """Measures that say how many people there are: they are denominators and have none."""
    return {measure.population for measure in held.known.measures.values() if measure.population}


def _rate(held: Held, row: FigureRow) -> str:
    measure, people = held.known.measures[row.measure], held.people(row)
    if row.slot in held.hidden:
        return "withheld"
    if measure.id in _populations(held):
        return NOTHING
    if not people or row.value is None:
        return "not known: no denominator" if measure.unit in (COUNT, SHARE) else NOTHING
    if measure.unit == SHARE:
        return rate_words(share_of(row.value / 100, people))
    if measure.unit != COUNT:
        return NOTHING
    if measure.at_risk and row.value <= people:
        return rate_words(share_of(row.value / people, people))
    return rate_words(rate_of(row.value, people))


def _against(held: Held, row: FigureRow) -> str:
    """A place's rate against that of all the other places: the whole less the place, so that none is held to itself."""
    measure = held.known.measures[row.measure]
    whole = held.known.series.at(row.measure, "", row.period)
    alone = measure.unit != COUNT or measure.id in _populations(held)
    if not row.area or alone or row.slot in held.hidden:
        return ""
    if whole is None or whole.slot in held.hidden:
        return "not known: no figure of the whole area"
    people, all_people = held.people(row), held.people(whole)
    if not people or not all_people or people >= all_people:
        return "not known: no denominator"
    count, rest = row.value or 0.0, (whole.value or 0.0) - (row.value or 0.0)
    if rest < 0:
        return "not known: the place has more than the whole"
    change = change_of_counts(rest, count, people / (all_people - people))
    said = f"{change.percent:+.3g} %" if change.percent is not None else "not a number: the rest has none"
    low, high = change.low, change.high
    span = f" ({low:+.0f} to {high:+.0f})" if low is not None and high is not None and high < 1e6 else ""
    return f"by {said}{span}: {_apart(change_words(change))}"


def _apart(words: str) -> str:
    reading = words.rpartition(": ")[2].partition(";")[0]
    return {"a clear rise": "higher", "a clear fall": "lower"}.get(reading, "no clear difference")


def _parts(held: Held) -> Table | str:
    rows = []
    for part in (m for m in held.known.measures.values() if m.part_of and m.unit == COUNT):
        for row in held.of(part.id):
            whole = held.known.series.at(part.part_of, row.area, row.period)
            rows.append(
                (
                    f"{part.name} ({part.id})",
                    held.known.measures[part.part_of].name,
                    row.area or success.ALL,
                    row.period.text,
                    success.shown_figure(row, part, held.hidden, held.known.profile),
                    _part_of(held, row, whole),
                )
            )
    head = ("Part", "Of", "Place", "Period", "Figure", "Share of the whole (95 % range)")
    nil = "Not known: no measure is held as a part of another, so nothing is split by age band, sex or kind."
    return grid("Parts of wholes", head, rows, nil)


def _part_of(held: Held, row: FigureRow, whole: FigureRow | None) -> str:
    if whole is None or not whole.value:
        return "not known: no figure of the whole"
    if {row.slot, whole.slot} & held.hidden:
        return "withheld"
    if (row.value or 0) > whole.value:
        return "not known: the part is more than its whole"
    return rate_words(share_of((row.value or 0) / whole.value, whole.value))


def _definitions(held: Held) -> Table | str:
    ids = dict.fromkeys(row.measure for row in held.rows)
    rows = []
    for name, measure in held.known.measures.items():
        if name in ids:
            fits = (
                f"Stands for {measure.stands_for}, which it does not measure." if measure.stands_for else ""
            )
            said = " ".join(part for part in (measure.definition, fits) if part)
            rows.append(
                (f"{measure.name} ({name})", said or "not said", measure.source or "not said", measure.owner)
            )
    return grid("Definitions and sources", ("Measure", "Definition", "Source", "Owner"), rows, "None.")


def _breaks(held: Held) -> Table | str:
    rows = [
        (f"{measure.name} ({measure.id})", day_words(each.starts), each.why)
        for measure in held.known.measures.values()
        for each in measure.breaks
    ]
    nil = "No break in a series is on record."
    return grid("Breaks: figures before are not comparable", ("Measure", "From", "Why"), rows, nil)


def _missing(held: Held) -> tuple[str, ...]:
    known = held.known
    without = [m.id for m in known.measures.values() if not held.of(m.id)]
    places = {row.area for row in held.rows if row.area}
    lines = [f"No figure of: {', '.join(without)}."] if without else []
    for measure in known.measures.values():
        own = {row.area for row in held.of(measure.id)} - {""}
        if own and places - own:
            lines.append(f"No figure of {measure.id} in {', '.join(sorted(places - own))}.")
    counts = _countless(held, held.rows)
    if counts:
        lines.append(f"No denominator, so no rate: {', '.join(counts)}.")
    if not places:
        lines.append("Every split by place.")
    if not any(measure.kind == "context" for measure in known.measures.values()):
        lines.append("Context: no measure of kind 'context' is tracked.")
    lines.append(
        "Splits by age band and sex, but where a measure is a part of another: figures carry a place only."
    )
    return (*lines, "What people who live there say: it is in the quarterly report, under voices.")


def _countless(held: Held, rows: Sequence[FigureRow]) -> list[str]:
    counts = [r for r in rows if held.known.measures[r.measure].unit == COUNT and not held.people(r)]
    own = _populations(held)
    return [f"{r.measure} ({r.area or success.ALL}, {r.period.text})" for r in counts if r.measure not in own]
