"""Success figures on their way out: official ones as their source printed them, own counts as counts of people (pure).

A figure whose source is named is that source's statistic: it is told as printed, and withheld where it is small. A
figure without a source is the team's own count: it is rounded too, and what is worked out of it is worked out of the
rounded count. Both reach the gate as typed outputs; own counts with their cells, so that the ledger knows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cohorts.disclosure import is_small, publish_count
from cohorts.gate.outputs import Cell, Output, Point, Series, Share, Statistic, Table, predicate
from theory_of_change.tracking import codes as _codes  # noqa: F401 - declares LC304 to LC321
from theory_of_change.tracking.model import COUNT, SHARE, Concern, FigureRow, Tracked
from theory_of_change.tracking.periods import Period
from workspace.errors import EXPLANATIONS
from workspace.settings import DisclosureProfile

Slot = tuple[str, str, Period]
FIGURE, OUT_OF = "figure", "out of"
OF_PARTS = ("LC316", "LC317")  # their words name the figures of a whole and of each of its parts
TENTHS = 1  # decimals of a percentage worked out of rounded counts


@dataclass(frozen=True, slots=True)
class Behind:
    """A count that a figure rests on: the figure itself, the part a percentage is of, or out of how many it is."""

    slot: Slot
    which: str
    n: int

    @property
    def name(self) -> str:
        """How the ledger calls it."""
        _, area, period = self.slot
        return f"{area or 'all'}, {period.text}: {self.which}"


def source_of(row: FigureRow, measure: Tracked) -> str:
    """Whose statistic a figure is; empty where it is the team's own count."""
    return row.source or measure.source


def is_own(row: FigureRow, measure: Tracked) -> bool:
    """Say whether the rules of counts of people hold for a figure in full."""
    return not source_of(row, measure)


def counts_behind(row: FigureRow, measure: Tracked) -> tuple[Behind, ...]:
    """The counts that a figure rests on, as far as they are known."""
    if row.value is None:
        return ()
    found = []
    if measure.unit == COUNT:
        found.append(Behind(row.slot, FIGURE, round(row.value)))
    elif measure.unit == SHARE and row.of:
        found.append(Behind(row.slot, FIGURE, round(row.value * row.of / 100)))
    if row.of:
        found.append(Behind(row.slot, OUT_OF, round(row.of)))
    return tuple(found)


def told_row(row: FigureRow, measure: Tracked, shown: Mapping[str, int | None]) -> FigureRow:
    """An own figure of the counts that are shown of it: by ``FIGURE`` and ``OUT_OF``. What is not shown is unchanged.

    A figure that is not shown must be withheld by whoever tells it; out of how many is left out.
    """
    figure, whole = shown.get(FIGURE), shown.get(OUT_OF)
    if measure.unit == COUNT and figure is not None:
        row = replace(row, value=float(figure))
    if measure.unit == SHARE and figure is not None and whole:
        row = replace(row, value=round(100 * figure / whole, TENTHS))
    return replace(row, of=None if whole is None else float(whole)) if row.of else row


def rounded_row(row: FigureRow, measure: Tracked | None, profile: DisclosureProfile) -> FigureRow:
    """An own figure with its counts rounded; any other as it is."""
    if measure is None or not is_own(row, measure):
        return row
    shown = {one.which: publish_count(one.n, profile) for one in counts_behind(row, measure)}
    return told_row(row, measure, shown)


def told_concern(concern: Concern, measures: Mapping[str, Tracked], hidden: Collection[Slot] = ()) -> Concern:
    """A concern as it may be told: where its words would hold counts that are not told, those of its code alone.

    That is so of own counts, and of what is said of a whole by its parts where one of them is own or withheld.
    """
    measure = measures.get(concern.measure)
    if measure is None or not concern.period:
        return concern
    told = {concern.measure}
    if concern.code in OF_PARTS:
        wholes = {measure.id, measure.part_of} - {""}
        told |= {one.id for one in measures.values() if one.id in wholes or one.part_of in wholes}
    withheld = {name for name, area, _ in hidden if area == concern.area}
    if told.isdisjoint(withheld - {concern.measure}) and all(measures[name].source for name in told):
        return concern
    return replace(concern, text=EXPLANATIONS[concern.code].title.lower())


def outputs_of_figures(
    measures: Mapping[str, Tracked],
    rows: Iterable[FigureRow],
    hidden: frozenset[Slot],
    profile: DisclosureProfile,
) -> tuple[Output, ...]:
    """What a file that tells these figures says about people: exact figures in, one output a measure and a source."""
    held = [row for row in rows if row.value is not None and row.measure in measures]
    return tuple(
        output
        for name in dict.fromkeys(row.measure for row in held)
        for output in _of_measure(measures[name], [r for r in held if r.measure == name], hidden, profile)
    )


def _of_measure(
    measure: Tracked, rows: list[FigureRow], hidden: frozenset[Slot], profile: DisclosureProfile
) -> Iterator[Output]:
    own = [row for row in rows if is_own(row, measure)]
    counts = [one for row in own for one in counts_behind(row, measure)]
    cells = [fresh_cell(one, one.slot in hidden, profile) for one in counts]
    if own:
        yield own_table(measure, counts, cells)
    yield from official(measure, rows, hidden)


def own_table(measure: Tracked, counts: list[Behind], cells: list[Cell]) -> Table:
    """Own counts of a measure with what is shown of each, and the percentages worked out of them."""
    at = {(one.slot, one.which): place for place, one in enumerate(counts)}
    shares, statistics = [], []
    for (slot, which), whole in at.items():
        part = at.get((slot, FIGURE))
        if which != OUT_OF or cells[whole].state != "shown":
            continue
        top, bottom = cells[part].shown if part is not None else None, cells[whole].shown
        if measure.unit == SHARE and part is not None and top is not None and bottom:
            shares.append(Share(part, whole, round(top / bottom, TENTHS + 2), TENTHS + 2))
        elif measure.unit not in (COUNT, SHARE):
            statistics.append(Statistic("mean", cells[whole].n))
    return Table(
        f"{measure.id}, own counts",
        universe_of_measure(measure.id),
        tuple(cells),
        shares=tuple(shares),
        statistics=tuple(statistics),
    )


def official(measure: Tracked, rows: Iterable[FigureRow], hidden: frozenset[Slot]) -> Iterator[Series]:
    """Figures of others, declared as theirs: the rules see that none that is small is told, and ask for no rounding."""
    by_source: dict[str, list[Point]] = {}
    for row in rows:
        if row.slot in hidden or is_own(row, measure):
            continue
        points = by_source.setdefault(source_of(row, measure), [])
        points += [Point(one.name, one.n) for one in counts_behind(row, measure)]
    for source, points in by_source.items():
        if points:
            yield Series(f"{measure.id}, figures of {source}", "", tuple(points))


def fresh_cell(one: Behind, hidden: bool, profile: DisclosureProfile) -> Cell:
    """A count as it is shown for the first time."""
    where, small = predicate({"count": one.name}), is_small(one.n, profile)
    if hidden or small:
        return Cell(where, one.n, None, "withheld" if small else "not-shown")
    return Cell(where, one.n, publish_count(one.n, profile))


def universe_of_measure(measure: str) -> str:
    """What the ledger calls the own counts of a measure."""
    return f"measure:{measure}"
