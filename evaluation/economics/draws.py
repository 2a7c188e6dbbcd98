"""Net benefit with all that is uncertain drawn at once: the effect, the cost, the value of a unit (pure).

The effect is drawn from its own interval's law (normal, or t with the estimate's degrees of freedom) on the scale of
the verdict, cost and value from PERT distributions (a beta over their range, of shape 4), each on its own. The seed
makes the same draws again. Value of perfect information: for a choice between the programme and going without, by the
unit normal loss of mean over spread (Schlaifer 1959; Raiffa and Schlaifer 1961).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evaluation.economics.found import Found
from evaluation.economics.units import Array, gained
from evaluation.economics.worth import Money, Range

SHAPE = 4.0
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Drawn:
    """Benefits before and after the cut, and costs; an entry a draw."""

    uncut: Array
    cut: Array
    cost: Array


def cut_for_optimism(benefit: Array, share: float) -> Array:
    """Benefits cut by a share. What did harm is not made smaller."""
    return np.where(benefit > 0, benefit * (1 - share), benefit)


def pert(amount: Range, rng: np.random.Generator, draws: int) -> Array:
    """Draws between the least and the most, the likeliest in between; a single amount stays what it is."""
    width = amount.high - amount.low
    if width <= 0:
        return np.full(draws, amount.mode)
    first = 1 + SHAPE * (amount.mode - amount.low) / width
    return np.asarray(amount.low + width * rng.beta(first, 2 + SHAPE - first, draws), dtype=np.float64)


def draw(found: Found, money: Money, share: float) -> Drawn:
    """All draws of one appraisal; needs an effect with an interval and a value of a unit."""
    if found.view is None or money.worth is None:
        raise ValueError("nothing to draw: no interval, or no value of a unit")  # a slip of ours
    rng = np.random.default_rng(money.seed)
    noise = rng.standard_normal(money.draws) if found.df is None else rng.standard_t(found.df, money.draws)
    units = gained(found, found.view.value + found.view.std_error * noise)
    worth = pert(money.worth, rng, money.draws)
    uncut = units * money.scale * money.years * worth
    return Drawn(uncut, cut_for_optimism(uncut, share), pert(money.cost, rng, money.draws))


def interval(values: Array) -> tuple[float, float]:
    """The middle 95 % of draws."""
    low, high = np.quantile(values, (LOW, HIGH))
    return float(low), float(high)


def perfect_information(mean: float, spread: float) -> float:
    """What knowing a normal net benefit exactly would add to the better of the programme and nothing."""
    if spread <= 0:
        return 0.0
    z = abs(mean) / spread
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return max(0.0, spread * density - abs(mean) * float(ndtr(-z)))
