"""Chance by drawing: multiplier bootstrap bands, wild scores for few clusters, redrawn starts (pure).

Source: Callaway and Sant'Anna (2021), algorithm 1 (multipliers); Kline and Santos (2012) (scores of clusters);
MacKinnon and Webb (2020) (redrawn starts).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.special import ndtri

from evaluation.differences_in_time.moments import Array, Codes

BLOCK = 4_000_000
INTERQUARTILE = float(ndtri(0.75) - ndtri(0.25))
ROUNDING = 1e-10


def multiplier_critical(scores: Array, level: float, seed: int, draws: int) -> float:
    """Critical value of a simultaneous band from multiplier draws of the influences ``scores`` (G, K).

    Signs are drawn by unit or cluster; each coordinate is scaled by its interquartile range. Never below the normal
    quantile.
    """
    pointwise = float(ndtri(1 - (1 - level) / 2))
    live = (scores**2).sum(axis=0) > 0
    if live.sum() < 2:
        return pointwise
    drawn = _multiplied(scores[:, live], seed, draws)
    quarter = np.quantile(drawn, [0.25, 0.75], axis=0)
    largest = np.abs(drawn / ((quarter[1] - quarter[0]) / INTERQUARTILE)).max(axis=1)
    return max(pointwise, float(np.quantile(largest, level)))


def _multiplied(scores: Array, seed: int, draws: int) -> Array:
    rng = np.random.default_rng(seed)
    step = max(BLOCK // len(scores), 1)
    parts = [
        (rng.integers(0, 2, (min(step, draws - start), len(scores))) * 2.0 - 1.0) @ scores
        for start in range(0, draws, step)
    ]
    return np.concatenate(parts)


def wild_score_p(scores: Array, value: float, seed: int, draws: int) -> float:
    """The p-value of no effect from signs drawn for clusters' influences ``scores`` (G,), each draw over its own error.

    Every pattern of signs is tried where there are no more of them than ``draws``.
    """
    count = len(scores)
    gap = scores - scores.mean()
    if 2**count <= draws:
        signs = np.array(list(product((-1.0, 1.0), repeat=count)))
    else:
        signs = np.random.default_rng(seed).integers(0, 2, (draws, count)) * 2.0 - 1.0
    drawn = signs * gap
    total = drawn.sum(axis=1)
    spread = np.sqrt(np.maximum((drawn**2).sum(axis=1) - total**2 / count, 0.0) * count / (count - 1))
    seen = abs(value) / float(np.sqrt((gap**2).sum() * count / (count - 1)))
    beyond = np.abs(total) >= seen * spread * (1 - ROUNDING)
    return float((1 + beyond.sum()) / (1 + len(signs)))


def redrawn_p(cohort: Codes, ratio: Callable[[Codes], float], seed: int, draws: int) -> float:
    """The p-value of no effect on anybody: starts redrawn among units, effects over their errors compared."""
    rng = np.random.default_rng(seed)
    seen = abs(ratio(cohort))
    beyond = sum(abs(ratio(rng.permutation(cohort))) >= seen * (1 - ROUNDING) for _ in range(draws))
    return float((1 + beyond) / (1 + draws))
