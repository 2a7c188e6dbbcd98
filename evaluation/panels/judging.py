"""One outcome of a panel: its frame, the method, the checks of any panel, the ruling, how far to trust it (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evaluation.column_checks import extremes_check
from evaluation.detection.closer_watching import watching_check
from evaluation.gates import error_check
from evaluation.judged import Judged, flips
from evaluation.methods.nothing import without_inference
from evaluation.model import MethodResult
from evaluation.panels.cells import cell_facts
from evaluation.panels.checks import panel_checks
from evaluation.panels.frame import PanelFrame, build_panel
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.security import security_level
from evaluation.study_table import StudyTable
from evaluation.verdict import orient, rule, under_ceiling

NO_INFERENCE = ("people", "few clusters")
Estimator = Callable[[PanelFrame, AnalysisPlan, PlannedOutcome], MethodResult]


def judge_panel(
    table: StudyTable,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    state: str,
    *,
    estimate: Estimator,
    design_level: int,
) -> Judged:
    """Build one outcome's panel, ask the method, and judge what it gave."""
    panel = build_panel(table, plan, outcome)
    result = estimate(panel, plan, outcome)
    doubts = (
        *panel_checks(panel, result.estimate, outcome, plan.design.settings, state),
        *watching_check(plan, outcome),
    )
    checks = (*doubts, *result.checks)
    checks = (*checks, *extremes_check(panel, outcome))
    checks = (*checks, *error_check(result.estimate, checks))
    if any(check.name in NO_INFERENCE and check.consequence == "block" for check in checks):
        result = replace(
            result,
            estimate=without_inference(result.estimate),
            sensitivity=(),
            path=(),
            figures=(),
            tables=(),
        )
    margin = outcome.minimum_important_difference
    view = orient(result.estimate, outcome.better, margin, is_ratio=outcome.is_ratio)
    ruling = under_ceiling(rule(view, checks), design_level)
    tested = tuple(
        replace(way, flips_verdict=flips(way.estimate, outcome, checks, ruling, design_level))
        for way in result.sensitivity
    )
    level, facts = security_level(
        plan.design.method, design_level, result.estimate, panel.arms, checks, _margin(panel, outcome)
    )
    cells = cell_facts(panel, plan, outcome)
    return Judged(
        outcome,
        panel.flow,
        result,
        checks,
        view,
        ruling,
        tested,
        level,
        facts,
        units=panel.units,
        cells=cells,
    )


def _margin(panel: PanelFrame, outcome: PlannedOutcome) -> float | None:
    """What the size that could be detected is held against: for areas the difference that matters."""
    return outcome.minimum_important_difference if panel.units == "areas" else None
