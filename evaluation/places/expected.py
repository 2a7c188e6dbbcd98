"""What those chosen would have come to with no programme at all, and how far what came differs from it (pure).

Choosing whoever looks worst looks at the same readings that say how bad they are, so given ALL readings before the
start the choice tells nothing more: the forecast conditions on every one of them, those it was made on included, and
pulls each towards everybody. The other way round, readings the choice did not look at need no pulling.
Sources: Robbins (1956); Hauer (1997); Davis (1976); Barnett, van der Pols and Dobson (2005).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.places.any_shape import any_shape_forecast
from evaluation.places.dispersion import Dispersion
from evaluation.places.prior import (
    Prior,
    gamma_forecast,
    gamma_prior,
    known_normal,
    normal_forecast,
    normal_prior,
)
from evaluation.regression.linear import Array, NotIdentified

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Watched:
    """Units x periods before and after the start (NaN where not seen), the sizes that go with them, and who was chosen.

    ``looked_at`` marks the periods before the start on which the choice was made. Sizes are exposures; ones for scores.
    """

    before: Array
    after: Array
    before_size: Array
    after_size: Array
    chosen: Mask
    looked_at: Mask


@dataclass(frozen=True, slots=True)
class Change:
    """What came against what was expected, of those chosen.

    ``after``, ``expected`` and ``chosen_at`` (when they were chosen) are events per unit of exposure, or mean scores;
    ``difference`` and ``log_ratio`` compare after with expected, with their errors; ``df`` for t, ``None`` for normal.
    """

    after: float
    expected: float
    chosen_at: float
    difference: float
    difference_error: float
    log_ratio: float | None
    log_error: float | None
    df: float | None

    @property
    def fall(self) -> float:
        """How far it fell from when they were chosen, as it looks."""
        return self.chosen_at - self.after

    @property
    def predicted_fall(self) -> float:
        """How far it would have fallen with no programme."""
        return self.chosen_at - self.expected

    @property
    def explained(self) -> float | None:
        """Share of the fall that was to be expected anyway; ``None`` where it moved the other way or not at all."""
        return self.predicted_fall / self.fall if self.fall * self.predicted_fall > 0 else None


# --- counts -----------------------------------------------------------------------------------------------------------


def counts_change(seen: Watched, noise: Dispersion, *, of: Mask | None = None) -> Change:
    """Events after the start against the empirical-Bayes forecast from all periods before it (gamma-Poisson).

    Counted in the error: chance in what came, chance in what each place was like (both wider by the over-dispersion),
    the prior's two numbers being estimates, and its shape being a guess: how far the forecast is from one that supposes
    no shape. ``of``: whose change (those chosen if not given). Raises NotIdentified where nothing happened before.
    """
    counted, over = (part / noise.factor for part in _totals(seen.before, seen.before_size))
    use = over > 0
    prior = counts_prior(seen, noise)
    who = (seen.chosen if of is None else of) & use
    span = _totals(seen.after, seen.after_size)[1]

    def forecast(at: Array) -> float:
        return float((span * gamma_forecast(at, counted, np.maximum(over, 1e-300))[0])[who].sum())

    expected = forecast(prior.parameters)
    spread = gamma_forecast(prior.parameters, counted, np.maximum(over, 1e-300))[1]
    variance = float((span**2 * spread)[who].sum()) + prior.error_of(forecast) ** 2
    shapeless = any_shape_forecast(counted[use], over[use])
    gap = float((span[use] * shapeless)[who[use]].sum()) - expected
    return _counted(seen, who, expected, variance + gap**2, noise)


def counts_prior(seen: Watched, noise: Dispersion) -> Prior:
    """What rates are like across places, from all periods before the start. NotIdentified where nothing happened."""
    counted, over = (part / noise.factor for part in _totals(seen.before, seen.before_size))
    use = over > 0
    if counted[use].sum() <= 0:
        raise NotIdentified
    return gamma_prior(counted[use], over[use])


def counts_change_from(seen: Watched, noise: Dispersion, periods: Mask) -> Change:
    """Events after the start against the places' own rate in some periods before it, with nothing corrected."""
    events, size = _totals(np.where(periods, seen.before, np.nan), seen.before_size)
    who = seen.chosen & (size > 0)
    _, span = _totals(seen.after, seen.after_size)
    each = np.divide(span, size, out=np.zeros_like(span), where=size > 0)
    expected = float((each * events)[who].sum())
    if expected <= 0:
        raise NotIdentified
    variance = noise.factor * float((each**2 * events)[who].sum())
    return _counted(seen, who, expected, variance, noise)


def _counted(seen: Watched, who: Mask, expected: float, variance: float, noise: Dispersion) -> Change:
    came, span = (float(part[who].sum()) for part in _totals(seen.after, seen.after_size))
    if span <= 0:
        raise NotIdentified
    chance = noise.factor * came
    positive = came > 0
    return Change(
        after=came / span,
        expected=expected / span,
        chosen_at=_level_when_chosen(seen, who),
        difference=(came - expected) / span,
        difference_error=math.sqrt(chance + variance) / span,
        log_ratio=math.log(came / expected) if positive else None,
        log_error=math.sqrt(chance / came**2 + variance / expected**2) if positive else None,
        df=None,
    )


# --- scores -----------------------------------------------------------------------------------------------------------


def scores_change(
    seen: Watched,
    *,
    retest: float | None = None,
    known: tuple[float, float, float] | None = None,
    of: Mask | None = None,
) -> Change:
    """Scores after the start against each person's forecast; the prior's own error is counted.

    ``retest``: correlation of two readings of a person, where it is known from elsewhere; else it is read from people
    with two readings or more. ``known``: mean, SD and retest correlation of the population, from elsewhere. ``of``:
    whose change (those chosen if not given). Errors: the spread of what is left over people, and the prior (delta
    method); t with n - 1 degrees of freedom. Raises NotIdentified where no prior can be had.
    """
    even, centre, spread = standardised(seen)
    if known is not None:
        prior = known_normal((known[0] - centre) / spread, known[1] / spread, known[2])
    else:
        prior = scores_prior(even, retest)
    means, readings = _means(even.before)
    many = np.maximum(readings, 1).astype(np.float64)
    held = np.where(readings > 0, means, 0.0)
    after, times = _means(even.after)
    who = (seen.chosen if of is None else of) & (times > 0) & (readings > 0)
    expected = normal_forecast(prior.parameters, held, many)

    def forecast(at: Array) -> float:
        return float(normal_forecast(at, held, many)[who].mean())

    change = _scored(even, who, after, expected, lambda: prior.error_of(forecast))
    return _on_scale(change, centre, spread)


def scores_change_from(seen: Watched, periods: Mask) -> Change:
    """Scores after the start against the same units' mean in some periods before it, with nothing corrected."""
    chosen_before = np.where(periods, seen.before, np.nan)
    means, readings = _means(chosen_before)
    after, times = _means(seen.after)
    who = seen.chosen & (times > 0) & (readings > 0)
    if int(who.sum()) == 1:
        return _one_series(seen, who, chosen_before)
    return _scored(seen, who, after, means, lambda: 0.0)


def _one_series(seen: Watched, who: Mask, before: Array) -> Change:
    """One unit has no others to be held against: its periods before and after, with Welch's error and freedom."""
    one, zero = (part[who][0][np.isfinite(part[who][0])] for part in (seen.after, before))
    if min(len(one), len(zero)) < 2:
        raise NotIdentified
    parts = [float(part.var(ddof=1)) / len(part) for part in (one, zero)]
    if not sum(parts) > 0:
        raise NotIdentified
    df = sum(parts) ** 2 / sum(part**2 / (len(p) - 1) for part, p in zip(parts, (one, zero), strict=True))
    gap = float(one.mean() - zero.mean())
    return Change(
        after=float(one.mean()), expected=float(zero.mean()), chosen_at=_level_when_chosen(seen, who), difference=gap,
        difference_error=math.sqrt(sum(parts)), log_ratio=None, log_error=None, df=df,
    )  # fmt: skip


def standardised(seen: Watched) -> tuple[Watched, float, float]:
    """Readings in standard deviations from their mean before the start, and both: a fit must not feel the unit."""
    readings = seen.before[np.isfinite(seen.before)]
    spread = float(readings.std()) if len(readings) > 1 else 0.0
    if not spread > 0:
        raise NotIdentified
    centre = float(readings.mean())
    even = replace(seen, before=(seen.before - centre) / spread, after=(seen.after - centre) / spread)
    return even, centre, spread


def _on_scale(change: Change, centre: float, spread: float) -> Change:
    return replace(
        change,
        after=centre + spread * change.after,
        expected=centre + spread * change.expected,
        chosen_at=centre + spread * change.chosen_at,
        difference=spread * change.difference,
        difference_error=spread * change.difference_error,
    )


def scores_prior(seen: Watched, retest: float | None) -> Prior:
    """What levels are like across people, from standardised readings. NotIdentified where they do not say it."""
    means, readings = _means(seen.before)
    use = readings > 0
    if int(use.sum()) < 3 or not means[use].std() > 0:
        raise NotIdentified
    if retest is not None:
        first = _first(seen.before[use])
        return known_normal(float(means[use].mean()), float(first.std(ddof=1)), retest, int(use.sum()))
    table = seen.before[use]
    table = table[:, np.isfinite(table).any(axis=0)]
    level = table - np.nanmean(table, axis=0)  # what everybody shares in a period is no noise
    own = level - np.nanmean(level, axis=1)[:, None]
    free = int(np.isfinite(table).sum()) - len(table) - (table.shape[1] - 1)
    squares = float(np.nansum(own**2))
    if free < 2 or not squares > 0:
        raise NotIdentified
    return normal_prior(means[use], readings[use].astype(np.float64), squares, free)


def _scored(
    seen: Watched, who: Mask, after: Array, expected: Array, prior_error: Callable[[], float]
) -> Change:
    n = int(who.sum())
    if n < 2:
        raise NotIdentified
    left = (after - expected)[who]
    error = math.hypot(float(left.std(ddof=1)) / math.sqrt(n), prior_error())
    return Change(
        after=float(after[who].mean()),
        expected=float(expected[who].mean()),
        chosen_at=_level_when_chosen(seen, who),
        difference=float(left.mean()),
        difference_error=error,
        log_ratio=None,
        log_error=None,
        df=float(n - 1),
    )


# --- both -------------------------------------------------------------------------------------------------------------


def _level_when_chosen(seen: Watched, who: Mask) -> float:
    """Where those chosen stood in the periods the choice looked at; in all before the start if none is named."""
    periods = seen.looked_at if seen.looked_at.any() else np.ones(seen.before.shape[1], dtype=bool)
    events, size = _totals(np.where(periods, seen.before, np.nan), seen.before_size)
    return float(events[who].sum() / size[who].sum()) if size[who].sum() > 0 else math.nan


def _totals(table: Array, size: Array) -> tuple[Array, Array]:
    seen = np.isfinite(table)
    return np.where(seen, table, 0.0).sum(axis=1), np.where(seen, size, 0.0).sum(axis=1)


def _means(table: Array) -> tuple[Array, npt.NDArray[np.int64]]:
    seen = np.isfinite(table)
    times = seen.sum(axis=1)
    total = np.where(seen, table, 0.0).sum(axis=1)
    return np.where(times > 0, total / np.maximum(times, 1), np.nan), times


def _first(table: Array) -> Array:
    """Each row's first reading."""
    at = np.isfinite(table).argmax(axis=1)
    return np.asarray(table[np.arange(len(table)), at])
