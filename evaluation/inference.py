"""Intervals, p-values and standardised effects (pure)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from evaluation.model import Effect, EffectSize, Estimate
from evaluation.regression.linear import Fit

Distribution = Literal["t", "normal"]
DUST = 1e-10  # no real estimate is ten thousand million times its error
COX = 1.65  # WWC: a log odds ratio divided by 1.65 is comparable with a standardised mean difference


def critical(level: float, df: float | None, distribution: Distribution) -> float:
    """Two-sided critical value of an interval at ``level``."""
    tail = 1 - (1 - level) / 2
    return float(ndtri(tail)) if distribution == "normal" or df is None else float(stdtrit(df, tail))


def two_sided_p(value: float, std_error: float, df: float | None, distribution: Distribution) -> float:
    """p-value of the hypothesis that the effect is zero."""
    ratio = -abs(value / std_error)
    return float(2 * (ndtr(ratio) if distribution == "normal" or df is None else stdtr(df, ratio)))


def estimate_from(
    fit: Fit,
    *,
    estimand: str,
    effect: Effect,
    alpha: float,
    distribution: Distribution,
    arms: tuple[int, int],
    means: tuple[float, float],
    spread: float | None,
    standardised: EffectSize | None,
) -> Estimate:
    """Dress a coefficient with its intervals. A standard error of zero, or of rounding dust, gives no inference."""
    dust = DUST * max(abs(fit.value), spread or 0.0)
    sound = fit.std_error > dust and math.isfinite(fit.std_error)
    wide = critical(1 - alpha, fit.df, distribution) * fit.std_error if sound else None
    narrow = critical(1 - 2 * alpha, fit.df, distribution) * fit.std_error if sound else None
    return Estimate(
        estimand=estimand,
        effect=effect,
        value=fit.value,
        std_error=fit.std_error if sound else None,
        conf_low=fit.value - wide if wide is not None else None,
        conf_high=fit.value + wide if wide is not None else None,
        conf_level=1 - alpha,
        p_value=two_sided_p(fit.value, fit.std_error, fit.df, distribution) if sound else None,
        df=fit.df if distribution == "t" else None,
        n_treated=arms[0],
        n_comparison=arms[1],
        n_clusters=fit.n_clusters,
        treated_mean=means[0],
        comparison_mean=means[1],
        narrow_low=fit.value - narrow if narrow is not None else None,
        narrow_high=fit.value + narrow if narrow is not None else None,
        outcome_sd=spread,
        standardised=standardised if sound else None,
    )


def pooled_sd(n1: int, v1: float, n0: int, v0: float) -> float:
    """Standard deviation within arms, without covariates: the denominator of Hedges' g."""
    return math.sqrt(((n1 - 1) * v1 + (n0 - 1) * v0) / (n1 + n0 - 2))


def hedges_g(fit: Fit, sd: float, n: int, alpha: float) -> EffectSize | None:
    """Hedges' g of a (possibly adjusted) difference over the unconditional pooled SD.

    omega = 1 - 3 / (4N - 9) corrects the small-sample bias. The interval counts the error of the effect and
    that of the SD: var = omega^2 ((SE / SD)^2 + d^2 / (2 (N - 2))). Source: Hedges (1981); WWC handbook 4.1.
    """
    if sd <= 0 or n <= 3 or not fit.std_error > 0:
        return None
    omega = 1 - 3 / (4 * n - 9)
    d = fit.value / sd
    error = omega * math.sqrt((fit.std_error / sd) ** 2 + d * d / (2 * (n - 2)))
    half = critical(1 - alpha, n - 2, "t") * error
    return EffectSize("hedges-g", omega * d, omega * d - half, omega * d + half)


def cox_index(events: tuple[int, int], arms: tuple[int, int], alpha: float) -> EffectSize | None:
    """A risk comparison on the scale of a standardised difference: ln(odds ratio) / 1.65, unadjusted.

    Needs events and non-events in both arms. Source: Cox (1970) by way of the WWC handbook 4.1.
    """
    a, c = events
    b, d = arms[0] - a, arms[1] - c
    if min(a, b, c, d) <= 0:
        return None
    omega = 1 - 3 / (4 * sum(arms) - 9)
    value = omega * math.log(a * d / (b * c)) / COX
    half = critical(1 - alpha, None, "normal") * omega * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) / COX
    return EffectSize("cox-index", value, value - half, value + half)


def moved_by(estimate: Estimate, by: float, *, is_ratio: bool) -> Estimate:
    """The estimate with its intervals moved: by so much, or for a ratio by so much on the log scale."""

    def moved(value: float | None) -> float | None:
        if value is None:
            return None
        return value * math.exp(by) if is_ratio else value + by

    return replace(
        estimate,
        value=moved(estimate.value),
        conf_low=moved(estimate.conf_low),
        conf_high=moved(estimate.conf_high),
        narrow_low=moved(estimate.narrow_low),
        narrow_high=moved(estimate.narrow_high),
        p_value=None,
        standardised=None,
    )
