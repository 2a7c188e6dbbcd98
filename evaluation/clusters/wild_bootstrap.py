"""The restricted wild cluster bootstrap: signs of whole clusters, with the hypothesis imposed (pure).

Rademacher signs; up to 14 clusters every combination is tried, so that chance has no part. Above that the draws are
seeded. The interval holds every value that the test does not reject. Webb's six-point weights, meant for five
clusters or fewer, are not offered: with so few clusters nothing is inferred here at all.
Source: Cameron, Gelbach and Miller (2008); Roodman, Nielsen, MacKinnon and Webb (2019).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.inversion import Ends, accepted

MOST_ENUMERATED = 14
BLOCK = 2_000_000
TIE = 1e-10  # the observed combination itself, and its mirror, count as at least as far out


@dataclass(frozen=True, slots=True)
class Statistics:
    """For each combination of signs, numerator and squared error as polynomials in the shift from the estimate.

    Both are in the unit of the effect times the weight of the partialled column, which cancels in t.
    """

    constant: Array
    linear: Array
    square0: Array
    square1: Array
    square2: Array
    std_error: float
    exact: bool

    def p_at(self, shift: float) -> float:
        """Two-sided p-value of the hypothesis that the effect is the estimate plus ``shift``."""
        top = np.abs(self.constant - shift * self.linear)
        below = np.sqrt(np.maximum(self.square0 - 2 * shift * self.square1 + shift**2 * self.square2, 0.0))
        seen = abs(shift) / self.std_error
        far = int((top >= seen * below * (1 - TIE)).sum())
        return far / len(top) if self.exact else (1 + far) / (1 + len(top))


@dataclass(frozen=True, slots=True)
class WildTest:
    """Least-squares estimate, CR1S error, t, p-value (ties count), and how many combinations of signs it rests on."""

    value: float
    std_error: float
    t: float
    p_value: float
    combinations: int
    exact: bool
    statistics: Statistics

    def interval(self, alpha: float) -> Ends:
        """Ends of the values not rejected at ``alpha``; ``None`` where the test never rejects that far out."""
        return accepted(self.statistics.p_at, self.value, self.std_error, alpha)


def wild_bootstrap(products: Array, place: int, *, draws: int = 1999, seed: int = 0) -> WildTest:
    """Test that the coefficient in column ``place`` is zero.

    ``products`` from ``cluster_products``; the statistic is t with CR1S errors. Raises NotIdentified for one cluster
    or a column that the others explain.
    """
    p = products.shape[1] - 1
    others = [i for i in range(p) if i != place]
    total = products.sum(axis=0)
    try:
        bread = np.linalg.inv(total[:p, :p])
        rest = np.linalg.solve(total[np.ix_(others, others)], total[np.ix_(others, [place])])[:, 0]
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    partial = np.zeros(p)
    partial[place], partial[others] = 1.0, -rest  # the column less what the others say of it
    weight = float(partial @ total[:p, :p] @ partial)
    count, people = len(products), float(total[0, 0])
    if count < 2 or weight <= 1e-10 * float(total[place, place]):
        raise NotIdentified
    b = bread @ total[:p, p]
    unrestricted = products[:, :p, p] - products[:, :p, :p] @ b
    column = products[:, :p, :p] @ partial
    factor = math.sqrt(count / (count - 1) * (people - 1) / (people - p))
    error = factor * math.sqrt(float(((unrestricted @ partial) ** 2).sum())) / weight
    if not error > 0:
        raise NotIdentified
    exact = count <= MOST_ENUMERATED
    parts = [_block(signs, unrestricted, column, partial, bread) for signs in _signs(count, draws, seed)]
    constant, linear, *squares = (np.concatenate(each) for each in zip(*parts, strict=True))
    square0, square1, square2 = (factor**2 * square for square in squares)
    statistics = Statistics(constant, linear, square0, square1, square2, error, exact)
    value = float(b[place])
    combinations = 2**count if exact else draws
    return WildTest(value, error, value / error, statistics.p_at(-value), combinations, exact, statistics)


def _block(
    signs: Array, residual: Array, column: Array, partial: Array, bread: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """Numerators and squared errors for a block of combinations (b, G), in powers of the shift.

    Restricted residuals are the unrestricted ones less shift x the partialled column.
    """
    own_y, own_t = residual @ partial, column @ partial
    correction = bread @ column.T
    s_y = signs * own_y - (signs @ residual) @ correction
    s_t = signs * own_t - (signs @ column) @ correction
    return (
        signs @ own_y,
        signs @ own_t,
        (s_y**2).sum(axis=1),
        (s_y * s_t).sum(axis=1),
        (s_t**2).sum(axis=1),
    )


def _signs(count: int, draws: int, seed: int) -> Iterator[Array]:
    """Combinations of signs in blocks. A combination and its mirror give the same |t|: one of the two is enough."""
    if count <= MOST_ENUMERATED:
        bits = (np.arange(2 ** (count - 1))[:, None] >> np.arange(count)) & 1
        yield np.asarray(1 - 2 * bits, dtype=np.float64)
        return
    source = np.random.default_rng(seed)
    step = max(1, BLOCK // count)
    for start in range(0, draws, step):
        drawn = source.integers(0, 2, size=(min(step, draws - start), count))
        yield np.asarray(1 - 2 * drawn, dtype=np.float64)
