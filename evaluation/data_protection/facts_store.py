"""Gathers what an impact assessment is filled from: settings, mappings, agreements, the store, an attack's evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlmodel import Session

from cohorts.agreements.sharing import readable_agreements, readable_mappings, shown_profile
from cohorts.disclosure import shown_count
from cohorts.gate.store import releases
from cohorts.releases.register import list_releases
from cohorts.requests.store import list_requests
from cohorts.store import StoredCohort, flow_facts, list_cohorts
from evaluation.data_protection import errors as _codes  # noqa: F401 - declares the codes raised here
from evaluation.data_protection.facts import Departure, Evidence, Facts, People, Planned, Tried
from evaluation.errors import EvaluationError
from evaluation.register.store import load_register
from workspace.audit import read_log, verify
from workspace.clock import today
from workspace.database import reading
from workspace.files import reaching
from workspace.postgresql import is_server
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run


def facts_of(project: Project, attack: Path | None) -> Facts:
    """Everything the project knows of itself today.

    Raises
    ------
    EvaluationError
        LC760, LC761: the evidence of an attack is none, or is of another project.
    """
    evidence = read_evidence(attack, project.settings.name) if attack else None
    entries = read_log(project)
    with reading(project) as session:
        profile = shown_profile(session, project)
        cohorts = tuple(_people(session, one, profile) for one in list_cohorts(session))
        erased = shown_count(_count(session, "tombstone"), profile)
        linked = _count(session, "link_run") > 0
        key_lists = _count(session, "key_list")
        rows_out, files_out = _rows_out(session), _files_out(session)
        requests = _requests(session, profile)
    settings = project.settings
    return Facts(
        name=settings.name,
        day=today(),
        keys=settings.keys,
        on_server=is_server(settings.database_url),
        agreements_required=settings.agreements_required,
        roles=settings.roles,
        profile=profile,
        sources=tuple(readable_mappings(project)),
        agreements=tuple(readable_agreements(project).values()),
        cohorts=cohorts,
        plans=_plans(project),
        requests=requests,
        erased=erased,
        rows_out=rows_out,
        files_out=files_out,
        linked=linked,
        key_lists=key_lists,
        log_holds=verify(entries).first_bad is None,
        log_entries=len(entries),
        evidence=evidence,
        practice=settings.practice,
    )


def _count(session: Session, table: str) -> int:
    return int(run(session, f"SELECT COUNT(*) FROM {table}").scalar())  # noqa: S608 - names of ours


def _people(session: Session, stored: StoredCohort, profile: DisclosureProfile) -> People:
    definition = stored.definition
    enrolled = shown_count(flow_facts(session, stored.cohort_id).enrolled, profile)
    waves = tuple(f"{wave.name} ({wave.months:g} months)" for wave in definition.waves)
    words = definition.eligibility_words or definition.eligibility
    return People(definition.name, definition.title, definition.template, enrolled, words, waves)


def _plans(project: Project) -> tuple[Planned, ...]:
    return tuple(
        Planned(entry.plan.plan_id, entry.plan.title, str(entry.state))
        for entry in load_register(project).entries
    )


def _requests(session: Session, profile: DisclosureProfile) -> tuple[tuple[str, str], ...]:
    kinds = [one.kind for one in list_requests(session)]
    return tuple((kind, shown_count(kinds.count(kind), profile)) for kind in sorted(set(kinds)))


def _rows_out(session: Session) -> tuple[Departure, ...]:
    return tuple(
        Departure(
            one.release_id,
            one.day.isoformat(),
            f"rows of {len(one.columns)} columns to {one.recipient} in {one.setting}, until {one.expires.isoformat()}",
            f"about {one.people:,}",
            one.state,
        )
        for one in list_releases(session)
    )


def _files_out(session: Session) -> tuple[Departure, ...]:
    return tuple(
        Departure(one.release_id, one.at[:10], f"{len(one.files)} files of {', '.join(one.subjects) or 'no people'}",
                  "aggregates only", "public")
        for one in releases(session)
    )  # fmt: skip


def read_evidence(path: Path, name: str) -> Evidence:
    """What ``lifecourse attack --out FILE.json`` wrote of this project."""
    with reaching("the evidence", "read", path.name, error=EvaluationError):
        text = path.read_text(encoding="utf-8", errors="replace")
    try:
        said: dict[str, Any] = json.loads(text)
        trials = tuple(Tried(str(a["name"]), str(a["title"]), str(a["verdict"])) for a in said["attacks"])
        found = Evidence(
            str(said["authority"]), str(said["at"]), str(said["lifecourse"]), bool(said["quick"]), trials
        )
        of = str(said["project"])
    except (ValueError, KeyError, TypeError):
        raise EvaluationError(
            "LC760",
            "this is not the evidence of an attack",
            "lifecourse attack --authority WHO --out attack.json",
            where=path.name,
        ) from None
    if of != name:
        raise EvaluationError(
            "LC761", "the evidence is of another project", "Run lifecourse attack here.", where=path.name
        )
    return found
