"""Degrees of freedom of an HC2 error, by Satterthwaite, one variance an arm (pure).

HC2 is a sum of squares of correlated residuals. Its own mean and variance, worked out as if everybody in an arm had
the same variance (estimated there), say which chi-square it is nearest to. For a difference of means the answer is
Welch's exactly. Source: Satterthwaite (1946); Welch (1947); Bell and McCaffrey (2002), who take one variance for all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def satterthwaite_df(design: Array, residuals: Array, treated: Array) -> float:
    """Degrees of freedom of the HC2 variance of the last coefficient of least squares; the residual ones if none.

    Shapes: ``design`` (n, p) of full rank and no leverage of 1, ``residuals`` and ``treated`` (n,). With
    P = (I-H)S(I-H) and weights w of the squared residuals, df = tr(WP)^2 / tr(WPWP), from p x p products only.
    """
    n, p = design.shape
    q, r = np.linalg.qr(design)
    spare = 1 - (q * q).sum(axis=1)
    pull = q @ np.linalg.solve(r.T, np.eye(p)[-1])  # everybody's weight in the last coefficient
    w = pull**2 / spare
    arms = [treated == arm for arm in (1, 0)]
    spread = [float((residuals[arm] ** 2 / spare[arm]).mean()) if arm.any() else 0.0 for arm in arms]
    told = q.T @ (q * np.where(arms[0], spread[0], spread[1])[:, None])
    eye = np.eye(p)
    trace = square = 0.0
    pulled = [q[arm].T @ (q[arm] * w[arm][:, None]) for arm in arms]
    for a, arm in enumerate(arms):
        within = told - 2 * spread[a] * eye
        off = ((q[arm] @ within) * q[arm]).sum(axis=1)
        trace += float((w[arm] * (spread[a] + off)).sum())
        square += float((w[arm] ** 2 * (spread[a] ** 2 + 2 * spread[a] * off)).sum())
        for b in range(2):
            between = told - (spread[a] + spread[b]) * eye
            square += float(np.trace(between @ pulled[a] @ between @ pulled[b]))
    df = trace * trace / square if square > 0 else 0.0
    return df if df > 0 and np.isfinite(df) else float(n - p)
