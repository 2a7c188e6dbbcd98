"""What the path before the start says of parallel trends, in checks, each with what follows for the verdict (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.pre_trends import PreTrend, pre_trend
from evaluation.differences_in_time.relative_bounds import (
    LARGEST,
    HonestSet,
    relative_bounds,
    relative_breakdown,
)
from evaluation.differences_in_time.smooth_bounds import bends, smooth_bounds, smooth_breakdown
from evaluation.model import Check

MANY_PERIODS = 8
MOST_PERIODS = 60  # of a path for which bounds are worked out
WEAK = 0.5
AS_MUCH = 1.0
FEW_CLUSTERS, FEW_IN_A_GROUP = 20, 10


@dataclass(frozen=True, slots=True)
class Honest:
    """Bounds of the mean effect after the start, against the last period before; on the scale of the path."""

    relative: tuple[HonestSet, ...]
    smooth: tuple[HonestSet, ...]
    breakdown: float | None
    smooth_breakdown: float | None
    original: tuple[float, float]


def path_checks(
    path: EffectPath | None,
    *,
    value: float,
    lean: float,
    margin: float | None,
    alpha: float,
    periods: int,
    logs: bool = False,
) -> tuple[Check, ...]:
    """Periods before, the joint test, and what it could not have seen. ``margin`` on the path's scale."""
    checks = [_periods(periods)]
    if path is None:
        return tuple(checks)
    found = pre_trend(path, lean=lean)
    if found is None:
        if path.before and path.errors.any():
            note = "Too few clusters for a joint test of so many periods before the start."
            checks.append(Check("pre-trend", "warn", None, None, "none", note))
        return tuple(checks)
    checks.append(_joint(found, alpha))
    checks.append(
        _power(found, abs(value) if margin is None else margin, named=margin is not None, logs=logs)
    )
    return tuple(checks)


def _periods(periods: int) -> Check:
    if periods >= MANY_PERIODS:
        return Check(
            "periods before",
            "pass",
            float(periods),
            MANY_PERIODS,
            "none",
            f"{periods} periods before the start.",
        )
    if periods > 1:
        note = f"{periods} periods before the start: few to see how the groups moved without the programme."
        return Check("periods before", "warn", float(periods), MANY_PERIODS, "none", note)
    note = "One period before the start: nothing in the data shows that the groups moved alike without the programme."
    return Check("periods before", "warn", 1.0, MANY_PERIODS, "downgrade", note)


def _joint(found: PreTrend, alpha: float) -> Check:
    if found.p_value < alpha:
        note = (
            f"The groups did not move alike before the start (joint test of {found.tested} periods, "
            f"p = {found.p_value:.3f}): parallel trends after it are hard to believe."
        )
        return Check("pre-trend", "fail", found.p_value, alpha, "downgrade", note)
    note = (
        f"No difference in movement before the start was found (joint test of {found.tested} periods, "
        f"p = {found.p_value:.3f}); what it could have missed stands under pre-trend power."
    )
    return Check("pre-trend", "pass", found.p_value, alpha, "none", note)


def _power(found: PreTrend, against: float, *, named: bool, logs: bool) -> Check:
    if found.slope50 is None or found.slope80 is None or found.bias50 is None:
        return Check("pre-trend power", "info", None, None, "none", "The test has no power at all.")
    what = "the difference that matters" if named else "the estimate"
    scale = " on the log scale" if logs else ""
    said = (
        f"A straight gap of {found.slope50:.3g} a period would be found half of the time ({found.slope80:.3g}: four "
        f"times in five), and would by itself add {found.bias50:.3g} to the effect{scale} ({found.bias80:.3g})"
    )
    if found.bias50 > against:
        note = f"{said}: more than {what}. The test before the start says little."
        return Check("pre-trend power", "warn", found.bias50, against, "downgrade", note)
    return Check("pre-trend power", "pass", found.bias50, against, "none", f"{said}: less than {what}.")


def honest_bounds(
    path: EffectPath | None, relative: tuple[float, ...], smoothness: tuple[float, ...], *, alpha: float, seed: int,
    null: float = 0.0,
) -> Honest | None:  # fmt: skip
    """Both kinds of bounds, where the path has a period to learn from; ``None`` otherwise."""
    if path is None or not path.before or len(path.times) > MOST_PERIODS:
        return None
    known = bool(path.errors.any())
    steps = tuple(relative_bounds(path, limit, alpha, seed=seed) for limit in relative)
    smooth: tuple[HonestSet, ...] = ()
    if path.consecutive:
        smooth = smooth_bounds(path, smoothness or _grid(path), alpha)
    value, error = path.average()
    half = 1.959963984540054 * error
    return Honest(
        steps,
        smooth,
        relative_breakdown(path, alpha, null=null, seed=seed) if known else None,
        smooth_breakdown(path, alpha, null=null) if known and smooth else None,
        (value - half, value + half),
    )


def _grid(path: EffectPath) -> tuple[float, ...]:
    """No bend, half and all of the largest seen before; of the largest error where too few periods show one."""
    seen = float(np.abs(bends(path)).max(initial=0.0)) or float(path.errors.max(initial=0.0))
    return (0.0, seen / 2, seen) if seen > 0 and math.isfinite(seen) else (0.0,)


def honest_checks(found: Honest | None) -> tuple[Check, ...]:
    """The breakdown values as sentences."""
    if found is None or found.breakdown is None:
        return ()
    low, high = found.original
    if low <= 0 <= high and found.breakdown == 0:
        note = (
            "Even with trends exactly parallel the mean effect after the start is not told from nothing: bounds on how "
            "trends may part only widen it."
        )
        return (Check("honest bounds", "info", 0.0, AS_MUCH, "none", note),)
    least = found.breakdown
    said = (
        f"The effect stays on one side of nothing as long as the groups' trends part after the start by less than "
        f"{least:.2f} times the largest step they parted by before it"
    )
    if least >= LARGEST:
        said = f"The effect stays on one side of nothing even if trends part {LARGEST:.0f} times as much as before"
    if least >= AS_MUCH:
        checks = [Check("honest bounds", "pass", least, AS_MUCH, "none", f"{said}.")]
    elif least >= WEAK:
        checks = [Check("honest bounds", "warn", least, AS_MUCH, "none", f"{said}.")]
    else:
        note = f"{said}: a small break in trends would undo it."
        checks = [Check("honest bounds", "warn", least, AS_MUCH, "downgrade", note)]
    if found.smooth_breakdown is not None:
        bend = found.smooth_breakdown
        note = (
            "With a straight gap in trends taken out, the effect is not told from nothing."
            if bend == 0
            else "With a straight gap in trends taken out, it stays so as long as that gap bends by less than "
            f"{bend:.3g} a period."
        )
        checks.append(Check("smooth trends", "info", bend, None, "none", note))
    return tuple(checks)


def cluster_checks(one: int, zero: int, total: int, *, ranked: bool) -> tuple[Check, ...]:
    """How many clusters carry the errors."""
    if ranked:
        return ()
    least = min(one, zero)
    if total >= FEW_CLUSTERS and least >= FEW_IN_A_GROUP:
        note = "Enough units or clusters in each group for the errors."
        return (Check("clusters", "pass", None, FEW_CLUSTERS, "none", note),)
    note = (
        f"{total} units or clusters, {one} with treated ones: the errors have few degrees of freedom. The wild cluster "
        "bootstrap and ranks stand beside where they can be had."
    )
    return (Check("clusters", "warn", float(least), FEW_IN_A_GROUP, "downgrade", note),)


def level_check(one: float | None, zero: float | None) -> tuple[Check, ...]:
    """Groups that start at other levels cannot move in parallel both in numbers and in per cent."""
    if one is None or zero is None or min(one, zero) <= 0:
        return ()
    times = max(one, zero) / min(one, zero)
    if times < 1.5:
        return ()
    note = (
        f"Before the start the groups' means lie {times:.1f}-fold apart: trends that are parallel in numbers are then "
        "not parallel in per cent. Say why numbers (or per cent) are the right scale."
    )
    return (Check("levels before", "warn", times, 1.5, "none", note),)
