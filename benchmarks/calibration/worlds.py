"""Worlds whose truth is known: each draws people, says the true effect, and has a plan that a user could write.

Effects are constant on the scale that is estimated (a difference, or a ratio that is the same for everybody), so that
the effect on the treated, on everybody and on those who overlap are one number, and a ratio of means does not depend
on who is in the study.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.calibration.more_worlds import coming_back, gaps, layouts, other_matching, ratios
from benchmarks.calibration.panel_worlds import differences, one_series, staggered, synthetic
from benchmarks.calibration.parts import RATIO, Draw, World, chosen, pair, people, plan_text
from benchmarks.calibration.people_worlds import clusters_within, cutoffs, groups, linkage, lost_after_choice
from benchmarks.calibration.place_worlds import chosen_places, displaced, patrolled

BASES = (0.01, 0.05, 0.25, 0.50)


def continuous(
    n: int, effect: float, pull: float, *, skewed: bool = False, hidden: float = 0.0
) -> Callable[[Draw], pl.DataFrame]:
    """A score; ``skewed`` has a long tail, ``hidden`` is the pull of something that is not among the covariates."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        noise = draw.exponential(size=n) - 1 if skewed else draw.normal(size=n)
        unseen = hidden * (treat + draw.normal(size=n)) if hidden else np.zeros(n)
        return people(n, treat, x, z, y=effect * treat + 0.8 * x + 0.4 * z + noise + unseen)

    return draw_people


def binary(n: int, base: float, effect: float, pull: float) -> Callable[[Draw], pl.DataFrame]:
    """An event that ``base`` of the untreated have, more often with a high x; the effect is added to the risk."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        risk = base * (1 + 0.5 * np.tanh(x)) + effect * treat
        return people(n, treat, x, z, y=(draw.uniform(size=n) < risk).astype(np.float64))

    return draw_people


def counted(n: int, ratio: float, pull: float, *, frailty: float = 0.5) -> Callable[[Draw], pl.DataFrame]:
    """Offences over unequal times at liberty, with people more and less given to them."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        years = draw.uniform(0.3, 1.0, n)
        own = draw.gamma(1 / frailty, frailty, n)
        mean = 1.5 * years * np.exp(math.log(ratio) * treat + 0.3 * x) * own
        return people(n, treat, x, z, y=draw.poisson(mean).astype(np.float64), years=years)

    return draw_people


def timed(n: int, ratio: float, pull: float) -> Callable[[Draw], pl.DataFrame]:
    """Weeks to an event under proportional hazards; x bears on the hazard only where people were chosen."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        rate = 0.02 * np.exp(math.log(ratio) * treat + (0.4 * x if pull else 0.0))
        event, gone = draw.exponential(size=n) / rate, np.minimum(draw.uniform(30, 80, n), 52.0)
        weeks = np.ceil(np.minimum(event, gone))
        return people(n, treat, x, z, y=(event <= gone).astype(np.float64), weeks=weeks)

    return draw_people


def clustered(
    count: int, icc: float, effect: float, *, base: float = 0.0, size: tuple[int, int] = (15, 70)
) -> Callable[[Draw], pl.DataFrame]:
    """Half of the clusters are treated; of unequal size; ``base`` above 0 gives an event in place of a score."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        sizes = draw.integers(size[0], size[1] + 1, count)
        code = np.repeat(np.arange(count), sizes)
        n = len(code)
        treat = draw.permutation(np.repeat([1.0, 0.0], [count // 2, count - count // 2]))[code]
        x, z = draw.normal(size=n), draw.normal(size=n)
        shared = draw.normal(size=count)[code]
        if base:
            risk = np.clip(base + math.sqrt(icc * base * (1 - base)) * shared, 0.0, 1.0 - max(effect, 0.0))
            risk = np.clip(risk + effect * treat, 0.0, 1.0)
            y = (draw.uniform(size=n) < risk).astype(np.float64)
        else:
            y = effect * treat + 0.4 * x + math.sqrt(icc) * shared + math.sqrt(1 - icc) * draw.normal(size=n)
        return people(n, treat, x, z, y=y, school=[f"S{c:03d}" for c in code])

    return draw_people


def lost(
    world: Callable[[Draw], pl.DataFrame], why: str, share: float = 0.2
) -> Callable[[Draw], pl.DataFrame]:
    """The same people with outcomes missing: at ``random``, by ``covariate``, or by the ``outcome`` itself."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        people = world(draw)
        pulls = {"random": np.zeros(people.height), "covariate": people["x"].to_numpy()}
        y = people["y"].to_numpy()
        pulls["outcome"] = (y - y.mean()) / y.std() * (2 * people["treat"].to_numpy() - 1)
        level = math.log(share / (1 - share))
        gone = draw.uniform(size=people.height) < 1 / (1 + np.exp(-(level + pulls[why])))
        return people.with_columns(pl.Series("y", np.where(gone, np.nan, y)).fill_nan(None))

    return draw_people


def all_worlds() -> Iterator[World]:
    """The grid, in a fixed order."""
    yield from _trials()
    yield from _clusters()
    yield from _chosen()
    yield from _losses()
    yield from ratios()
    yield from layouts()
    yield from coming_back()
    yield from other_matching(lambda effect: continuous(600, effect, 0.4))
    yield from gaps(lambda effect, why: lost(continuous(400, effect, 0.0), why))
    yield from lost_after_choice(lambda effect, why: lost(continuous(500, effect, 0.4), why))
    yield from clusters_within()
    yield from groups()
    yield from linkage()
    yield from cutoffs()
    yield from differences()
    yield from staggered()
    yield from one_series()
    yield from synthetic()
    yield from displaced()
    yield from patrolled()
    yield from chosen_places()


def _trials() -> Iterator[World]:
    for n in (100, 400):
        for skewed in (False, True):
            said = f"n {n}{', skewed' if skewed else ''}"
            yield from pair(
                f"randomised continuous {said}", "randomised", "continuous", said, 0.3,
                lambda effect, n=n, skewed=skewed: continuous(n, effect, 0.0, skewed=skewed),  # type: ignore[misc]
            )  # fmt: skip
    for base in BASES:
        n = 2000 if base < 0.1 else 400
        margin = round(0.4 * base, 4)
        said = f"n {n}, base {base:.0%}"
        make = lambda effect, n=n, base=base: binary(n, base, effect, 0.0)  # noqa: E731
        yield from pair(
            f"randomised binary {said}", "randomised", "binary", said, margin, make, better="lower"
        )
    yield from pair(
        "randomised count n 400", "randomised", "count", "n 400", RATIO, lambda r: counted(400, r, 0.0),
        better="lower", is_ratio=True, outcome='exposure = "years"',
    )  # fmt: skip
    for n in (200, 800):
        yield from pair(
            f"randomised time-to-event n {n}", "randomised", "time-to-event", f"n {n}", RATIO,
            lambda r, n=n: timed(n, r, 0.0), better="lower", is_ratio=True,  # type: ignore[misc]
            outcome='duration = "weeks"\nunit = "weeks"',
        )  # fmt: skip


def _clusters() -> Iterator[World]:
    design = 'cluster = "school"'
    for count in (6, 10, 20, 60):
        for icc in (0.05, 0.2):
            said = f"{count} clusters, ICC {icc:g}"
            yield from pair(
                f"cluster-randomised continuous {said}", "cluster-randomised", "continuous", said, 0.4,
                lambda e, count=count, icc=icc: clustered(count, icc, e), design=design,  # type: ignore[misc]
            )  # fmt: skip
    for base in (0.25, 0.5):
        said = f"20 clusters, base {base:.0%}"
        yield from pair(
            f"cluster-randomised binary {said}", "cluster-randomised", "binary", said, 0.1,
            lambda e, base=base: clustered(20, 0.05, e, base=base), better="lower", design=design,  # type: ignore[misc]
        )  # fmt: skip


CHOSEN = (
    ("matching", "", ""),
    ("weighting", 'estimand = "ATT"', 'kind = "iptw"'),
    ("weighting", 'estimand = "ATE"', 'kind = "iptw"'),
    ("weighting", 'estimand = "ATO"', 'kind = "overlap"'),
    ("weighting", 'estimand = "ATT"', 'kind = "entropy"'),
    ("doubly-robust", 'estimand = "ATE"', ""),
    ("doubly-robust", 'estimand = "ATT"', ""),
)


def _chosen() -> Iterator[World]:
    for method, design, settings in CHOSEN:
        way = " ".join(part.split('"')[1] for part in (settings, design) if part)
        called = f"{method} {way}".strip()
        for pull in (0.4, 1.0, 1.4):
            said = f"{way}, n 600, pull {pull:g}".lstrip(", ")
            yield from pair(
                f"{called} continuous, n 600, pull {pull:g}", method, "continuous", said, 0.3,
                lambda e, pull=pull: continuous(600, e, pull), design=design, settings=settings,  # type: ignore[misc]
            )  # fmt: skip
        for base in BASES:
            n, margin = (4000 if base < 0.1 else 800), round(0.4 * base, 4)
            said = f"{way}, n {n}, base {base:.0%}".lstrip(", ")
            yield from pair(
                f"{called} binary, n {n}, base {base:.0%}", method, "binary", said, margin,
                lambda e, n=n, base=base: binary(n, base, e, 0.5), better="lower",  # type: ignore[misc]
                design=design, settings=settings,
            )  # fmt: skip
    yield from pair(
        "weighting count n 800", "weighting", "count", "iptw ATE, n 800", RATIO, lambda r: counted(800, r, 0.5),
        better="lower", is_ratio=True, design='estimand = "ATE"', outcome='exposure = "years"',
    )  # fmt: skip
    for method in ("matching", "weighting"):
        text = plan_text(
            method,
            kind="time-to-event",
            better="lower",
            margin=RATIO,
            outcome='duration = "weeks"\nunit = "weeks"',
        )
        yield World(
            f"{method} time-to-event n 800, no effect", method, "time-to-event", "n 800", text,
            timed(800, 1.0, 0.5), 1.0, RATIO, "lower", is_ratio=True,
        )  # fmt: skip
    text = plan_text("matching", kind="continuous", better="higher", margin=0.3)
    yield World(
        "matching continuous, something hidden, no effect", "matching", "continuous", "n 600, hidden 0.3", text,
        continuous(600, 0.0, 0.5, hidden=0.3), 0.0, 0.3, "higher", holds=False,
    )  # fmt: skip


def _losses() -> Iterator[World]:
    for why, holds in (("random", True), ("covariate", True), ("outcome", False)):
        text = plan_text("randomised", kind="continuous", better="higher", margin=0.3)
        for said, truth in (("no effect", 0.0), ("at the margin", 0.3)):
            yield World(
                f"randomised continuous n 400, lost by {why}, {said}", "randomised", "continuous",
                f"n 400, a fifth lost by {why}", text, lost(continuous(400, truth, 0.0), why), truth, 0.3, "higher",
                holds=holds,
            )  # fmt: skip
