"""How much one person's outcome strays: from its nearest neighbours, or from the fitted polynomial (pure)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.discontinuity.local_polynomial import LocalPolynomial, Side
from evaluation.regression.linear import Array

Variance = Literal["nearest-neighbour", "HC0", "HC1", "HC2", "HC3"]
VARIANCES: tuple[Variance, ...] = ("nearest-neighbour", "HC0", "HC1", "HC2", "HC3")


def person_spread(side: Side, y: Array, fit: LocalPolynomial, variance: Variance) -> Array:
    """Each row's part in the variance of a weighted sum over the window of a fit; ``y`` is the whole side.

    With clusters residuals stay as they are, since neighbours of the same cluster would hide what they share.
    """
    if side.groups is None and variance == "nearest-neighbour":
        return side.neighbour_residuals(y, fit.rows)
    left = fit.residuals(y[fit.rows])
    if side.groups is not None:
        return left
    if variance == "HC1":
        left *= np.sqrt(fit.n / max(fit.n - fit.order - 1, 1))
    elif variance in ("HC2", "HC3"):
        spare = np.sqrt(np.maximum(1 - fit.leverage(), 1e-9))
        left /= spare if variance == "HC2" else spare**2
    return left
