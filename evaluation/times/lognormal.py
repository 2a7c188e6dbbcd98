"""Log-normal regression of times, some of them cut off: how many times as long until the event (pure).

An accelerated failure time model: log time = x'b + s e, e normal. It does not need hazards that stay in proportion;
it needs times that are log-normal given the covariates. Fitted by Newton's method in (b / s, 1 / s), in which the log
likelihood is concave. Source: Olsen (1978) for that parametrisation; Wooldridge (2010), section 17.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from evaluation.times.cox import CannotFit
from evaluation.times.survival import Array, Times

ROUNDS = 60
CLOSE = 1e-10
ROOT = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class LogNormalFit:
    """A fitted model: coefficients of log time, shape (p,), the spread of log time, and errors.

    ``covariance`` is that of the coefficients from the information, shape (p, p); ``robust_covariance`` the sandwich.
    """

    coefficients: Array
    scale: float
    covariance: Array
    robust_covariance: Array
    log_likelihood: float


def fit_lognormal(times: Times, design: Array) -> LogNormalFit:
    """Fit the model to times watched from the start.

    Parameters
    ----------
    times : Times
        Shape (n,) each; every time above 0, no late entry.
    design : Array
        Shape (n, p), with a column of ones.

    Raises
    ------
    CannotFit
        Without events, with late entry or a time of nought, with columns that repeat one another, or when
        coefficients run off.
    """
    if times.entry is not None or not (times.stop > 0).all() or not (times.event == 1).any():
        raise CannotFit
    spread = np.sqrt((design**2).mean(axis=0))
    if (spread <= 0).any():
        raise CannotFit
    log, hit, x = np.log(times.stop), times.event == 1, design / spread
    theta = _start(log, x)
    value, parts = _parts(log, hit, x, theta)
    for _ in range(ROUNDS):
        information = _information(parts[1], log, hit, x, theta)
        if np.linalg.cond(information) > 1e14:
            raise CannotFit
        move = np.linalg.solve(information, parts[0].sum(axis=0))
        theta, value, parts = _stepped(log, hit, x, (theta, value, parts), move)
        if float(np.abs(move).max()) < CLOSE * (1 + float(np.abs(theta).max())):
            break
    else:
        raise CannotFit
    information = _information(parts[1], log, hit, x, theta)
    return _finished(theta, value, parts[0], information, spread)


def _start(log: Array, x: Array) -> Array:
    """Least squares as if nobody had been cut off, in the concave parametrisation."""
    beta = np.linalg.lstsq(x, log, rcond=None)[0]
    scale = max(float((log - x @ beta).std()), 1e-3)
    return np.append(beta / scale, 1 / scale)


def _stepped(
    log: Array, hit: Array, x: Array, now: tuple[Array, float, tuple[Array, Array]], move: Array
) -> tuple[Array, float, tuple[Array, Array]]:
    """One Newton step, halved until the likelihood does not fall and the spread stays positive."""
    theta, value, _ = now
    size = 1.0
    while size > 1e-8:
        trial = theta + size * move
        if trial[-1] > 0:
            renewed, parts = _parts(log, hit, x, trial)
            if renewed >= value - 1e-10 * abs(value):
                return trial, renewed, parts
        size /= 2
    raise CannotFit


def _parts(log: Array, hit: Array, x: Array, theta: Array) -> tuple[float, tuple[Array, Array]]:
    """Log likelihood of times (not of their logs), each row's score, and how fast each row's slope changes."""
    gap = theta[-1] * log - x @ theta[:-1]
    beyond = log_ndtr(-gap)
    mills = np.exp(-0.5 * gap**2 - ROOT - beyond)  # of those cut off: the chance of the event just then
    value = np.where(hit, np.log(theta[-1]) - 0.5 * gap**2 - ROOT - log, beyond).sum()
    slope = np.where(hit, -gap, -mills)
    bend = np.where(hit, 1.0, mills * (mills - gap))
    score = np.column_stack([-slope[:, None] * x, slope * log + hit / theta[-1]])
    return float(value), (score, bend)


def _information(bend: Array, log: Array, hit: Array, x: Array, theta: Array) -> Array:
    z = np.column_stack([-x, log])
    found: Array = z.T @ (z * bend[:, None])
    found[-1, -1] += float(hit.sum()) / theta[-1] ** 2
    return found


def _finished(theta: Array, value: float, score: Array, information: Array, spread: Array) -> LogNormalFit:
    """Back to coefficients and spread, errors by the delta method."""
    scale = 1 / float(theta[-1])
    beta = theta[:-1] * scale
    inverse = np.linalg.inv(information)
    turn = np.column_stack([np.eye(len(beta)) * scale, -beta * scale]) / spread[:, None]
    robust = inverse @ (score.T @ score) @ inverse
    return LogNormalFit(beta / spread, scale, turn @ inverse @ turn.T, turn @ robust @ turn.T, value)
