"""Whether the answer would be another with one donor less, at another time, by another kind (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.synthetic.areas import Areas
from evaluation.synthetic.fits import Fit, Kind, Predictors, fit, zeta_of
from evaluation.synthetic.inference import PlaceboError, placebo_error
from evaluation.synthetic.placebos import Placebos, placebos
from evaluation.synthetic.simplex import Array

CARRIES = 0.01  # a donor with less weight than this moves nothing
FEWEST_BEFORE = 5


@dataclass(frozen=True, slots=True)
class Study:
    """A fit, its placebos and the error they give."""

    own: Fit
    others: Placebos
    error: PlaceboError | None


def run_study(areas: Areas, kind: Kind, seed: int) -> Study:
    """The treated area and every placebo, all fitted in the same way."""
    size = areas.treated.shape[0]
    start = areas.start

    def fitted(target: Array, donors: Array, beside: Predictors | None) -> Fit:
        zeta = zeta_of(donors, start, size) if kind == "did" else None
        return fit(kind, target, donors, start, beside, zeta)

    own = fitted(areas.target, areas.donors, areas.matched)
    beside = areas.matched.donors if areas.matched is not None else None
    others = placebos(fitted, areas.donors, beside, size, np.random.default_rng(seed))
    return Study(own, others, placebo_error(own, others, size))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The fit without one donor."""

    donor: str
    weight: float
    own: Fit


def leave_out(areas: Areas, kind: Kind, own: Fit) -> tuple[LeftOut, ...]:
    """The effect without each donor that carries weight, heaviest first. None where two donors at most are there."""
    if areas.donors.shape[0] < 3:
        return ()
    carrying = [
        int(k) for k in np.argsort(-np.abs(own.weights), kind="stable") if abs(own.weights[k]) > CARRIES
    ]
    found = []
    for row in carrying:
        less = without(areas, row)
        zeta = zeta_of(less.donors, less.start, less.treated.shape[0]) if kind == "did" else None
        refit = fit(kind, less.target, less.donors, less.start, less.matched, zeta)
        found.append(LeftOut(areas.names[row], float(own.weights[row]), refit))
    return tuple(found)


def without(areas: Areas, row: int) -> Areas:
    """The same areas without one donor."""
    matched = areas.matched
    if matched is not None:
        matched = Predictors(matched.target, np.delete(matched.donors, row, axis=0))
    return Areas(
        areas.treated, areas.target, np.delete(areas.donors, row, axis=0),
        (*areas.names[:row], *areas.names[row + 1 :]), areas.labels, areas.start, areas.gappy, areas.holes, matched,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FakeStart:
    """An effect looked for at a time before anything began."""

    label: str
    study: Study


def in_time(areas: Areas, kind: Kind, seed: int) -> FakeStart | None:
    """Pretend that it began earlier, with the real start as the end; ``None`` where too few periods are left.

    As many periods are kept for the fake programme as the real one has, a third of the periods before at most.
    """
    held = max(1, min(areas.after, areas.start // 3))
    begin = areas.start - held
    if begin < FEWEST_BEFORE:
        return None
    cut = slice(0, areas.start)
    earlier = Areas(
        areas.treated[:, cut], areas.target[cut], areas.donors[:, cut], areas.names, areas.labels[cut], begin,
        areas.gappy, areas.holes, areas.matched,
    )  # fmt: skip
    return FakeStart(areas.labels[begin], run_study(earlier, kind, seed))
