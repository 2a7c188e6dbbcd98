"""Restricted likelihood of effects with known sampling variances and variances between studies to be estimated (pure).

Source: Patterson and Thompson (1971); scoring with the expected information, held at or above zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from evaluation.regression.linear import Array

STEPS, ENOUGH, HALVINGS = 200, 1e-12, 40


class NoFit(ValueError):  # noqa: N818 - a reason, not a fault of the program
    """The variances could not be estimated."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Coefficients, their covariance, the variances between, and the restricted log-likelihood.

    ``marginal`` is the covariance of the effects under the model, effects by effects.
    """

    coefficients: Array
    covariance: Array
    variances: Array
    log_likelihood: float
    marginal: Array


def pooled_at(y: Array, x: Array, marginal: Array) -> Pooled:
    """Generalised least squares with a covariance that is taken as known."""
    factor = cho_factor(marginal, lower=True)
    weighted = cho_solve(factor, x)
    information = x.T @ weighted
    covariance = np.linalg.inv(information)
    beta = covariance @ (weighted.T @ y)
    rest = y - x @ beta
    logdet = 2 * float(np.log(np.diag(factor[0])).sum()) + float(np.linalg.slogdet(information)[1])
    fit = float(rest @ cho_solve(factor, rest))
    constant = (len(y) - x.shape[1]) * np.log(2 * np.pi) - float(np.linalg.slogdet(x.T @ x)[1])
    return Pooled(beta, covariance, np.empty(0), -0.5 * (logdet + fit + constant), marginal)


def fit_reml(
    y: Array, x: Array, sampling: Array, parts: tuple[Array, ...], fixed: dict[int, float] | None = None
) -> Pooled:
    """Estimate the variances that go with ``parts`` (effects by effects, each) by restricted maximum likelihood.

    ``sampling`` are the known variances of the effects; ``fixed`` holds some of the variances at given values.
    """
    held = fixed or {}
    free = [k for k in range(len(parts)) if k not in held]
    spread = max(float(np.var(y)), 1e-12)
    sigma = np.array([held.get(k, spread / max(1, len(parts))) for k in range(len(parts))])
    current = _at(y, x, sampling, parts, sigma)
    for _ in range(STEPS):
        if not free:
            break
        move = _direction(y, x, current, parts, free, sigma)
        step, moved = 1.0, sigma
        for _ in range(HALVINGS):
            moved = sigma.copy()
            moved[free] = np.maximum(0.0, sigma[free] + step * move)
            tried = _at(y, x, sampling, parts, moved)
            if tried.log_likelihood >= current.log_likelihood - 1e-13 * abs(current.log_likelihood):
                break
            step /= 2
        else:
            break
        change = float(np.abs(moved - sigma).max())
        sigma, current = moved, tried
        if change <= ENOUGH * max(1.0, float(sigma.max())):
            break
    else:
        raise NoFit
    return Pooled(current.coefficients, current.covariance, sigma, current.log_likelihood, current.marginal)


def _at(y: Array, x: Array, sampling: Array, parts: tuple[Array, ...], sigma: Array) -> Pooled:
    marginal = np.diag(sampling) + sum((s * part for s, part in zip(sigma, parts, strict=True)), np.zeros(()))
    return pooled_at(y, x, marginal)


def _direction(
    y: Array, x: Array, at: Pooled, parts: tuple[Array, ...], free: list[int], sigma: Array
) -> Array:
    """One step of scoring; a variance at zero that wants to fall stays where it is."""
    inverse = np.linalg.inv(at.marginal)
    projection = inverse - inverse @ x @ at.covariance @ x.T @ inverse
    turned = projection @ y
    moved = [projection @ parts[k] for k in free]
    score = np.array(
        [0.5 * (turned @ parts[k] @ turned - np.trace(m)) for k, m in zip(free, moved, strict=True)]
    )
    information = np.array([[0.5 * float((a * b.T).sum()) for b in moved] for a in moved])
    stuck = (sigma[free] <= 0) & (score <= 0)
    step = np.zeros(len(free))
    if not stuck.all():
        going = ~stuck
        step[going] = np.linalg.solve(information[np.ix_(going, going)], score[going])
    return step
