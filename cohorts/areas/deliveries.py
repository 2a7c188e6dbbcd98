"""How an accepted delivery of area series goes into the store: areas, measures, breaks, values; all of it or none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlmodel import Session, col, func, select

from cohorts.areas.intake import AreaIntake
from cohorts.areas.mapping import AreaMapping, MeasureColumn, PeriodColumn
from cohorts.areas.records import Area, AreaBreak, AreaDelivery, AreaMeasure
from cohorts.areas.store import SEALED, StoredAreas
from cohorts.errors import CohortError
from cohorts.partner_files.mapping import NOT_RECORDED
from workspace.clock import now
from workspace.statements import insert_frame, noted, read_frame, run, run_many

SLOT = ("measure_id", "area_id", "period")
SAID = ("value", "missing", "definition", "complete")
CELLS = {
    "area_id": pl.Int64, "period": pl.String, "value": pl.Float64, "missing": pl.String, "definition": pl.String,
    "complete": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreaStamp:
    """What identifies a delivery: fingerprints of file and mapping; the agreement it came under, if any."""

    file_sha256: str
    mapping_sha256: str
    agreement: str | None = None
    agreement_version: str | None = None


@dataclass(frozen=True, slots=True)
class AreaLoad:
    """What a load did."""

    areas: int
    new_areas: int
    added: int
    unchanged: int
    replaced: int


def is_loaded(session: Session, collection_id: str, source: str, stamp: AreaStamp) -> bool:
    """Say whether this very file was loaded under this very mapping before."""
    found = session.exec(
        select(AreaDelivery.delivery_id).where(
            AreaDelivery.collection_id == collection_id,
            AreaDelivery.source == source,
            AreaDelivery.file_sha256 == stamp.file_sha256,
            AreaDelivery.mapping_sha256 == stamp.mapping_sha256,
        )
    ).first()
    return found is not None


def known_areas(session: Session, collection_id: str) -> dict[str, str | None]:
    """The codes of a collection, each with the first day it is valid."""
    rows = session.exec(select(Area.code, Area.valid_from).where(Area.collection_id == collection_id)).all()
    return {str(code): valid for code, valid in rows}


def save_areas(
    session: Session,
    collection: StoredAreas,
    mapping: AreaMapping,
    intake: AreaIntake,
    stamp: AreaStamp,
    *,
    sealed: bool,
    replace: bool,
) -> AreaLoad:
    """Store one accepted delivery in the caller's transaction."""
    number = _delivery(session, collection, mapping, intake, stamp, sealed=sealed)
    new = _list_areas(session, collection, intake.areas, number)
    added = unchanged = replaced = differing = 0
    ids = dict(
        session.exec(
            select(Area.code, Area.area_id).where(Area.collection_id == collection.collection_id)
        ).all()
    )
    for measure in mapping.measures:
        measure_id = _measure_number(session, collection, mapping, measure)
        _renew_breaks(session, mapping, measure, measure_id)
        cells = _coded(intake.values, measure.name, ids)
        change = _compared(session, measure_id, cells, _sealed_again(mapping, measure, sealed=sealed))
        differing += change.differing
        if differing and not replace:
            continue
        _write(session, change, measure_id, number)
        added, unchanged = added + change.new.height, unchanged + change.unchanged
        replaced += change.renewed.height
    if differing and not replace:
        raise CohortError(
            "LC587",
            f"{differing} values differ from those already held",
            "If the file is a correction, load it with --replace.",
        )
    places = intake.values["code"].n_unique() if mapping.measures else intake.areas.height
    return AreaLoad(places, new, added, unchanged, replaced)


def _delivery(
    session: Session,
    collection: StoredAreas,
    mapping: AreaMapping,
    intake: AreaIntake,
    stamp: AreaStamp,
    *,
    sealed: bool,
) -> int:
    number = int(session.exec(select(func.max(AreaDelivery.delivery_id))).first() or 0) + 1
    session.add(
        AreaDelivery(
            delivery_id=number,
            collection_id=collection.collection_id,
            source=mapping.id,
            file_sha256=stamp.file_sha256,
            mapping_sha256=stamp.mapping_sha256,
            rows=intake.report.rows,
            accepted=intake.report.accepted_rows,
            sealed=int(sealed),
            open_before=(mapping.open_before or None) if sealed else None,
            data_until=mapping.data_until.isoformat() if mapping.data_until else None,
            loaded_at=now(),
            agreement=stamp.agreement,
            agreement_version=stamp.agreement_version,
        )
    )
    session.flush()
    return number


def _list_areas(session: Session, collection: StoredAreas, areas: pl.DataFrame, delivery: int) -> int:
    """Add the areas that are new and renew what is said of the others; return how many are new."""
    if areas.is_empty():
        return 0
    _refuse_strange_parents(session, collection, areas)
    held = {
        r.code: r
        for r in session.exec(select(Area).where(Area.collection_id == collection.collection_id)).all()
    }
    first = int(session.exec(select(func.max(Area.area_id))).first() or 0) + 1
    fresh = areas.filter(~pl.col("code").is_in(list(held))).sort("code")
    for row in areas.filter(pl.col("code").is_in(list(held))).to_dicts():
        _renew(held[row["code"]], row, delivery)
    insert_frame(
        session,
        "area",
        fresh.select(
            pl.int_range(first, first + fresh.height, dtype=pl.Int64).alias("area_id"),
            pl.lit(collection.collection_id).alias("collection_id"),
            "code", "name", "parent", "valid_from", "attributes",
            pl.lit(delivery).alias("delivery_id"),
        ),
    )  # fmt: skip
    session.flush()
    return fresh.height


def _renew(area: Area, row: dict[str, str | None], delivery: int) -> None:
    """Say of an area what the newest list says; what it does not mention stays."""
    said = json.dumps(
        {**json.loads(area.attributes), **json.loads(row["attributes"] or "{}")},
        sort_keys=True,
        ensure_ascii=False,
    )
    facts = (
        row["name"] or area.name,
        row["parent"] or area.parent,
        row["valid_from"] or area.valid_from,
        said,
    )
    if facts != (area.name, area.parent, area.valid_from, area.attributes):
        area.name, area.parent, area.valid_from, area.attributes = facts
        area.delivery_id = delivery


def _refuse_strange_parents(session: Session, collection: StoredAreas, areas: pl.DataFrame) -> None:
    parents = set(areas["parent"].drop_nulls().to_list())
    if not parents:
        return
    if not collection.parents:
        raise CohortError(
            "LC588",
            f"the file names parents, but collection '{collection.name}' does not say in which collection they are",
            f"Make the collection with --parents: lifecourse areas new {collection.name} --parents COLLECTION …",
        )
    strange = parents - set(known_areas(session, collection.parents))
    if strange:
        raise CohortError(
            "LC588",
            f"{len(strange)} parents in the file are not in the collection of parents",
            "Load the list of parents first.",
        )


def _measure_number(
    session: Session, collection: StoredAreas, mapping: AreaMapping, measure: MeasureColumn
) -> int:
    """The number of a measure, made when new; one that was declared otherwise is refused."""
    spec = mapping.period or PeriodColumn("", "month", "")
    facts: dict[str, Any] = {
        "kind": measure.kind, "step": spec.step, "year_starts": spec.year_starts, "denominator": measure.denominator,
        "per": measure.per, "open": int(measure.open),
    }  # fmt: skip
    row = session.exec(
        select(AreaMeasure).where(
            AreaMeasure.collection_id == collection.collection_id, AreaMeasure.name == measure.name
        )
    ).first()
    if row is None:
        number = int(session.exec(select(func.max(AreaMeasure.measure_id))).first() or 0) + 1
        session.add(
            AreaMeasure(
                measure_id=number,
                collection_id=collection.collection_id,
                name=measure.name,
                unit=measure.unit,
                **facts,
            )
        )
        session.flush()
        return number
    unlike = [key for key, value in facts.items() if getattr(row, key) != value]
    if unlike:
        raise CohortError(
            "LC588",
            f"measure '{measure.name}' was loaded before with another {' and '.join(unlike)}",
            "Keep to what was loaded before, or choose another name.",
            where=mapping.id,
        )
    return row.measure_id


def _renew_breaks(session: Session, mapping: AreaMapping, measure: MeasureColumn, measure_id: int) -> None:
    """The breaks of a measure are those the newest mapping of each source declares."""
    run(session, "DELETE FROM area_break WHERE measure_id = ? AND source = ?", (measure_id, mapping.id))
    for one in {b.period: b for b in mapping.breaks_of(measure.name)}.values():
        session.add(
            AreaBreak(measure_id=measure_id, source=mapping.id, period=one.period, why=one.why, note=one.note)
        )
    session.flush()


def _coded(values: pl.DataFrame, measure: str, ids: dict[str, int]) -> pl.DataFrame:
    """The values of a measure by area number, in the order of the store's key."""
    cells = values.filter(pl.col("measure") == measure)
    numbered = cells["code"].replace_strict(ids, default=None, return_dtype=pl.Int64)
    return cells.with_columns(numbered.alias("area_id")).select(list(CELLS)).sort("area_id", "period")


@dataclass(frozen=True, slots=True)
class _Change:
    """New cells, cells that are renewed (or opened), how many stay, and how many say something else than before."""

    new: pl.DataFrame
    renewed: pl.DataFrame
    unchanged: int
    differing: int


def _sealed_again(mapping: AreaMapping, measure: MeasureColumn, *, sealed: bool) -> pl.Expr:
    """Whether this delivery keeps a cell sealed; what is loaded unsealed once is open from then on."""
    if not sealed or measure.open or measure.kind == "denominator":
        return pl.lit(value=False)
    return pl.col("period") >= mapping.open_before if mapping.open_before else pl.lit(value=True)


def _compared(session: Session, measure_id: int, cells: pl.DataFrame, sealed: pl.Expr) -> _Change:
    held = read_frame(
        session,
        "SELECT v.area_id, v.period, v.value, v.missing, v.definition, v.complete, "  # noqa: S608 - fixed texts
        f"CASE WHEN {SEALED.format(v='v')} THEN 1 ELSE 0 END FROM area_value v "
        "JOIN area_measure m ON m.measure_id = v.measure_id "
        "JOIN area_delivery d ON d.delivery_id = v.delivery_id WHERE v.measure_id = ?",
        (measure_id,),
        {**CELLS, "hidden": pl.Int64},
    )
    keys = ["area_id", "period"]
    both = cells.join(held, on=keys, how="inner", suffix="_held")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_held")) for name in SAID)
    # A blank says nothing: it never takes a value away, and a value that comes later fills it.
    blank, was_blank = (
        (pl.col(name) == NOT_RECORDED).fill_null(value=False) for name in ("missing", "missing_held")
    )
    changed = both.filter(~same & ~blank)
    opened = both.filter(same & (pl.col("hidden") == 1) & ~sealed)
    return _Change(
        cells.join(held, on=keys, how="anti", maintain_order="left"),
        pl.concat([changed, opened]).select(list(CELLS)),
        both.height - changed.height - opened.height,
        changed.filter(~was_blank).height,
    )


def _write(session: Session, change: _Change, measure_id: int, delivery: int) -> None:
    keyed = [pl.lit(measure_id).alias("measure_id"), pl.lit(delivery).alias("delivery_id")]
    if change.renewed.height:
        renewed = change.renewed.with_columns(keyed)
        slots, at = renewed.select(SLOT), now()
        with noted(session, "area_value_history", slots):
            run_many(
                session,
                "INSERT INTO area_value_history (measure_id, area_id, period, delivery_id, value, missing, "
                "definition, complete, recorded_from, recorded_to) SELECT v.measure_id, v.area_id, v.period, "
                "v.delivery_id, v.value, v.missing, v.definition, v.complete, d.loaded_at, ? FROM area_value v "
                "JOIN area_delivery d ON d.delivery_id = v.delivery_id "
                "WHERE v.measure_id = ? AND v.area_id = ? AND v.period = ?",
                [(at, *row) for row in slots.iter_rows()],
            )
        with noted(session, "area_value", renewed):
            run_many(
                session,
                "UPDATE area_value SET value = ?, missing = ?, definition = ?, complete = ?, delivery_id = ? "
                "WHERE measure_id = ? AND area_id = ? AND period = ?",
                renewed.select(*SAID, "delivery_id", *SLOT).rows(),
            )
    insert_frame(session, "area_value", change.new.with_columns(keyed))


def deliveries_of(session: Session, collection_id: str = "", source: str = "") -> list[AreaDelivery]:
    """The deliveries of a collection (or all), oldest first."""
    chosen = select(AreaDelivery).order_by(col(AreaDelivery.source), col(AreaDelivery.delivery_id))
    if collection_id:
        chosen = chosen.where(AreaDelivery.collection_id == collection_id)
    if source:
        chosen = chosen.where(AreaDelivery.source == source)
    return list(session.exec(chosen).all())


def values_by_delivery(session: Session) -> dict[int, tuple[int, int]]:
    """How many slots each delivery still supplies, and how many of them have no value."""
    rows = run(session, "SELECT delivery_id, COUNT(*), COUNT(missing) FROM area_value GROUP BY delivery_id")
    return {int(number): (int(held), int(missing)) for number, held, missing in rows}
