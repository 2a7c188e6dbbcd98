"""Whether a run of figures shows more than chance: limits for counts, and runs on one side of the middle (pure).

Control limits: the u-chart for counts, widened where counts vary more than Poisson counts do (Laney 2002), three
standard errors about the mean. Run rule: eight in a row on one side of the middle (Western Electric 1956), which
figures that only vary by chance show in about one of 128 sets of eight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_POINTS = 8  # figures below which no limits are drawn
RUN = 8
MEAN_MOVING_RANGE = 1.128  # expected range of two standard normal values


@dataclass(frozen=True, slots=True)
class Limits:
    """The middle and the limits of each figure, the excess spread, and the places that stand out."""

    middle: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    spread: float
    outside: tuple[int, ...]
    runs: tuple[tuple[int, int], ...]


def limits_of(counts: Sequence[float], sizes: Sequence[float] | None = None) -> Limits | None:
    """Limits for counts over populations or times ``sizes`` (1 where not given); ``None`` with fewer than eight.

    The rate of each period is count / size; limits and middle are of rates. ``spread`` is the ratio of the standard
    deviation of the standardised figures (from their moving ranges) to the Poisson one: 1 where counts are Poisson.
    It only ever widens.
    """
    if len(counts) < FEWEST_POINTS or sum(counts) <= 0:
        return None
    sizes = sizes or [1.0] * len(counts)
    middle = sum(counts) / sum(sizes)
    errors = [math.sqrt(middle / size) for size in sizes]
    rates = [count / size for count, size in zip(counts, sizes, strict=True)]
    scores = [(rate - middle) / error for rate, error in zip(rates, errors, strict=True)]
    ranges = [abs(b - a) for a, b in pairwise(scores)]
    spread = max(1.0, sum(ranges) / len(ranges) / MEAN_MOVING_RANGE)
    low = tuple(max(0.0, middle - 3 * spread * error) for error in errors)
    high = tuple(middle + 3 * spread * error for error in errors)
    outside = tuple(
        i for i, (rate, a, b) in enumerate(zip(rates, low, high, strict=True)) if rate < a or rate > b
    )
    return Limits(middle, low, high, spread, outside, runs_of(rates))


def runs_of(values: Sequence[float]) -> tuple[tuple[int, int], ...]:
    """First and last place of every run of eight or more on one side of the median; a value on it is passed over."""
    ordered = sorted(values)
    half = len(ordered) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    found: list[tuple[int, int]] = []
    start, length, side = 0, 0, 0
    last = 0
    for place, value in enumerate([*values, middle]):
        now = (value > middle) - (value < middle)
        ended = place == len(values)
        if not ended and now == 0:
            continue
        if ended or now != side:
            if length >= RUN:
                found.append((start, last))
            start, length, side = place, 0, now
        length, last = length + 1, place
    return tuple(found)


def without_seasons(values: Sequence[float], season: int) -> list[float] | None:
    """Each figure over the mean of its season's, times the mean of all: what is left without the seasons.

    ``season`` is the number of periods in a year (4, 12). ``None`` with fewer than two whole years.
    """
    if season < 2 or len(values) < 2 * season:
        return None
    mean = sum(values) / len(values)
    of_season = [values[place::season] for place in range(season)]
    usual = [sum(part) / len(part) for part in of_season]
    if mean == 0 or min(usual) <= 0:
        return None
    return [value * mean / usual[place % season] for place, value in enumerate(values)]
