"""Before and after, read: which expectation can be had, the number against it, its doubts, and its figure (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.figures import Figure, Line
from evaluation.model import EXPECTED, Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.places.dispersion import UNKNOWN, Dispersion, dispersion
from evaluation.places.expected import (
    Change,
    Mask,
    Watched,
    counts_change,
    counts_change_from,
    counts_prior,
    scores_change,
    scores_change_from,
    scores_prior,
    standardised,
)
from evaluation.places.expected_checks import (
    cannot_correct,
    comparison_check,
    dispersion_check,
    no_events,
    not_chosen_check,
    periods_check,
    pull_check,
    threshold_check,
)
from evaluation.places.larger_units import by_larger_units
from evaluation.places.prior import Prior
from evaluation.places.window import Window, cut, grown, larger_of, of_units, one_sided, positions
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified

RETEST_MOVE = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan says: the start, whether the choice looked at the outcome, when, and figures from elsewhere.

    ``known`` are mean, SD and retest correlation of the population.
    """

    start: str
    looked: bool
    chosen_on: tuple[str, ...]
    threshold: float | None
    above: bool
    retest: float | None
    known: tuple[float, float, float] | None
    units_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    asked: Asked
    window: Window
    seen: Watched
    noise: Dispersion

    @property
    def counts(self) -> bool:
        return self.outcome.kind == "count"

    @property
    def other_periods(self) -> Mask:
        """Periods before the start that the choice did not look at; none where it is not known which it looked at."""
        named = self.seen.looked_at
        return ~named if named.any() else np.zeros(len(named), dtype=bool)


def against_expected(
    panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked
) -> MethodResult:
    """Read a before-and-after claim. Raises LC492 to LC494 for a start, periods or units that are not in the data."""
    case = _case(panel, plan, outcome, asked)
    beside = (comparison_check(), periods_check(case.window.start))
    nothing = no_panel_estimate(panel, plan, outcome, EXPECTED)
    if not case.seen.chosen.any():
        return MethodResult(
            nothing, (*beside, no_events("Nobody is marked as chosen: look at the treatment column."))
        )
    if not np.isfinite(case.seen.after[case.seen.chosen]).any():
        return MethodResult(
            nothing, (*beside, no_events("Nothing was seen of those chosen after the start."))
        )
    try:
        change, how = _expected(case)
    except NotIdentified:
        return MethodResult(nothing, (*beside, cannot_correct(counts=case.counts)))
    if case.outcome.is_ratio and change.log_ratio is None:
        return MethodResult(
            nothing, (*beside, no_events("None of those chosen had an event after the start."))
        )
    main = _dressed(case, change)
    if panel.bare:
        return MethodResult(main, beside)
    ways, others = _other_ways(case, change)
    units, units_checks = _larger(case, main)
    checks = (
        *beside,
        pull_check(change, how, counts=case.counts, looked=asked.looked),
        *threshold_check(asked.threshold, asked.known, above=asked.above),
        *((dispersion_check(case.noise),) if case.counts else ()),
        *((not_chosen_check(others, counts=case.counts),) if others else ()),
        *units_checks,
    )
    return MethodResult(
        main, checks, sensitivity=(*ways, *units), path=_path(case, change), figures=(_figure(case, change),)
    )


def searched_prior(
    panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked
) -> Prior | None:
    """The prior that a search found for the forecast; ``None`` where none was asked for, or none can be had."""
    case = _case(panel, plan, outcome, asked)
    if not asked.looked or case.seen.chosen.all() or asked.known or (asked.retest and not case.counts):
        return None
    try:
        return (
            counts_prior(case.seen, case.noise)
            if case.counts
            else scores_prior(standardised(case.seen)[0], None)
        )
    except NotIdentified:
        return None


def _case(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked) -> _Case:
    window = cut(panel, asked.start)
    marks = positions(panel, asked.chosen_on, window, "chosen_on")
    chosen = _chosen(panel, window, marks, asked)
    size = window.size
    seen = Watched(
        window.before, window.after, size[:, : window.start], size[:, window.start :], chosen, marks
    )
    noise = dispersion(seen.before, seen.before_size) if outcome.kind == "count" else UNKNOWN
    return _Case(panel, plan, outcome, asked, window, seen, noise)


def _chosen(panel: PanelFrame, window: Window, marks: Mask, asked: Asked) -> Mask:
    """Who was chosen: those marked, else those at or beyond the threshold when looked at, else everybody."""
    if "treated" in panel.data.columns:
        return np.asarray(of_units(panel, "treated").to_numpy() == 1)
    if asked.threshold is None:
        return np.ones(len(window.names), dtype=bool)
    looked = np.where(marks if marks.any() else np.ones(window.start, dtype=bool), window.before, np.nan)
    known = np.asarray(np.isfinite(looked).any(axis=1))
    level = np.full(looked.shape[0], np.nan)
    level[known] = np.nanmean(looked[known], axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(level >= asked.threshold if asked.above else level <= asked.threshold)


def _expected(case: _Case) -> tuple[Change, str]:
    """The change against the best expectation that can be had, and its name. Raises NotIdentified."""
    seen, asked = case.seen, case.asked
    everything = np.ones(seen.before.shape[1], dtype=bool)
    if not asked.looked:
        return _from(case, everything), "own"
    if asked.known is not None:
        return scores_change(seen, known=asked.known), "published"
    if not seen.chosen.all():
        if case.counts:
            return counts_change(seen, case.noise), "forecast"
        return scores_change(seen, retest=asked.retest), "forecast"
    if case.other_periods.any():
        return _from(case, case.other_periods), "other-periods"
    raise NotIdentified


def _from(case: _Case, periods: Mask) -> Change:
    if case.counts:
        return counts_change_from(case.seen, case.noise, periods)
    return scores_change_from(case.seen, periods)


def _dressed(case: _Case, change: Change, shift: tuple[float, float] = (0.0, 0.0)) -> Estimate:
    """An estimate of a change; ``shift``: what others changed by and its error, to be taken off."""
    ratio = case.outcome.is_ratio
    value = change.log_ratio if ratio else change.difference
    error = change.log_error if ratio else change.difference_error
    people = case.panel.units == "people"
    readings = case.seen.before[np.isfinite(case.seen.before)]
    return dressed_panel(
        case.panel, case.plan, case.outcome,
        value=(value or 0.0) - shift[0], std_error=float(np.hypot(error or 0.0, shift[1])), df=change.df,
        estimand=EXPECTED, counts=(int(case.seen.chosen.sum()), 0), means=(change.after, change.expected), ratio=ratio,
        spread=float(readings.std(ddof=1)) if people and not ratio and len(readings) > 1 else None,
    )  # fmt: skip


def _other_ways(case: _Case, main: Change) -> tuple[tuple[Sensitivity, ...], Change | None]:
    """The same question with other expectations; and the change of those not chosen against theirs."""
    others = _of_others(case)
    ways: list[tuple[str, Callable[[], Estimate]]] = []
    if case.asked.looked and case.other_periods.any() and not case.seen.chosen.all():
        name = "baseline without the periods they were chosen on"
        ways.append((name, lambda: _dressed(case, _from(case, case.other_periods))))
    if others is not None and (others.log_ratio is not None or not case.outcome.is_ratio):
        moved = (others.difference, others.difference_error)
        if case.outcome.is_ratio:
            moved = (others.log_ratio or 0.0, others.log_error or 0.0)
        ways.append(("had they changed as those not chosen did", lambda: _dressed(case, main, moved)))
    if case.counts and case.noise.factor > 1 and case.asked.looked and not case.seen.chosen.all():
        ways.append(("Poisson errors", lambda: _dressed(case, counts_change(case.seen, UNKNOWN))))
    ways += _retests(case)
    found = []
    for name, way in ways:
        try:
            found.append(Sensitivity(name, way()))
        except NotIdentified:
            continue
    return tuple(found), others


def _retests(case: _Case) -> list[tuple[str, Callable[[], Estimate]]]:
    """A retest correlation from elsewhere, a little lower and higher."""
    asked = case.asked
    if asked.retest is None or case.counts or not asked.looked:
        return []

    def at(retest: float) -> Callable[[], Estimate]:
        if asked.known is not None:
            mean, sd, _ = asked.known
            return lambda: _dressed(case, scores_change(case.seen, known=(mean, sd, retest)))
        return lambda: _dressed(case, scores_change(case.seen, retest=retest))

    near = (round(asked.retest + move, 6) for move in (-RETEST_MOVE, RETEST_MOVE))
    return [(f"retest correlation {retest:g}", at(retest)) for retest in near if 0 < retest < 1]


def _of_others(case: _Case) -> Change | None:
    rest = ~case.seen.chosen
    try:
        if not rest.any() or not np.isfinite(case.seen.after[rest]).any():
            return None
        if case.counts:
            return counts_change(case.seen, case.noise, of=rest)
        return scores_change(case.seen, retest=case.asked.retest, of=rest)
    except NotIdentified:
        return None


def _larger(case: _Case, main: Estimate) -> tuple[tuple[Sensitivity, ...], tuple[Check, ...]]:
    def again(larger: Mapping[str, str]) -> Estimate | None:
        panel = grown(case.panel, larger, counts=case.counts)
        if one_sided(panel):
            return None
        return against_expected(panel, case.plan, case.outcome, case.asked).estimate

    maps = {name: larger_of(case.panel, name) for name in case.asked.units_by}
    return by_larger_units(main, maps, again)


def _path(case: _Case, change: Change) -> tuple[PathRow, ...]:
    """When chosen, expected, seen; and the raw change, which regression to the mean is part of."""
    rows = [
        PathRow("when they were chosen", change.chosen_at, None, None, None),
        PathRow("expected with no programme", change.expected, None, None, None),
        PathRow("after the start", change.after, None, None, None),
        PathRow("change as it looks", change.after - change.chosen_at, None, None, None),
        PathRow("change expected with no programme", change.expected - change.chosen_at, None, None, None),
    ]
    return tuple(rows)


def _figure(case: _Case, change: Change) -> Figure:
    """Those chosen and the others over time, with what was to be expected after the start."""
    periods = case.window.y.shape[1]
    after = tuple(float(x) for x in range(case.window.start, periods))

    def line(name: str, who: Mask, kind: str) -> Line:
        y = np.where(np.isfinite(case.window.y), case.window.y, 0.0)[who].sum(axis=0)
        size = np.where(np.isfinite(case.window.y), case.window.size, 0.0)[who].sum(axis=0)
        points = tuple(float(a / b) if b > 0 else None for a, b in zip(y, size, strict=True))
        return Line(name, kind, tuple(float(x) for x in range(periods)), points)  # type: ignore[arg-type]

    lines = [line("those chosen", case.seen.chosen, "observed")]
    if not case.seen.chosen.all():
        lines.append(line("those not chosen", ~case.seen.chosen, "comparison"))
    lines.append(Line("expected with no programme", "expected", after, (change.expected,) * len(after)))
    marks = ((case.window.start - 0.5, "start"),)
    unit = case.outcome.unit or case.outcome.label
    y_name = f"{unit} a unit and period" if case.counts and not case.outcome.exposure else unit
    return Figure(
        "before-after", "Those chosen, and what was to be expected of them", "period", y_name, tuple(lines), marks,
        case.panel.axis.labels,
    )  # fmt: skip
