"""How far the effect may be off: from the placebos, from the residuals over time, or from leaving areas out (pure).

The placebo interval carries the verdict unless the plan says otherwise. Its standard error is the standard deviation of
the effects found where nothing began, over donors less one, with room for the treated area's own draw (1 + 1/donors; of
several treated areas their number over that of donors, as sets of donors overlap). It is read against a t distribution
with donors less one degrees of freedom.

That supposes that the treated area is like its donors. Areas are chosen because they are worst, and are then fitted
worse; so the error is multiplied by the ratio of the treated area's mean squared misfit before the start to that of the
donors, where that ratio is above one. Simulations (tests/simulation/test_synthetic.py) are the reason: without that
factor a treated area picked as the highest of 21 gave false alarms in a third of all panels; with it at most about
one in twenty, in every world tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.synthetic.fits import Fit
from evaluation.synthetic.placebos import Placebos
from evaluation.synthetic.simplex import Array


@dataclass(frozen=True, slots=True)
class PlaceboError:
    """What the placebos say of chance.

    ``error`` with ``df`` degrees of freedom; ``spread`` of the placebo effects alone; ``worse`` by how much the treated
    area was fitted worse than the placebos (root mean squares; 1 means the same).
    """

    error: float
    df: float
    spread: float
    worse: float


def placebo_error(own: Fit, others: Placebos, treated: int = 1) -> PlaceboError | None:
    """The standard error that the placebos give; ``None`` with fewer than three."""
    if len(others.fits) < 3:
        return None
    usual = float(np.sqrt((others.before**2).mean()))
    scale = float(np.abs(own.gaps).max())
    misfit = own.before if own.before > 1e-9 * scale else 0.0
    worse = misfit / usual if usual > 0 else (math.inf if misfit else 0.0)
    areas = _areas(others)
    share = min(
        0.5, treated / areas
    )  # of the donors in one set: sets that overlap vary less than areas drawn afresh
    error = others.spread * math.sqrt((1 + share) / (1 - share)) * max(1.0, worse**2)
    return PlaceboError(error, float(areas - 1), others.spread, worse)


def _areas(others: Placebos) -> int:
    return len({row for rows in others.sets for row in rows})


def jackknife_error(own: Fit, treated: Array, donors: Array, start: int) -> float | None:
    """Every area left out once, weights kept: Arkhangelsky and others (2021), algorithm 3. Needs two treated areas."""
    if treated.shape[0] < 2 or own.periods is None or (own.weights > 0).sum() < 2:
        return None
    periods = own.periods

    def change(paths: Array) -> Array:
        found: Array = paths[:, start:].mean(axis=1) - paths[:, :start] @ periods
        return found

    ones, others = change(treated), change(donors)
    pool = float(own.weights @ others)
    n1 = ones.size
    without_one = (ones.sum() - ones) / (n1 - 1) - pool
    left = 1.0 - own.weights
    without_donor = ones.mean() - (pool - own.weights * others) / left
    all_ = np.concatenate([without_one, without_donor])
    n = all_.size
    return float(math.sqrt((n - 1) / n * ((all_ - own.effect) ** 2).sum()))
