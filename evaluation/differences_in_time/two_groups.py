"""Two groups through time: the effect and its path from means and cross-products of each group (pure).

Each group has its own period effects beside the effects of its units; the difference between the two, less that of
the base period, is the path. With every cell seen and no weights that is a difference of means of changes, and the
error CR2's in closed form: a cluster's sum over (1 - its share of the group) to the half. With gaps or weights the
same scaling is used, exact where the panel is balanced.
Source: the saturated two-way model; Bell and McCaffrey (2002) for the scaling and the degrees of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.differences_in_time.path import EffectPath
from evaluation.regression.linear import Array, NotIdentified
from evaluation.regression.sums import sums_by

Whole = npt.NDArray[np.int64]
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of two groups.

    ``y`` (n, T) without gaps in it (0 where ``weights`` is 0); ``weights`` (n, T); ``treated`` (n,) 0/1; ``start`` the
    first treated period; ``clusters`` (n,) of the units, from 0 without gaps. ``even``: every cell counts the same.
    """

    y: Array
    weights: Array
    treated: Array
    start: int
    clusters: Whole
    even: bool

    @property
    def periods(self) -> int:
        """Periods, those nobody was seen in among them."""
        return int(self.y.shape[1])

    @property
    def programme(self) -> Array:
        """1 for a treated unit from the start on, (n, T)."""
        return np.outer(self.treated, (np.arange(self.periods) >= self.start).astype(np.float64))


def panel_of(
    values: Array, treated: Array, start: int, clusters: Whole | None = None, weights: Array | None = None
) -> Panel:
    """A panel from ``values`` (n, T) with NaN where nothing was seen, and weights of cells if there are any."""
    there = ~np.isnan(values)
    if weights is not None:
        there &= np.nan_to_num(weights) > 0
    whole = bool(there.all())
    held = there.astype(np.float64) if weights is None else np.where(there, weights, 0.0)
    own = np.arange(len(values)) if clusters is None else clusters
    return Panel(values if whole else np.where(there, values, 0.0), held, treated, start, own,
                 whole and weights is None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupPath:
    """One group's period effects against the base, and the scores of its clusters."""

    effects: Array
    scores: Array
    used: tuple[int, ...]


def panel_path(panel: Panel, *, errors: bool = True) -> EffectPath:
    """The effect by period against the last period before the start in which both groups were seen.

    Without ``errors`` (units too few for any) the covariance is nought. Raises NotIdentified where no such period is
    there, or a path cannot be told from unit effects, or a group is one cluster.
    """
    base = last_before(panel)
    if errors and panel.even and int(panel.clusters.max()) + 1 == len(panel.clusters):
        return _closed(panel, base)
    groups = [_group(panel, which, base, errors=errors) for which in (1.0, 0.0)]
    both = [t for t in groups[0].used if t in groups[1].used]
    pick = [np.array([group.used.index(t) for t in both]) for group in groups]
    values = groups[0].effects[pick[0]] - groups[1].effects[pick[1]]
    scores = groups[0].scores[:, pick[0]] - groups[1].scores[:, pick[1]]
    df = freedom(panel) if errors else None
    times = tuple(t - panel.start for t in both)
    return EffectPath(times, values, scores.T @ scores, df, base - panel.start)


def last_before(panel: Panel) -> int:
    """The last period before the start in which both groups were seen. Raises NotIdentified where none is."""
    seen = [(panel.weights[panel.treated == which] > 0).any(axis=0) for which in (1.0, 0.0)]
    both = np.flatnonzero(seen[0] & seen[1])
    if not (both < panel.start).any() or not (both >= panel.start).any():
        raise NotIdentified
    return int(both[both < panel.start].max())


def average_effect(path: EffectPath) -> tuple[float, float]:
    """Mean after less mean before (the base counts as nought): the two-way estimate of a balanced panel."""
    contrast = np.array([1 / path.after if t >= 0 else -1 / (path.before + 1) for t in path.times])
    variance = float(contrast @ path.covariance @ contrast)
    return float(contrast @ path.values), math.sqrt(max(variance, 0.0))


def changes(panel: Panel) -> Array:
    """Each unit's mean after less its mean before, (n,); NaN where it was not seen on one side."""
    parts = []
    for side in (slice(panel.start, None), slice(0, panel.start)):
        weight = panel.weights[:, side]
        total = weight.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append((weight * panel.y[:, side]).sum(axis=1) / total)
    return np.asarray(parts[0] - parts[1])


def freedom(panel: Panel) -> float:
    """Satterthwaite's degrees of freedom of a difference in changes between the groups, errors clustered."""
    if int(panel.clusters.max()) + 1 == len(panel.clusters):
        sizes = [float((panel.treated == which).sum()) for which in (1.0, 0.0)]
        if min(sizes) < 2:
            return 0.0
        below = sum(1 / (n * n * (n - 1)) for n in sizes)
        return sum(1 / n for n in sizes) ** 2 / below
    moved = changes(panel)
    known = ~np.isnan(moved)
    labels = np.unique(panel.clusters[known], return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(int(known.sum())), panel.treated[known]])
    products = cluster_products(design, moved[known], labels)
    return float(robust_contrast(products, np.array([0.0, 1.0]), "CR2").df)


def _closed(panel: Panel, base: int) -> EffectPath:
    """Balanced, without weights, clusters the units: means and cross-products, and no scores."""
    kept = [t for t in range(panel.periods) if t != base]
    values, covariance = np.zeros(panel.periods), np.zeros((panel.periods, panel.periods))
    for which, sign in ((1.0, 1.0), (0.0, -1.0)):
        inside = panel.y[panel.treated == which]
        n = len(inside)
        if n < 2:
            raise NotIdentified
        mean = inside.mean(axis=0)
        values += sign * mean
        left = inside - mean
        covariance += left.T @ left / (n - 1) / n
    onto = np.eye(panel.periods)[kept] - np.eye(panel.periods)[base]
    times = tuple(t - panel.start for t in kept)
    return EffectPath(times, onto @ values, onto @ covariance @ onto.T, freedom(panel), base - panel.start)


def _group(panel: Panel, which: float, base: int, *, errors: bool) -> GroupPath:
    inside = panel.treated == which
    y, weights, clusters = panel.y[inside], panel.weights[inside], panel.clusters[inside]
    used = [t for t in range(panel.periods) if weights[:, t].any()]
    free = [t for t in used if t != base]
    rows = weights.sum(axis=1)
    safe = np.where(rows > 0, rows, 1.0)[:, None]
    within = y - (weights * y).sum(axis=1, keepdims=True) / safe
    normal = (np.diag(weights.sum(axis=0)) - weights.T @ (weights / safe))[np.ix_(free, free)]
    if len(free) and np.linalg.eigvalsh(normal)[0] <= FLAT * float(np.abs(normal).max()):
        raise NotIdentified
    inverse = np.linalg.inv(normal)
    effects = inverse @ (weights * within).sum(axis=0)[free]
    if not errors:
        return GroupPath(effects, np.zeros((1, len(free))), tuple(free))
    whole = np.zeros(panel.periods)
    whole[free] = effects
    left = within - (whole - (weights @ whole)[:, None] / safe)
    count = int(panel.clusters.max()) + 1
    weighted = weights * left
    sums = sums_by(clusters, weighted[:, free], count)
    share = np.bincount(clusters, rows, minlength=count) / rows.sum()
    if share.max() >= 1 - FLAT:
        raise NotIdentified
    scores = (sums / np.sqrt(1 - share)[:, None]) @ inverse
    return GroupPath(effects, scores, tuple(free))
