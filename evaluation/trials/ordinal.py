"""Ordered scales: the proportional-odds model, a test of its assumption, and what needs no model (pure).

P(outcome above step k) has the odds exp(x b - cut k): one odds ratio for every cut of the scale. Maximum likelihood by
Newton's method on the exact second derivatives, on matrices we build ourselves.
Source: McCullagh (1980); Brant (1990) for the test; DeLong et al. (1988) for the probability of superiority.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from evaluation.observed.propensity import Separation, logit_coefficients
from evaluation.regression.linear import Array, Errors, NotIdentified
from evaluation.regression.sums import sums_by

Codes = npt.NDArray[np.int64]
ROUNDS = 100
FAR = 30.0  # people are not farther from the others than this on the log-odds scale
LEAST_KNOWN = 1e-6  # information on a standardised coefficient, as a share of a person's


@dataclass(frozen=True, slots=True)
class Ordered:
    """A fitted model: ``cuts`` (levels - 1,), ``beta`` (k,), log likelihood, information and each person's score."""

    cuts: Array
    beta: Array
    likelihood: float
    information: Array
    scores: Array

    def covariance(self, errors: Errors, clusters: Codes | None = None) -> Array:
        """Covariance of ``beta`` (k, k): the model's own (classical), else robust to its errors; CR1 by cluster."""
        bread = np.linalg.inv(self.information)
        n, k = self.scores.shape
        spare = len(self.cuts)
        if clusters is None and errors == "classical":
            return np.asarray(bread[spare:, spare:])
        scores, factor = self.scores, 1.0 if errors == "HC0" else n / (n - k)
        if clusters is not None:
            count = int(clusters.max()) + 1
            scores = sums_by(clusters, self.scores, count)
            factor = count / (count - 1) * (n - 1) / (n - k)
        return np.asarray((factor * bread @ (scores.T @ scores) @ bread)[spare:, spare:])


def fit_ordered(levels: Codes, design: Array) -> Ordered:
    """Fit steps 0, 1, … (n,), each of them taken by somebody, on a design (n, k) of full rank without ones.

    Columns should be standardised. Raises Separation where the likelihood has no maximum, NotIdentified where there is
    one step only.
    """
    count = int(levels.max()) + 1
    if count < 2:
        raise NotIdentified
    above = 1 - np.cumsum(np.bincount(levels, minlength=count))[:-1] / len(levels)
    theta = np.concatenate([-np.log(above / (1 - above)), np.zeros(design.shape[1])])
    here = _likelihood(theta, levels, design)
    for _ in range(ROUNDS):
        gradient, information, _ = _slopes(theta, levels, design)
        step = np.asarray(np.linalg.lstsq(information, gradient, rcond=1e-12)[0], dtype=np.float64)
        theta, now = _uphill(theta, step, here, levels, design)
        reach = design @ theta[count - 1 :]
        if not np.abs(reach - np.median(reach)).max(initial=0.0) <= FAR:
            raise Separation
        if abs(now - here) <= 1e-13 * (abs(now) + 0.1):
            break
        here = now
    else:
        raise Separation
    _, information, scores = _slopes(theta, levels, design)
    if not np.linalg.eigvalsh(information)[0] > LEAST_KNOWN:
        raise Separation
    return Ordered(theta[: count - 1], theta[count - 1 :], now, information, scores)


def _uphill(theta: Array, step: Array, here: float, levels: Codes, design: Array) -> tuple[Array, float]:
    """The step, halved until cuts stay in order and the likelihood does not fall."""
    for _ in range(40):
        there = _likelihood(theta + step, levels, design)
        if there >= here - 1e-12 * abs(here):
            return theta + step, there
        step = step / 2
    return theta, here


def _ends(theta: Array, levels: Codes, design: Array) -> tuple[Array, Array]:
    """Chance of being at or below one's own step, and below it."""
    spare = len(theta) - design.shape[1]
    cuts = np.concatenate([[-np.inf], theta[:spare], [np.inf]])
    reach = design @ theta[spare:]
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(reach - cuts[levels + 1])), 1 / (1 + np.exp(reach - cuts[levels]))


def _likelihood(theta: Array, levels: Codes, design: Array) -> float:
    upper, lower = _ends(theta, levels, design)
    chance = upper - lower
    return float(np.log(chance).sum()) if (chance > 0).all() else -np.inf


def _slopes(theta: Array, levels: Codes, design: Array) -> tuple[Array, Array, Array]:
    """Gradient, information (minus the second derivatives) and everyone's score, cuts first."""
    n, spare = len(levels), len(theta) - design.shape[1]
    upper, lower = _ends(theta, levels, design)
    chance = np.maximum(upper - lower, 1e-300)
    high, low = upper * (1 - upper), lower * (1 - lower)
    to_cuts = np.zeros((n, spare + 2))  # with a place on either side for the ends of the scale
    rows = np.arange(n)
    to_cuts[rows, levels + 1] = high / chance
    to_cuts[rows, levels] -= low / chance
    scores = np.column_stack([to_cuts[:, 1:-1], design * (upper + lower - 1)[:, None]])
    information = np.zeros((len(theta), len(theta)))
    information[spare:, spare:] = design.T @ (design * (high + low)[:, None])
    own = np.bincount(levels + 1, (high / chance) ** 2 - high * (1 - 2 * upper) / chance, minlength=spare + 2)
    own += np.bincount(levels, (low / chance) ** 2 + low * (1 - 2 * lower) / chance, minlength=spare + 2)
    between = np.bincount(levels, high * low / chance**2, minlength=spare + 2)
    information[:spare, :spare] = np.diag(own[1:-1])
    for k in range(1, spare):
        information[k - 1, k] = information[k, k - 1] = -between[k]
    cross = np.zeros((spare + 2, design.shape[1]))
    np.add.at(cross, levels + 1, design * high[:, None])
    np.add.at(cross, levels, design * low[:, None])
    information[:spare, spare:] = -cross[1:-1]
    information[spare:, :spare] = -cross[1:-1].T
    return scores.sum(axis=0), information, scores


@dataclass(frozen=True, slots=True)
class SameAtEveryCut:
    """Brant's test that the treatment's log odds ratio is the same at every cut; and what it is at each."""

    statistic: float
    df: int
    p_value: float
    at_cuts: tuple[float, ...]


def same_at_every_cut(levels: Codes, design: Array) -> SameAtEveryCut | None:
    """Test the last column of ``design`` (n, k), as given to :func:`fit_ordered`.

    Cuts at which a logistic regression has no answer are left out; ``None`` where fewer than two are left.
    """
    full = np.column_stack([np.ones(len(levels)), design])
    fits = []
    for cut in range(int(levels.max())):
        above = (levels > cut).astype(np.float64)
        try:
            beta = logit_coefficients(above, full)
        except Separation:
            continue
        chance = 1 / (1 + np.exp(-full @ beta))
        information = full.T @ (full * (chance * (1 - chance))[:, None])
        if np.linalg.eigvalsh(information)[0] > LEAST_KNOWN:
            fits.append((float(beta[-1]), chance, np.linalg.inv(information)))
    if len(fits) < 2:
        return None
    values = np.array([fit[0] for fit in fits])
    spread = np.empty((len(fits), len(fits)))
    for i, (_, low, left) in enumerate(fits):
        for j, (_, high, right) in enumerate(fits[i:], start=i):
            # Being above a higher cut is being above a lower one too: the covariance is P(above both) - product.
            middle = full.T @ (full * (high * (1 - low))[:, None])
            spread[i, j] = spread[j, i] = (left @ middle @ right)[-1, -1]
    apart = np.column_stack([np.ones(len(fits) - 1), -np.eye(len(fits) - 1)])
    away = apart @ values
    statistic = float(away @ np.linalg.lstsq(apart @ spread @ apart.T, away, rcond=1e-12)[0])
    df = len(fits) - 1
    return SameAtEveryCut(statistic, df, float(chdtrc(df, max(statistic, 0.0))), tuple(values.tolist()))


@dataclass(frozen=True, slots=True)
class Superiority:
    """The chance that somebody treated stands higher than somebody not, ties counted half; its standard error."""

    value: float
    std_error: float


def superiority(y: Array, treated: Array, clusters: Codes | None = None) -> Superiority:
    """Probability of superiority (n,): half where the arms are alike. Needs two people an arm."""
    one, zero = y[treated == 1], y[treated == 0]
    above, below = _share_below(one, zero), 1 - _share_below(zero, one)
    value = float(above.mean())
    parts = np.zeros(len(y))
    parts[treated == 1] = (above - value) / len(one)
    parts[treated == 0] = (below - value) / len(zero)
    if clusters is not None:
        sums = np.bincount(clusters, weights=parts)
        variance = len(sums) / max(len(sums) - 1, 1) * float((sums * sums).sum())
    else:
        variance = float(above.var(ddof=1) / len(one) + below.var(ddof=1) / len(zero))
    return Superiority(value, math.sqrt(variance))


def _share_below(values: Array, others: Array) -> Array:
    """The share of ``others`` below each of ``values``, those equal counted half."""
    ordered = np.sort(others)
    return (np.searchsorted(ordered, values) + np.searchsorted(ordered, values, side="right")) / (
        2 * len(others)
    )
