"""Interrupted time series: what a series did after a programme began, against its own past carried on.

Estimand: the average effect over the planned window, against the what-if line; a level or a slope where the plan asks
for one. For counts a rate ratio (events of the window over those that were to be expected), else a difference a period.
Errors: Newey-West, corrected for short series (see :mod:`evaluation.series.errors`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from evaluation.figures import Figure
from evaluation.inference import DUST, two_sided_p
from evaluation.methods.nothing import refuse_unused
from evaluation.model import Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.linear import NotIdentified
from evaluation.series.arms import SeriesData, series_of
from evaluation.series.checks import (
    comparison_check,
    fitness_checks,
    fitted_checks,
    history_check,
    placebo_check,
)
from evaluation.series.effect import Effect, effect_of, in_other_words, what_if
from evaluation.series.errors import lag_rule
from evaluation.series.joint import Joint
from evaluation.series.layout import OutsideTheSeries, lay_out, season_of, windows_of
from evaluation.series.model import (
    Answered,
    NoMaximum,
    Question,
    answer_of,
    other_ways,
    without_breaks,
)
from evaluation.series.placebo import Placebo, placebo_starts
from evaluation.series.settings import Family, SeriesSettings, read_settings
from evaluation.series.several import single_series
from evaluation.series.shown import (
    errors_table,
    path_rows,
    placebo_figure,
    series_figure,
    words_table,
)
from evaluation.series.words import describe
from workspace.toml_source import Section

__all__ = ["check_design", "check_outcome", "describe", "estimate_effect", "read_settings"]

COMPARED = (4, 3)
ALONE = (3, 2)  # security and Maryland level at most without a comparison
OUTSIDE = {
    "start": "The programme does not start inside the series: nothing before it, or nothing after it, was seen.",
    "end": "'end' names no period that can be placed in this series.",
    "exclude": "A window of 'exclude' cannot be placed in this series: write its periods as the time column does.",
    "breaks": "A break lies outside the series, or is written in another way than its times.",
    "seasonality": (
        "This seasonality does not go with the step of the times: a season needs quarters, months, weeks or days, and "
        'one column a period whole ones. Write times as months or quarters, or seasonality = "none".'
    ),
}


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if design.settings is not None and not design.settings.start:
        hint = "Add [design.interrupted-time-series] with start = …: the first period of the programme."
        if not section.has("interrupted-time-series"):
            section.fault("LC402", "", "an interrupted time series needs the period it starts in", hint)
    refuse_unused(design, section, "interrupted-time-series", ("exact", "strata", "cluster"))


def levels(design: Design) -> tuple[int, int]:
    """Highest security and Maryland level: a series on its own knows less than one with a comparison."""
    return COMPARED if design.treatment else ALONE


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What a setting cannot do with an outcome."""
    settings: SeriesSettings | None = design.settings
    if settings is None:
        return ""
    if outcome.baseline:
        return "a series has no 'baseline': its own past is what it is compared with"
    if settings.family in ("poisson", "negative-binomial") and not outcome.is_ratio:
        return f'family = "{settings.family}" gives a rate ratio, not a difference'
    if settings.family == "gaussian" and outcome.is_ratio:
        return 'family = "gaussian" gives a difference; write effect = "difference", or leave the family out'
    if settings.offset and outcome.exposure:
        return "name the population once: as 'offset' of the design, or as 'exposure' of the outcome"
    if settings.offset and not outcome.is_ratio:
        return "'offset' goes with a rate ratio; for a difference make a rate in the data"
    return ""


@dataclass(frozen=True, slots=True)
class _Dresser:
    """Turns effects of one outcome into estimates."""

    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    series: tuple[int, ...]
    means: tuple[float | None, float | None]
    periods: int

    def dress(self, effect: Effect) -> Estimate:
        target = self.plan.design.settings.target
        named = {"average": f"average over {self.periods} periods", "level": "level", "slope": "slope"}[
            target
        ]
        return dressed_panel(
            self.panel,
            self.plan,
            self.outcome,
            value=effect.value,
            std_error=effect.std_error,
            df=effect.df,
            estimand=named,
            counts=(self.series[0], self.series[1] if len(self.series) > 1 else 0),
            means=self.means,
            ratio=self.outcome.is_ratio,
        )


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the planned effect, with every doubt the series raises.

    Assumptions: without the programme the series would have gone on as its past did (trend, season), moved as the
    comparison was; how the outcome is recorded did not change, or did so at the breaks that are named.
    Variance: see :class:`evaluation.series.joint.Joint`. Raises LC486, LC487 where the data are no series.
    """
    settings: SeriesSettings = plan.design.settings
    family: Family = settings.family or ("poisson" if outcome.is_ratio else "gaussian")
    data = series_of(panel, plan, counts=outcome.kind == "count" or family != "gaussian")
    nothing = replace(no_panel_estimate(panel, plan, outcome), n_treated=data.series[0])
    if len(data.series) > 1 and min(data.series) == 0:
        return MethodResult(nothing, (_one_group(),))
    try:
        windows, season = windows_of(settings, panel.axis), season_of(settings, panel.axis)
    except OutsideTheSeries as problem:
        return MethodResult(nothing, (Check("window", "fail", None, None, "block", OUTSIDE[str(problem)]),))
    width = _width(settings, data, panel)
    checks = (
        *fitness_checks(windows, season, data, counts=family != "gaussian", width=width),
        history_check(data),
    )
    if any(check.consequence == "block" for check in checks):
        return MethodResult(nothing, checks)
    lag = settings.lags if settings.lags is not None else lag_rule(int((data.seen & ~windows.left_out).sum()))
    try:
        found = answer_of(Question(settings, family, lag, data, panel.axis))
    except (NotIdentified, NoMaximum) as problem:
        return MethodResult(nothing, (*checks, _no_model(problem)))
    if not _varies(found):
        note = (
            "The series lies on its line in every period: nothing tells how far chance alone would move it."
        )
        return MethodResult(nothing, (*checks, Check("spread", "fail", 0.0, None, "block", note)))
    return _result(panel, plan, outcome, found, checks)


def _varies(found: Answered) -> bool:
    """Say whether the effect has an error that is more than the dust of arithmetic."""
    error, size = found.effect.std_error, max(abs(found.effect.value), float(np.abs(found.joint.beta).max()))
    return math.isfinite(error) and error > DUST * size


def _one_group() -> Check:
    note = (
        "Every series is marked alike: there is no comparison, or no programme. Where all are treated, leave "
        "'treatment' out."
    )
    return Check("comparison", "fail", 0.0, None, "block", note)


def _no_model(problem: Exception) -> Check:
    if isinstance(problem, NoMaximum):
        note = (
            "The model has no answer: some stretch or calendar period has no events at all. Use harmonics in place of "
            "one column a period, longer periods, or a commoner event."
        )
    else:
        note = (
            "The programme's step or slope cannot be told from the trend, the season, a break or a covariate in the "
            "periods that are used. Use fewer of them, or a longer series."
        )
    return Check("identification", "fail", None, None, "block", note)


def _width(settings: SeriesSettings, data: SeriesData, panel: PanelFrame) -> int:
    """Columns of the model, as far as the series can tell them apart."""
    try:
        return len(lay_out(settings, panel.axis, data.seen, data.extra).names)
    except NotIdentified:
        return 4


def _result(
    panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, found: Answered, checks: tuple[Check, ...]
) -> MethodResult:
    settings, alpha, joint = found.question.settings, plan.analysis.alpha, found.joint
    level = 1 - alpha
    words = in_other_words(joint, found.effect, settings.errors, found.question.lag, level, plan.design.seed)
    data, periods = found.question.data, words.periods
    dresser = _Dresser(
        panel, plan, outcome, data.series, (words.observed / periods, words.expected / periods), periods
    )
    estimate = dresser.dress(found.effect)
    if panel.bare:
        return MethodResult(estimate, checks)
    doubts = fitted_checks(found, alpha)
    placebos = placebo_starts(joint, settings, found.question.lag, alpha, data.extra)
    more = (
        placebo_check(placebos, alpha),
        comparison_check(found, alpha, _comparison_p(found)),
        _breaks(found),
    )
    tables, lines, beside = single_series(found, alpha)
    ways = (*other_ways(found), *lines)
    figures, path = _figures(found, outcome, placebos, panel, level)
    return MethodResult(
        estimate,
        (*checks, *doubts, *(check for check in more if check is not None), *beside),
        sensitivity=tuple(Sensitivity(name, dresser.dress(effect)) for name, effect in ways),
        path=path,
        figures=figures,
        tables=(
            words_table(found, _parts(found), words, level, outcome),
            errors_table(found, level),
            *tables,
        ),
    )


def _parts(found: Answered) -> tuple[tuple[str, Effect], ...]:
    """The planned effect first, then the others that the model has."""
    settings = found.question.settings
    names = {"average": "average over the window", "level": "level at the start", "slope": "slope, a period"}
    others = [t for t in names if t != settings.target and (t == "average" or t in found.layout.names)]
    parts = [(f"{names[settings.target]} (planned)", found.effect)]
    parts += [(names[t], effect_of(found.joint, t, settings.errors, found.question.lag)) for t in others]
    return tuple(parts)


def _comparison_p(found: Answered) -> float | None:
    """Whether the comparison's series changed on its own account."""
    if len(found.joint.arms) < 2:
        return None
    alone = Joint(found.layout, found.joint.arms[1:])
    own = effect_of(alone, found.question.settings.target, found.question.settings.errors, found.question.lag)
    return two_sided_p(own.value, own.std_error, own.df, "t") if own.std_error > 0 else None


def _breaks(found: Answered) -> Check | None:
    """What the answer would have been had nobody known of the breaks."""
    other = without_breaks(found)
    if other is None:
        return None
    ratio = found.joint.log_link
    with_, without = (math.exp(v) if ratio else v for v in (found.effect.value, other))
    what = "rate ratio" if ratio else "difference"
    note = f"With the steps in recording modelled the {what} is {with_:.3g}; without them it would be {without:.3g}."
    return Check("recording", "info", without, None, "none", note)


def _figures(
    found: Answered, outcome: PlannedOutcome, placebos: tuple[Placebo, ...], panel: PanelFrame, level: float
) -> tuple[tuple[Figure, ...], tuple[PathRow, ...]]:
    settings = found.question.settings
    lines = what_if(found.joint, found.effect, settings.errors, found.question.lag, level)
    figures = [series_figure(found, lines, outcome, panel.axis)]
    if placebos:
        figures.append(placebo_figure(placebos, panel.axis, ratio=found.joint.log_link))
    return tuple(figures), path_rows(placebos, panel.axis)
