"""Doubly robust effects from predictions: right when either the score or the outcome model is (pure).

AIPW: Robins, Rotnitzky and Zhao (1994). TMLE with a bounded logistic fluctuation: van der Laan and Rubin (2006);
Gruber and van der Laan (2010). Both errors come from the efficient influence function.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from evaluation.nuisance import Nuisance

Array = npt.NDArray[np.float64]
EDGE = 0.005
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Augmented:
    """An effect, the two means it is the difference of, and everyone's influence on it (sums to nought)."""

    value: float
    means: tuple[float, float]
    influence: Array = field(repr=False)


def augmented(y: Array, treated: Array, fitted: Nuisance, estimand: str) -> Augmented:
    """AIPW estimate of the ATE or the ATT; every argument of shape (n,)."""
    if estimand == "ATT":
        return _treated_only(y, treated, fitted)
    p, one, zero = fitted.score, fitted.treated, fitted.comparison
    first = one + treated * (y - one) / p
    second = zero + (1 - treated) * (y - zero) / (1 - p)
    means = float(first.mean()), float(second.mean())
    value = means[0] - means[1]
    return Augmented(value, means, first - second - value)


def _treated_only(y: Array, treated: Array, fitted: Nuisance) -> Augmented:
    share = float(treated.mean())
    odds = fitted.score / (1 - fitted.score)
    left = y - fitted.comparison
    rows = (treated - (1 - treated) * odds) * left / share
    value = float(rows.mean())
    mean = float((treated * y).mean()) / share
    return Augmented(value, (mean, mean - value), rows - treated / share * value)


def targeted(y: Array, treated: Array, fitted: Nuisance) -> Augmented:
    """TMLE of the ATE: the outcome models moved, on a bounded logit scale, until the influence sums to nought.

    The outcome is brought to 0..1 by its own range, and predictions are kept 0.005 away from the ends.
    """
    low, span = float(y.min()), float(np.ptp(y))
    if span == 0.0:
        return augmented(y, treated, fitted, "ATE")
    scaled = (y - low) / span
    one, zero = (
        np.clip((prediction - low) / span, EDGE, 1 - EDGE)
        for prediction in (fitted.treated, fitted.comparison)
    )
    up, down = treated / fitted.score, (1 - treated) / (1 - fitted.score)
    moved = [
        _moved(scaled, prediction, weight, full)
        for prediction, weight, full in ((one, up, 1 / fitted.score), (zero, down, 1 / (1 - fitted.score)))
    ]
    renewed = replace(fitted, treated=low + span * moved[0], comparison=low + span * moved[1])
    means = float(renewed.treated.mean()), float(renewed.comparison.mean())
    found = augmented(y, treated, renewed, "ATE")
    return Augmented(means[0] - means[1], means, found.influence - float(found.influence.mean()))


def _moved(y: Array, prediction: Array, clever: Array, everyone: Array) -> Array:
    """One arm's predictions after the fluctuation logit(Q) + eps x clever, eps by Newton's method.

    ``clever`` is the covariate of those in the arm (0 for the others), ``everyone`` the same for all people.
    """
    base = np.log(prediction / (1 - prediction))
    eps = 0.0
    for _ in range(ROUNDS):
        q = _expit(base + eps * clever)
        gradient = float((clever * (y - q)).sum())
        slope = float((clever**2 * q * (1 - q)).sum())
        if slope <= 0 or abs(gradient) < 1e-12 * len(y):
            break
        eps += gradient / slope
    return _expit(base + eps * everyone)


def _expit(index: Array) -> Array:
    """The logistic function; beyond 30 it is 0 or 1 to thirteen digits."""
    return np.asarray(1 / (1 + np.exp(-np.clip(index, -30, 30))))
