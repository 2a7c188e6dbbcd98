"""What is wrong, doubtful or missing in success measures (pure): LC310 to LC323.

A figure is never corrected: the source is asked which of two is right. Severity ``error`` says that two things cannot
both be true; ``warning`` that a figure can mislead as it stands; ``note`` that something to know of it is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from theory_of_change.tracking.change import FEW, FEWEST_BASE, change_words, rounds_to
from theory_of_change.tracking.coding import coding_drift, component_drift
from theory_of_change.tracking.model import COUNT, Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Move, Series, moves_of
from theory_of_change.tracking.periods import read_period, unlike
from theory_of_change.tracking.wordings import wording_concerns

ASK = "Ask the source which is right."
FEWEST_SHARED = 2  # periods with the same figures from which two measures are taken for one


def check_figures(measures: Mapping[str, Tracked], rows: Iterable[FigureRow]) -> list[Concern]:
    """Every concern about the figures and what is said of them, by measure and period."""
    series = Series(rows)
    moves = moves_of(measures, series)
    found = [
        *(concern for row in series.values() for concern in _of_row(measures, series, row)),
        *_stated_alone(series),
        *(concern for move in moves for concern in _of_move(move)),
        *_not_compared(moves),
        *_doubles(measures, series),
        *component_drift(measures, series),
        *coding_drift(measures, series),
        *(concern for measure in measures.values() for concern in _of_measure(measure, series)),
        *wording_concerns(measures),
    ]
    return sorted(found, key=lambda each: (each.measure, each.area, each.period, each.code))


def concern(code: str, severity: str, row: FigureRow, text: str, hint: str = "") -> Concern:
    """A concern about one figure."""
    return Concern(code, severity, row.measure, row.period.text, text, hint, row.area)


def _of_row(measures: Mapping[str, Tracked], series: Series, row: FigureRow) -> Iterator[Concern]:
    measure = measures.get(row.measure)
    if measure is None:
        return
    yield from _printed_change(measure, series, row)
    yield from _unlike_stated(row)
    yield from _labels(measure, row)


def _base_of(series: Series, row: FigureRow) -> tuple[float | None, str]:
    """What the source compared with: as printed, else the figure held of that period."""
    against = row.stated.against
    if row.stated.base is not None:
        return row.stated.base, against.text if against else "the period before"
    held = series.at(row.measure, row.area, against) if against else None
    return (held.value if held else None), against.text if against else ""


def _printed_change(measure: Tracked, series: Series, row: FigureRow) -> Iterator[Concern]:
    """LC310, and LC314 where it cannot be checked."""
    stated, value = row.stated, row.value
    if stated.empty or value is None:
        return
    base, named = _base_of(series, row)
    if base is None:
        yield concern(
            "LC314",
            "note",
            row,
            f"a change is stated and the figure of {named or 'the earlier period'} is not: it cannot be checked",
            "Ask for the earlier figure.",
        )
        return
    said = []
    if stated.percent is not None and base and measure.unit == COUNT:
        percent = 100 * (value / base - 1)
        if not rounds_to(percent, stated.percent):
            fits = base * (1 + stated.percent / 100)
            said.append(f"{stated.percent:+g} % is printed, {base:,g} to {value:,g} is {percent:+.3g} %")
            said.append(f"{stated.percent:+g} % would make it about {fits:,.0f}")
    if stated.difference is not None and abs(stated.difference - (value - base)) > 1e-9:
        said.append(f"a difference of {stated.difference:+,g} is printed, it is {value - base:+,g}")
        said.append(f"{stated.difference:+,g} would make it {base + stated.difference:,g}")
    if said:
        yield concern("LC310", "error", row, "; ".join(said), ASK)


def _unlike_stated(row: FigureRow) -> Iterator[Concern]:
    """LC311: a printed change between periods of another length, with what it would be over the same length."""
    stated = row.stated
    if stated.against is None or row.value is None:
        return
    why = unlike(stated.against, row.period)
    if not why:
        return
    said = ""
    base = stated.base
    if base is None and stated.percent is not None and stated.percent > -100:
        base = row.value / (1 + stated.percent / 100)
    if base:
        even = base * row.period.months / stated.against.months
        said = f"; over the same length it is about {100 * (row.value / even - 1):+.1f} %"
        said += f" from a count of {base:.0f}" if base < FEW else ""
    yield concern("LC311", "error", row, why + said, "Compare the same months of both years.")


def _labels(measure: Tracked, row: FigureRow) -> Iterator[Concern]:
    """LC312: printed under another year, or under another source, than it is of."""
    if row.printed_under:
        # a bare year over a column is a calendar year to whoever reads it, whatever the measure is kept by
        heading = read_period(row.printed_under) or read_period(row.printed_under, measure.year)
        if heading is None or not heading.covers(row.period):
            yield concern(
                "LC312",
                "warning",
                row,
                f"it is of {row.period.text} and printed under '{row.printed_under}'",
                "Correct the label, or the period.",
            )
    if row.source and measure.source and row.source.casefold() != measure.source.casefold():
        yield concern(
            "LC312",
            "warning",
            row,
            f"it is printed as from '{row.source}'; the measure's source is '{measure.source}'",
            ASK,
        )


def _stated_alone(series: Series) -> Iterator[Concern]:
    """LC314: a change without any figure."""
    for name, area in series.keys:
        for row in series.of(name, area):
            if row.value is None and row.stated.percent is not None:
                yield concern(
                    "LC314",
                    "note",
                    row,
                    f"a change of {row.stated.percent:+g} % is stated without the figures: it cannot be checked",
                    "Ask for both figures.",
                )


def _of_move(move: Move) -> Iterator[Concern]:
    """LC313, LC320: figures that stand next to one another and should not be compared, or only with care."""
    row, change = move.after, move.change
    if _broken(move):
        yield concern("LC320", "warning", row, move.why_not, "No change is shown across it.")
        return
    if move.why_not and row.stated.against is None:
        return
    small = move.measure.unit == COUNT and min(change.before, change.after) < FEW and not change.clear
    if small or (move.measure.unit == COUNT and change.before < FEWEST_BASE):
        said = change_words(change)
        yield concern(
            "LC313",
            "warning",
            row,
            f"small numbers: {said}",
            "Print the counts; look at several periods together.",
        )


def _broken(move: Move) -> bool:
    """Say whether a break lies between the two figures."""
    first, last = move.before.period.first, move.after.period.last
    return any(first < each.starts <= last for each in move.measure.breaks)


def _not_compared(moves: Iterable[Move]) -> Iterator[Concern]:
    """LC311: figures with nothing to be held against, once a measure and reason: a first year of months has eleven."""
    alike: dict[tuple[str, str, str], list[FigureRow]] = defaultdict(list)
    for move in moves:
        row = move.after
        if move.why_not and row.stated.against is None and not _broken(move):
            alike[row.measure, row.area, move.why_not].append(row)
    for (_, _, why), rows in alike.items():
        named = f": {', '.join(row.period.text for row in rows)}" if len(rows) > 1 else ""
        yield concern("LC311", "warning", rows[-1], why + named, "No change is shown.")


def _doubles(measures: Mapping[str, Tracked], series: Series) -> Iterator[Concern]:
    """LC315: two measures with the same figures in every period they share, and at least two."""
    held: dict[tuple[str, str], dict[object, float]] = {}
    for name, area in series.keys:
        if name in measures:
            held[name, area] = {r.period: r.value for r in series.of(name, area) if r.value is not None}
    places: dict[tuple[object, float, str], list[tuple[str, str]]] = defaultdict(list)
    for key, figures in held.items():
        for period, value in figures.items():
            places[period, value, key[1]].append(key)
    pairs = {(a, b) for keys in places.values() for a in keys for b in keys if a < b}
    for first, second in sorted(pairs):
        shared = held[first].keys() & held[second].keys()
        if len(shared) >= FEWEST_SHARED and all(held[first][p] == held[second][p] for p in shared):
            newest = max(series.of(*second), key=lambda row: row.period)
            names = f"{first[0]} ({measures[first[0]].name}) and {second[0]} ({measures[second[0]].name})"
            yield concern(
                "LC315",
                "warning",
                newest,
                f"{names} hold the same figures in {len(shared)} periods",
                "Keep one of them; never add them, or count them as two pieces of evidence.",
            )


def _of_measure(measure: Tracked, series: Series) -> Iterator[Concern]:
    """LC318, LC319, LC321, LC322: what it stands for, what it is out of, its name, and what its source cannot tell."""

    def about(code: str, severity: str, text: str, hint: str) -> Concern:
        return Concern(code, severity, measure.id, "", text, hint)

    if measure.stands_for:
        said = f"it is used for '{measure.stands_for}' and does not measure it"
        yield about("LC318", "warning", said, "Say so wherever it is shown.")
    if measure.cannot_isolate:
        said = f"its source cannot tell {measure.cannot_isolate} from the rest"
        yield about("LC322", "warning", said, "Say 'of all causes' wherever it is shown.")
    if measure.kind == "activity" and measure.horizon:
        yield about(
            "LC318",
            "warning",
            "it counts what was done, not what changed",
            "Keep it apart from the outcomes.",
        )
    rows = [
        row for key in series.keys if key[0] == measure.id for row in series.of(*key) if row.value is not None
    ]
    without = [row for row in rows if not row.of]
    if measure.unit == COUNT and measure.at_risk and without:
        yield about(
            "LC319",
            "warning",
            "it counts people who did something, and not out of how many; those who came late were watched for less",
            "Give each figure the number it is of, and the same time for everybody.",
        )
    elif measure.unit == COUNT and measure.kind == "outcome" and not measure.population and without:
        yield about("LC319", "note", "count only, no population", "Attach a population: population = …")
    if not measure.plain_name:
        yield about(
            "LC321", "note", "it has no name that a young person would understand", 'Add plain_name = "…".'
        )
