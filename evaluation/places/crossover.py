"""Days drawn for treatment, place by place: the effect of a treated day, and how long it lasts (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.figures import Figure, Line
from evaluation.inference import critical
from evaluation.model import Check, Estimate, FlowStep, MethodResult, PathRow, Sensitivity
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import Interval, dressed_panel, no_panel_estimate
from evaluation.places.allocations import DRAWS, Drawn, draw, redraw
from evaluation.places.crossover_checks import (
    allocation_check,
    carried_check,
    daily_check,
    events_check,
    follows_check,
    size_check,
    unidentified,
    weekday_check,
)
from evaluation.places.placed_model import ByWhat, Codes, Placed, Rows, linear, log_linear
from evaluation.places.washout import earlier, rows_before, settled
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, NotIdentified

ESTIMAND = "effect of a treated day"
ErrorsFrom = Literal["randomisation", "newey-west", "place", "day"]
SINGLE: dict[ErrorsFrom, str] = {
    "randomisation": "allocations drawn again", "newey-west": "errors over neighbouring days (Newey–West)",
    "place": "errors by place", "day": "errors by day",
}  # fmt: skip
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan says of the days: whether they were drawn by chance and within what, washout, and errors."""

    by_chance: bool
    block: str
    washout: int
    model_washout: bool
    carry_over: int
    weekday: bool
    errors: ErrorsFrom
    lags: int | None
    draws: int = DRAWS


@dataclass(frozen=True, slots=True)
class _Case:
    panel: PanelFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    asked: Asked
    y: Array
    treated: Array
    place: Codes
    day: Codes
    size: Array
    block: Codes
    weekdays: Array
    before: npt.NDArray[np.int64]

    @property
    def ratio(self) -> bool:
        return self.outcome.is_ratio

    @property
    def lags(self) -> int:
        days = int(self.day.max()) + 1
        return self.asked.lags if self.asked.lags is not None else math.floor(4 * (days / 100) ** (2 / 9))

    def fit(self, x: Array, kept: Mask, y: Array | None = None) -> Placed:
        """The model of some rows: a level for every place, and ``x``; columns that do not vary there are left out.

        With ``y`` (what would have come without an effect) ``x`` has no treated day in front, which else must vary.
        """
        if not kept.any():  # a long washout leaves nothing
            raise NotIdentified
        part = x[kept]
        told = [
            at for at in range(part.shape[1]) if (at == 0 and y is None) or float(np.ptp(part[:, at])) > 0
        ]
        codes = np.unique(self.place[kept], return_inverse=True)[1]
        outcome = (self.y if y is None else y)[kept]
        rows = Rows(outcome, part[:, told], codes.astype(np.int64), self.day[kept], self.size[kept])
        return (log_linear if self.ratio else linear)(rows)


def crossed(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked) -> MethodResult:
    """Estimate and doubt the effect of a treated day."""
    case = _case(panel, plan, outcome, asked)
    nothing = no_panel_estimate(panel, plan, outcome, ESTIMAND)
    kept = _kept(case, asked.washout)
    flow = _flow(case, kept)
    blocked = (
        *daily_check(panel.axis.step),
        *events_check(case.y[kept], case.treated[kept], counts=outcome.kind == "count"),
    )
    if any(check.consequence == "block" for check in blocked):
        return MethodResult(nothing, blocked, flow=flow)
    try:
        main = _main(case)
    except NotIdentified:
        return MethodResult(nothing, (*blocked, unidentified()), flow=flow)
    if panel.bare:
        return MethodResult(main, blocked, flow=flow)
    carried = _carried(case)
    checks = (
        *blocked,
        allocation_check(by_chance=asked.by_chance),
        *_follows(case),
        size_check(len(np.unique(case.place)), len(np.unique(case.day))),
        *weekday_check(named=asked.weekday, days=panel.axis.kind == "day"),
        *((carried_check(carried.beta, carried.covariance("day"), asked.washout),) if carried else ()),
    )
    return MethodResult(
        main,
        checks,
        sensitivity=_other_ways(case),
        path=_path(case, carried),
        flow=flow,
        figures=_figures(case, carried),
    )


def _case(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked) -> _Case:
    data = panel.data
    place, _ = panel.codes("unit")
    day = data["period"].to_numpy().astype(np.int64)
    size = data["exposure"].to_numpy() if "exposure" in data.columns else np.ones(data.height)
    block = np.zeros(data.height, dtype=np.int64)
    if asked.block:
        block = data[f"s:{asked.block}"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    weekdays = np.zeros((data.height, 0))
    if asked.weekday and panel.axis.kind == "day":
        names = (np.asarray(panel.axis.places)[day].astype(np.int64)) % 7
        weekdays = np.eye(7)[names][:, 1:]
    before = rows_before(place.astype(np.int64), day, max(asked.carry_over, asked.washout, 1))
    return _Case(
        panel, plan, outcome, asked, data["outcome"].to_numpy(), data["treated"].to_numpy(), place.astype(np.int64),
        day, size, block, weekdays, before,
    )  # fmt: skip


def _kept(case: _Case, washout: int, *, model: bool | None = None) -> Mask:
    """Rows that are used: those whose past is known, and where washout days are dropped those no change spoils."""
    if not washout:
        return np.ones(len(case.y), dtype=bool)
    before = case.before[:, :washout]
    if case.asked.model_washout if model is None else model:
        return np.asarray((before >= 0).all(axis=1))
    return settled(case.treated > 0, before)


def _columns(case: _Case, lags: int) -> Array:
    """The treated day, treated days before it, weekdays."""
    past = np.nan_to_num(earlier(case.treated, case.before[:, :lags])) if lags else np.zeros((len(case.y), 0))
    return np.column_stack([case.treated, past, case.weekdays])


def _model(case: _Case, washout: int, *, model: bool | None = None) -> Placed:
    modelled = case.asked.model_washout if model is None else model
    return case.fit(_columns(case, washout if modelled else 0), _kept(case, washout, model=modelled))


def _main(case: _Case) -> Estimate:
    fit = _model(case, case.asked.washout)
    return _by_lot(case, fit) if case.asked.errors == "randomisation" else _by(case, fit, case.asked.errors)


def _by(case: _Case, fit: Placed, errors: ByWhat) -> Estimate:
    groups = len(np.unique(fit.rows.place if errors == "place" else fit.rows.day))
    return _dressed(case, fit, fit.error(0, errors, case.lags), df=float(groups - 1))


def _under(case: _Case, errors: ByWhat) -> Estimate:
    """The plan's own model under other errors."""
    return _by(case, _model(case, case.asked.washout), errors)


def _washed(case: _Case, days: int, errors: ByWhat) -> Estimate:
    """With another number of days washed out."""
    return _by(case, _model(case, days, model=False), errors)


def _by_lot(case: _Case, fit: Placed) -> Estimate:
    """Interval and p-value from the allocations there could have been."""
    washout = 0 if case.asked.model_washout else case.asked.washout
    table = _allocations(case, _drawn_together(case))
    whole = np.ones(len(case.y), dtype=bool)
    before = case.before[:, :washout]
    kept = settled(table, before) if washout else np.ones_like(table)
    drawn = Drawn(case.treated, _kept(case, washout, model=False) if washout else whole, table, kept)

    def expected(y: Array) -> Array:
        return case.fit(case.weekdays, whole, y).fitted

    found = redraw(case.y, float(fit.beta[0]), expected, drawn, ratio=case.ratio)
    alpha = case.plan.analysis.alpha
    (low, high), (narrow_low, narrow_high) = found.at(alpha), found.at(2 * alpha)
    ends = [math.nan if end is None else float(end) for end in (low, high, narrow_low, narrow_high)]
    if not all(math.isfinite(end) for end in ends):
        raise NotIdentified
    return _dressed(case, fit, found.spread, interval=Interval(*ends), p_value=found.p_value)


def _allocations(case: _Case, unit: Codes) -> Mask:
    return draw(case.treated, case.block, unit, case.asked.draws, case.plan.design.seed)


def drawn_allocations(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, asked: Asked) -> Mask:
    """The allocations drawn (draws x units in their order), for whoever repeats the interval elsewhere.

    A unit is a day where all places share its allocation, else a row. Raises NotIdentified where none can be drawn.
    """
    case = _case(panel, plan, outcome, asked)
    unit = _drawn_together(case)
    return np.asarray(_allocations(case, unit)[:, np.unique(unit, return_index=True)[1]])


def _drawn_together(case: _Case) -> Codes:
    """What was drawn as one: a day, where all places share its allocation; else a place on a day."""
    places = len(np.unique(case.place))
    total = np.bincount(case.day, weights=case.treated)
    many = np.bincount(case.day)
    if places > 1 and bool(((total == 0) | (total == many)).all()):
        return case.day
    return np.arange(len(case.y), dtype=np.int64)


def _dressed(
    case: _Case, fit: Placed, error: float, *, df: float | None = None, interval: Interval | None = None,
    p_value: float | None = None,
) -> Estimate:  # fmt: skip
    value = float(fit.beta[0])
    one = fit.rows.x[:, 0] > 0
    seen = float(fit.rows.y[one].sum() / fit.rows.size[one].sum())
    without = seen / math.exp(value) if case.ratio else seen - value
    places = len(np.unique(fit.rows.place))
    return dressed_panel(
        case.panel, case.plan, case.outcome, value=value, std_error=error, df=df, estimand=ESTIMAND,
        counts=(places, places), means=(seen, without), p_value=p_value, interval=interval, ratio=case.ratio,
    )  # fmt: skip


def _other_ways(case: _Case) -> tuple[Sensitivity, ...]:
    """Other errors, other washouts, earlier days in the model, no weekdays."""
    asked = case.asked
    ways: list[tuple[str, Callable[[], Estimate]]] = []
    others: tuple[ByWhat, ...] = ("newey-west", "day", "place")
    ways += [(SINGLE[way], partial(_under, case, way)) for way in others if way != asked.errors]
    if asked.by_chance and asked.errors != "randomisation" and not asked.model_washout:
        ways.append((SINGLE["randomisation"], lambda: _by_lot(case, _model(case, asked.washout))))
    shown: ByWhat = "day" if asked.errors == "randomisation" else asked.errors
    for days in range(asked.carry_over + 1):
        if days != asked.washout or asked.model_washout:
            name = f"{days} day{'s' if days > 1 else ''} washed out" if days else "nothing washed out"
            ways.append((name, partial(_washed, case, days, shown)))
    if asked.carry_over and not (asked.model_washout and asked.washout == asked.carry_over):
        name = f"with the {asked.carry_over} days before in the model"
        ways.append((name, lambda: _by(case, _model(case, asked.carry_over, model=True), shown)))
    if case.weekdays.shape[1]:
        plain = replace(case, weekdays=np.zeros((len(case.y), 0)))
        ways.append(("without weekdays", lambda: _by(plain, _model(plain, asked.washout), shown)))
    found = []
    for name, way in ways:
        try:
            found.append(Sensitivity(name, way()))
        except (NotIdentified, np.linalg.LinAlgError):
            continue
    return tuple(found)


def _carried(case: _Case) -> Placed | None:
    """The model with the days before in it; ``None`` where it cannot be had."""
    if not case.asked.carry_over:
        return None
    lags = case.asked.carry_over
    past = earlier(case.treated, case.before[:, :lags])[_kept(case, lags, model=True)]
    if not len(past) or not (np.ptp(past, axis=0) > 0).all():
        return None
    try:
        found = _model(case, lags, model=True)
    except NotIdentified:
        return None
    return replace(found, beta=found.beta[: lags + 1])


def _lagged(case: _Case, carried: Placed) -> list[tuple[str, float, float, float, float]]:
    """Each day's own effect and all together: name, value, error and ends, on the model's scale."""
    k = case.asked.carry_over + 1
    cover = carried.covariance("day")[:k, :k]
    at = critical(1 - case.plan.analysis.alpha, None, "normal")
    rows = []
    named = [("on the day", np.eye(k)[0])]
    named += [(f"{lag} day{'s' if lag > 1 else ''} later", np.eye(k)[lag]) for lag in range(1, k)]
    for name, pick in [*named, ("all days together", np.ones(k))]:
        value, error = float(pick @ carried.beta[:k]), math.sqrt(max(float(pick @ cover @ pick), 0.0))
        rows.append((name, value, error, value - at * error, value + at * error))
    return rows


def _path(case: _Case, carried: Placed | None) -> tuple[PathRow, ...]:
    if carried is None:
        return ()
    shown: Callable[[float], float] = math.exp if case.ratio else float
    return tuple(
        PathRow(name, shown(value), error, shown(low), shown(high))
        for name, value, error, low, high in _lagged(case, carried)
    )


def _figures(case: _Case, carried: Placed | None) -> tuple[Figure, ...]:
    if carried is None:
        return ()
    shown: Callable[[float], float] = math.exp if case.ratio else float
    rows = _lagged(case, carried)[:-1]
    x = tuple(float(at) for at in range(len(rows)))
    line = Line(
        "effect of a treated day", "effect", x, tuple(shown(row[1]) for row in rows),
        tuple(shown(row[3]) for row in rows), tuple(shown(row[4]) for row in rows),
    )  # fmt: skip
    labels = tuple(row[0] for row in rows)
    what = "times the events" if case.ratio else "events more"
    return (
        Figure(
            "carry-over", "What a treated day does on the day and after", "day", what, (line,), (), labels
        ),
    )


def _follows(case: _Case) -> tuple[Check, ...]:
    """Whether treated days follow what happened the day before."""
    known = case.before[:, 0] >= 0
    if known.sum() < 20:
        return ()
    past = np.where(known, case.y[case.before[:, 0]], 0.0)
    codes = np.unique(case.place[known], return_inverse=True)[1]
    rows = Rows(
        case.treated[known],
        past[known][:, None],
        codes.astype(np.int64),
        case.day[known],
        np.ones(int(known.sum())),
    )
    try:
        fit = linear(rows)
    except NotIdentified:
        return ()
    error = fit.error(0, "day")
    return (follows_check(float(fit.beta[0]) / error if error > 0 else 0.0, by_chance=case.asked.by_chance),)


def _flow(case: _Case, kept: Mask) -> tuple[FlowStep, ...]:
    if kept.all():
        return ()
    days = case.asked.washout
    how = (
        "the days before it not known"
        if case.asked.model_washout
        else "within the washout of a change, or the days before not known"
    )
    return (FlowStep(f"after a washout of {days} day{'s' if days > 1 else ''}", int(kept.sum()), how),)
