"""Interrupted time series: what they could show, by simulating series and running the plan's own estimator (pure).

Deviations follow a first-order autoregression: of a measure around its line; of counts as a log level that wanders, so
that overdispersion is what the plan says. An effect moves the estimate, and for counts also its error, so that counts
are drawn again with the effect. Zhang, Wagner and Ross-Degnan (2011) is the source for simulating power of such series.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from evaluation.panels.axis import PeriodAxis, Step, canonical_period, place_of
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power_analysis.panels import NO_PERIODS
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.spread import Spread
from evaluation.power_analysis.stated import Gathering
from evaluation.regression.linear import Array, NotIdentified
from evaluation.series.errors import lag_rule
from evaluation.series.layout import OutsideTheSeries
from evaluation.series.many import ManyEffects, many_effects
from evaluation.series.settings import SeriesSettings

DRAWS, SEED = (4000, 800), 20261122  # of measures, of counts: their fits take longer
BURN_IN = 50


@dataclass(frozen=True, slots=True)
class Simulated:
    """Estimates, errors and degrees of freedom of drawn series without an effect (log scale for counts); all (S,)."""

    value: Array
    std_error: Array
    df: Array

    @property
    def error(self) -> float:
        """The standard deviation of the estimates: the error as it really is."""
        return float(self.value.std(ddof=1))

    def power(self, effect: float, alpha: float) -> float:
        """Share of series whose interval leaves zero out on the side of an effect so large, of either sign."""
        reach = stdtrit(self.df, 1 - alpha / 2) * self.std_error
        return (
            float((self.value + abs(effect) > reach).mean() + (self.value - abs(effect) < -reach).mean()) / 2
        )

    def equivalence(self, margin: float, alpha: float) -> float:
        """Share of series whose 1 - 2 alpha interval lies inside the margin, without an effect."""
        reach = stdtrit(self.df, 1 - alpha) * self.std_error
        return float((np.abs(self.value) + reach < margin).mean())

    def none(self, margin: float, alpha: float) -> float:
        """Share of those whose 1 - alpha interval also holds zero."""
        narrow, wide = (stdtrit(self.df, 1 - a) * self.std_error for a in (alpha, alpha / 2))
        return float(((np.abs(self.value) + narrow < margin) & (np.abs(self.value) <= wide)).mean())

    def detectable(self, alpha: float, power: float = 0.8) -> float:
        """The smallest effect found with that power, by bisection."""
        low, high = 0.0, float(20 * (self.std_error.mean() + self.error))
        if self.power(high, alpha) < power:
            return math.inf
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(middle, alpha) >= power else (middle, high)
        return high


def series_of(
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    spread: Spread,
    size: Size,
    gathering: Gathering,
    effect: float = 0.0,
) -> Simulated | str:
    """Series drawn as the plan assumes and estimated as it says; ``effect`` is built in and taken out again."""
    if not size.before or not size.after:
        return NO_PERIODS
    settings: SeriesSettings = plan.design.settings
    rho = gathering.take("autocorrelation")
    if outcome.is_ratio and settings.family == "negative-binomial":
        gathering.notes.append(
            "Figured with quasi-Poisson, whose errors are like those of the negative binomial."
        )
    if not outcome.is_ratio and spread.rate is not None:
        gathering.notes.append(
            "Drawn as a measure with the spread of the counts, as the plan analyses a difference."
        )
    comparison = bool(plan.design.treatment)
    draw = np.random.default_rng(plan.design.seed or SEED)
    asked = replace(settings, washout=settings.washout, exclude=(), breaks=(), end="")
    gathering.notes.append(
        f"{DRAWS[outcome.is_ratio]} simulated series a case, seed {plan.design.seed or SEED}; expected_sd and "
        "expected_rate are those of the whole series in one period."
    )
    if settings.exclude or settings.breaks or settings.end:
        gathering.notes.append(
            "Periods left out, breaks in recording and an end of the programme are not in it."
        )
    try:
        arms = [
            _arm(asked, size, spread, rho, draw, counts=outcome.is_ratio, effect=move)
            for move in ((effect, 0.0) if comparison else (effect,))
        ]
    except (OutsideTheSeries, NotIdentified):
        return "with so few periods the plan's model cannot be fitted"
    values = arms[0].value - effect - (arms[1].value if comparison else 0.0)
    error = np.sqrt(sum(arm.std_error**2 for arm in arms))
    df = np.min([arm.df for arm in arms], axis=0)
    sound = np.isfinite(values) & np.isfinite(error) & (error > 0)
    if sound.mean() < 0.9:
        return "with so few periods or events the plan's model often cannot be fitted"
    return Simulated(values[sound], error[sound], df[sound])


def _arm(
    settings: SeriesSettings, size: Size, spread: Spread, rho: float, draw: np.random.Generator, *, counts: bool,
    effect: float,
) -> ManyEffects:  # fmt: skip
    before, after = size.before or 0, size.after or 0
    axis = axis_of(settings.start, before, after)
    noise = _wandering(draw, DRAWS[counts], before + after, rho)
    since = np.arange(before + after) - before
    if counts:
        rate = spread.rate or 1.0
        y = draw_counts(draw, rate, spread.comparison * rate, noise, np.where(since >= 0, effect, 0.0))
    else:
        y = math.sqrt(spread.comparison) * noise + np.where(since >= 0, effect, 0.0)
    lag = settings.lags if settings.lags is not None else lag_rule(before + after - settings.washout)
    return many_effects(np.asarray(y, dtype=np.float64), settings, axis, lag, counts=counts)


def _wandering(draw: np.random.Generator, count: int, periods: int, rho: float) -> Array:
    """Standard normal deviations of an AR(1), (count, periods)."""
    steps = draw.standard_normal((count, periods + BURN_IN))
    steps[:, 1:] *= math.sqrt(1 - rho * rho)
    for t in range(1, periods + BURN_IN):
        steps[:, t] += rho * steps[:, t - 1]
    return np.asarray(steps[:, BURN_IN:])


def draw_counts(draw: np.random.Generator, rate: float, wide: float, noise: Array, move: Array) -> Array:
    """Poisson counts whose log level wanders so that their variance is ``wide`` times their mean."""
    spread = math.log1p(max(wide - 1, 0.0) / rate)
    level = rate * np.exp(math.sqrt(spread) * noise - spread / 2 + move)
    return np.asarray(draw.poisson(level), dtype=np.float64)


def axis_of(start: str, before: int, after: int) -> PeriodAxis:
    """A regular axis around the start: years, quarters, months or weeks by how the start is written."""
    label = canonical_period(start)
    kind, place = place_of(label)
    if kind == "day" and label.endswith("-01"):
        kind, place = place_of(label[:7])
    step: Step = "number"
    width = 1.0
    if kind == "month":
        step, width = ("quarter", 3.0) if "Q" in label else ("month", 1.0)
    elif kind == "day":
        step, width = "week", 7.0
    places = tuple(place + width * (t - before) for t in range(before + after))
    return PeriodAxis(tuple(f"{p:g}" for p in places), places, kind, step)
