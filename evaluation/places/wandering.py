"""Levels of places that wander from month to month: errors that take months as apart are then too small (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from evaluation.model import Check
from evaluation.regression.linear import Array

FEWEST_PERIODS, FEWEST_PAIRS = 6, 60
LIKE, SURE = 0.10, 1.959964


def likeness(before: Array, member: Mapping[str, npt.NDArray[np.bool_]]) -> tuple[float, float] | None:
    """How like a place's count is to its count the period before, and how many of its errors that is from nought.

    ``before``: counts, shape (places, periods). What a zone's places share in a period and what a place always has is
    taken out; that leaves neighbours unlike by one over the periods less one, which is given back. ``None`` with too
    few periods or pairs.
    """
    periods = before.shape[1]
    above = below = 0.0
    pairs = 0
    for who in member.values():
        own = before[who]
        own = own[own.sum(axis=1) > 0]
        if len(own) < 2 or periods < FEWEST_PERIODS:
            continue
        level = own.mean(axis=1, keepdims=True)
        left = (own - level * own.mean(axis=0) / own.mean()) / np.sqrt(level)
        above += float((left[:, 1:] * left[:, :-1]).sum()) * periods / (periods - 1)
        below += float((left**2).sum())
        pairs += (len(own) - 1) * (periods - 1)
    if pairs < FEWEST_PAIRS or below <= 0:
        return None
    found = above / below + 1 / (periods - 1)
    return found, found * math.sqrt(pairs)


def wandering_check(before: Array, member: Mapping[str, npt.NDArray[np.bool_]]) -> tuple[Check, ...]:
    """Warn where places that have more than usual in one period have more in the next as well."""
    found = likeness(before, member)
    if found is None:
        return ()
    like, far = found
    if like < LIKE or far <= SURE:
        note = (
            f"A place's count says little of its next one ({like:.2f}): periods may be added up as if apart."
        )
        return (Check("levels that wander", "pass", like, LIKE, "none", note),)
    note = (
        f"Places that have more events than usual in one period have more in the next ({like:.2f}): their levels "
        'wander, and the interval is too short. Read the line "errors from how places changed" in its place.'
    )
    return (Check("levels that wander", "warn", like, LIKE, "downgrade", note),)
