"""Rosenbaum's bounds: how strong a hidden cause would have to be to undo what matched pairs show (pure).

Within a pair, a cause that was not measured might make one person up to Gamma times as likely (in odds) to have been
the treated one. At each Gamma the p-value lies between two bounds; the conclusion hangs on the upper one. For numbers
Wilcoxon's signed-rank test (pairs without a difference left out, ties sharing their ranks, normal approximation); for
yes-or-no outcomes McNemar's test on the pairs that differ (exact). One-sided, in the direction the pairs point to.
Source: Rosenbaum (2002), Observational Studies, chapter 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv, ndtr, ndtri

from evaluation.model import Check, PathRow

Array = npt.NDArray[np.float64]
GAMMAS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0)
FEWEST = 10  # pairs that differ, below which the bounds say nothing
TERM = "hidden cause of "
MOST = 1e6


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a bound needs of matched pairs: the ranks' sum in favour, all ranks, and whether the outcome is yes or no.

    ``toward`` is +1 where the treated have more, -1 where they have less. For a yes-or-no outcome ranks are all 1.
    """

    statistic: float
    total: float
    squares: float
    differing: int
    toward: int
    binary: bool


def weigh(differences: Array, *, binary: bool) -> Pairs:
    """Pairs by their differences (treated less comparison), in the direction in which they point."""
    apart = differences[differences != 0]
    ranks = np.ones(len(apart)) if binary else _ranks(np.abs(apart))
    up = float(ranks[apart > 0].sum())
    total = float(ranks.sum())
    toward = 1 if up >= total - up else -1
    return Pairs(max(up, total - up), total, float(ranks @ ranks), len(apart), toward, binary)


def _ranks(sizes: Array) -> Array:
    """Ranks from 1; the tied share theirs."""
    _, index, count = np.unique(sizes, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[index], dtype=np.float64)


def upper_p(pairs: Pairs, gamma: float) -> float:
    """The largest one-sided p-value that a hidden cause of strength ``gamma`` allows."""
    chance = gamma / (1 + gamma)
    if pairs.binary:
        count, least = pairs.differing, round(pairs.statistic)
        return 1.0 if least <= 0 else float(betainc(least, count - least + 1, chance))
    spread = math.sqrt(chance * (1 - chance) * pairs.squares)
    return float(ndtr(-(pairs.statistic - chance * pairs.total) / spread)) if spread else 1.0


def undone_at(pairs: Pairs, level: float) -> float | None:
    """The Gamma at which the upper p-value reaches ``level``; ``None`` where it is above it without a hidden cause."""
    if not pairs.differing or upper_p(pairs, 1.0) > level:
        return None
    if pairs.binary:
        least = round(pairs.statistic)
        chance = float(betaincinv(least, pairs.differing - least + 1, level))
    else:
        chance = _normal_root(pairs, level)
    return min(chance / (1 - chance), MOST) if chance < 1 else MOST


def _normal_root(pairs: Pairs, level: float) -> float:
    """The chance p with T - pA = z sqrt(p (1 - p) B): the smaller root of a quadratic."""
    z = float(ndtri(1 - level)) ** 2 * pairs.squares
    a, b = pairs.total**2 + z, 2 * pairs.statistic * pairs.total + z
    inside = max(b * b - 4 * a * pairs.statistic**2, 0.0)
    return (b - math.sqrt(inside)) / (2 * a)


def bound_rows(pairs: Pairs, alpha: float) -> tuple[PathRow, ...]:
    """The upper p-value at each strength of a hidden cause; nothing where too few pairs differ or they show nothing."""
    if pairs.differing < FEWEST or undone_at(pairs, alpha / 2) is None:
        return ()
    # To three decimals: more would tell how many pairs differ, and which way.
    return tuple(PathRow(f"{TERM}{g:g}", round(upper_p(pairs, g), 3), None, None, None) for g in GAMMAS)


def bound_check(pairs: Pairs, alpha: float) -> Check:
    """At which strength of a hidden cause the pairs alone would no longer show an effect; no verdict hangs on it."""
    test = "McNemar's test" if pairs.binary else "signed-rank test"
    if pairs.differing < FEWEST:
        note = f"Fewer than {FEWEST} pairs differ in the outcome: no bound on hidden causes can be given."
        return Check("hidden cause", "info", None, None, "none", note)
    gamma = undone_at(pairs, alpha / 2)
    if gamma is None:
        note = f"The pairs alone ({test}) leave both directions open, so there is nothing a hidden cause could undo."
        return Check("hidden cause", "info", 1.0, None, "none", note)
    way = "more" if pairs.toward > 0 else "less"
    shown = math.floor(gamma * 100) / 100
    note = (
        f"The treated of the pairs have {way} of it ({test}). A hidden cause that makes one of a pair {shown:.2f} "
        "times as likely (in odds) to be treated, and decides the outcome, could undo that; a weaker one could not."
    )
    return Check("hidden cause", "info", shown, None, "none", note)
