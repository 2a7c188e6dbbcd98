"""What the areas commands do, step by step: load, compute, save. Results are values for the views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session

from cohorts.actions import checked_name, refuse_data_as_headings
from cohorts.areas.deliveries import (
    AreaLoad,
    AreaStamp,
    deliveries_of,
    is_loaded,
    known_areas,
    save_areas,
    values_by_delivery,
)
from cohorts.areas.gaps import SeriesFacts, series_facts
from cohorts.areas.intake import AreaIntake, take_in_areas
from cohorts.areas.permits import area_profile, area_refusals, permit_area_load
from cohorts.areas.starter import starter_area_mapping
from cohorts.areas.store import (
    StoredAreas,
    add_areas,
    find_areas,
    held_by_period,
    list_areas,
    list_measures,
    load_area_mapping,
    save_area_mapping,
)
from cohorts.areas.totals import series_payload
from cohorts.delivery_log import facts_of
from cohorts.partner_files.extracts import RawTable, read_extract
from cohorts.partner_files.problems import IntakeRefused, IntakeReport
from cohorts.quality import DeliveryFacts, DeliveryQuality, quality_of
from workspace import console
from workspace.audit import record, rounded
from workspace.clock import today
from workspace.database import reading, writing
from workspace.errors import Fault
from workspace.files import sha256_of
from workspace.project import Project
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class AreasLoaded:
    """The outcome of a load: the intake report, and what was stored; none where the file was loaded before."""

    report: IntakeReport | None
    result: AreaLoad | None
    written: bool


@dataclass(frozen=True, slots=True)
class AreaCheck:
    """What ``areas check`` found: the delivery log, the state of each series, and how a file would be read."""

    log: tuple[DeliveryQuality, ...]
    series: tuple[SeriesFacts, ...]
    report: IntakeReport | None = None


def new_areas(project: Project, name: str, title: str, kind: str, parents: str) -> StoredAreas:
    """Make an empty collection of areas."""
    checked_name(name)
    with writing(project, keep=not console.current().dry_run) as session:
        made = add_areas(session, name, title, kind, parents)
        record(session, "areas.new", made.collection_id, {"name": name, "kind": kind})
    return made


def add_area_source(project: Project, name: str, file: Path, areas: str) -> tuple[str, str]:
    """Write a first mapping for a file; return its path as shown, and its text."""
    checked_name(name)
    with reading(project) as session:
        collection = find_areas(session, areas)
    raw = read_extract(file)
    refuse_data_as_headings(raw)
    text = starter_area_mapping(raw, name, collection.name, empty=not collection.size)
    if console.current().dry_run:
        return save_area_mapping(project, name, text, write=False), text
    with writing(project) as session:
        record(session, "areas.add", name)
        return save_area_mapping(project, name, text, write=True), text


def load_areas(project: Project, source: str, file: Path, *, sealed: bool, replace: bool) -> AreasLoaded:
    """Take a file of area series in and store it in one transaction."""
    mapping, mapping_sha = load_area_mapping(project, source)
    with reading(project) as session:
        agreement = permit_area_load(session, project, mapping, today())
        collection = find_areas(session, mapping.areas)
        named = (agreement.id, agreement.version) if agreement else (None, None)
        stamp = AreaStamp(_sha(file), mapping_sha, *named)
        if is_loaded(session, collection.collection_id, source, stamp):
            return AreasLoaded(None, None, written=False)
        known = known_areas(session, collection.collection_id)
    intake = take_in_areas(_read(file, mapping.encoding, mapping.sheet), mapping, known)
    keep = not console.current().dry_run
    with writing(project, keep=keep, bulk=True) as session:
        if is_loaded(session, collection.collection_id, source, stamp):
            return AreasLoaded(None, None, written=False)
        permit_area_load(session, project, mapping, today())
        result = save_areas(session, collection, mapping, intake, stamp, sealed=sealed, replace=replace)
        _note(session, collection, source, intake, sealed=sealed)
    return AreasLoaded(intake.report, result, written=keep)


def _note(
    session: Session, collection: StoredAreas, source: str, intake: AreaIntake, *, sealed: bool
) -> None:
    details = {"areas": collection.collection_id, "sealed": sealed, "values": rounded(intake.values.height)}
    record(session, "areas.load", source, details)


def _read(file: Path, encoding: str, sheet: str) -> RawTable:
    raw = read_extract(file, encoding=encoding, sheet=sheet)
    refuse_data_as_headings(raw)
    return raw


def _sha(file: Path) -> str:
    """The fingerprint of a file; one that cannot be read is refused by the reader, in its own words."""
    return sha256_of(file) if file.is_file() else ""


def check_areas(project: Project, source: str, file: Path | None) -> AreaCheck:
    """The delivery log and the state of each series; with a file, the whole intake without storing anything."""
    report = None
    name = ""
    if source:
        mapping, _ = load_area_mapping(project, source)
        name = mapping.areas
        if file is not None:
            with reading(project) as session:
                permit_area_load(session, project, mapping, today())
                known = known_areas(session, find_areas(session, name).collection_id)
            try:
                report = take_in_areas(_read(file, mapping.encoding, mapping.sheet), mapping, known).report
            except IntakeRefused as refused:
                report = refused.report
    with reading(project) as session:
        collections = [find_areas(session, name)] if name else list_areas(session)
        log = [
            quality_of(facts, area_profile(session, project, one))
            for one in collections
            for facts in _deliveries(session, one, source)
        ]
        series = [
            facts
            for one in collections
            for facts in series_facts(
                one, list_measures(session, one.collection_id), held_by_period(session, one.collection_id)
            )
        ]
    return AreaCheck(tuple(log), tuple(series), report)


def _deliveries(session: Session, collection: StoredAreas, source: str) -> list[DeliveryFacts]:
    supplied = values_by_delivery(session)
    return [
        facts_of(row, *supplied.get(row.delivery_id, (0, 0)))
        for row in deliveries_of(session, collection.collection_id, source)
    ]


def show_areas(project: Project, name: str) -> tuple[dict[str, Any], Sequence[Fault], DisclosureProfile]:
    """A collection as it may be shown, why totals are left out, and the profile they are shown under."""
    with reading(project) as session:
        collection = find_areas(session, name)
        why_not = area_refusals(session, project, collection, "follow-up")
        profile = area_profile(session, project, collection)
        payload = series_payload(
            collection,
            list_measures(session, collection.collection_id),
            held_by_period(session, collection.collection_id),
            profile,
            shown=not why_not,
        )
        parents = next((c.name for c in list_areas(session) if c.collection_id == collection.parents), "")
    return {**payload, "parents": parents}, why_not, profile
