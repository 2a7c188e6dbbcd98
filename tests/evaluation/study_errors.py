"""Standard errors of a study that is still to be made, by the textbook's formula."""

from __future__ import annotations

import math


def std_error_of(n_treated: int, n_comparison: int, sd: float, r2: float = 0.0) -> float:
    """Standard error of a difference between two arms; covariates take away a share ``r2`` of the variance."""
    return sd * math.sqrt((1 - r2) * (1 / n_treated + 1 / n_comparison))


def cluster_std_error(
    people: tuple[int, int],
    clusters: tuple[int, int],
    sd: float,
    icc: float,
    *,
    r2: float = 0.0,
    cluster_r2: float = 0.0,
) -> float:
    """Standard error of a difference between two arms of whole clusters.

    A share ``icc`` of the variance lies between clusters; covariates take ``cluster_r2`` of that and ``r2`` of the
    rest. Without covariates it is that of people alone times the root of the design effect 1 + (m - 1) icc.
    Source: Donner and Klar (2000); Bloom (2005) with covariates.
    """
    between = (1 - cluster_r2) * icc * (1 / clusters[0] + 1 / clusters[1])
    within = (1 - r2) * (1 - icc) * (1 / people[0] + 1 / people[1])
    return sd * math.sqrt(between + within)
