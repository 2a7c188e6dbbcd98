"""How far two things move together once others are known: a partial correlation with an interval that holds (pure).

It is an association, never an effect. It sees straight lines only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.inference import critical
from evaluation.regression.linear import Array, independent_columns

ALPHA = 0.05
NEGLIGIBLE = 0.1  # a partial correlation within this, whichever sign, counts as unrelated
FEWEST_PEOPLE = 30
FEWEST_BEYOND = 20  # people more than there are things adjusted for
FEWEST_CLUSTERS = 20
TIED = 1 - 1e-6
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Association:
    """A partial correlation of ``n`` people, its interval, and p-values: of none at all, and of a negligible one.

    ``p_related`` tests that there is none; ``p_negligible`` that it is at least ``NEGLIGIBLE`` in size, by two
    one-sided tests. ``narrow_low`` and ``narrow_high`` are the interval that the latter goes by, at twice the alpha.
    """

    value: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    narrow_low: float
    narrow_high: float
    p_related: float
    p_negligible: float
    n: int
    n_clusters: int | None = None


def association(y: Array, x: Array, others: Array, clusters: Labels | None = None) -> Association | str:
    """The partial correlation of ``x`` and ``y`` given ``others``; or in words why there is none.

    Estimand: the correlation of what straight lines through ``others`` leave of ``x`` and of ``y``. Assumes people (or
    clusters) independent of one another. Shapes: ``y``, ``x`` and ``clusters`` (n,), ``others`` (n, k); no missing
    values. Variance: that of the correlation's influence values, r_x r_y - r (r_x² + r_y²) / 2 with r_x and r_y the
    residuals in SD, which needs no normal distribution and no equal spread, over n - k - 2 degrees of freedom; by sums
    within clusters (times G / (G - 1), G - 1 degrees of freedom) where there are any. Intervals on the scale of
    Fisher's z with Student's t. Source: Fisher (1915); the delta method, as in Steiger and Hakstian (1982).
    """
    n = len(y)
    design, _ = independent_columns(
        np.column_stack([np.ones(n), others]), ("1", *(f"c{j}" for j in range(others.shape[1])))
    )
    k = design.shape[1] - 1
    if n < max(FEWEST_PEOPLE, k + 2 + FEWEST_BEYOND):
        return "too few people have both measured"
    rx, ry = _left(design, x), _left(design, y)
    if rx is None or ry is None:
        return "nothing of one of the two is left once the others are known"
    r = float(np.clip((rx * ry).mean(), -1.0, 1.0))
    if abs(r) > TIED:
        return "the two are the same thing, or one is worked out from the other"
    told = rx * ry - r * (rx * rx + ry * ry) / 2
    count, df = None, float(n - k - 2)
    variance = float((told * told).sum()) / n**2 * n / df
    if clusters is not None:
        _, group = np.unique(clusters, return_inverse=True)
        count = int(group.max()) + 1
        if count < FEWEST_CLUSTERS:
            return f"people come in fewer than {FEWEST_CLUSTERS} clusters: too few for an interval"
        sums = np.bincount(group, weights=told, minlength=count)
        variance = float((sums * sums).sum()) / n**2 * count / (count - 1) * n / df
        df = float(count - 1)
    return _with_interval(r, math.sqrt(variance), df, n, count)


def _left(design: Array, values: Array) -> Array | None:
    """What the design leaves of a column, in SD; nothing where it leaves dust."""
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    left = values - design @ coefficients
    spread, whole = float(left.std()), float(values.std())
    return left / spread if whole > 0 and spread > 1e-7 * whole else None


def _with_interval(r: float, error: float, df: float, n: int, clusters: int | None) -> Association:
    """The interval by Fisher's z, and both p-values."""
    z, spread = math.atanh(r), max(error / (1 - r * r), 1e-12)
    wide, narrow = (critical(level, df, "t") * spread for level in (1 - ALPHA, 1 - 2 * ALPHA))
    bound = math.atanh(NEGLIGIBLE)
    nearest = min(bound - z, bound + z) / spread
    return Association(
        value=r,
        std_error=error,
        df=df,
        conf_low=math.tanh(z - wide),
        conf_high=math.tanh(z + wide),
        narrow_low=math.tanh(z - narrow),
        narrow_high=math.tanh(z + narrow),
        p_related=2 * _upper(abs(z) / spread, df),
        p_negligible=_upper(nearest, df),
        n=n,
        n_clusters=clusters,
    )


def _upper(t: float, df: float) -> float:
    """The share of Student's t above a value."""
    from scipy.special import stdtr

    return float(stdtr(df, -t))
