"""Rows and what is made of rows: two releases joined, days against months, a synthetic twin, coefficients."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from benchmarks.attack.measure import Measured
from benchmarks.gate.attacked_tables import PROFILE
from cohorts.attacks.nearness import coded, two_nearest
from cohorts.attacks.small_models import LEAST_DF
from cohorts.attacks.uniqueness import known_by_events
from cohorts.custody.release_pseudonyms import release_pseudonyms
from cohorts.gate.outputs import Cell, Model, Predicate
from cohorts.gate.rules import breaches
from cohorts.pseudonyms import PseudonymKey
from cohorts.synthetic import synthesise
from cohorts.twins.summary import ColumnFacts, summarise

DAYS = 3 * 365


def _population(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Made-up people as two recipients would get them."""
    first = rng.integers(0, DAYS, size)
    age = rng.integers(16 * 12, 40 * 12, size)
    return pl.DataFrame(
        {
            "person": np.arange(size),
            "sex": rng.random(size) < 0.85,
            "area": rng.integers(0, 8, size),
            "age_months": age,
            "age_band": age // 60,
            "day": first,
            "month": first // 30,
        }
    )


def linkage(seed: int, size: int) -> list[Measured]:
    """Two recipients lay their rows of the same people side by side."""
    rng = np.random.default_rng(seed)
    people = _population(rng, size)
    key = PseudonymKey("bench", rng.bytes(32))
    one, other = (
        release_pseudonyms(people["person"], key, "01BENCH", name).to_list()
        for name in ("REL-1.a", "REL-2.b")
    )
    made: dict[str, Any] = {
        "attack": "joining two row-level releases",
        "unit": "people",
        "tried": size,
        "guessing": 1 / size,
        "guess": "anybody of the other release",
        "target": f"{size:,} made-up people in two releases",
    }
    pseudonym = "a key of its own for every release"
    both = (
        "a count of who is alone stops a release; days and exact ages leave only where an agreement says so"
    )
    return [
        Measured(against="by pseudonym", succeeded=len(set(one) & set(other)), defence=pseudonym, **made),
        Measured(
            against="by sex, area, age in months and the day of an event",
            succeeded=_alone(people, ["sex", "area", "age_months", "day"]),
            defence=both,
            defended=False,
            **made,
        ),
        Measured(
            against="by sex, area, five-year age band and month",
            expected="open",
            succeeded=_alone(people, ["sex", "area", "age_band", "month"]),
            defence=both,
            **made,
        ),
    ]


def _alone(people: pl.DataFrame, columns: list[str]) -> int:
    """People who are alone with their combination: in the other release it is theirs."""
    return int((people.group_by(columns).len()["len"] == 1).sum())


def event_days(seed: int, size: int) -> list[Measured]:
    """How many people two of their events tell from all others, by day and by month."""
    rng = np.random.default_rng(seed)
    many = np.minimum(2 + rng.poisson(2.0, size), 12)
    people = np.repeat(np.arange(size), many)
    days = (np.datetime64("2022-01-01") + rng.integers(0, DAYS, len(people))).astype(str)
    events = pl.DataFrame({"participant": people, "day": days})
    rows = []
    for months in (False, True):
        unique, tried = known_by_events(events, 2, months=months)
        words = "months" if months else "days"
        rows.append(
            Measured(
                "being alone with what others know",
                f"two events by their {words}",
                f"{size:,} made-up people, 3 years",
                "people",
                tried,
                unique,
                1 / size,
                "anybody",
                "rows leave with months, in bands, to safe settings only",
                defended=months,
                expected="open",
            )
        )
    return rows


FACTS = (
    ColumnFacts("age", "age", "w0", 0.0, "age", minimum=10, maximum=90),
    ColumnFacts("score", "score", "w0", 0.0, "number", minimum=0, maximum=100),
    ColumnFacts("priors", "priors", "w0", 0.0, "number", minimum=0, maximum=60),
    ColumnFacts("aid", "aid", "w0", 0.0, "binary"),
    ColumnFacts("later", "later", "w1", 12.0, "number", minimum=0, maximum=100),
)


def _wide(rng: np.random.Generator, size: int) -> pl.DataFrame:
    base = rng.normal(size=size)
    return pl.DataFrame(
        {
            "age": np.clip(np.round(rng.gamma(6, 4, size) + 12), 10, 90),
            "score": np.clip(np.round(50 + 15 * base + rng.normal(0, 8, size)), 0, 100),
            "priors": np.clip(rng.poisson(np.exp(0.8 + 0.4 * base)), 0, 60).astype(float),
            "aid": (rng.random(size) < 0.5).astype(float),
            "later": np.clip(np.round(50 + 10 * base + rng.normal(0, 10, size)), 0, 100),
        }
    )


def membership(seed: int, size: int, worlds: int = 5) -> list[Measured]:
    """Which of two people was in the data a twin was made from: the one who lies nearer to its rows."""
    hits = {"drawn from summaries, as it is made": 0, "people's own rows, shaken a little": 0}
    tried = 0
    for world in range(worlds):
        rng = np.random.default_rng([seed, world])
        everybody = _wide(rng, 2 * size)
        inside, outside = everybody.head(size), everybody.tail(size)
        shaken = inside.with_columns((pl.col(c) + rng.normal(0, 0.3, size)).alias(c) for c in inside.columns)
        drawn = synthesise(summarise(inside, FACTS, PROFILE, index=False), size, world + 1)
        tried += size
        for words, twin in zip(hits, (drawn, shaken), strict=True):
            hits[words] += _nearer(inside, outside, twin, rng)
    return [
        Measured(
            "membership of a synthetic twin",
            words,
            f"{worlds} made-up cohorts of {size:,}, as many held out",
            "pairs of people",
            tried,
            count,
            0.5,
            "either of the two",
            "a twin is drawn from summaries that each stand for enough people",
            defended="drawn" in words,
            expected="guessing",
        )
        for words, count in hits.items()
    ]


def _nearer(inside: pl.DataFrame, outside: pl.DataFrame, twin: pl.DataFrame, rng: np.random.Generator) -> int:
    """Pairs of a member and a stranger in which the member lies nearer; equal distances are tossed."""
    ends = []
    for people in (inside, outside):
        pair = coded(twin, people)
        if pair is None:
            return 0
        ends.append(two_nearest(pair.people, pair.twin, pair.texts)[:, 0])
    toss = rng.random(len(ends[0])) < 0.5
    return int(np.sum((ends[0] < ends[1]) | ((ends[0] == ends[1]) & toss)))


def coefficients(seed: int, worlds: int) -> list[Measured]:
    """A yes-or-no outcome of everybody, out of the coefficients of a linear model and everybody's covariates."""
    rng = np.random.default_rng(seed)
    found = []
    made: dict[str, Any] = {
        "attack": "outcomes out of published coefficients",
        "unit": "people",
        "defence": f"models with fewer than {LEAST_DF} residual degrees of freedom are refused",
    }
    for people, left in ((40, 0), (40, 4), (40, LEAST_DF), (40, 26), (400, 390)):
        hits = tried = usual = let_out = 0
        for _ in range(worlds):
            x = np.column_stack([np.ones(people), rng.normal(size=(people, people - left - 1))])
            risk = 1 / (1 + np.exp(-(x[:, 1] - 0.4)))
            y = (rng.random(len(x)) < risk).astype(float)
            b = np.linalg.lstsq(x, y, rcond=None)[0]
            model = Model("model", "COH-001", (Cell(Predicate(), len(x), len(x)),), float(left), x.shape[1])
            refused = any(one.rule == "degrees of freedom" for one in breaches(model, PROFILE))
            let_out += not refused
            tried, usual = tried + len(x), usual + int(np.sum((risk > 0.5) == (y == 1)))
            hits += int(np.sum((x @ b > 0.5) == (y == 1)))
        share = usual / tried
        words = f"{people} people, {left} degrees of freedom left over"
        words += "" if let_out else " (the gate refuses it)"
        found.append(
            Measured(
                against=words,
                target=f"{worlds} made-up models",
                tried=tried,
                succeeded=hits,
                guessing=round(share, 4),
                guess="from how risk truly depends on the covariates",
                defended=bool(let_out),
                expected="open",
                **made,
            )
        )
    return [*found, _all_but_one(rng, worlds, made)]


def _all_but_one(rng: np.random.Generator, worlds: int, made: dict[str, Any]) -> Measured:
    """The strongest insider: knows every covariate, and every outcome but one."""
    hits, usual = 0, Counter[float]()
    for _ in range(worlds):
        x = np.column_stack([np.ones(200), rng.normal(size=(200, 5))])
        y = (rng.random(200) < 0.3).astype(float)
        b = np.linalg.lstsq(x, y, rcond=None)[0]
        who = int(rng.integers(200))
        rest = np.delete(x, who, axis=0).T @ np.delete(y, who)
        left = (x.T @ x @ b - rest)[0]  # the intercept's equation: what is missing from the sum of outcomes
        hits += round(float(left)) == y[who]
        usual[y[who]] += 1
    return Measured(
        against="by somebody who knows everything of everybody but one answer",
        target=f"{worlds} models of 200 people",
        tried=worlds,
        succeeded=hits,
        guessing=round(max(usual.values()) / worlds, 4),
        guess="the commoner answer",
        expected="open",
        **(made | {"defence": "none: coefficients are published in full"}),
    )
