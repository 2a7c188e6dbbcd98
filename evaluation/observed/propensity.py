"""The propensity score: unpenalised logistic regression, with separation noticed rather than smoothed away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = slice | npt.NDArray[np.int64]
Part = Callable[[Rows], Array]  # the design of some rows, a column of it a row
ROUNDS = 100
BLOCK = 16_384  # rows worked on at a time, so that nothing as long as the data is made in between
MANY, SOME = 200_000, 40_000  # above MANY rows the first steps are made on about SOME of them
FLAT = 1e-12  # a column whose spread is this small beside its values does not vary


class Separation(ValueError):  # noqa: N818
    """The covariates tell the arms apart completely: there is nobody to compare with."""


def logit_score(treated: Array, covariates: Array) -> Array:
    """Linear predictor (log odds of treatment), shape (n,), by iteratively reweighted least squares.

    Estimator: maximum likelihood without penalty; columns are standardised for the arithmetic only, block by block,
    so that the data are never copied whole. Raises Separation when the likelihood has no maximum.
    Source: McCullagh and Nelder (1989), section 4.4.
    """
    centre, scale = _moments(covariates)
    k = len(centre)

    def part(rows: Rows) -> Array:
        block = covariates[rows]
        design = np.ones((k + 1, len(block)))
        for j in range(k):
            np.subtract(block[:, j], centre[j], out=design[j + 1])
            design[j + 1] *= scale[j]
        return design

    beta = _newton(treated, part, None, k + 1)
    score = np.empty(len(treated))
    for rows in _blocks(len(treated)):
        score[rows] = beta @ part(rows)
    return score


def logit_coefficients(outcome: Array, design: Array, weights: Array | None = None) -> Array:
    """Coefficients of a logistic regression on columns that are standardised already and include the intercept.

    ``weights`` (n,) say how much each row counts. Raises Separation when the likelihood has no maximum.
    """
    return _newton(outcome, lambda rows: design[rows].T, weights, design.shape[1])


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def _moments(x: Array) -> tuple[Array, Array]:
    """Means, and one over the standard deviations; 0 for a column that does not vary."""
    n, k = x.shape
    if not n:
        return np.zeros(k), np.zeros(k)
    blocks = _blocks(n)
    centre = np.array([[part.sum() for part in x[rows].T] for rows in blocks]).sum(axis=0) / n
    squares, largest = np.zeros(k), np.zeros(k)
    for rows in blocks:
        for j, part in enumerate(x[rows].T):
            gap = part - centre[j]
            squares[j] += gap @ gap
            largest[j] = max(largest[j], gap.max(), -gap.min())
    spread = np.sqrt(squares / n)
    varying = spread > FLAT * (np.abs(centre) + largest)
    return centre, np.where(varying, 1 / np.where(varying, spread, 1.0), 0.0)


def _newton(outcome: Array, part: Part, weights: Array | None, k: int) -> Array:
    """The coefficients at which the likelihood is greatest."""
    n = len(outcome)
    beta = _near(outcome, part, weights, k) if n > MANY else np.zeros(k)
    for _ in range(ROUNDS):
        gradient, information, deviance, widest = _sums(outcome, part, weights, beta)
        if widest < 1e-10:
            raise Separation
        step = np.linalg.lstsq(information, gradient, rcond=1e-12)[0]
        beta = beta + step
        # What the step takes off the deviance, as Newton's method foresees it.
        if abs(float(gradient @ step)) <= 1e-13 * (deviance + 0.1):
            break
    else:
        raise Separation
    if max((float(np.abs(beta @ part(rows)).max()) for rows in _blocks(n)), default=0.0) > 30:
        raise Separation
    return beta


def _near(outcome: Array, part: Part, weights: Array | None, k: int) -> Array:
    """Coefficients from people taken at equal distances: a start close to the end, at a small part of the cost."""
    some = np.arange(0, len(outcome), len(outcome) // SOME, dtype=np.int64)
    design = part(some)
    held = None if weights is None else weights[some]
    try:
        return _newton(outcome[some], lambda rows: design[:, rows], held, k)
    except Separation:
        return np.zeros(k)


def _sums(
    outcome: Array, part: Part, weights: Array | None, beta: Array
) -> tuple[Array, Array, float, float]:
    """Gradient, information, deviance and the widest variance at some coefficients."""
    k = len(beta)
    gradient, information = np.zeros(k), np.zeros((k, k))
    deviance = widest = 0.0
    for rows in _blocks(len(outcome)):
        design, y = part(rows), outcome[rows]
        odds = np.exp(-np.clip(beta @ design, -700, 700))
        p = 1 / (1 + odds)
        other = odds * p
        spread, left = p * other, y - p
        if weights is None:
            deviance -= 2 * float(np.log(np.where(y == 1, p, other)).sum())
        else:
            held = weights[rows]
            deviance -= 2 * float((held * (y * np.log(p) + (1 - y) * np.log(other))).sum())
            left, spread = held * left, held * spread
        gradient += design @ left
        information += (design * spread) @ design.T
        widest = max(widest, float(spread.max()))
    return gradient, information, deviance, widest
