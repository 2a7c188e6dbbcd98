"""Effects of single studies on the scale they are pooled on (pure)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.regression.linear import Array

Scale = Literal["log-odds-ratio", "log-risk-ratio", "risk-difference"]
HALF = 0.5


def effects_of_counts(
    events: tuple[Array, Array], others: tuple[Array, Array], scale: Scale
) -> tuple[Array, Array]:
    """Effects and their variances from two-by-two tables, treated first.

    A study with an empty cell gets half a person in each of its four cells for a ratio (Haldane 1955; Anscombe 1956);
    a difference of risks needs none. Variances: sum of reciprocals (log odds ratio), 1/a - 1/n of both arms (log risk
    ratio), binomial (difference), all from observed counts.

    Returns
    -------
    (Array, Array)
        One effect and one sampling variance a study; a study without anybody in an arm gives not-a-number.
    """
    a, c = (np.asarray(x, dtype=float) for x in events)
    b, d = (np.asarray(x, dtype=float) for x in others)
    if scale != "risk-difference":
        empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
        a, b, c, d = (x + HALF * empty for x in (a, b, c, d))
    n1, n0 = a + b, c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log-odds-ratio":
            return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
        if scale == "log-risk-ratio":
            return np.log(a / n1) - np.log(c / n0), 1 / a - 1 / n1 + 1 / c - 1 / n0
        return a / n1 - c / n0, a * b / n1**3 + c * d / n0**3


def mantel_haenszel(events: tuple[Array, Array], others: tuple[Array, Array]) -> tuple[float, float]:
    """The common log odds ratio over all tables and its standard error.

    Assumes one odds ratio in all studies. Variance: Robins, Breslow and Greenland (1986). No correction of empty cells:
    a study without events in either arm says nothing and adds nothing.
    """
    a, c = (np.asarray(x, dtype=float) for x in events)
    b, d = (np.asarray(x, dtype=float) for x in others)
    n = a + b + c + d
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    big_r, big_s = r.sum(), s.sum()
    variance = (
        (p * r).sum() / (2 * big_r**2)
        + (p * s + q * r).sum() / (2 * big_r * big_s)
        + (q * s).sum() / (2 * big_s**2)
    )
    return float(np.log(big_r / big_s)), float(np.sqrt(variance))
