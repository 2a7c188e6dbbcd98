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
BLOCK = 50_000


def any_shape_forecast(events: Array, size: Array) -> Array:
    """Posterior mean of each place's rate under the best-fitting prior on a grid of rates.

    ``events`` (n) over ``size`` (n, above 0). Places alike in both are reckoned once.
    """
    pairs, back, many = np.unique(
        np.column_stack([events, size]), axis=0, return_inverse=True, return_counts=True
    )
    rates = pairs[:, 0] / pairs[:, 1]
    mean = float(events.sum() / size.sum())
    low, high = max(float(rates.min()), 0.1 * mean), float(rates.max()) * 1.05
    grid = np.exp(np.linspace(np.log(low), np.log(max(high, low * 1.01)), GRID))
    step = max(1, len(pairs) // BLOCK)  # a regular part of very many different places says as much
    share = _fitted(_likelihood(pairs[::step], grid), many[::step] / many[::step].sum())
    found = np.empty(len(pairs))
    for start in range(0, len(pairs), BLOCK):
        part = slice(start, start + BLOCK)
        weight = _likelihood(pairs[part], grid) * share
        found[part] = (weight @ grid) / weight.sum(axis=1)
    return np.asarray(found[back.reshape(-1)])


def _likelihood(pairs: Array, grid: Array) -> Array:
    events, size = pairs[:, :1], pairs[:, 1:]
    expected = size * grid
    log = events * np.log(expected) - expected - gammaln(events + 1)
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True)))


def _fitted(likelihood: Array, weight: Array) -> Array:
    """Weights of the grid by expectation and maximisation."""
    share = np.full(likelihood.shape[1], 1 / likelihood.shape[1])
    for _ in range(TURNS):
        joint = likelihood * share
        renewed = weight @ (joint / joint.sum(axis=1, keepdims=True))
        moved = float(np.abs(renewed - share).max())
        share = renewed
        if moved < CLOSE:
            break
    return np.asarray(share)
