"""People watched for an event, made for tests, and plans for them. All are invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import make_plan

TIMED = 'duration = "weeks"\nunit = "weeks"\n'


def time_plan(method: str = "randomised", *, outcome: str = "", **parts: Any) -> AnalysisPlan:
    """A plan for a time to an event: column ``y`` says whether it came, ``weeks`` when."""
    parts = {"kind": "time-to-event", "better": "lower"} | parts
    return make_plan(method, outcome=TIMED + outcome, **parts)


def watched_people(
    n: int = 200,
    seed: int = 1,
    *,
    ratio: float = 0.6,
    pull: float = 0.0,
    rival: float = 0.0,
    shift: float = 0.0,
    whole_weeks: bool = True,
) -> pl.DataFrame:
    """Two n people. ``pull``: those with a high x are treated more often; ``rival``: rate of a competing event.

    ``shift`` is added to the log hazard ratio after week 20, so that hazards are not proportional.
    """
    draw = np.random.default_rng(seed)
    x, z = draw.normal(size=2 * n), draw.normal(size=2 * n)
    place = draw.choice(["east", "north", "south"], size=2 * n)
    if pull:
        treat = (draw.uniform(size=2 * n) < 1 / (1 + np.exp(0.5 - pull * x))).astype(np.float64)
    else:
        treat = draw.permutation(np.repeat([1.0, 0.0], n))
    rate = 0.02 * np.exp(np.log(ratio) * treat + 0.4 * x + 0.2 * (place == "north"))
    need = draw.exponential(size=2 * n)
    later = rate * np.exp(shift * treat)
    event = np.where(need < 20 * rate, need / rate, 20 + (need - 20 * rate) / later)
    gone = np.minimum(draw.uniform(30, 80, 2 * n), 52.0)
    other = draw.exponential(size=2 * n) / rival if rival else np.full(2 * n, np.inf)
    end = np.minimum(np.minimum(event, gone), other)
    weeks = np.ceil(end) if whole_weeks else end
    return pl.DataFrame(
        {
            "unit": [f"P{i:05d}" for i in range(2 * n)],
            "treat": treat,
            "x": x,
            "z": z,
            "place": place.tolist(),
            "school": [f"S{i % 24:02d}" for i in range(2 * n)],
            "weeks": weeks,
            "y": (event <= np.minimum(gone, other)).astype(np.float64),
            "died": ((other < event) & (other <= gone)).astype(np.float64),
        }
    )
