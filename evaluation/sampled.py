"""Who stands behind an estimate: kept beside a finding while the people are at hand, for the gate's ledger (pure).

A method may use fewer people than were analysed: the matched, those near a cut-off, those whose scores overlap. Two
releases can then differ by a few people though both analysed the same ones. What is kept here goes into sketches and
nowhere else: it is no part of a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.model import MethodResult

GroupKey = tuple[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Sampled:
    """The people of an estimate as their numbers in the store, with their arms (1 treated, 0 not).

    ``groups`` holds the same for the effect within each group, by column and level.
    """

    people: Any
    treated: Any
    groups: Mapping[GroupKey, Sampled] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Never who."""
        return "Sampled()"

    def arm(self, value: int) -> Any:
        """The people of one arm."""
        return np.unique(self.people[self.treated == value])


def sampled(frame: AnalysisFrame, result: MethodResult) -> Sampled | None:
    """Who an estimate rests on; nothing where that cannot be said, or where people have no numbers of a store.

    The method names their rows, or else used everybody of the frame: what does not agree with the numbers of the
    estimate is not believed.
    """
    data, estimate = frame.data, result.estimate
    if not data["participant"].dtype.is_integer():
        return None
    rows = np.arange(data.height) if result.sample is None else np.unique(result.sample)
    people, treated = data["participant"].to_numpy()[rows], data["treated"].to_numpy()[rows]
    counts = (len(np.unique(people[treated == 1])), len(np.unique(people[treated == 0])))
    if counts != (estimate.n_treated, estimate.n_comparison):
        return None
    return Sampled(people, treated)
