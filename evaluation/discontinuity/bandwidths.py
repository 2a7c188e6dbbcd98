"""How near the cut-off people must be: bandwidths that balance the bias of a fit against its error (pure).

Three steps, each the best bandwidth for one coefficient given the bandwidth of the step before: d for the derivative
that decides the bias of the bias, b for the derivative that decides the bias of the jump, h for the jump itself. Each
bias is estimated, so the error of that estimate is added to its square (three times its variance, as Imbens and
Kalyanaraman do), lest a bias that looks like nought ask for an endless bandwidth.
Source: Calonico, Cattaneo and Titiunik (2014), section 5; Calonico, Cattaneo and Farrell (2020), Econometrics Journal
23:192-210, for the bandwidth that gives intervals their best coverage; Imbens and Kalyanaraman (2012).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.discontinuity.jump import Bandwidths, Recipe, Scores, combined_outcome
from evaluation.discontinuity.local_polynomial import Kernel, LocalPolynomial, Side, TooFewPoints
from evaluation.discontinuity.settings import Rule
from evaluation.discontinuity.spread import person_spread
from evaluation.regression.linear import Array

RULE_OF_THUMB: dict[Kernel, float] = {"triangular": 2.576, "epanechnikov": 2.34, "uniform": 1.843}
NORMAL_QUARTILES = 1.349
REGULARISED = 3.0
FEWEST_DISTINCT = 10  # different scores a bandwidth must reach on each side where scores repeat
SHARE_REPEATED = 0.2


@dataclass(frozen=True, slots=True)
class _Step:
    """What one side says of a coefficient: the variance at width one, the bias constant times the next derivative."""

    variance: float
    bias: float
    noise: float


def choose_bandwidths(scores: Scores, rule: Rule, recipe: Recipe) -> Bandwidths:
    """Bandwidths by a rule: ``mse`` the same on both sides, ``mse-two`` one for each, ``cer`` smaller.

    Raises TooFewPoints where the scores near the cut-off are too few for the polynomials.
    """
    pilot = _pilot(scores, recipe.kernel)
    sides, _ = combined_outcome(scores, (pilot, pilot), recipe)
    found = _from_pilot(scores, sides, pilot, recipe, apart=rule.endswith("-two"))
    if not rule.startswith("cer"):
        return found
    p, n = recipe.order, scores.left.n + scores.right.n
    shrink = n ** (-p / ((3 + p) * (3 + 2 * p)))
    return replace(found, h_left=found.h_left * shrink, h_right=found.h_right * shrink)


def _pilot(scores: Scores, kernel: Kernel) -> float:
    """The width all variances are taken at: a rule of thumb for the density of the scores."""
    x = np.concatenate([scores.left.x, scores.right.x])
    low, high = np.quantile(x, [0.25, 0.75])
    spread = min(float(np.std(x, ddof=1)), float(high - low) / NORMAL_QUARTILES)
    distinct = len(scores.left.distinct) + len(scores.right.distinct)
    return _within(scores, RULE_OF_THUMB[kernel] * spread * distinct**-0.2)


def repeated(scores: Scores) -> bool:
    """Say whether many people share their score with others: the score is recorded in whole units."""
    people = scores.left.n + scores.right.n
    distinct = len(scores.left.distinct) + len(scores.right.distinct)
    return 1 - distinct / people >= SHARE_REPEATED


def _within(scores: Scores, h: float, side: Side | None = None) -> float:
    """Not beyond the farthest score and, where scores repeat, not nearer than the tenth different one."""
    of = [side] if side else list(scores.sides)
    h = min(h, max(one.reach for one in of))
    if repeated(scores):
        h = max(h, *(_tenth(one) for one in of))
    if not h > 0:
        raise TooFewPoints
    return h


def _tenth(side: Side) -> float:
    """How far the tenth different score from the cut-off lies, or the last."""
    away = np.sort(np.abs(side.distinct))
    place = min(FEWEST_DISTINCT, len(away)) - 1
    return float(np.nextafter(away[place] * (1 + 1e-8), np.inf))


def _from_pilot(
    scores: Scores, outcomes: tuple[Array, Array], pilot: float, recipe: Recipe, *, apart: bool
) -> Bandwidths:
    p = recipe.order
    reach = (scores.left.reach, scores.right.reach)

    def step(order: int, derivative: int, wide: tuple[float, float], *, sure: bool) -> tuple[float, float]:
        def looked(place: int) -> _Step:
            return _side_step(
                scores.sides[place], outcomes[place], order, derivative, pilot, wide[place], recipe
            )

        return _best(scores, (looked(0), looked(1)), order, derivative, apart=apart, sure=sure)

    d = step(p + 2, p + 2, reach, sure=True)
    b = step(p + 1, p + 1, d, sure=False)
    h = step(p, 0, b, sure=False)
    return Bandwidths(h[0], h[1], b[0], b[1])


def _side_step(
    side: Side, y: Array, order: int, derivative: int, narrow: float, wide: float, recipe: Recipe
) -> _Step:
    """Variance at the pilot width; bias from the next coefficient, fitted at the wide one."""
    fit = side.window(narrow, order, recipe.kernel)
    next_one = side.window(wide, order + 1, recipe.kernel)
    own = _spread_of(side, y, fit, recipe)(fit.weights(derivative))
    constant = fit.bias_constant(derivative)
    slope = float(next_one.weights(order + 1) @ y[next_one.rows])
    noise = _spread_of(side, y, next_one, recipe)(next_one.weights(order + 1))
    return _Step(own * narrow ** (1 + 2 * derivative), constant * slope, constant**2 * noise)


def _spread_of(side: Side, y: Array, fit: LocalPolynomial, recipe: Recipe) -> Callable[[Array], float]:
    """The variance of a weighted sum of a window's outcomes."""
    spread = person_spread(side, y, fit, recipe.variance)
    groups = None if side.groups is None else side.groups[fit.rows]

    def variance(weights: Array) -> float:
        shares = weights * spread
        if groups is None:
            return float(shares @ shares)
        sums = np.bincount(np.unique(groups, return_inverse=True)[1], weights=shares)
        return float(sums @ sums) * len(sums) / max(len(sums) - 1, 1)

    return variance


def _best(
    scores: Scores, found: tuple[_Step, _Step], order: int, derivative: int, *, apart: bool, sure: bool
) -> tuple[float, float]:
    """The width at which squared bias and variance together are smallest: for the difference, or for each side."""
    left, right = found
    regularised = 0.0 if sure else REGULARISED

    def width(variance: float, bias: float, noise: float) -> float:
        square = bias**2 + regularised * noise
        if not square > 0:
            return np.inf
        ratio = (1 + 2 * derivative) * variance / (2 * (order + 1 - derivative) * square)
        return float(ratio ** (1 / (2 * order + 3)))

    if apart:
        return (
            _within(scores, width(left.variance, left.bias, left.noise), scores.left),
            _within(scores, width(right.variance, right.bias, right.noise), scores.right),
        )
    # Every step is for the difference of the two sides' coefficients, as in the reference implementation.
    difference = right.bias - left.bias
    both = _within(scores, width(left.variance + right.variance, difference, left.noise + right.noise))
    return both, both
