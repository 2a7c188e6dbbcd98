"""Whether people bunch on one side of the cut-off: the density of the score just left and just right (pure).

The density is the slope of the share of people up to a score, so a polynomial is fitted to that share on each side.
The test fits one order more than its bandwidth is best for, so that what is left of the bias does not speak.
Beside it, people in a narrow window are counted: without bunching they fall on either side like coins.
Source: Cattaneo, Jansson and Ma (2020), JASA 115:1449-1455; Cattaneo, Titiunik and Vazquez-Bare (2017) for counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, ndtr

from evaluation.discontinuity.local_polynomial import Side, TooFewPoints
from evaluation.regression.linear import Array

ORDER = 2
ENOUGH_PEOPLE = 20  # on a side of the window in which people are counted
FEWEST_DISTINCT = 10  # different scores a window must reach
RULE = 2.6  # rule of thumb of the triangular kernel
FARTHEST = 1.25  # times the rule of thumb: beyond it the next order's bias counts


@dataclass(frozen=True, slots=True)
class DensityJump:
    """Density just left and just right with their errors (of all people), widths, people within them, and the test."""

    left: float
    right: float
    error_left: float
    error_right: float
    h_left: float
    h_right: float
    n_left: int
    n_right: int
    z: float
    p_value: float


@dataclass(frozen=True, slots=True)
class NearCount:
    """People within ``width`` on either side of the cut-off, and how likely so uneven a split is by chance."""

    width: float
    left: int
    right: int
    p_value: float


def density_jump(
    left: Array, right: Array, widths: tuple[float, float] | None = None, order: int = ORDER + 1
) -> DensityJump:
    """Test of equal densities at nought; ``left`` and ``right`` are the sorted scores of each side.

    Raises TooFewPoints where a window holds too few different scores.
    """
    h = widths or (best_width(left, right, 0), best_width(left, right, 1))
    both = np.concatenate([left, right])
    found = [
        _slope(both, Side(x, x[:, None]), width, order) for x, width in zip((left, right), h, strict=True)
    ]
    (f0, e0, n0), (f1, e1, n1) = found
    error = math.hypot(e0, e1)
    if not error > 0:
        raise TooFewPoints
    z = (f1 - f0) / error
    return DensityJump(f0, f1, e0, e1, h[0], h[1], n0, n1, z, float(2 * ndtr(-abs(z))))


def _slope(both: Array, side: Side, h: float, order: int) -> tuple[float, float, int]:
    """Slope at nought of the share of people up to a score, its jackknife error, and the people in the window.

    Each person counts twice: with the share at their own score, and in the shares of everybody at or above them.
    """
    n = len(both)
    fit = side.window(h, order, "triangular")
    x, weights = side.x[fit.rows], fit.weights(1)
    share = (np.searchsorted(both, x, side="right") - 1) / (n - 1)
    off_line = fit.residuals(share)
    slope, fitted = float(weights @ share), share - off_line
    first = int(np.searchsorted(both, x[0], side="left"))
    place = slice(first, first + len(x))
    # In the shares of others: the weights of everybody at or above, but one's own, less what the line says of them.
    above = np.zeros(n + 1)
    above[place] = weights
    above = np.cumsum(above[::-1])[::-1]
    each = above[np.searchsorted(both, both, side="left")] - float(weights @ fitted)
    each[place] -= weights * (1 - fitted)
    each /= n - 1
    each[place] += weights * off_line  # at one's own score
    return slope, math.sqrt(float(each @ each)), fit.n


def best_width(left: Array, right: Array, place: int) -> float:
    """The width that balances bias and error of the density on one side, for a polynomial of order 2.

    The third derivative of the share comes from a polynomial of order 4 over a wider window, its own error added to
    its square; the variance from the fit at a rule of thumb.
    """
    both = np.concatenate([left, right])
    x = (left, right)[place]
    side = Side(x, x[:, None])
    low, high = np.quantile(both, [0.25, 0.75])
    spread = min(float(np.std(both)), float(high - low) / 1.349)
    n = len(both)
    if not spread > 0:
        raise TooFewPoints
    pilot = _reaching(side, RULE * spread * n**-0.2)
    wide = _reaching(side, 3 * RULE * spread * n ** (-1 / 9))
    _, error, _ = _slope(both, side, pilot, ORDER)
    fit = side.window(pilot, ORDER, "triangular")
    constant = fit.bias_constant(1)
    third, noise = _third(both, side, wide)
    square = constant**2 * (third**2 + noise**2)
    if not square > 0:
        return side.reach
    h = (error**2 * pilot / (2 * ORDER * square)) ** (1 / (2 * ORDER + 1))
    return _reaching(side, min(h, FARTHEST * pilot))


def _third(both: Array, side: Side, h: float) -> tuple[float, float]:
    """Coefficient of the third power in the share of people up to a score, and a rough error of it."""
    fit = side.window(h, ORDER + 2, "triangular")
    share = (np.searchsorted(both, side.x[fit.rows], side="right") - 1) / (len(both) - 1)
    weights = fit.weights(ORDER + 1)
    tail = np.cumsum(weights[::-1])[::-1] / len(both)
    return float(weights @ share), float(np.sqrt(((tail - tail.mean()) ** 2).sum()))


def _reaching(side: Side, h: float) -> float:
    """At least as far as the tenth different score, at most as far as the last."""
    away = np.sort(np.abs(side.distinct))
    least = away[min(FEWEST_DISTINCT, len(away)) - 1] * (1 + 1e-8)
    return float(min(max(h, least), side.reach))


def near_count(left: Array, right: Array) -> NearCount:
    """Count people in the smallest window that holds enough on a side; a score in whole units by units.

    Where scores repeat, the window is so many units wide on each side, the cut-off's own unit being the first on the
    right: 18 and 19 are then beside 16 and 17. Otherwise it is as wide as the nearer twentieth person.
    """
    unit = _unit(left, right)
    if unit:
        width = unit * max(1.0, min(_units_for(right, unit, 0.0), _units_for(-left, unit, unit)))
        n0, n1 = int((left >= -width * (1 + 1e-9)).sum()), int((right < width * (1 - 1e-9)).sum())
    else:
        away = [np.sort(np.abs(x))[min(ENOUGH_PEOPLE, len(x)) - 1] for x in (left, right)]
        width = float(min(away))
        n0, n1 = int((left >= -width).sum()), int((right <= width).sum())
    total, fewer = n0 + n1, min(n0, n1)
    p = min(1.0, 2 * float(bdtr(fewer, total, 0.5))) if total else 1.0
    return NearCount(width, n0, n1, p)


def _unit(left: Array, right: Array) -> float:
    """The unit scores are recorded in where many are alike; 0 where they are not."""
    both = np.concatenate([left, right])
    distinct = np.unique(both)
    if len(distinct) < 2 or len(distinct) > 0.8 * len(both):
        return 0.0
    gaps = np.diff(distinct)
    return float(gaps[gaps > 1e-9 * gaps.max()].min())


def _units_for(away: Array, unit: float, from_: float) -> float:
    """How many units hold enough people; ``from_`` is how far the first unit lies from the cut-off."""
    nth = np.sort(away)[min(ENOUGH_PEOPLE, len(away)) - 1]
    return float(np.floor((nth - from_) / unit + 1e-9) + 1)
