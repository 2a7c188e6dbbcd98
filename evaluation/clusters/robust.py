"""Errors that allow for any likeness within clusters: CR0, CR1, CR1S, CR2, CR3, with Satterthwaite df (pure).

Everything is worked out from one small matrix of products for each cluster: the adjustment (I - H)^(-1/2) is the
identity but for as many directions as the model has columns, so that no matrix of people by people is made.
Source: Bell and McCaffrey (2002); Pustejovsky and Tipton (2018); names as in the R package clubSandwich.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.clusters.mixed import Contrast
from evaluation.regression.linear import Array, NotIdentified

Kind = Literal["CR0", "CR1", "CR1S", "CR2", "CR3"]
FLAT = 1e-10  # directions with less than this share of a cluster's largest are rounding


@dataclass(frozen=True, slots=True)
class Working:
    """The covariance the estimator believes in: independent people, or a random intercept."""

    tau2: float = 0.0
    sigma2: float = 1.0


INDEPENDENT = Working()


def cluster_products(design: Array, y: Array, clusters: npt.NDArray[np.int64]) -> Array:
    """Products of the columns, the outcome last, cluster by cluster: (G, p + 1, p + 1).

    The first column of ``design`` must be ones. ``clusters`` are whole numbers from 0 without gaps.
    """
    order = np.argsort(clusters, kind="stable")
    columns = np.column_stack([design, y])[order]
    starts = np.searchsorted(clusters[order], np.arange(int(clusters.max()) + 1))
    q = columns.shape[1]
    products = np.empty((len(starts), q, q))
    for i in range(q):
        for j in range(i + 1):
            sums = np.add.reduceat(columns[:, i] * columns[:, j], starts)
            products[:, i, j] = products[:, j, i] = sums
    return products


def robust_contrast(
    products: Array, combination: Array, kind: Kind = "CR2", working: Working = INDEPENDENT
) -> Contrast:
    """A combination of (generalised) least squares coefficients with a cluster-robust error.

    ``products`` from :func:`cluster_products`; ``working`` with a random intercept gives the estimator of the
    mixed model with robust errors around it. Degrees of freedom are Satterthwaite's under the working covariance.
    Raises NotIdentified for a single cluster or columns that depend on one another.
    """
    weighed = _weighed(products, working)
    try:
        bread = np.linalg.inv(weighed[:, :-1, :-1].sum(axis=0))
    except np.linalg.LinAlgError:
        raise NotIdentified from None
    count, people = len(products), float(products[:, 0, 0].sum())
    if count < 2:
        raise NotIdentified
    b = bread @ weighed[:, :-1, -1].sum(axis=0)
    basis = _basis(products[:, :-1, :-1])
    adjusted, phi = _adjustment(basis, products, bread, kind, working)
    residual = products[:, :-1, -1] - products[:, :-1, :-1] @ b
    in_basis = np.einsum("gpk,gp->gk", basis, residual)
    scores = np.einsum("gpk,gkl,gl->gp", _onto(basis, products), adjusted, in_basis)
    direction = bread @ combination
    variance = float(((scores @ direction) ** 2).sum()) * _factor(kind, count, people, len(b))
    df = _satterthwaite(np.einsum("gkl,gpk->glp", adjusted, _onto(basis, products)), phi, basis,
                        products, bread, direction)  # fmt: skip
    return Contrast(float(combination @ b), math.sqrt(max(variance, 0.0)), df)


def _factor(kind: Kind, count: int, people: float, columns: int) -> float:
    if kind == "CR1":
        return count / (count - 1)
    if kind == "CR1S":
        return count / (count - 1) * (people - 1) / (people - columns)
    return 1.0


def _weighed(products: Array, working: Working) -> Array:
    """Products in the metric of the working covariance: (G - k s s') / sigma2, s the column sums."""
    size, sums = products[:, 0, 0], products[:, 0, :]
    share = working.tau2 / (working.sigma2 + size * working.tau2)
    return np.asarray(
        (products - share[:, None, None] * sums[:, :, None] * sums[:, None, :]) / working.sigma2
    )


def _basis(squares: Array) -> Array:
    """Combinations of columns that are orthonormal within each cluster; directions it does not have are zero."""
    values, vectors = np.linalg.eigh(squares)
    real = values > FLAT * values[:, -1:]
    return np.asarray(vectors * np.where(real, 1 / np.sqrt(np.where(real, values, 1.0)), 0.0)[:, None, :])


def _onto(basis: Array, products: Array) -> Array:
    """X'E: the columns in the basis, (G, p, k)."""
    return np.asarray(products[:, :-1, :-1] @ basis)


def _adjustment(
    basis: Array, products: Array, bread: Array, kind: Kind, working: Working
) -> tuple[Array, Array]:
    """W A in the basis of each cluster, and the working covariance there."""
    live = np.einsum("gpk,gpq,gqk->gk", basis, products[:, :-1, :-1], basis).round()
    eye = np.eye(basis.shape[1]) * live[:, None, :]
    ones = np.einsum("gpk,gp->gk", basis, products[:, :-1, 0])
    outer, size = ones[:, :, None] * ones[:, None, :], products[:, 0, 0][:, None, None]
    total = working.sigma2 + size * working.tau2
    phi = working.sigma2 * eye + working.tau2 * outer
    inverse = (eye - working.tau2 / total * outer) / working.sigma2
    if kind in ("CR0", "CR1", "CR1S"):
        return inverse, phi
    onto = _onto(basis, products)
    hat = np.einsum("gpk,pq,gql->gkl", onto, bread, onto)
    if kind == "CR3":
        return np.asarray(inverse @ _power(eye - hat @ inverse, -1.0)), phi
    root = math.sqrt(working.sigma2)
    half = root * eye + (np.sqrt(total) - root) / size * outer
    return np.asarray(inverse @ half @ _power(half @ (phi - hat) @ half, -0.5) @ half), phi


def _power(matrices: Array, exponent: float) -> Array:
    """A power of symmetric matrices; directions without weight stay without, as in clubSandwich."""
    values, vectors = np.linalg.eigh((matrices + matrices.transpose(0, 2, 1)) / 2)
    real = values > 1e-9 * np.maximum(values[:, -1:], 1e-300)
    raised = np.where(real, np.where(real, values, 1.0) ** exponent, 0.0)
    return np.asarray((vectors * raised[:, None, :]) @ vectors.transpose(0, 2, 1))


def _satterthwaite(
    adjusted: Array, phi: Array, basis: Array, products: Array, bread: Array, direction: Array
) -> float:
    """(trace)^2 / trace of square of the matrix whose weighted chi-squares the variance estimate is."""
    t = adjusted @ direction
    own = np.einsum("gk,gkl,gl->g", t, phi, t)
    onto = np.einsum("gpk,gk->gp", _onto(basis, products), t)
    shared = np.einsum("gp,pq,gq->g", onto, bread, onto)
    trace = float((own - shared).sum())
    joint = onto.T @ onto @ bread
    square = float((own**2 - 2 * own * shared).sum() + np.trace(joint @ joint))
    return trace**2 / square if square > 0 and trace > 0 else 0.0
