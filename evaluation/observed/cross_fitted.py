"""Doubly robust effects over several divisions into folds, and the median over them (pure).

One division is chance: the same plan with another seed gives another number. Everything is therefore done several
times, and the median counts; its variance is the median of each one's variance plus its squared distance from the
median, so that the spread between divisions is part of the error.
Source: Chernozhukov et al. (2018), definition 3.3; Crump et al. (2009) for trimming.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.methods.observed import error_of
from evaluation.observed.augmented import Augmented, augmented, on_scale, targeted
from evaluation.observed.nuisance import Codes, Learner, Nuisance, OutcomeModel, cross_fit, fold_numbers

Array = npt.NDArray[np.float64]
Estimator = Literal["aipw", "tmle"]
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class People:
    """Outcome, arm and covariates of each person; cluster and exposure where there are any."""

    y: Array = field(repr=False)
    treated: Array = field(repr=False)
    covariates: Array = field(repr=False)
    clusters: Codes | None = field(default=None, repr=False)
    exposure: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Models:
    """How people are predicted: learner, folds and how often they are drawn, the outcome's model, the clip."""

    learner: Learner
    folds: int
    repeats: int
    outcome: OutcomeModel
    clip: float
    seed: int


@dataclass(frozen=True, slots=True)
class Division:
    """Predictions from one division into folds; scores are held within the clip, ``raw`` are as they were."""

    fitted: Nuisance
    raw: Array = field(repr=False)
    exposure: Nuisance | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One effect on its scale (a ratio as its log), the two means, its standard error."""

    value: float
    means: tuple[float, float]
    error: float


def divide(people: People, models: Models) -> tuple[Division, ...]:
    """Predict everyone in each of the divisions. Raises Separation where a fold cannot be predicted.

    On one thread: the regressions are many and small, and threads that wait for one another, or for another program on
    the machine, made them up to twenty times slower.
    """
    from threadpoolctl import threadpool_limits

    times = models.repeats if models.folds > 1 else 1
    with threadpool_limits(limits=1):
        return tuple(_division(people, models, models.seed + turn) for turn in range(times))


def _division(people: People, models: Models, seed: int) -> Division:
    folds = fold_numbers(people.treated, models.folds, seed, people.clusters)
    fitted = cross_fit(
        people.y, people.treated, people.covariates, folds,
        learner=models.learner, outcome_model=models.outcome, seed=seed,
    )  # fmt: skip
    held = np.clip(fitted.score, max(models.clip, EDGE), min(1 - models.clip, 1 - EDGE))
    over = None
    if people.exposure is not None:
        over = cross_fit(
            people.exposure, people.treated, people.covariates, folds,
            learner=models.learner, outcome_model="linear", seed=seed, score=held,
        )  # fmt: skip
    return Division(replace(fitted, score=held), fitted.score, over)


def within(divisions: tuple[Division, ...], trim: float) -> npt.NDArray[np.bool_]:
    """Who is kept: those whose median score over the divisions lies within ``trim`` and 1 - ``trim``."""
    score = middle_score(divisions)
    return np.asarray((score >= trim) & (score <= 1 - trim))


def middle_score(divisions: tuple[Division, ...]) -> Array:
    """Everyone's median score over the divisions, as it was before any clip."""
    if len(divisions) == 1:
        return divisions[0].raw
    return np.asarray(np.median(np.stack([division.raw for division in divisions]), axis=0))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the predictions: whose effect, by which estimator, on which scale."""

    estimand: str
    estimator: Estimator
    effect: str


def effects(
    people: People, divisions: tuple[Division, ...], kept: npt.NDArray[np.bool_], question: Question
) -> tuple[Found, ...]:
    """The effect in each division, over those kept. Raises NoRatio where a ratio cannot be formed."""
    return tuple(_one(people, division, kept, question) for division in divisions)


def _one(people: People, division: Division, kept: npt.NDArray[np.bool_], question: Question) -> Found:
    y, treated = people.y[kept], people.treated[kept]
    found = _means(y, treated, cut(division.fitted, kept), question)
    over = None
    if division.exposure is not None and people.exposure is not None:
        over = _means(people.exposure[kept], treated, cut(division.exposure, kept), question)
    value, means, influence = on_scale(found, question.effect, over)
    clusters = None if people.clusters is None else _renumbered(people.clusters[kept])
    n = len(y)
    factor = np.sqrt(n / (n - 1)) if clusters is None and n > 1 else 1.0
    return Found(value, means, float(factor) * error_of(influence / n, clusters))


def _means(y: Array, treated: Array, fitted: Nuisance, question: Question) -> Augmented:
    if question.estimator == "tmle":
        return targeted(y, treated, fitted)
    return augmented(y, treated, fitted, question.estimand)


def cut(fitted: Nuisance, kept: npt.NDArray[np.bool_]) -> Nuisance:
    """The predictions of those kept."""
    if kept.all():
        return fitted
    return replace(
        fitted,
        score=fitted.score[kept],
        treated=fitted.treated[kept],
        comparison=fitted.comparison[kept],
    )


def _renumbered(clusters: Codes) -> Codes:
    return np.unique(clusters, return_inverse=True)[1].astype(np.int64)


def median_of(found: tuple[Found, ...]) -> Found:
    """The median over the divisions, with the error that counts the spread between them."""
    if len(found) == 1:
        return found[0]
    values = np.array([one.value for one in found])
    value = float(np.median(values))
    variances = np.array([one.error for one in found]) ** 2 + (values - value) ** 2
    means = np.median(np.array([one.means for one in found]), axis=0)
    return Found(value, (float(means[0]), float(means[1])), float(np.sqrt(np.median(variances))))
