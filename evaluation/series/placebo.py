"""Placebo starts: the same model asked for effects where there was no programme, in the time before it (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr, stdtrit

from evaluation.regression.linear import Array, NotIdentified
from evaluation.series.effect import contrast_of
from evaluation.series.fits import fit_gaussian, fit_poisson
from evaluation.series.joint import Arm, Joint
from evaluation.series.layout import Layout, Windows, laid_out
from evaluation.series.settings import SeriesSettings

FEWEST_BEFORE, FEWEST_AFTER = 8, 4
MOST = 60


@dataclass(frozen=True, slots=True)
class Placebo:
    """A false start at a place on the grid: its effect, error, interval and p-value."""

    place: int
    value: float
    std_error: float
    low: float
    high: float
    p_value: float


def placebo_starts(
    joint: Joint,
    settings: SeriesSettings,
    lag: int,
    alpha: float,
    extra: tuple[tuple[str, Array], ...],
) -> tuple[Placebo, ...]:
    """Effects of false starts in the time before: at least 8 periods before each (and a season) and 4 after it.

    Each looks no further ahead than the planned window is long. At most 60 places, evenly spread.
    """
    layout = joint.layout
    before, start = layout.before, layout.windows.start
    ahead = max(int(layout.window.sum()), FEWEST_AFTER)
    need = max(FEWEST_BEFORE, math.ceil(layout.period) if layout.seasonality != "none" else 0)
    places = [
        place
        for place in range(1, start)
        if before[:place].sum() >= need and before[place : place + ahead].sum() >= FEWEST_AFTER
    ]
    if len(places) > MOST:
        places = [places[round(i)] for i in np.linspace(0, len(places) - 1, MOST)]
    found = (_placebo(joint, settings, place, ahead, lag, alpha, extra) for place in places)
    return tuple(one for one in found if one is not None)


def _placebo(
    joint: Joint,
    settings: SeriesSettings,
    place: int,
    ahead: int,
    lag: int,
    alpha: float,
    extra: tuple[tuple[str, Array], ...],
) -> Placebo | None:
    layout = joint.layout
    until = min(place + ahead, layout.windows.start)
    used = layout.before & (np.arange(len(layout.used)) < until)
    breaks = tuple(b for b in layout.windows.breaks if b < until and b != place)
    shape = replace(settings, phase_in=0, washout=0, target="average")
    windows = Windows(place, place, until, breaks, ~used)
    try:
        other = laid_out(shape, windows, (layout.seasonality, layout.period), used, extra)
    except NotIdentified:
        return None
    if int(used.sum()) - len(other.names) < 3:
        return None
    # After its window a placebo ends with the data: the column of what comes after is not there.
    arms = tuple(refitted(arm, other) for arm in joint.arms)
    if not all(arm.fit.sound.all() for arm in arms):
        return None
    again = Joint(other, arms)
    value, direction = contrast_of(again, "average")
    spread = again.uncertainty(
        direction, "newey-west" if settings.errors == "newey-west" else settings.errors, lag
    )
    error = math.sqrt(spread.variance)
    if not (error > 0 and math.isfinite(error)):
        return None
    half = float(stdtrit(spread.df, 1 - alpha / 2)) * error
    p = float(2 * stdtr(spread.df, -abs(value / error)))
    return Placebo(place, value, error, value - half, value + half, p)


def refitted(arm: Arm, layout: Layout) -> Arm:
    """The arm fitted on another layout, counts as Poisson ones."""
    used = layout.used
    y, design = arm.outcome[None, used], layout.columns[used]
    if not arm.fit.log_link:
        return replace(arm, fit=fit_gaussian(y, design, layout.times))
    offset = None if arm.exposure is None else np.log(arm.exposure[used])
    return replace(arm, fit=fit_poisson(y, design, layout.times, offset))
