"""Which chart suits a measure, and what each of its figures is out of (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory_of_change.tracking.model import COUNT, SHARE, FigureRow, Tracked
from theory_of_change.tracking.moves import Series


@dataclass(frozen=True, slots=True)
class Based:
    """Figures on the scale of their chart: ``kind`` (c, u, p, XmR), ``values``, their ``sizes`` (1 where without).

    ``per`` is what values are multiplied with to be shown, ``words`` what they then are.
    """

    kind: str
    values: tuple[float, ...]
    sizes: tuple[float, ...]
    per: float
    words: str


def based(measure: Tracked, rows: Sequence[FigureRow], series: Series) -> Based:
    """Counts of people who did something are shares of those they are of; counts with a population are rates.

    Counts with neither stay counts; percentages without their number of people, and other units, are single figures.
    """
    plain = tuple(row.value or 0.0 for row in rows)
    ones = (1.0,) * len(rows)
    sizes = _sizes(measure, rows, series)
    if measure.unit == SHARE and sizes and all(row.of for row in rows):
        return Based("p", tuple(value / 100 for value in plain), sizes, 100.0, "per cent")
    if measure.unit != COUNT:
        return Based("XmR", plain, ones, 1.0, measure.unit)
    if not sizes:
        return Based("c", plain, ones, 1.0, "count")
    values = tuple(value / size for value, size in zip(plain, sizes, strict=True))
    if measure.at_risk and all(row.of for row in rows):
        return Based("p", values, sizes, 100.0, "per cent")
    per = per_people(sum(plain) / sum(sizes))
    return Based("u", values, sizes, per, f"per {per:,.0f} people")


def per_people(rate: float) -> float:
    """The power of ten of people among whom at least one is to be expected: 1,000 at the least, 100,000 at the most."""
    return next((per for per in (1e3, 1e4) if rate * per >= 1), 1e5)


def _sizes(measure: Tracked, rows: Sequence[FigureRow], series: Series) -> tuple[float, ...]:
    """What each figure is of: its own number of people, else the population that covers its period."""
    if all(row.of for row in rows):
        return tuple(float(row.of or 0) for row in rows)
    if not measure.population or measure.unit != COUNT:
        return ()
    found = []
    for row in rows:
        people = [each for each in series.of(measure.population, row.area) if each.value]
        covering = [each.value for each in people if each.period.covers(row.period)]
        if not covering:
            return ()
        found.append(float(covering[-1] or 0))
    return tuple(found)
