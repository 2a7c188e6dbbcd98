"""Agreements at the edge of area series: the gate every load passes, and the gate everything that reads passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlmodel import Session

from cohorts.agreements.agreement import Agreement
from cohorts.agreements.permission import (
    Held,
    Use,
    bearer_for_use,
    joining_faults,
    strictest_profile,
    use_faults,
)
from cohorts.agreements.sharing import agreement_for, agreement_path, readable_agreements
from cohorts.areas.mapping import AreaMapping
from cohorts.areas.store import (
    StoredAreas,
    attribute_sources,
    list_areas,
    load_area_mapping,
    mapping_path,
    measure_sources,
)
from cohorts.errors import CohortError
from workspace.clock import today
from workspace.errors import Fault, GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run


def held_area_sources(session: Session, collection_id: str) -> list[Held]:
    """The sources that fed a collection, each with the agreements its data came under."""
    rows = run(
        session,
        "SELECT DISTINCT source, COALESCE(agreement, '') AS agreement FROM area_delivery "
        "WHERE collection_id = ? ORDER BY source, agreement",
        (collection_id,),
    )
    return [Held(str(source), str(agreement)) for source, agreement in rows]


def permit_area_load(
    session: Session, project: Project, mapping: AreaMapping, on: dt.date
) -> Agreement | None:
    """Every check before a file is read: the agreement in force, covering it, and what it may be joined with."""
    shown = project.shown(mapping_path(project, mapping.id))
    agreement = agreement_for(project, mapping.id, mapping.agreement, mapping.fields, shown, on)
    collection = next((c for c in list_areas(session) if mapping.areas in (c.name, c.collection_id)), None)
    held = held_area_sources(session, collection.collection_id) if collection else []
    faults = joining_faults(mapping.id, agreement, held, readable_agreements(project), on)
    if faults:
        raise GateNotMet.gather(faults)
    return agreement


def permit_area_use(
    session: Session,
    project: Project,
    collection: StoredAreas,
    purpose: str,
    names: Collection[str] | None = None,
) -> DisclosureProfile:
    """The profile under which a collection may be shown, once its data may be read for a purpose.

    ``names`` are the measures and attributes that will be read; everything by default. Raises GateNotMet (LC873 to
    LC877), one fault for each source and reason.
    """
    faults = area_refusals(session, project, collection, purpose, names)
    if faults:
        raise GateNotMet.gather(faults)
    return area_profile(session, project, collection)


def area_refusals(
    session: Session,
    project: Project,
    collection: StoredAreas,
    purpose: str,
    names: Collection[str] | None = None,
) -> list[Fault]:
    """Why these series may not be read for a purpose today; nothing when they may."""
    fields: dict[tuple[str, str], dict[str, None]] = {}
    for source, agreement, measure in measure_sources(session, collection.collection_id):
        if names is None or measure in names:
            fields.setdefault((source, agreement), {})[measure] = None
    for source, agreement in attribute_sources(session, collection.collection_id):
        found = fields.setdefault((source, agreement), {})
        found.update(dict.fromkeys(n for n in _attributes(project, source) if names is None or n in names))
    uses = [
        Use(source, agreement or _named_now(project, source), tuple(named), folder="areas")
        for (source, agreement), named in sorted(fields.items())
    ]
    return use_faults(
        uses,
        readable_agreements(project),
        purpose,
        today(),
        lambda name: project.shown(agreement_path(project, name)),
        required=project.settings.agreements_required,
    )


def _attributes(project: Project, source: str) -> tuple[str, ...]:
    """The attributes a source's mapping names; a mapping that cannot be read names none."""
    try:
        mapping, _ = load_area_mapping(project, source)
    except CohortError:
        return ()
    return tuple(one.name for one in mapping.columns_of_area.attributes)


def _named_now(project: Project, source: str) -> str:
    """The agreement a mapping names now, for data that were loaded before it named one."""
    try:
        return load_area_mapping(project, source)[0].agreement
    except CohortError:
        return ""


def area_profile(session: Session, project: Project, collection: StoredAreas) -> DisclosureProfile:
    """The strictest profile over the data of a collection."""
    known, on = readable_agreements(project), today()
    held = held_area_sources(session, collection.collection_id)
    found = [
        bearer_for_use(known, Held(h.source, h.agreement or _named_now(project, h.source)), on) for h in held
    ]
    return strictest_profile(project.settings.disclosure, [agreement for agreement in found if agreement])
