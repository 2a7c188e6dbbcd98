"""Step-down p-values from how large the largest of several statistics gets by chance (pure).

The error rate is that of one false claim or more among all outcomes, whatever holds of the others. Outcomes that say
the same cost nothing, outcomes that have nothing to do with one another cost what Holm asks.
Source: Westfall and Young (1993); Romano and Wolf (2005), with the p-values of Romano and Wolf (2016).
"""

from __future__ import annotations

import numpy as np

from evaluation.regression.linear import Array

TIE = 1e-9


def step_down(observed: Array, drawn: Array, *, listed: bool) -> Array:
    """Adjusted p-values (J,) of the statistics ``observed`` (J,) against ``drawn`` (B, J), all without their signs.

    The largest is held against the largest of all, the next against the largest of those left, and so on; none is
    below the one before it. ``listed``: the draws are all there could have been, the one that was among them; else that
    one is counted beside them.
    """
    order = np.argsort(-observed, kind="stable")
    beyond = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[
        :, ::-1
    ]  # the largest of each and those after it
    far = (beyond >= observed[order] * (1 - TIE)).sum(axis=0)
    p = far / len(drawn) if listed else (far + 1) / (len(drawn) + 1)
    found = np.empty(len(observed))
    found[order] = np.maximum.accumulate(p)
    return found
