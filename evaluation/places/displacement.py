"""Weighted displacement difference: what changed where police went, and around it, less what changed elsewhere (pure).

WDD = (T1 - T0) - (C1 - C0) + (D1 - D0) - (E1 - E0), with T the treated places, C their controls, D the streets around
the treated and E those around the controls. Counts are sums of Poisson counts, so the variance of the total is the sum
of the eight (each with its weight squared). Sources: Wheeler and Ratcliffe (2018), Crime Science 7:11; harm weights as
in their section on weights: sum(w n) with variance sum(w^2 n).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.places.dispersion import UNKNOWN, Dispersion, dispersion
from evaluation.regression.linear import Array

ZONES = ("treated", "control", "treated-buffer", "control-buffer")
SIGN = {"treated": 1.0, "control": -1.0, "treated-buffer": 1.0, "control-buffer": -1.0}
PARTNER = {"control": "treated", "control-buffer": "treated-buffer"}
Scale = Literal["counts", "rates"]
FEWEST_PLACES = 3
FEWEST_DF = 3  # fewer degrees of freedom say next to nothing of over-dispersion


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone's events, all its places together: an entry a period before and after the start.

    ``before``/``after`` are (weighted) events, ``before_square``/``after_square`` their variance were they Poisson:
    the same numbers without weights, sums of w^2 n with them. ``size`` is area, people or another exposure of a period.
    """

    before: Array
    after: Array
    before_square: Array
    after_square: Array
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of changes: events over all periods after the start (or per unit of exposure), and its error."""

    value: float
    std_error: float
    poisson_error: float


@dataclass(frozen=True, slots=True)
class Displacement:
    """The change where the programme went, the change around it, and both together; ``df`` of the over-dispersion."""

    local: Change
    around: Change | None
    total: Change
    noise: Dispersion

    @property
    def df(self) -> float | None:
        """Degrees of freedom of the errors; ``None`` where they are Poisson's and so taken as known."""
        return float(self.noise.df) if self.noise.known else None


def zone(before: Array, after: Array, size: float = 1.0) -> Zone:
    """A zone of plain counts."""
    return Zone(before, after, before, after, size)


def factors(zones: dict[str, Zone], scale: Scale) -> dict[str, float]:
    """What each zone's events are multiplied by.

    ``counts``: a control counts as if it were as large as its counterpart, so that the sum is a number of events.
    ``rates``: every zone by its own size, so that the sum is events per unit of area (or of whatever size is).
    """
    if scale == "rates":
        return {name: 1 / part.size for name, part in zones.items()}
    return {
        name: zones[PARTNER[name]].size / part.size if name in PARTNER else 1.0
        for name, part in zones.items()
    }


def displacement(zones: dict[str, Zone], *, scale: Scale = "counts", poisson: bool = False) -> Displacement:
    """The weighted displacement difference of two or four zones.

    Periods are added up; where there are more before than after (or fewer), those before are scaled to as many as
    after. Over-dispersion is read from the periods before, all zones together, what they share in a period taken out;
    with fewer than 3 degrees of freedom, or ``poisson``, errors are Poisson's.
    """
    noise = UNKNOWN if poisson else noise_before(zones)
    wide = math.sqrt(noise.factor)
    weight = factors(zones, scale)
    local = _change(zones, ("treated", "control"), weight, wide)
    if "treated-buffer" not in zones:
        return Displacement(local, None, local, noise)
    around = _change(zones, ("treated-buffer", "control-buffer"), weight, wide)
    total = Change(
        local.value + around.value,
        math.hypot(local.std_error, around.std_error),
        math.hypot(local.poisson_error, around.poisson_error),
    )
    return Displacement(local, around, total, noise)


def noise_before(zones: dict[str, Zone]) -> Dispersion:
    """Over-dispersion of the zones' periods before the start, on the scale of events of average weight."""
    longest = max(len(part.before) for part in zones.values())
    if longest < 2:
        return UNKNOWN
    table = np.full((len(zones), longest), np.nan)
    for row, part in enumerate(zones.values()):
        heavy = float(part.before_square.sum() / part.before.sum()) if part.before.sum() > 0 else 1.0
        table[row, : len(part.before)] = part.before / heavy
    found = dispersion(table)
    return found if found.df >= FEWEST_DF else replace(UNKNOWN, df=found.df)


def _change(zones: dict[str, Zone], names: tuple[str, ...], weight: dict[str, float], wide: float) -> Change:
    value = variance = 0.0
    for name in names:
        part = zones[name]
        even = len(part.after) / len(part.before)
        value += SIGN[name] * weight[name] * (float(part.after.sum()) - even * float(part.before.sum()))
        square = float(part.after_square.sum()) + even**2 * float(part.before_square.sum())
        variance += weight[name] ** 2 * square
    error = math.sqrt(variance)
    return Change(value, wide * error, error)


def error_of_places(changes: dict[str, Array], weight: dict[str, float]) -> tuple[float, float] | None:
    """Error of the total from how differently places of one zone changed, with Satterthwaite's degrees of freedom.

    ``changes``: each place's change, a zone at a time. Holds however places differ, as long as they do so by
    themselves. ``None`` with fewer than three places in a zone, or where all changed alike.
    """
    if min(len(part) for part in changes.values()) < FEWEST_PLACES:
        return None
    parts = [
        (weight[name] ** 2 * len(part) * float(part.var(ddof=1)), len(part) - 1)
        for name, part in changes.items()
    ]
    whole = sum(part for part, _ in parts)
    if whole <= 0:
        return None
    return math.sqrt(whole), whole**2 / sum(part**2 / free for part, free in parts)
