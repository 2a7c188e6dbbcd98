"""Two groups seen in different people each time: regression on group, period and their product (pure).

Rows are people of a group and a period. Errors: classical, HC0 to HC3, or clustered (CR1; CR2 with Satterthwaite's
degrees of freedom of the effect where clusters are few). Counts: a Poisson regression with the log of exposure.
Source: MacKinnon and White (1985); Bell and McCaffrey (2002); Wooldridge (2023) for the Poisson form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.differences_in_time.path import EffectPath
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import Array, Errors, NotIdentified, independent_columns
from evaluation.regression.sums import sums_by

Whole = npt.NDArray[np.int64]
ClusterErrors = Literal["CR1", "CR2"]
MOST_CLUSTERS = 2_000


@dataclass(frozen=True, slots=True)
class People:
    """One row a person: outcome, period, group (0/1), covariates (n, k), and clusters, weights or exposure if any."""

    y: Array
    period: Whole
    treated: Array
    start: int
    covariates: Array
    clusters: Whole | None = None
    weights: Array | None = None
    exposure: Array | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The effect, its error, degrees of freedom, clusters, rows used and the kind of error."""

    value: float
    std_error: float
    df: float
    clusters: int | None
    n: int
    kind: str


def people_effect(people: People, errors: Errors | ClusterErrors = "HC2") -> Fitted:
    """Coefficient of treated x after. Raises NotIdentified where a group was not seen on both sides of the start."""
    after = (people.period >= people.start).astype(np.float64)
    for which in (0.0, 1.0):
        for side in (0.0, 1.0):
            if not ((people.treated == which) & (after == side)).any():
                raise NotIdentified
    design = _design(people, [people.treated * after])
    values, covariance, kind = _solve(people, design, errors)
    place = design.shape[1] - 1
    if people.clusters is None:
        df = float(len(people.y) - design.shape[1])
        return Fitted(float(values[place]), _root(covariance[place, place]), df, None, len(people.y), kind)
    count = int(people.clusters.max()) + 1
    if errors == "CR2" and count <= MOST_CLUSTERS and people.exposure is None:
        contrast = np.zeros(design.shape[1])
        contrast[place] = 1.0
        root = np.ones(len(people.y)) if people.weights is None else np.sqrt(people.weights)
        found = robust_contrast(
            cluster_products(design * root[:, None], people.y * root, people.clusters), contrast, "CR2"
        )
        if not (found.std_error > 0 and found.df > 0):
            raise NotIdentified
        return Fitted(float(values[place]), found.std_error, found.df, count, len(people.y), "CR2")
    return Fitted(
        float(values[place]), _root(covariance[place, place]), count - 1.0, count, len(people.y), "CR1"
    )


def people_path(
    people: People, errors: Errors | ClusterErrors = "HC2", df: float | None = None
) -> EffectPath:
    """The effect by period against the last period before the start in which both groups were seen."""
    seen = [t for t in np.unique(people.period).tolist() if _both(people, t)]
    before = [t for t in seen if t < people.start]
    if not before or seen[-1] < people.start:
        raise NotIdentified
    base = before[-1]
    times = [t for t in seen if t != base]
    design = _design(people, [people.treated * (people.period == t) for t in times])
    values, covariance, _ = _solve(people, design, errors)
    own = slice(design.shape[1] - len(times), None)
    shown = tuple(int(t) - people.start for t in times)
    return EffectPath(shown, values[own], np.asarray(covariance[own, own]), df, int(base) - people.start)


def _both(people: People, period: int) -> bool:
    own = people.treated[people.period == period]
    return bool(own.any() and not own.all())


def _root(value: float) -> float:
    return math.sqrt(max(float(value), 0.0))


def _design(people: People, last: list[Array]) -> Array:
    """Constant, periods, group, covariates, and the columns asked for; NotIdentified where one adds nothing."""
    periods = np.unique(people.period)
    columns = [np.ones(len(people.y)), *((people.period == t).astype(np.float64) for t in periods[1:])]
    columns.append(people.treated)
    spread = people.covariates.std(axis=0) if people.covariates.size else np.empty(0)
    live = people.covariates[:, spread > 0]
    scaled = (live - live.mean(axis=0)) / live.std(axis=0) if live.size else np.empty((len(people.y), 0))
    every = np.column_stack([*columns, scaled, *(np.asarray(c, dtype=np.float64) for c in last)])
    names = tuple(str(place) for place in range(every.shape[1]))
    design, kept = independent_columns(every, names)
    if any(name not in kept for name in names[-len(last) :]) or len(design) <= design.shape[1]:
        raise NotIdentified
    return design


def _solve(people: People, design: Array, errors: Errors | ClusterErrors) -> tuple[Array, Array, str]:
    if people.exposure is not None:
        model = fit_model(people.y, design, "poisson", np.log(people.exposure))
        plain: Errors = "HC0" if errors in ("CR1", "CR2") else errors  # type: ignore[assignment]
        return (
            model.beta,
            model.covariance(plain, people.clusters),
            "CR1" if people.clusters is not None else plain,
        )
    root = np.ones(len(people.y)) if people.weights is None else np.sqrt(people.weights)
    x, y = design * root[:, None], people.y * root
    n, k = x.shape
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    left = y - x @ beta
    if people.clusters is not None:
        count = int(people.clusters.max()) + 1
        if count < 2:
            raise NotIdentified
        sums = sums_by(people.clusters, x * left[:, None], count)
        factor = count / (count - 1) * (n - 1) / (n - k)
        return beta, np.asarray(factor * bread @ (sums.T @ sums) @ bread), "CR1"
    if errors == "classical":
        return beta, np.asarray(bread * float(left @ left) / (n - k)), errors
    spare = np.maximum(1 - ((x @ bread) * x).sum(axis=1), 1e-9)
    power = {"HC0": 0.0, "HC1": 0.0, "HC2": 0.5, "HC3": 1.0}[errors]
    rows = x * (left / spare**power)[:, None]
    factor = n / (n - k) if errors == "HC1" else 1.0
    return beta, np.asarray(factor * bread @ (rows.T @ rows) @ bread), errors
