"""A fitted jump as an estimate with intervals, and the same question asked in other ways (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from evaluation.discontinuity.jump import Bandwidths, Recipe, pair_of_jumps
from evaluation.discontinuity.local_polynomial import TooFewPoints
from evaluation.discontinuity.people import Fitted, People, Way, around, fit_way, within
from evaluation.discontinuity.plain import plain_jump
from evaluation.discontinuity.settings import HIGHEST_ORDER, DiscontinuitySettings
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution, critical, two_sided_p
from evaluation.methods.observed import dressed
from evaluation.model import Estimate, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.trials.compliance import accepted

ESTIMAND = "effect at the cut-off (of those whose score is near it)"
FUZZY = "effect at the cut-off of those who take part because of it (and whose score is near it)"
HOLE = 0.05  # of those within the bandwidth, the share a donut takes out where the plan has none


def best_estimate(
    frame: AnalysisFrame, people: People, fitted: Fitted, plan: AnalysisPlan, outcome: PlannedOutcome
) -> Estimate:
    """The estimate the plan asks for: robust, or plain."""
    settings: DiscontinuitySettings = plan.design.settings
    if settings.inference == "plain":
        same = settings.slopes == "same"
        return _plain(frame, people, fitted, plan, outcome, same_slope=same)
    return _dressed(frame, people, fitted, plan, outcome)


def _dressed(
    frame: AnalysisFrame,
    people: People,
    fitted: Fitted,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    *,
    conventional: bool = False,
) -> Estimate:
    """A jump with normal intervals, or t with G - 1 by clusters; means are the fitted ends at the cut-off."""
    jump = fitted.jump
    value, error = jump.value, jump.std_error
    if conventional:
        value, error = jump.conventional, jump.conventional_error
    return _estimate(frame, people, fitted, plan, outcome, value, error, jump.clusters, "normal")


def _plain(
    frame: AnalysisFrame,
    people: People,
    fitted: Fitted,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    *,
    same_slope: bool = False,
) -> Estimate:
    """Plain regression within the same bandwidths."""
    recipe, way = fitted.way.recipe, fitted.way
    fit = plain_jump(
        around(people, way.donut),
        fitted.widths,
        order=recipe.order,
        kernel=recipe.kernel,
        same_slope=same_slope,
        adjusted=way.adjusted,
    )
    return _estimate(
        frame,
        people,
        fitted,
        plan,
        outcome,
        fit.value,
        fit.std_error,
        fit.n_clusters,
        "t",
        slopes=1 if same_slope else 2,
    )


def _estimate(
    frame: AnalysisFrame,
    people: People,
    fitted: Fitted,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    value: float,
    error: float,
    clusters: int | None,
    interval: Distribution,
    *,
    slopes: int = 2,
) -> Estimate:
    kept = _kept(frame, people, fitted)
    recipe = fitted.way.recipe
    found = dressed(
        frame,
        plan,
        outcome,
        value=value,
        means=(fitted.jump.ends[1], fitted.jump.ends[0]),
        error=error,
        parameters=2 + slopes * recipe.order + (people.covariates.shape[1] if fitted.way.adjusted else 0),
        clusters=None if clusters is None else np.arange(clusters, dtype=np.int64),
        kept=kept,
        worth=int(kept.sum()),
        interval=interval,
    )
    return replace(found, estimand=FUZZY if people.received is not None else ESTIMAND)


def _kept(frame: AnalysisFrame, people: People, fitted: Fitted) -> np.ndarray:
    """Who of the frame takes part in the fit itself."""
    near = within(people, fitted)
    if "received" not in frame.data.columns:
        return near
    kept = frame.data["received"].is_not_null().to_numpy().copy()
    kept[kept] = near
    return kept


def other_ways(
    frame: AnalysisFrame, people: People, fitted: Fitted, plan: AnalysisPlan, outcome: PlannedOutcome
) -> tuple[Sensitivity, ...]:
    """The same estimand by other bandwidths, orders, kernels; without those nearest; without the correction."""
    settings: DiscontinuitySettings = plan.design.settings
    lines = []
    if settings.inference == "plain":
        lines.append(
            Sensitivity("robust, corrected for bias", _dressed(frame, people, fitted, plan, outcome))
        )
    else:
        told = _dressed(frame, people, fitted, plan, outcome, conventional=True)
        lines.append(Sensitivity("conventional, bias not corrected", told))
    if people.received is not None:
        lines += _whatever_the_push(frame, people, fitted, plan, outcome)
    for name, way in _ways(people, fitted):
        try:
            other = fit_way(people, way)
            lines.append(Sensitivity(name, best_estimate(frame, people, other, plan, outcome)))
        except TooFewPoints:
            continue
    if settings.inference == "robust" and people.received is None:
        with suppress(TooFewPoints):
            lines.append(Sensitivity("plain regression", _plain(frame, people, fitted, plan, outcome)))
    return tuple(lines)


def _whatever_the_push(
    frame: AnalysisFrame, people: People, fitted: Fitted, plan: AnalysisPlan, outcome: PlannedOutcome
) -> Iterator[Sensitivity]:
    """The ratio's interval from the jumps themselves: every effect at which nothing is left of the jump.

    It holds however weak the push is. Source: Anderson and Rubin (1949); Feir, Lemieux and Marmer (2016).
    """
    scores = around(people, fitted.way.donut).sorted(adjusted=fitted.way.adjusted)
    jumps, spread = pair_of_jumps(scores, fitted.widths, fitted.way.recipe)
    if not spread[2] > 0:
        return
    alpha, clusters = plan.analysis.alpha, fitted.jump.clusters
    df = None if clusters is None else float(clusters - 1)
    levels = [critical(1 - part, df, "t") for part in (alpha, 2 * alpha)]
    wide, narrow = (accepted(*jumps, spread, level) for level in levels)
    if wide is None or narrow is None:
        return
    main = _dressed(frame, people, fitted, plan, outcome)
    told = replace(
        main,
        conf_low=wide[0],
        conf_high=wide[1],
        narrow_low=narrow[0],
        narrow_high=narrow[1],
        value=jumps[0] / jumps[1],
        p_value=two_sided_p(jumps[0], spread[0] ** 0.5, df, "t") if spread[0] > 0 else None,
        standardised=None,
    )
    yield Sensitivity("Anderson and Rubin's interval", told)


def _ways(people: People, fitted: Fitted) -> Iterator[tuple[str, Way]]:
    way, widths = fitted.way, fitted.widths
    recipe = way.recipe
    yield "bandwidths halved", replace(way, widths=_times(widths, 0.5))
    yield "bandwidths doubled", replace(way, widths=_times(widths, 2.0))
    if way.widths is None:
        if way.rule != "cer":
            yield "bandwidth for the best coverage", replace(way, rule="cer")
        if way.rule == "mse-two":
            yield "one bandwidth for both sides", replace(way, rule="mse")
        else:
            yield "a bandwidth for each side", replace(way, rule="mse-two")
    else:
        yield "bandwidth with the least mean squared error", replace(way, widths=None, rule="mse")
    if recipe.order < HIGHEST_ORDER:
        yield f"order {recipe.order + 1}", replace(way, recipe=replace(recipe, order=recipe.order + 1))
    kernel = "uniform" if recipe.kernel == "triangular" else "triangular"
    yield f"{kernel} kernel", replace(way, recipe=_with_kernel(recipe, kernel))
    if not way.donut:
        near = np.abs(people.x[within(people, fitted)])
        hole = float(np.quantile(near, HOLE)) if len(near) else 0.0
        yield "the nearest twentieth left out", replace(way, donut=float(np.nextafter(hole, np.inf)))
    else:
        yield "nobody left out", replace(way, donut=0.0)
    if people.covariates.shape[1] and way.adjusted:
        yield "without covariates", replace(way, adjusted=False)


def _times(widths: Bandwidths, factor: float) -> Bandwidths:
    return Bandwidths(
        factor * widths.h_left, factor * widths.h_right, factor * widths.b_left, factor * widths.b_right
    )


def _with_kernel(recipe: Recipe, kernel: str) -> Recipe:
    return replace(recipe, kernel=kernel)  # type: ignore[arg-type]
