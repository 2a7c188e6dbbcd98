"""Who starts when, and which group-time effects that lets one estimate against whom (pure).

Source: Callaway and Sant'Anna (2021), sections 2 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.differences_in_time.moments import Array, Codes

Comparison = Literal["never", "not-yet"]
Base = Literal["varying", "universal"]
NEVER = np.iinfo(np.int64).max // 4  # the start of units that do not start in the window


@dataclass(frozen=True, slots=True)
class Rollout:
    """Starts of the cohorts, as positions of periods: ``first`` (H,) rising, NEVER last where there is such a cohort.

    ``anticipation``: how many periods before the start an effect may already show.
    """

    first: Codes
    periods: int
    comparison: Comparison = "never"
    base: Base = "varying"
    anticipation: int = 0

    @property
    def treated(self) -> Codes:
        """Numbers of the cohorts that start within the window, and after its first period."""
        return np.flatnonzero((self.first > 0) & (self.first < self.periods)).astype(np.int64)

    def reference(self, cohort: int) -> int:
        """The last period before a cohort's start, less anticipation; negative where there is none."""
        return int(self.first[cohort]) - 1 - self.anticipation


@dataclass(frozen=True, slots=True)
class Cells:
    """J group-time effects: a cohort, a period, the base it is compared with, and its controls (J, H)."""

    cohort: Codes
    period: Codes
    base: Codes
    controls: npt.NDArray[np.bool_]
    first: Codes

    @property
    def event(self) -> Codes:
        """Periods since the start, (J,)."""
        return self.period - self.first[self.cohort]

    @property
    def after(self) -> npt.NDArray[np.bool_]:
        """Cells at or after the start."""
        return self.event >= 0

    def before(self, anticipation: int) -> npt.NDArray[np.bool_]:
        """Cells before the start, and before any anticipation: what a test of earlier trends is about."""
        return self.event < -anticipation

    @property
    def count(self) -> int:
        """How many cells."""
        return len(self.cohort)


def cohorts_of(first: Codes) -> tuple[Codes, Codes]:
    """Starts of the cohorts, rising, and each unit's cohort (n,). Units that never start have NEVER."""
    starts, cohort = np.unique(first, return_inverse=True)
    return starts.astype(np.int64), cohort.astype(np.int64)


def cells_of(rollout: Rollout, weight: Array) -> Cells:
    """Every cell that has a base and someone to compare with; ``weight`` (H,) of each cohort."""
    rows: list[tuple[int, int, int]] = []
    controls: list[npt.NDArray[np.bool_]] = []
    for g in rollout.treated:
        reference = rollout.reference(int(g))
        if reference < 0:
            continue
        for t in range(rollout.periods):
            base = reference if rollout.base == "universal" or t > reference else t - 1
            if base < 0 or t == base:
                continue
            pool = _controls(rollout, int(g), max(t, base)) & (weight > 0)
            if pool.any():
                rows.append((int(g), t, base))
                controls.append(pool)
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    pools = np.array(controls, dtype=np.bool_).reshape(-1, len(rollout.first))
    return Cells(table[:, 0], table[:, 1], table[:, 2], pools, rollout.first)


def _controls(rollout: Rollout, cohort: int, last: int) -> npt.NDArray[np.bool_]:
    """Cohorts untouched up to period ``last``."""
    if rollout.comparison == "never":
        return rollout.first >= rollout.periods
    later = rollout.first > last + rollout.anticipation
    later[cohort] = False
    return later
