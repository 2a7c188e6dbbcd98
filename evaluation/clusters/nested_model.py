"""Estimates of trials with two nested levels, from a prepared design: which column varies with what (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.clusters.mixed import Contrast
from evaluation.clusters.model import Prepared
from evaluation.clusters.nested import NestedFit, Whole, fit_nested, nest_of
from evaluation.clusters.nested_inference import nested_contrast
from evaluation.model import Check
from evaluation.regression.linear import Array, Fit, NotIdentified, independent_columns

CONSTANT = 1e-12


@dataclass(frozen=True, slots=True)
class Layered:
    """The groups within clusters, and the columns of the design whose coefficients vary by group and by cluster."""

    groups: Whole
    inner: tuple[int, ...] = (0,)
    outer: tuple[int, ...] = (0,)


def pairs(clusters: Whole, within: Whole) -> Whole:
    """Numbers of groups from 0: a label within a cluster is another group in another cluster."""
    joint = clusters * (int(within.max()) + 1) + within
    return np.asarray(np.unique(joint, return_inverse=True)[1], dtype=np.int64)


def layered_fit(ready: Prepared, design: Array, layers: Layered) -> NestedFit:
    """REML on a design whose first column is ones. Where every group is one row, groups are left out of it."""
    inner = layers.inner if len(ready.y) > int(layers.groups.max()) + 1 else ()
    clusters = ready.clusters.codes
    fit = fit_nested(nest_of(design, ready.y, layers.groups, clusters, inner, layers.outer))
    if ready.clusters.count - _between_columns(fit) < 1:
        raise NotIdentified
    return fit


def _between_columns(fit: NestedFit) -> int:
    """Columns that do not vary within clusters, the ones among them."""
    whole = fit.nest.by_cluster(fit.nest.products)[:, :-1, :-1]
    size, sums = whole[:, 0, 0], whole[:, 0, :]
    squares = np.diagonal(whole, axis1=1, axis2=2)
    within = (squares - sums**2 / size[:, None]).sum(axis=0)
    return int((within <= CONSTANT * np.maximum(squares.sum(axis=0), 1e-300)).sum())


def combined(ready: Prepared, fit: NestedFit, combination: Array) -> Fit:
    """A combination of the coefficients with Kenward and Roger's error; raises NotIdentified where there is none."""
    found = nested_contrast(fit, combination)
    if not (math.isfinite(found.df) and found.df > 0 and math.isfinite(found.std_error)):
        raise NotIdentified
    return as_fit(ready, found)


def as_fit(ready: Prepared, found: Contrast) -> Fit:
    """A contrast with the clusters and columns it rests on."""
    if not found.df > 0:
        raise NotIdentified
    return Fit(found.value, found.std_error, found.df, ready.clusters.count, ready.dropped, 0.0)


def layered_effect(ready: Prepared, layers: Layered) -> tuple[Fit, NestedFit]:
    """The treatment's coefficient."""
    fit = layered_fit(ready, ready.design, layers)
    return combined(ready, fit, ready.combination), fit


def widened_design(ready: Prepared, columns: Array, *, instead: bool = False) -> Array:
    """The design with columns before the treatment (or instead of it). Raises NotIdentified if they add nothing."""
    parts = [ready.design[:, :-1], columns, *(() if instead else (ready.design[:, -1:],))]
    design = np.column_stack(parts)
    names = tuple(map(str, range(design.shape[1])))
    if independent_columns(design, names)[1] != names:
        raise NotIdentified
    return design


def total_sd(ready: Prepared, layers: Layered, keep: int = 1) -> float | None:
    """Standard deviation over all levels of a model without treatment and covariates: the first ``keep`` columns."""
    try:
        fit = layered_fit(ready, ready.design[:, :keep], Layered(layers.groups))
    except NotIdentified:
        return None
    return math.sqrt(fit.sigma2 + sum(float(np.trace(d)) for d in (fit.by_group, fit.by_cluster)))


def likeness(fit: NestedFit, group: str) -> tuple[Check, ...]:
    """The variances of a model of intercepts, the shares that lie between clusters and groups, and the boundary."""
    between = float(fit.by_cluster[0, 0]) if len(fit.by_cluster) else 0.0
    inside = float(fit.by_group[0, 0]) if len(fit.by_group) else 0.0
    total = between + inside + fit.sigma2
    note = (
        f"Variance between clusters {between:.4g}, between {group} within a cluster {inside:.4g}, within them "
        f"{fit.sigma2:.4g}: two people are alike by {(between + inside) / total:.3f} in the same one, by "
        f"{between / total:.3f} in different ones of the same cluster."
    )
    found = Check("likeness within clusters", "info", (between + inside) / total, None, "none", note)
    if not fit.at_boundary:
        return (found,)
    note = (
        "A variance was found to be nil, or two to move as one. That is rarely so in truth; the degrees of freedom "
        "still count the variances there could be."
    )
    return (found, Check("variances at the boundary", "warn", 0.0, None, "none", note))
