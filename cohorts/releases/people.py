"""The people of a release out of the store: who may be used and is eligible, with what is to leave of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.actions import eligible_people
from cohorts.errors import CohortError, RowsWithheld
from cohorts.expressions import read_rule
from cohorts.releases.coarsening import Coarsening, read_coarsening
from cohorts.releases.gate import Terms, permit_rows
from cohorts.releases.k_report import KReport, is_quasi, k_report, refusal
from cohorts.releases.rows import Column, made_rows
from cohorts.releases.selection import Chosen, choose, refuse_closed
from cohorts.store import StoredCohort, StoredVariable, find_cohort, list_variables, read_wide
from workspace.noticeboard import columns_of_plan
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a cohort is to leave, as it was asked for, and the safe setting it goes to."""

    cohort: str
    setting: str
    variables: tuple[str, ...] = ()
    plan: str = ""
    bands: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows that may leave once they are under pseudonyms: still with participant numbers, in memory only."""

    cohort: StoredCohort
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    how: Coarsening
    terms: Terms
    report: KReport

    def __repr__(self) -> str:
        """No rows: this may end up in a log."""
        return f"Prepared({self.cohort.cohort_id}, {len(self.columns)} columns)"


def prepare(session: Session, project: Project, wanted: Wanted) -> Prepared:
    """Choose, judge, read and count. Nobody's values are read before every gate is passed.

    Raises
    ------
    GateNotMet
        LC859 sealed, LC960 not agreed, LC873 to LC877 as for any use, LC420 and LC421 for a plan that is not locked.
    CohortError
        LC850, LC962.
    """
    cohort = find_cohort(session, wanted.cohort)
    variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
    planned = columns_of_plan(session, project, cohort.cohort_id, wanted.plan) if wanted.plan else None
    chosen = choose(variables, wanted.variables, planned)
    how = read_coarsening(wanted.bands, wanted.merges, {v.name: v.kind for v, _ in chosen})
    gate = _gate(cohort, variables)
    refuse_closed(gate, planned)
    places = dict.fromkeys((v.name, wave) for v, wave in (*chosen, *gate))
    terms = permit_rows(session, project, cohort, set(places), wanted.setting)
    wide = read_wide(session, cohort.cohort_id, places, unsealed=True)
    kept = _eligible(wide, cohort, gate)
    frame, columns = made_rows(kept, chosen, how, terms.profile.threshold)
    return Prepared(cohort, frame, columns, how, terms, _counted(frame, columns, how, terms))


def _gate(cohort: StoredCohort, variables: Mapping[str, StoredVariable]) -> Chosen:
    """The variables of the eligibility rule, at their first wave."""
    rule = cohort.definition.eligibility
    names = read_rule(rule).names if rule else ()
    for name in names:
        if name not in variables or not variables[name].waves:
            said = f"who is eligible hangs on '{name}', of which nothing has been loaded"
            raise CohortError("LC962", said, "lifecourse source load …")
    return [(variables[name], variables[name].waves[0]) for name in names]


def _eligible(wide: pl.DataFrame, cohort: StoredCohort, gate: Chosen) -> pl.DataFrame:
    labels = {v.name: v.labels for v, _ in gate if v.kind == "category"}
    named = wide.rename({f"{v.name}@{wave}": v.name for v, wave in gate})
    return wide.filter(eligible_people(named, cohort.definition, labels).fill_null(value=False))


def _counted(frame: pl.DataFrame, columns: tuple[Column, ...], how: Coarsening, terms: Terms) -> KReport:
    """What others may know: the index date, what an agreement declares, and by default what its kind or values say."""
    quasi = [] if how.period == "none" else [f"index_{how.period}"]
    others: list[str] = []
    for column in columns:
        name = column.variable.name
        known = name in terms.quasi or (
            name not in terms.declared and is_quasi(column.variable.kind, frame[column.heading])
        )
        (quasi if known else others).append(column.heading)
    return k_report(frame, quasi, others, terms.profile.threshold, terms.unique_limit)


def refuse_standing_out(prepared: Prepared) -> None:
    """Refuse rows of too few people, or in which more people are alone than may be: LC963."""
    profile, report = prepared.terms.profile, prepared.report
    if report.people < profile.threshold:
        said = f"there are fewer than {profile.threshold} people to release"
        raise RowsWithheld("LC963", said, "Wait until more people are enrolled.")
    if not report.passes:
        raise RowsWithheld("LC963", *refusal(report, profile))
