"""``source check`` at the edge: the delivery log out of the store, and a file's headings held against its mapping."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Protocol

from sqlmodel import Session, col, select

from cohorts.actions import refuse_data_as_headings
from cohorts.agreements.sharing import shown_profile
from cohorts.errors import CohortError
from cohorts.packs.arrivals import refuse_other_mode
from cohorts.packs.prepared import refuse_strange
from cohorts.packs.store import is_pack, read_pack
from cohorts.partner_files.extracts import read_extract
from cohorts.quality import DeliveryFacts, DeliveryQuality, LayoutChange, layout_change, quality_of
from cohorts.records import Delivery
from cohorts.redcap.changes import dictionary_change
from cohorts.redcap.dictionary import read_dictionary
from cohorts.store import DERIVED, load_mapping
from workspace.database import reading
from workspace.project import Project
from workspace.statements import run


class Delivered(Protocol):
    """What a delivery of people and one of areas have in common."""

    source: str
    loaded_at: str
    rows: int
    accepted: int
    data_until: str | None
    agreement: str | None
    agreement_version: str | None


def facts_of(row: Delivered, held: int, missing: int) -> DeliveryFacts:
    """A delivery with the values it still supplies, and how many of them are missing."""
    return DeliveryFacts(
        row.source,
        dt.datetime.fromisoformat(row.loaded_at).date(),
        row.rows,
        row.accepted,
        held,
        missing,
        dt.date.fromisoformat(row.data_until) if row.data_until else None,
        " ".join(part for part in (row.agreement, row.agreement_version) if part),
    )


def delivery_facts(session: Session, source: str) -> list[DeliveryFacts]:
    """The deliveries of a source, or of all, oldest first, with the values each still supplies."""
    counted = run(
        session, "SELECT delivery_id, COUNT(*), COUNT(missing) FROM observation GROUP BY delivery_id"
    )
    values = {int(number): (int(held), int(missing)) for number, held, missing in counted}
    chosen = (
        select(Delivery)
        .where(Delivery.source != DERIVED)
        .order_by(col(Delivery.source), col(Delivery.delivery_id))
    )
    if source:
        chosen = chosen.where(Delivery.source == source)
    return [facts_of(row, *values.get(row.delivery_id, (0, 0))) for row in session.exec(chosen).all()]


def check_source(
    project: Project, source: str, file: Path | None, dictionary: Path | None = None
) -> tuple[list[DeliveryQuality], LayoutChange | None]:
    """The delivery log as it may be shown, and with a file how its layout differs from the mapping.

    With a REDCap dictionary also how its fields and their choices differ.
    """
    change = None
    if (file or dictionary) and not source:
        raise CohortError(
            "LC803",
            "--file and --redcap are compared with one source",
            "lifecourse source check SOURCE --file …",
        )
    if source:
        mapping, _ = load_mapping(project, source)
        if file is not None:
            change = _layout_change(project, source, file)
        if dictionary is not None:
            newer = dictionary_change(read_dictionary(read_extract(dictionary)), mapping)
            change = newer if change is None else change.with_newer(newer)
    with reading(project) as session:
        profile = shown_profile(session, project)
        return [quality_of(facts, profile) for facts in delivery_facts(session, source)], change


def _layout_change(project: Project, source: str, file: Path) -> LayoutChange:
    """How a file's layout differs from the mapping. A pack that fits its mapping differs in nothing."""
    mapping, mapping_sha = load_mapping(project, source)
    refuse_other_mode(project, file)
    if is_pack(file):
        refuse_strange(read_pack(project, file), mapping, mapping_sha, project.settings.project_id, "")
        return LayoutChange((), ())
    raw = read_extract(file, encoding=mapping.encoding, sheet=mapping.sheet)
    refuse_data_as_headings(raw)
    return layout_change(raw.frame.columns, mapping, raw.name)
