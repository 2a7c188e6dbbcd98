"""What a programme did to a series: its average over the planned window, level, slope, and the what-if line (pure).

The what-if line is the programme's own trend and season, moved as the comparison series moved, where there is one.
For counts an average effect is the ratio of all events in the window to all that were to be expected; for other
measures the mean difference a period. Errors by the delta method; of events averted by draws of the coefficients.
Source: Lopez Bernal, Cummins and Gasparrini (2017); Zhang, Wagner and Ross-Degnan (2009) for the ratio's error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from evaluation.regression.linear import Array
from evaluation.series.joint import Joint, Uncertainty

DRAWS = 4_000
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Effect:
    """A contrast as estimated: value and error (on the log scale for counts), degrees of freedom, and its direction."""

    value: float
    std_error: float
    df: float
    direction: Array
    factor: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Lines on the grid (T,), not-a-number where no covariates were seen: fitted, expected without the programme."""

    fitted: Array
    expected: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class InOtherWords:
    """The average effect as a sum over the window and as a share, each with its interval."""

    observed: float
    expected: float
    averted: tuple[float, float, float]
    percent: tuple[float, float, float]
    periods: int


def effect_of(joint: Joint, target: str, errors: str, lag: int) -> Effect:
    """The planned effect: ``average``, ``level`` or ``slope``."""
    value, direction = contrast_of(joint, target)
    spread = joint.uncertainty(direction, errors, lag)
    return _effect(value, direction, spread)


def _effect(value: float, direction: Array, spread: Uncertainty) -> Effect:
    return Effect(value, math.sqrt(spread.variance), spread.df, direction, spread.factor)


def contrast_of(joint: Joint, target: str) -> tuple[float, Array]:
    """The effect's value and its slope in the stacked coefficients."""
    layout, signs = joint.layout, [1.0, -1.0][: len(joint.arms)]
    if target != "average":
        column = layout.contrast(target)
        direction = np.concatenate([sign * column for sign in signs])
        return float(direction @ joint.beta), direction
    with_, without = layout.columns[layout.window], layout.without[layout.window]
    if not joint.log_link:
        mean = (with_ - without).mean(axis=0)
        direction = np.concatenate([sign * mean for sign in signs])
        return float(direction @ joint.beta), direction
    k = with_.shape[1]
    treated = joint.beta[:k]
    offset = _offset(joint)[layout.window]
    actual = np.exp(with_ @ treated + offset)
    moved = (with_ - without) @ joint.beta[k:] if len(joint.arms) > 1 else 0.0
    expected = np.exp(without @ treated + offset + moved)
    value = math.log(actual.sum()) - math.log(expected.sum())
    share = expected / expected.sum()
    own = actual @ with_ / actual.sum() - share @ without
    return value, own if len(joint.arms) == 1 else np.concatenate([own, -(share @ (with_ - without))])


def _offset(joint: Joint) -> Array:
    exposure = joint.arms[0].exposure
    if exposure is None:
        return np.zeros(len(joint.layout.used))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.log(exposure))


def _lines(joint: Joint, beta: Array) -> tuple[Array, Array]:
    """Fitted and expected lines (..., T) of the treated arm at coefficients (..., K)."""
    layout = joint.layout
    k = layout.columns.shape[1]
    own = beta[..., :k]
    fitted, expected = own @ layout.columns.T, own @ layout.without.T
    if len(joint.arms) > 1:
        expected = expected + beta[..., k:] @ (layout.columns - layout.without).T
    if not joint.log_link:
        return fitted, expected
    offset = _offset(joint)
    return np.exp(fitted + offset), np.exp(expected + offset)


def what_if(joint: Joint, effect: Effect, errors: str, lag: int, level: float) -> WhatIf:
    """The fitted line and the what-if line with its interval, which has the degrees of freedom of the effect."""
    fitted, expected = _lines(joint, joint.beta)
    layout = joint.layout
    turn = layout.without
    if len(joint.arms) > 1:
        turn = np.concatenate([turn, layout.columns - layout.without], axis=1)
    covariance = joint.covariance(errors, lag) * effect.factor
    spread = np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", turn, covariance, turn, optimize=True), 0.0))
    half = float(stdtrit(effect.df, 0.5 + level / 2)) * spread
    if joint.log_link:
        with np.errstate(over="ignore"):
            return WhatIf(fitted, expected, expected * np.exp(-half), expected * np.exp(half))
    return WhatIf(fitted, expected, expected - half, expected + half)


def in_other_words(
    joint: Joint, effect: Effect, errors: str, lag: int, level: float, seed: int
) -> InOtherWords:
    """Events averted over the window and percent change, with intervals by draws of the coefficients."""
    window = joint.layout.window
    covariance = joint.covariance(errors, lag) * effect.factor
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draw = np.random.default_rng(seed)
    normal = draw.normal(size=(DRAWS, len(root))) @ root.T
    heavy = np.sqrt(effect.df / draw.chisquare(effect.df, DRAWS))[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        fitted, expected = _lines(joint, np.vstack([joint.beta, joint.beta + normal * heavy]))
        actual, wished = fitted[:, window].sum(axis=1), expected[:, window].sum(axis=1)
        averted, percent = wished - actual, 100 * (actual / wished - 1)
    tails = [(1 - level) / 2, (1 + level) / 2]

    def three(values: Array) -> tuple[float, float, float]:
        finite = values[1:][np.isfinite(values[1:])]
        low, high = np.quantile(finite, tails) if len(finite) else (np.nan, np.nan)
        return float(values[0]), float(low), float(high)

    observed = float(np.nansum(joint.arms[0].outcome[window]))
    return InOtherWords(observed, float(wished[0]), three(averted), three(percent), int(window.sum()))
