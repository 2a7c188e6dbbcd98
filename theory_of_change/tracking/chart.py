"""A measure over time as a run chart or a control chart, and what may be read from it in words (pure).

A break of ``measures.toml`` starts a new baseline. Part years, provisional figures and figures that a break falls into
are shown and not counted; figures of the pandemic too, where enough others are there. Seasons are part of the usual
range from three full years on; with fewer years months and quarters are shown, and no sign is read from them. Where
figures are withheld the others are drawn, and nothing is read from them: what is left is what was large enough.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from theory_of_change.errors import TheoryError
from theory_of_change.tracking.bases import Based, based
from theory_of_change.tracking.control import FEWEST_LIMITS, usual_range
from theory_of_change.tracking.model import Break, FigureRow, Tracked
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.periods import Period
from theory_of_change.tracking.runs import median, runs_of
from theory_of_change.tracking.seasons import full_years, has_seasons, season_factors, season_of

FEWEST_SHOWN = 4  # figures below which nothing is drawn
NEWEST = 12  # counted figures that the reading is about; signs before them are told as earlier ones
FALSE_ALARMS, FALSE_ALARMS_WITH_SEASONS = 8, 15  # of 100 charts on which nothing changed, at most (simulated)
PANDEMIC = Period(dt.date(2020, 3, 1), dt.date(2021, 3, 31))
PANDEMIC_SHARE = 0.5  # share of a period's days in the pandemic from which it is a figure of the pandemic
CHANGED, AS_BEFORE, NOT_TOLD = (
    "changed beyond what chance explains",
    "as before",
    "too few figures to tell",
)
NOT_READ = "not read: figures are withheld"


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a chart. ``shown``, ``middle``, ``low``, ``high`` are on the chart's scale (``Chart.words``).

    ``state``: ``counted``; ``part`` (a part year, provisional, or a break falls into it); ``pandemic``.
    """

    period: Period
    value: float
    of: float | None
    shown: float
    state: str
    phase: int
    middle: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def outside(self) -> bool:
        """Say whether it lies outside the usual range."""
        if self.state != "counted" or self.low is None or self.high is None:
            return False
        return self.shown < self.low or self.shown > self.high


@dataclass(frozen=True, slots=True)
class Phase:
    """Figures between two breaks: the kind of their chart (``run`` where there is no usual range), and its signs.

    ``years`` are the full years that seasons were taken from, 0 where seasons are not used; ``untold`` says that there
    are seasons and too few years of them; ``runs`` are the first and last period of each, and its length; ``newest`` is
    the first of the newest twelve figures that are counted, which the reading is about. ``withheld``: how many periods
    of it are not shown.
    """

    number: int
    kind: str
    counted: int
    spread: float
    years: int
    untold: bool
    newest: Period | None
    outside: tuple[Period, ...]
    runs: tuple[tuple[Period, Period, int], ...]
    starts: Break | None = None
    withheld: int = 0

    @property
    def readable(self) -> bool:
        """Say whether all figures are shown, are enough, and seasons known, to tell a change from chance."""
        return not self.withheld and not self.untold and (self.kind != "run" or self.counted >= FEWEST_LIMITS)

    @property
    def outside_now(self) -> tuple[Period, ...]:
        """Figures outside the usual range among the newest twelve."""
        return tuple(each for each in self.outside if self.newest is not None and each >= self.newest)

    @property
    def runs_now(self) -> tuple[tuple[Period, Period, int], ...]:
        """Runs that reach into the newest twelve."""
        return tuple(each for each in self.runs if self.newest is not None and each[1] >= self.newest)


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure in one area over time. ``withheld`` are the periods whose figures may not be told.

    ``rounded``: to multiples of what the counts among its figures were rounded before; 0 where none was.
    """

    measure: Tracked
    area: str
    words: str
    points: tuple[Point, ...]
    phases: tuple[Phase, ...]
    withheld: tuple[Period, ...] = ()
    rounded: int = 0

    @property
    def kind(self) -> str:
        """The kind of the newest phase."""
        return self.phases[-1].kind

    @property
    def reading(self) -> str:
        """The newest phase in words."""
        last = self.phases[-1]
        if not last.readable:
            return NOT_READ if last.withheld else NOT_TOLD
        return CHANGED if last.outside_now or last.runs_now else AS_BEFORE


def chart_of(
    measure: Tracked, series: Series, area: str = "", hidden: Collection[tuple[str, str, Period]] = ()
) -> Chart:
    """The chart of a measure in an area, without the figures of the slots in ``hidden``.

    Raises
    ------
    TheoryError
        ``LC324``: there are too few figures to show anything.
    """
    held = [row for row in series.of(measure.id, area) if row.value is not None or row.slot in hidden]
    alike = _of_one_length(measure, held)
    rows = [row for row in alike if row.slot not in hidden]
    withheld = tuple(row.period for row in alike if row.slot in hidden)
    if len(rows) < FEWEST_SHOWN:
        more = f", {len(withheld)} more are withheld" if withheld else ""
        said = (
            f"{measure.id} has {len(rows)} figures of one length{more}; a chart needs at least {FEWEST_SHOWN}"
        )
        raise TheoryError("LC324", said, f"lifecourse measure trend {measure.id} shows how they moved.")
    scaled = based(measure, rows, series)
    months = usual_months(alike)
    starts = sorted(measure.breaks, key=lambda each: each.starts)
    numbers = [sum(each.starts <= row.period.last for each in starts) for row in rows]
    states = [_state(row, months, starts) for row in rows]
    points: list[Point] = []
    phases: list[Phase] = []
    for number in sorted(set(numbers)):
        places = [place for place, at in enumerate(numbers) if at == number]
        unseen = _unseen(withheld, starts, number, newest=number == max(numbers))
        phase, drawn = _phase(number, places, rows, scaled, states, unseen)
        phases.append(replace(phase, starts=starts[number - 1] if number else None))
        points += drawn
    return Chart(measure, area, scaled.words, tuple(points), tuple(phases), withheld)


def _unseen(withheld: Sequence[Period], starts: Sequence[Break], number: int, *, newest: bool) -> int:
    """How many periods of a phase are not shown; of the newest also those after it."""
    at = [sum(each.starts <= period.last for each in starts) for period in withheld]
    return sum(each == number or (newest and each > number) for each in at)


def charts_of(measure: Tracked, series: Series) -> dict[str, Chart | str]:
    """The chart of each area, or why there is none."""
    found: dict[str, Chart | str] = {}
    for name, area in series.keys:
        if name == measure.id:
            try:
                found[area] = chart_of(measure, series, area)
            except TheoryError as error:
                found[area] = error.faults[0].problem
    return found


def _of_one_length(measure: Tracked, rows: Sequence[FigureRow]) -> list[FigureRow]:
    """Figures of the usual length, and shorter ones that none of these covers: years and their quarters are one."""
    if not rows:
        return []
    months = usual_months(rows)
    whole = [row for row in rows if round(row.period.months, 1) == months]
    parts = [
        row
        for row in rows
        if row.period.months < months - 0.05 and not any(each.period.overlaps(row.period) for each in whole)
    ]
    return sorted([*whole, *parts], key=lambda row: row.period)


def usual_months(rows: Sequence[FigureRow]) -> float:
    """The length most figures have; of two as common the longer."""
    lengths = Counter(round(row.period.months, 1) for row in rows)
    return max(lengths, key=lambda months: (lengths[months], months))


def _state(row: FigureRow, months: float, breaks: Sequence[Break]) -> str:
    inside = any(row.period.first < each.starts <= row.period.last for each in breaks)
    if inside or row.status == "provisional" or round(row.period.months, 1) != months:
        return "part"
    first, last = max(row.period.first, PANDEMIC.first), min(row.period.last, PANDEMIC.last)
    days = (row.period.last - row.period.first).days + 1
    share = ((last - first).days + 1) / days
    return "pandemic" if share >= PANDEMIC_SHARE else "counted"


def _phase(
    number: int,
    places: Sequence[int],
    rows: Sequence[FigureRow],
    scaled: Based,
    states: Sequence[str],
    withheld: int,
) -> tuple[Phase, list[Point]]:
    """The figures between two breaks: what they come to, and their points."""
    periods = [rows[i].period for i in places]
    values, sizes = [scaled.values[i] for i in places], [scaled.sizes[i] for i in places]
    kept = [at for at, i in enumerate(places) if states[i] == "counted"]
    factors = season_factors(
        [periods[at] for at in kept], [values[at] for at in kept], [sizes[at] for at in kept]
    )
    known = bool(factors) or not (kept and has_seasons(periods[kept[0]]))
    told = known and not withheld
    seasons = [factors[season_of(period)] if factors else 1.0 for period in periods]
    counted = [at in kept for at in range(len(places))]
    found = usual_range(scaled.kind, values, sizes, seasons, counted) if told else None
    level = median([values[at] / seasons[at] for at in kept])
    middle = found.middle if found else tuple(level * season for season in seasons)
    points = [
        _point(number, rows[i], states[i], scaled, i, middle[at] if told else None,
               (found.low[at], found.high[at]) if found else None)
        for at, i in enumerate(places)
    ]  # fmt: skip
    runs = runs_of([values[at] for at in kept], [middle[at] for at in kept]) if told else ()
    phase = Phase(
        number,
        scaled.kind if found else "run",
        len(kept),
        found.spread if found else 1.0,
        len(full_years([periods[at] for at in kept])) if factors else 0,
        not known,
        periods[kept[-NEWEST:][0]] if kept else None,
        tuple(point.period for point in points if point.outside),
        tuple((periods[kept[first]], periods[kept[last]], last - first + 1) for first, last in runs),
        withheld=withheld,
    )
    return phase, points


def _point(
    phase: int,
    row: FigureRow,
    state: str,
    scaled: Based,
    place: int,
    middle: float | None,
    ends: tuple[float, float] | None,
) -> Point:
    """A figure on the scale that is shown."""
    per, of = scaled.per, scaled.sizes[place] if scaled.kind in ("u", "p") else row.of
    low, high = (per * ends[0], per * ends[1]) if ends else (None, None)
    shown = per * scaled.values[place]
    return Point(
        row.period,
        row.value or 0.0,
        of,
        shown,
        state,
        phase,
        None if middle is None else per * middle,
        low,
        high,
    )
