"""One series, or a programme's series and its comparison, as one model with errors that run over time (pure).

Each arm keeps its own trend, season and breaks. Scores of both arms are added up period by period before they are
compared with their neighbours, so what hits both at once is counted once (Driscoll and Kraay).
Source: Newey and West (1987); Driscoll and Kraay (1998); Linden (2015) and Lopez Bernal et al. (2018) for comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array
from evaluation.series.errors import (
    bartlett,
    correlation,
    likeness,
    moments,
    pairs,
    residual_covariance,
)
from evaluation.series.fits import Fits
from evaluation.series.layout import Layout


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm's series on the grid: outcome and exposure (T,), and its fit over the periods used."""

    outcome: Array
    exposure: Array | None
    fit: Fits


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Variance and degrees of freedom of one contrast; ``factor`` is what short series raise it by."""

    variance: float
    df: float
    factor: float


@dataclass(frozen=True, slots=True)
class Joint:
    """Arms on one layout, the treated first; coefficients are stacked in that order."""

    layout: Layout
    arms: tuple[Arm, ...]

    @property
    def beta(self) -> Array:
        """All coefficients (K,)."""
        return np.concatenate([arm.fit.beta[0] for arm in self.arms])

    @property
    def log_link(self) -> bool:
        """Say whether effects are ratios."""
        return self.arms[0].fit.log_link

    @property
    def df(self) -> float:
        """Observations less coefficients."""
        return float(sum(arm.fit.df for arm in self.arms))

    @property
    def dispersion(self) -> float:
        """Pearson's statistic over degrees of freedom of both arms (in least squares the variance of a residual)."""
        return float(sum(float(arm.fit.scale[0]) * arm.fit.df for arm in self.arms) / self.df)

    def _blocks(self, parts: list[Array]) -> Array:
        size = sum(part.shape[1] for part in parts)
        rows, at = [], 0
        for part in parts:
            block = np.zeros((part.shape[0], size))
            block[:, at : at + part.shape[1]] = part
            rows.append(block)
            at += part.shape[1]
        return np.concatenate(rows)

    @property
    def bread(self) -> Array:
        """Inverse information of all coefficients (K, K)."""
        return self._blocks([arm.fit.bread[0] for arm in self.arms])

    def covariance(self, errors: str, lag: int) -> Array:
        """Covariance of all coefficients (K, K); Newey-West with n / (n - k)."""
        if errors == "model":
            return self.bread * self.dispersion
        scores = np.concatenate([arm.fit.rows[0] * arm.fit.residual[0][:, None] for arm in self.arms], axis=1)
        meat = scores.T @ scores
        fit = self.arms[0].fit
        for early, late, weight in pairs(fit.times, lag):
            part = scores[early].T @ scores[late]
            meat = meat + weight * (part + part.T)
        n, k = fit.design.shape
        return np.asarray(self.bread @ meat @ self.bread * (n / (n - k)))

    def uncertainty(self, direction: Array, errors: str, lag: int) -> Uncertainty:
        """Variance of a contrast (K,) of the coefficients, corrected for short series under ``newey-west``."""
        variance = max(float(direction @ self.covariance(errors, lag) @ direction), 0.0)
        if errors != "newey-west":
            return Uncertainty(variance, self.df, 1.0)
        n, k = self.arms[0].fit.design.shape
        if not variance > 0:
            return Uncertainty(0.0, self.df, 1.0)
        factor, df = self.small_sample(direction, lag)
        factor *= (n - k) / n  # in place of the usual factor, not on top of it
        return Uncertainty(variance * factor, df, factor)

    def small_sample(self, direction: Array, lag: int) -> tuple[float, float]:
        """As :func:`evaluation.series.errors.small_sample`, errors of the two arms taken as unrelated to each other."""
        k = self.arms[0].fit.design.shape[1]
        weights = bartlett(self.arms[0].fit.times, lag)
        truth, moves, lefts = 0.0, [], []
        for place, arm in enumerate(self.arms):
            fit = arm.fit
            rows, bread = fit.rows[0], fit.bread[0]
            alike = correlation(fit.times, float(likeness(fit)[0])) * float(fit.scale[0])
            moves.append(rows @ (bread @ direction[place * k : (place + 1) * k]))
            lefts.append(residual_covariance(rows, bread, alike))
            truth += float(moves[-1] @ alike @ moves[-1])
        both = range(len(moves))
        products = [[(weights * np.outer(moves[i], moves[j])) @ lefts[j] for j in both] for i in both]
        mean = sum(float(np.trace(products[i][i])) for i in both)
        square = sum(float((products[i][j] * products[j][i].T).sum()) for i in both for j in both)
        return moments(truth, mean, square)
