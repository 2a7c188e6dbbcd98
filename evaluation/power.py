"""What a study of a given size can show, and what it can rule out (pure).

Source: Cohen (1988) for the minimum detectable effect; Schuirmann (1987) for two one-sided tests.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtr, ndtri, stdtrit

PLACES = 400


def detectable(
    std_error: float, *, alpha: float = 0.05, power: float = 0.8, df: float | None = None
) -> float:
    """The smallest true difference found with the given power: (z[1 - alpha/2] + z[power]) x SE, 2.80 SE by default.

    With ``df`` both come from t, as they must where clusters are few.
    """
    return (_quantile(1 - alpha / 2, df) + _quantile(power, df)) * std_error


def equivalence_power(
    std_error: float, margin: float, *, alpha: float = 0.05, df: float | None = None
) -> float:
    """Chance that the 1 - 2 alpha interval lies inside +-margin when the true difference is zero.

    With ``df`` the error is itself estimated, and the chance is averaged over it: the power of two one-sided t tests.
    """
    if df is None:
        return max(0.0, 2 * float(ndtr(margin / std_error - _quantile(1 - alpha, None))) - 1)
    reach = margin / std_error - _quantile(1 - alpha, df) * _errors(df)
    return float(np.maximum(2 * ndtr(reach) - 1, 0.0).mean())


def chance_of_finding(
    std_error: float, effect: float, *, alpha: float = 0.05, df: float | None = None
) -> float:
    """Chance that the two-sided interval leaves zero out, on the side of the truth, when the true effect is that."""
    reach = _quantile(1 - alpha / 2, df) * (1.0 if df is None else _errors(df))
    return float(np.mean(ndtr(abs(effect) / std_error - reach)))


def chance_of_none(std_error: float, margin: float, *, alpha: float = 0.05, df: float | None = None) -> float:
    """Chance of the answer "no meaningful effect" when there is none: equivalence, and zero inside the wide interval.

    An interval so narrow that it leaves zero out and still lies inside the margin has an answer of its own (contracts,
    section 6): so this is at most 1 - alpha.
    """
    error = 1.0 if df is None else _errors(df)
    inside = margin / std_error - _quantile(1 - alpha, df) * error
    reach = np.minimum(inside, _quantile(1 - alpha / 2, df) * error)
    return float(np.mean(np.maximum(2 * ndtr(reach) - 1, 0.0)))


@lru_cache(maxsize=64)
def _errors(df: float) -> npt.NDArray[np.float64]:
    """Estimated errors over the true one, at evenly spread chances: roots of chi-square over its degrees of freedom."""
    chances = (np.arange(PLACES) + 0.5) / PLACES
    return np.asarray(np.sqrt(chdtri(df, 1 - chances) / df))


def _quantile(level: float, df: float | None) -> float:
    return float(ndtri(level) if df is None else stdtrit(df, level))


def people_to_settle(n: int, std_error: float, margin: float, *, alpha: float = 0.05) -> int:
    """People needed in all, at the present mix and spread, to settle the question about four times in five.

    The standard error that shows a true difference of ``margin`` with 80 % power, or rules it out with 80 %
    power when there is none, whichever needs more people.
    """
    to_find = margin / float(ndtri(1 - alpha / 2) + ndtri(0.8))
    to_rule_out = margin / float(ndtri(1 - alpha) + ndtri(0.9))
    return math.ceil(n * (std_error / min(to_find, to_rule_out)) ** 2)
