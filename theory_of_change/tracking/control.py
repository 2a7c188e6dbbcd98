"""The usual range of a run of figures: control limits of counts, rates, shares and single figures (pure).

Charts after Shewhart: c (counts), u (counts over a size), p (shares of a number of people), XmR (any other figure, from
its moving ranges). Limits stand three standard errors either side of the middle. Those of counts and shares are widened
where figures vary more than chance alone would make them (Laney 2002); they are never narrowed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_LIMITS = 12  # figures of one baseline below which no usual range is worked out
LEAST_EXPECTED = 5.0  # expected count below which limits of counts would be wrong too often
WIDTH = 3.0  # standard errors either side of the middle
MEAN_MOVING_RANGE = 1.128  # expected range of two standard normal values
KINDS = ("c", "u", "p", "XmR")


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle and the usual range of every figure, on the scale of ``values``.

    ``spread``: how many times as much figures vary as chance alone would make them (1 for XmR, where it is not asked).
    """

    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    spread: float


def usual_range(
    kind: str,
    values: Sequence[float],
    sizes: Sequence[float],
    seasons: Sequence[float],
    counted: Sequence[bool],
) -> Usual | None:
    """The usual range of each of ``values``, worked out from those that are ``counted``.

    ``values``: counts (c), counts over sizes (u), shares 0 to 1 of sizes (p), figures (XmR); ``sizes``: people or
    time, 1 where there is none; ``seasons``: what a season usually is of its year, 1 where seasons are not used.
    ``None`` where too few are counted, or counts are so small that limits would be wrong.
    """
    kept = [place for place, use in enumerate(counted) if use]
    if len(kept) < FEWEST_LIMITS:
        return None
    if kind == "XmR":
        return _of_single(values, seasons, kept)
    level = sum(values[i] * sizes[i] for i in kept) / sum(seasons[i] * sizes[i] for i in kept)
    middle = [level * season for season in seasons]
    if level <= 0 or min(middle[i] * sizes[i] for i in kept) < LEAST_EXPECTED:
        return None
    if kind == "p" and (max(middle) >= 1 or min((1 - middle[i]) * sizes[i] for i in kept) < LEAST_EXPECTED):
        return None
    errors = [math.sqrt(m * (1 - m if kind == "p" else 1) / n) for m, n in zip(middle, sizes, strict=True)]
    scores = [(values[i] - middle[i]) / errors[i] for i in kept]
    spread = max(1.0, _moving_range(scores) / MEAN_MOVING_RANGE)
    top = 1.0 if kind == "p" else math.inf
    low, high = _about(middle, [spread * error for error in errors])
    return Usual(tuple(middle), tuple(max(0.0, x) for x in low), tuple(min(top, x) for x in high), spread)


def _of_single(values: Sequence[float], seasons: Sequence[float], kept: Sequence[int]) -> Usual | None:
    even = [values[i] / seasons[i] for i in kept]
    level, error = sum(even) / len(even), _moving_range(even) / MEAN_MOVING_RANGE
    if error <= 0:
        return None
    middle = [level * season for season in seasons]
    low, high = _about(middle, [error * season for season in seasons])
    return Usual(tuple(middle), low, high, 1.0)


def _about(middle: Sequence[float], errors: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    pairs = list(zip(middle, errors, strict=True))
    return tuple(m - WIDTH * e for m, e in pairs), tuple(m + WIDTH * e for m, e in pairs)


def _moving_range(values: Sequence[float]) -> float:
    ranges = [abs(b - a) for a, b in pairwise(values)]
    return sum(ranges) / len(ranges)
