"""Plain regression within a window around the cut-off: what most papers print beside local polynomials (pure).

Its interval takes the line for true within the window: it does not count what the line bends away from.
"""

from __future__ import annotations

import numpy as np

from evaluation.discontinuity.jump import Bandwidths
from evaluation.discontinuity.local_polynomial import Kernel, TooFewPoints, kernel_weights
from evaluation.discontinuity.people import People
from evaluation.regression.linear import Fit, NotIdentified, treatment_effect


def plain_jump(
    people: People, widths: Bandwidths, *, order: int, kernel: Kernel, same_slope: bool, adjusted: bool = True
) -> Fit:
    """The coefficient of being treated, with powers of the score, HC1 errors and n - k degrees of freedom.

    With clusters CR1 and G - 1. Raises TooFewPoints where the window says too little.
    """
    u = people.x / np.where(people.x >= 0, widths.h_right, widths.h_left)
    weights = kernel_weights(u, kernel)
    inside = weights > 0
    x, treated = people.x[inside], (people.x[inside] >= 0).astype(np.float64)
    powers = [x**k for k in range(1, order + 1)]
    columns = powers if same_slope else [*powers, *(treated * power for power in powers)]
    more = [people.covariates[inside]] if adjusted else []
    matrix = np.column_stack([*columns, *more]) if columns or more else np.empty((len(x), 0))
    names = tuple(str(k) for k in range(matrix.shape[1]))
    try:
        return treatment_effect(
            people.y[inside],
            treated,
            matrix,
            names,
            errors="HC1",
            weights=weights[inside],
            clusters=() if people.groups is None else (people.groups[inside],),
        )
    except NotIdentified:
        raise TooFewPoints from None
