"""Made-up places for tests: hotspots, buffers, days. Nobody's data."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

CLAIM = """
[plan]
id = "places"
title = "Did it bring offences down?"

[population]
units = "areas"

[design]
method = "{method}"
unit = "place"
time = "{time}"
seed = 3
{design}

[design.{method}]
{settings}

[[outcome]]
measure = "events"
name = "offences"
kind = "count"
better = "lower"
role = "primary"
minimum_important_difference = {margin}
mid_source = "made up"
{outcome}
"""


def text(
    method: str,
    settings: str,
    *,
    time: str = "year",
    design: str = "",
    outcome: str = "",
    margin: float = 0.9,
) -> str:
    """The text of a plan."""
    return CLAIM.format(
        method=method, settings=settings, time=time, design=design, outcome=outcome, margin=margin
    )


def hotspots(places: int = 200, chosen: int = 20, seed: int = 1, years: int = 4) -> pl.DataFrame:
    """Places with a level of their own; the worst of the last year but one are marked. Nothing happens to them."""
    draw = np.random.default_rng(seed)
    seen = draw.poisson(np.repeat(draw.gamma(2.0, 3.0, places)[:, None], years, axis=1))
    worst = np.isin(np.arange(places), np.argsort(-seen[:, -2], kind="stable")[:chosen])
    return pl.DataFrame(
        {
            "place": [f"p{i:03d}" for i in range(places) for _ in range(years)],
            "year": [2021 + t for _ in range(places) for t in range(years)],
            "events": seen.reshape(-1).astype(float),
            "chosen": np.repeat(worst, years).astype(float),
            "borough": [f"b{i % 4}" for i in range(places) for _ in range(years)],
        }
    )


def buffers(effect: float = 0.6, moved: float = 1.0, seed: int = 2, months: int = 18) -> pl.DataFrame:
    """Ten treated places, twelve controls and streets around both; treated from the thirteenth month."""
    draw = np.random.default_rng(seed)
    rows = []
    zones = (
        ("treated", 10, 9.0),
        ("control", 12, 8.0),
        ("treated-buffer", 20, 5.0),
        ("control-buffer", 22, 5.0),
    )
    for zone, many, level in zones:
        for place in range(many):
            for month in range(months):
                on = month >= 12
                change = (
                    effect if zone == "treated" and on else moved if zone == "treated-buffer" and on else 1.0
                )
                rows.append(
                    {
                        "place": f"{zone}-{place:02d}",
                        "month": f"{2022 + month // 12}-{month % 12 + 1:02d}",
                        "zone": zone,
                        "ward": f"{zone[0]}{place % 3}",
                        "size": 1.0 + place % 3,
                        "events": float(draw.poisson(level * change)),
                    }
                )
    return pl.DataFrame(rows)


def days(
    effect: float = -0.35, carried: float = 0.0, seed: int = 3, places: int = 8, many: int = 70
) -> pl.DataFrame:
    """Places of which half are drawn every day."""
    draw = np.random.default_rng(seed)
    treated = np.argsort(draw.random((places, many)), axis=0) < places // 2
    past = np.concatenate([np.zeros((places, 1)), treated[:, :-1]], axis=1)
    level = draw.gamma(4, 0.5, (places, 1))
    seen = draw.poisson(level * np.exp(effect * treated + carried * past))
    first = dt.date(2026, 3, 2)
    return pl.DataFrame(
        {
            "place": [f"h{p}" for p in range(places) for _ in range(many)],
            "day": [(first + dt.timedelta(d)).isoformat() for _ in range(places) for d in range(many)],
            "events": seen.reshape(-1).astype(float),
            "patrol": treated.reshape(-1).astype(float),
        }
    )
