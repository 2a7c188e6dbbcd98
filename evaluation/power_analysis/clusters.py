"""Trials of clusters: clusters, groups or people in them; in parallel, in steps or crossing over (pure).

Sources: Donner and Klar (2000); Bloom (2005) with covariates; Eldridge, Ashby and Kerry (2006) for clusters of unequal
size; Hussey and Hughes (2007), Hooper and others (2016) for layouts, here as generalised least squares on the layout
itself; Raudenbush (1997) for people or groups allocated within clusters.
"""

from __future__ import annotations

import numpy as np

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.people import NO_PEOPLE, seen_of
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.stated import Factors, Gathering
from evaluation.regression.linear import Array

NO_CLUSTERS = "the number of clusters in each arm is not known yet"
FEWEST = 3


def cluster_randomised(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """By what was allocated, and how clusters change arms."""
    if plan.design.time:
        return "what growth over several times could show needs the spread of people's slopes, which no key states"
    people = seen_of(size, gathering)
    if people is None:
        return NO_PEOPLE
    settings = plan.design.settings
    if settings.intervention_level == "individual":
        return _people_within(people, size, gathering)
    k1, k0 = size.clusters_treated, size.clusters_comparison
    if not k1 or not k0 or k1 + k0 < FEWEST:
        return NO_CLUSTERS
    if settings.layout != "parallel":
        return _layout(settings.layout, people, (k1, k0), size, gathering)
    if settings.intervention_level == "subcluster":
        return _groups_within(people, k1 + k0, gathering)
    return _whole(people, (k1, k0), gathering)


def _whole(people: tuple[float, float], clusters: tuple[int, int], gathering: Gathering) -> Factors:
    icc = gathering.take_setting("icc", 0.20)
    uneven = 1 + gathering.take("cluster_size_cv") ** 2
    between = (1 - gathering.take_setting("cluster_r2", 0.0)) * icc * uneven
    within = gathering.left() * (1 - icc)
    arms = [between / k + within / n for k, n in zip(clusters, people, strict=True)]
    return Factors(arms[0], arms[1], float(sum(clusters) - 2))


def _people_within(people: tuple[float, float], size: Size, gathering: Gathering) -> Factors:
    """Every cluster holds both arms, so that what lies between clusters drops out."""
    icc = gathering.take_setting("icc", 0.20)
    if gathering.settings.random_slope:
        gathering.notes.append(
            "How far the effect differs between clusters is not stated, and not in these figures."
        )
    within = gathering.left() * (1 - icc)
    clusters = (size.clusters_treated or 0) + (size.clusters_comparison or 0)
    return Factors(within / people[0], within / people[1], max(sum(people) - max(clusters, 1) - 1, 1.0))


def _groups_within(people: tuple[float, float], clusters: int, gathering: Gathering) -> Factors | str:
    groups, share = gathering.assumed.subclusters, gathering.assumed.subcluster_icc
    if not groups or share is None:
        return "give subclusters (how many groups) and subcluster_icc in [power] to have this worked out"
    icc = gathering.take_setting("icc", 0.20)
    each = groups / 2
    within = gathering.left() * max(1 - icc - share, 0.0)
    arms = [share / each + within / n for n in people]
    return Factors(arms[0], arms[1], float(max(groups - clusters - 1, 1)))


def _layout(
    layout: str, people: tuple[float, float], clusters: tuple[int, int], size: Size, gathering: Gathering
) -> Factors | str:
    """``treated``/``comparison`` of people and clusters only add up here: every cluster is in both arms in time."""
    count = sum(clusters)
    if layout == "crossover":
        arms = crossover_arms(clusters, (size.before or 1) + (size.after or 1))
    else:
        steps = gathering.assumed.starts or ((size.before or 1) + (size.after or 0) - 1 if size.after else 0)
        if steps < 1:
            return "give starts (how many steps) in [power] to have this worked out"
        arms = wedge_arms(count, steps, size.before or 1)
    icc, cac = gathering.take_setting("icc", 0.20), gathering.take("cluster_autocorrelation")
    m = sum(people) / arms.size
    variance = layout_variance(arms, m / gathering.left(), icc, cac)
    if not np.isfinite(variance):
        return "with so few clusters and periods the programme cannot be told from the course of time"
    return Factors(variance / 2, variance / 2, float(max(count - 2, 1)))


def wedge_arms(clusters: int, steps: int, before: int = 1) -> Array:
    """A stepped wedge (clusters, periods): nobody for ``before`` periods, then a group of clusters more a period."""
    step = np.arange(clusters) * steps // clusters
    periods = np.arange(before + steps)
    return np.asarray((periods[None, :] >= (before + step)[:, None]).astype(np.float64))


def crossover_arms(clusters: tuple[int, int], periods: int) -> Array:
    """Arms that change every period; the first group begins with the programme."""
    first = np.repeat([0, 1], clusters)
    return np.asarray(((np.arange(periods)[None, :] + first[:, None]) % 2 == 0).astype(np.float64))


def layout_variance(arms: Array, per_cell: float, icc: float, cac: float) -> float:
    """Variance of the effect for one unit of total variance, by generalised least squares with an intercept a period.

    Means of ``per_cell`` people each: between clusters icc cac, between periods of a cluster icc (1 - cac), and
    (1 - icc) / per_cell (different people in every period). Infinite where the layout says nothing of the effect.
    """
    periods = arms.shape[1]
    cell = icc * (1 - cac) + (1 - icc) / per_cell
    precision = np.linalg.inv(icc * cac * np.ones((periods, periods)) + cell * np.eye(periods))
    information = np.zeros((periods + 1, periods + 1))
    for row in arms:
        x = np.column_stack([np.eye(periods), row])
        information += x.T @ precision @ x
    if np.linalg.matrix_rank(information) < periods + 1:
        return float("inf")
    return float(np.linalg.inv(information)[-1, -1])
