"""An estimate without its numbers (pure)."""

from __future__ import annotations

from evaluation.model import Estimate


def emptied(estimate: Estimate) -> Estimate:
    """What an estimate is of, and of how many; none of its numbers."""
    return Estimate(
        estimand=estimate.estimand, effect=estimate.effect, value=None, std_error=None, conf_low=None, conf_high=None,
        conf_level=estimate.conf_level, p_value=None, df=None, n_treated=estimate.n_treated,
        n_comparison=estimate.n_comparison, n_clusters=None, treated_mean=None, comparison_mean=None,
    )  # fmt: skip
