"""A plan's model of its series, fitted; and the same question asked in other ways (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from evaluation.observed.propensity import Separation
from evaluation.panels.axis import PeriodAxis
from evaluation.regression.linear import Array, NotIdentified
from evaluation.series.arima import Arima, best_arima, drifting_level
from evaluation.series.arms import SeriesData
from evaluation.series.effect import Effect, contrast_of, effect_of
from evaluation.series.errors import lag_rule, shorter_lag_rule
from evaluation.series.fits import Fits, fit_gaussian, fit_negative_binomial, fit_poisson
from evaluation.series.joint import Arm, Joint
from evaluation.series.layout import Layout, OutsideTheSeries, lay_out
from evaluation.series.settings import Family, SeriesSettings, Shape


class NoMaximum(ValueError):  # noqa: N818
    """A log-linear model whose likelihood climbs for ever: nought events in some stretch."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: settings, family, lags, on which series."""

    settings: SeriesSettings
    family: Family
    lag: int
    data: SeriesData
    axis: PeriodAxis

    @property
    def counts(self) -> bool:
        """Say whether effects are ratios of counts."""
        return self.family != "gaussian"


@dataclass(frozen=True, slots=True)
class Answered:
    """A fitted model and its planned effect."""

    question: Question
    joint: Joint
    effect: Effect

    @property
    def layout(self) -> Layout:
        """The design."""
        return self.joint.layout


def answer_of(question: Question) -> Answered:
    """Fit and read off the planned effect. Raises OutsideTheSeries, NotIdentified or NoMaximum."""
    layout = lay_out(question.settings, question.axis, question.data.seen, question.data.extra)
    joint = fitted(question, layout)
    effect = effect_of(joint, question.settings.target, question.settings.errors, question.lag)
    return Answered(question, joint, effect)


def fitted(question: Question, layout: Layout) -> Joint:
    """Both arms on one layout."""
    data = question.data
    arms = []
    for place in range(len(data.outcome)):
        exposure = None if data.exposure is None else data.exposure[place]
        arms.append(
            Arm(data.outcome[place], exposure, _fit(question.family, data.outcome[place], exposure, layout))
        )
    if not all(bool(arm.fit.sound.all()) for arm in arms):
        raise NoMaximum
    return Joint(layout, tuple(arms))


def _fit(family: Family, outcome: Array, exposure: Array | None, layout: Layout) -> Fits:
    used, design = layout.used, layout.columns[layout.used]
    y = outcome[used]
    if family == "gaussian":
        return fit_gaussian(y[None], design, layout.times)
    offset = None if exposure is None else np.log(exposure[used])
    if family == "poisson":
        return fit_poisson(y[None], design, layout.times, offset)
    try:
        return fit_negative_binomial(y, design, layout.times, offset)
    except Separation:
        raise NoMaximum from None


def other_ways(found: Answered) -> Iterator[tuple[str, Effect]]:
    """The same effect with other errors, another family, another shape, another season; those that can be fitted."""
    asked, settings = found.question, found.question.settings
    if settings.errors != "newey-west":
        yield from _tried(
            "errors for short series", replace(asked, settings=replace(settings, errors="newey-west"))
        )
    season, n = round(found.layout.period), int(found.layout.used.sum())
    lag = shorter_lag_rule(n) if asked.lag == lag_rule(n) else lag_rule(n)
    if settings.errors != "model" and lag != asked.lag:
        yield from _tried(f"{lag} lags", replace(asked, lag=lag))
    if asked.family == "poisson":
        yield from _tried("negative binomial", replace(asked, family="negative-binomial"))
    elif asked.family == "negative-binomial":
        yield from _tried("quasi-Poisson", replace(asked, family="poisson"))
    if settings.target == "average":
        shape: Shape = "level" if settings.shape == "level-and-slope" else "level-and-slope"
        named = "level only" if shape == "level" else "level and slope"
        yield from _tried(named, replace(asked, settings=replace(settings, shape=shape)))
    if found.layout.seasonality == "harmonics" and season == 12:
        yield from _tried(
            "one column a month", replace(asked, settings=replace(settings, seasonality="dummies"))
        )
    if found.layout.seasonality == "dummies" and season == 12:
        yield from _tried(
            "waves for the season", replace(asked, settings=replace(settings, seasonality="harmonics"))
        )
    for line in _arima(found):
        yield line.name, Effect(line.value, line.std_error, line.df, np.empty(0), 1.0)


def _tried(name: str, question: Question) -> Iterator[tuple[str, Effect]]:
    try:
        found = answer_of(question)
    except (NotIdentified, NoMaximum, OutsideTheSeries):
        return
    if found.joint.df >= 3 and found.effect.std_error > 0 and math.isfinite(found.effect.std_error):
        yield name, found.effect


def _arima(found: Answered) -> Iterator[Arima]:
    """ARIMA errors by AICc, and a level that wanders: of the series, of the difference of two, of logs of counts."""
    layout, data = found.layout, found.question.data
    y = data.outcome
    if found.joint.log_link:
        exposure = data.exposure if data.exposure is not None else np.ones_like(y)
        y = np.log(np.where(y > 0, y, 0.5) / np.where(layout.used, exposure, 1.0))
    one = y[0] - y[1] if len(y) > 1 else y[0]
    one = np.where(layout.used, one, np.nan)
    if found.question.settings.target == "average":
        contrast = (layout.columns - layout.without)[layout.window].mean(axis=0)
    else:
        contrast = layout.contrast(found.question.settings.target)
    design = np.nan_to_num(layout.columns)
    for line in (best_arima(one, design, contrast), drifting_level(one, design, contrast)):
        if line is not None:
            yield line


def without_breaks(found: Answered) -> float | None:
    """The effect as it would read had nobody known of the breaks in recording."""
    question = found.question
    if not question.settings.breaks:
        return None
    try:
        other = answer_of(replace(question, settings=replace(question.settings, breaks=())))
    except (NotIdentified, NoMaximum, OutsideTheSeries):
        return None
    return contrast_of(other.joint, question.settings.target)[0]
