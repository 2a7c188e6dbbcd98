"""Runs of figures on one side of a middle (pure).

Eight in a row on one side (Western Electric 1956): figures that only vary by chance show it in one of 128 sets of
eight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

RUN = 8


def runs_of(values: Sequence[float], middle: Sequence[float] | None = None) -> tuple[tuple[int, int], ...]:
    """First and last place of every run of eight or more on one side of ``middle``; of the median where none is given.

    A value on the middle is passed over: it neither adds to a run nor ends it.
    """
    about = middle if middle is not None else [median(values)] * len(values)
    sides = [_side(value, place) for value, place in zip(values, about, strict=True)]
    found: list[tuple[int, int]] = []
    run: list[int] = []
    for place, side in enumerate(sides):
        if side == 0:
            continue
        if run and side != sides[run[-1]]:
            found += [(run[0], run[-1])] if len(run) >= RUN else []
            run = []
        run.append(place)
    return (*found, (run[0], run[-1])) if len(run) >= RUN else tuple(found)


def _side(value: float, middle: float) -> int:
    """1 above, -1 below, 0 on it: what the last digit of a floating number makes is on it."""
    on = math.isclose(value, middle, rel_tol=1e-9, abs_tol=1e-12)
    return 0 if on else 1 if value > middle else -1


def median(values: Sequence[float]) -> float:
    """The middle one; of an even number the mean of the middle two; 0 of none."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        return 0.0
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
