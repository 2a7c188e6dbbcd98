"""People who offend again and again, with custody in between, made for tests. All are invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import make_plan

ROWS = 'recurrent = true\nentry = "start"\nduration = "stop"\nevent = "arrest"\nunit = "days"\n'


def offending_plan(method: str = "randomised", *, outcome: str = "", **parts: Any) -> AnalysisPlan:
    """A plan for arrests that come back: one row for each interval at liberty."""
    parts = {
        "kind": "time-to-event",
        "better": "lower",
        "design": 'unit = "unit"',
        "measure": "arrest",
    } | parts
    return make_plan(method, outcome=ROWS + outcome, **parts)


def offenders(
    n: int = 150,
    seed: int = 1,
    *,
    ratio: float = 0.6,
    pull: float = 0.0,
    custody: float = 10.0,
    frail: float = 1.0,
    death: float = 0.0,
) -> pl.DataFrame:
    """Two n people watched for up to 365 days, a row for each interval at liberty, in no order of people.

    ``custody``: days in custody after an arrest, on average; ``frail``: variance of people's own rates, a gamma;
    ``death``: its rate a day, which ends the watching.
    """
    draw = np.random.default_rng(seed)
    x, z = draw.normal(size=2 * n), draw.normal(size=2 * n)
    place = draw.choice(["east", "north", "south"], size=2 * n)
    if pull:
        treat = (draw.uniform(size=2 * n) < 1 / (1 + np.exp(0.5 - pull * x))).astype(np.float64)
    else:
        treat = draw.permutation(np.repeat([1.0, 0.0], n))
    own = draw.gamma(1 / frail, frail, 2 * n) if frail else np.ones(2 * n)
    rate = 0.006 * own * np.exp(np.log(ratio) * treat + 0.4 * x)
    lost, died = (
        draw.uniform(250, 400, 2 * n),
        draw.exponential(1 / death, 2 * n) if death else np.full(2 * n, 1e9),
    )
    end = np.minimum(np.minimum(np.ceil(lost), np.ceil(died)), 365.0)
    rows: list[tuple[int, float, float, float, float]] = []
    for i in range(2 * n):
        start = 0.0
        while start < end[i]:
            stop = start + np.ceil(draw.exponential(1 / max(rate[i], 1e-9)))
            hit = stop <= end[i]
            dead = not hit and np.ceil(died[i]) == end[i]
            rows.append((i, start, min(stop, end[i]), float(hit), float(dead)))
            start = stop + (np.ceil(draw.exponential(custody)) if custody else 0.0)
    who, start_, stop_, arrest, dead_ = (np.array(part) for part in zip(*rows, strict=True))
    frame = pl.DataFrame(
        {
            "unit": [f"P{i:05d}" for i in who],
            "treat": treat[who],
            "x": x[who],
            "z": z[who],
            "place": place[who].tolist(),
            "school": [f"S{i % 24:02d}" for i in who],
            "start": start_,
            "stop": stop_,
            "arrest": arrest,
            "died": dead_,
            "season": np.floor(start_ / 91) % 4,
        }
    )
    return frame.sample(fraction=1, shuffle=True, seed=seed)
