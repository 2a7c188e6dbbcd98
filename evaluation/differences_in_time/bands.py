"""Simultaneous bands: the critical value that a whole path stays within at once (pure).

The largest of the standardised coordinates of N(0, V), or of t with the errors' degrees of freedom, is drawn; its
quantile takes the place of 1.96.
Source: Montiel Olea and Plagborg-Moller (2019), sup-t bands; Callaway and Sant'Anna (2021) for event studies.
"""

from __future__ import annotations

import numpy as np

from evaluation.inference import critical
from evaluation.regression.linear import Array

DRAWS = 10_000
FLAT = 1e-10  # a coordinate without error of its own (the base period) stays out
BLOCK = 2_000_000


def simultaneous(
    values: Array,
    covariance: Array,
    level: float = 0.95,
    seed: int = 0,
    draws: int = DRAWS,
    df: float | None = None,
) -> float:
    """Critical value c so that all ``values`` lie within c errors of the truth with probability ``level``.

    ``covariance`` (k, k) of the values; ``df`` of their errors, which share one variance (multivariate t), ``None`` for
    the normal distribution. Coordinates whose error is nought are left out; with one left, or none, it is the quantile
    of one value alone. Never below that quantile. The draws depend on ``seed`` alone.
    """
    pointwise = critical(level, df, "normal" if df is None else "t")
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    live = spread > FLAT * max(float(spread.max(initial=0.0)), 1e-300)
    count = int(live.sum())
    if len(values) != len(covariance) or count < 2:
        return pointwise
    correlation = covariance[np.ix_(live, live)] / np.outer(spread[live], spread[live])
    root = _root(correlation)
    source, largest = np.random.default_rng(seed), []
    step = max(1, BLOCK // count)
    for start in range(0, draws, step):
        normal = source.standard_normal((min(step, draws - start), count))
        shared = 1.0 if df is None else np.sqrt(source.chisquare(df, len(normal)) / df)
        largest.append(np.abs(normal @ root.T).max(axis=1) / shared)
    return max(pointwise, float(np.quantile(np.concatenate(largest), level)))


def _root(correlation: Array) -> Array:
    """A square root that also serves where some coordinates say the same as others."""
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
