"""The usual range of one measure's figures (pure)."""

from __future__ import annotations

from itertools import pairwise

from theory_of_change.tracking.model import COUNT, FigureRow, Tracked
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.runs import Limits, limits_of, without_seasons

SEASONS = {1: 12, 3: 4}


def limits_of_measure(measure: Tracked, series: Series) -> Limits | None:
    """Limits of a measure kept for one area in periods of one length, from its last break on; else ``None``.

    Months and quarters are freed of their seasons first where there are two whole years of them.
    """
    keys = [key for key in series.keys if key[0] == measure.id]
    if measure.unit != COUNT or len(keys) != 1:
        return None
    rows = _since_break(measure, [row for row in series.of(*keys[0]) if row.value is not None])
    lengths = {round(row.period.months, 1) for row in rows}
    if len(lengths) != 1:
        return None
    counts = [row.value or 0.0 for row in rows]
    season = SEASONS.get(int(lengths.pop()), 0)
    counts = without_seasons(counts, season) or counts if _unbroken(rows) else counts
    sizes = [row.of for row in rows]
    return limits_of(counts, [float(n) for n in sizes if n] if all(sizes) else None)


def _since_break(measure: Tracked, rows: list[FigureRow]) -> list[FigureRow]:
    starts = max((each.starts for each in measure.breaks), default=None)
    return [row for row in rows if starts is None or row.period.first >= starts]


def _unbroken(rows: list[FigureRow]) -> bool:
    """Say whether no period is left out, so that every nth figure is of the same season."""
    return all((b.period.first - a.period.last).days == 1 for a, b in pairwise(rows))
