"""The propensity score: unpenalised logistic regression, with separation noticed rather than smoothed away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
ROUNDS = 100


class Separation(ValueError):  # noqa: N818
    """The covariates tell the arms apart completely: there is nobody to compare with."""


def logit_score(treated: Array, covariates: Array) -> Array:
    """Linear predictor (log odds of treatment), shape (n,), by iteratively reweighted least squares.

    Estimator: maximum likelihood without penalty; columns are standardised for the arithmetic only.
    Raises Separation when the likelihood has no maximum. Source: McCullagh and Nelder (1989), section 4.4.
    """
    spread = covariates.std(axis=0)
    varying = spread > 0
    z = (covariates[:, varying] - covariates[:, varying].mean(axis=0)) / spread[varying]
    design = np.column_stack([np.ones_like(treated), z])
    return np.asarray(design @ logit_coefficients(treated, design), dtype=np.float64)


def logit_coefficients(outcome: Array, design: Array) -> Array:
    """Coefficients of a logistic regression on columns that are standardised already and include the intercept.

    Raises Separation when the likelihood has no maximum.
    """
    beta = np.zeros(design.shape[1])
    deviance = np.inf
    for _ in range(ROUNDS):
        eta = design @ beta
        p = 1 / (1 + np.exp(-np.clip(eta, -700, 700)))
        weight = p * (1 - p)
        if float(weight.max()) < 1e-10:
            raise Separation
        gradient = design.T @ (outcome - p)
        information = design.T @ (design * weight[:, None])
        beta = beta + np.linalg.lstsq(information, gradient, rcond=1e-12)[0]
        current = _deviance(outcome, design @ beta)
        if abs(deviance - current) <= 1e-13 * (abs(current) + 0.1):
            break
        deviance = current
    else:
        raise Separation
    if float(np.abs(design @ beta).max()) > 30:
        raise Separation
    return beta


def _deviance(treated: Array, eta: Array) -> float:
    return float(2 * np.logaddexp(0, np.where(treated == 1, -eta, eta)).sum())
