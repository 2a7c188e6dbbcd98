"""Regression discontinuity: whoever reaches a cut-off of a score is treated, and those near it are much alike.

Estimand: the effect at the cut-off, of those whose score is near it; fuzzy: of those among them who receive it because
of the cut-off. Differences, or risk differences of a yes or no. The headline is corrected for the bias of the fit, and
its interval counts the error of that correction.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from evaluation.discontinuity import checks, drawing
from evaluation.discontinuity.continuity import covariate_jumps, middles, placebo_jumps
from evaluation.discontinuity.density import DensityJump, density_jump, near_count
from evaluation.discontinuity.estimates import best_estimate, other_ways
from evaluation.discontinuity.local_polynomial import TooFewPoints
from evaluation.discontinuity.people import (
    Fitted,
    People,
    fit_way,
    people_of,
    planned_way,
    rows_in,
    within,
)
from evaluation.discontinuity.settings import DiscontinuitySettings
from evaluation.errors import EvaluationError
from evaluation.figures import FactTable
from evaluation.frame import AnalysisFrame
from evaluation.methods.nothing import no_estimate
from evaluation.model import Check, FlowStep, MethodResult, PathRow
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable, rows_named

ARM = "treated by the cut-off"


def derive_arm(table: StudyTable, plan: AnalysisPlan) -> tuple[StudyTable, AnalysisPlan]:
    """Add the arm that the score and the cut-off decide, and let the plan read it.

    Raises LC490 where a treatment column the plan names disagrees with the rule, LC491 where all scores are on one
    side.
    A score that is missing or no number is left for the checks of columns.
    """
    settings: DiscontinuitySettings = plan.design.settings
    frame = table.frame
    if settings.running not in frame.columns or frame[settings.running].dtype == pl.String:
        return table, plan
    score = frame[settings.running].cast(pl.Float64)
    reached = score >= settings.cutoff if settings.treated_above else score <= settings.cutoff
    arm = reached.cast(pl.Float64).alias(ARM)
    named = plan.design.treatment
    if named:
        if not _is_arm(frame, named):  # the checks of columns say so
            return table, plan
        arm = _agreed(table, plan, arm)
    if arm.drop_nulls().n_unique() == 1:
        raise EvaluationError(
            "LC491",
            f"every score of '{settings.running}' is on one side of the cut-off {settings.cutoff:g}",
            "Correct cutoff or treated_above in the plan, or keep the people of both sides in the data.",
            where=table.name,
        )
    design = replace(plan.design, treatment=ARM)
    return replace(table, frame=frame.with_columns(arm)), replace(plan, design=design)


def _is_arm(frame: pl.DataFrame, named: str) -> bool:
    """Say whether the plan's treatment column is there and holds nothing but 0 and 1."""
    if named not in frame.columns or frame[named].dtype == pl.String:
        return False
    return bool(frame[named].cast(pl.Float64).drop_nulls().is_in([0.0, 1.0]).all())


def _agreed(table: StudyTable, plan: AnalysisPlan, arm: pl.Series) -> pl.Series:
    """The arm where the plan's treatment column is known; it must be what the rule says."""
    named = plan.design.treatment
    given = table.frame[named].cast(pl.Float64)
    differs = (given != arm).fill_null(value=False)
    if differs.any():
        turned = int(differs.sum()) * 2 > int((given.is_not_null() & arm.is_not_null()).sum())
        raise EvaluationError(
            "LC490",
            f"column '{named}' does not follow the cut-off; not so in {rows_named(table, differs)}",
            "Most are the other way round: look at treated_above."
            if turned
            else f'Where the cut-off is not always kept to, leave treatment out and write fuzzy = "{named}".',
            where=table.name,
        )
    return arm.set(given.is_null(), None)


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the jump at the cut-off.

    Assumptions: nobody near the cut-off could choose their side; nothing else changes there; outcomes without the
    programme would go on smoothly across it. Variance: nearest neighbours (three, ties together), the HC family, or
    summed within clusters; the error of the bias correction is part of it.
    Source: Hahn, Todd and van der Klaauw (2001); Calonico, Cattaneo and Titiunik (2014); Calonico, Cattaneo, Farrell
    and Titiunik (2019); Calonico, Cattaneo and Farrell (2020).
    """
    settings: DiscontinuitySettings = plan.design.settings
    people = people_of(frame, settings)
    try:
        fitted = fit_way(people, planned_way(settings))
        estimate = best_estimate(frame, people, fitted, plan, outcome)
    except TooFewPoints:
        nothing = no_estimate(frame, plan, outcome, "effect at the cut-off")
        return MethodResult(nothing, (checks.bearing_check(),))
    near = (
        checks.near_check(fitted.jump, plan.population.units),
        *checks.distinct_check(people, fitted),
        *checks.spare_people_check(fitted, people.covariates.shape[1]),
        *checks.take_up_check(fitted.jump.first_stage),
        *checks.decided_check(fitted.jump.offered),
        *checks.clusters_check(fitted.jump),
        *checks.plain_check(settings),
    )
    if frame.bare:
        return MethodResult(estimate, near)
    left_out = "farther from the cut-off than the bandwidth, in the donut, or take-up not known"
    flow = (FlowStep("within the bandwidth", estimate.n, left_out),)
    looked, tables, path = _falsified(people, fitted, settings)
    density = _density(people)
    counted = checks.density_check(density, near_count(*_split(people)))
    figures = [drawing.jump_figure(people, fitted, settings, outcome)]
    if density is not None:
        figures.append(drawing.density_figure(people, density, settings))
    return MethodResult(
        estimate,
        (*near, counted, *looked),
        sensitivity=other_ways(frame, people, fitted, plan, outcome),
        path=path,
        flow=flow,
        sample=rows_in(frame)[within(people, fitted)],
        figures=tuple(figures),
        tables=(drawing.widths_table(fitted, settings), *tables),
    )


def _split(people: People) -> tuple[np.ndarray, np.ndarray]:
    ordered = np.sort(people.x)
    cut = int((ordered < 0).sum())
    return ordered[:cut], ordered[cut:]


def _density(people: People) -> DensityJump | None:
    """The test of densities; none where the scores cannot bear it."""
    try:
        return density_jump(*_split(people))
    except TooFewPoints:
        return None


def _falsified(
    people: People, fitted: Fitted, settings: DiscontinuitySettings
) -> tuple[tuple[Check, ...], tuple[FactTable, ...], tuple[PathRow, ...]]:
    """Jumps where none should be: of what was known before, and at false cut-offs."""
    known = covariate_jumps(people, fitted.way.recipe, fitted.way.donut)
    sign = 1.0 if settings.treated_above else -1.0
    named = settings.placebo_cutoffs or tuple(
        # Rounded, so that nobody's own score is told.
        settings.cutoff + sign * float(f"{away:.2g}")
        for away in middles(people)
        if away != 0
    )
    false = tuple((f"cut-off at {at:g}", sign * (at - settings.cutoff)) for at in named)
    rows, smallest = placebo_jumps(people, fitted.way, false)
    tables = (
        drawing.covariates_table(known),
        drawing.jumps_table("placebo cut-offs", "The outcome at cut-offs that are none", rows),
    )
    path = tuple(
        PathRow(
            row.name,
            row.value,
            row.std_error,
            row.value - 1.96 * row.std_error,
            row.value + 1.96 * row.std_error,
        )
        for row in (*known.rows, *rows)
        if row.value is not None and row.std_error is not None
    )
    found = (*checks.covariates_check(known), *checks.placebo_check(rows, smallest))
    return found, tuple(table for table in tables if table), path
