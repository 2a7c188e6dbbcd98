"""Whether the groups moved alike before the start, what such a test could have seen, and what it would miss (pure).

The joint Wald test of all periods before the base; with few clusters its F form after Hotelling. A test that does not
reject shows little unless it could have: so the straight line it would find half of the time, and four times in five,
is said too, and what such a line would add to the effect.
Source: Roth (2022), for the joint test; Hotelling (1931).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, chndtr, fdtrc, fdtri, ncfdtr

from evaluation.differences_in_time.path import EffectPath

FLAT = 1e-10
DUST = 1e-6  # an error this small beside the others is rounding


@dataclass(frozen=True, slots=True)
class PreTrend:
    """The joint test before the start: statistic (a Wald one, chi-squared or Hotelling's), how many, p-value.

    ``slope50``/``slope80``: change a period of a straight gap between the groups that the test at 5 % finds with that
    chance; ``bias50``/``bias80``: what that line adds to the effect asked for. ``None`` where there is no power at all.
    """

    wald: float
    tested: int
    df: float | None
    p_value: float
    slope50: float | None
    slope80: float | None
    bias50: float | None
    bias80: float | None


def pre_trend(path: EffectPath, *, lean: float, alpha: float = 0.05) -> PreTrend | None:
    """Test the periods before the base jointly. ``lean``: what a line of slope 1 a period adds to the effect.

    ``None`` with no period to test, or too few clusters for as many: fewer periods can then be asked for.
    """
    tested = path.before
    least = DUST * float(path.errors.max(initial=0.0))
    if not tested or not (path.errors[:tested] > least).all():
        return None  # nothing to test, or nothing varied before the start
    inside = path.covariance[:tested, :tested]
    inverse = np.linalg.pinv(inside, rcond=FLAT, hermitian=True)
    rank = int(np.linalg.matrix_rank(inside, hermitian=True, tol=FLAT * float(np.abs(inside).max())))
    spare = None if path.df is None else path.df - rank + 1
    if spare is not None and spare <= 1:
        return None
    wald = float(path.values[:tested] @ inverse @ path.values[:tested])
    line = np.array([time - path.base for time in path.times[:tested]], dtype=np.float64)
    size = float(line @ inverse @ line)
    slopes = [(_needed(chance, rank, spare, path.df, alpha) / size) ** 0.5 for chance in (0.5, 0.8)]
    return PreTrend(
        wald,
        rank,
        spare,
        _p_value(wald, rank, spare, path.df),
        slopes[0],
        slopes[1],
        abs(slopes[0] * lean),
        abs(slopes[1] * lean),
    )


def lean_of_means(path: EffectPath) -> float:
    """What a line of slope 1 adds to the mean after less the mean before."""
    after = [time for time in path.times if time >= 0]
    before = [*(time for time in path.times if time < 0), path.base]
    return sum(after) / len(after) - sum(before) / len(before)


def _p_value(wald: float, rank: int, spare: float | None, df: float | None) -> float:
    if spare is None or df is None:
        return float(chdtrc(rank, wald))
    return float(fdtrc(rank, spare, wald * spare / (df * rank)))


def _needed(chance: float, rank: int, spare: float | None, df: float | None, alpha: float) -> float:
    """The noncentrality at which the test rejects with this chance."""

    def rejects(noncentral: float) -> float:
        if spare is None or df is None:
            return 1 - float(chndtr(float(chdtri(rank, alpha)), rank, noncentral))
        return 1 - float(ncfdtr(rank, spare, noncentral, float(fdtri(rank, spare, 1 - alpha))))

    high = 10.0
    while rejects(high) < chance:
        high *= 2
    return float(brentq(lambda value: rejects(value) - chance, 0.0, high, xtol=1e-10))
