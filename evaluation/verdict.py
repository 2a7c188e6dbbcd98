"""From an estimate to an answer, by the rows of the verdict table; the only place where sign becomes benefit (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtr

from evaluation.model import Answer, Better, Check, Estimate

NO_ANSWER: Answer = "not-assessable"
NO_COMPARISON = "no-comparison"


@dataclass(frozen=True, slots=True)
class Oriented:
    """An estimate turned so that positive is benefit; ratios are on the log scale.

    ``low``/``high`` at 1 - alpha, ``narrow_low``/``narrow_high`` at 1 - 2 alpha, ``margin`` the minimum
    important difference on the same scale.
    """

    value: float
    std_error: float
    low: float
    high: float
    narrow_low: float
    narrow_high: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer and its detail."""

    answer: Answer
    detail: str


def orient(
    estimate: Estimate, better: Better, margin: float | None, *, is_ratio: bool = False
) -> Oriented | None:
    """Turn an estimate so that positive is benefit; ``None`` when it carries no inference."""
    parts = (
        estimate.value,
        estimate.std_error,
        estimate.conf_low,
        estimate.conf_high,
        estimate.narrow_low,
        estimate.narrow_high,
    )
    if any(part is None or not math.isfinite(part) for part in parts):
        return None
    value, error, low, high, narrow_low, narrow_high = (float(part) for part in parts if part is not None)
    if is_ratio:
        value, low, high, narrow_low, narrow_high = (
            math.log(x) for x in (value, low, high, narrow_low, narrow_high)
        )
        margin = abs(math.log(margin)) if margin else None
    if better == "lower":
        value, low, high, narrow_low, narrow_high = -value, -high, -low, -narrow_high, -narrow_low
    return Oriented(value, error, low, high, narrow_low, narrow_high, margin)


def rule(view: Oriented | None, checks: Sequence[Check]) -> Ruling:
    """Apply the rows of the verdict table in order.

    Without a margin only rows 0, 2, 5 and 9 can be reached.
    """
    blocking = [check.name for check in checks if check.consequence == "block"]
    if blocking or view is None:
        return Ruling(NO_ANSWER, blocking[0] if blocking else "no-inference")
    if view.margin is None:
        return _without_margin(view)
    return _harmful(view, view.margin) or _beneficial(view, view.margin) or _undecided(view, view.margin)


def _without_margin(view: Oriented) -> Ruling:
    if view.high < 0:
        return Ruling("harms", "size-uncertain")
    if view.low > 0:
        return Ruling("works", "size-uncertain")
    return Ruling("inconclusive", "uninformative")


def _harmful(view: Oriented, m: float) -> Ruling | None:
    if view.high <= -m:
        return Ruling("harms", "meaningful")
    if view.high < 0:
        return Ruling("harms", "small" if view.narrow_low > -m else "size-uncertain")
    return None


def _beneficial(view: Oriented, m: float) -> Ruling | None:
    if view.low >= m:
        return Ruling("works", "meaningful")
    if view.low > 0 and view.narrow_high < m:
        return Ruling("too-small-to-matter", "")
    if view.low > 0:
        return Ruling("works", "size-uncertain")
    return None


def _undecided(view: Oriented, m: float) -> Ruling:
    if -m < view.narrow_low and view.narrow_high < m:
        return Ruling("no-meaningful-effect", "")
    if view.narrow_low > -m:
        return Ruling("inconclusive", "harm-ruled-out")
    if view.narrow_high < m:
        return Ruling("inconclusive", "benefit-ruled-out")
    return Ruling("inconclusive", "uninformative")


def under_ceiling(ruling: Ruling, design_level: int) -> Ruling:
    """With nothing to compare with (a design of level 0) nothing works or harms; something only changed.

    Nor is anything ruled out: what hardly changed might have got worse without the programme, or better.
    """
    if design_level == 0 and ruling.answer in ("works", "harms", "too-small-to-matter"):
        return Ruling("changed", ruling.answer)
    if design_level == 0 and ruling.answer in ("no-meaningful-effect", "inconclusive"):
        return Ruling("inconclusive", NO_COMPARISON)
    return ruling


def beyond_margin(view: Oriented, spread: float) -> tuple[float, float] | None:
    """P(benefit beyond m) and P(harm beyond m) from a weak normal prior around zero with SD ``spread``.

    Normal likelihood with the estimate's standard error. ``spread`` is half an outcome SD (on the log scale
    0.5), wide against the effects usually found, so the data decide.
    """
    if view.margin is None or spread <= 0 or view.std_error <= 0:
        return None
    precision = 1 / view.std_error**2 + 1 / spread**2
    mean = view.value / view.std_error**2 / precision
    error = math.sqrt(1 / precision)
    return float(1 - ndtr((view.margin - mean) / error)), float(ndtr((-view.margin - mean) / error))
