"""Worlds of places: offences that move round the corner, days drawn by lot, the worst places a year later."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.calibration.area_plans import area_plan, long, months
from benchmarks.calibration.parts import RATIO, Draw, World, alike, pair

ZONES = {"treated": (8, 12.0), "control": (8, 13.0), "treated-buffer": (16, 6.0), "control-buffer": (16, 5.5)}
BEFORE, AFTER = 12, 6
DAYS, SPOTS = 90, 10


def streets(effect: float, over: float, drift: float = 0.0) -> Callable[[Draw], pl.DataFrame]:
    """Treated places, controls and the streets around both; ``effect`` events in all over the six months after.

    ``over``: variance of the counts over their mean; ``drift``: how far a street's own level wanders from month to
    month, on the log scale, each month like the one before (0.6), about a mean that stays.
    """
    zone = [name for name, (many, _) in ZONES.items() for _ in range(many)]
    level = np.array([mean for many, mean in ZONES.values() for _ in range(many)])
    size = np.array([ZONES[name][0] for name in zone])
    treated = np.array([name == "treated" for name in zone])

    def draw_streets(draw: Draw) -> pl.DataFrame:
        season = np.sin(np.arange(BEFORE + AFTER) / 12 * 2 * math.pi) * 16
        rate = level[:, None] + season[None, :] / size[:, None]  # as many events more in each zone
        rate[:, BEFORE:] += np.where(treated, effect / (AFTER * ZONES["treated"][0]), 0.0)[:, None]
        if drift:
            rate = rate * np.exp(drift * alike(draw, len(zone), BEFORE + AFTER, 0.6) - drift**2 / 2)
        if over > 1:
            rate = draw.gamma(rate / (over - 1), over - 1)
        return long(draw.poisson(rate).astype(np.float64), "month", months(BEFORE + AFTER), zone=zone)

    return draw_streets


def displaced() -> Iterator[World]:
    """Chance alone, more than chance, and levels that wander."""
    text = area_plan(
        "displacement-difference",
        f'start = "{months(BEFORE + 1)[-1]}"\nzone = "zone"',
        time="month",
        margin=150,
        kind="count",
        outcome='effect = "difference"',
    )
    for said, over, drift in (
        ("chance alone", 1.0, 0.0),
        ("twice chance", 2.0, 0.0),
        ("levels that wander", 1.0, 0.3),
    ):
        yield from pair(
            f"displacement-difference {said}", "displacement-difference", "count", said, 150.0,
            lambda e, o=over, d=drift: streets(e, o, d), better="lower", text=text,  # type: ignore[misc]
        )  # fmt: skip


def spots(ratio: float, carried: float, shared: float = 0.0) -> Callable[[Draw], pl.DataFrame]:
    """Half the spots of a day are drawn; ``carried``: the log ratio of the day after; ``shared``: of whole days."""

    def draw_spots(draw: Draw) -> pl.DataFrame:
        on = np.argsort(draw.random((SPOTS, DAYS)), axis=0) < SPOTS // 2
        past = np.concatenate([np.zeros((SPOTS, 1)), on[:, :-1]], axis=1)
        level = draw.gamma(4, 0.5, (SPOTS, 1)) * np.exp(shared * draw.normal(size=DAYS))
        seen = draw.poisson(level * np.exp(math.log(ratio) * on + carried * past)).astype(np.float64)
        first = dt.date(2026, 3, 2)
        frame = long(seen, "day", [(first + dt.timedelta(d)).isoformat() for d in range(DAYS)])
        return frame.with_columns(patrol=pl.Series(on.ravel().astype(np.float64)))

    return draw_spots


def patrolled() -> Iterator[World]:
    """Days drawn by lot, without carry-over and washed out; days somebody picked, as good as by lot.

    ``carried`` is the share of the effect that lasts into the next day; with it washed out, the truth is both together.
    """
    for said, allocation, washout, carried, shared in (
        ("no carry-over", "random", 0, 0.0, 0.0),
        ("days that share their luck", "random", 0, 0.0, 0.3),
        ("half carried over, washed out", "random", 1, 0.5, 0.0),
        ("picked, days that share their luck", "picked", 0, 0.0, 0.3),
    ):
        lot = '\nblock = "day"\ndraws = 499' if allocation == "random" else ""
        text = area_plan(
            "day-crossover",
            f'allocation = "{allocation}"\nwashout = {washout}{lot}',
            time="day",
            margin=RATIO,
            kind="count",
            design='treatment = "patrol"',
        )
        name = f"10 spots, 90 days, {said}"
        yield from pair(
            f"day-crossover {name}", "day-crossover", "count", name, RATIO,
            lambda r, c=carried, s=shared: spots(r ** (1 / (1 + c)), c * math.log(r) / (1 + c), s),  # type: ignore[misc]
            better="lower", is_ratio=True, text=text,
        )  # fmt: skip


def worst(ratio: float, *, years: int, over: float, wander: float = 0.0) -> Callable[[Draw], pl.DataFrame]:
    """200 places with a level of their own; the worst 20 of the last year before get the programme."""

    def draw_places(draw: Draw) -> pl.DataFrame:
        level = np.repeat(draw.gamma(4.0, 2.0, 200)[:, None], years + 1, axis=1)
        if wander:
            level = level * np.exp(wander * alike(draw, 200, years + 1, 0.7) - wander**2 / 2)
        base = draw.gamma(level / (over - 1), over - 1) if over > 1 else level
        before = draw.poisson(base[:, :-1])
        chosen = np.isin(np.arange(200), np.argsort(-before[:, -1], kind="stable")[:20]).astype(np.float64)
        after = draw.poisson(base[:, -1] * np.where(chosen, ratio, 1.0))
        seen = np.column_stack([before, after]).astype(np.float64)
        return long(seen, "year", range(2024 - years, 2025), treat=chosen)

    return draw_places


def chosen_places() -> Iterator[World]:
    """Nothing but a return to the mean, and a fifth fewer beside it. Such a plan never says "works"."""
    for said, years, over, wander, holds in (
        ("one year before", 1, 1.0, 0.0, True),
        ("four years before, twice chance", 4, 2.0, 0.0, True),
        ("four years before, levels that wander", 4, 1.0, 0.3, False),
    ):
        text = area_plan(
            "before-after",
            'start = 2024\nchosen_by = "worst"\nchosen_on = [2023]',
            time="year",
            margin=RATIO,
            kind="count",
            design='treatment = "treat"',
        )
        yield from pair(
            f"before-after worst 20 of 200, {said}", "before-after", "count", said, RATIO,
            lambda r, y=years, o=over, w=wander: worst(r, years=y, over=o, wander=w),  # type: ignore[misc]
            better="lower", is_ratio=True, text=text, holds=holds,
        )  # fmt: skip
