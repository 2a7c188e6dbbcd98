"""A forecast of rates that supposes no shape of their spread (pure).

The prior is a histogram, fitted by maximum likelihood.

Stands beside the Gamma: how far the two are apart says how much the answer leans on the Gamma's tail.
Sources: Kiefer and Wolfowitz (1956); Laird (1978); Jiang and Zhang (2009).
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from evaluation.regression.linear import Array

GRID, TURNS, CLOSE = 80, 400, 1e-7
MOST_CELLS = 4_000_000


def any_shape_forecast(events: Array, size: Array) -> Array:
    """Posterior mean of each place's rate under the best-fitting prior on a grid of rates.

    ``events`` (n) over ``size`` (n, above 0). Large populations are fitted on a regular part of them.
    """
    rates = events / size
    low, high = max(float(rates.min()), 0.1 * float(rates.mean())), float(rates.max()) * 1.05
    grid = np.exp(np.linspace(np.log(low), np.log(max(high, low * 1.01)), GRID))
    step = max(1, len(events) * GRID // MOST_CELLS)
    share = _fitted(_likelihood(events[::step], size[::step], grid))
    found = np.empty(len(events))
    for start in range(0, len(events), MOST_CELLS // GRID):
        part = slice(start, start + MOST_CELLS // GRID)
        weight = _likelihood(events[part], size[part], grid) * share
        found[part] = (weight @ grid) / weight.sum(axis=1)
    return found


def _likelihood(events: Array, size: Array, grid: Array) -> Array:
    expected = size[:, None] * grid
    log = events[:, None] * np.log(expected) - expected - gammaln(events + 1)[:, None]
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True)))


def _fitted(likelihood: Array) -> Array:
    """Weights of the grid by expectation and maximisation."""
    share = np.full(likelihood.shape[1], 1 / likelihood.shape[1])
    for _ in range(TURNS):
        joint = likelihood * share
        renewed = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        moved = float(np.abs(renewed - share).max())
        share = renewed
        if moved < CLOSE:
            break
    return np.asarray(share)
