"""What is left of an effect if the difference in trends may change its slope by so much a period, and no more (pure).

Smoothness: second differences of the trend gap are at most ``limit``; a straight line is allowed whatever its slope.
The confidence set is the fixed-length interval: the estimate l'after + v'before whose half width, that of a folded
normal of its worst bias, is least. A trend gap is free in slope, so v must take out any line; what is left of v is
``z``, the weight on each change of slope before, and the worst bias is limit x (constant + |z| summed). Least variance
at each |z| is a lasso, whose path is followed corner by corner: no conic solver is needed.
Source: Rambachan and Roth (2023), sections 2.4 and 4; Armstrong and Kolesar (2018); Osborne, Presnell and Turlach
(2000) for the path.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import chndtrix, ndtri

from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.relative_bounds import HonestSet
from evaluation.regression.linear import Array

HALVINGS = 50
FAR = 30.0  # worst bias in errors beyond which only one tail counts
TIE = 1e-12


@dataclass(frozen=True, slots=True)
class _Frontier:
    """Corners of the least-variance path: rows of ``z`` from none to all, and the estimate's weights they stand for."""

    corners: Array
    base: Array
    directions: Array
    fixed: float

    def weights(self, z: Array) -> Array:
        return np.asarray(self.base + self.directions @ z)


def smooth_bounds(
    path: EffectPath, limits: tuple[float, ...], alpha: float = 0.05, *, weights: Array | None = None
) -> tuple[HonestSet, ...]:
    """One set a limit. Needs consecutive periods, and one before the base at least.

    The identified set is empty (``None``) where the path before the start already bends by more than the limit.
    """
    frontier = _frontier(path, path.contrast(weights))
    return tuple(_one(path, frontier, limit, alpha) for limit in limits)


def smooth_breakdown(
    path: EffectPath, alpha: float = 0.05, *, null: float = 0.0, weights: Array | None = None
) -> float:
    """The largest change of slope a period at which the interval still leaves ``null`` out; 0 where it never does."""
    frontier = _frontier(path, path.contrast(weights))

    def leaves_out(limit: float) -> bool:
        low, high = _interval(path, frontier, limit, alpha)
        return not low <= null <= high

    if not leaves_out(0.0):
        return 0.0
    low, high = 0.0, 0.1 * float(path.errors.max())
    while leaves_out(high):
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if leaves_out(middle) else (low, middle)
    return low


def bends(path: EffectPath) -> Array:
    """Changes of slope before the start, the base among them; empty with fewer than three periods."""
    before = np.append(path.values[: path.before], 0.0)
    return np.asarray(np.diff(before, n=2))


def _one(path: EffectPath, frontier: _Frontier, limit: float, alpha: float) -> HonestSet:
    bent = np.abs(bends(path)).max(initial=0.0) > limit * (1 + 1e-9) + TIE * float(np.abs(path.values).max())
    centre = float(frontier.base @ path.values)  # the last step before, drawn on
    half = limit * frontier.fixed
    low, high = (None, None) if bent else (centre - half, centre + half)
    if not path.errors.any():
        return HonestSet(limit, low, high, None, None)
    return HonestSet(limit, low, high, *_interval(path, frontier, limit, alpha))


def _frontier(path: EffectPath, chosen: Array) -> _Frontier:
    """The straight line taken out: v = second differences of (line, z, 0, 0), the period next to the base first."""
    before, count = path.before, len(path.times)
    after = np.array(
        [t - path.base for t in path.times if t >= 0], dtype=np.float64
    )  # periods since the base
    line = float(chosen[path.before :] @ after)
    second = np.zeros((before, before))  # v by (z_0, z_1, ...)
    for s in range(1, before + 1):
        for place, factor in ((s - 1, 1.0), (s, -2.0), (s + 1, 1.0)):
            if place < before:
                second[s - 1, place] += factor
    onto = np.zeros((count, before))
    onto[:before] = second[::-1]  # the path runs from the oldest period on
    base = chosen + onto[:, 0] * line
    fixed = float(
        sum(abs(float(chosen[path.before :] @ np.maximum(after - j, 0.0))) for j in range(int(after[-1])))
    )
    directions = onto[:, 1:]
    corners = _corners(directions.T @ path.covariance @ directions, -directions.T @ path.covariance @ base)
    return _Frontier(corners, base, directions, fixed)


def _corners(square: Array, pull: Array) -> Array:
    """Corners of the path of argmin z'Qz / 2 - q'z + t |z| as t falls to nought, rows of z."""
    count = len(pull)
    z = np.zeros(count)
    corners = [z]
    if not count or not np.abs(pull).max() > 0:
        return np.array(corners)
    t = float(np.abs(pull).max())
    active = [int(np.argmax(np.abs(pull)))]
    signs = np.sign(pull)
    for _ in range(8 * count + 8):
        if t <= TIE * float(np.abs(pull).max()):
            break
        inner = square[np.ix_(active, active)]
        at_nought = np.asarray(np.linalg.lstsq(inner, pull[active], rcond=1e-12)[0], dtype=np.float64)
        slope = np.asarray(np.linalg.lstsq(inner, signs[active], rcond=1e-12)[0], dtype=np.float64)
        t, active, signs, z = _next_corner(square, pull, t, active, signs, at_nought, slope)
        corners.append(z)
    return np.array(corners)


def _next_corner(
    square: Array, pull: Array, t: float, active: list[int], signs: Array, at_nought: Array, slope: Array
) -> tuple[float, list[int], Array, Array]:
    """Go down to where a weight joins, or one falls to nought, or nothing is held back any more."""
    count, best, event = len(pull), 0.0, -1
    signs = signs.copy()
    gone = pull - square[:, active] @ at_nought  # correlation is gone + t * rise outside the active set
    rise = square[:, active] @ slope
    side = 0.0
    for j in range(count):
        if j in active:
            k = active.index(j)
            meets = at_nought[k] / slope[k] if slope[k] else math.inf
            if best < meets < t * (1 - 1e-10):
                best, event = float(meets), j
            continue
        for sign in (1.0, -1.0):
            spare = 1 - sign * rise[j]
            meets = sign * gone[j] / spare if abs(spare) > TIE else math.inf
            if best < meets < t * (1 - 1e-10):
                best, event, side = float(meets), j, sign
    z = np.zeros(count)
    z[active] = at_nought - best * slope
    if event in active:
        z[event] = 0.0
        active = [j for j in active if j != event]
    elif event >= 0:
        signs[event] = side
        active = [*active, event]
    return best, active, signs, z


def _interval(path: EffectPath, frontier: _Frontier, limit: float, alpha: float) -> tuple[float, float]:
    """The shortest interval along the frontier."""

    def half(z: Array) -> float:
        chosen = frontier.weights(z)
        error = math.sqrt(max(float(chosen @ path.covariance @ chosen), 0.0))
        worst = limit * (frontier.fixed + float(np.abs(z).sum()))
        return folded(worst / error, alpha) * error if error > 0 else worst

    places = [half(z) for z in frontier.corners]
    best = int(np.argmin(places))
    length, z = places[best], frontier.corners[best]
    if not limit:  # nothing bends: least variance, the path's last corner
        length, z, best = places[-1], frontier.corners[-1], -9
    for other in (best - 1, best + 1):
        if 0 <= other < len(places):
            length, z = min(
                (length, z),
                _between(half, frontier.corners[best], frontier.corners[other]),
                key=lambda x: x[0],
            )
    centre = float(frontier.weights(z) @ path.values)
    return centre - length, centre + length


def _between(half: Callable[[Array], float], one: Array, other: Array) -> tuple[float, Array]:
    found = minimize_scalar(
        lambda share: half(one + share * (other - one)),
        bounds=(0.0, 1.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(found.fun), one + float(found.x) * (other - one)


def folded(bias: float, alpha: float) -> float:
    """Quantile 1 - alpha of |N(bias, 1)|."""
    if bias > FAR:
        return bias + float(ndtri(1 - alpha))
    return math.sqrt(float(chndtrix(1 - alpha, 1.0, bias * bias)))
