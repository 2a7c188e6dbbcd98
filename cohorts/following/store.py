"""Counts for following people up, out of the store: who was seen, when, and how complete the values are.

Sealed values stay unread: of them only whether there is one, or the reason why there is none, is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
from sqlmodel import Session

from cohorts.errors import CohortError
from cohorts.follow_up import FollowUp, months_of, school_year_of, stand, stand_by_arm
from cohorts.following.completeness import Filling, Freshness, Spread, Turnout
from cohorts.records import WaveRecord
from cohorts.requests.store import IN_USE
from cohorts.store import (
    DERIVED,
    StoredCohort,
    StoredVariable,
    data_until,
    flow_facts,
    list_variables,
    refuse_sealed,
    wave_rows,
)
from workspace.errors import did_you_mean
from workspace.statements import run

ARM_HINT = "lifecourse cohort show COHORT lists the variables, their kinds and waves."
ARM_JOIN = (
    "LEFT JOIN observation a ON a.variable_id = ? AND a.wave_id = ? AND a.participant_id = e.participant_id "
)


def follow_up_of(session: Session, cohort: StoredCohort, today: dt.date, arm: str = "") -> list[FollowUp]:
    """How everybody, and each arm when one is named, stands at each wave of each variable."""
    variables = list_variables(session, cohort.cohort_id)
    ids, waves = _variable_ids(session, cohort), wave_rows(session, cohort.cohort_id)
    split = find_arm(variables, arm) if arm else None
    wave_ids = {wave.name: wave.wave_id for wave in waves}
    arm_place = (ids[split[0]], wave_ids[split[1]]) if split else None
    rows = []
    for variable, wave in _expected(cohort, variables, waves):
        named = data_until(session, cohort.cohort_id, variable, wave)
        months, until = months_of(cohort.definition, variable, wave), named or today
        place = (ids[variable], wave_ids[wave])
        tally = _tally(session, cohort.cohort_id, place, arm_place)
        due = (months, until, school_year_of(cohort.definition, wave))
        arms = () if split in (None, (variable, wave)) else stand_by_arm(tally, *due)
        rows.append(FollowUp(wave, variable, until, named is not None, stand(tally, *due), arms))
    return rows


def _expected(
    cohort: StoredCohort, variables: Sequence[StoredVariable], waves: Sequence[WaveRecord]
) -> list[tuple[str, str]]:
    """Each variable at the waves it came at, and at those for which the cohort's own measures expect it."""
    windows = {(window.measure, window.wave) for window in cohort.definition.measures}
    return [
        (variable.name, wave.name)
        for wave in waves
        for variable in variables
        if wave.name in variable.waves or (variable.name, wave.name) in windows
    ]


def find_arm(variables: Sequence[StoredVariable], arm: str) -> tuple[str, str]:
    """The arm's variable and wave; refused where it is sealed, is not of two values, or has several waves."""
    name, _, at = arm.partition("@")
    variable = next((known for known in variables if known.name == name), None)
    if variable is None:
        near = did_you_mean(name, [known.name for known in variables])
        raise CohortError("LC861", f"the cohort has no variable '{name}'.{near}", ARM_HINT)
    if variable.kind != "binary":
        raise CohortError("LC861", f"'{name}' is of kind {variable.kind}; an arm is binary", ARM_HINT)
    if (at and at not in variable.waves) or not variable.waves:
        raise CohortError("LC861", f"no values of '{name}' at wave '{at}' have been loaded", ARM_HINT)
    if not at and len(variable.waves) > 1:
        hint = f"Write {name}@{variable.waves[0]}, or another wave."
        raise CohortError("LC861", f"'{name}' was seen at several waves", hint)
    wave = at or variable.waves[0]
    refuse_sealed(variable, wave)
    return name, wave


def _tally(
    session: Session, cohort_id: str, place: tuple[int, int], arm: tuple[int, int] | None
) -> pl.DataFrame:
    """People by index date, whether anything came, reason and arm: columns as ``follow_up.stand`` takes them."""
    chosen, joined = ("a.value", ARM_JOIN) if arm else ("NULL", "")
    rows = run(
        session,
        "SELECT e.index_date, CASE WHEN o.participant_id IS NULL THEN 0 ELSE 1 END, o.missing, "  # noqa: S608
        f"{chosen}, COUNT(*) FROM enrolment e LEFT JOIN observation o ON o.variable_id = ? AND o.wave_id = ? "
        f"AND o.participant_id = e.participant_id {joined}WHERE e.cohort_id = ? "
        f"AND {IN_USE.format('e.')} GROUP BY 1, 2, 3, 4",
        (*place, *(arm or ()), cohort_id),
    )
    return pl.DataFrame(
        [tuple(row) for row in rows],
        schema={
            "index_date": pl.String,
            "held": pl.Int64,
            "missing": pl.String,
            "arm": pl.Float64,
            "n": pl.Int64,
        },
        orient="row",
    ).with_columns(pl.col("index_date").str.to_date(), pl.col("held").cast(pl.Boolean))


def _variable_ids(session: Session, cohort: StoredCohort) -> dict[str, int]:
    rows = run(session, "SELECT name, variable_id FROM variable WHERE cohort_id = ?", (cohort.cohort_id,))
    return {str(name): int(number) for name, number in rows}


def fillings_of(session: Session, cohort: StoredCohort) -> list[Filling]:
    """Each variable at each wave it came at."""
    variables, ids = list_variables(session, cohort.cohort_id), _variable_ids(session, cohort)
    found = []
    for wave in wave_rows(session, cohort.cohort_id):
        for variable in variables:
            if wave.name in variable.waves:
                place = (ids[variable.name], wave.wave_id)
                reasons = _reasons(session, place)
                sealed = wave.name in variable.sealed_waves
                missing = tuple((reason, n) for reason, n in reasons if reason)
                values = sum(n for reason, n in reasons if not reason)
                spread = None if sealed else _spread(session, place)
                found.append(Filling(wave.name, variable.name, variable.kind, values, missing, spread))
    return found


def _reasons(session: Session, place: tuple[int, int]) -> list[tuple[str, int]]:
    """People by reason; the empty reason stands for a value."""
    rows = run(
        session,
        "SELECT COALESCE(missing, ''), COUNT(*) FROM observation WHERE variable_id = ? AND wave_id = ? "  # noqa: S608
        f"AND {IN_USE.format('')} GROUP BY 1 ORDER BY 1",
        place,
    )
    return [(str(reason), int(n)) for reason, n in rows]


def _spread(session: Session, place: tuple[int, int]) -> Spread:
    """Counts only: which value is the least or the greatest is not read."""
    row = run(
        session,
        "SELECT COUNT(DISTINCT o.value), SUM(CASE WHEN o.value = e.low THEN 1 ELSE 0 END), "  # noqa: S608
        "SUM(CASE WHEN o.value = e.high THEN 1 ELSE 0 END) FROM observation o CROSS JOIN "
        "(SELECT MIN(value) AS low, MAX(value) AS high FROM observation WHERE variable_id = ? AND wave_id = ? "
        f"AND {IN_USE.format('')}) e WHERE o.variable_id = ? AND o.wave_id = ? AND {IN_USE.format('o.')}",
        (*place, *place),
    ).one()
    return Spread(*(int(n or 0) for n in row))


def turnouts_of(session: Session, cohort: StoredCohort) -> list[Turnout]:
    """Each wave: who is enrolled, and who has no observation of any variable there."""
    enrolled = flow_facts(session, cohort.cohort_id).enrolled
    loaded = {wave for variable in list_variables(session, cohort.cohort_id) for wave in variable.waves}
    found = []
    for wave in wave_rows(session, cohort.cohort_id):
        seen = run(
            session,
            "SELECT COUNT(DISTINCT o.participant_id) FROM observation o JOIN enrolment e ON "  # noqa: S608
            "e.participant_id = o.participant_id AND e.cohort_id = ? WHERE o.wave_id = ? AND o.variable_id IN "
            f"(SELECT variable_id FROM variable WHERE cohort_id = ?) AND {IN_USE.format('o.')}",
            (cohort.cohort_id, wave.wave_id, cohort.cohort_id),
        ).scalar()
        found.append(Turnout(wave.name, enrolled, enrolled - int(seen), wave.name in loaded))
    return found


def sources_of(session: Session, cohort: StoredCohort) -> list[Freshness]:
    """Each source that delivered: how often, and its newest data cut-off."""
    rows = run(
        session,
        "SELECT source, COUNT(*), MAX(data_until) FROM delivery WHERE cohort_id = ? AND source <> ? "
        "GROUP BY source ORDER BY source",
        (cohort.cohort_id, DERIVED),
    )
    return [
        Freshness(str(source), int(n), dt.date.fromisoformat(until) if until else None)
        for source, n, until in rows
    ]
