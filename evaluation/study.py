"""A study table out of the cohort store: the plan's variables, whom the cohort takes, when outcomes are ripe."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.actions import eligible_people
from cohorts.expressions import read_rule
from cohorts.follow_up import school_year_of
from cohorts.requests.store import people_out_of_use
from cohorts.store import StoredCohort, StoredVariable, data_until, list_variables, read_wide
from evaluation.decidable import variable_of
from evaluation.errors import EvaluationError
from evaluation.linked.outcomes import linked_outcomes
from evaluation.model import FlowStep
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import (
    Ripeness,
    StudyTable,
    beside,
    column_of,
    delivery_columns,
    needed_columns,
    wave_columns,
)
from evaluation.times.from_lives import with_lives
from theory_of_change.model import Measure
from workspace.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan's name and the variable and wave it stands for."""

    column: str
    variable: str
    wave: str


def resolve(
    plan: AnalysisPlan, variables: Mapping[str, StoredVariable], measures: Mapping[str, Measure]
) -> tuple[tuple[Resolved, ...], tuple[Resolved, ...]]:
    """What the design's names and the outcomes stand for: (design, outcomes). ``name@wave`` picks a wave.

    Outcomes drawn from lives stand for no variable and are not among them.
    The outcomes stand in the plan's order; after them the other columns of times to an event.
    """
    if plan.design.time:
        raise EvaluationError(
            "LC406",
            "'time' needs one row for each person and time; a cohort gives one row a person",
            "Run the plan on a file of such rows: lifecourse evaluate run PLAN --data FILE; or follow people from "
            'wave to wave: unit = "participant", time = "wave", waves = ["…", "…"].',
        )
    design = tuple(_resolve(*name, variables) for name in design_names(plan))
    design += tuple(
        _resolve(name, name, "", variables) for name in delivery_columns(plan) if _loaded(name, variables)
    )
    return design, tuple(_resolve(*name, variables) for name in outcome_names(plan, measures))


def resolve_there(
    names: Iterable[tuple[str, str, str]], variables: Mapping[str, StoredVariable]
) -> list[Resolved]:
    """What the names stand for that have values by now: one that is still to come hides none of the others."""
    found = []
    for name in names:
        with contextlib.suppress(EvaluationError):
            found.append(_resolve(*name, variables))
    return found


def design_names(plan: AnalysisPlan) -> list[tuple[str, str, str]]:
    """Column, name and wave of all that is read beside the outcomes, delivery aside."""
    return [(name, name, "") for name in dict.fromkeys((*needed_columns(plan), *_baselines(plan)))]


def outcome_names(plan: AnalysisPlan, measures: Mapping[str, Measure]) -> list[tuple[str, str, str]]:
    """Column, name and wave of the outcomes in the plan's order; then of times to an event, then of other waves."""
    outcomes = []
    stored = [outcome for outcome in plan.outcomes if not outcome.drawn]
    for outcome in stored:
        variable = variable_of(outcome, measures)
        if outcome.timing and outcome.timing.event != outcome.measure:
            variable = outcome.timing.event
        outcomes.append((column_of(outcome), variable, outcome.wave))
    times = [
        (name, name, outcome.wave) for outcome in stored if outcome.timing for name in outcome.timing.columns
    ]
    waves = [
        (column, variable_of(outcome, measures), wave)
        for outcome in plan.outcomes
        for column, wave in zip(wave_columns(outcome), outcome.waves, strict=True)
        if wave != outcome.wave
    ]
    return [*outcomes, *times, *waves]


def _loaded(name: str, variables: Mapping[str, StoredVariable]) -> bool:
    """Say whether a column of delivery has values yet; a run waits for none, and the plan's check knows its name."""
    stored = variables.get(name.partition("@")[0])
    return stored is not None and bool(stored.waves)


def _baselines(plan: AnalysisPlan) -> Iterable[str]:
    return [name for outcome in plan.outcomes for name in beside(outcome)]


def _resolve(column: str, name: str, wave: str, variables: Mapping[str, StoredVariable]) -> Resolved:
    bare, _, at = name.partition("@")
    stored = variables.get(bare)
    if stored is None:
        raise EvaluationError(
            "LC453",
            f"the cohort has no variable '{bare}'.{did_you_mean(bare, variables)}",
            "lifecourse cohort show COHORT",
        )
    wanted = at or wave
    if not stored.waves:
        raise EvaluationError("LC461", f"no values of '{bare}' have been loaded", "lifecourse source load …")
    if wanted and wanted not in stored.waves:
        raise EvaluationError(
            "LC461",
            f"no values of '{bare}' at wave '{wanted}' have been loaded",
            f"It was seen at: {', '.join(stored.waves)}.",
        )
    if not wanted and len(stored.waves) > 1:
        raise EvaluationError(
            "LC460",
            f"'{bare}' was seen at several waves: {', '.join(stored.waves)}",
            f'Write "{bare}@{stored.waves[0]}", or wave = "…".',
        )
    return Resolved(column, bare, wanted or stored.waves[0])


def columns_read(
    session: Session, cohort: StoredCohort, plan: AnalysisPlan, measures: Mapping[str, Measure]
) -> set[tuple[str, str]]:
    """The variables and waves that running a plan reads, those of the cohort's eligibility rule among them."""
    variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
    design, outcomes = resolve(plan, variables, measures)
    return {(r.variable, r.wave) for r in (*design, *outcomes, *_gate(cohort, variables))}


def table_from_cohort(
    session: Session,
    cohort: StoredCohort,
    plan: AnalysisPlan,
    measures: Mapping[str, Measure],
    *,
    unsealed: bool,
    known_on: dt.date | None = None,
) -> tuple[StudyTable, str]:
    """The cohort's people with the plan's columns, and a fingerprint of exactly these values.

    ``unsealed`` says that the plan is locked; without it sealed values are refused, those of the cohort's
    eligibility rule among them. ``known_on`` takes the values as they were known at the end of that day.
    """
    variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
    design, outcomes = resolve(plan, variables, measures)
    gate = _gate(cohort, variables)
    columns = dict.fromkeys((r.variable, r.wave) for r in (*design, *outcomes, *gate))
    wide = read_wide(session, cohort.cohort_id, columns, unsealed=unsealed, known_on=known_on)
    labels = {v.name: v.labels for v in variables.values() if v.kind == "category"}
    unused = people_out_of_use(session, cohort.cohort_id)
    judged = eligible_people(
        wide.rename({f"{r.variable}@{r.wave}": r.variable for r in gate}), cohort.definition, labels
    )
    steps = _steps(wide.height, judged, cohort.definition.eligibility, len(unused))
    kept = wide.filter(judged.fill_null(value=False))
    picked = [_labelled(kept, r, labels) for r in {r.column: r for r in (*design, *outcomes)}.values()]
    frame = kept.select("participant", "index_date").hstack(picked)
    ripe = tuple(
        (r.column, _ripeness(session, cohort, outcome, r, measures))
        for outcome, r in zip((o for o in plan.outcomes if not o.drawn), outcomes, strict=False)
        if not outcome.timing  # whoever was not watched to the end counts for as long as they were
    )
    clusters = cohort.definition.life.cluster
    named = ((r.column, r.variable, r.wave) for r in outcomes)
    linkage = linked_outcomes(session, cohort, named)
    left = _left(
        wide["participant"], kept["participant"], unused, eligible=bool(cohort.definition.eligibility)
    )
    table = StudyTable(frame, cohort.definition.name, 0, steps, ripe, linkage, clusters, left)
    table = with_lives(session, cohort, plan, table, unsealed=unsealed, known_on=known_on)
    return table, digest_of(table.frame)


def _gate(cohort: StoredCohort, variables: Mapping[str, StoredVariable]) -> tuple[Resolved, ...]:
    """The variables of the eligibility rule, at their first wave."""
    if not cohort.definition.eligibility:
        return ()
    return tuple(
        Resolved(name, name, variables[name].waves[0])
        if name in variables and variables[name].waves
        else _resolve(name, name, "", variables)
        for name in read_rule(cohort.definition.eligibility).names
    )


def _steps(n: int, judged: pl.Series, rule: str, unused: int) -> tuple[FlowStep, ...]:
    steps = [FlowStep("enrolled in the cohort", n + unused, "")]
    if unused:
        steps.append(FlowStep("may be used", n, "withdrawn or restricted"))
    if rule:
        kept = int(judged.sum() or 0)
        reason = "not eligible, or not known to be" if kept < n else ""
        steps.append(FlowStep("eligible", kept, reason))
    return tuple(steps)


def _left(usable: pl.Series, kept: pl.Series, unused: pl.Series, *, eligible: bool) -> tuple[pl.Series, ...]:
    """The people after each of these steps."""
    everybody = pl.concat([usable, unused.cast(usable.dtype).alias(usable.name)])
    return (everybody, *((usable,) if unused.len() else ()), *((kept,) if eligible else ()))


def _labelled(frame: pl.DataFrame, r: Resolved, labels: Mapping[str, tuple[str, ...]]) -> pl.Series:
    """A column under the plan's name; codes of a category become their labels."""
    series = frame[f"{r.variable}@{r.wave}"]
    if r.variable in labels:
        names = {float(code): label for code, label in enumerate(labels[r.variable])}
        series = series.replace_strict(names, default=None, return_dtype=pl.String)
    return series.alias(r.column)


def _ripeness(
    session: Session,
    cohort: StoredCohort,
    outcome: PlannedOutcome,
    r: Resolved,
    measures: Mapping[str, Measure],
) -> Ripeness:
    """Follow-up and waiting months: the cohort's window at this wave, else the measure's own, else the wave's."""
    cut_off = data_until(session, cohort.cohort_id, r.variable, r.wave)
    year = school_year_of(cohort.definition, r.wave)
    windows = cohort.definition.measures
    named = (outcome.measure, r.variable)
    window = next((w for w in windows if w.measure in named and w.wave == r.wave), None)
    if window:
        return Ripeness(window.follow_up_months, window.waiting_months, cut_off, year)
    known = measures.get(outcome.measure)
    if known and known.follow_up_months is not None and not outcome.wave:
        return Ripeness(known.follow_up_months, known.waiting_months or 0, cut_off, year)
    wave = cohort.definition.wave(r.wave)
    waiting = known.waiting_months or 0 if known else 0
    return Ripeness(max(wave.months, 0.0) if wave else 0.0, waiting, cut_off, year)


def digest_of(frame: pl.DataFrame) -> str:
    """SHA-256 of the table's values, so that a re-run shows whether the data moved.

    Rows are sorted by their values: the numbers people have in a store, which depend on its key, do not count.
    """
    ordered = frame.drop("participant")
    ordered = ordered.sort(ordered.columns)
    digest = hashlib.sha256()
    for name in ordered.columns:
        digest.update(name.encode("utf-8"))
        digest.update(ordered[name].cast(pl.String).fill_null("\x00").str.join("\x1f").item().encode("utf-8"))
    return digest.hexdigest()


def data_access(
    variables: Mapping[str, StoredVariable], design: Iterable[Resolved], outcomes: Iterable[Resolved]
) -> str:
    """What could be known of the data, worked out from the store and never taken on trust."""

    def seen(items: Iterable[Resolved]) -> list[bool]:
        return [item.wave in variables[item.variable].seen_waves for item in items]

    ahead, after = seen(design), seen(outcomes)
    if any(after):
        return "outcomes seen"
    if any(ahead):
        return "baseline seen"
    return "collected, unseen" if ahead or after else "nothing collected"
