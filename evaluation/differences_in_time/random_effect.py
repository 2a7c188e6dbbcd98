"""The efficient effect of randomly timed starts as a result: estimate, doubts, other ways, paths (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evaluation.differences_in_time.aggregates import KINDS, Kind
from evaluation.differences_in_time.arranged import Arranged
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.random_timing import (
    Efficient,
    Estimand,
    NoContrast,
    comparison_of,
    efficient,
    events_of,
    joint_covariance,
    randomisation_p,
)
from evaluation.differences_in_time.staggered_checks import (
    FEW_CLUSTERS,
    FEWEST_CLUSTERS,
    SIGNIFICANT,
    before_check,
    no_cells,
    turn_check,
)
from evaluation.differences_in_time.staggered_effect import Units, freedom, spread_of, units_of
from evaluation.differences_in_time.staggered_settings import StaggeredSettings
from evaluation.differences_in_time.staggered_views import (
    OVERALL,
    event_view,
    paths_figure,
    shown,
    two_way_facts,
)
from evaluation.differences_in_time.two_way import two_way
from evaluation.figures import FactTable, Figure
from evaluation.model import Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome

ESTIMANDS: dict[Kind, Estimand] = {
    "group": "cohort",
    "simple": "simple",
    "dynamic": "dynamic",
    "calendar": "calendar",
}
MOST_WORK = 200_000_000  # units times draws: above it fewer draws, but never below FEWEST
FEWEST = 99


@dataclass(frozen=True, slots=True)
class Asked:
    """What every part of the result needs."""

    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    units: Units

    @property
    def settings(self) -> StaggeredSettings:
        """The plan's settings."""
        settings: StaggeredSettings = self.plan.design.settings
        return settings


def randomly_timed(
    panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, units: Units, checks: tuple[Check, ...]
) -> MethodResult:
    """Estimate by the efficient estimator; every cohort it uses has two units or more."""
    units, alone = _without_single(units)
    checks = (*checks, *alone)
    asked = Asked(panel, plan, outcome, units)
    flow = units.arranged.flow
    try:
        found = {kind: _efficient(units, ESTIMANDS[kind]) for kind in KINDS}
    except NoContrast:
        return MethodResult(no_panel_estimate(panel, plan, outcome), (*checks, no_cells()), flow=flow)
    kind = asked.settings.aggregate
    chosen = found[kind]
    few = _few(units)
    trusted = few is None or few.consequence != "block"
    estimate = _dressed(asked, chosen, kind, error=_error(asked, chosen) if trusted else None)
    one, zero = _groups(units)
    twice = turn_check(one, zero, one + zero - units.arranged.units, people=panel.units == "people")
    checks = (*checks, *twice, before_check(units), _balance(chosen), *((few,) if few is not None else ()))
    if panel.bare or not trusted:
        return MethodResult(estimate, checks, flow=flow)
    table, figures, path = _events(asked)
    facts, more = _two_way(asked)
    return MethodResult(
        estimate,
        (*checks, _test(asked, kind), *more),
        sensitivity=_ways(asked, found),
        path=path,
        flow=flow,
        figures=figures,
        tables=(_overall(asked, found), table, *facts),
    )


def _without_single(units: Units) -> tuple[Units, tuple[Check, ...]]:
    """Leave out cohorts of one unit: their variance cannot be known."""
    alone = units.numbers == 1
    if not alone.any():
        return units, ()
    keep, a = ~alone[units.cohort], units.arranged
    left = Arranged(
        a.paths[keep],
        a.first[keep],
        None,
        None,
        a.covariates[keep],
        a.flow,
        a.left_out,
        a.already,
        a.changing,
    )
    note = (
        f"{int(alone.sum())} cohorts of one unit were left out: how much such a unit varies cannot be known."
    )
    return units_of(left), (Check("small cohorts", "info", float(alone.sum()), None, "none", note),)


def _efficient(units: Units, estimand: Estimand, event: int = 0) -> Efficient:
    if units.moments is None or not units.arranged.units:
        raise NoContrast
    comparison = comparison_of(units.starts, units.moments.n, units.moments.periods, estimand, event)
    return efficient(units.moments, units.starts, comparison)


def _error(asked: Asked, found: Efficient) -> float:
    return found.adjusted_error if asked.settings.errors == "adjusted" else found.std_error


def _groups(units: Units) -> tuple[int, int]:
    """Units that start while another still waits, and units that wait for some time."""
    treated = units.starts < min(int(units.starts[-1]), units.arranged.periods)
    return int(units.numbers[treated].sum()), int(units.numbers[1:].sum())


def _dressed(
    asked: Asked, found: Efficient, kind: Kind, *, error: float | None, plain: bool = False
) -> Estimate:
    units = asked.units
    value = found.plain if plain else found.value
    mean = None
    if units.moments is not None:
        comparison = comparison_of(units.starts, units.moments.n, units.moments.periods, ESTIMANDS[kind])
        own = comparison.after * (np.arange(units.moments.periods)[None, :] >= units.starts[:, None])
        mean = float((own * units.moments.mean).sum())
    return dressed_panel(
        asked.panel,
        asked.plan,
        asked.outcome,
        value=value,
        std_error=error,
        df=freedom(units, asked.settings),
        counts=_groups(units),
        means=(mean, None if mean is None else mean - value),
        spread=spread_of(units) if asked.panel.units == "people" else None,
    )


def _few(units: Units) -> Check | None:
    one, zero = _groups(units)
    if min(one, zero) < FEWEST_CLUSTERS:
        note = (
            f"Fewer than {FEWEST_CLUSTERS} units start, or wait until the end: no interval can be trusted. End the "
            "window earlier with where, so that more units wait."
        )
        return Check("few clusters", "fail", float(min(one, zero)), FEWEST_CLUSTERS, "block", note)
    if units.arranged.units < FEW_CLUSTERS:
        note = f"{units.arranged.units} units: errors are rough; the randomisation test is exact."
        return Check("few clusters", "warn", float(units.arranged.units), FEW_CLUSTERS, "downgrade", note)
    return None


def _balance(found: Efficient) -> Check:
    """Before the start nothing can differ but by chance, if chance decided who starts when."""
    if not found.before_error > 0:
        note = "Outcomes before the start do not vary: whether chance decided the starts cannot be seen."
        return Check("earlier outcomes", "warn", None, None, "none", note)
    p = float(2 * ndtr(-abs(found.before / found.before_error)))
    if p < SIGNIFICANT:
        note = (
            "Before the start, units about to start differ from those that wait by more than chance explains: the "
            'starts may not have been drawn. Plan estimator = "group-time", which rests on parallel trends instead.'
        )
        return Check("earlier outcomes", "fail", p, SIGNIFICANT, "downgrade", note)
    note = (
        "Before the start, units about to start and those that wait differ by no more than chance explains."
    )
    return Check("earlier outcomes", "pass", p, SIGNIFICANT, "none", note)


def _test(asked: Asked, kind: Kind) -> Check:
    """Fisher's randomisation test of no effect on anybody."""
    units, plan = asked.units, asked.plan
    draws = max(FEWEST, min(asked.settings.draws, MOST_WORK // max(units.arranged.units, 1)))
    sizes = units.numbers.astype(np.float64)
    comparison = comparison_of(units.starts, sizes, units.arranged.periods, ESTIMANDS[kind])
    p = randomisation_p(units.arranged.paths, units.cohort, comparison, plan.design.seed, draws)
    note = f"Redrawing the starts {draws} times gives p = {p:.3f} that nobody was affected (exact if chance drew them)."
    return Check("randomisation test", "info", p, None, "none", note)


def _ways(asked: Asked, found: dict[Kind, Efficient]) -> tuple[Sensitivity, ...]:
    """The same by the other average, the other error, and with earlier outcomes taken off whole."""
    planned = asked.settings.aggregate
    chosen = found[planned]
    ways = [
        Sensitivity(f"average over {OVERALL[kind]}", _dressed(asked, one, kind, error=_error(asked, one)))
        for kind, one in found.items()
        if kind != planned
    ]
    plain = _dressed(asked, chosen, planned, error=chosen.plain_error, plain=True)
    ways.append(Sensitivity("difference in differences, controls not yet treated", plain))
    name, error = ("Neyman's error", chosen.std_error)
    if asked.settings.errors == "neyman":
        name, error = ("adjusted error", chosen.adjusted_error)
    ways.append(Sensitivity(name, _dressed(asked, chosen, planned, error=error)))
    return tuple(ways)


def _overall(asked: Asked, found: dict[Kind, Efficient]) -> FactTable:
    rows = tuple(
        (f"{OVERALL[kind]} ({kind})" + (", planned" if kind == asked.settings.aggregate else ""), one.value,
         one.std_error, one.adjusted_error, one.beta, one.plain, one.plain_error)
        for kind, one in found.items()
    )  # fmt: skip
    return FactTable(
        "overall-effects",
        "Overall effects, by what is averaged",
        ("average over", "effect", "Neyman's error", "adjusted error", "weight of earlier outcomes (beta)",
         "difference in differences", "its error"),
        rows,
        "beta says how much of the difference before the start is taken off: 1 in a difference in differences.",
    )  # fmt: skip


def _events(asked: Asked) -> tuple[FactTable, tuple[Figure, ...], tuple[PathRow, ...]]:
    """Effects by time since the start, with a band."""
    units = asked.units
    events = events_of(units.starts, units.arranged.periods)
    found = [_efficient(units, "event", event) for event in events]
    values = np.array([one.value for one in found])
    errors = np.array([_error(asked, one) for one in found])
    covariance = np.zeros((len(found), len(found)))
    if units.moments is not None:
        covariance = joint_covariance(units.moments, np.array([one.contrast for one in found]))
    alpha, seed = asked.plan.analysis.alpha, asked.plan.design.seed
    df = freedom(units, asked.settings)
    band = simultaneous(values, covariance, 1 - alpha, seed, df=df)
    view = shown(asked.panel.axis.labels, units, alpha, df, people=asked.panel.units == "people")
    name = asked.outcome.unit or asked.outcome.label
    last = min(int(units.starts[-1]), units.arranged.periods)
    kept = [
        i
        for i, event in enumerate(events)
        if not view.unseen(np.flatnonzero(units.starts + event < last).tolist())
    ]
    events_shown = (tuple(events[i] for i in kept), values[kept], errors[kept])
    table, figure, rows = event_view(view, events_shown, band, name)
    paths = paths_figure(view, units, name)
    return table, (figure, *((paths,) if paths is not None else ())), rows


def _two_way(asked: Asked) -> tuple[tuple[FactTable, ...], tuple[Check, ...]]:
    units = asked.units
    found = two_way(units.moments, units.starts) if units.moments is not None else None
    if found is None:
        return (), ()
    view = shown(
        asked.panel.axis.labels, units, asked.plan.analysis.alpha, None, people=asked.panel.units == "people"
    )
    table, check = two_way_facts(view, found)
    return (table,), (check,)
