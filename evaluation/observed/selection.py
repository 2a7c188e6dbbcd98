"""How strongly covariates decided who was treated: a doubt about inverse probability weights (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.model import Check
from evaluation.regression.linear import Array

STRONG = 1.0  # standard deviations of the score's log odds


def selection_check(score: Array) -> tuple[Check, ...]:
    """Warn where the score's log odds spread so far that weights have a long tail.

    The weights in hand do not show it: where by chance nobody rare was drawn they look even, and the error comes out
    too small just then. The spread of the log odds says what may be drawn. Inverse probability weights only: those
    of overlap have no tail.
    """
    spread = float(np.std(np.log(score / (1 - score))))
    if not spread > STRONG:
        return ()
    note = (
        f"The covariates decide strongly who was treated (the score's log odds spread by {spread:.1f}): a few rare "
        "people could carry the answer, and in simulation 95 % intervals then hold the truth about nine times in ten. "
        'Weights of kind "overlap", or doubly-robust, do not have this fault.'
    )
    return (Check("strong selection", "warn", spread, STRONG, "downgrade", note),)
