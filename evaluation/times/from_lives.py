"""The rows of events that come back, out of the cohort store: what is read for them, and whether it may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import polars as pl
from sqlmodel import Session

from cohorts.lives.derive_outcomes import Lives
from cohorts.lives.lives_of import sealed_kinds
from cohorts.lives.store import read_lives
from cohorts.store import StoredCohort
from evaluation.errors import EvaluationError
from evaluation.linked.outcomes import linked_lives
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import Ripeness, StudyTable, column_of
from evaluation.times.drawn import Drawn, undeclared
from evaluation.times.interval_rows import ROWS_OF
from evaluation.times.liberty_rows import liberty_rows
from workspace.errors import Fault, GateNotMet
from workspace.statements import run

PERSON = "participant"
Needs = set[tuple[str, str]]


def drawn_outcomes(plan: AnalysisPlan) -> list[tuple[PlannedOutcome, Drawn]]:
    """The outcomes whose events are drawn from the cohort's lives."""
    return [(outcome, outcome.drawn) for outcome in plan.outcomes if outcome.drawn]


def by_person(plan: AnalysisPlan) -> AnalysisPlan:
    """The plan as it is run on rows drawn from a cohort: whose row it is, is the participant's number."""
    return replace(plan, design=replace(plan.design, unit=PERSON)) if drawn_outcomes(plan) else plan


def lives_read(cohort: StoredCohort, plan: AnalysisPlan) -> Needs:
    """What of the cohort's lives running a plan reads, with who could be seen and the ends of lives: (table, kind)."""
    drawn = drawn_outcomes(plan)
    needs = {need for _, one in drawn for need in one.needs}
    needs |= {("event", kind) for kind in cohort.definition.life.terminal} if drawn else set()
    return needs | {("observability", kind) for _, kind in needs}


def lives_seen(session: Session, cohort: StoredCohort, plan: AnalysisPlan) -> bool:
    """Say whether the events a plan draws could be looked at: some were loaded without a seal."""
    wanted = {kind for _, one in drawn_outcomes(plan) for kind in one.events}
    rows = run(
        session,
        "SELECT DISTINCT c.kind FROM coverage c JOIN delivery d ON d.delivery_id = c.delivery_id "
        "WHERE d.cohort_id = ? AND c.about = 'event' AND d.sealed = 0",
        (cohort.cohort_id,),
    )
    return bool(wanted & {str(row[0]) for row in rows})


def with_lives(
    session: Session,
    cohort: StoredCohort,
    plan: AnalysisPlan,
    table: StudyTable,
    *,
    unsealed: bool,
    known_on: dt.date | None,
) -> StudyTable:
    """The table with the rows of every outcome that is drawn from lives; without such outcomes as it was.

    Raises
    ------
    GateNotMet
        LC859: they were loaded sealed, and no plan is locked.
    EvaluationError
        LC453: the cohort declares no such kind. LC461: nothing of it was loaded.
    """
    drawn = drawn_outcomes(plan)
    if not drawn:
        return table
    _refuse_undeclared(cohort, (one for _, one in drawn))
    if not unsealed:
        _refuse_sealed(session, cohort, plan)
    lives = read_lives(session, cohort, known_on)
    lives = replace(lives, people=table.frame.select(PERSON, "index_date"))
    parts, ripe, linkage = [], list(table.ripeness), list(table.linkage)
    for outcome, one in drawn:
        _refuse_not_loaded(lives, one)
        parts.append(_beside(table.frame, outcome, one, lives, cohort.definition.life.terminal))
        cut_off = min(until for n in one.needs[: len(one.events)] if (until := lives.cover(*n).data_until))
        ripe.append((column_of(outcome), Ripeness(0.0, one.waiting_months, cut_off, watched=True)))
        linkage += linked_lives(session, cohort, column_of(outcome), one.needs)
    long = pl.concat(parts, how="diagonal")
    return replace(table, frame=long, ripeness=tuple(ripe), linkage=tuple(linkage))


def _beside(
    people: pl.DataFrame, outcome: PlannedOutcome, drawn: Drawn, lives: Lives, terminal: tuple[str, ...]
) -> pl.DataFrame:
    """Each person's rows under the plan's names, one blank row for whoever has none."""
    timing = outcome.timing
    if timing is None:
        raise TypeError
    found = liberty_rows(drawn, lives, terminal)
    named = {"start": timing.entry, "stop": timing.duration, "event": timing.event}
    named |= {"ended": timing.competing} if timing.competing else {}
    rows = found.rows.select(PERSON, *(pl.col(name).alias(column) for name, column in named.items()))
    free = ~pl.col(PERSON).is_in(found.inside[PERSON].implode())
    return people.join(rows, on=PERSON, how="left", maintain_order="left_right").with_columns(
        free.alias(timing.at_liberty), pl.lit(timing.event).alias(ROWS_OF)
    )


def _refuse_undeclared(cohort: StoredCohort, drawn: Iterable[Drawn]) -> None:
    said = dict.fromkeys(text for one in drawn for text in undeclared(one, cohort.definition.life))
    if said:
        name = cohort.definition.name
        raise EvaluationError.gather(
            [Fault("LC453", name, text, f"lifecourse cohort show {name}") for text in said]
        )


def _refuse_sealed(session: Session, cohort: StoredCohort, plan: AnalysisPlan) -> None:
    held = sorted(lives_read(cohort, plan) & sealed_kinds(session, cohort.cohort_id))
    if held:
        about, kind = held[0]
        raise GateNotMet(
            "LC859",
            f"{about} '{kind}' was loaded sealed and cannot be read before a plan that names it is locked",
            "lifecourse plan lock PLAN",
        )


def _refuse_not_loaded(lives: Lives, drawn: Drawn) -> None:
    for about, kind in drawn.needs:
        if lives.cover(about, kind).data_until is None:
            raise EvaluationError(
                "LC461",
                f"no {about} '{kind}' has been loaded, nor was known on that day",
                "lifecourse source load …",
            )
