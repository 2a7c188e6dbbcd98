"""Standardised effects of trials that allocate clusters, over the total standard deviation (pure).

Source: Hedges (2007), Effect sizes in cluster-randomized designs, for clusters of unequal size; the same figures as
the R package eefAnalytics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evaluation.inference import critical
from evaluation.model import EffectSize
from evaluation.regression.linear import Array


@dataclass(frozen=True, slots=True)
class ArmSizes:
    """Cluster sizes of the two arms."""

    treated: Array
    comparison: Array

    @property
    def people(self) -> float:
        """People in all."""
        return float(self.treated.sum() + self.comparison.sum())

    @property
    def typical(self) -> float:
        """The cluster size that matters for the error of a difference (Hedges's n with a tilde)."""
        nt, nc = float(self.treated.sum()), float(self.comparison.sum())
        n = nt + nc
        return float(nc * (self.treated**2).sum() / (nt * n) + nt * (self.comparison**2).sum() / (nc * n))


def design_effect(sizes: ArmSizes, icc: float) -> float:
    """How many times larger the variance of a difference is than if everybody were on their own."""
    return 1 + (sizes.typical - 1) * icc


def total_effect_size(
    value: float, tau2: float, sigma2: float, sizes: ArmSizes, alpha: float
) -> EffectSize | None:
    """Hedges' g over the total standard deviation sqrt(tau2 + sigma2), with a normal interval.

    g = value / sqrt(tau2 + sigma2) x sqrt(1 - icc x c), where c, near 2 (n - 1) / (N - 2) for clusters of n, allows
    for the variance between clusters being known from few of them. The variance is that of an unadjusted
    difference, so that the interval is cautious where covariates made the effect more precise. Pass the variances
    of the model without covariates (the convention here), or those of the adjusted model (the "conditional" one).
    """
    total = tau2 + sigma2
    if not total > 0 or min(len(sizes.treated), len(sizes.comparison)) < 2:
        return None
    icc, n = tau2 / total, sizes.people
    nt, nc = float(sizes.treated.sum()), float(sizes.comparison.sum())
    ut, uc = _usual(sizes.treated), _usual(sizes.comparison)
    mt, mc = len(sizes.treated), len(sizes.comparison)
    shrink = ((n - ut * mt - uc * mc) + ut + uc - 2) / (n - 2)
    g = value / math.sqrt(total) * math.sqrt(max(0.0, 1 - icc * shrink))
    b = ut * (mt - 1) + uc * (mc - 1)
    a = _fourth(sizes.treated) + _fourth(sizes.comparison)
    top = (n - 2) * (1 - icc) ** 2 + a * icc**2 + 2 * b * icc * (1 - icc)
    spread = n / (nt * nc) * design_effect(sizes, icc)
    spread += top * g * g / (2 * (n - 2) * ((n - 2) - icc * (n - 2 - b)))
    half = critical(1 - alpha, None, "normal") * math.sqrt(spread)
    return EffectSize("hedges-g", float(g), float(g - half), float(g + half))


def widened(effect: EffectSize | None, by: float) -> EffectSize | None:
    """An effect size whose interval forgot the clusters: its half-width times the root of the design effect."""
    if effect is None:
        return None
    half = (effect.conf_high - effect.conf_low) / 2 * math.sqrt(by)
    return EffectSize(effect.kind, effect.value, effect.value - half, effect.value + half)


def _usual(sizes: Array) -> float:
    total = float(sizes.sum())
    return (total**2 - float((sizes**2).sum())) / (total * (len(sizes) - 1))


def _fourth(sizes: Array) -> float:
    total, squares = float(sizes.sum()), float((sizes**2).sum())
    return (total**2 * squares + squares**2 - 2 * total * float((sizes**3).sum())) / total**2
