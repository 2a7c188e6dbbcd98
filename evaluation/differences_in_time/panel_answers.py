"""Ways to one answer from a panel: two-way effects, changes at equal covariates, counts, ranks, the wild bootstrap."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from evaluation.clusters.robust import cluster_products
from evaluation.clusters.wild_bootstrap import wild_bootstrap
from evaluation.differences_in_time.adjusted_changes import Adjusted, doubly_robust, regressed
from evaluation.differences_in_time.answer import Answer
from evaluation.differences_in_time.fixed_effects import two_way_regression
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.placements import Placement, placement_test, relative_spread, strayed_p
from evaluation.differences_in_time.prepared import Prepared, at_base
from evaluation.differences_in_time.settings import DifferenceSettings
from evaluation.differences_in_time.two_groups import (
    Panel,
    average_effect,
    changes,
    freedom,
    last_before,
    panel_path,
)
from evaluation.differences_in_time.two_way_counts import checked, count_path, count_regression
from evaluation.model import Check
from evaluation.observed.propensity import Separation
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import Interval
from evaluation.plan import AnalysisPlan
from evaluation.regression.linear import Array, NotIdentified

FEWEST = 5  # clusters of a group below which no error is given
NEAR_ONE = 0.95
UNLIKE = 2.0


def plain_answer(panel: Panel, *, kind: str = "CR2") -> Answer:
    """Two-way effects without covariates: CR2, or CR1 with the factor of nested effects."""
    path = panel_path(panel)
    if kind == "CR2" and panel.even:
        value, error = average_effect(path)
        return Answer(value, error, freedom(panel), _clusters(panel), path, "CR2")
    fit = two_way_regression(panel.y, (panel.programme,), panel.weights, panel.clusters, small=kind == "CR2")
    return Answer(float(fit.values[0]), fit.std_error, fit.df, fit.clusters, path, fit.kind)


def changing_answer(prepared: Prepared, *, kind: str = "CR2") -> Answer:
    """Two-way effects with covariates as they change; the path holds them too."""
    panel = prepared.panel
    columns = (panel.programme, *prepared.columns)
    fit = two_way_regression(panel.y, columns, panel.weights, panel.clusters, small=kind == "CR2")
    note = (
        "Covariates enter as they change after the start: if the programme changed them too, part of its effect is "
        "taken away. Without them is shown beside."
    )
    doubt = Check("time-varying covariates", "warn", float(len(prepared.columns)), None, "downgrade", note)
    return Answer(float(fit.values[0]), fit.std_error, fit.df, fit.clusters, _path_with(prepared, fit.df), fit.kind,
                  checks=(doubt,))  # fmt: skip


def _path_with(prepared: Prepared, df: float) -> EffectPath | None:
    panel = prepared.panel
    base = last_before(panel)
    times = [t for t in range(panel.periods) if t != base and panel.weights[:, t].any()]
    dummies = []
    for t in times:
        column = np.zeros_like(panel.y)
        column[:, t] = panel.treated
        dummies.append(column)
    try:
        fit = two_way_regression(panel.y, (*dummies, *prepared.columns), panel.weights, panel.clusters)
    except NotIdentified:
        return None
    own = slice(0, len(times))
    shown = tuple(t - panel.start for t in times)
    return EffectPath(shown, fit.values[own], np.asarray(fit.covariance[own, own]), df, base - panel.start)


def adjusted_answer(
    frame: PanelFrame, prepared: Prepared, settings: DifferenceSettings, control: str
) -> Answer:
    """Changes at equal covariates in the base period; units seen in every period only."""
    panel = prepared.panel
    base = last_before(panel)
    covariates, known = at_base(frame, prepared, base)
    whole = (panel.weights > 0).all(axis=1) & known
    treated = panel.treated[whole]
    if not 0 < treated.sum() < len(treated):
        raise NotIdentified
    y = panel.y[whole]
    times = [t for t in range(panel.periods) if t != base]
    static = y[:, panel.start :].mean(axis=1) - y[:, : panel.start].mean(axis=1)
    moved = np.column_stack([static, *(y[:, t] - y[:, base] for t in times)])
    labels = np.unique(panel.clusters[whole], return_inverse=True)[1].astype(np.int64)
    estimator = doubly_robust if control == "doubly-robust" else regressed
    found = estimator(moved, treated, covariates[whole], labels)
    shown = tuple(t - panel.start for t in times)
    path = EffectPath(
        shown, found.values[1:], np.asarray(found.covariance[1:, 1:]), found.df, base - panel.start
    )
    error = math.sqrt(max(float(found.covariance[0, 0]), 0.0))
    return Answer(float(found.values[0]), error, found.df, found.clusters, path, control,
                  checks=_adjusted_checks(found, int((~whole).sum())))  # fmt: skip


def _ranked_before(before: Array, treated: Array, alpha: float, seed: int) -> tuple[Check, ...]:
    """Where the treated units stand among all in how far they strayed before the start."""
    p = strayed_p(before, treated, seed=seed)
    if p is None:
        return ()
    if p <= alpha:
        note = f"Before the start the treated units strayed from the others more than chance explains (p = {p:.3f})."
        return (Check("pre-trend", "fail", p, alpha, "downgrade", note),)
    note = f"Before the start the treated units strayed from the others no more than units do (p = {p:.3f}, by ranks)."
    return (Check("pre-trend", "pass", p, alpha, "none", note),)


def _adjusted_checks(found: Adjusted, gone: int) -> tuple[Check, ...]:
    checks = []
    if gone:
        note = "Units that were not seen in every period are left out: covariates go with whole paths only."
        checks.append(Check("units with gaps", "warn", None, None, "none", note))
    if found.largest_score is not None:
        high = found.largest_score > NEAR_ONE
        note = (
            "Some comparison units look so much like treated ones that a few of them carry the comparison."
            if high
            else "No comparison unit carries too much weight."
        )
        result, then = ("warn", "downgrade") if high else ("pass", "none")
        checks.append(Check("overlap", result, found.largest_score, NEAR_ONE, then, note))  # type: ignore[arg-type]
    return tuple(checks)


def count_answer(prepared: Prepared, *, kind: str = "CR2") -> Answer:
    """A log rate ratio by Poisson regression with two-way effects. Raises Separation."""
    panel = prepared.panel
    checked(panel)
    found = count_regression(
        panel, (panel.programme, *prepared.columns), prepared.exposure, small=kind == "CR2"
    )
    fit = found.regression
    checks: list[Check] = []
    if found.without_events:
        note = "Units without a single event say nothing of a ratio and are left out."
        checks.append(Check("units without events", "info", None, None, "none", note))
    path = None
    if not prepared.columns:
        try:
            path = count_path(panel, prepared.exposure, fit.df)
        except (Separation, NotIdentified):
            note = "Some period has no event in a group: there is no path through time and no test of the time before."
            checks.append(Check("path", "warn", None, None, "none", note))
    return Answer(
        float(fit.values[0]), fit.std_error, fit.df, fit.clusters, path, fit.kind, checks=tuple(checks)
    )


def ranked_answer(
    prepared: Prepared, settings: DifferenceSettings, plan: AnalysisPlan, *, ratio: bool = False
) -> Answer:
    """Few units: how far out the treated ones' change is among all. The path has no errors of its own.

    For a ratio the change is that of the log rate, each unit counting once; a unit without events has none.
    """
    panel = prepared.panel
    moved, treated = _of_clusters(prepared, _log_changes(prepared) if ratio else changes(panel))
    alpha = plan.analysis.alpha
    found = placement_test(moved, treated, alpha=alpha, draws=settings.draws, seed=plan.design.seed)
    before = np.where(panel.weights > 0, panel.y, np.nan)[:, : panel.start]
    spread = None if ratio else relative_spread(before, panel.treated)
    path = None if ratio else panel_path(panel, errors=False)
    checks = _ranked_checks(found, moved, treated, spread, alpha)
    if not ratio:
        checks = (*checks, *_ranked_before(before, panel.treated, alpha, plan.design.seed))
    return Answer(found.value, None, None, len(moved), path, "ranks", found.p_value, _ends(found), checks)


def _log_changes(prepared: Prepared) -> Array:
    """Log of each unit's rate after over its rate before. Raises Separation for a unit without events on a side."""
    panel = prepared.panel
    exposure = panel.weights if prepared.exposure is None else panel.weights * prepared.exposure
    logs = []
    for side in (slice(panel.start, None), slice(0, panel.start)):
        events = (panel.weights[:, side] * panel.y[:, side]).sum(axis=1)
        there = exposure[:, side].sum(axis=1)
        if (events[there > 0] <= 0).any():
            raise Separation
        with np.errstate(divide="ignore", invalid="ignore"):
            logs.append(np.log(events / there))
    return np.asarray(logs[0] - logs[1])


def _of_clusters(prepared: Prepared, moved: Array) -> tuple[Array, Array]:
    """Mean change and group of each cluster. Raises NotIdentified where a cluster holds both groups."""
    if prepared.mixed:
        raise NotIdentified
    panel, known = prepared.panel, ~np.isnan(moved)
    labels = np.unique(panel.clusters[known], return_inverse=True)[1]
    size = np.bincount(labels)
    means = np.bincount(labels, moved[known]) / size
    treated = np.bincount(labels, panel.treated[known]) / size
    if not 0 < treated.sum() < len(treated):
        raise NotIdentified
    return means, treated


def _ends(found: Placement) -> Interval | None:
    if None in found.wide or None in found.narrow:
        return None
    (low, high), (near, far) = found.wide, found.narrow
    assert low is not None
    assert high is not None
    assert near is not None
    assert far is not None
    return Interval(low, high, near, far)


def _ranked_checks(
    found: Placement, moved: Array, treated: Array, spread: float | None, alpha: float
) -> tuple[Check, ...]:
    one, zero = int(treated.sum()), int((1 - treated).sum())
    how = f"all {found.choices:,} choices" if found.exact else f"{found.choices:,} drawn choices"
    note = (
        f"With {one} treated and {zero} comparison units or clusters no standard error is given: the change is ranked "
        f"among {how} of as many, which takes the treated to vary as the others do."
    )
    checks = [Check("few treated units", "warn", float(min(one, zero)), FEWEST, "downgrade", note)]
    if found.smallest > alpha or _ends(found) is None:
        note = (
            f"The smallest p-value that so few units can give is {found.smallest:.3f}: at this error rate there is no "
            "interval. More comparison units are needed, or a synthetic control."
        )
        checks.append(Check("too few to rank", "fail", found.smallest, alpha, "block", note))
    if spread is not None:
        wild = spread > UNLIKE or spread < 1 / UNLIKE
        said = f"Before the start the treated units vary {spread:.2f} times as much as the others"
        note = f"{said}: ranks take them as alike." if wild else f"{said}, near enough for ranks."
        result, then = ("warn", "downgrade") if wild else ("pass", "none")
        checks.append(Check("alike in spread", result, spread, UNLIKE, then, note))  # type: ignore[arg-type]
    return tuple(checks)


def wild_answer(prepared: Prepared, plan: AnalysisPlan) -> Answer:
    """The change regression with the restricted wild cluster bootstrap."""
    panel, alpha = prepared.panel, plan.analysis.alpha
    moved = changes(panel)
    known = ~np.isnan(moved)
    labels = np.unique(panel.clusters[known], return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(int(known.sum())), panel.treated[known]])
    found = wild_bootstrap(cluster_products(design, moved[known], labels), 1, seed=plan.design.seed)
    ends = [found.interval(level) for level in (alpha, 2 * alpha)]
    if any(end is None for pair in ends for end in pair):
        raise NotIdentified
    flat = [float(end) for pair in ends for end in pair if end is not None]
    return Answer(found.value, found.std_error, None, int(labels.max()) + 1, None, "wild", found.p_value,
                  Interval(*flat))  # fmt: skip


def complete_only(prepared: Prepared) -> Prepared:
    """Units seen in every period that anybody was seen in."""
    panel = prepared.panel
    used = panel.weights.any(axis=0)
    whole = np.asarray((panel.weights[:, used] > 0).all(axis=1))
    labels = np.unique(panel.clusters[whole], return_inverse=True)[1].astype(np.int64)
    kept = Panel(panel.y[whole], panel.weights[whole], panel.treated[whole], panel.start, labels,
                 bool(used.all()) and bool((panel.weights[whole] == 1).all()))  # fmt: skip
    if not 0 < kept.treated.sum() < len(kept.treated):
        raise NotIdentified
    return replace(prepared, panel=kept, columns=tuple(c[whole] for c in prepared.columns),
                   exposure=None if prepared.exposure is None else prepared.exposure[whole],
                   units=tuple(u for u, keep in zip(prepared.units, whole, strict=True) if keep))  # fmt: skip


def _clusters(panel: Panel) -> int:
    return int(panel.clusters.max()) + 1
