"""Few units, or one: how far out the change of the treated is among all the units that could have been treated (pure).

Nothing is assumed but that, without the programme, the treated units' changes would be drawn as the others' were. All
choices of as many units are tried where they can be listed, so that with one treated unit the p-value is its rank; the
interval holds every effect that the test does not reject, taken off the treated before they are ranked.
Source: Fisher (1935); Conley and Taber (2011) for one treated group; MacKinnon and Webb (2020) for its limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.regression.linear import Array
from evaluation.trials.allocation import MOST_LISTED, allocation_test, every_allocation, how_many
from evaluation.trials.inversion import Ends


@dataclass(frozen=True, slots=True)
class Placement:
    """The difference of mean changes, its p-value, intervals at 1 - alpha and 1 - 2 alpha, and what it rests on.

    ``others``: what each choice of units as treated would have given, the observed one first, its effect taken off.
    """

    value: float
    p_value: float
    choices: int
    exact: bool
    smallest: float
    wide: Ends
    narrow: Ends
    spread: float


def placement_test(
    moved: Array, treated: Array, *, alpha: float = 0.05, draws: int = 9_999, seed: int = 0
) -> Placement:
    """Rank the treated units' mean change among all choices of as many units.

    ``moved`` (n,) changes of units (or clusters), ``treated`` (n,) 0/1. Raises NotIdentified with one group only.
    """
    strata = np.zeros(len(moved), dtype=np.int64)
    found = allocation_test(moved, treated, treated, strata, np.ones(len(moved)), draws=draws, seed=seed)
    ends = [found.interval(level) for level in (alpha, 2 * alpha)]
    smallest = float((np.abs(found.by_arm) >= np.abs(found.by_arm[0]) * (1 - 1e-10)).mean())
    return Placement(
        found.value, found.p_value, found.allocations, found.exact, smallest, ends[0], ends[1], found.scale
    )


def relative_spread(before: Array, treated: Array) -> float | None:
    """How much the treated units wander before the start, beside the others: the ratio of root mean squares.

    ``before`` (n, T0) outcomes before the start, gaps as NaN; units with a gap are left out. The test above takes them
    as alike. ``None`` where there is too little to see.
    """
    whole = ~np.isnan(before).any(axis=1)
    seen, marks = before[whole], treated[whole]
    if before.shape[1] < 2 or not 0 < marks.sum() < len(marks):
        return None
    left = seen - seen[marks == 0].mean(axis=0)
    left -= left.mean(axis=1, keepdims=True)
    below = float(np.sqrt((left[marks == 0] ** 2).mean()))
    return float(np.sqrt((left[marks == 1] ** 2).mean())) / below if below > 0 else None


def strayed_p(before: Array, treated: Array, *, draws: int = 1_999, seed: int = 0) -> float | None:
    """Share of choices of as many units whose path before the start strays from the others' at least as far.

    Straying is the sum of squared gaps from the last period before; units with gaps are left out. ``None`` with one
    period, or where a group is then gone.
    """
    whole = ~np.isnan(before).any(axis=1)
    steps = before[whole][:, :-1] - before[whole][:, -1:]
    marks = treated[whole]
    if not steps.shape[1] or not 0 < marks.sum() < len(marks):
        return None
    strata = np.zeros(len(marks), dtype=np.int64)
    exact = how_many(marks, strata) <= MOST_LISTED
    if exact:
        table = every_allocation(marks, strata)
    else:
        source = np.random.default_rng(seed)
        table = np.vstack([marks, source.permuted(np.tile(marks, (draws, 1)), axis=1)])
    gaps = table @ steps / marks.sum() - (1 - table) @ steps / (1 - marks).sum()
    far = (gaps**2).sum(axis=1)
    return float((far >= far[0] * (1 - 1e-10)).mean())
