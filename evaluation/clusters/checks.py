"""What a careful reader should know of the clusters of a trial: number, size, likeness, loss (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cohorts.following.attrition import attrition_class
from evaluation.clusters.mixed import RandomIntercept, ratio_interval
from evaluation.clusters.random_slope import RandomSlope
from evaluation.frame import AnalysisFrame
from evaluation.model import Check
from evaluation.regression.linear import Array

FEWEST_FOR_AN_INTERVAL = 3
FEWEST_CLUSTERS = 10
RED_CLUSTERS = 8
UNEVEN = 0.7
MANY_SINGLE = 0.5


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of one outcome: a code for each person (n,), and for each cluster its size and share treated."""

    codes: npt.NDArray[np.int64]
    sizes: Array
    treated: Array

    @property
    def count(self) -> int:
        """How many."""
        return len(self.sizes)

    @property
    def mixed(self) -> int:
        """How many hold people of both arms."""
        return int(((self.treated > 0) & (self.treated < 1)).sum())

    def per_arm(self) -> tuple[int, int]:
        """Clusters with anybody in each arm, the treated first."""
        return int((self.treated > 0).sum()), int((self.treated < 1).sum())


def clusters_of(frame: AnalysisFrame) -> Clusters:
    """The clusters of a frame, numbered by the order of their names."""
    codes = frame.data["cluster"].rank("dense").cast(pl.Int64).to_numpy() - 1
    sizes = np.bincount(codes).astype(np.float64)
    treated = np.bincount(codes, weights=frame.data["treated"].to_numpy()) / sizes
    return Clusters(codes, sizes, treated)


def allocation_checks(clusters: Clusters, level: str) -> tuple[Check, ...]:
    """Clusters allocated whole hold one arm; clusters within which people were allocated hold both."""
    if level == "cluster":
        if not clusters.mixed:
            return ()
        share = clusters.mixed / clusters.count
        note = (
            f"{_percent(share)} of clusters hold people of both arms, so clusters were not what was allocated. "
            'If people were allocated within clusters, say intervention_level = "individual".'
        )
        return (Check("allocation", "fail", share, 0, "block", note),)
    if clusters.mixed:
        return ()
    note = (
        'No cluster holds people of both arms: clusters were allocated. Say intervention_level = "cluster".'
    )
    return (Check("allocation", "fail", 0.0, 1, "block", note),)


def count_check(clusters: Clusters) -> Check:
    """Clusters in the arm that has fewest, against the gates table; under eight in all is a red flag."""
    fewest, total = float(min(clusters.per_arm())), clusters.count
    if fewest < FEWEST_FOR_AN_INTERVAL:
        note = "Fewer than three clusters in an arm: no interval can be trusted."
        return Check("clusters", "fail", fewest, FEWEST_FOR_AN_INTERVAL, "block", note)
    if total < RED_CLUSTERS:
        note = "Fewer than eight clusters in all: this interval hardly deserves trust."
        return Check("clusters", "fail", fewest, FEWEST_CLUSTERS, "downgrade", note)
    if fewest < FEWEST_CLUSTERS:
        note = "Fewer than ten clusters in an arm: look at the randomisation test and the wild bootstrap beside it."
        return Check("clusters", "warn", fewest, FEWEST_CLUSTERS, "downgrade", note)
    return Check("clusters", "pass", fewest, FEWEST_CLUSTERS, "none", "Enough clusters in each arm.")


def size_checks(clusters: Clusters) -> tuple[Check, ...]:
    """Clusters of one person, and clusters of very different sizes."""
    found: list[Check] = []
    single = int((clusters.sizes == 1).sum())
    if single:
        share = single / clusters.count
        result, consequence = ("fail", "downgrade") if share > MANY_SINGLE else ("warn", "none")
        note = f"{_percent(share)} of clusters have one person: they say nothing of likeness within clusters."
        found.append(Check("singleton clusters", result, share, MANY_SINGLE, consequence, note))  # type: ignore[arg-type]
    mean = float(clusters.sizes.mean())
    uneven = float(clusters.sizes.std(ddof=1)) / mean if clusters.count > 1 else 0.0
    said = (
        f"Clusters have {mean:.1f} people on average; their sizes vary by {100 * uneven:.0f} % of that (SD)"
    )
    if uneven > UNEVEN:
        note = f"{said}: large ones count for much, and power is less than for equal sizes."
        return (*found, Check("cluster sizes", "warn", uneven, UNEVEN, "none", note))
    return (*found, Check("cluster sizes", "pass", uneven, UNEVEN, "none", f"{said}."))


def likeness_checks(fit: RandomIntercept, effect: float) -> tuple[Check, ...]:
    """The variances, the intracluster correlation with its interval, what it costs, and whether it fell to zero."""
    low, high = (r / (1 + r) if math.isfinite(r) else 1.0 for r in ratio_interval(fit))
    note = (
        f"Variance between clusters {fit.tau2:.4g}, within {fit.sigma2:.4g}, given the covariates: {fit.icc:.3f} of "
        f"it lies between clusters (95 % interval {low:.3f} to {high:.3f}); a design effect of {effect:.2f}."
    )
    found = Check("likeness within clusters", "info", fit.icc, None, "none", note)
    if not fit.at_boundary:
        return (found,)
    note = (
        "No variance between clusters was found. It is rarely nil in truth, so the standard error may be too small; "
        "the degrees of freedom still count clusters, not people."
    )
    return (found, Check("no variance between clusters", "warn", 0.0, None, "none", note))


def variation_check(fit: RandomSlope) -> Check:
    """How far the effect differs between clusters; people were allocated within them."""
    spread = math.sqrt(max(float(fit.spread[1, 1]), 0.0))
    note = f"The effect differs between clusters with a standard deviation of {spread:.3g}, chance apart."
    if fit.at_boundary:
        note += " The variances stand at the edge of what they can be: there is little to tell them from."
    return Check("effect by cluster", "info", spread, None, "none", note)


def _percent(share: float) -> str:
    """A share in words; counts of clusters are not published."""
    return f"{100 * share:.0f} %" if share >= 0.01 else "Less than 1 %"


def cluster_attrition(frame: AnalysisFrame) -> tuple[Check, ...]:
    """Whole clusters lost, by the boundary that is used for people."""
    arms = frame.cluster_arms
    if arms is None or not arms.treated or not arms.comparison:
        return ()
    said = f"{_percent(arms.overall)} of clusters lost, {100 * arms.differential:.0f} points apart between the arms"
    found = attrition_class(arms.overall, arms.differential)
    if found == "low":
        note = f"{said}." if arms.overall else "No cluster was lost."
        return (Check("cluster attrition", "pass", arms.overall, None, "none", note),)
    result = "warn" if found == "optimistic" else "fail"
    note = f"{said}: high, or low by the optimistic boundary only."
    return (Check("cluster attrition", result, arms.overall, None, "downgrade", note),)  # type: ignore[arg-type]
