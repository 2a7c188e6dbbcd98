"""The same question in other ways, each a line beside the answer; a way that cannot be gone is left out (pure)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from evaluation.differences_in_time.answer import Answer
from evaluation.differences_in_time.cross_sections import People
from evaluation.differences_in_time.doubts import FEW_CLUSTERS, FEW_IN_A_GROUP
from evaluation.differences_in_time.panel_answers import (
    adjusted_answer,
    complete_only,
    count_answer,
    plain_answer,
    ranked_answer,
    wild_answer,
)
from evaluation.differences_in_time.people_answers import people_answer, without_covariates
from evaluation.differences_in_time.prepared import Prepared
from evaluation.differences_in_time.settings import DifferenceSettings
from evaluation.differences_in_time.smooth_bounds import smooth_bounds
from evaluation.differences_in_time.two_groups import panel_of
from evaluation.model import Estimate, Sensitivity
from evaluation.observed.propensity import Separation
from evaluation.panels.frame import PanelFrame
from evaluation.panels.nothing import Interval
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified

Dress = Callable[[Answer], Estimate]
Wanted = list[tuple[bool, str, Callable[[], Answer]]]
MOST_RANKED = 60


def panel_ways(
    frame: PanelFrame, prepared: Prepared, plan: AnalysisPlan, outcome: PlannedOutcome, main: Answer, dress: Dress
) -> tuple[Sensitivity, ...]:  # fmt: skip
    """Lines beside the answer of a panel."""
    settings: DifferenceSettings = plan.design.settings
    one, zero = prepared.clusters_by_group
    ranked, ratio = main.kind == "ranks", outcome.is_ratio
    few = not ranked and (one + zero < FEW_CLUSTERS or min(one, zero) < FEW_IN_A_GROUP)
    fixed = bool(plan.design.covariates) and not settings.time_varying
    other = "regression" if settings.control == "doubly-robust" else "doubly-robust"
    gaps = not prepared.panel.weights.all()

    def bare() -> Answer:
        changed = replace(prepared, columns=())
        return count_answer(changed) if ratio else plain_answer(prepared.panel)

    def whole() -> Answer:
        kept = complete_only(prepared)
        return count_answer(kept) if ratio else plain_answer(kept.panel)

    def unweighted() -> Answer:
        values, _ = frame.wide()
        return plain_answer(
            panel_of(values, prepared.panel.treated, prepared.panel.start, prepared.panel.clusters)
        )

    wanted: Wanted = [
        (bool(plan.design.covariates) and not ranked, "without covariates", bare),
        (fixed and not ranked, f"covariates by {other.replace('-', ' ')}",
         lambda: adjusted_answer(frame, prepared, settings, other)),
        (gaps and not ranked, "units seen in every period", whole),
        (bool(plan.design.weights) and not ranked and not prepared.left_out, "without weights", unweighted),
        (few and not ratio, "wild cluster bootstrap", lambda: wild_answer(prepared, plan)),
        (few and one + zero <= MOST_RANKED, "ranks among all choices of as many units",
         lambda: ranked_answer(prepared, settings, plan, ratio=ratio)),
        *_path_ways(main, plan.analysis.alpha),
    ]  # fmt: skip
    return _lines(wanted, dress)


def people_ways(
    people: People, plan: AnalysisPlan, settings: DifferenceSettings, main: Answer, dress: Dress
) -> tuple[Sensitivity, ...]:
    """Lines beside the answer of repeated cross-sections."""
    alone = replace(settings, errors="HC2")
    wanted: Wanted = [
        (people.covariates.shape[1] > 0, "without covariates",
         lambda: people_answer(without_covariates(people), settings)),
        (people.clusters is not None, "people counted as independent (HC2)",
         lambda: people_answer(replace(people, clusters=None), alone)),
        *_path_ways(main, plan.analysis.alpha),
    ]  # fmt: skip
    return _lines(wanted, dress)


def _path_ways(main: Answer, alpha: float) -> Wanted:
    """Against the last period before alone; and with a straight gap in trends taken out."""
    path = main.path
    if path is None or not path.before or not path.errors.any():
        return []

    def against_last() -> Answer:
        value, error = path.average()
        return replace(main, value=value, std_error=error, df=path.df, p_value=None, interval=None)

    def straightened() -> Answer:
        wide, narrow = (smooth_bounds(path, (0.0,), level)[0] for level in (alpha, 2 * alpha))
        ends = (wide.conf_low, wide.conf_high, narrow.conf_low, narrow.conf_high)
        low, high, near, far = (float(end) for end in ends if end is not None)
        return replace(
            main, value=(low + high) / 2, std_error=None, df=None, p_value=None,
            interval=Interval(low, high, near, far),
        )  # fmt: skip

    return [
        (True, "after the start against the last period before alone", against_last),
        (path.before >= 2 and path.consecutive, "a straight gap in trends taken out", straightened),
    ]


def _lines(wanted: Wanted, dress: Dress) -> tuple[Sensitivity, ...]:
    lines = []
    for go, name, way in wanted:
        if go:
            with contextlib.suppress(NotIdentified, Separation):
                lines.append(Sensitivity(name, dress(way())))
    return tuple(lines)
