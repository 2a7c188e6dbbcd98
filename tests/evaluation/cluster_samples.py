"""Made-up trials of clusters for tests: stepped wedges, crossovers, classes in schools, growth, counts."""

from __future__ import annotations

import numpy as np
import polars as pl


def wards(
    count: int = 10, periods: int = 6, seed: int = 1, *, effect: float = 1.0, crossing: bool = False,
    binary: bool = False, each: int = 8, ahead: float = 0.0, grows: float = 0.0, left: float = 0.0,
) -> pl.DataFrame:  # fmt: skip
    """Clusters that step (or cross) into the programme, with other people in every period.

    ``ahead`` is the share of the effect that comes a period early, ``grows`` what it gains each period, ``left`` what
    is left of it in the period after it ended.
    """
    draw = np.random.default_rng(seed)
    start = 1 + np.arange(count) % (periods - 1)
    rows = []
    for ward in range(count):
        level = draw.normal() * 0.6
        for period in range(periods):
            own = draw.normal() * 0.3
            given = (period + ward) % 2 if crossing else int(period >= start[ward])
            strength = effect * given + grows * max(0, period - start[ward] + 1)
            strength += effect * ahead * (period == start[ward] - 1)
            strength += left * (crossing and not given and period > 0)
            for _ in range(int(draw.integers(each - 3, each + 4))):
                x = draw.normal()
                y = 0.2 * period + level + own + strength + 0.5 * x + draw.normal()
                rows.append((f"W{ward:02d}", period + 1, given, x, float(y > 0.8) if binary else y))
    frame = pl.DataFrame(rows, schema=["ward", "month", "treat", "x", "y"], orient="row")
    return frame.with_columns(
        unit=pl.format("P{}", pl.int_range(frame.height).cast(pl.String).str.zfill(5)),
        treat=pl.col("treat").cast(pl.Float64),
        place=pl.Series(draw.choice(["east", "north", "south"], frame.height).tolist()),
        district=pl.when(pl.col("ward").str.slice(1).cast(pl.Int64) % 2 == 0)
        .then(pl.lit("D0"))
        .otherwise(pl.lit("D1")),
    )


def classes(schools: int = 12, seed: int = 1, *, within: bool = False, effect: float = 1.0) -> pl.DataFrame:
    """Pupils in classes in schools; whole schools allocated, or classes ``within`` them."""
    draw = np.random.default_rng(seed)
    rows = []
    for school in range(schools):
        level = draw.normal() * 0.5
        for room in range(4):
            own = draw.normal() * 0.4
            given = room % 2 if within else school % 2
            for _ in range(int(draw.integers(6, 10))):
                x = draw.normal()
                rows.append(
                    (f"S{school:02d}", f"C{room}", given, x, level + own + effect * given + x + draw.normal())
                )
    frame = pl.DataFrame(rows, schema=["school", "room", "treat", "x", "y"], orient="row")
    return frame.with_columns(
        unit=pl.format("P{}", pl.int_range(frame.height).cast(pl.String).str.zfill(5)),
        treat=pl.col("treat").cast(pl.Float64),
        place=pl.Series(draw.choice(["east", "north", "south"], frame.height).tolist()),
    )


def waves(
    schools: int = 12,
    seed: int = 1,
    *,
    times: int = 4,
    effect: float = 0.6,
    each: int = 8,
    within: bool = False,
) -> pl.DataFrame:
    """Pupils in schools seen several times, some of them not always."""
    draw = np.random.default_rng(seed)
    rows, person = [], 0
    for school in range(schools):
        level, pace = draw.normal() * 0.5, draw.normal() * 0.15
        for pupil in range(each):
            given = (pupil if within else school) % 2
            own, speed, x = draw.normal(), draw.normal() * 0.3, draw.normal()
            for time in range(times):
                if time and draw.uniform() < 0.1:
                    continue
                mean = level + own + x + (0.5 + pace + speed + effect * given) * time
                rows.append((f"P{person:04d}", f"S{school:02d}", time, given, x, mean + draw.normal() * 0.7))
            person += 1
    frame = pl.DataFrame(rows, schema=["unit", "school", "year", "treat", "x", "y"], orient="row")
    names = sorted(frame["unit"].unique().to_list())
    places = dict(zip(names, draw.choice(["east", "north", "south"], len(names)).tolist(), strict=True))
    return frame.with_columns(
        treat=pl.col("treat").cast(pl.Float64),
        place=pl.col("unit").replace_strict(places, return_dtype=pl.String),
    )


def areas(
    count: int = 16, seed: int = 1, *, ratio: float = 1.0, binary: bool = False, spread: float = 0.3
) -> pl.DataFrame:
    """People in areas that were allocated whole, with arrests over time at risk, or a yes or no."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(15, 40, count)
    code = np.repeat(np.arange(count), sizes)
    n = len(code)
    x, time = draw.normal(size=n), draw.uniform(0.5, 1.5, n)
    line = -0.4 + spread * draw.normal(size=count)[code] + np.log(ratio) * (code % 2) + 0.3 * x
    y = (draw.uniform(size=n) < 1 / (1 + np.exp(-line))) if binary else draw.poisson(time * np.exp(line))
    return pl.DataFrame(
        {
            "unit": [f"P{i:05d}" for i in range(n)], "school": [f"S{c:02d}" for c in code], "treat": (code % 2) * 1.0,
            "x": x, "time": time, "place": draw.choice(["east", "north", "south"], n).tolist(),
            "district": [f"D{c // 2 % 2}" for c in code], "y": y.astype(np.float64),
        }
    )  # fmt: skip
