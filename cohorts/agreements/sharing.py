"""Agreements at the edge: their files, what the store holds under them, and the gate every load passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from cohorts.agreements.agreement import Agreement, read_agreement, starter_agreement
from cohorts.agreements.permission import (
    Held,
    bearer,
    bearer_for_use,
    coverage_faults,
    field_faults,
    fields_of,
    force_faults,
    joining_faults,
    lapses_soon,
    purpose_faults,
    review_faults,
    standing,
    strictest_profile,
)
from cohorts.areas.file import read_area_mapping
from cohorts.errors import CohortError
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from cohorts.store import DERIVED, list_cohorts
from workspace import console
from workspace.audit import record
from workspace.clock import today
from workspace.database import reading
from workspace.entering import entering
from workspace.errors import Fault, GateNotMet, did_you_mean
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run
from workspace.toml_source import read_toml


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the agreements of a project stand today: counts for ``status`` and ``doctor``."""

    there: int
    in_force: int
    soon: tuple[str, ...]
    faulty: int


def agreement_path(project: Project, name: str) -> Path:
    """Where an agreement is kept."""
    return project.agreements / f"{name}.toml"


def agreement_names(project: Project) -> list[str]:
    """The agreements of a project, by their files."""
    return sorted(path.stem for path in project.agreements.glob("*.toml"))


def load_agreement(project: Project, name: str) -> Agreement:
    """One agreement; every fault in its file is refused with its line."""
    known = agreement_names(project)
    if name not in known:
        raise CohortError(
            "LC873",
            f"there is no agreement '{name}'.{did_you_mean(name, known)}",
            f"Agreements: {', '.join(known) or 'none yet'}. Add one: lifecourse agreement add ID --title … --source …",
        )
    path = agreement_path(project, name)
    source = read_toml(path, CohortError, name=project.shown(path))
    found = read_agreement(source, project.settings.disclosure)
    if found.id != name:
        raise CohortError(
            "LC872",
            f"the agreement's id is '{found.id}' but its file is called '{path.name}'",
            "Give both the same name.",
            where=source.where(("agreement", "id")),
        )
    return found


def load_agreements(project: Project) -> list[Agreement]:
    """Every agreement; the faults of all files are gathered."""
    found, faults = _read_all(project)
    if faults:
        raise CohortError.gather(faults)
    return found


def _read_all(project: Project) -> tuple[list[Agreement], list[Fault]]:
    found: list[Agreement] = []
    faults: list[Fault] = []
    for name in agreement_names(project):
        try:
            found.append(load_agreement(project, name))
        except CohortError as error:
            faults += error.faults
    return found, faults


def readable_agreements(project: Project) -> dict[str, Agreement]:
    """The agreements that can be read, by id."""
    return {agreement.id: agreement for agreement in _read_all(project)[0]}


def add_agreement(project: Project, name: str, title: str, sources: list[str]) -> str:
    """Write a first agreement file; return its path as shown. An existing one is never overwritten."""
    path = agreement_path(project, name)
    if path.exists():
        raise CohortError(
            "LC878",
            f"there is an agreement '{name}' already",
            f"Edit {project.shown(path)}, or choose another id.",
        )
    sources = list(dict.fromkeys(sources))
    kept = [
        field
        for mapping in readable_mappings(project)
        if mapping.id in sources
        for field in fields_of(mapping)
    ]
    fields = list(dict.fromkeys(["identifiers", "index_date", *kept]))
    text = starter_agreement(name, title, sources, fields, today())
    if not console.current().dry_run:
        with entering(project) as (session, leave):
            record(session, "agreement.add", name)
            leave({path: text})
    return project.shown(path)


def readable_mappings(project: Project) -> list[SourceMapping]:
    """The mappings that can be read."""
    found = []
    for path in sorted(project.sources.glob("*.toml")):
        try:
            found.append(read_mapping(read_toml(path, CohortError)))
        except CohortError:
            continue
    return found


def check_agreements(project: Project, name: str, on: dt.date) -> list[Fault]:
    """What is wrong with one agreement, or with all: out of force, overdue, or exceeded by a mapping."""
    found = [load_agreement(project, name)] if name else load_agreements(project)
    known, mappings = readable_agreements(project), readable_mappings(project)
    faults: list[Fault] = []
    for agreement in found:
        where = project.shown(agreement_path(project, agreement.id))
        faults += [] if _is_replaced(agreement, known, on) else force_faults(agreement, on, where)
        faults += review_faults(agreement, on, where)
        for mapping in mappings:
            faults += _mapping_faults(project, agreement, mapping)
        faults += _area_faults(project, agreement)
    return faults


def _area_faults(project: Project, agreement: Agreement) -> list[Fault]:
    """Area sources that keep more than the agreement they name, or lie under it without naming it."""
    faults: list[Fault] = []
    for path in sorted(project.areas.glob("*.toml")):
        try:
            mapping = read_area_mapping(read_toml(path, CohortError))
        except CohortError:
            continue
        where = project.shown(path)
        if mapping.agreement == agreement.id:
            faults += field_faults(agreement, mapping.id, mapping.fields, where)
        elif mapping.id in agreement.sources and not mapping.agreement:
            faults.append(_unnamed(agreement, mapping.id, where))
    return faults


def _is_replaced(agreement: Agreement, known: dict[str, Agreement], on: dt.date) -> bool:
    """Say whether an agreement in force has taken over every source of this one."""
    bearers = [bearer(known, Held(source, agreement.id), on) for source in agreement.sources]
    return all(found is not None and not standing(found, on) for found in bearers)


def _mapping_faults(project: Project, agreement: Agreement, mapping: SourceMapping) -> list[Fault]:
    where = project.shown(project.sources / f"{mapping.id}.toml")
    if mapping.agreement == agreement.id:
        return coverage_faults(agreement, mapping, where)
    if mapping.id in agreement.sources and not mapping.agreement:
        return [_unnamed(agreement, mapping.id, where)]
    return []


def _unnamed(agreement: Agreement, source: str, where: str) -> Fault:
    said = f"source '{source}' comes under agreement '{agreement.id}', which its mapping does not name"
    return Fault("LC877", where, said, f'Add agreement = "{agreement.id}" to [source].')


def held_sources(session: Session, cohort_id: str = "") -> list[Held]:
    """The sources that fed a cohort (or any), each with the agreements its data came under."""
    rows = run(
        session,
        "SELECT DISTINCT source, COALESCE(agreement, '') AS agreement FROM delivery "
        "WHERE (cohort_id = ? OR ? = '') AND source <> ? ORDER BY source, agreement",
        (cohort_id, cohort_id, DERIVED),
    )
    return [Held(str(source), str(agreement)) for source, agreement in rows]


def agreement_of(project: Project, mapping: SourceMapping, on: dt.date) -> Agreement | None:
    """The agreement a mapping names, in force and covering it, or none; GateNotMet otherwise."""
    shown = project.shown(project.sources / f"{mapping.id}.toml")
    return agreement_for(project, mapping.id, mapping.agreement, fields_of(mapping), shown, on)


def agreement_for(
    project: Project, source: str, agreement: str, fields: Sequence[str], shown: str, on: dt.date
) -> Agreement | None:
    """The same for any source, people's or areas'; ``shown`` is the file of its mapping."""
    if not agreement:
        if project.settings.agreements_required:
            raise GateNotMet(
                "LC877",
                f"source '{source}' names no agreement, and this project requires one",
                'Add agreement = "ID" to [source].',
                where=shown,
            )
        return None
    if agreement not in agreement_names(project):
        raise GateNotMet(
            "LC873",
            f"agreement '{agreement}', which source '{source}' names, is missing",
            "Correct the name, or: lifecourse agreement add ID --title … --source …",
            where=shown,
        )
    found = load_agreement(project, agreement)
    where = project.shown(agreement_path(project, found.id))
    faults = force_faults(found, on, where) + field_faults(found, source, fields, shown)
    if faults:
        raise GateNotMet.gather(faults)
    return found


def refuse_joining(
    session: Session, project: Project, mapping: SourceMapping, agreement: Agreement | None, on: dt.date
) -> None:
    """Refuse a load into a cohort that holds data which may not be joined with this source's."""
    cohort = next(
        (c for c in list_cohorts(session) if mapping.cohort in (c.definition.name, c.cohort_id)), None
    )
    held = held_sources(session, cohort.cohort_id) if cohort else []
    faults = joining_faults(mapping.id, agreement, held, readable_agreements(project), on)
    if faults:
        raise GateNotMet.gather(faults)


def permit(project: Project, mapping: SourceMapping, on: dt.date) -> Agreement | None:
    """Every check of the gate, before a file is read."""
    agreement = agreement_of(project, mapping, on)
    with reading(project) as session:
        refuse_joining(session, project, mapping, agreement, on)
    return agreement


def permit_linkage(project: Project, left: SourceMapping, right: SourceMapping, on: dt.date) -> None:
    """Every check of the gate for joining the people of two sources: each by itself, and both together."""
    ours, theirs = permit(project, left, on), permit(project, right, on)
    held = [Held(left.id, ours.id if ours else "")]
    faults = joining_faults(right.id, theirs, held, readable_agreements(project), on)
    for mapping, agreement in ((left, ours), (right, theirs)):
        if agreement:
            where = project.shown(agreement_path(project, agreement.id))
            faults += purpose_faults(agreement, mapping.id, "linkage", where)
    if faults:
        raise GateNotMet.gather(faults)


def shown_profile(session: Session, project: Project, cohort_id: str = "") -> DisclosureProfile:
    """The strictest profile over the data of a cohort, or of all, for counts on the screen."""
    known, on = readable_agreements(project), today()
    found = [bearer_for_use(known, held, on) for held in held_sources(session, cohort_id)]
    return strictest_profile(project.settings.disclosure, [agreement for agreement in found if agreement])


def outlook(project: Project) -> Outlook:
    """How the agreements stand today."""
    found, _ = _read_all(project)
    on = today()
    soon = tuple(agreement.id for agreement in found if lapses_soon(agreement, on))
    names = agreement_names(project)
    running = sum(not standing(agreement, on) for agreement in found)
    return Outlook(len(names), running, soon, len(names) - len(found))
