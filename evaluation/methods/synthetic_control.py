"""Synthetic control: the treated area against a weighted pool of areas where nothing began.

Estimand: the mean gap between the treated area (or the mean of several that began together) and its pool over all
periods from the start on. On the difference scale. Kinds and sources: :mod:`evaluation.synthetic.fits`; which interval
carries the verdict, and why: :mod:`evaluation.synthetic.inference`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.model import Check, Estimate, MethodResult, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import Interval, dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.synthetic.areas import Areas, read_areas
from evaluation.synthetic.checks import donor_check, entry_checks, fit_checks, placebo_checks, time_check
from evaluation.synthetic.conformal import Residuals, conformal_interval, each_period, p_of_effect
from evaluation.synthetic.fits import Fit, Kind
from evaluation.synthetic.inference import jackknife_error
from evaluation.synthetic.robustness import LeftOut, Study, in_time, leave_out, run_study, without
from evaluation.synthetic.settings import (
    KINDS,
    SyntheticSettings,
    check_design,
    check_outcome,
    describe,
    read_settings,
)
from evaluation.synthetic.shown import Ends, fact_tables, figures, path_rows

__all__ = ["check_design", "check_outcome", "describe", "estimate_effect", "read_settings"]

MOST_AGAIN = 200  # donors up to which every way of asking gets placebos of its own
MOST_EACH = 60  # periods after the start that get an interval of their own
NAMES: dict[Kind, str] = {
    "classic": "classic synthetic control",
    "did": "synthetic difference-in-differences",
    "augmented": "ridge-augmented synthetic control",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: the panel, its plan, its areas."""

    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    areas: Areas

    @property
    def settings(self) -> SyntheticSettings:
        found: SyntheticSettings = self.plan.design.settings
        return found

    @property
    def alpha(self) -> float:
        return self.plan.analysis.alpha

    def dressed(
        self, own: Fit, error: float | None, df: float | None, *, donors: int, interval: Interval | None = None,
        p_value: float | None = None,
    ) -> Estimate:  # fmt: skip
        """The effect with its interval, and the means it is the difference of."""
        observed = float(self.areas.target[self.areas.start :].mean())
        return dressed_panel(
            self.panel, self.plan, self.outcome, value=own.effect, std_error=error, df=df,
            counts=(self.areas.treated.shape[0], donors), n_clusters=donors + self.areas.treated.shape[0],
            means=(observed, observed - own.effect), interval=interval, p_value=p_value,
        )  # fmt: skip


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the mean gap after the start.

    Assumptions: without the programme the treated area would have gone on as its pool did; nothing else happened to it,
    or to a donor with weight; the programme did not reach the donors.
    """
    nothing = no_panel_estimate(panel, plan, outcome)
    if panel.units != "areas":
        note = (
            'Synthetic control compares areas, and shows them by name: write units = "areas" in [population].'
        )
        return MethodResult(nothing, (Check("units", "fail", None, None, "block", note),))
    settings: SyntheticSettings = plan.design.settings
    areas = read_areas(panel, settings, plan.design.unit)
    checks = entry_checks(areas)
    if any(check.consequence == "block" for check in checks):
        return MethodResult(nothing, checks)
    asked = _Asked(panel, plan, outcome, areas)
    study = run_study(areas, settings.kind, plan.design.seed)
    estimate = _placebo(asked, study)
    if settings.inference == "jackknife":
        estimate = _jackknife(asked, study.own)
    if settings.inference == "conformal":
        estimate = _conformal(asked, study)
    if panel.bare:
        return MethodResult(estimate, checks)
    return _with_doubts(asked, study, estimate, checks)


def _with_doubts(asked: _Asked, study: Study, estimate: Estimate, checks: tuple[Check, ...]) -> MethodResult:
    """Everything that stands beside the number."""
    areas, settings, seed = asked.areas, asked.settings, asked.plan.design.seed
    left = leave_out(areas, settings.kind, study.own)
    fake = in_time(areas, settings.kind, seed)
    low, high = estimate.conf_low, estimate.conf_high
    excludes = low is not None and high is not None and (low > 0 or high < 0)
    found = (
        *checks,
        *fit_checks(areas, settings.kind, study, asked.outcome.minimum_important_difference),
        *placebo_checks(study, asked.alpha, excludes=excludes),
        time_check(fake, asked.alpha),
        donor_check(left, study.own),
        _over_time(asked, study.own),
        _unbounded(asked, estimate),
    )
    ends = _ends(asked, study.own)
    return MethodResult(
        estimate,
        tuple(check for check in found if check is not None),
        sensitivity=_ways(asked, study, left),
        path=path_rows(areas, study, ends, fake),
        figures=figures(areas, study, ends, asked.outcome.unit or asked.outcome.label),
        tables=fact_tables(areas, study, left, fake),
    )


def _placebo(asked: _Asked, study: Study, usual: Study | None = None) -> Estimate:
    """The effect with the spread of the placebos; those of ``usual`` where it has none of its own."""
    error = study.error or (usual.error if usual else None)
    donors = study.own.weights.size
    if error is None:
        return asked.dressed(study.own, None, None, donors=donors)
    return asked.dressed(study.own, error.error, error.df, donors=donors)


def _jackknife(asked: _Asked, own: Fit) -> Estimate:
    error = jackknife_error(own, asked.areas.treated, asked.areas.donors, asked.areas.start)
    return asked.dressed(own, error, float(asked.areas.treated.shape[0] - 1), donors=own.weights.size)


def _conformal(asked: _Asked, study: Study) -> Estimate:
    """The effects that the residuals do not reject; none where a side has no end."""
    areas, own, alpha = asked.areas, study.own, asked.alpha
    ways = _residuals(asked, own)
    step = own.before / np.sqrt(areas.after) if own.before > 0 else study.others.spread
    wide, narrow = conformal_interval(
        ways, areas.target, areas.start, own.effect, float(step), (alpha, 2 * alpha)
    )
    p_value = p_of_effect(ways, areas.target, areas.start, 0.0)
    interval = Interval(*wide, *narrow) if wide and narrow else None
    return asked.dressed(own, None, None, donors=own.weights.size, interval=interval, p_value=p_value)


def _over_time(asked: _Asked, own: Fit) -> Check:
    """How strange the residuals after the start are among those of all periods, if there was no effect."""
    areas = asked.areas
    p = p_of_effect(_residuals(asked, own), areas.target, areas.start, 0.0)
    note = (
        f"Of the residuals of all {len(areas.labels)} periods, moved along in blocks, {100 * p:.0f} % are at least as "
        f"large as those after the start, had the programme changed nothing (smallest share possible "
        f"{100 / len(areas.labels):.0f} %). A weak test where the pool can bend towards the effect."
    )
    return Check("conformal", "info", p, asked.alpha, "none", note)


def _residuals(asked: _Asked, own: Fit) -> Residuals:
    near = own.weights if asked.settings.kind == "classic" else None
    return Residuals(asked.settings.kind, asked.areas.donors, own.penalty, near)


def _ends(asked: _Asked, own: Fit) -> tuple[Ends, ...]:
    """An interval for each period after the start, where the periods before allow one at all."""
    areas = asked.areas
    if (areas.start + 1) * asked.alpha < 1 or areas.after > MOST_EACH or not own.before > 0:
        return ()
    return each_period(_residuals(asked, own), areas.target, areas.start, own.gaps, own.before, asked.alpha)


def _unbounded(asked: _Asked, estimate: Estimate) -> Check | None:
    """Say why there is no interval."""
    if estimate.conf_low is not None:
        return None
    periods = len(asked.areas.labels)
    if asked.settings.inference == "conformal":
        note = (
            f"Over {periods} periods every constant effect stays possible at {asked.alpha:g} on one side (the smallest "
            f'p possible is {1 / periods:.3f}), or none fits. Use inference = "placebo", or more periods.'
        )
    else:
        note = "The placebos have no spread, so that nothing can be told from chance."
    return Check("interval", "fail", None, None, "block", note)


def _ways(asked: _Asked, study: Study, left: tuple[LeftOut, ...]) -> tuple[Sensitivity, ...]:
    """The same question by the other kinds that fit well enough, without single donors, by another interval."""
    lines = [*_kinds(asked, study), *_donors_out(asked, study, left)]
    if asked.settings.inference != "placebo":
        lines.append(Sensitivity("interval from the placebos", _placebo(asked, study)))
    return tuple(lines)


def _kinds(asked: _Asked, study: Study) -> list[Sensitivity]:
    """Other kinds, where their own misfit before the start would pass the gate."""
    margin = asked.outcome.minimum_important_difference
    limit = margin if margin is not None else 2 * study.own.before
    lines = []
    for kind in KINDS:
        if kind == asked.settings.kind or asked.areas.donors.shape[0] > MOST_AGAIN:
            continue
        other = run_study(asked.areas, kind, asked.plan.design.seed)
        if other.own.before <= limit:
            lines.append(Sensitivity(NAMES[kind], _placebo(asked, other)))
    return lines


def _donors_out(asked: _Asked, study: Study, left: tuple[LeftOut, ...]) -> list[Sensitivity]:
    """Without the donor whose absence moves the effect most down, and most up; the check names them."""
    if not left:
        return []
    lines = []
    for end, one in (("lowest", min(left, key=_effect)), ("highest", max(left, key=_effect))):
        if len(asked.areas.names) <= MOST_AGAIN:
            less = without(asked.areas, asked.areas.names.index(one.donor))
            again = run_study(less, asked.settings.kind, asked.plan.design.seed)
        else:
            again = Study(one.own, study.others, study.error)
        lines.append(Sensitivity(f"one donor out: {end} effect", _placebo(asked, again, study)))
    return lines


def _effect(one: LeftOut) -> float:
    return one.own.effect
