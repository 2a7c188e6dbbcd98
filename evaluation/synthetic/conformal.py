"""Conformal inference: are the residuals after the start strange among those of all periods (pure).

Chernozhukov, Wuethrich and Zhu (2021). Under the hypothesis that the effect is so much, it is taken off the treated
area's path, and the synthetic area is fitted to *all* periods; then residuals of all periods should look alike. The
statistic is compared with its value after every cyclic shift of the residuals (moving blocks, which keeps what
neighbouring periods have in common). All effects that are not rejected are the interval. The smallest p-value possible
is one over the number of periods.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.synthetic.fits import Kind, augment
from evaluation.synthetic.simplex import Array, simplex_weights

STEPS, WIDENING, MOST_STEPS, BISECTIONS = 2, 1.15, 40, 10
TIE = 1e-9


@dataclass(slots=True)
class Residuals:
    """How the synthetic area of a kind is fitted to all periods at once. ``near`` only speeds the next fit up."""

    kind: Kind
    donors: Array
    penalty: float
    near: Array | None = None

    def of(self, path: Array) -> Array:
        """Residuals of a path in every period, none of them singled out."""
        columns = self.donors.T
        if self.kind == "did":
            ridge = self.penalty**2 * path.size
            weights = simplex_weights(columns - columns.mean(axis=0), path - path.mean(), ridge).weights
            raw = path - columns @ weights
            centred: Array = raw - raw.mean()
            return centred
        weights = simplex_weights(columns, path, near=self.near).weights
        self.near = weights
        if self.kind == "augmented":
            weights = augment(weights, path, self.donors, self.penalty)
        left: Array = path - columns @ weights
        return left


def shift_p(residuals: Array, after: int) -> float:
    """Share of cyclic shifts whose last ``after`` residuals are at least as large, by the mean of absolute values."""
    size = residuals.size
    around = (np.arange(size)[:, None] + np.arange(size - after, size)[None, :]) % size
    strange = np.abs(residuals)[around].mean(axis=1)
    return float((strange >= strange[0] * (1 - TIE)).mean())


def p_of_effect(ways: Residuals, target: Array, start: int, effect: float) -> float:
    """p-value of the hypothesis that the effect is ``effect`` in every period after the start."""
    path = target.copy()
    path[start:] -= effect
    return shift_p(ways.of(path), target.size - start)


def conformal_interval(
    ways: Residuals, target: Array, start: int, effect: float, step: float, alphas: tuple[float, ...]
) -> tuple[tuple[float, float] | None, ...]:
    """All effects that are not rejected at each error rate, as one interval each; ``None`` where unbounded.

    ``step`` is a first guess of the standard error. An effect far beyond anything the donors show spoils the fit in all
    periods alike and may be accepted again; the interval is the stretch around the estimate, and simulations say that
    it covers as often as it should. Where the estimate itself is rejected, no effect that is the same in all periods is
    at hand, and there is no interval.
    """
    seen: dict[float, float] = {}

    def p_at(value: float) -> float:
        if value not in seen:
            seen[value] = p_of_effect(ways, target, start, value)
        return seen[value]

    if step <= 0 or not math.isfinite(step):
        return tuple(None for _ in alphas)
    return tuple(_ends(p_at, effect, step, alpha, target.size) for alpha in alphas)


def _ends(
    p_at: Callable[[float], float], effect: float, step: float, alpha: float, size: int
) -> tuple[float, float] | None:
    if alpha * size < 1 - 1e-9 or p_at(effect) <= alpha:
        return None
    low, high = (_end(p_at, effect, sign * step, alpha) for sign in (-1.0, 1.0))
    return None if low is None or high is None else (low, high)


def _end(p_at: Callable[[float], float], effect: float, step: float, alpha: float) -> float | None:
    """Where acceptance ends on one side: the last accepted effect before two in a row that are not."""
    inside, at, size, refused = effect, effect, step / STEPS, 0
    outside = effect
    for _ in range(MOST_STEPS):
        at, size = at + size, size * WIDENING
        if p_at(at) > alpha:
            inside, refused = at, 0
            continue
        outside = at if refused == 0 else outside
        refused += 1
        if refused == 2:
            return _between(p_at, inside, outside, alpha)
    return None


def _between(p_at: Callable[[float], float], inside: float, outside: float, alpha: float) -> float:
    for _ in range(BISECTIONS):
        middle = 0.5 * (inside + outside)
        if p_at(middle) > alpha:
            inside = middle
        else:
            outside = middle
    return outside


def each_period(
    ways: Residuals, target: Array, start: int, gaps: Array, step: float, alpha: float
) -> tuple[tuple[float, float] | None, ...]:
    """An interval for every period after the start, from the periods before and that one alone."""
    found: list[tuple[float, float] | None] = []
    for period in range(start, target.size):
        kept = [*range(start), period]
        alone = Residuals(ways.kind, ways.donors[:, kept], ways.penalty, ways.near)
        found += conformal_interval(alone, target[kept], start, float(gaps[period]), step, (alpha,))
    return tuple(found)
