"""The gate everything that reads passes: whether these sources' data may be read for this purpose today.

Loads pass a gate of their own (``sharing.permit``). Withdrawal, erasure, backups, ``status``, ``doctor`` and the audit
log pass none: they must work whatever has lapsed. Whatever lets results out of the project asks here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlmodel import Session

from cohorts.agreements.agreement import INDEX_DATE
from cohorts.agreements.permission import Use, use_faults
from cohorts.agreements.sharing import (
    agreement_path,
    held_sources,
    readable_agreements,
    readable_mappings,
    shown_profile,
)
from cohorts.lives.definition import names_of
from cohorts.lives.derive_outcomes import needs_of
from cohorts.partner_files.mapping import SourceMapping
from cohorts.store import DERIVED, StoredCohort, list_variables
from workspace.clock import today
from workspace.errors import Fault, GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run

Columns = Collection[tuple[str, str]]
_Found = Iterable[tuple[tuple[str, str], str]]


def permit_use(
    session: Session,
    project: Project,
    cohort: StoredCohort,
    purpose: str,
    columns: Columns | None = None,
    *,
    lives: Columns = (),
) -> DisclosureProfile:
    """The profile under which a cohort may be shown, once its data may be read for a purpose.

    Parameters
    ----------
    purpose : str
        One of ``permission.USES``.
    columns : collection of (variable, wave), optional
        What will be read; everything by default. Who is enrolled, and from when, is always read.
    lives : collection of (table, kind)
        What of spells, events and the like will be read beside the columns.

    Raises
    ------
    GateNotMet
        LC873 to LC877, one fault for each source and reason.
    """
    faults = refusals(session, project, cohort, purpose, columns, lives)
    return _profile_unless(session, project, cohort, faults)


def refusals(
    session: Session,
    project: Project,
    cohort: StoredCohort,
    purpose: str,
    columns: Columns | None = None,
    lives: Columns = (),
) -> list[Fault]:
    """Why these data may not be read for a purpose today; nothing when they may."""
    found = list(_values(session, cohort, columns))
    if columns is None:
        found += [((held.source, held.agreement), "") for held in held_sources(session, cohort.cohort_id)]
        found += _lives(session, cohort, None)
    elif lives:
        found += _told(session, cohort, lives)
    return _judge(session, project, cohort, purpose, found)


def permit_deriving(session: Session, project: Project, cohort: StoredCohort) -> DisclosureProfile:
    """The same for everything the derived variables of a cohort are made of."""
    names = {name for item in cohort.definition.life.derived for name in names_of(item)}
    faults = _judge(session, project, cohort, "derived variables", _lives(session, cohort, names))
    return _profile_unless(session, project, cohort, faults)


def permit_linked(
    session: Session, project: Project, cohort: StoredCohort, by: Collection[str] = ()
) -> DisclosureProfile:
    """The same for the links of a cohort, and the variables ``by`` which they are shown."""
    rows = run(session, "SELECT left_source, source FROM link_run WHERE cohort_id = ?", (cohort.cohort_id,))
    found = [((str(source), ""), "") for row in rows for source in row]
    chosen = [
        (v.name, wave) for v in list_variables(session, cohort.cohort_id) if v.name in by for wave in v.waves
    ]
    faults = _judge(session, project, cohort, "linkage", [*found, *_values(session, cohort, chosen)])
    return _profile_unless(session, project, cohort, faults)


def _profile_unless(
    session: Session, project: Project, cohort: StoredCohort, faults: list[Fault]
) -> DisclosureProfile:
    if faults:
        raise GateNotMet.gather(faults)
    return shown_profile(session, project, cohort.cohort_id)


def _judge(
    session: Session, project: Project, cohort: StoredCohort, purpose: str, found: _Found
) -> list[Fault]:
    return use_faults(
        _uses(session, project, cohort, found),
        readable_agreements(project),
        purpose,
        today(),
        lambda name: project.shown(agreement_path(project, name)),
        required=project.settings.agreements_required,
    )


def uses_of(session: Session, project: Project, cohort: StoredCohort, columns: Columns) -> list[Use]:
    """The sources that feed these columns of a cohort, each with its agreement, or none, and the fields read of it."""
    return _uses(session, project, cohort, _values(session, cohort, columns))


def _uses(session: Session, project: Project, cohort: StoredCohort, found: _Found) -> list[Use]:
    mappings = {mapping.id: mapping for mapping in readable_mappings(project)}
    fields: dict[tuple[str, str], dict[str, None]] = {}
    for place, field in [*_enrolling(session, cohort, mappings), *found]:
        fields.setdefault(place, {}).update({field: None} if field else {})
    uses: dict[tuple[str, str], dict[str, None]] = {}
    for (source, agreement), named in fields.items():  # loaded without one, and has one since
        mapping = mappings.get(source)
        governing = agreement or (mapping.agreement if mapping else "")
        uses.setdefault((source, governing), {}).update(named)
    return [Use(source, agreement, tuple(named)) for (source, agreement), named in sorted(uses.items())]


def _enrolling(
    session: Session, cohort: StoredCohort, mappings: Mapping[str, SourceMapping]
) -> Iterator[tuple[tuple[str, str], str]]:
    """The sources that say who is enrolled and from when; one without a mapping may have been one of them."""
    for held in held_sources(session, cohort.cohort_id):
        mapping = mappings.get(held.source)
        if mapping is None or mapping.enrols:
            yield (held.source, held.agreement), INDEX_DATE if mapping and mapping.index_date else ""


def _values(
    session: Session, cohort: StoredCohort, columns: Columns | None
) -> list[tuple[tuple[str, str], str]]:
    """The sources of values, and of what derived ones are made of, each with the field read."""
    rows = run(
        session,
        "SELECT DISTINCT d.source, COALESCE(d.agreement, '') AS agreement, v.name AS variable, w.name AS wave "
        "FROM holding h JOIN delivery d ON d.delivery_id = h.delivery_id "
        "JOIN variable v ON v.variable_id = h.variable_id JOIN wave w ON w.wave_id = h.wave_id "
        "WHERE d.cohort_id = ? ORDER BY d.source, agreement, variable, wave",
        (cohort.cohort_id,),
    )
    found: list[tuple[tuple[str, str], str]] = []
    made: set[str] = set()
    for source, agreement, variable, wave in rows:
        if columns is not None and (variable, wave) not in columns:
            continue
        if source == DERIVED:
            made.add(str(variable))
        else:
            found.append(((str(source), str(agreement)), str(variable)))
    return found + _lives(session, cohort, made)


def _lives(
    session: Session, cohort: StoredCohort, made: Collection[str] | None
) -> list[tuple[tuple[str, str], str]]:
    """The sources of spells, events and the like that these derived variables are made of; of all for None."""
    items = [item for item in cohort.definition.life.derived if made and set(names_of(item)) & set(made)]
    needs = {need for item in items for need in needs_of(item)}
    needs |= {("observability", kind) for _, kind in needs}
    return _told(session, cohort, None if made is None else needs)


def _told(session: Session, cohort: StoredCohort, needs: Columns | None) -> list[tuple[tuple[str, str], str]]:
    """The sources that told of these parts of lives; of all for None."""
    rows = run(
        session,
        "SELECT DISTINCT d.source, COALESCE(d.agreement, '') AS agreement, c.about, c.kind FROM coverage c "
        "JOIN delivery d ON d.delivery_id = c.delivery_id WHERE d.cohort_id = ? "
        "ORDER BY d.source, agreement, c.about, c.kind",
        (cohort.cohort_id,),
    )
    return [
        ((str(source), str(agreement)), f"{about}:{kind}")
        for source, agreement, about, kind in rows
        if needs is None or (about, kind) in needs
    ]
