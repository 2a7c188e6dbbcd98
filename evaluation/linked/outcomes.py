"""Which outcomes came by way of a linkage, and how its records were found: out of the cohort store."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlmodel import Session

from cohorts.linking.store import linkage_table
from cohorts.lives.definition import names_of
from cohorts.lives.derive_outcomes import needs_of
from cohorts.store import DERIVED, StoredCohort
from evaluation.study_table import LinkedSource
from workspace.statements import run


def linked_outcomes(
    session: Session, cohort: StoredCohort, outcomes: Iterable[tuple[str, str, str]]
) -> tuple[tuple[str, LinkedSource], ...]:
    """For the outcomes that a linked source feeds: the column, and how the source's records were found.

    Parameters
    ----------
    outcomes : iterable of (str, str, str)
        Column of the plan, variable, wave.

    Returns
    -------
    tuple of (str, LinkedSource)
        Where several linked sources feed one outcome, the one that found the fewest people: it limits the rest.
    """
    table = linkage_table(session, cohort.cohort_id)
    if table.is_empty():
        return ()
    found = []
    for column, variable, wave in outcomes:
        source = _worst(table, _sources(session, cohort, variable, wave))
        if source:
            found.append((column, source))
    return tuple(found)


def linked_lives(
    session: Session, cohort: StoredCohort, column: str, needs: Iterable[tuple[str, str]]
) -> tuple[tuple[str, LinkedSource], ...]:
    """The same for an outcome drawn from lives: which linked source feeds its records, (table, kind) each."""
    table = linkage_table(session, cohort.cohort_id)
    fed = {source for about, kind in needs for source in _tellers(session, cohort.cohort_id, about, kind)}
    source = None if table.is_empty() else _worst(table, fed)
    return ((column, source),) if source else ()


def _worst(table: pl.DataFrame, sources: set[str]) -> LinkedSource | None:
    """Of these sources the one that found the fewest people: it limits the rest."""
    fed = table.filter(pl.col("source").is_in(sorted(sources)))
    rates = fed.group_by("source").agg(pl.col("linked").mean()).sort("linked", "source")
    if not rates.height:
        return None
    name = str(rates["source"][0])
    return LinkedSource(name, fed.filter(pl.col("source") == name).select("participant", "linked", "truth"))


def _sources(session: Session, cohort: StoredCohort, variable: str, wave: str) -> set[str]:
    """Whose deliveries a variable at a wave came from; of a derived one, whose it is made of."""
    rows = run(
        session,
        "SELECT DISTINCT d.source FROM holding h JOIN delivery d ON d.delivery_id = h.delivery_id "
        "JOIN variable v ON v.variable_id = h.variable_id JOIN wave w ON w.wave_id = h.wave_id "
        "WHERE v.cohort_id = ? AND v.name = ? AND w.name = ?",
        (cohort.cohort_id, variable, wave),
    )
    own = {str(row[0]) for row in rows}
    for item in cohort.definition.life.derived if DERIVED in own else ():
        if variable in names_of(item):
            for about, kind in needs_of(item):
                own |= _tellers(session, cohort.cohort_id, about, kind)
    return own - {DERIVED}


def _tellers(session: Session, cohort_id: str, about: str, kind: str) -> set[str]:
    rows = run(
        session,
        "SELECT DISTINCT d.source FROM coverage c JOIN delivery d ON d.delivery_id = c.delivery_id "
        "WHERE d.cohort_id = ? AND c.about = ? AND c.kind = ?",
        (cohort_id, about, kind),
    )
    return {str(row[0]) for row in rows}
