"""Worlds of panels: differences in differences, staggered starts, series of one area, synthetic controls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.calibration.area_plans import area_plan, long, months
from benchmarks.calibration.parts import (
    BOUNDS,
    POOL_WAYS,
    RATIO,
    SERIES_WAYS,
    Array,
    Draw,
    World,
    alike,
    pair,
)
from benchmarks.calibration.synthetic import made_areas

YEARS, FROM = 10, 6
NEVER = 0


def areas(
    units: int, treated: int, effect: float, rho: float, *, clusters: int = 0, parting: float = 0.0
) -> Callable[[Draw], pl.DataFrame]:
    """Areas by years, the first treated from the seventh year on, their errors like those of the year before.

    The effect grows over the years to twice its average. ``clusters``: so many larger areas that share their shocks and
    are treated whole. ``parting``: by how much more a year those treated fall anyway.
    """
    grows = effect * np.linspace(0.0, 2.0, YEARS - FROM)

    def draw_areas(draw: Draw) -> pl.DataFrame:
        y = 30 + 2 * draw.normal(size=(units, 1)) + draw.normal(size=YEARS) + alike(draw, units, YEARS, rho)
        code = np.arange(units) % clusters if clusters else np.arange(units)
        if clusters:
            y += alike(draw, clusters, YEARS, rho)[code]
        arm = (code < (clusters // 2 if clusters else treated)).astype(np.float64)
        y[:, FROM:] += arm[:, None] * grows
        y -= parting * arm[:, None] * np.arange(YEARS)
        return long(y, "year", range(2010, 2010 + YEARS), treat=arm, region=[f"r{c:02d}" for c in code])

    return draw_areas


def differences() -> Iterator[World]:
    """Clusters few and many, errors that last, few treated units, and trends that part."""
    start = f"start = {2010 + FROM}"
    treat = 'treatment = "treat"'
    text = area_plan("difference-in-differences", start, time="year", margin=0.8, design=treat)
    cases = [(n, n // 2, rho) for n in (6, 10, 20, 60) for rho in (0.0, 0.4, 0.8)]
    for units, treated, rho in (*cases, (40, 5, 0.4), (40, 2, 0.4), (40, 1, 0.4)):
        said = f"{units} units, {treated} treated, likeness {rho:g}"
        yield from pair(
            f"difference-in-differences {said}", "difference-in-differences", "continuous", said, 0.8,
            lambda e, u=units, t=treated, r=rho: areas(u, t, e, r), better="lower", text=text,  # type: ignore[misc]
            spared=BOUNDS if units >= 20 else "",
        )  # fmt: skip
    for clusters in (6, 10, 20):
        said = f"120 units in {clusters} clusters, likeness 0.4"
        within = area_plan(
            "difference-in-differences", start, time="year", margin=0.8, design=f'{treat}\ncluster = "region"'
        )
        yield from pair(
            f"difference-in-differences {said}", "difference-in-differences", "continuous", said, 0.8,
            lambda e, c=clusters: areas(120, 60, e, 0.4, clusters=c), better="lower", text=within,  # type: ignore[misc]
            spared=BOUNDS,
        )  # fmt: skip
    said = "40 units, trends that part"
    yield from pair(
        f"difference-in-differences {said}", "difference-in-differences", "continuous", said, 0.8,
        lambda e: areas(40, 20, e, 0.4, parting=0.1), better="lower", text=text, holds=False,
    )  # fmt: skip


def rollout(
    sizes: tuple[int, ...], starts: tuple[int, ...], average: float, comparison: str
) -> Callable[[Draw], pl.DataFrame]:
    """Areas that start at different times; effects grow with time since the start, more where it was later.

    They are scaled so that the planned average, by cohort and then over cohorts, is ``average``. Without anybody who
    never starts the last cohort has nobody to be compared with, and bears no effect that counts.
    """
    years = np.arange(2000, 2010)
    start = np.repeat(np.array(starts), sizes)
    since = np.where(start[:, None] > NEVER, np.maximum(years - start[:, None] + 1, 0), 0)
    shape = since * np.where(start > min(s for s in starts if s), 1.5, 1.0)[:, None]
    last = max(starts) if NEVER not in starts else 9999
    counted = [
        (float(np.mean(shape[start == s][0][(years >= s) & (years < last)])), n)
        for s, n in zip(starts, sizes, strict=True)
        if s not in (NEVER, last)
    ]
    scale = sum(n for _, n in counted) / sum(value * n for value, n in counted)

    def draw_areas(draw: Draw) -> pl.DataFrame:
        n = len(start)
        own = (
            30 + 2 * draw.normal(size=(n, 1)) + 0.2 * np.arange(len(years)) + alike(draw, n, len(years), 0.5)
        )
        return long(own + average * scale * shape, "year", list(years), start=start)

    return draw_areas


def staggered() -> Iterator[World]:
    """With and without areas that never start, many and few of them; effects that vary over time and cohorts."""
    cases = (
        ("60 areas, 24 never", "never", (12, 12, 12, 24), (2004, 2006, 2007, NEVER)),
        ("60 areas, 24 never, not yet treated too", "not-yet", (12, 12, 12, 24), (2004, 2006, 2007, NEVER)),
        ("60 areas, all start", "not-yet", (15, 15, 15, 15), (2004, 2006, 2007, 2009)),
        ("24 areas, 9 never", "never", (5, 5, 5, 9), (2004, 2006, 2007, NEVER)),
        ("12 areas, 3 never", "not-yet", (3, 3, 3, 3), (2004, 2006, 2007, NEVER)),
    )
    for said, comparison, sizes, starts in cases:
        text = area_plan(
            "staggered-adoption",
            f'first_treated = "start"\ncomparison = "{comparison}"\ndraws = 199',
            time="year",
            margin=0.8,
        )
        yield from pair(
            f"staggered-adoption {said}", "staggered-adoption", "continuous", said, 0.8,
            lambda e, s=sizes, b=starts, c=comparison: rollout(s, b, e, c), better="lower", text=text,  # type: ignore[misc]
        )  # fmt: skip


def series(n: int, effect: float, rho: float, *, start: int) -> Callable[[Draw], pl.DataFrame]:
    """Months of one area: a line, a season, errors like those of the month before, a step at the start."""
    t = np.arange(n)

    def draw_series(draw: Draw) -> pl.DataFrame:
        y = (
            20
            + 0.05 * t
            + 2 * np.sin(2 * math.pi * t / 12)
            + alike(draw, 1, n, rho)[0]
            + effect * (t >= start)
        )
        return pl.DataFrame({"month": months(n), "y": y})

    return draw_series


def counted_series(
    n: int, ratio: float, rho: float, *, start: int, mean: float = 60.0
) -> Callable[[Draw], pl.DataFrame]:
    """Counts of months that vary more than chance, because their level drifts."""
    t = np.arange(n)

    def draw_series(draw: Draw) -> pl.DataFrame:
        drift = 0.15 * alike(draw, 1, n, rho)[0] + 0.15 * np.cos(2 * math.pi * t / 12)
        rate = np.exp(math.log(mean) + drift + math.log(ratio) * (t >= start))
        return pl.DataFrame({"month": months(n), "y": draw.poisson(rate).astype(np.float64)})

    return draw_series


def one_series() -> Iterator[World]:
    """Two, five and ten years of months; neighbours unlike, alike, very alike."""
    for n, start in ((24, 12), (60, 36), (120, 84)):
        text = area_plan(
            "interrupted-time-series",
            f'start = "{months(n)[start]}"\nshape = "level"\nharmonics = 1',
            time="month",
            margin=1.0,
            unit="",
        )
        for rho in (0.0, 0.4, 0.8):
            said = f"{n} months, likeness {rho:g}"
            yield from pair(
                f"interrupted-time-series {said}", "interrupted-time-series", "continuous", said, 1.0,
                lambda e, n=n, r=rho, s=start: series(n, e, r, start=s), better="lower", text=text,  # type: ignore[misc]
                spared=SERIES_WAYS,
            )  # fmt: skip
    text = area_plan(
        "interrupted-time-series",
        f'start = "{months(60)[36]}"\nshape = "level"\nharmonics = 1',
        time="month",
        margin=RATIO,
        unit="",
        kind="count",
    )
    for rho in (0.0, 0.5):
        said = f"counts, 60 months, likeness {rho:g}"
        yield from pair(
            f"interrupted-time-series {said}", "interrupted-time-series", "count", said, RATIO,
            lambda ratio, r=rho: counted_series(60, ratio, r, start=36), better="lower", is_ratio=True,  # type: ignore[misc]
            text=text, spared=SERIES_WAYS,
        )  # fmt: skip


def pool(effect: float, world: dict[str, float], donors: int) -> Callable[[Draw], pl.DataFrame]:
    """One treated area and its donors: 16 quarters before the start and 8 after."""

    def draw_areas(draw: Draw) -> pl.DataFrame:
        matrix: Array = made_areas(donors + 1, 24, 16, effect=effect, seed=draw, **world)
        return long(matrix, "quarter", [f"{2015 + q // 4}-Q{q % 4 + 1}" for q in range(24)])

    return draw_areas


def synthetic() -> Iterator[World]:
    """A weighted mix of donors, classic and with differences; the treated area one of many, or the highest of all."""
    worlds: tuple[tuple[str, dict[str, float]], ...] = (
        ("white noise", {}),
        ("likeness 0.6", {"rho": 0.6}),
        ("treated is the highest", {"extreme": 1.0}),
    )
    for kind in ("classic", "did"):
        text = area_plan(
            "synthetic-control",
            f'treated_unit = "u0000"\nstart = "2019-Q1"\nkind = "{kind}"',
            time="quarter",
            margin=2.0,
        )
        for said, world in worlds:
            name = f"{kind}, 20 donors, {said}"
            yield from pair(
                f"synthetic-control {name}", "synthetic-control", "continuous", name, 2.0,
                lambda e, w=world: pool(e, w, 20), better="lower", text=text, spared=POOL_WAYS,  # type: ignore[misc]
            )  # fmt: skip
