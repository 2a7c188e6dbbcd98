"""How far out a treated day's difference is among the allocations of days there could have been (pure).

Within a block as many place-days (or days, where all places share an allocation) are treated as were. What is compared
is what came over what the places and weekdays would have had, so that a busy place or a Saturday decides nothing; rows
washed out are found anew for every allocation, because another allocation washes out other days.
Sources: Fisher (1935); Bojinov, Simchi-Levi and Zhao (2023) on switchback designs; Ernst (2004) on intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.places.placed_model import Codes
from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.inversion import Ends

Mask = npt.NDArray[np.bool_]
DRAWS = 1999
CELLS = 20_000_000  # draws times rows held at a time
FEWEST_DRAWS = 499
HALVINGS, FARTHEST = 20, 1000
TIE = 1e-5  # of the spread: sums are held in short numbers


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows' allocation as it was and ``draws`` others (draws x rows), and which rows each of them keeps."""

    seen: Array
    seen_kept: Mask
    drawn: npt.NDArray[np.bool_]
    kept: Mask


@dataclass(frozen=True, slots=True)
class Redrawn:
    """The spread of the statistic over allocations were there no effect, the p-value, and the interval's ends.

    ``at`` gives the ends at an error rate: effects that the test does not reject.
    """

    spread: float
    p_value: float
    at: Callable[[float], Ends]


def draw(treated: Array, block: Codes, unit: Codes, draws: int, seed: int) -> npt.NDArray[np.bool_]:
    """``draws`` allocations of rows: the units of a block change places. ``unit`` (rows): what was allocated as one.

    Raises NotIdentified where the rows of a unit differ, a unit lies in two blocks, or no other allocation is possible.
    """
    names, first, back = np.unique(unit, return_index=True, return_inverse=True)
    arm, where = treated[first] > 0, block[first]
    if (arm[back] != (treated > 0)).any() or (where[back] != block).any():
        raise NotIdentified
    source = np.random.default_rng(seed)
    draws = max(min(draws, CELLS // len(treated)), FEWEST_DRAWS)
    table = np.repeat(arm[None, :], draws, axis=0)
    moved = False
    for one in np.unique(where):
        at = np.flatnonzero(where == one)
        if arm[at].all() or not arm[at].any():
            continue
        moved = True
        table[:, at] = source.permuted(table[:, at], axis=1)
    if not moved or len(names) < 4:
        raise NotIdentified
    return np.asarray(table[:, back])


def redraw(
    y: Array, value: float, expected: Callable[[Array], Array], drawn: Drawn, *, ratio: bool
) -> Redrawn:
    """Compare treated with other days, over all the allocations drawn.

    ``expected`` says what rows would have come to, were there no effect, from what came: it is asked again for every
    effect that is tried, with what the effect would have added taken off (a ratio on the log scale, or a difference).
    ``value`` is the model's own estimate, where the search for the interval's ends begins.
    """
    parts = _Parts(drawn)

    def statistic(effect: float) -> tuple[float, Array]:
        away = y * np.exp(-effect * drawn.seen) if ratio else y - effect * drawn.seen
        meant = expected(away)
        return parts.ratio(away, meant) if ratio else parts.difference(away - meant)

    def p_at(effect: float) -> float:
        seen, others = statistic(effect)
        dust = TIE * float(np.std(others))
        beyond = min(int((others <= seen + dust).sum()), int((others >= seen - dust).sum()))
        return min(1.0, 2 * (beyond + 1) / (len(others) + 1))

    spread = float(np.std(statistic(0.0)[1], ddof=1))
    if not spread > 0:
        raise NotIdentified

    def ends(alpha: float) -> Ends:
        return _end(p_at, value, -spread, alpha), _end(p_at, value, spread, alpha)

    return Redrawn(spread, p_at(0.0), ends)


def _end(p_at: Callable[[float], float], value: float, step: float, alpha: float) -> float | None:
    """How far from ``value`` the test does not reject, to a millionth of its spread; ``None`` if it never does."""
    inside, outside = 0.0, step
    while p_at(value + outside) > alpha:
        inside, outside = outside, 2 * outside
        if abs(outside) > FARTHEST * abs(step):
            return None
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if p_at(value + middle) > alpha:
            inside = middle
        else:
            outside = middle
    return value + outside


class _Parts:
    """Sums over treated and other rows, for every allocation at once; one that leaves a side empty is not counted."""

    def __init__(self, drawn: Drawn) -> None:
        self.treated = (drawn.drawn & drawn.kept).astype(np.float32)
        self.others = (~drawn.drawn & drawn.kept).astype(np.float32)
        self.seen_treated = (drawn.seen > 0) & drawn.seen_kept
        self.seen_others = (drawn.seen <= 0) & drawn.seen_kept
        self.many = (self.treated.sum(axis=1), self.others.sum(axis=1))

    def ratio(self, y: Array, meant: Array) -> tuple[float, Array]:
        """Log of what came over what was meant to, treated less others."""
        one, zero = y[self.seen_treated].sum(), y[self.seen_others].sum()
        if one <= 0 or zero <= 0:
            raise NotIdentified
        own = np.log(one / meant[self.seen_treated].sum()) - np.log(zero / meant[self.seen_others].sum())
        short, below = y.astype(np.float32), meant.astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log((self.treated @ short) / (self.treated @ below))
            found = found - np.log((self.others @ short) / (self.others @ below))
        return float(own), found[np.isfinite(found)].astype(np.float64)

    def difference(self, left: Array) -> tuple[float, Array]:
        """Mean of what is left over, treated less others."""
        own = left[self.seen_treated].mean() - left[self.seen_others].mean()
        short = left.astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (self.treated @ short) / self.many[0] - (self.others @ short) / self.many[1]
        return float(own), found[np.isfinite(found)].astype(np.float64)
