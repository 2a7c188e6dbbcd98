"""A polynomial fitted to one side of a cut-off, people near the cut-off counting most (pure).

Everything is kept as weights on people: a coefficient is a weighted sum of outcomes, so that one set of weights
serves every outcome, and errors are sums of squares. The rows are sorted, so a window is a slice.
Source: Fan and Gijbels (1996); Calonico, Cattaneo and Titiunik (2014), Econometrica 82:2295-2326.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.regression.linear import Array

Kernel = Literal["triangular", "uniform", "epanechnikov"]
KERNELS: tuple[Kernel, ...] = ("triangular", "uniform", "epanechnikov")
LARGEST_CONDITION = 1e14
SAME = 1 + 1e-9


class TooFewPoints(ValueError):  # noqa: N818
    """A window holds too few different scores for the polynomial asked for."""


def kernel_weights(u: Array, kernel: Kernel) -> Array:
    """Weight of people at ``u`` bandwidths from the cut-off: nought beyond one."""
    if kernel == "triangular":
        return np.asarray(np.maximum(1 - np.abs(u), 0.0))
    if kernel == "epanechnikov":
        return np.asarray(0.75 * np.maximum(1 - u * u, 0.0))
    return np.asarray(0.5 * (np.abs(u) <= 1))


def polynomial(coefficients: Array, u: Array) -> Array:
    """Value of a polynomial whose coefficients begin with the constant."""
    found = np.full_like(u, coefficients[-1])
    for c in coefficients[-2::-1]:
        found *= u
        found += c
    return found


@dataclass(frozen=True)
class LocalPolynomial:
    """A polynomial of ``order`` in the score, fitted at bandwidth ``h`` to rows ``start`` to ``stop`` of one side."""

    start: int
    stop: int
    h: float
    order: int
    u: Array
    kernel: Array

    @property
    def rows(self) -> slice:
        """The rows with any weight."""
        return slice(self.start, self.stop)

    @property
    def n(self) -> int:
        """How many people have any weight."""
        return int(np.count_nonzero(self.kernel))

    @cached_property
    def _sums(self) -> Array:
        """Weighted sums of the powers 0 to 2 order + 1 of u."""
        power, sums = self.kernel.copy(), np.empty(2 * self.order + 2)
        for k in range(len(sums)):
            sums[k] = power.sum()
            power *= self.u
        return sums

    @cached_property
    def inverse(self) -> Array:
        """Inverse of the weighted cross-products of the powers of u."""
        places = np.add.outer(np.arange(self.order + 1), np.arange(self.order + 1))
        gram = self._sums[places]
        if not np.linalg.cond(gram) < LARGEST_CONDITION:
            raise TooFewPoints
        return np.asarray(np.linalg.inv(gram))

    def weights(self, derivative: int = 0) -> Array:
        """Weights whose sum with the outcomes is the coefficient of that power of the score (no factorial)."""
        return self.kernel * polynomial(self.inverse[derivative], self.u) / self.h**derivative

    def coefficients(self, y: Array) -> Array:
        """Coefficients of the powers of u."""
        power, sums = self.kernel * y, np.empty(self.order + 1)
        for k in range(len(sums)):
            sums[k] = power.sum()
            power *= self.u
        return np.asarray(self.inverse @ sums)

    def residuals(self, y: Array) -> Array:
        """Outcomes less the fitted polynomial, at the rows of the window."""
        return y - polynomial(self.coefficients(y), self.u)

    def leverage(self) -> Array:
        """Share of each row's own outcome in its fitted value."""
        powers = np.vander(self.u, self.order + 1, increasing=True)
        return np.asarray(((powers @ self.inverse) * powers).sum(axis=1) * self.kernel)

    def bias_constant(self, derivative: int = 0) -> float:
        """What the next power of u adds to the coefficient of ``derivative`` (both as powers of u)."""
        return float(self.inverse[derivative] @ self._sums[self.order + 1 :])


@dataclass(frozen=True)
class Side:
    """One side of the cut-off: scores as distances from it, ascending, with everything else in the same order.

    ``values`` (n, k): the outcome first, then what was received and covariates where there are any; ``groups``: codes
    of clusters, or None.
    """

    x: Array
    values: Array
    groups: npt.NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """People on this side."""
        return len(self.x)

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        """Where each different score begins; one past the end stands last."""
        change = np.flatnonzero(np.diff(self.x) != 0) + 1
        return np.concatenate([[0], change, [self.n]]).astype(np.int64)

    @property
    def distinct(self) -> Array:
        """The different scores, ascending."""
        return np.asarray(self.x[self._starts[:-1]])

    @property
    def reach(self) -> float:
        """How far the scores go from the cut-off."""
        return float(np.abs(self.x[[0, -1]]).max())

    def window(self, h: float, order: int, kernel: Kernel) -> LocalPolynomial:
        """The polynomial of ``order`` at bandwidth ``h``. Raise TooFewPoints where the scores are too few."""
        start = int(np.searchsorted(self.x, -h, side="left"))
        stop = int(np.searchsorted(self.x, h, side="right"))
        u = self.x[start:stop] / h
        fit = LocalPolynomial(start, stop, h, order, u, kernel_weights(u, kernel))
        weighted = u[fit.kernel > 0]
        if not len(weighted) or np.count_nonzero(np.diff(weighted)) < order:
            raise TooFewPoints
        return fit

    def neighbours(self, matches: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each different score, the first row and the row after the last of its nearest neighbours.

        The neighbours of a row are all rows of its own score and then of the nearest other scores, ties on both
        sides together, until there are at least ``matches`` beside itself.
        """
        scores, starts = self.distinct, self._starts
        blocks = len(scores)
        low = np.arange(blocks)
        high = low.copy()
        wanted = min(matches, self.n - 1)
        for _ in range(matches):
            short = starts[high + 1] - starts[low] - 1 < wanted
            if not short.any():
                break
            down = np.where(low > 0, scores - scores[np.maximum(low - 1, 0)], np.inf)
            up = np.where(high < blocks - 1, scores[np.minimum(high + 1, blocks - 1)] - scores, np.inf)
            # Scores like 0.31 are not exact: equally far means equally far but for rounding.
            lower, upper = down <= up * SAME, up <= down * SAME
            low = low - (short & lower & (low > 0))
            high = high + (short & upper & (high < blocks - 1))
        return starts[low], starts[high + 1]

    @cached_property
    def _nearest(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Bounds of every row's neighbours."""
        first, after = self.neighbours(3)
        size = np.diff(self._starts)
        return np.repeat(first, size), np.repeat(after, size)

    def neighbour_residuals(self, y: Array, rows: slice) -> Array:
        """What an outcome differs by from its three nearest neighbours, scaled to the spread of one person.

        Source: Abadie and Imbens (2006); ties as in Calonico, Cattaneo and Titiunik (2014).
        """
        first, after = (bound[rows] for bound in self._nearest)
        middle = y.mean()
        total = np.concatenate([[0.0], np.cumsum(y - middle)])
        own = y[rows] - middle
        m = after - first - 1.0
        beside = np.maximum(m, 1.0)
        apart: Array = np.sqrt(m / (m + 1)) * (own - (total[after] - total[first] - own) / beside)
        return apart
