"""Rates with their ranges: counts over people as Poisson, shares as binomial (pure).

Range of a rate: exact for a Poisson count (Garwood 1936): gamma quantiles of the count and of the count plus one.
Range of a share: Wilson (1927). Real counts often vary more than Poisson counts do, so both can be too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import gammaincinv, ndtri

PER = 10_000
Z = float(ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its 95 % range, per ``per``."""

    value: float
    low: float
    high: float
    per: int


def rate_of(count: float, people: float, per: int = PER) -> Rate:
    """A count out of people, per so many; raises ValueError where nobody could be counted."""
    if people <= 0 or count < 0:
        raise ValueError("a rate needs people, and a count that is not below nought")
    low = float(gammaincinv(count, 0.025)) if count else 0.0
    high = float(gammaincinv(count + 1, 0.975))
    return Rate(per * count / people, per * low / people, per * high / people, per)


def share_of(share: float, people: float) -> Rate:
    """A share from 0 to 1 of people, per 100."""
    if people <= 0 or not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1, of people")
    middle = (share + Z**2 / (2 * people)) / (1 + Z**2 / people)
    half = Z * math.sqrt(share * (1 - share) / people + Z**2 / (4 * people**2)) / (1 + Z**2 / people)
    return Rate(100 * share, 100 * max(0.0, middle - half), 100 * min(1.0, middle + half), 100)


def rate_words(rate: Rate) -> str:
    """The rate in words: ``12.3 per 10,000 (11.0 to 13.8)``."""
    unit = " %" if rate.per == 100 else f" per {rate.per:,}"
    return f"{rate.value:.3g}{unit} ({rate.low:.3g} to {rate.high:.3g})"
