"""How strongly covariates decided who was treated: a doubt about weights with a long tail (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.model import Check
from evaluation.observed.weights import Weights
from evaluation.regression.linear import Array

STRONG = 1.0  # standard deviations of the log odds


def selection_check(log_odds: Array) -> tuple[Check, ...]:
    """Warn where the log odds of being treated spread so far that weights have a long tail.

    The weights in hand do not show it: where by chance nobody rare was drawn they look even, and the error comes out
    too small just then. The spread of the log odds says what may be drawn. Not for weights of overlap, which have no
    tail.
    """
    spread = float(np.std(log_odds))
    if not spread > STRONG:
        return ()
    note = (
        f"The covariates decide strongly who was treated (the log odds spread by {spread:.1f}): a few rare people "
        "could carry the answer, and in simulation 95 % intervals then hold the truth about nine times in ten. "
        'Weights of kind "overlap", or doubly-robust, do not have this fault.'
    )
    return (Check("strong selection", "warn", spread, STRONG, "downgrade", note),)


def log_odds_of(weights: Weights, treated: Array) -> Array:
    """The log odds that weights take people to have who were not trimmed: by the score, of everybody.

    Without a score (entropy balancing, whose weights are odds up to a factor) those of the comparison.
    """
    kept = weights.values > 0
    if weights.score is not None:
        score = weights.score[kept]
        return np.asarray(np.log(score / (1 - score)))
    return np.asarray(np.log(weights.values[kept & (treated == 0)]))
