"""Who took the programme up, and the effect on those who did because they were offered it (pure).

Two-stage least squares with the allocation as the instrument (just identified). The effect is that on compliers where
nobody does the opposite of what they are offered, and where an offer that is not taken up changes nothing. Where the
allocation hardly moves take-up, the usual interval misleads; the Anderson-Rubin one holds whatever its strength.
Source: Angrist, Imbens and Rubin (1996); Anderson and Rubin (1949); Staiger and Stock (1997) for F below 10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array, Fit, NotIdentified, independent_columns

WEAK = 10.0


@dataclass(frozen=True, slots=True)
class TakeUp:
    """First stage: the difference in take-up, its HC2 error and F; take-up in each arm; and what follows from it."""

    difference: float
    std_error: float
    shares: tuple[float, float]
    effect: Fit
    ends: tuple[tuple[float, float] | None, ...]

    @property
    def strength(self) -> float:
        """F of the first stage: the squared t of the allocation."""
        return (self.difference / self.std_error) ** 2 if self.std_error > 0 else math.inf


def take_up(
    y: Array,
    assigned: Array,
    received: Array,
    covariates: Array,
    critical: tuple[float, ...],
) -> TakeUp:
    """Complier average causal effect of ``received`` (n,) with ``assigned`` (n,) as the instrument.

    ``covariates`` (n, k) enter both stages. Errors are HC2 in the reduced form. ``critical`` are the critical values
    of the Anderson-Rubin intervals wanted, in ``ends``: ``None`` where the set has no two ends. Raises NotIdentified
    where nobody's take-up differs or the covariates say all of the allocation.
    """
    names = tuple(str(i) for i in range(covariates.shape[1]))
    full = np.column_stack([np.ones_like(y), covariates, assigned])
    design, kept = independent_columns(full, ("1", *names, "z"))
    if "z" not in kept or design.shape[0] <= design.shape[1] or np.ptp(received) == 0:
        raise NotIdentified
    q, r = np.linalg.qr(design / np.linalg.norm(design, axis=0))
    direction = q @ np.linalg.solve(r.T, np.eye(r.shape[0])[-1]) / np.linalg.norm(design[:, -1])
    spare = np.maximum(1 - (q * q).sum(axis=1), 1e-9)
    reduced, first = float(direction @ y), float(direction @ received)
    left = [part - q @ (q.T @ part) for part in (y, received)]
    weight = direction**2 / spare
    vyy, vyd, vdd = (float((weight * a * b).sum()) for a, b in
                     ((left[0], left[0]), (left[0], left[1]), (left[1], left[1])))  # fmt: skip
    if abs(first) <= 1e-12:
        raise NotIdentified
    value = reduced / first
    variance = (vyy - 2 * value * vyd + value**2 * vdd) / first**2
    ends = tuple(accepted(reduced, first, (vyy, vyd, vdd), c) for c in critical)
    shares = (float(received[assigned == 1].mean()), float(received[assigned == 0].mean()))
    fit = Fit(value, math.sqrt(max(variance, 0.0)), float(len(y) - design.shape[1]), None, (), 0.0)
    return TakeUp(first, math.sqrt(max(vdd, 0.0)), shares, fit, ends)


def accepted(
    reduced: float, first: float, parts: tuple[float, float, float], critical: float
) -> tuple[float, float] | None:
    """Effects b at which reduced - b first is within ``critical`` of its error: the roots of a quadratic."""
    c2 = critical**2
    a = first**2 - c2 * parts[2]
    b = reduced * first - c2 * parts[1]
    inside = b * b - a * (reduced**2 - c2 * parts[0])
    if a <= 0 or inside < 0:
        return None  # the whole line, or all but a gap in it
    root = math.sqrt(inside)
    return (b - root) / a, (b + root) / a
