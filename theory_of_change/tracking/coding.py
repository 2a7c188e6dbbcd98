"""Whether a whole moved because people were counted elsewhere: parts that carry it, and cases left uncoded (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from theory_of_change.tracking.change import FEWEST_BASE, change_of_counts
from theory_of_change.tracking.model import COUNT, Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Series, before_of

FAR = 0.25  # a part's share of a change beyond its share of the figure, from which it is named
REST = "the rest"


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    before: float
    after: float


def _pairs(series: Series, measure: Tracked) -> Iterator[tuple[FigureRow, FigureRow]]:
    """Neighbouring figures of a whole, area by area."""
    for name, area in series.keys:
        rows = [row for row in series.of(name, area) if row.value is not None]
        if name != measure.id or measure.unit != COUNT:
            continue
        for after in rows:
            before = before_of(rows, after)
            if before is not None and before.period.months == after.period.months:
                yield before, after


def _parts(
    measures: Mapping[str, Tracked], series: Series, whole: Tracked, pair: tuple[FigureRow, FigureRow]
) -> list[_Part]:
    """The parts known in both periods, and the rest where they do not add up to the whole."""
    found = []
    for part in measures.values():
        if part.part_of != whole.id or part.unit != COUNT:
            continue
        rows = [series.at(part.id, row.area, row.period) for row in pair]
        if rows[0] and rows[1]:
            found.append(_Part(part.name, rows[0].value or 0.0, rows[1].value or 0.0))
    rest = [
        (row.value or 0.0) - sum(getattr(p, side) for p in found)
        for row, side in zip(pair, SIDES, strict=True)
    ]
    if found and min(rest) >= 0 and max(rest) > 0:
        found.append(_Part(REST, rest[0], rest[1]))
    return found


SIDES = ("before", "after")


def component_drift(measures: Mapping[str, Tracked], series: Series) -> Iterator[Concern]:
    """LC316: one part carries far more of a clear change than its size would."""
    for whole in measures.values():
        for before, after in _pairs(series, whole):
            old, new = before.value or 0.0, after.value or 0.0
            parts = _parts(measures, series, whole, (before, after))
            if len(parts) < 2 or not old or not change_of_counts(old, new).clear:
                continue
            for part in parts:
                share = (part.after - part.before) / (new - old)
                if share - part.before / old > FAR and max(part.before, part.after) >= FEWEST_BASE:
                    others = ", ".join(
                        f"{other.name} {other.before:,g} to {other.after:,g}"
                        for other in parts
                        if other is not part
                    )
                    said = (
                        f"of a change of {new - old:+,g}, {part.after - part.before:+,g} is {part.name} "
                        f"({part.before:,g} to {part.after:,g}); {others}"
                    )
                    yield Concern(
                        "LC316", "warning", whole.id, after.period.text, said,
                        "Ask whether coding changed before the whole is read.", after.area,
                    )  # fmt: skip


def coding_drift(measures: Mapping[str, Tracked], series: Series) -> Iterator[Concern]:
    """LC317: more cases were left uncoded than a part fell by: what fell may only be called something else now.

    The bounds: none, or all, of the cases that are uncoded beyond those of the period before belong to the part.
    """
    for uncoded in (measure for measure in measures.values() if measure.uncoded):
        for before, after in _pairs(series, uncoded):
            old, new = before.value or 0.0, after.value or 0.0
            more = new - old
            if more <= 0 or not change_of_counts(old, new).clear:
                continue
            for part in measures.values():
                if part.part_of != uncoded.part_of or part.id == uncoded.id or part.unit != COUNT:
                    continue
                rows = [series.at(part.id, row.area, row.period) for row in (before, after)]
                if rows[0] is None or rows[1] is None:
                    continue
                was, now = rows[0].value or 0.0, rows[1].value or 0.0
                if was and 0 < was - now <= more:
                    yield _drifted(uncoded, part, more, (was, now), after)


def _drifted(
    uncoded: Tracked, part: Tracked, more: float, counts: tuple[float, float], row: FigureRow
) -> Concern:
    was, now = counts
    said = (
        f"{more:,.0f} more were '{uncoded.name}'; if none of them belongs here it changed by "
        f"{100 * (now / was - 1):+.0f} %, if all of them do by {100 * ((now + more) / was - 1):+.0f} %"
    )
    return Concern(
        "LC317",
        "warning",
        part.id,
        row.period.text,
        said,
        "The fall may be one of coding: ask the source.",
        row.area,
    )
