"""More worlds: ratios, layouts of clusters, events that come back, ordered scales, gaps, several waves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.calibration.parts import RATIO, Draw, World, chosen, pair, people
from benchmarks.calibration.parts import plan_text as text_of


def risks(n: int, ratio: float, pull: float, base: float = 0.3) -> Callable[[Draw], pl.DataFrame]:
    """An event whose risk is multiplied by the same ratio for everybody."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        risk = base * (1 + 0.5 * np.tanh(x)) * np.where(treat == 1, ratio, 1.0)
        return people(n, treat, x, z, y=(draw.uniform(size=n) < risk).astype(np.float64))

    return draw_people


def steps(n: int, ratio: float) -> Callable[[Draw], pl.DataFrame]:
    """A scale of five steps under proportional odds, by lot; covariates bear on nothing."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, 0.0)
        latent = math.log(ratio) * treat + draw.logistic(size=n)
        return people(n, treat, x, z, y=np.digitize(latent, (-1.5, -0.3, 0.6, 1.6)).astype(np.float64))

    return draw_people


def wards(
    count: int, periods: int, effect: float, *, crossing: bool = False
) -> Callable[[Draw], pl.DataFrame]:
    """Wards that step into the programme, or cross, with other people in every period."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        sizes = draw.integers(5, 12, (count, periods))
        ward = np.repeat(np.arange(count), sizes.sum(axis=1))
        period = np.concatenate([np.repeat(np.arange(periods), row) for row in sizes])
        start = 1 + draw.permutation(np.arange(count) % (periods - 1))
        first = draw.permutation(np.arange(count) % 2)
        treat = (period + first[ward]) % 2 if crossing else period >= start[ward]
        n = len(ward)
        x, z = draw.normal(size=n), draw.normal(size=n)
        level, own = (
            0.6 * draw.normal(size=count)[ward],
            0.3 * draw.normal(size=(count, periods))[ward, period],
        )
        y = 0.2 * period + level + own + effect * treat + 0.5 * x + draw.normal(size=n)
        return people(
            n, treat.astype(np.float64), x, z, y=y, month=period + 1.0, ward=[f"W{w:02d}" for w in ward]
        )

    return draw_people


def areas(count: int, ratio: float) -> Callable[[Draw], pl.DataFrame]:
    """Arrests over unequal times in areas that were allocated whole."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        code = np.repeat(np.arange(count), draw.integers(15, 40, count))
        n = len(code)
        treat = draw.permutation(np.repeat([1.0, 0.0], [count // 2, count - count // 2]))[code]
        x, z, years = draw.normal(size=n), draw.normal(size=n), draw.uniform(0.5, 1.5, n)
        mean = years * np.exp(0.2 + 0.3 * draw.normal(size=count)[code] + math.log(ratio) * treat)
        y = draw.poisson(mean).astype(np.float64)
        return people(n, treat, x, z, y=y, years=years, school=[f"S{c:02d}" for c in code])

    return draw_people


def offenders(n: int, ratio: float) -> Callable[[Draw], pl.DataFrame]:
    """Arrests that come back over a year, some people far more given to them, with days in custody after each."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, 0.0)
        rate = 0.006 * draw.gamma(1.0, 1.0, n) * np.where(treat == 1, ratio, 1.0)
        end = np.minimum(np.ceil(draw.uniform(250, 400, n)), 365.0)
        who, begun = np.arange(n), np.zeros(n)
        rows: list[tuple[np.ndarray, ...]] = []
        while len(who):
            stop = begun + np.ceil(draw.exponential(size=len(who)) / np.maximum(rate[who], 1e-9))
            hit = stop <= end[who]
            rows.append((who, begun, np.minimum(stop, end[who]), 1.0 * hit))
            again = stop + np.ceil(draw.exponential(10.0, len(who)))
            on = hit & (again < end[who])
            who, begun = who[on], again[on]
        person, start, stop, hit = (np.concatenate(part) for part in zip(*rows, strict=True))
        frame = people(
            len(person), treat[person], x[person], z[person], y=hit.astype(np.float64), start=start, stop=stop
        )
        return frame.with_columns(unit=pl.Series([f"P{i:05d}" for i in person]))

    return draw_people


def followed(n: int, effect: float) -> Callable[[Draw], pl.DataFrame]:
    """Three waves; those who did badly at one are lost more often at the next."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, 0.0)
        own = 0.8 * draw.normal(size=n) + 0.5 * x
        frame, seen = people(n, treat, x, z), np.ones(n, dtype=np.bool_)
        for turn, wave in enumerate(("6m", "12m", "24m")):
            value = own + effect * treat * (turn + 1) / 3 + 0.6 * draw.normal(size=n)
            frame = frame.with_columns(pl.Series(f"y@{wave}", np.where(seen, value, np.nan)).fill_nan(None))
            seen &= draw.uniform(size=n) > 1 / (1 + np.exp(1.8 + value))
        return frame

    return draw_people


def ratios() -> Iterator[World]:
    """The same ratio of risks for everybody, by every method for people."""
    for method, pull in (("randomised", 0.0), ("matching", 0.5), ("weighting", 0.5), ("doubly-robust", 0.5)):
        design = 'estimand = "ATE"' if method in ("weighting", "doubly-robust") else ""
        yield from pair(
            f"{method} risk-ratio n 800", method, "binary", "n 800, base 30%", 0.7,
            lambda r, pull=pull: risks(800, r, pull), better="lower", is_ratio=True, design=design,  # type: ignore[misc]
            outcome='effect = "risk-ratio"',
        )  # fmt: skip
    yield from pair(
        "randomised ordinal odds-ratio n 400", "randomised", "ordinal", "n 400, five steps", 1.6,
        lambda r: steps(400, r), is_ratio=True, outcome='effect = "odds-ratio"',
    )  # fmt: skip


def layouts() -> Iterator[World]:
    """Clusters that change arms, and counts in clusters."""
    for layout, count, periods in (("stepped-wedge", 10, 6), ("stepped-wedge", 20, 5), ("crossover", 10, 4)):
        said = f"{layout}, {count} clusters, {periods} periods"
        yield from pair(
            f"cluster-randomised {said}", "cluster-randomised", "continuous", said, 0.4,
            lambda e, c=count, p=periods, w=layout: wards(c, p, e, crossing=w == "crossover"),  # type: ignore[misc]
            design='cluster = "ward"', settings=f'layout = "{layout}"\nperiod = "month"',
        )  # fmt: skip
    for count in (10, 30):
        yield from pair(
            f"cluster-randomised count, {count} clusters", "cluster-randomised", "count", f"{count} clusters", RATIO,
            lambda r, c=count: areas(c, r), better="lower", is_ratio=True, design='cluster = "school"',  # type: ignore[misc]
            outcome='exposure = "years"',
        )  # fmt: skip


def coming_back() -> Iterator[World]:
    """Events that come back, with people out of reach in between."""
    yield from pair(
        "randomised recurrent n 400", "randomised", "time-to-event", "n 400, frail", RATIO,
        lambda r: offenders(400, r), better="lower", is_ratio=True, design='unit = "unit"',
        outcome='recurrent = true\nentry = "start"\nduration = "stop"\nevent = "y"\nunit = "days"',
    )  # fmt: skip


def other_matching(draws: Callable[[float], Callable[[Draw], pl.DataFrame]]) -> Iterator[World]:
    """Kinds of matching beside the nearest neighbour without replacement."""
    for said, settings in (
        ("subclassification", 'kind = "subclassification"'),
        ("coarsened-exact", 'kind = "coarsened-exact"'),
        ("with replacement", "replace = true"),
        ("with replacement, Abadie-Imbens", 'replace = true\nerrors = "abadie-imbens"'),
        ("three to one", "ratio = 3"),
    ):
        yield from pair(
            f"matching {said} continuous, n 600, pull 0.4",
            "matching",
            "continuous",
            said,
            0.3,
            draws,
            settings=settings,
        )


def gaps(lose: Callable[[float, str], Callable[[Draw], pl.DataFrame]]) -> Iterator[World]:
    """A fifth lost by a covariate: imputed, weighted; and several waves in one model."""
    for rule in ("multiple-imputation", "inverse-probability"):
        text = text_of("randomised", kind="continuous", better="higher", margin=0.3)
        for said, truth in (("no effect", 0.0), ("at the margin", 0.3)):
            yield World(
                f"randomised continuous n 400, lost by covariate, {rule}, {said}", "randomised", "continuous",
                f"n 400, a fifth lost, {rule}", f'{text}\n[analysis]\nmissing = "{rule}"\n', lose(truth, "covariate"),
                truth, 0.3, "higher",
            )  # fmt: skip
    yield from pair(
        "randomised waves n 300", "randomised", "continuous", "n 300, three waves, lost after bad ones", 0.4,
        lambda e: followed(300, e), outcome='wave = "24m"\nwaves = ["6m", "12m", "24m"]',
    )  # fmt: skip
