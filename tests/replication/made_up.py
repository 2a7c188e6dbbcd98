"""Made-up people, clusters, panels and series, with names of columns that would break out of any careless quoting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

UNIT, NUMBER, TEXT, STRATA = 'who "is" `it`', "x # 1]]; stop(1)", "c'at", "str\\ata"


def people() -> pl.DataFrame:
    """240 people: treated by choice (``t``) and by chance (``trial``), outcomes of every kind, some values missing."""
    rng, n = np.random.default_rng(5), 240
    ids = rng.permutation(n)
    x = rng.normal(50, 9, n).round(1)
    text = rng.choice(['a "b"', "z`z", "é,ü", "\\n"], n)
    chosen = rng.binomial(1, 1 / (1 + np.exp(-(0.04 * (x - 50) + 0.5 * (text == "z`z") - 0.3))))
    trial = rng.binomial(1, 0.5, n)
    y = (10 + 0.2 * x + 2 * chosen + 1.2 * trial + rng.normal(0, 3, n)).round(3)
    yes = rng.binomial(1, 1 / (1 + np.exp(-(0.03 * (x - 50) + 0.7 * chosen + 0.5 * trial - 0.4))))
    e = rng.uniform(20, 365, n).round(0)
    duration = np.ceil(rng.exponential(20 / np.exp(-0.4 * chosen), n)).clip(1, 52)
    event = (duration < 52).astype(int) * rng.binomial(1, 0.8, n)
    frame = pl.DataFrame(
        {
            UNIT: [f"t{i:03d}" for i in ids],
            NUMBER: x,
            TEXT: text,
            STRATA: rng.choice(["north", "south", "it's"], n),
            "cl us": rng.choice([f"k{i}" for i in range(24)], n),
            "t": chosen,
            "trial": trial,
            "three": rng.choice(["A", "B", "C"], n),
            "y%": y,
            "b": yes,
            "n": rng.poisson(e / 120 * np.exp(0.3 * chosen)),
            "e": e,
            "d": duration,
            "ev": event,
            "comp": ((event == 0) & (duration < 52)).astype(int) * rng.binomial(1, 0.5, n),
            "ent": (duration * rng.uniform(0, 0.3, n)).round(2),
            "o": rng.integers(1, 6, n),
        }
    )
    row = pl.int_range(n)
    return frame.with_columns(
        pl.when(row % 17 == 3).then(None).otherwise(pl.col("y%")).alias("y%"),
        pl.when(row % 23 == 5).then(None).otherwise(pl.col(NUMBER)).alias(NUMBER),
    )


def clusters() -> pl.DataFrame:
    """24 schools of 5 to 15 pupils, allocated whole."""
    rng, rows = np.random.default_rng(11), []
    for school in range(24):
        treated, own = school % 2, rng.normal(0, 1.5)
        for _ in range(rng.integers(5, 16)):
            x, e = rng.normal(), rng.uniform(50, 300)
            lean = own + 0.5 * x + 0.8 * treated
            yes = int(rng.random() < 1 / (1 + np.exp(-0.3 * lean)))
            count = int(rng.poisson(e / 60 * np.exp(0.2 * lean)))
            rows.append((f'school, "{school}"', treated, f"s{school % 3}", x, rng.choice(["a", "b", "c"]),
                         round(10 + lean + rng.normal(0, 2), 4), yes, count, e))  # fmt: skip
    names = ["sch", "t", "str", "x", "c", "y", "b", "n", "e"]
    return pl.DataFrame(rows, schema=names, orient="row")


def panel(*, gaps: bool = False) -> pl.DataFrame:
    """30 units over eight years; ``gaps``: a cell in eleven was not seen."""
    rng, rows = np.random.default_rng(7), []
    for unit in range(30):
        group, level, z = int(unit < 13), rng.normal(0, 2), rng.normal()
        cluster = f"c{unit // 2}" if unit < 26 else f"d{unit}"
        first = [0, 2014, 2015, 2016][unit % 4]
        for year in range(2010, 2018):
            y = 20 + level + 0.4 * (year - 2010) + 1.5 * group * (year >= 2014) + 0.5 * z + rng.normal()
            after = (2 + 0.5 * (year - first)) * (first > 0 and year >= first)
            exposure = 1000 + 50 * unit
            count = int(rng.poisson(exposure * 0.01 * np.exp(-0.3 * group * (year >= 2014))))
            rows.append((f'u "{unit:02d}"', year, group, cluster, z, rng.normal(), exposure, count, round(y, 4),
                         round(y + after, 4), first, 1 + unit % 3))  # fmt: skip
    names = ["unit`s", "ye ar", "grp", "cl", "z", "tv", "ex", "n", "y", "y2", "first", "w"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.filter(pl.int_range(frame.height) % 11 != 4) if gaps else frame


def series() -> pl.DataFrame:
    """Seven years of months of four areas, two of them treated from January 2017."""
    rng, rows = np.random.default_rng(2), []
    for group in (1, 0):
        for unit in range(2):
            left = 0.0
            for t in range(84):
                left = 0.4 * left + rng.normal(0, 1.5)
                wave, on = np.sin(2 * np.pi * t / 12), group and t >= 60
                people = 1000 + 2 * t + 100 * unit
                count = int(rng.poisson(np.exp(-3 + 0.002 * t + 0.1 * wave - (0.3 if on else 0)) * people))
                rows.append((f"u{unit}{group}", group, f"{2012 + t // 12}-{t % 12 + 1:02d}",
                             round(50 + 0.1 * t + 4 * wave - (5 if on else 0) + left, 4), count, people,
                             round(float(np.cos(t)), 4)))  # fmt: skip
    names = ["u", "g", "m onth", "y", "n", "pop", "temp"]
    return pl.DataFrame(rows, schema=names, orient="row")


def cut_off() -> pl.DataFrame:
    """600 people with a score that decides at 50."""
    rng, n = np.random.default_rng(3), 600
    score = rng.uniform(20, 80, n).round(2)
    y = 5 + 0.1 * score + 2 * (score >= 50) + rng.normal(0, 2, n)
    yes = rng.binomial(1, 1 / (1 + np.exp(-(0.02 * (score - 50) + 0.6 * (score >= 50)))))
    took = rng.binomial(1, np.where(score < 50, 0.8, 0.2))
    group = [f"g{i % 30}" for i in range(n)]
    columns = {
        "sco re": score,
        "y": y.round(4),
        "b": yes,
        "z": rng.normal(0, 1, n).round(4),
        "took": took,
        "g": group,
    }
    return pl.DataFrame(columns)


def areas() -> pl.DataFrame:
    """16 boroughs over 20 quarters that share two tides; two of them treated from 2017-Q1; one with a gap."""
    rng, rows = np.random.default_rng(17), []
    tides = rng.normal(0, 1, (2, 20)).cumsum(axis=1)
    for place in range(16):
        level, lean, poverty = rng.normal(30, 4), rng.uniform(0, 1.5, 2), rng.normal()
        for t in range(20):
            on = place in (3, 8) and t >= 12
            y = level + 0.2 * t + lean @ tides[:, t] + poverty - 3 * on + rng.normal(0, 0.7)
            people = 900 + 40 * place + 3 * t
            count = int(rng.poisson(people * 0.03 * np.exp(0.05 * lean @ tides[:, t] - 0.2 * on)))
            known = None if (place, t) == (11, 5) else round(y, 4)
            rows.append((f'b "{place:02d}"', f"{2014 + t // 4}-Q{t % 4 + 1}", known, count, people,
                         None if t == 2 else round(poverty + 0.1 * t, 3)))  # fmt: skip
    return pl.DataFrame(rows, schema=["bor`ough", "quar ter", "y", "n", "pop", "po or"], orient="row")


def streets() -> pl.DataFrame:
    """60 streets over twelve months, the twelve worst of the first six chosen from month 9 on; some cells not seen."""
    rng, rows = np.random.default_rng(29), []
    rate = rng.gamma(3, 2, 60)
    length = rng.uniform(0.5, 2, 60).round(2)
    counts = rng.poisson(np.outer(rate * length, rng.uniform(0.8, 1.2, 12)))
    scores = (50 + 3 * rng.normal(size=(60, 1)) + rng.normal(0, 4, (60, 12))).round(3)
    worst = set(np.argsort(-counts[:, :6].sum(axis=1) / length)[:12].tolist())
    zones = ["treated", "control", "treated-buffer", "control-buffer"]
    for place in range(60):
        same = (length[place], zones[place % 4], 1 + place % 3)
        rows += [
            (f"s{place:02d}", t + 1, int(place in worst), int(counts[place, t]), scores[place, t], *same,
             ("theft", "assault")[(place + t) % 2])
            for t in range(12)
        ]  # fmt: skip
    names = ["street", "month", "ch", "n", "y", "km", "zo ne", "harm", "kind"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.filter(pl.int_range(frame.height) % 37 != 5)


def alike() -> pl.DataFrame:
    """50 streets that differ by less than chance over six months, the worst of the first three chosen."""
    counts = np.random.default_rng(4).permuted(np.tile([4, 5, 6, 6, 7, 8], (50, 1)), axis=1)
    worst = set(np.argsort(-counts[:, :3].sum(axis=1))[:10].tolist())
    rows = [(f"s{k:02d}", t + 1, int(k in worst), int(counts[k, t])) for k in range(50) for t in range(6)]
    return pl.DataFrame(rows, schema=["street", "month", "ch", "n"], orient="row")


def days() -> pl.DataFrame:
    """Eight hot spots over 56 days from a Tuesday, half of each week's days treated by lot; some cells not seen."""
    rng, rows = np.random.default_rng(31), []
    shared = np.concatenate([rng.permutation([1, 1, 1, 1, 0, 0, 0]) for _ in range(8)])
    for place in range(8):
        own = np.concatenate([rng.permutation([1, 1, 1, 0, 0, 0, 0]) for _ in range(8)])
        for t in range(56):
            level = (2 + 0.4 * place) * (1.4 if t % 7 == 4 else 1)
            day = (dt.date(2024, 1, 2) + dt.timedelta(days=t)).isoformat()
            rows.append((f"h{place}", day, int(own[t]), int(shared[t]), f"w{t // 7}-{place}", f"w{t // 7}",
                         int(rng.poisson(level * (0.7 if own[t] else 1))), 1.0 + 0.1 * place,
                         round(level + 0.5 * shared[t] + rng.normal(), 3)))  # fmt: skip
    names = ["spot", "da y", "lot", "all", "we ek", "w", "n", "km", "y"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.filter(pl.int_range(frame.height) % 61 != 7)


TABLES: dict[str, Callable[[], pl.DataFrame]] = {
    "people": people,
    "clusters": clusters,
    "panel": panel,
    "gaps": lambda: panel(gaps=True),
    "series": series,
    "cut-off": cut_off,
    "areas": areas,
    "days": days,
    "alike": alike,
    "streets": streets,
    "kinds": lambda: pl.concat(
        [streets(), streets().with_columns(kind=pl.lit("assault"), n=pl.col("n") // 3)]
    ).filter(pl.len().over("street") == 24),
    "whole streets": lambda: streets().filter(pl.len().over("street") == 12),
}


def written(folder: Path) -> dict[str, Path]:
    """Every table as a CSV file."""
    found = {}
    for name, make in TABLES.items():
        found[name] = folder / f"{name}.csv"
        make().write_csv(found[name])
    return found
