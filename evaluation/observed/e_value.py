"""The E-value: how strong an unobserved confounder would have to be to explain a result away (pure).

A confounder tied to treatment and outcome by risk ratios of at least this size each, beyond the covariates, could
move the estimate (or the end of its interval nearer to nothing) to no effect; a weaker one could not.
Source: VanderWeele and Ding (2017); for differences of means the approximation RR = exp(0.91 d) of the same authors.
"""

from __future__ import annotations

import math

from evaluation.model import RATIOS, Check, Estimate

PER_SD = 0.91
COMMON = 0.15  # above this share the square root of an odds ratio is nearer to the risk ratio


def e_value(risk_ratio: float) -> float:
    """E-value of a risk ratio, which may lie on either side of 1."""
    ratio = risk_ratio if risk_ratio >= 1 else 1 / risk_ratio
    return ratio + math.sqrt(ratio * (ratio - 1))


def e_value_check(estimate: Estimate) -> Check | None:
    """E-values of the estimate and of the nearer end of its interval; no verdict hangs on them."""
    points = _risk_ratios(estimate)
    if points is None:
        return None
    value, low, high = points
    crosses = low <= 1 <= high
    near = 1.0 if crosses else e_value(low if value > 1 else high)
    if crosses:
        note = (
            f"An unobserved cause tied to both treatment and outcome by a ratio of {e_value(value):.2f} would explain "
            "the estimate; its interval reaches to both sides already."
        )
    else:
        note = (
            f"To explain the estimate away, an unobserved cause would need a ratio of {e_value(value):.2f} with both "
            f"treatment and outcome; to bring the interval across to the other side, {near:.2f}."
        )
    return Check("e-value", "info", near, None, "none", note)


def _risk_ratios(estimate: Estimate) -> tuple[float, float, float] | None:
    """Estimate and interval as risk ratios: of a risk difference at the comparison's risk, or by exp(0.91 d)."""
    parts = (estimate.value, estimate.conf_low, estimate.conf_high)
    if any(part is None for part in parts):
        return None
    value, low, high = (float(part) for part in parts if part is not None)
    if estimate.effect == "risk-difference":
        base = estimate.comparison_mean or 0.0
        if not 0 < base < 1:
            return None
        floor = base * 1e-6
        return tuple(max(base + part, floor) / base for part in (value, low, high))  # type: ignore[return-value]
    if estimate.effect in RATIOS:
        common = estimate.effect == "odds-ratio" and (estimate.comparison_mean or 0.0) > COMMON
        return tuple(part**0.5 if common else part for part in (value, low, high))  # type: ignore[return-value]
    if not estimate.outcome_sd:
        return None
    return tuple(math.exp(min(PER_SD * part / estimate.outcome_sd, 300.0)) for part in (value, low, high))  # type: ignore[return-value]
