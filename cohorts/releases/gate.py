"""The gate of row-level releases: every source that feeds the rows must have agreed to this safe setting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from cohorts.agreements.agreement import ROWS, Agreement
from cohorts.agreements.permission import Held, Use, bearer_for_use
from cohorts.agreements.sharing import agreement_path, readable_agreements, shown_profile
from cohorts.agreements.use_gate import refusals, uses_of
from cohorts.store import StoredCohort
from workspace.clock import today
from workspace.errors import Fault, GateNotMet, did_you_mean
from workspace.project import Project
from workspace.settings import DisclosureProfile

PURPOSE = "row-level release"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the agreements over some rows allow together: always the strictest of all.

    ``expires`` is the last day on which all of them let their data be used. ``quasi`` are variables that an agreement
    declares others may know; ``declared`` are all variables of agreements that declare any.
    """

    profile: DisclosureProfile
    agreements: tuple[tuple[str, str], ...]
    expires: dt.date
    unique_limit: float
    quasi: frozenset[str]
    declared: frozenset[str]


def permit_rows(
    session: Session,
    project: Project,
    cohort: StoredCohort,
    columns: Collection[tuple[str, str]],
    setting: str,
) -> Terms:
    """The terms under which these columns may leave, row by row, for a safe setting.

    Raises
    ------
    GateNotMet
        LC873 to LC877 as for any use, LC960: a source without an agreement, an agreement for aggregates only, or one
        that does not name the setting.
    """
    faults = refusals(session, project, cohort, PURPOSE, columns)
    known = readable_agreements(project)
    bound: list[tuple[Use, Agreement]] = []
    for use in uses_of(session, project, cohort, columns):
        found = bearer_for_use(known, Held(use.source, use.agreement), today())
        if not use.agreement:
            faults.append(_unagreed(use))
        elif found is not None:  # a missing one is among the refusals
            bound.append((use, found))
            faults += _row_faults(project, use, found, setting)
    if faults:
        raise GateNotMet.gather(dict.fromkeys(faults))
    declaring = [(use, a) for use, a in bound if a.quasi_identifiers]
    agreements = {a.id: a for _, a in bound}.values()
    return Terms(
        shown_profile(session, project, cohort.cohort_id),
        tuple(sorted((a.id, a.version) for a in agreements)),
        min(a.use_until or a.expires for a in agreements),
        min(a.unique_limit(setting) for a in agreements),
        frozenset(name for _, a in declaring for name in a.quasi_identifiers),
        frozenset(name for use, _ in declaring for name in use.fields),
    )


def _unagreed(use: Use) -> Fault:
    said = f"source '{use.source}' has no agreement, and rows of a source without one never leave"
    hint = (
        f"Make one (lifecourse agreement add ID --title … --source {use.source}), or leave its variables out."
    )
    return Fault("LC960", f"sources/{use.source}.toml", said, hint)


def _row_faults(project: Project, use: Use, agreement: Agreement, setting: str) -> list[Fault]:
    where = project.shown(agreement_path(project, agreement.id))
    said = f"rows of source '{use.source}' may not leave: agreement '{agreement.id}'"
    if agreement.outputs != ROWS:
        hint = 'Agree on it with the partner, then write outputs = "rows" and name the safe_settings.'
        return [Fault("LC960", where, f"{said} allows {agreement.outputs} outputs only", hint)]
    if setting in agreement.safe_settings:
        return []
    near = did_you_mean(setting, agreement.safe_settings)
    hint = f"It names: {', '.join(agreement.safe_settings)}."
    return [Fault("LC960", where, f"{said} does not name the safe setting '{setting}'.{near}", hint)]
