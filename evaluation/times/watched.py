"""People watched for an event, as a design hands them over, and the two comparisons made of them (pure).

The hazard ratio comes from Cox regression; the difference of restricted mean times stands beside it, because it keeps
its meaning where the hazards are not proportional.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from evaluation.inference import Distribution, critical, two_sided_p
from evaluation.model import RATIOS, Effect, Estimate
from evaluation.observed.weights import Weights
from evaluation.regression.linear import NotIdentified, independent_columns
from evaluation.times.competing import fine_gray, incidence
from evaluation.times.cox import CoxFit, fit_cox, robust_covariance, score_residuals
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.survival import (
    Array,
    Times,
    Whole,
    kaplan_meier,
    restricted_influence,
    restricted_mean,
    tally,
)


@dataclass(frozen=True, slots=True)
class Watched:
    """Who was watched, how they count, and how their errors hang together.

    ``weights`` ``None``: everyone counts once. ``clusters``: one clustering, or two that are combined. ``estimated``:
    the balancing weights whose own error is counted. ``robust`` false: the errors of the model.

    ``person`` says whose each row is, 0, 1, 2 and so on in order, where people have several rows of time at risk;
    ``recurrent``: the event may come again, and ``competing`` is what rules out any further one.
    """

    times: Times
    treated: Array = field(repr=False)
    covariates: Array = field(repr=False)
    names: tuple[str, ...]
    arms: tuple[int, int]
    estimand: str
    alpha: float
    horizon: float
    competing: Array | None = field(default=None, repr=False)
    weights: Array | None = field(default=None, repr=False)
    clusters: tuple[Whole, ...] = field(default=(), repr=False)
    strata: Whole | None = field(default=None, repr=False)
    estimated: Weights | None = field(default=None, repr=False)
    robust: bool = True
    person: Whole | None = field(default=None, repr=False)
    recurrent: bool = False

    @property
    def first(self) -> Whole:
        """The first row of each person."""
        if self.person is None:
            return np.arange(len(self.treated))
        return np.unique(self.person, return_index=True)[1].astype(np.int64)

    @property
    def last(self) -> Whole:
        """The last row of each person: what ended the watching."""
        return np.append(self.first[1:], len(self.treated)) - 1

    def summed(self, values: Array) -> Array:
        """Sums of what rows hold, one a person."""
        return values if self.person is None else tally(self.person, values)

    @property
    def plain(self) -> bool:
        """Say whether everyone counts once and on their own."""
        return self.weights is None and not self.clusters

    def arm(self, which: int) -> npt.NDArray[np.bool_]:
        """Rows of one arm."""
        return np.asarray(self.treated == which, dtype=np.bool_)

    def weight_of(self, rows: npt.NDArray[np.bool_]) -> Array | None:
        """Weights of some rows."""
        return None if self.weights is None else self.weights[rows]


@dataclass(frozen=True, slots=True)
class HazardFit:
    """A hazard ratio with the model behind it and the columns that were left out."""

    estimate: Estimate
    model: CoxFit
    dropped: tuple[str, ...]


def furthest(treated: Array, stop: Array) -> float:
    """How far both arms were watched."""
    return float(min(stop[treated == arm].max() for arm in (0, 1)))


def hazard_ratio(watched: Watched) -> HazardFit:
    """Cox regression on the arm and the covariates, with Efron's ties.

    Errors: Lin and Wei's, summed within people, and within clusters times G/(G-1) with t on G - 1; the error of
    estimated weights counted. With ``robust`` false those of the information matrix. Of events that come back it is
    the ratio of mean rates (Lin, Wei, Yang and Ying), which needs no assumption on how a person's events hang together.

    Raises
    ------
    NotIdentified
        The arm cannot be told from the covariates.
    CannotFit
        No finite coefficients.
    """
    columns, kept = _told_apart(watched)
    if kept[-1:] != ("treated",):
        raise NotIdentified
    model = fit_cox(watched.times, columns, weights=watched.weights, strata=watched.strata)
    if watched.plain and not watched.robust:
        error, df = float(np.sqrt(model.covariance[-1, -1])), None
    elif watched.plain:
        error, df = float(np.sqrt(robust_covariance(model, watched.person)[-1, -1])), None
    else:
        bare = (score_residuals(model) * model.scale) @ model.covariance[:, -1]
        error, df = spread(watched, bare)
    dropped = tuple(name for name in watched.names if name not in kept)
    value = float(model.coefficients[-1])
    effect: Effect = "rate-ratio" if watched.recurrent else "hazard-ratio"
    return HazardFit(dressed_times(watched, value, error, df, effect), model, dropped)


def _told_apart(watched: Watched) -> tuple[Array, tuple[str, ...]]:
    """The covariates and the arm, less what the strata and the columns before say already."""
    whole = np.column_stack([np.ones_like(watched.treated), watched.covariates, watched.treated])
    names = ("1", *watched.names, "treated")
    if watched.strata is None:
        design, kept = independent_columns(whole, names)
        return design[:, 1:], kept
    size = np.bincount(watched.strata)[watched.strata]
    means = np.column_stack([tally(watched.strata, column)[watched.strata] / size for column in whole.T[1:]])
    within = whole[:, 1:] - means
    within[:, np.linalg.norm(within, axis=0) <= 1e-10 * np.linalg.norm(whole[:, 1:], axis=0)] = 0.0
    _, kept = independent_columns(within, names[1:])
    return whole[:, [names.index(name) for name in kept]], kept


def restricted_difference(watched: Watched) -> Estimate:
    """Difference of mean times without the event up to the horizon, treated less comparison; not adjusted."""
    n = len(watched.treated)
    means, errors, bare = [], [], np.zeros(n)
    for sign, rows in ((1.0, watched.arm(1)), (-1.0, watched.arm(0))):
        times, weights = watched.times.of(rows), watched.weight_of(rows)
        mean, error = restricted_mean(kaplan_meier(times, weights), watched.horizon)
        means.append(mean)
        errors.append(error)
        moved = restricted_influence(
            times, watched.horizon, np.ones(int(rows.sum())) if weights is None else weights
        )
        w = np.ones(int(rows.sum())) if weights is None else weights
        bare[rows] = sign * np.divide(moved[1], w, out=np.zeros_like(w), where=w > 0)
    error, df = (float(np.hypot(errors[0], errors[1])), None) if watched.plain else spread(watched, bare)
    return dressed_times(watched, means[0] - means[1], error, df, "difference")


def subdistribution_ratio(watched: Watched) -> Estimate | None:
    """Fine and Gray's ratio of the arm, not adjusted; only where everyone counts once and from the start."""
    if watched.competing is None or not watched.plain or watched.times.entry is not None:
        return None
    cause = np.where(watched.times.event == 1, 1, np.where(watched.competing == 1, 2, 0))
    fit = fine_gray(watched.times.stop, cause, watched.treated[:, None])
    error = float(np.sqrt(fit.robust_covariance[0, 0]))
    return dressed_times(watched, float(fit.coefficients[0]), error, None, "hazard-ratio")


def shares(watched: Watched) -> tuple[float, float]:
    """The share of each arm that had the event by the horizon, treated first; competing events taken into account.

    Of events that come back: the mean number a person.
    """
    found = []
    for which in (1, 0):
        rows = watched.arm(which)
        times, weights = watched.times.of(rows), watched.weight_of(rows)
        if watched.recurrent:
            ended = None if watched.competing is None else watched.competing[rows]
            found.append(mean_function(times, ended, weights).at(watched.horizon))
        elif watched.competing is None:
            found.append(1 - kaplan_meier(times, weights).at(watched.horizon)[0])
        else:
            found.append(incidence(times, watched.competing[rows], weights).at(watched.horizon)[0])
    return found[0], found[1]


def spread(watched: Watched, bare: Array) -> tuple[float, float | None]:
    """Standard error from each row's influence before its weight, and degrees of freedom where there are clusters."""
    first = watched.first
    w = None if watched.weights is None else watched.weights[first]
    bare = watched.summed(bare)
    moved = bare if w is None else w * bare
    if watched.estimated is not None:
        e = watched.estimated
        moved = moved + e.influence @ (e.design.T @ (e.slope * bare))
    if not watched.clusters:
        return float(np.sqrt(moved @ moved)), None
    total, fewest = 0.0, len(moved)
    for sign, labels in _combined(tuple(labels[first] for labels in watched.clusters)):
        sums = np.bincount(labels, weights=moved)
        count = len(np.unique(labels))
        if count < 2:
            return 0.0, None
        total += sign * count / (count - 1) * float(sums @ sums)
        fewest = min(fewest, count) if sign > 0 else fewest
    return float(np.sqrt(max(total, 0.0))), float(fewest - 1)


def _combined(clusters: tuple[Whole, ...]) -> list[tuple[float, Whole]]:
    if len(clusters) == 1:
        return [(1.0, clusters[0])]
    first, second = clusters
    both = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)[1].astype(np.int64)
    return [(1.0, first), (1.0, second), (-1.0, both)]


def dressed_times(watched: Watched, value: float, error: float, df: float | None, effect: Effect) -> Estimate:
    """An estimate with its intervals; a ratio's are worked out on the log scale, where its standard error stays."""
    sound = bool(np.isfinite(value)) and 1e-10 < error < np.inf
    level = 1 - watched.alpha
    law: Distribution = "normal" if df is None else "t"
    wide, narrow = (critical(x, df, law) * error for x in (level, 1 - 2 * watched.alpha))

    def end(by: float) -> float | None:
        if not sound:
            return None
        return float(np.exp(value + by)) if effect in RATIOS else value + by

    share = shares(watched)
    return Estimate(
        estimand=watched.estimand,
        effect=effect,
        value=end(0.0),
        std_error=error if sound else None,
        conf_low=end(-wide),
        conf_high=end(wide),
        conf_level=level,
        p_value=two_sided_p(value, error, df, law) if sound else None,
        df=df,
        n_treated=watched.arms[0],
        n_comparison=watched.arms[1],
        n_clusters=None if df is None else round(df) + 1,
        treated_mean=share[0],
        comparison_mean=share[1],
        narrow_low=end(-narrow),
        narrow_high=end(narrow),
    )


def unadjusted(watched: Watched) -> Watched:
    """The same people without covariates or strata."""
    return replace(watched, covariates=np.empty((len(watched.treated), 0)), names=(), strata=None)
