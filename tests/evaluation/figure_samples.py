"""Made-up figures and tables of every kind that a panel method draws. No number in them is real."""

from __future__ import annotations

import math

from evaluation.figures import FactTable, Figure, Line

MONTHS = tuple(f"{year}-{month:02d}" for year in range(2014, 2019) for month in range(1, 13))
YEARS = tuple(str(year) for year in range(1995, 2016))


def _wave(i: int, turn: float) -> float:
    """A number that looks like noise and is the same every time."""
    return math.sin(2.7 * i + turn) + 0.6 * math.sin(5.3 * i + 2 * turn)


def event_study() -> Figure:
    """Effects before and after the start, with pointwise and simultaneous intervals."""
    x = tuple(float(t) for t in range(-5, 6))
    y = tuple(0.35 * _wave(t, 0.4) - (1.1 * min(t + 1, 3) if t >= 0 else 0) for t in range(-5, 6))
    gone = tuple(None if t == -1 else value for t, value in zip(x, y, strict=True))

    def ends(size: float) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        low = tuple(None if v is None else v - size for v in gone)
        return low, tuple(None if v is None else v + size for v in gone)

    lines = (
        Line("effect (95 % interval)", "effect", x, gone, *ends(0.9)),
        Line("95 % band for all together", "effect", x, gone, *ends(1.4)),
    )
    return Figure(
        "event-study",
        "Effect on admissions, year by year from the start",
        "Years since the start",
        "Effect (admissions per 100,000)",
        lines,
        marks=((-0.5, "programme starts"),),
    )


def what_if() -> Figure:
    """A monthly series with what was expected, an interval, a missing month, a start and a window left out."""
    start = 34
    seen = [30 + 4 * math.cos(math.pi * i / 6) + 1.8 * _wave(i, 0.1) + 0.05 * i for i in range(60)]
    observed = tuple(None if i == 20 else value - (6 if i >= start else 0) for i, value in enumerate(seen))
    expected = [30 + 4 * math.cos(math.pi * i / 6) + 0.05 * i for i in range(60)]
    after = [i >= start for i in range(60)]
    band = [2.4 + 0.06 * (i - start) for i in range(60)]
    lines = (
        Line("observed", "observed", tuple(map(float, range(60))), observed),
        Line(
            "fitted before the start", "comparison", tuple(map(float, range(start))), tuple(expected[:start])
        ),
        Line(
            "expected without the programme (95 % interval)",
            "expected",
            tuple(float(i) for i in range(60) if after[i]),
            tuple(expected[start:]),
            tuple(e - b for e, b in zip(expected[start:], band[start:], strict=True)),
            tuple(e + b for e, b in zip(expected[start:], band[start:], strict=True)),
        ),
    )
    return Figure(
        "what-if",
        "Knife admissions seen, and expected had nothing changed",
        "Month",
        "Admissions per 100,000",
        lines,
        marks=((float(start), "programme starts"), (36.0, "washout ends")),
        labels=MONTHS,
    )


def gaps() -> Figure:
    """The treated area's gap among those of 24 others as if treated; one of them wild, one treated area."""

    def gap(unit: int, i: int) -> float:
        size = 9.0 if unit == 3 else 1.6
        return size * _wave(i, 0.7 * unit) * (0.5 if i < 11 else 1)

    x = tuple(map(float, range(len(YEARS))))
    others = tuple(
        Line(f"area {unit}", "placebo", x, tuple(gap(unit, i) for i in range(len(YEARS))))
        for unit in range(24)
    )
    own = tuple(0.8 * _wave(i, 0.3) - max(0, i - 10) * 0.9 for i in range(len(YEARS)))
    return Figure(
        "gaps",
        "Gap between Northshire and its synthetic control, and those of areas without the programme",
        "Year",
        "Gap (offences per 1,000)",
        (*others, Line("Northshire", "effect", x, own)),
        marks=((11.0, "start"),),
        labels=YEARS,
    )


def two_paths() -> Figure:
    """An area and its synthetic control."""
    x = tuple(map(float, range(len(YEARS))))
    own = tuple(62 - 1.1 * i + _wave(i, 0.3) - max(0, i - 10) * 0.9 for i in range(len(YEARS)))
    other = tuple(62 - 1.1 * i + 0.5 * _wave(i, 0.9) for i in range(len(YEARS)))
    lines = (Line("Northshire", "observed", x, own), Line("synthetic Northshire", "expected", x, other))
    title = "Northshire and its synthetic control"
    return Figure("paths", title, "Year", "Offences per 1,000", lines, ((11.0, "start"),), YEARS)


def cut_off() -> Figure:
    """Bins on both sides of a cut-off, with two fits."""
    bins = [-9.5 + i for i in range(20)]
    dots = tuple(40 + 0.8 * b + 1.3 * _wave(int(b * 2), 0.2) - (7 if b > 0 else 0) for b in bins)
    left = [-10 + 0.5 * i for i in range(21)]
    right = [0.5 * i for i in range(21)]

    def fit(name: str, xs: list[float], drop: float) -> Line:
        ys = tuple(40 + 0.8 * x - drop for x in xs)
        wide = [1.2 + 0.02 * x * x for x in xs]
        low = tuple(y - w for y, w in zip(ys, wide, strict=True))
        return Line(name, "expected", tuple(xs), ys, low, tuple(y + w for y, w in zip(ys, wide, strict=True)))

    lines = (
        Line("average of people in a bin", "points", tuple(bins), dots),
        fit("fit below the cut-off", left, 0),
        fit("fit above the cut-off", right, 7),
    )
    return Figure(
        "cut-off",
        "Outcome by risk score around the cut-off of 50",
        "Risk score less 50",
        "Reoffended, in 100",
        lines,
        marks=((0.0, "offered the programme from here"),),
    )


def density() -> Figure:
    """How many stand at each score, either side of a cut-off."""

    def side(name: str, xs: list[float], lift: float) -> Line:
        ys = tuple(0.03 * math.exp(-x * x / 180) + lift for x in xs)
        return Line(name, "expected", tuple(xs), ys, tuple(y * 0.85 for y in ys), tuple(y * 1.15 for y in ys))

    left, right = [-20 + i for i in range(21)], [float(i) for i in range(21)]
    lines = (side("below", [float(x) for x in left], 0.0), side("above", right, 0.002))
    title = "How many people stand at each score"
    return Figure("density", title, "Risk score less 50", "Density", lines, marks=((0.0, "cut-off"),))


def areas() -> Figure:
    """The effect in each of some areas, one interval without limit."""
    names = (
        "Bootle North",
        "St Helens Town Centre and surroundings",
        "Birkenhead",
        "Kirkby",
        "Speke & <Garston>",
    )
    y = (-4.2, -1.1, 0.8, -2.6, -3.3)
    low = (-6.9, -3.9, -2.2, -math.inf, -5.6)
    high = (-1.5, 1.7, 3.8, 1.0, -1.0)
    x = tuple(map(float, range(5)))
    lines = (Line("effect (95 % interval)", "effect", x, y, low, high),)
    return Figure("units", "Effect in each area", "Area", "Effect (offences per 1,000)", lines, (), names)


def groups() -> Figure:
    """Effects by year in three groups that began at different times."""
    lines = []
    for g, start in enumerate((2004, 2006, 2007)):
        years = tuple(float(year) for year in range(2004, 2011))
        y = tuple(0.02 * _wave(int(t), g) - (0.03 * (t - start + 1) if t >= start else 0) for t in years)
        lines.append(
            Line(
                f"began in {start}",
                "effect",
                years,
                y,
                tuple(v - 0.04 for v in y),
                tuple(v + 0.04 for v in y),
            )
        )
    return Figure("groups", "Effect by group and year", "Year", "Effect (log employment)", tuple(lines))


FIGURES = {
    "event-study": event_study,
    "what-if": what_if,
    "gaps": gaps,
    "two-paths": two_paths,
    "cut-off": cut_off,
    "density": density,
    "areas": areas,
    "groups": groups,
}
WEIGHTS = FactTable(
    "donors",
    "Areas that make up synthetic Northshire",
    ("Area", "Weight", "First year"),
    (("Westmark", 0.4121, 1995.0), ("Southdale & <Hill>", 0.35, 1996.0), ("all others", 0.2379, None)),
    "Weights are never below nought and add up to one.",
)
GROUP_TIME = FactTable(
    "group-time",
    "Effect by group and year",
    ("Began", "Year", "Effect", "Standard error", "Areas"),
    (
        (2004.0, 2004.0, -0.0105, 0.0233, 20.0),
        (2004.0, 2005.0, -0.0704, 0.031, 20.0),
        (2006.0, 2006.0, 0.00652, 0.02333, 40.0),
    ),
)
