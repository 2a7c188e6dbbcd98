"""One answer from several imputed data sets: Rubin's rules with Barnard and Rubin's degrees of freedom (pure).

Source: Rubin (1987); Barnard and Rubin (1999); von Hippel (2020) on how many imputations are enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.inference import critical, two_sided_p
from evaluation.model import EffectSize, Estimate

LEAST_SHARE = 1e-4  # of the variance that lies between imputations, for the degrees of freedom


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled number: its error, degrees of freedom, and what imputing took away from it.

    ``within`` is the mean variance of the data sets, ``between`` the variance of their estimates, ``missing_share`` the
    fraction of missing information, ``monte_carlo`` the error that drawing so few imputations leaves in ``value``.
    """

    value: float
    std_error: float
    df: float
    within: float
    between: float
    missing_share: float
    monte_carlo: float
    imputations: int

    @property
    def total(self) -> float:
        """Total variance."""
        return self.std_error**2


def pool(values: Sequence[float], errors: Sequence[float], complete_df: float = math.inf) -> Pooled:
    """Pool estimates and standard errors of m >= 2 data sets; ``complete_df``: those of data without gaps.

    Where all data sets agree nothing was lost: the degrees of freedom are those of the complete data and the fraction
    of missing information is nought.
    """
    m = len(values)
    within = float(np.mean(np.square(errors)))
    between = float(np.var(values, ddof=1))
    total = within + (1 + 1 / m) * between
    value = float(np.mean(values))
    if between <= 1e-24 * max(within, 1e-300):
        return Pooled(value, math.sqrt(within), complete_df, within, 0.0, 0.0, 0.0, m)
    share = max((1 + 1 / m) * between / total, LEAST_SHARE)
    df = (m - 1) / share**2
    if math.isfinite(complete_df):
        seen = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
        df = df * seen / (df + seen) if seen > 0 else 1e-3
    rise = (1 + 1 / m) * between / within if within > 0 else math.inf
    lost = (rise + 2 / (df + 3)) / (rise + 1) if math.isfinite(rise) else 1.0
    return Pooled(value, math.sqrt(total), df, within, between, lost, math.sqrt(between / m), m)


def pool_estimates(found: Sequence[Estimate], *, is_ratio: bool) -> tuple[Estimate, Pooled] | None:
    """Pool what a method gave in each data set; ratios on the log scale. ``None`` where one has no inference.

    People, means and spreads are averages over the data sets; clusters those of the first.
    """
    if any(e.value is None or e.std_error is None for e in found):
        return None
    raw = [float(e.value or 0.0) for e in found]
    if is_ratio and any(not value > 0 for value in raw):
        return None
    values = [math.log(value) for value in raw] if is_ratio else raw
    first = found[0]
    known = [e.df for e in found if e.df is not None]
    pooled = pool(values, [float(e.std_error or 0.0) for e in found], min(known) if known else math.inf)
    df = pooled.df if math.isfinite(pooled.df) else None
    wide, narrow = (
        critical(level, df, "t") * pooled.std_error for level in (first.conf_level, 2 * first.conf_level - 1)
    )

    def shown(value: float) -> float:
        return math.exp(value) if is_ratio else value

    middle = pooled.value
    estimate = replace(
        first,
        value=shown(middle), std_error=pooled.std_error, df=df,
        conf_low=shown(middle - wide), conf_high=shown(middle + wide),
        narrow_low=shown(middle - narrow), narrow_high=shown(middle + narrow),
        p_value=two_sided_p(middle, pooled.std_error, df, "t"),
        n_treated=round(float(np.mean([e.n_treated for e in found]))),
        n_comparison=round(float(np.mean([e.n_comparison for e in found]))),
        treated_mean=_average([e.treated_mean for e in found]),
        comparison_mean=_average([e.comparison_mean for e in found]),
        outcome_sd=_average([e.outcome_sd for e in found]),
        standardised=_size([e.standardised for e in found]),
    )  # fmt: skip
    return estimate, pooled


def _average(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _size(sizes: Sequence[EffectSize | None]) -> EffectSize | None:
    """A standardised effect: half-widths pooled as errors are, around the mean, keeping each side's own length."""
    known = [size for size in sizes if size is not None]
    if len(known) != len(sizes):
        return None
    middle = [size.value for size in known]
    value, spread = float(np.mean(middle)), (1 + 1 / len(known)) * float(np.var(middle, ddof=1)) * 1.96**2
    low = math.sqrt(float(np.mean([(s.value - s.conf_low) ** 2 for s in known])) + spread)
    high = math.sqrt(float(np.mean([(s.conf_high - s.value) ** 2 for s in known])) + spread)
    return EffectSize(known[0].kind, value, value - low, value + high)
