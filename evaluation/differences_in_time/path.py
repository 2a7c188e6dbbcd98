"""A path of effects around a start: values by period against the last period before, and their covariance (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array


@dataclass(frozen=True, slots=True)
class EffectPath:
    """Effects by period relative to the start (0 is the first treated one), the base period left out.

    ``values`` (k,) and ``covariance`` (k, k) belong to ``times`` in rising order; ``df`` of the errors, ``None`` for
    the normal. Every value is a difference from the same ``base`` (universal base), the last period before the start.
    """

    times: tuple[int, ...]
    values: Array
    covariance: Array
    df: float | None = None
    base: int = -1

    @property
    def before(self) -> int:
        """How many periods before the base."""
        return sum(time < 0 for time in self.times)

    @property
    def after(self) -> int:
        """How many treated periods."""
        return len(self.times) - self.before

    @property
    def consecutive(self) -> bool:
        """Say whether no period is missing between the first and the last, the base among them."""
        known = sorted({*self.times, self.base})
        return known == list(range(known[0], known[-1] + 1))

    @property
    def errors(self) -> Array:
        """Standard errors (k,)."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)))

    def average(self, weights: Array | None = None) -> tuple[float, float]:
        """A weighted mean of the treated periods (equal weights unless given) and its standard error."""
        chosen = self.contrast(weights)
        return float(chosen @ self.values), math.sqrt(max(float(chosen @ self.covariance @ chosen), 0.0))

    def contrast(self, weights: Array | None = None) -> Array:
        """Weights of all values that take that mean of the treated periods."""
        after = np.full(self.after, 1 / self.after) if weights is None else weights
        return np.concatenate([np.zeros(self.before), after])
