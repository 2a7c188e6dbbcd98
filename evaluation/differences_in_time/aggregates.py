"""Group-time effects summed up: one number, by time since the start, by cohort, by calendar period (pure).

Each average weights cohorts by their size. Sizes are estimates too: units count in them, and that counts in the error.
The overall effect is: simple, the average over all cells after the start; dynamic, the plain average over times since
the start; group, cohorts' own averages weighted by size; calendar, the plain average over periods.
Source: Callaway and Sant'Anna (2021), section 3.1 and table 1; theorem 2 with corollary 2 for the errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.differences_in_time.group_time import GroupTime
from evaluation.differences_in_time.moments import Array

Kind = Literal["group", "simple", "dynamic", "calendar"]
KINDS: tuple[Kind, ...] = ("group", "simple", "dynamic", "calendar")


@dataclass(frozen=True, slots=True)
class Combination:
    """One number made of cells: ``weights`` (J,), ``levels`` (H,) from the sizes of cohorts, its ``value``."""

    weights: Array
    levels: Array
    value: float


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An overall effect and its parts: ``terms`` are times since the start, cohorts or periods, by kind.

    ``values``, ``errors`` and ``covariance`` (K, K) are of the ``parts``; ``whole`` is the overall combination.
    """

    kind: Kind
    value: float
    std_error: float
    terms: tuple[int, ...]
    values: Array
    errors: Array
    covariance: Array
    parts: tuple[Combination, ...]
    whole: Combination


def aggregate(effects: GroupTime, kind: Kind) -> Aggregate | None:
    """One way of summing up; None where there is no cell after the start."""
    if not effects.cells.after.any():
        return None
    terms, parts, whole = {"simple": _simple, "dynamic": _dynamic, "group": _group, "calendar": _calendar}[
        kind
    ](effects)
    every = (*parts, whole)
    covariance = effects.covariance(
        np.array([one.weights for one in every]), np.array([one.levels for one in every])
    )
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    values = np.array([one.value for one in parts])
    return Aggregate(
        kind,
        whole.value,
        float(errors[-1]),
        terms,
        values,
        errors[:-1],
        covariance[:-1, :-1],
        tuple(parts),
        whole,
    )


def _average(effects: GroupTime, keep: npt.NDArray[np.bool_]) -> Combination:
    """Average of some cells, each weighted by its cohort's size."""
    cells, values = effects.cells, effects.effects
    rows = np.flatnonzero(keep)
    cohort = cells.cohort[rows]
    size = effects.sizes[cohort]
    total = size.sum()
    weights = np.zeros(cells.count)
    weights[rows] = size / total
    value = float(weights @ values)
    levels = np.bincount(cohort, weights=(values[rows] - value) / total, minlength=len(effects.sizes))
    return Combination(weights, levels.astype(np.float64), value)


def _mean(parts: list[Combination]) -> Combination:
    """Plain average of parts."""
    n = len(parts)
    weights, levels = sum(one.weights for one in parts), sum(one.levels for one in parts)
    return Combination(np.asarray(weights / n), np.asarray(levels / n), sum(one.value for one in parts) / n)


Parts = tuple[tuple[int, ...], list[Combination], Combination]


def _simple(effects: GroupTime) -> Parts:
    return (), [], _average(effects, effects.cells.after)


def _dynamic(effects: GroupTime) -> Parts:
    event = effects.cells.event
    terms = tuple(int(e) for e in np.unique(event))
    parts = [_average(effects, event == e) for e in terms]
    after = [one for e, one in zip(terms, parts, strict=True) if e >= 0]
    return terms, parts, _mean(after)


def _calendar(effects: GroupTime) -> Parts:
    cells = effects.cells
    terms = tuple(int(t) for t in np.unique(cells.period[cells.after]))
    parts = [_average(effects, cells.after & (cells.period == t)) for t in terms]
    return terms, parts, _mean(parts)


def _group(effects: GroupTime) -> Parts:
    cells = effects.cells
    cohorts = np.unique(cells.cohort[cells.after])
    parts = [_average(effects, cells.after & (cells.cohort == g)) for g in cohorts]
    parts = [Combination(one.weights, np.zeros_like(one.levels), one.value) for one in parts]
    size = effects.sizes[cohorts]
    share = size / size.sum()
    value = float(share @ [one.value for one in parts])
    levels = np.zeros(len(effects.sizes))
    levels[cohorts] = (np.array([one.value for one in parts]) - value) / size.sum()
    whole = Combination(share @ np.array([one.weights for one in parts]), levels, value)
    return tuple(int(g) for g in cohorts), parts, whole
