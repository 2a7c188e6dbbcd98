"""Groups within clusters (classes in schools): who is in which, and whether they were what was allocated (pure)."""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.clusters.checks import Clusters, allocation_checks, count_check
from evaluation.clusters.nested_model import pairs
from evaluation.model import Check


def groups_of(data: pl.DataFrame, clusters: Clusters) -> Clusters | None:
    """The groups of a frame; a label stands for another group in another cluster. ``None`` where there are none."""
    if "subcluster" not in data.columns:
        return None
    labels = np.unique(data["subcluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    codes = pairs(clusters.codes, labels)
    sizes = np.bincount(codes).astype(np.float64)
    return Clusters(codes, sizes, np.bincount(codes, weights=data["treated"].to_numpy()) / sizes)


def level_checks(clusters: Clusters, groups: Clusters | None, level: str) -> tuple[Check, ...]:
    """Whether what the plan says was allocated was, and whether there are enough of it."""
    if groups is None or level != "subcluster":
        return (*allocation_checks(clusters, level), count_check(clusters))
    if groups.mixed:
        share = groups.mixed / groups.count
        note = (
            f"{100 * share:.0f} % of groups within clusters hold people of both arms, so groups were not what was "
            'allocated. If people were, say intervention_level = "individual".'
        )
        return (Check("allocation", "fail", share, 0, "block", note), count_check(groups))
    if not clusters.mixed:
        note = 'No cluster holds groups of both arms: clusters were allocated. Say intervention_level = "cluster".'
        return (Check("allocation", "fail", 0.0, 1, "block", note), count_check(groups))
    return (count_check(groups),)
