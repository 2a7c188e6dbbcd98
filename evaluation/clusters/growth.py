"""Growth over several times in people in clusters: how much faster one arm changes than the other (pure).

Model: ``y = a + b time + c arm + d arm x time + covariates``, with a random intercept and slope for each person and
each cluster, by REML. Time runs from 0 at the first time to 1 at the last while the arithmetic is done. Rows are
people at times; who misses a time still says what the others say of them.
Source: Singer and Willett (2003); Laird and Ware (1982); Murray (1998) for slopes of clusters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from evaluation.clusters.checks import Clusters
from evaluation.clusters.model import Prepared, prepare
from evaluation.clusters.nested import NestedFit, Whole
from evaluation.clusters.nested_model import Layered, as_fit, combined, layered_fit, pairs
from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.inference import pooled_sd
from evaluation.regression.linear import Array, Fit, NotIdentified, treatment_effect

MOST_TIMES = 30


@dataclass(frozen=True, slots=True)
class Waves:
    """Rows as people at times: ``time`` from 0 to 1 (n,), people in clusters (n,), the length of time, its values."""

    time: Array
    people: Whole
    length: float
    values: Array

    @property
    def count(self) -> int:
        """How many times."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class GrowthFit:
    """The effect on the scale asked for, the same for the comparison arm, and the model."""

    effect: Fit
    comparison: float
    model: NestedFit


def waves_of(data: pl.DataFrame, clusters: Clusters) -> Waves:
    """Raises NotIdentified where everybody was seen at one time only."""
    time = data["time"].to_numpy()
    values = np.unique(time)
    if len(values) < 2:
        raise NotIdentified
    person = np.unique(data["participant"].cast(pl.String).to_numpy(), return_inverse=True)[1].astype(
        np.int64
    )
    length = float(values[-1] - values[0])
    return Waves((time - values[0]) / length, pairs(clusters.codes, person), length, values)


def prepare_growth(data: pl.DataFrame, names: tuple[str, ...], clusters: Clusters, waves: Waves) -> Prepared:
    """A design of ones, time, covariates, the arm, and the arm times time. Raises NotIdentified."""
    ready = prepare(data, names, clusters)
    arm = ready.treated
    between = ready.design[:, 1:-1]
    design = np.column_stack([np.ones(len(arm)), waves.time, between, arm, arm * waves.time])
    if np.linalg.matrix_rank(design / np.linalg.norm(design, axis=0), tol=1e-8) < design.shape[1]:
        raise NotIdentified
    return replace(ready, design=design)


def asked(ready: Prepared, waves: Waves, *, slope: bool) -> Array:
    """The combination asked for: the difference in change per unit of time, or at the last time."""
    combination = np.zeros(ready.design.shape[1])
    combination[-1] = 1 / waves.length if slope else 1.0
    combination[-2] = 0.0 if slope else 1.0
    return combination


def growth_effect(ready: Prepared, waves: Waves, *, slope: bool, alike: bool = False) -> GrowthFit:
    """The effect with random intercepts and slopes; with too few times for slopes of people, intercepts of people.

    ``alike``: clusters change alike. Where every person is a cluster of their own, people are the only level. Raises
    NotIdentified where no such model can be fitted.
    """
    own = int(waves.people.max()) + 1 == ready.clusters.count
    whole: tuple[int, ...] = (0,) if alike else (0, 1)
    ways = [((), whole), ((), (0,))] if own else [((0, 1), whole), ((0,), whole)]
    for inner, outer in ways:
        try:
            fit = layered_fit(ready, ready.design, Layered(waves.people, inner, outer))
            effect = combined(ready, fit, asked(ready, waves, slope=slope))
        except NotIdentified:
            continue
        change = float(fit.coefficients[1])
        return GrowthFit(effect, change / waves.length if slope else change, fit)
    raise NotIdentified


def bent_effect(ready: Prepared, waves: Waves, *, slope: bool) -> Fit:
    """The same with an average of its own for every time, so that only the difference is a straight line."""
    ranks = np.unique(waves.time, return_inverse=True)[1]
    if not 3 <= waves.count <= MOST_TIMES:
        raise NotIdentified
    free = (ranks[:, None] == np.arange(1, waves.count - 1)[None, :]).astype(np.float64)
    design = np.column_stack([ready.design[:, :2], free, ready.design[:, 2:]])
    other = replace(ready, design=design)
    return growth_effect(other, waves, slope=slope).effect


def robust_growth(ready: Prepared, waves: Waves, *, slope: bool) -> Fit:
    """Least squares, errors that allow for any likeness within clusters (CR2)."""
    products = cluster_products(ready.design, ready.y, ready.clusters.codes)
    return as_fit(ready, robust_contrast(products, asked(ready, waves, slope=slope)))


def slopes_of_clusters(ready: Prepared, waves: Waves) -> Fit:
    """Everybody's own slope by least squares, averaged by cluster; clusters of the two arms compared, each once."""
    person = waves.people
    count = np.bincount(person).astype(np.float64)
    mean = np.bincount(person, weights=waves.time) / count
    apart = waves.time - mean[person]
    square = np.bincount(person, weights=apart**2)
    told = square > 1e-12
    own = np.divide(
        np.bincount(person, weights=apart * ready.y), square, out=np.zeros_like(square), where=told
    )
    cluster = np.zeros(len(count), dtype=np.int64)
    cluster[person] = ready.clusters.codes
    if not told.any():
        raise NotIdentified
    people = np.bincount(cluster[told], minlength=ready.clusters.count).astype(np.float64)
    total = np.bincount(cluster[told], weights=own[told], minlength=ready.clusters.count)
    seen = people > 0
    fit = treatment_effect(
        total[seen] / people[seen] / waves.length, ready.clusters.treated[seen], np.empty((int(seen.sum()), 0)), (),
        errors="classical",
    )  # fmt: skip
    return Fit(fit.value, fit.std_error, fit.df, int(seen.sum()), ready.dropped, 0.0)


def first_spread(data: pl.DataFrame, waves: Waves) -> float | None:
    """Pooled standard deviation within arms at the first time."""
    first = data.filter(pl.col("time") == waves.values[0])
    arms = [first.filter(pl.col("treated") == arm)["outcome"].to_numpy() for arm in (1.0, 0.0)]
    if min(len(arm) for arm in arms) < 2:
        return None
    sizes = [len(arm) for arm in arms]
    variances = [float(arm.var(ddof=1)) for arm in arms]
    return pooled_sd(sizes[0], variances[0], sizes[1], variances[1])
