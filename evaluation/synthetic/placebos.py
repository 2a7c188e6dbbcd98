"""Placebos: the same fit for areas, and at times, where nothing began (pure).

Every donor is given the programme in turn, with all other donors as its pool; the treated areas are in none. With one
treated area that is the whole distribution, so it is counted out and not drawn. With several, sets of as many donors
are averaged: all sets where there are few, a seeded draw of them where there are many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from evaluation.synthetic.fits import Fit, Predictors
from evaluation.synthetic.simplex import Array

MOST_SETS = 1000
TIE = 1e-9  # two statistics that differ by rounding alone are equal

Fitter = Callable[[Array, Array, Predictors | None], Fit]


@dataclass(frozen=True, slots=True)
class Placebos:
    """Fits of areas where nothing began. ``sets``: rows of the donors; ``all_of_them``: none was left out."""

    fits: tuple[Fit, ...]
    sets: tuple[tuple[int, ...], ...]
    all_of_them: bool

    @property
    def effects(self) -> Array:
        """The effect found for each, where there is none."""
        return np.array([one.effect for one in self.fits])

    @property
    def before(self) -> Array:
        """How badly each was fitted before the start."""
        return np.array([one.before for one in self.fits])

    @property
    def ratios(self) -> Array:
        """Root mean squared gap after the start over that before."""
        return np.array([ratio_of(one) for one in self.fits])

    @property
    def spread(self) -> float:
        """Standard deviation of the placebo effects (over their number, as the distribution is enumerated)."""
        return float(self.effects.std()) if self.fits else math.nan

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that a rank among so many can give."""
        return 1.0 / (len(self.fits) + 1)


def ratio_of(one: Fit) -> float:
    """How much larger gaps are after than before; infinite where the path before was met exactly."""
    scale = float(np.abs(one.gaps).max())
    if one.before > 1e-12 * scale:
        return one.after / one.before
    return math.inf if one.after > 1e-12 * scale else 1.0


def placebos(
    fitter: Fitter, donors: Array, predictors: Array | None, size: int, draw: np.random.Generator
) -> Placebos:
    """The fit of every set of ``size`` donors to the others."""
    sets, complete = drawn_sets(donors.shape[0], size, draw)
    return Placebos(tuple(_one(fitter, donors, predictors, rows) for rows in sets), sets, complete)


def _one(fitter: Fitter, donors: Array, predictors: Array | None, rows: tuple[int, ...]) -> Fit:
    chosen = list(rows)
    rest = np.delete(donors, chosen, axis=0)
    beside = None
    if predictors is not None:
        beside = Predictors(predictors[chosen].mean(axis=0), np.delete(predictors, chosen, axis=0))
    return fitter(donors[chosen].mean(axis=0), rest, beside)


def drawn_sets(n: int, size: int, draw: np.random.Generator) -> tuple[tuple[tuple[int, ...], ...], bool]:
    """Sets of ``size`` of ``n`` donors: all, or those drawn where they are too many; and whether they are all."""
    if n - size < 2:
        return (), True
    if math.comb(n, size) <= MOST_SETS:
        return tuple(combinations(range(n), size)), True
    if size == 1:
        return tuple((row,) for row in range(n)), True
    drawn = {tuple(sorted(draw.choice(n, size, replace=False).tolist())) for _ in range(MOST_SETS)}
    return tuple(sorted(drawn)), False


def rank_p(own: float, others: npt.ArrayLike) -> float:
    """Share of all areas, the treated one counted, whose statistic is at least as large."""
    values = np.asarray(others, dtype=float)
    if math.isinf(own):
        return float(1 + np.isinf(values).sum()) / (values.size + 1)
    return float(1 + (values >= own * (1 - TIE)).sum()) / (values.size + 1)


def reach(values: Array, level: float) -> float:
    """The largest statistic whose rank among ``values`` still has a p-value above ``1 - level``; infinite if any has.

    The half-width of the interval that holds every effect a rank test does not reject.
    """
    allowed = math.floor((1 - level) * (values.size + 1) + 1e-9)  # of all ranks, those that reject
    if allowed < 1:
        return math.inf
    return float(np.sort(values)[-allowed])
