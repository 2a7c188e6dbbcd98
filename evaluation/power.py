"""What a study of a given size can show, and what it can rule out (pure).

Source: Cohen (1988) for the minimum detectable effect; Schuirmann (1987) for two one-sided tests.
"""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri


def std_error_of(n_treated: int, n_comparison: int, sd: float, r2: float = 0.0) -> float:
    """Standard error of a difference between two arms; covariates take away a share ``r2`` of the variance."""
    return sd * math.sqrt((1 - r2) * (1 / n_treated + 1 / n_comparison))


def detectable(std_error: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest true difference found with the given power: (z[1 - alpha/2] + z[power]) x SE, 2.80 SE by default."""
    return float(ndtri(1 - alpha / 2) + ndtri(power)) * std_error


def equivalence_power(std_error: float, margin: float, *, alpha: float = 0.05) -> float:
    """Chance that the 1 - 2 alpha interval lies inside +-margin when the true difference is zero."""
    return max(0.0, 2 * float(ndtr(margin / std_error - ndtri(1 - alpha))) - 1)


def people_to_settle(n: int, std_error: float, margin: float, *, alpha: float = 0.05) -> int:
    """People needed in all, at the present mix and spread, to settle the question about four times in five.

    The standard error that shows a true difference of ``margin`` with 80 % power, or rules it out with 80 %
    power when there is none, whichever needs more people.
    """
    to_find = margin / float(ndtri(1 - alpha / 2) + ndtri(0.8))
    to_rule_out = margin / float(ndtri(1 - alpha) + ndtri(0.9))
    return math.ceil(n * (std_error / min(to_find, to_rule_out)) ** 2)
