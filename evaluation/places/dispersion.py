"""How much more counts vary than chance alone makes them: Pearson's chi-square of a table of places and periods (pure).

What all places share in a period (season, trend) and what a place always has is taken out first, so that only what is
left speaks of noise. Source: McCullagh and Nelder (1989), section 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array

TURNS, CLOSE = 200, 1e-10


@dataclass(frozen=True, slots=True)
class Dispersion:
    """``factor`` by which the variance exceeds the mean (never below 1 when used), from ``df`` degrees of freedom.

    ``raw`` is what was found before it was held at 1; ``None`` where nothing could be found out.
    """

    factor: float
    raw: float | None
    df: int

    @property
    def known(self) -> bool:
        """Say whether the data told anything about it."""
        return self.raw is not None


UNKNOWN = Dispersion(1.0, None, 0)


def dispersion(counts: Array, exposure: Array | None = None) -> Dispersion:
    """Over-dispersion of ``counts`` (places x periods, NaN where not seen) about place times period.

    ``exposure`` has the same shape. With fewer than two places only the place's own mean is taken out. Returns
    ``UNKNOWN`` where no degree of freedom is left.
    """
    seen = np.isfinite(counts)
    size = np.where(seen, 1.0 if exposure is None else exposure, 0.0)
    y = np.where(seen, counts, 0.0)
    kept = (y.sum(axis=1) > 0) & (seen.sum(axis=1) > 1)
    y, size, seen = y[kept], size[kept], seen[kept]
    shared = len(y) > 1
    live = seen.sum(axis=0) > 0
    y, size, seen = y[:, live], size[:, live], seen[:, live]
    df = int(seen.sum()) - len(y) - (max(int((y.sum(axis=0) > 0).sum()) - 1, 0) if shared else 0)
    if df < 1:
        return UNKNOWN
    expected = _expected(y, size, shared=shared)
    used = seen & (expected > 0)
    found = float((((y - expected) ** 2)[used] / expected[used]).sum()) / df
    return Dispersion(max(found, 1.0), found, df)


def _expected(y: Array, size: Array, *, shared: bool) -> Array:
    """Fitted means of place times period, by turns (iterative proportional fitting)."""
    rate = y.sum(axis=1) / size.sum(axis=1)
    season = np.ones(y.shape[1])
    for _ in range(TURNS if shared else 0):
        below = (rate[:, None] * size).sum(axis=0)
        renewed = np.divide(y.sum(axis=0), below, out=np.ones_like(below), where=below > 0)
        rate = y.sum(axis=1) / (size * renewed).sum(axis=1)
        moved = float(np.abs(renewed - season).max())
        season = renewed
        if moved < CLOSE:
            break
    return np.asarray(rate[:, None] * season * size)
