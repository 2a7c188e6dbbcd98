"""Two groups before and after a start that is the same for all who are treated.

Estimand: the average effect on the treated over the periods from the start on, in the outcome's unit (a rate ratio
for counts on request). Identified if, without the programme, both groups' means would have moved in parallel.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.differences_in_time.answer import Answer
from evaluation.differences_in_time.cross_sections import People
from evaluation.differences_in_time.doubts import cluster_checks
from evaluation.differences_in_time.finished import finished, nothing
from evaluation.differences_in_time.panel_answers import (
    FEWEST,
    adjusted_answer,
    changing_answer,
    count_answer,
    plain_answer,
    ranked_answer,
)
from evaluation.differences_in_time.people_answers import cells_of, clusters_by_group, people_answer
from evaluation.differences_in_time.prepared import (
    Prepared,
    check_groups,
    prepare_panel,
    prepare_people,
    start_of,
)
from evaluation.differences_in_time.settings import (
    DifferenceSettings,
    check_design,
    check_outcome,
    describe,
    read_settings,
)
from evaluation.differences_in_time.ways import Dress, panel_ways, people_ways
from evaluation.model import Check, MethodResult, Sensitivity
from evaluation.observed.propensity import Separation
from evaluation.panels.frame import PanelFrame
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified

__all__ = ["check_design", "check_outcome", "describe", "estimate_effect", "read_settings"]


def estimate_effect(frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect on one outcome.

    Assumptions: parallel trends; nobody acts on the start before it comes; one unit's programme does not change
    another's outcome. Variance: clustered by unit or above (CR2), or of independent people; with fewer than five
    clusters in a group none is given, and the change is ranked among all choices of as many.
    Source: Card and Krueger (1994); Bertrand, Duflo and Mullainathan (2004); Bell and McCaffrey (2002); Roth (2022);
    Rambachan and Roth (2023); Conley and Taber (2011).
    """
    start = start_of(frame.axis, plan.design.settings.start)
    check_groups(frame, start)
    if frame.repeated:
        return _people(frame, plan, outcome, start)
    return _panel(frame, plan, outcome, start)


def _panel(frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, start: int) -> MethodResult:
    settings: DifferenceSettings = plan.design.settings
    prepared = prepare_panel(frame, plan, start)
    one, zero = prepared.clusters_by_group
    ranked = min(one, zero) < FEWEST
    try:
        answer = _answer(frame, prepared, plan, outcome, ranked=ranked)
    except NotIdentified:
        return nothing(frame, plan, outcome, _unknown(ranked=ranked, mixed=prepared.mixed))
    except Separation:
        return nothing(frame, plan, outcome, _separated(settings))
    total = int(prepared.panel.clusters.max()) + 1
    checks = [*cluster_checks(one, zero, total, ranked=ranked), *answer.checks]
    if ranked and plan.design.covariates:
        note = "With so few units covariates cannot be adjusted for: they are not used."
        checks.append(Check("covariates", "warn", float(len(plan.design.covariates)), None, "none", note))
    if prepared.left_out:
        whole = settings.unbalanced == "complete"
        when = "not seen in every period" if whole else "seen in one period only: they say nothing of change"
        number = float(prepared.left_out) if frame.units == "areas" else None
        note = f"Some units were {when}. They are left out."
        checks.append(Check("units left out", "info", number, None, "none", note))

    def lines(dress: Dress) -> tuple[Sensitivity, ...]:
        return panel_ways(frame, prepared, plan, outcome, answer, dress)

    return finished(frame, plan, outcome, start, answer, tuple(checks), lines, prepared.counts)


def _answer(
    frame: PanelFrame, prepared: Prepared, plan: AnalysisPlan, outcome: PlannedOutcome, *, ranked: bool
) -> Answer:
    settings: DifferenceSettings = plan.design.settings
    kind = "CR1" if settings.errors == "CR1" else "CR2"
    if ranked:
        return ranked_answer(prepared, settings, plan, ratio=outcome.is_ratio)
    if outcome.is_ratio:
        return count_answer(prepared, kind=kind)
    if prepared.columns:
        return changing_answer(prepared, kind=kind)
    if frame.covariates:
        return adjusted_answer(frame, prepared, settings, settings.control)
    return plain_answer(prepared.panel, kind=kind)


def _people(frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome, start: int) -> MethodResult:
    settings: DifferenceSettings = plan.design.settings
    people = _of_kind(prepare_people(frame, plan, start), outcome)
    one, zero = clusters_by_group(people) if people.clusters is not None else (0, 0)
    ranked = people.clusters is not None and min(one, zero) < FEWEST
    checks: tuple[Check, ...] = ()
    if people.clusters is not None:
        checks = cluster_checks(one, zero, int(people.clusters.max()) + 1, ranked=ranked)
    try:
        answer = _ranked_people(people, frame, plan, outcome) if ranked else people_answer(people, settings)
    except NotIdentified:
        return nothing(frame, plan, outcome, _unknown(ranked=ranked, mixed=ranked))
    except Separation:
        return nothing(frame, plan, outcome, _separated(settings))

    def lines(dress: Dress) -> tuple[Sensitivity, ...]:
        return () if ranked else people_ways(people, plan, settings, answer, dress)

    return finished(frame, plan, outcome, start, answer, (*checks, *answer.checks), lines)


def _of_kind(people: People, outcome: PlannedOutcome) -> People:
    """Counts as rates have an exposure, of 1 where none is named; differences have none."""
    if not outcome.is_ratio:
        return replace(people, exposure=None)
    return people if people.exposure is not None else replace(people, exposure=np.ones(len(people.y)))


def _ranked_people(people: People, frame: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> Answer:
    if outcome.is_ratio:
        raise NotIdentified
    return ranked_answer(cells_of(people, len(frame.axis)), plan.design.settings, plan)


def _unknown(*, ranked: bool, mixed: bool) -> Check:
    if ranked and mixed:
        note = (
            f"Fewer than {FEWEST} clusters hold one of the groups, and their change cannot be ranked: no error is "
            "known. Name a finer cluster, or compare more areas."
        )
        return Check("few clusters", "fail", None, FEWEST, "block", note)
    note = (
        "The effect cannot be told from unit and period effects and the other columns: a group is not seen in the same "
        "periods as the other, or a covariate says the same as the treatment. Look at gaps and covariates."
    )
    return Check("identification", "fail", None, None, "block", note)


def _separated(settings: DifferenceSettings) -> Check:
    if settings.control == "doubly-robust":
        note = 'The covariates tell the groups apart completely: use control = "regression", or fewer covariates.'
    else:
        note = 'A group or a unit that is ranked, has no event on one side: no finite ratio. Use effect = "difference".'
    return Check("separation", "fail", None, None, "block", note)
