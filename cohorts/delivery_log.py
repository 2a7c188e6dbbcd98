"""``source check`` at the edge: the delivery log out of the store, and a file's headings held against its mapping."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlmodel import Session, col, select

from cohorts.actions import refuse_data_as_headings
from cohorts.errors import CohortError
from cohorts.extracts import read_extract
from cohorts.quality import DeliveryFacts, DeliveryQuality, LayoutChange, layout_change, quality_of
from cohorts.records import Delivery
from cohorts.sharing import shown_profile
from cohorts.store import DERIVED, load_mapping
from workspace.database import reading
from workspace.project import Project
from workspace.statements import run


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
    return [
        DeliveryFacts(
            row.source,
            dt.datetime.fromisoformat(row.loaded_at).date(),
            row.rows,
            row.accepted,
            *values.get(row.delivery_id, (0, 0)),
            dt.date.fromisoformat(row.data_until) if row.data_until else None,
            " ".join(part for part in (row.agreement, row.agreement_version) if part),
        )
        for row in session.exec(chosen).all()
    ]


def check_source(
    project: Project, source: str, file: Path | None
) -> tuple[list[DeliveryQuality], LayoutChange | None]:
    """The delivery log as it may be shown, and with a file how its layout differs from the mapping."""
    change = None
    if file is not None and not source:
        raise CohortError(
            "LC803", "--file is compared with one source", "lifecourse source check SOURCE --file …"
        )
    if source:
        mapping, _ = load_mapping(project, source)
        if file is not None:
            raw = read_extract(file, encoding=mapping.encoding, sheet=mapping.sheet)
            refuse_data_as_headings(raw)
            change = layout_change(raw.frame.columns, mapping, raw.name)
    with reading(project) as session:
        profile = shown_profile(session, project)
        return [quality_of(facts, profile) for facts in delivery_facts(session, source)], change
