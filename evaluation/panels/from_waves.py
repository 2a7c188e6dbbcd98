"""A panel of a cohort's people: one row a person becomes one row a person and wave (pure).

A plan asks for it with ``unit = "participant"``, ``time = "wave"`` and ``waves = […]`` in every outcome. Waves count as
1, 2, 3 in the order in which the plan names them; a period the plan names (``start``) is one of them.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohorts.follow_up import is_mature
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable, column_of

PERSON, WAVE = "participant", "wave"


def is_of_waves(plan: AnalysisPlan) -> bool:
    """Say whether a plan follows a cohort's people from wave to wave."""
    return bool(plan.population.cohort) and (plan.design.unit, plan.design.time) == (PERSON, WAVE)


def by_wave(plan: AnalysisPlan) -> AnalysisPlan:
    """The plan as a cohort answers it: every outcome at every wave as one of its own; any other plan as it is."""
    if not is_of_waves(plan):
        return plan
    outcomes = tuple(at for outcome in plan.outcomes for at in _each(outcome))
    return replace(plan, design=replace(plan.design, unit="", time=""), outcomes=outcomes)


def _each(outcome: PlannedOutcome) -> list[PlannedOutcome]:
    return [replace(outcome, wave=wave, waves=()) for wave in outcome.waves]


def in_rows(plan: AnalysisPlan) -> AnalysisPlan:
    """The plan as it is run on rows of people and waves; any other plan as it is."""
    if not is_of_waves(plan):
        return plan
    return replace(plan, outcomes=tuple(replace(outcome, waves=()) for outcome in plan.outcomes))


def waves_before(plan: AnalysisPlan) -> tuple[str, ...]:
    """The waves before the programme starts; none where the plan does not say when it does."""
    start = str(getattr(plan.design.settings, "start", "") or "")
    waves = plan.outcomes[0].waves if is_of_waves(plan) else ()
    return waves[: max(int(start) - 1, 0)] if start.isdigit() else ()


def from_waves(table: StudyTable, plan: AnalysisPlan) -> StudyTable:
    """Lay a cohort's people out over the waves: ``participant``, ``wave`` (1, 2, 3), outcomes, the rest as it was.

    A value whose follow-up was not over at the data cut-off is left blank: it could still change. How records were
    linked is not carried over.
    """
    if not is_of_waves(plan):
        return table
    at_waves = {column_of(one) for outcome in plan.outcomes for one in _each(outcome)}
    lasting = table.frame.drop(at_waves)
    first = str(getattr(plan.design.settings, "first_treated", "") or "")
    waves = plan.outcomes[0].waves
    if first and lasting[first].dtype == pl.String:
        places = {wave: float(place) for place, wave in enumerate(waves, start=1)}
        numbers = lasting[first].replace_strict(places, default=None, return_dtype=pl.Float64)
        lasting = lasting.with_columns(numbers.alias(first))
    parts = [
        lasting.with_columns(
            pl.lit(float(place)).alias(WAVE),
            *(_ripe(table, outcome, wave).alias(column_of(outcome)) for outcome in plan.outcomes),
        )
        for place, wave in enumerate(waves, start=1)
    ]
    return replace(table, frame=pl.concat(parts), ripeness=(), linkage=())


def _ripe(table: StudyTable, outcome: PlannedOutcome, wave: str) -> pl.Series:
    """An outcome at one wave, blank where its follow-up was not over."""
    column = column_of(replace(outcome, wave=wave, waves=()))
    values = table.frame[column]
    ripeness = dict(table.ripeness).get(column)
    if ripeness is None or ripeness.cut_off is None or "index_date" not in table.frame.columns:
        return values
    rule = is_mature(
        pl.col("index_date"),
        ripeness.follow_up_months,
        ripeness.waiting_months,
        ripeness.cut_off,
        ripeness.school_year,
    )
    return table.frame.select(pl.when(rule).then(pl.col(column)).alias(column))[column]
