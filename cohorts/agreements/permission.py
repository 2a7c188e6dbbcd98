"""What an agreement permits: is it in force, does it cover a source, may sources be joined (pure rules)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cohorts.agreements.agreement import IDENTIFIERS, INDEX_DATE, PURPOSES, Agreement
from cohorts.partner_files.mapping import SourceMapping
from workspace.errors import Fault, did_you_mean
from workspace.settings import DisclosureProfile

SOON_DAYS = 60
# What data are read for, and the purposes of which an agreement must name one.
USES = {
    "evaluation": ("evaluation",),
    "row-level release": ("evaluation",),
    "linkage": ("linkage",),
    "synthetic data": ("synthetic data",),
    "follow-up": ("operational", "evaluation"),
    "derived variables": PURPOSES,
    "security": PURPOSES,
}
RENEW = "Renew it with the partner, then correct the file."


@dataclass(frozen=True, slots=True)
class Held:
    """A source that has fed a cohort, and the agreement its data came under, or none."""

    source: str
    agreement: str


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be read of a source that has fed a cohort, as agreements name fields."""

    source: str
    agreement: str
    fields: tuple[str, ...]
    folder: str = "sources"


def standing(agreement: Agreement, today: dt.date) -> str:
    """Why nothing may be loaded under an agreement, in words, or nothing when it is in force."""
    if why := _barred(agreement, today):
        return why
    if agreement.expires < today:
        return f"has lapsed: its last day was {agreement.expires.isoformat()}"
    return ""


def standing_for_use(agreement: Agreement, today: dt.date) -> str:
    """Why what was loaded under an agreement may not be used, in words, or nothing when it may."""
    if agreement.use_until is None:
        return standing(agreement, today)
    if why := _barred(agreement, today):
        return why
    if agreement.use_until < today:
        return f"has lapsed: its data could be used until {agreement.use_until.isoformat()}"
    return ""


def _barred(agreement: Agreement, today: dt.date) -> str:
    if agreement.signed is None:
        return "is not signed"
    if agreement.signed > today:
        return f"is to be signed on {agreement.signed.isoformat()}"
    if agreement.suspended is not None and agreement.suspended <= today:
        return f"has been suspended since {agreement.suspended.isoformat()}"
    if agreement.starts > today:
        return f"starts on {agreement.starts.isoformat()}"
    return ""


def lapses_soon(agreement: Agreement, today: dt.date) -> bool:
    """Say whether it is in force, or lets its data be used, but not for long."""
    if standing(agreement, today):
        return not standing_for_use(agreement, today) and _near(agreement.use_until, today)
    return _near(agreement.expires, today)


def _near(day: dt.date | None, today: dt.date) -> bool:
    return day is not None and (day - today).days <= SOON_DAYS


def force_faults(agreement: Agreement, today: dt.date, where: str) -> list[Fault]:
    """A fault when the agreement is not in force."""
    why = standing(agreement, today)
    return [Fault("LC874", where, f"agreement '{agreement.id}' {why}", RENEW)] if why else []


def coverage_faults(agreement: Agreement, mapping: SourceMapping, where: str) -> list[Fault]:
    """A fault when the source is not the agreement's, and for each field the mapping keeps beyond it."""
    return field_faults(agreement, mapping.id, fields_of(mapping), where)


def field_faults(agreement: Agreement, source: str, fields: Iterable[str], where: str) -> list[Fault]:
    """The same for any source, people's or areas', and the fields it keeps."""
    if source not in agreement.sources:
        near = did_you_mean(source, agreement.sources)
        return [
            Fault(
                "LC875",
                where,
                f"source '{source}' is not among the sources of agreement '{agreement.id}'.{near}",
                "Name another agreement in the mapping, or agree on this source.",
            )
        ]
    return [
        Fault(
            "LC875",
            where,
            f"source '{source}' loads '{field}', which agreement '{agreement.id}' does not name",
            "Remove it from the source, or agree on it and add it to fields = […].",
        )
        for field in fields
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
    return next(_line(known, held, today, standing), None) or known.get(held.agreement)


def bearer_for_use(known: Mapping[str, Agreement], held: Held, today: dt.date) -> Agreement | None:
    """The agreement that governs what is done with data held: one in force before one that only allows use."""
    found = next(_line(known, held, today, standing), None)
    return found or next(_line(known, held, today, standing_for_use), None) or known.get(held.agreement)


def _line(
    known: Mapping[str, Agreement], held: Held, today: dt.date, stands: Callable[[Agreement, dt.date], str]
) -> Iterator[Agreement]:
    """The agreement data came under and those that supersede it, as far as they stand."""
    waiting, seen = [held.agreement], set[str]()
    while waiting:
        name = waiting.pop(0)
        seen.add(name)
        found = known.get(name)
        if found and held.source in found.sources and not stands(found, today):
            yield found
        waiting += [a.id for a in known.values() if a.supersedes == name and a.id not in seen]


def use_faults(
    uses: Sequence[Use],
    known: Mapping[str, Agreement],
    purpose: str,
    today: dt.date,
    where: Callable[[str], str],
    *,
    required: bool = False,
) -> list[Fault]:
    """Why these sources' data may not be read, together, for a purpose today; nothing when they may.

    ``purpose`` is one of ``USES``, ``where`` names the file of an agreement, and ``required`` says that the project
    uses no data without an agreement.
    """
    faults: list[Fault] = []
    bound: list[tuple[Use, Agreement]] = []
    for use in uses:
        if not use.agreement:
            faults += [_unnamed_fault(use)] if required else []
            continue
        found = bearer_for_use(known, Held(use.source, use.agreement), today)
        if found is None:
            faults.append(missing_fault(Held(use.source, use.agreement)))
        else:
            bound.append((use, found))
            faults += _use_faults(use, found, purpose, today, where(found.id))
    apart = {
        (agreement.id, use.source, other.source)
        for use, agreement in bound
        for other in uses
        if use.source in agreement.sources and not agreement.may_join(other.source)
    }
    return [*faults, *(_apart_fault(*names, where(names[0])) for names in sorted(apart))]


def _use_faults(use: Use, agreement: Agreement, purpose: str, today: dt.date, where: str) -> list[Fault]:
    said = f"data of source '{use.source}' may not be used for {purpose}: agreement '{agreement.id}'"
    if why := standing_for_use(agreement, today):
        return [Fault("LC874", where, f"{said} {why}", RENEW)]
    if use.source not in agreement.sources:
        hint = "Agree on this source and add it to sources = […]."
        return [Fault("LC875", where, f"{said} does not name the source", hint)]
    hint = "Agree on it with the partner, then add it to fields = […]."
    return purpose_faults(agreement, use.source, purpose, where) + [
        Fault("LC875", where, f"{said} does not name the field '{field}'", hint)
        for field in use.fields
        if field not in agreement.fields
    ]


def _unnamed_fault(use: Use) -> Fault:
    said = f"source '{use.source}' names no agreement, and this project uses no data without one"
    return Fault("LC877", f"{use.folder}/{use.source}.toml", said, 'Add agreement = "ID" to [source].')


def _apart_fault(agreement: str, source: str, other: str, where: str) -> Fault:
    said = f"data of source '{source}' and of '{other}' may not be read together: agreement '{agreement}'"
    hint = "Agree on the linkage and add the source to linkages = […]."
    return Fault("LC876", where, f"{said} does not allow it", hint)


def purpose_faults(agreement: Agreement, source: str, purpose: str, where: str) -> list[Fault]:
    """A fault when an agreement names purposes, and not this one."""
    if not agreement.purposes or set(USES[purpose]) & set(agreement.purposes):
        return []
    said = f"data of source '{source}' may not be used for {purpose}: agreement '{agreement.id}' is for other purposes"
    hint = f"Agree on it with the partner, then add '{USES[purpose][0]}' to purposes = […]."
    return [Fault("LC875", where, f"{said} ({', '.join(agreement.purposes)})", hint)]


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
