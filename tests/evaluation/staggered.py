"""Staggered starts made for tests: plan texts and panels of invented areas with known effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import read


def staggered_text(
    settings: str = "",
    *,
    units: str = "areas",
    unit: str = "area",
    time: str = "year",
    first: str = "start",
    covariates: Sequence[str] = (),
    design: str = "",
    measure: str = "y",
    kind: str = "continuous",
    better: str = "higher",
    outcome: str = "",
    where: str = "",
    more: str = "",
) -> str:
    """A whole plan of staggered adoption in TOML; ``design``, ``settings``, ``outcome`` and ``more`` add lines."""
    listed = ", ".join(f'"{name}"' for name in covariates)
    rule = f"where = {where!r}\n" if where else ""
    return (
        f'[plan]\nid = "a-plan"\ntitle = "A question"\n[population]\nunits = "{units}"\n{rule}'
        f'[design]\nmethod = "staggered-adoption"\nunit = "{unit}"\ntime = "{time}"\ncovariates = [{listed}]\n'
        f'seed = 1\n{design}\n[design.staggered-adoption]\nfirst_treated = "{first}"\n{settings}\n'
        f'[[outcome]]\nmeasure = "{measure}"\nrole = "primary"\nkind = "{kind}"\nbetter = "{better}"\n'
        f"{outcome}\n{more}\n"
    )


def staggered_plan(settings: str = "", **parts: Any) -> AnalysisPlan:
    """The plan of :func:`staggered_text`."""
    return read(staggered_text(settings, **parts))


def rollout(
    sizes: Sequence[int] = (12, 12, 12, 24),
    starts: Sequence[int] = (2005, 2007, 2008, 0),
    *,
    years: int = 10,
    seed: int = 1,
    effect: float = 0.5,
    carry: float = 0.5,
) -> pl.DataFrame:
    """Areas by year from 2000: a level of their own, a common path, errors that carry over, effects that grow.

    The effect in the k-th year since the start (from 1) is ``effect`` x k, more for later cohorts.
    """
    draw = np.random.default_rng(seed)
    start = np.repeat(np.asarray(starts), sizes)
    n = len(start)
    errors = np.empty((n, years))
    errors[:, 0] = draw.normal(size=n)
    for t in range(1, years):
        errors[:, t] = carry * errors[:, t - 1] + draw.normal(size=n) * np.sqrt(1 - carry**2)
    when = np.arange(2000, 2000 + years)
    since = np.where(start[:, None] > 0, when[None, :] - start[:, None] + 1, 0)
    gain = effect * np.maximum(since, 0) * np.where(start == max(starts), 1.5, 1.0)[:, None]
    x = draw.normal(size=n)
    y = (
        draw.normal(size=n)[:, None]
        + 0.2 * np.arange(years)
        + 0.1 * x[:, None] * np.arange(years)
        + gain
        + errors
    )
    return pl.DataFrame(
        {
            "area": np.repeat([f"a{i:03d}" for i in range(n)], years),
            "region": np.repeat([f"r{i % 25:02d}" for i in range(n)], years),
            "year": np.tile(when, n),
            "start": np.repeat(start, years),
            "x": np.repeat(x, years),
            "people": np.repeat(draw.uniform(0.5, 2.0, n), years),
            "on": (np.maximum(since, 0) > 0).astype(np.int64).ravel(),
            "y": y.ravel(),
        }
    )
