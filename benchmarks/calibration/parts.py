"""What a world of known truth is, and what all of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.study_table import StudyTable

Array = npt.NDArray[np.float64]
Draw = np.random.Generator
Line = Literal["estimate", "corrected", "difference between groups"]
SPARED: dict[str, tuple[()] | None] = {  # what each gives where it is left out
    "evaluation.series.model._arima": (),
    "evaluation.methods.synthetic_control._ways": (),
    "evaluation.differences_in_time.finished.honest_bounds": None,
}
SERIES_WAYS, POOL_WAYS, BOUNDS = SPARED
RATIO = 0.8  # of rates and hazards: a fifth fewer


@dataclass(frozen=True, slots=True)
class World:
    """One cell of the grid.

    ``truth`` is the effect on the scale of the estimate (a ratio for ratio effects), ``margin`` the smallest effect
    that matters, unsigned. ``holds`` says whether the method's assumptions do, ``line`` which line of the result is
    held against the truth. ``spared`` names a function (of :data:`SPARED`) that works
    out something beside the answer and is left out, because it takes most of the time: it bears on *fragile* alone,
    bounds on how trends part also on which checks lower trust.
    """

    name: str
    method: str
    kind: str
    setting: str
    plan: str
    draw: Callable[[Draw], pl.DataFrame | StudyTable]
    truth: float
    margin: float
    better: str
    is_ratio: bool = False
    holds: bool = True
    line: Line = "estimate"
    spared: str = ""

    @property
    def benefit(self) -> float:
        """The truth turned so that good is positive; of a ratio the logarithm."""
        raw = math.log(self.truth) if self.is_ratio else self.truth
        return raw if self.better == "higher" else -raw

    @property
    def least(self) -> float:
        """The margin on the same scale."""
        return abs(math.log(self.margin)) if self.is_ratio else self.margin


def plan_text(
    method: str,
    *,
    kind: str,
    better: str,
    margin: float,
    design: str = "",
    settings: str = "",
    outcome: str = "",
) -> str:
    """A plan as a file would say it."""
    return (
        f'[plan]\nid = "calibration"\ntitle = "A world whose truth is known"\n'
        f'[design]\nmethod = "{method}"\ntreatment = "treat"\ncovariates = ["x", "z"]\n{design}\n'
        f"[design.{method}]\n{settings}\n"
        f'[[outcome]]\nmeasure = "y"\nrole = "primary"\nkind = "{kind}"\nbetter = "{better}"\n'
        f'minimum_important_difference = {margin}\nmid_source = "made up"\n{outcome}\n'
    )


def alike(draw: Draw, units: int, periods: int, rho: float) -> Array:
    """Errors of variance 1, units by periods, each like its neighbour in time."""
    e = draw.normal(size=(units, periods))
    for t in range(1, periods):
        e[:, t] = rho * e[:, t - 1] + math.sqrt(1 - rho**2) * e[:, t]
    return e


def people(n: int, treat: Array, x: Array, z: Array, **more: Array | list[str]) -> pl.DataFrame:
    """A table of made-up people."""
    return pl.DataFrame({"participant": np.arange(n), "treat": treat, "x": x, "z": z, **more})


def chosen(draw: Draw, n: int, pull: float) -> tuple[Array, Array, Array]:
    """Arm and covariates: by lot, or (``pull`` above 0) more often those with a high x."""
    x, z = draw.normal(size=n), draw.normal(size=n)
    if pull:
        chance = 1 / (1 + np.exp(0.7 - pull * x - 0.5 * pull * z))
        return (draw.uniform(size=n) < chance).astype(np.float64), x, z
    return draw.permutation(np.repeat([1.0, 0.0], [n // 2, n - n // 2])), x, z


def pair(
    name: str,
    method: str,
    kind: str,
    setting: str,
    margin: float,
    make: Callable[[float], Callable[[Draw], pl.DataFrame | StudyTable]],
    *,
    better: str = "higher",
    is_ratio: bool = False,
    holds: bool = True,
    line: Line = "estimate",
    text: str = "",
    spared: str = "",
    **plan: str,
) -> Iterator[World]:
    """The same world twice: where nothing works, and where the effect is just as large as what matters.

    ``text`` is the plan where :func:`plan_text` does not write it.
    """
    text = text or plan_text(method, kind=kind, better=better, margin=margin, **plan)
    none = 1.0 if is_ratio else 0.0
    good = margin if is_ratio or better == "higher" else -margin
    for said, truth in (("no effect", none), ("at the margin", good)):
        yield World(
            f"{name}, {said}",
            method,
            kind,
            setting,
            text,
            make(truth),
            truth,
            margin,
            better,
            is_ratio,
            holds,
            line,
            spared,
        )
