"""A panel read as treated places, their controls and the streets around both (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.figures import FactTable, Figure, Line
from evaluation.inference import critical
from evaluation.model import Check, Estimate, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import dressed_panel, no_panel_estimate
from evaluation.places.displacement import (
    ZONES,
    Change,
    Displacement,
    Scale,
    Zone,
    displacement,
    error_of_places,
    factors,
)
from evaluation.places.larger_units import by_larger_units
from evaluation.places.wandering import wandering_check
from evaluation.places.window import Window, cut, grown, larger_of, of_units
from evaluation.places.zone_checks import (
    alike_check,
    buffer_check,
    gaps_check,
    moved_check,
    noise_check,
    past_check,
    small_check,
    zones_check,
)
from evaluation.places.zone_names import read_zones
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array

ESTIMAND = "weighted displacement difference"
NAMES = {
    "treated": "treated places", "control": "control places",
    "treated-buffer": "around the treated", "control-buffer": "around the controls",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan says; ``harm``: columns of harm and its squares, ``None`` for plain counts."""

    start: str
    zone: str
    scale: Scale
    poisson: bool
    harm: tuple[str, str] | None
    units_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    asked: Asked
    window: Window
    member: dict[str, npt.NDArray[np.bool_]]
    zones: dict[str, Zone]

    def found(self, zones: dict[str, Zone] | None = None, *, poisson: bool | None = None) -> Displacement:
        bare = self.asked.poisson if poisson is None else poisson
        return displacement(self.zones if zones is None else zones, scale=self.asked.scale, poisson=bare)


def displaced(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked) -> MethodResult:
    """Estimate and doubt a weighted displacement difference. Raises LC492 and LC494."""
    window = cut(panel, asked.start)
    member, lonely = read_zones(of_units(panel, f"s:{asked.zone}"), asked.zone)
    nothing = no_panel_estimate(panel, plan, outcome, ESTIMAND)
    blocked = (*zones_check(member), *gaps_check(window, member))
    if blocked:
        return MethodResult(nothing, blocked)
    case = _Case(panel, plan, outcome, asked, window, member, _zones(panel, window, member, asked.harm))
    small = small_check(case.zones)
    if any(check.consequence == "block" for check in small):
        return MethodResult(nothing, small)
    found = case.found()
    main = _dressed(case, found, found.total)
    if panel.bare:
        return MethodResult(main, small)
    units, units_checks = _larger(case, main)
    checks = (
        *small,
        *buffer_check(member, lonely),
        noise_check(found, poisson=asked.poisson),
        *wandering_check(window.y[:, : window.start], member),
        *past_check(case.zones, asked.scale, window.start),
        alike_check(case.zones, asked.scale),
        *moved_check(found, _ends(case, found)),
        *units_checks,
    )
    return MethodResult(
        main, checks, sensitivity=(*_other_ways(case, found), *units), path=_path(case, found),
        figures=(_figure(case),), tables=(_table(case),),
    )  # fmt: skip


def _zones(
    panel: PanelFrame, window: Window, member: dict[str, npt.NDArray[np.bool_]], harm: tuple[str, str] | None
) -> dict[str, Zone]:
    """Sums of each zone's places, period by period; its size is that of its places, a period on average."""
    events = panel.wide(f"s:{harm[0]}")[0] if harm else window.y
    squares = panel.wide(f"s:{harm[1]}")[0] if harm else window.y
    at = window.start
    found = {}
    for name, who in member.items():
        total, square = events[who].sum(axis=0), squares[who].sum(axis=0)
        size = float(window.size[who].sum(axis=0).mean()) if "exposure" in panel.data.columns else 1.0
        found[name] = Zone(total[:at], total[at:], square[:at], square[at:], size)
    return found


def _dressed(case: _Case, found: Displacement, change: Change, df: float | None = None) -> Estimate:
    after = _observed_after(case)
    sizes = [
        sum(int(who.sum()) for name, who in case.member.items() if name.startswith(side))
        for side in ("treated", "control")
    ]
    return dressed_panel(
        case.panel, case.plan, case.outcome, value=change.value, std_error=change.std_error,
        df=found.df if df is None else df, estimand=ESTIMAND, counts=(sizes[0], sizes[1]),
        means=(after, after - change.value),
    )  # fmt: skip


def _observed_after(case: _Case) -> float:
    """What came after the start in the treated places and around them, on the scale of the answer."""
    weight = factors(case.zones, case.asked.scale)
    return sum(
        weight[name] * float(part.after.sum())
        for name, part in case.zones.items()
        if name.startswith("treated")
    )


def _other_ways(case: _Case, found: Displacement) -> tuple[Sensitivity, ...]:
    """Poisson's errors, errors from how places changed, and only as many periods before as after."""
    ways = []
    if found.noise.factor > 1:
        plain = case.found(poisson=True)
        ways.append(Sensitivity("Poisson errors", _dressed(case, plain, plain.total)))
    after = len(next(iter(case.zones.values())).after)
    places = error_of_places(_changes(case), factors(case.zones, case.asked.scale))
    if places is not None:
        total = replace(found.total, std_error=places[0])
        ways.append(Sensitivity("errors from how places changed", _dressed(case, found, total, places[1])))
    if case.window.start > after:
        near = {
            name: replace(part, before=part.before[-after:], before_square=part.before_square[-after:])
            for name, part in case.zones.items()
        }
        wide = displacement(near, scale=case.asked.scale, poisson=True)
        factor = float(np.sqrt(found.noise.factor))
        total = replace(wide.total, std_error=wide.total.poisson_error * factor)
        ways.append(Sensitivity("as many periods before as after", _dressed(case, found, total)))
    return tuple(ways)


def _changes(case: _Case) -> dict[str, Array]:
    """Each place's change, those before scaled to as many periods as after; of harm where offences count by it."""
    y = case.panel.wide(f"s:{case.asked.harm[0]}")[0] if case.asked.harm else case.window.y
    at = case.window.start
    even = (y.shape[1] - at) / at
    change = y[:, at:].sum(axis=1) - even * y[:, :at].sum(axis=1)
    return {name: change[who] for name, who in case.member.items()}


def _larger(case: _Case, main: Estimate) -> tuple[tuple[Sensitivity, ...], tuple[Check, ...]]:
    def again(larger: Mapping[str, str]) -> Estimate | None:
        panel = grown(case.panel, larger, counts=True, zone=f"s:{case.asked.zone}")
        return displaced(panel, case.plan, case.outcome, case.asked).estimate

    maps = {name: larger_of(case.panel, name) for name in case.asked.units_by}
    return by_larger_units(main, maps, again)


def _ends(case: _Case, found: Displacement) -> Callable[[Change], tuple[float, float]]:
    kind = "normal" if found.df is None else "t"
    at = critical(1 - case.plan.analysis.alpha, found.df, kind)  # type: ignore[arg-type]
    return lambda change: (change.value - at * change.std_error, change.value + at * change.std_error)


def _path(case: _Case, found: Displacement) -> tuple[PathRow, ...]:
    """The change where the programme went, around it, and both together."""
    ends = _ends(case, found)
    named = [("where the programme went, less controls", found.local)]
    if found.around:
        named += [("around it, less around controls", found.around), ("both together", found.total)]
    return tuple(PathRow(name, change.value, change.std_error, *ends(change)) for name, change in named)


def _table(case: _Case) -> FactTable:
    weight = factors(case.zones, case.asked.scale)
    rows = tuple(
        (NAMES[name], float(case.member[name].sum()), float(weight[name]))
        for name in ZONES
        if name in case.zones
    )
    note = "Weight: what an event of the zone counts for, so that zones of different size can be told apart."
    return FactTable("zones", "Zones", ("zone", "places", "weight"), rows, note)


def _figure(case: _Case) -> Figure:
    """Events of each zone a period."""
    kinds = {
        "treated": "observed",
        "control": "comparison",
        "treated-buffer": "observed",
        "control-buffer": "comparison",
    }
    weight = factors(case.zones, case.asked.scale)
    lines = []
    for name in ZONES:
        if name in case.zones:
            part = case.zones[name]
            y = tuple(float(v) * weight[name] for v in (*part.before, *part.after))
            lines.append(Line(NAMES[name], kinds[name], tuple(float(x) for x in range(len(y))), y))  # type: ignore[arg-type]
    marks = ((case.window.start - 0.5, "start"),)
    name = case.outcome.unit or case.outcome.label
    return Figure(
        "zones", "The treated, their controls and the streets around both", "period", f"{name} a period", tuple(lines),
        marks, case.panel.axis.labels,
    )  # fmt: skip
