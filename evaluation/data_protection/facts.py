"""What a project says of itself for an impact assessment: no value of a person, counts as they may be shown (pure)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cohorts.agreements.agreement import Agreement
from cohorts.partner_files.mapping import SourceMapping
from workspace.settings import DisclosureProfile

OFFENCES = frozenset({"pnc-id", "prison-number", "crn"})
HEALTH, PUPILS = frozenset({"nhs-number"}), frozenset({"upn"})
FOR_CHILDREN = frozenset({"early-years", "school"})


@dataclass(frozen=True, slots=True)
class People:
    """One cohort: how many are in it as it may be said, who may be in it, when they are seen."""

    name: str
    title: str
    template: str
    enrolled: str
    eligibility: str
    waves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """One plan as it lies in the project."""

    id: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Departure:
    """Something that left: when, what or to whom, how many people it is of."""

    id: str
    day: str
    what: str
    people: str
    state: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What one attack came to."""

    name: str
    title: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of an attack on this project."""

    authority: str
    at: str
    version: str
    quick: bool
    trials: tuple[Tried, ...]

    def of(self, names: tuple[str, ...]) -> tuple[Tried, ...]:
        """What came of some attacks."""
        return tuple(one for one in self.trials if one.name in names)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything an assessment is filled from."""

    name: str
    day: dt.date
    keys: str
    on_server: bool
    agreements_required: bool
    roles: tuple[tuple[str, str], ...]
    profile: DisclosureProfile
    sources: tuple[SourceMapping, ...]
    agreements: tuple[Agreement, ...]
    cohorts: tuple[People, ...]
    plans: tuple[Planned, ...]
    requests: tuple[tuple[str, str], ...]
    erased: str
    rows_out: tuple[Departure, ...]
    files_out: tuple[Departure, ...]
    linked: bool
    key_lists: int
    log_holds: bool
    log_entries: int
    evidence: Evidence | None
    practice: bool = False

    @property
    def identifier_kinds(self) -> frozenset[str]:
        """The kinds of identifiers that any source gives."""
        return frozenset(item.kind for source in self.sources for item in source.identifiers)

    @property
    def with_offences(self) -> bool:
        """Say whether identifiers of police, prisons or probation are among them."""
        return bool(self.identifier_kinds & OFFENCES)

    @property
    def with_health(self) -> bool:
        """Say whether identifiers of the health service are among them."""
        return bool(self.identifier_kinds & HEALTH)

    @property
    def with_children(self) -> bool:
        """Say whether pupils' identifiers, or templates for children, are among them."""
        return bool(self.identifier_kinds & PUPILS) or any(
            one.template in FOR_CHILDREN for one in self.cohorts
        )
