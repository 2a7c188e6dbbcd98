"""Doubly robust effects from predictions: right when either the score or the outcome model is (pure).

AIPW: Robins, Rotnitzky and Zhao (1994). TMLE with a bounded logistic fluctuation: van der Laan and Rubin (2006);
Gruber and van der Laan (2010). Both errors come from the efficient influence function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from evaluation.model import RATIOS
from evaluation.observed.nuisance import Nuisance

Array = npt.NDArray[np.float64]
EDGE = 0.005
ROUNDS = 50


class NoRatio(ValueError):  # noqa: N818
    """A mean that no ratio can be taken of: not above 0, or for odds not below 1."""


@dataclass(frozen=True, slots=True)
class Augmented:
    """An effect, the two means it is the difference of, and everyone's influence on it (sums to nought).

    ``parts`` are the influences on each of the two means, of which ``influence`` is the difference.
    """

    value: float
    means: tuple[float, float]
    influence: Array = field(repr=False)
    parts: tuple[Array, Array] = field(repr=False)


def augmented(y: Array, treated: Array, fitted: Nuisance, estimand: str) -> Augmented:
    """AIPW estimate of the ATE or the ATT; every argument of shape (n,)."""
    if estimand == "ATT":
        return _treated_only(y, treated, fitted)
    p, one, zero = fitted.score, fitted.treated, fitted.comparison
    first = one + treated * (y - one) / p
    second = zero + (1 - treated) * (y - zero) / (1 - p)
    means = float(first.mean()), float(second.mean())
    return _joined(means, (first - means[0], second - means[1]))


def _treated_only(y: Array, treated: Array, fitted: Nuisance) -> Augmented:
    share = float(treated.mean())
    odds = fitted.score / (1 - fitted.score)
    left = y - fitted.comparison
    rows = (treated - (1 - treated) * odds) * left / share
    value = float(rows.mean())
    mean = float((treated * y).mean()) / share
    one = treated * (y - mean) / share
    return _joined((mean, mean - value), (one, one - (rows - treated / share * value)))


def _joined(means: tuple[float, float], parts: tuple[Array, Array]) -> Augmented:
    return Augmented(means[0] - means[1], means, parts[0] - parts[1], parts)


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
    return _joined(means, (found.parts[0] - found.parts[0].mean(), found.parts[1] - found.parts[1].mean()))


def on_scale(
    found: Augmented, effect: str, over: Augmented | None = None
) -> tuple[float, tuple[float, float], Array]:
    """The effect on its own scale, the two means (rates, with ``over``), and everyone's influence on the effect.

    A difference as it stands; of a ratio the log, its influences by the delta method from those of the two means.
    ``over`` is the same for the exposure: rates are events over exposure. Raises NoRatio where a mean is not above 0
    (for odds: not between 0 and 1).
    """
    if effect not in RATIOS:
        return found.value, found.means, found.influence
    if min(found.means) <= 0 or (effect == "odds-ratio" and max(found.means) >= 1):
        raise NoRatio
    one, zero = (
        part / (mean * (1 - mean) if effect == "odds-ratio" else mean)
        for part, mean in zip(found.parts, found.means, strict=True)
    )
    logs = [math.log(mean / (1 - mean) if effect == "odds-ratio" else mean) for mean in found.means]
    if over is not None:
        if min(over.means) <= 0:
            raise NoRatio
        one, zero = one - over.parts[0] / over.means[0], zero - over.parts[1] / over.means[1]
        logs = [log - math.log(mean) for log, mean in zip(logs, over.means, strict=True)]
    return logs[0] - logs[1], found.means, one - zero


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
