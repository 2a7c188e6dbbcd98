"""Segmented regressions of many series on one design at once: least squares and log-linear models (pure).

S series, T periods that all of them were seen in, k columns. Every fit is kept as a weighted least squares problem:
rows of the design times the root of their weight, and residuals on the same scale (Pearson's for counts), so that one
set of errors serves all families.
Source: McCullagh and Nelder (1989) for the iteration and the dispersion; Wagner et al. (2002) for the design.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.observed.propensity import Separation
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import Array

Places = npt.NDArray[np.int64]
ROUNDS = 60
FAR = 40.0  # a log mean that moves this far from where it began is on its way to minus infinity
CLOSE = 1e-10  # of log means from one round to the next
PIECE = 2_000  # series worked on at a time, so that memory stays a small multiple of the panel


@dataclass(frozen=True, slots=True)
class Fits:
    """Fitted series: ``beta`` (S, k), ``mu`` (S, T), ``rows`` (S or 1, T, k) weighted design, ``residual`` (S, T).

    ``bread`` (S or 1, k, k) is the inverse of rows'rows, ``scale`` (S,) the variance of a residual (for counts the
    over-dispersion), ``times`` (T,) the place of each period on the regular grid, gaps included. ``sound`` (S,) is
    False where a log-linear model has no maximum. ``theta`` is the size of a negative binomial, else infinite.
    """

    design: Array
    beta: Array
    mu: Array
    rows: Array
    residual: Array
    bread: Array
    scale: Array
    times: Places
    sound: npt.NDArray[np.bool_]
    log_link: bool
    theta: float = math.inf

    @property
    def df(self) -> int:
        """Periods less columns."""
        return int(self.design.shape[0] - self.design.shape[1])

    def one(self, place: int) -> Fits:
        """A single series of them."""
        at = slice(place, place + 1)
        shared = self.rows.shape[0] == 1
        return Fits(
            self.design,
            self.beta[at],
            self.mu[at],
            self.rows if shared else self.rows[at],
            self.residual[at],
            self.bread if shared else self.bread[at],
            self.scale[at],
            self.times,
            self.sound[at],
            self.log_link,
            self.theta,
        )


def fit_gaussian(y: Array, design: Array, times: Places) -> Fits:
    """Least squares of every row of ``y`` (S, T) on ``design`` (T, k) of full rank."""
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    beta = y @ q @ inverse.T
    mu = beta @ design.T
    residual = y - mu
    scale = (residual**2).sum(axis=1) / (design.shape[0] - design.shape[1])
    return Fits(
        design,
        beta,
        mu,
        design[None],
        residual,
        (inverse @ inverse.T)[None],
        scale,
        times,
        np.ones(len(y), dtype=np.bool_),
        False,
    )


def fit_poisson(y: Array, design: Array, times: Places, offset: Array | None = None) -> Fits:
    """Log-linear models of counts ``y`` (S, T) with ``offset`` (S or 1, T), by iteratively reweighted least squares.

    The design is made orthogonal first, so that nothing hangs on the size of its columns. Series are taken in pieces.
    """
    shift = np.zeros((1, y.shape[1])) if offset is None else np.atleast_2d(offset)
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    parts = [
        _piece(y[at : at + PIECE], q, shift if len(shift) == 1 else shift[at : at + PIECE])
        for at in range(0, len(y), PIECE)
    ]
    gamma, mu, sound = (np.concatenate([part[i] for part in parts]) for i in range(3))
    for lost in np.flatnonzero(~sound & (y.sum(axis=1) > 0)):
        move = shift[0 if len(shift) == 1 else lost]
        beta = _slowly(y[lost], design, move)
        if beta is not None:
            gamma[lost], mu[lost], sound[lost] = r @ beta, np.exp(design @ beta + move), True
    root = np.sqrt(np.maximum(mu, 1e-300))
    rows = design[None] * root[:, :, None]
    pearson = (y - mu) / root
    bread = np.linalg.pinv(np.einsum("ti,st,tj->sij", q, mu, q, optimize=True), hermitian=True)
    return Fits(
        design,
        gamma @ inverse.T,
        mu,
        rows,
        pearson,
        inverse @ bread @ inverse.T,
        (pearson**2).sum(axis=1) / (design.shape[0] - design.shape[1]),
        times,
        sound,
        True,
    )


def _piece(y: Array, q: Array, shift: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Coefficients on the orthogonal design, means, and whether there is a maximum, of some series."""
    mu = (y + y.mean(axis=1, keepdims=True)) / 2 + 1e-3
    eta = np.log(mu)
    first = eta
    gamma = np.zeros((len(y), q.shape[1]))
    sound = np.ones(len(y), dtype=np.bool_)
    open_ = np.flatnonzero(y.sum(axis=1) > 0)
    sound[y.sum(axis=1) <= 0] = False
    for _ in range(ROUNDS):
        if not open_.size:
            break
        m, e = mu[open_], eta[open_]
        move = shift if len(shift) == 1 else shift[open_]
        working = e - move + (y[open_] - m) / m
        weighted = np.einsum("ti,st,tj->sij", q, m, q, optimize=True)
        slope = (m * working) @ q
        try:
            gamma[open_] = np.linalg.solve(weighted, slope[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            gamma[open_] = (np.linalg.pinv(weighted, hermitian=True) @ slope[:, :, None])[:, :, 0]
        e, earlier = gamma[open_] @ q.T + move, e
        lost = np.abs(e - first[open_]).max(axis=1) > FAR
        e = np.clip(e, first[open_] - FAR, first[open_] + FAR)
        m = np.maximum(np.exp(e), 1e-12)
        eta[open_], mu[open_] = e, m
        done = np.abs(e - earlier).max(axis=1) <= CLOSE
        sound[open_[lost]] = False
        open_ = open_[~(done | lost)]
    sound[open_] = False
    return gamma, mu, sound & (mu.min(axis=1) > 1e-7)


def _slowly(y: Array, design: Array, offset: Array) -> Array | None:
    """Coefficients of one series by steps that never go downhill, where whole steps lost their way; or nothing."""
    spread = np.linalg.norm(design, axis=0)
    try:
        found = fit_model(y, design / spread * math.sqrt(len(y)), "poisson", offset)
    except Separation:
        return None
    return np.asarray(found.beta / spread * math.sqrt(len(y)))


def fit_negative_binomial(y: Array, design: Array, times: Places, offset: Array | None = None) -> Fits:
    """One series (T,) whose variance is mu + mu^2 / theta, theta by maximum likelihood. Raises Separation."""
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    spread = np.linalg.norm(design, axis=0)
    order = design / np.where(spread > 0, spread, 1.0) * math.sqrt(len(y))
    found = fit_model(y, order, "negative-binomial", offset)
    root = np.sqrt(found.weight)
    residual = found.score / root
    bread = np.linalg.inv(q.T @ (q * found.weight[:, None]))
    return Fits(
        design,
        (found.beta / spread * math.sqrt(len(y)))[None],
        found.mu[None],
        (design * root[:, None])[None],
        residual[None],
        (inverse @ bread @ inverse.T)[None],
        np.ones(1),
        times,
        np.ones(1, dtype=np.bool_),
        True,
        found.theta,
    )
