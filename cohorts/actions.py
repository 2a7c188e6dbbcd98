"""What the cohort commands do, step by step: load, compute, save. Results are values for the views."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cohorts.agreements.agreement import Agreement
from cohorts.agreements.sharing import agreement_of, permit, refuse_joining, shown_profile
from cohorts.custody.vault_store import vault_writer
from cohorts.definition import CohortDefinition
from cohorts.deliveries import FileStamp, LoadResult, is_loaded, save_intake
from cohorts.disclosure import publish_count
from cohorts.errors import CohortError
from cohorts.expressions import read_rule
from cohorts.intake import IntakeRefused, IntakeReport
from cohorts.linking.register import refuse_forbidden
from cohorts.lives.derive_store import renew_derived
from cohorts.packs.arrivals import open_arrival, refuse_other_mode
from cohorts.packs.prepared import pack_shape
from cohorts.packs.store import is_pack, read_pack
from cohorts.packs.supplied import vault_source
from cohorts.partner_files.extracts import RawTable, read_extract
from cohorts.partner_files.sealed_shelves import SealedShelves
from cohorts.partner_files.starter import starter_mapping
from cohorts.store import (
    FlowFacts,
    StoredCohort,
    StoredVariable,
    add_cohort,
    find_cohort,
    flow_facts,
    list_variables,
    load_mapping,
    load_template,
    mapping_path,
    observed_counts,
    read_wide,
    save_mapping,
)
from workspace import console
from workspace.audit import record, rounded
from workspace.clock import today
from workspace.database import reading, writing
from workspace.project import Project
from workspace.settings import DisclosureProfile

# Headings are words. A heading of digits and signs, or shaped like a number of a person, is somebody's row.
DATA = re.compile(r"[\d\s/.,:+-]*\d[\d\s/.,:+-]*|[A-Za-z]\d{4,12}[A-Za-z]{0,2}|\d{2,4}/\d{7}[A-Za-z]")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outcome of a load: the intake report, what was stored, and the profile to show it under."""

    report: IntakeReport | None
    result: LoadResult | None
    written: bool
    profile: DisclosureProfile | None = None


def checked_name(name: str) -> str:
    """A short name that is safe as a file name and in a command."""
    if not SLUG.fullmatch(name):
        raise CohortError(
            "LC803",
            "a name is made of small letters, digits and hyphens, and starts with a letter",
            "Choose another name.",
        )
    return name


def add_source(project: Project, name: str, file: Path, cohort: str) -> tuple[str, str]:
    """Write a first mapping; return its path as shown, and its text."""
    checked_name(name)
    with reading(project) as session:
        stored = find_cohort(session, cohort)
    raw = read_extract(file)
    refuse_data_as_headings(raw)
    definition = stored.definition
    rule = read_rule(definition.eligibility).names if definition.eligibility else ()
    age = next((named for named in rule if named.startswith("age")), "age_at_index")
    text = starter_mapping(raw, name, definition.name, definition.waves[0].name, age)
    path = mapping_path(project, name)
    if not console.current().dry_run:
        with writing(project) as session:
            record(session, "source.add", name)
            save_mapping(project, name, text)
    return project.shown(path), text


def shape_of(project: Project, file: Path) -> dict[str, Any]:
    """The shape of a file: kind, encoding, columns and whether they are filled. Nothing of what is in them."""
    refuse_other_mode(project, file)
    if is_pack(file):
        return pack_shape(read_pack(project, file))
    raw = read_extract(file)
    refuse_data_as_headings(raw)
    rows = raw.frame.height
    filled = [
        {"column": name, "filled": _filled(rows - raw.frame[name].null_count(), rows)}
        for name in raw.frame.columns
    ]
    return {"kind": raw.kind, "encoding": raw.encoding, "rows": rows, "columns": filled}


def refuse_data_as_headings(raw: RawTable) -> None:
    """A file without its heading row would show, and keep, somebody's row in place of headings."""
    if any(DATA.fullmatch(heading.strip()) for heading in raw.frame.columns):
        raise CohortError(
            "LC818",
            "the first row looks like data, not like headings",
            "Ask the partner for the file with its heading row.",
            where=raw.name,
        )


def _filled(count: int, rows: int) -> str:
    return "all" if count == rows else "none" if count == 0 else f"{100 * count / rows:.0f} %"


def inspect_file(project: Project, source: str, file: Path) -> IntakeReport:
    """The whole intake without storing anything; a file that may not be loaded is not read."""
    mapping, mapping_sha = load_mapping(project, source)
    on = today()
    if agreement_of(project, mapping, on):
        permit(project, mapping, on)
    try:
        with SealedShelves(project.data) as aside:
            return open_arrival(project, mapping, mapping_sha, file).take(aside).report
    except IntakeRefused as refused:
        return refused.report


def load_file(
    project: Project, source: str, file: Path, *, sealed: bool, replace: bool, vault: Path | None = None
) -> Loaded:
    """Take a partner's file in and store it in one transaction; with ``vault`` keep who is who in the vault too."""
    mapping, mapping_sha = load_mapping(project, source)
    on = today()
    agreement = permit(project, mapping, on)
    arrival = open_arrival(project, mapping, mapping_sha, file)
    keep = vault_writer(project, vault, mapping.id, arrival.key_id, arrival.identities) if vault else None
    stamp = FileStamp(arrival.sha256, mapping_sha, arrival.key_id, *_named(agreement))
    with reading(project) as session:
        cohort = find_cohort(session, mapping.cohort)
        if is_loaded(session, cohort.cohort_id, mapping.id, stamp):
            return Loaded(None, None, written=False)
    for_good = not console.current().dry_run
    with SealedShelves(project.data) as aside:
        intake = arrival.take(aside)
        with writing(project, keep=for_good, bulk=True) as session:
            if is_loaded(session, cohort.cohort_id, mapping.id, stamp):
                return Loaded(None, None, written=False)
            refuse_joining(session, project, mapping, agreement, on)
            refuse_forbidden(session, intake.people, arrival.key)
            result = save_intake(session, cohort, mapping, intake, stamp, sealed=sealed, replace=replace)
            renew_derived(session, cohort, mapping)
            profile = shown_profile(session, project, cohort.cohort_id)
            details = {"cohort": cohort.cohort_id, "sealed": sealed} | _counts(result)
            record(session, "source.load", mapping.id, details | ({"vault": True} if keep else {}))
            if keep and for_good:
                keep(session)
    return Loaded(intake.report, result, written=for_good, profile=profile)


def add_to_vault(project: Project, source: str, file: Path, vault: Path) -> bool:
    """Put the people of a file or a pack who are held into the vault; say whether anything was written."""
    mapping, mapping_sha = load_mapping(project, source)
    permit(project, mapping, today())
    key_id, rows = vault_source(project, mapping, mapping_sha, file)
    keep = vault_writer(project, vault, mapping.id, key_id, rows)
    if console.current().dry_run:
        return False
    with writing(project) as session:
        record(session, "key.vault.add", mapping.id, {"tokens": rounded(keep(session))})
    return True


def _counts(result: LoadResult) -> dict[str, int]:
    """What the audit log may hold of a load."""
    return {"people": rounded(result.people), "values": rounded(result.observations)}


def _named(agreement: Agreement | None) -> tuple[str | None, str | None]:
    return (agreement.id, agreement.version) if agreement else (None, None)


def new_cohort(project: Project, name: str, template: str, title: str, eligible: str | None) -> StoredCohort:
    """Make a cohort from a template."""
    definition = load_template(template, checked_name(name), title, eligible)
    if console.current().dry_run:
        with reading(project) as session:  # whatever a reader writes is taken back
            add_cohort(session, definition)
        return StoredCohort("COH-…", definition, "")
    with writing(project) as session:
        cohort_id = add_cohort(session, definition)
        record(session, "cohort.new", cohort_id, {"name": name, "template": definition.template})
        return find_cohort(session, cohort_id)


def eligible_people(
    frame: pl.DataFrame, definition: CohortDefinition, labels: dict[str, tuple[str, ...]]
) -> pl.Series:
    """True, false or unknown for each row of a frame whose columns are plain variable names."""
    if not definition.eligibility:
        return pl.Series([True] * frame.height, dtype=pl.Boolean)
    rule = read_rule(definition.eligibility)
    try:
        return frame.select(rule.expression(labels).alias("eligible"))["eligible"]
    except pl.exceptions.PolarsError:  # its own words may hold values
        raise CohortError(
            "LC803",
            "the eligibility rule compares a number with a text, or a text with a number",
            "Make a cohort whose rule fits its variables: lifecourse cohort new NAME --eligible …",
            where=definition.name,
        ) from None


def flow_of(
    project: Project, name: str
) -> tuple[StoredCohort, FlowFacts, list[tuple[str, int]], list[tuple[str, str, int]]]:
    """Everything ``cohort flow`` shows."""
    with reading(project) as session:
        stored = find_cohort(session, name)
        facts = flow_facts(session, stored.cohort_id)
        steps = [("enrolled", facts.enrolled + facts.out_of_use)]
        steps += [("withdrawn or restricted", facts.out_of_use)] if facts.out_of_use else []
        variables = {v.name: v for v in list_variables(session, stored.cohort_id)}
        rule = read_rule(stored.definition.eligibility).names if stored.definition.eligibility else ()
        if all(n in variables and variables[n].waves for n in rule):
            columns = [(n, variables[n].waves[0]) for n in rule]
            frame = read_wide(session, stored.cohort_id, columns).rename({f"{n}@{w}": n for n, w in columns})
            judged = eligible_people(
                frame,
                stored.definition,
                {n: variables[n].labels for n in rule if variables[n].kind == "category"},
            )
            steps += [
                ("eligible", int(judged.sum() or 0)),
                ("not eligible", int((~judged).sum() or 0)),
                ("eligibility unknown", judged.null_count()),
            ]
        return stored, facts, steps, observed_counts(session, stored.cohort_id)


def cohort_payload(
    stored: StoredCohort,
    variables: Sequence[StoredVariable],
    enrolled: int | None,
    profile: DisclosureProfile,
) -> dict[str, Any]:
    """A cohort as plain data."""
    d = stored.definition
    return {
        "id": stored.cohort_id,
        "name": d.name,
        "title": d.title,
        "template": d.template,
        "template_version": d.template_version,
        "index_event": d.index_event,
        "eligibility": d.eligibility,
        "enrolled": None if enrolled is None else publish_count(enrolled, profile),
        "waves": [{"name": w.name, "months": w.months} for w in d.waves],
        "measures": [
            {
                "measure": m.measure,
                "wave": m.wave,
                "follow_up_months": m.follow_up_months,
                "waiting_months": m.waiting_months,
            }
            for m in d.measures
        ],
        "variables": [
            {
                "name": v.name,
                "kind": v.kind,
                "unit": v.unit,
                "waves": list(v.waves),
                "sealed_waves": list(v.sealed_waves),
            }
            for v in variables
        ],
    }


def flow_payload(
    stored: StoredCohort,
    facts: FlowFacts,
    steps: Sequence[tuple[str, int]],
    observed: Sequence[tuple[str, str, int]],
    profile: DisclosureProfile,
) -> dict[str, Any]:
    """The flow as plain data, small counts withheld."""
    return {
        "cohort": stored.cohort_id,
        "deliveries": [
            {
                "source": source,
                "rows": publish_count(rows, profile),
                "accepted": publish_count(accepted, profile),
                "people": publish_count(people, profile),
                "not_in_cohort": publish_count(unknown, profile),
                "sealed": sealed,
            }
            for source, rows, accepted, people, unknown, sealed in facts.deliveries
        ],
        "steps": [{"step": step, "n": publish_count(n, profile)} for step, n in steps],
        "observed": [{"variable": v, "wave": w, "n": publish_count(n, profile)} for v, w, n in observed],
    }
