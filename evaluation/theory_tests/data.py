"""What a cohort holds of the boxes of a theory: one column for each box and wave (frozen)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from cohorts.disclosure import is_small
from evaluation.regression.linear import Array, covariate_matrix
from evaluation.theory_tests.association import Association, Labels, association
from workspace.settings import DisclosureProfile

CLUSTER = "cluster"
FEW = "too few people have, or have not, one of the two"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box shows in a cohort: the variable and wave, when that is, and which way of it is better.

    ``given_out``: the column says who got an activity, as a locked plan names it.
    """

    column: str
    variable: str
    wave: str
    months: float
    kind: str
    better: str
    given_out: bool = False


@dataclass(frozen=True, slots=True)
class CohortData:
    """A cohort's people with what is open of the boxes of a theory; ``places`` of a box are in order of time.

    ``closed`` are boxes whose values are sealed. ``clusters`` is the unit people come in; its column is ``cluster``.
    """

    name: str
    cohort_id: str
    frame: pl.DataFrame
    places: Mapping[str, tuple[Place, ...]]
    profile: DisclosureProfile
    clusters: str = ""
    closed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Never the data."""
        return f"CohortData({self.name!r}, {len(self.places)} boxes)"

    def measured(self) -> tuple[str, ...]:
        """Boxes that can be one of two whose association is asked for."""
        return tuple(box for box, places in self.places.items() if places[-1].kind != "category")

    def latest(self, box: str) -> Place:
        """The last wave a box was measured at."""
        return self.places[box][-1]

    def before(self, box: str, months: float, *, strictly: bool = False) -> Place | None:
        """The last wave of a box that is no later, or ``strictly`` earlier, than a time."""
        fits = [p for p in self.places[box] if p.months < months or (p.months == months and not strictly)]
        return fits[-1] if fits else None


def associate(data: CohortData, one: Place, other: Place, given: tuple[Place, ...]) -> Association | str:
    """The association of two places given others, of everybody who has all of them; or why there is none."""
    if one.variable == other.variable:
        return "both are read from one variable"
    if one.given_out and other.given_out:
        return "both were given out by those who ran them, so how they go together says nothing of the theory"
    if data.clusters and CLUSTER not in data.frame.columns:
        return f"people come in {data.clusters}s, and nothing says which: an interval would be too narrow"
    names = list(dict.fromkeys(place.column for place in (one, other, *given)))
    kept = [*names, *([CLUSTER] if data.clusters else [])]
    frame = data.frame.select(kept).drop_nulls()
    if frame.height < data.profile.threshold or not _is_safe(frame, (one, other), data.profile):
        return FEW
    matrix, _ = covariate_matrix(frame, tuple(place.column for place in given))
    return association(_numbers(frame, other), _numbers(frame, one), matrix, _labels(frame, data.clusters))


def _is_safe(frame: pl.DataFrame, places: tuple[Place, ...], profile: DisclosureProfile) -> bool:
    """A yes-or-no of a few people, or of all but a few, is not looked at."""
    for place in places:
        if place.kind == "binary":
            yes = int(frame[place.column].cast(pl.Float64).sum())
            if is_small(yes, profile) or is_small(frame.height - yes, profile):
                return False
    return True


def _numbers(frame: pl.DataFrame, place: Place) -> Array:
    return np.asarray(frame[place.column].cast(pl.Float64).to_numpy(), dtype=np.float64)


def _labels(frame: pl.DataFrame, clusters: str) -> Labels | None:
    if not clusters:
        return None
    return np.asarray(frame[CLUSTER].cast(pl.String).rank("dense").to_numpy(), dtype=np.int64)
