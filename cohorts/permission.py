"""What an agreement permits: is it in force, does it cover a source, may sources be joined (pure rules)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cohorts.agreement import IDENTIFIERS, INDEX_DATE, Agreement
from cohorts.mapping import SourceMapping
from workspace.errors import Fault, did_you_mean
from workspace.settings import DisclosureProfile

SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A source that has fed a cohort, and the agreement its data came under, or none."""

    source: str
    agreement: str


def standing(agreement: Agreement, today: dt.date) -> str:
    """Why an agreement is not in force, in words, or nothing when it is."""
    if agreement.signed is None:
        return "is not signed"
    if agreement.signed > today:
        return f"is to be signed on {agreement.signed.isoformat()}"
    if agreement.starts > today:
        return f"starts on {agreement.starts.isoformat()}"
    if agreement.expires < today:
        return f"has lapsed: its last day was {agreement.expires.isoformat()}"
    return ""


def lapses_soon(agreement: Agreement, today: dt.date) -> bool:
    """Say whether it is in force, but not for long."""
    return not standing(agreement, today) and (agreement.expires - today).days <= SOON_DAYS


def force_faults(agreement: Agreement, today: dt.date, where: str) -> list[Fault]:
    """A fault when the agreement is not in force."""
    why = standing(agreement, today)
    hint = "Renew it with the partner, then correct the file."
    return [Fault("LC874", where, f"agreement '{agreement.id}' {why}", hint)] if why else []


def coverage_faults(agreement: Agreement, mapping: SourceMapping, where: str) -> list[Fault]:
    """A fault when the source is not the agreement's, and for each field the mapping keeps beyond it."""
    if mapping.id not in agreement.sources:
        near = did_you_mean(mapping.id, agreement.sources)
        return [
            Fault(
                "LC875",
                where,
                f"source '{mapping.id}' is not among the sources of agreement '{agreement.id}'.{near}",
                "Name another agreement in the mapping, or agree on this source.",
            )
        ]
    return [
        Fault(
            "LC875",
            where,
            f"source '{mapping.id}' loads '{field}', which agreement '{agreement.id}' does not name",
            "Remove it from the source, or agree on it and add it to fields = […].",
        )
        for field in fields_of(mapping)
        if field not in agreement.fields
    ]


def fields_of(mapping: SourceMapping) -> tuple[str, ...]:
    """What a mapping takes out of a file, as an agreement names it."""
    ahead = [IDENTIFIERS] if mapping.identifiers else []
    ahead += [INDEX_DATE] if mapping.index_date else []
    return tuple(
        dict.fromkeys((*ahead, *(variable.name for variable in mapping.variables), *mapping.life.fields))
    )


def joining_faults(
    source: str,
    agreement: Agreement | None,
    held: Iterable[Held],
    known: Mapping[str, Agreement],
    today: dt.date,
) -> list[Fault]:
    """Sources the cohort holds that may not be joined with this one, by either side's agreement."""
    faults = []
    for other in held:
        if other.source == source:
            continue
        theirs = bearer(known, other, today)
        if other.agreement and theirs is None:
            faults.append(missing_fault(other))
        for side, partner in ((agreement, other.source), (theirs, source)):
            if side is not None and not side.may_join(partner):
                faults.append(_joining_fault(side, source, other.source))
    return faults


def _joining_fault(side: Agreement, source: str, other: str) -> Fault:
    return Fault(
        "LC876",
        "",
        f"the cohort holds data of source '{other}', and agreement '{side.id}' does not allow source '{source}' "
        "to be joined with them",
        "Feed another cohort, or agree on the linkage and add the source to linkages = […].",
    )


def missing_fault(held: Held) -> Fault:
    """Data came under an agreement of which there is no file any more."""
    return Fault(
        "LC873",
        "",
        f"data of source '{held.source}' came under agreement '{held.agreement}', which is missing or cannot be read",
        "Put its file back into agreements/.",
    )


def bearer(known: Mapping[str, Agreement], held: Held, today: dt.date) -> Agreement | None:
    """The agreement that governs data held: the one they came under, or the one in force that supersedes it.

    When none is in force it is the one they came under, which then binds but permits nothing.
    """
    waiting, seen = [held.agreement], set[str]()
    while waiting:
        name = waiting.pop(0)
        seen.add(name)
        found = known.get(name)
        if found and held.source in found.sources and not standing(found, today):
            return found
        waiting += [a.id for a in known.values() if a.supersedes == name and a.id not in seen]
    return known.get(held.agreement)


def strictest_profile(project: DisclosureProfile, agreements: Iterable[Agreement]) -> DisclosureProfile:
    """The disclosure profile over data of several agreements: the largest threshold and rounding of all."""
    found = tuple(agreements)
    return DisclosureProfile(
        max([project.threshold, *(a.threshold for a in found if a.threshold is not None)]),
        max([project.rounding, *(a.rounding for a in found if a.rounding is not None)]),
    )


def review_faults(agreement: Agreement, today: dt.date, where: str) -> list[Fault]:
    """A fault when the day of the review is over."""
    if agreement.review_by is None or agreement.review_by >= today:
        return []
    said = f"agreement '{agreement.id}' was to be reviewed by {agreement.review_by.isoformat()}"
    return [Fault("LC879", where, said, "Review it with the partner and set a new review_by.")]
