"""The store of area series: collections, measures, and tables out of it (what goes in: ``deliveries.py``)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import polars as pl
from sqlmodel import Session, col, select

from cohorts.areas.file import read_area_mapping
from cohorts.areas.mapping import AreaMapping, DeclaredBreak
from cohorts.areas.periods import Step
from cohorts.areas.records import Area, AreaBreak, AreaCollection, AreaMeasure
from cohorts.errors import CohortError
from cohorts.store import refuse_other_name
from workspace.clock import today
from workspace.damage import refuse_damaged
from workspace.database import next_id
from workspace.errors import GateNotMet, did_you_mean
from workspace.files import sha256_of, write_atomically
from workspace.project import Project
from workspace.statements import read_frame, run
from workspace.toml_source import read_toml

SEALED = (
    "(d.sealed = 1 AND m.open = 0 AND m.kind <> 'denominator' AND "
    "(d.open_before IS NULL OR {v}.period >= d.open_before))"
)
SERIES = {
    "measure": pl.String, "area": pl.String, "period": pl.String, "value": pl.Float64, "missing": pl.String,
    "definition": pl.String, "complete": pl.Float64, "source": pl.String, "data_until": pl.String,
}  # fmt: skip
HELD = {
    "measure": pl.String, "period": pl.String, "source": pl.String, "definition": pl.String, "sealed": pl.Int64,
    "areas": pl.Int64, "total": pl.Float64, "complete": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredAreas:
    """A collection as the database holds it; ``parents`` is the id of the collection its areas are part of."""

    collection_id: str
    name: str
    title: str
    kind: str
    parents: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredMeasure:
    """A measure of a collection and the breaks its sources declared."""

    measure_id: int
    name: str
    kind: str
    step: Step
    year_starts: int
    unit: str
    denominator: str
    per: float
    open: bool
    breaks: tuple[tuple[str, DeclaredBreak], ...] = ()


def add_areas(session: Session, name: str, title: str, kind: str, parents: str) -> StoredAreas:
    """Store a new, empty collection."""
    if name in {one.name for one in list_areas(session)}:
        raise CohortError(
            "LC581", f"there is a collection of areas '{name}' already", "lifecourse areas list"
        )
    above = find_areas(session, parents).collection_id if parents else None
    made = AreaCollection(
        collection_id=next_id(session, "ARE"),
        name=name,
        title=title or name,
        kind=kind,
        parents=above,
        created=today().isoformat(),
    )
    session.add(made)
    session.flush()
    return StoredAreas(made.collection_id, name, made.title, kind, above or "", 0)


def list_areas(session: Session) -> list[StoredAreas]:
    """All collections, oldest first."""
    sizes = {
        str(c): int(n)
        for c, n in run(session, "SELECT collection_id, COUNT(*) FROM area GROUP BY collection_id")
    }
    rows = session.exec(select(AreaCollection).order_by(col(AreaCollection.collection_id))).all()
    return [
        StoredAreas(r.collection_id, r.name, r.title, r.kind, r.parents or "", sizes.get(r.collection_id, 0))
        for r in rows
    ]


def find_areas(session: Session, name: str) -> StoredAreas:
    """A collection by its name or id."""
    known = list_areas(session)
    for one in known:
        if name in (one.name, one.collection_id):
            return one
    raise CohortError(
        "LC580",
        f"there is no collection of areas '{name}'.{did_you_mean(name, [one.name for one in known])}",
        "lifecourse areas list, or: lifecourse areas new NAME --title … --kind …",
    )


def list_measures(session: Session, collection_id: str) -> list[StoredMeasure]:
    """The measures of a collection, in the order in which they came, with their breaks in the order of time."""
    rows = session.exec(
        select(AreaMeasure)
        .where(AreaMeasure.collection_id == collection_id)
        .order_by(col(AreaMeasure.measure_id))
    ).all()
    breaks: dict[int, list[tuple[str, DeclaredBreak]]] = {}
    for b in session.exec(select(AreaBreak).order_by(col(AreaBreak.period), col(AreaBreak.source))).all():
        breaks.setdefault(b.measure_id, []).append((b.source, DeclaredBreak("", b.period, b.why, b.note)))
    return [
        StoredMeasure(
            r.measure_id,
            r.name,
            r.kind,
            cast(Step, r.step),
            r.year_starts,
            r.unit,
            r.denominator,
            r.per,
            bool(r.open),
            tuple(breaks.get(r.measure_id, ())),
        )
        for r in rows
    ]


def area_table(session: Session, collection_id: str) -> pl.DataFrame:
    """The areas: ``area`` (code), ``name``, ``parent``, ``valid_from``, and a column an attribute."""
    rows = session.exec(
        select(Area).where(Area.collection_id == collection_id).order_by(col(Area.code))
    ).all()
    said = [json.loads(r.attributes) for r in rows]
    names = sorted({name for one in said for name in one})
    facts = {
        "area": [r.code for r in rows],
        "name": [r.name for r in rows],
        "parent": [r.parent for r in rows],
    }
    texts = {**facts, "valid_from": [r.valid_from for r in rows]}
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    return frame.with_columns(_attribute(name, [one.get(name) for one in said]) for name in names)


def _attribute(name: str, values: Sequence[float | str | None]) -> pl.Series:
    if any(isinstance(value, str) for value in values):
        return pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String)
    return pl.Series(name, values, dtype=pl.Float64)


def attribute_sources(session: Session, collection_id: str) -> list[tuple[str, str]]:
    """The sources that listed a collection's areas, each with its agreement or nothing."""
    rows = run(
        session,
        "SELECT DISTINCT d.source, COALESCE(d.agreement, '') AS agreement FROM area a "
        "JOIN area_delivery d ON d.delivery_id = a.delivery_id WHERE a.collection_id = ? "
        "ORDER BY d.source, agreement",
        (collection_id,),
    )
    return [(str(source), str(agreement)) for source, agreement in rows]


def measure_sources(session: Session, collection_id: str) -> list[tuple[str, str, str]]:
    """Which source, under which agreement or none, supplies values of which measure."""
    rows = run(
        session,
        "SELECT DISTINCT d.source, COALESCE(d.agreement, '') AS agreement, m.name FROM area_value v "
        "JOIN area_delivery d ON d.delivery_id = v.delivery_id JOIN area_measure m ON m.measure_id = v.measure_id "
        "WHERE m.collection_id = ? ORDER BY d.source, agreement, m.name",
        (collection_id,),
    )
    return [(str(source), str(agreement), str(name)) for source, agreement, name in rows]


def held_by_period(session: Session, collection_id: str) -> pl.DataFrame:
    """What is held: a row a measure, period, source, definition and whether it is sealed; sealed totals stay null."""
    sealed = SEALED.format(v="v")
    return read_frame(
        session,
        f"SELECT m.name, v.period, d.source, v.definition, CASE WHEN {sealed} THEN 1 ELSE 0 END AS hidden, "  # noqa: S608
        f"COUNT(v.value), SUM(CASE WHEN {sealed} THEN NULL ELSE v.value END), MIN(v.complete) "
        "FROM area_value v JOIN area_measure m ON m.measure_id = v.measure_id "
        "JOIN area_delivery d ON d.delivery_id = v.delivery_id WHERE m.collection_id = ? "
        "GROUP BY m.measure_id, m.name, v.period, d.source, v.definition, hidden "
        "ORDER BY m.measure_id, v.period, d.source, v.definition, hidden",
        (collection_id,),
        HELD,
    )


def periods_seen(
    session: Session, collection_id: str, measures: Collection[str]
) -> dict[str, dict[str, set[bool]]]:
    """By measure and period whether values were, or once were, open (True) or sealed (False)."""
    found: dict[str, dict[str, set[bool]]] = {}
    for table in ("area_value", "area_value_history"):
        rows = run(
            session,
            f"SELECT DISTINCT m.name, v.period, CASE WHEN {SEALED.format(v='v')} THEN 1 ELSE 0 END FROM {table} v "  # noqa: S608
            "JOIN area_measure m ON m.measure_id = v.measure_id "
            "JOIN area_delivery d ON d.delivery_id = v.delivery_id WHERE m.collection_id = ?",
            (collection_id,),
        )
        for name, period, hidden in rows:
            if name in measures:
                found.setdefault(str(name), {}).setdefault(str(period), set()).add(not hidden)
    return found


def read_series(
    session: Session,
    collection_id: str,
    measures: Collection[StoredMeasure],
    *,
    unsealed: bool = False,
    known_on: dt.date | None = None,
) -> pl.DataFrame:
    """Values in a long table: ``measure, area, period, value, missing, definition, complete, source, data_until``.

    Sealed values are refused unless ``unsealed`` says that a locked plan is being run. ``known_on`` gives the values
    as they were known at the end of that day, before any later correction.
    """
    if unsealed:
        refuse_damaged(session, "area_value")
    else:
        _refuse_sealed(session, measures)
    frames = [_series(session, measure, known_on) for measure in measures]
    return pl.concat([pl.DataFrame(schema=SERIES), *frames])


def _refuse_sealed(session: Session, measures: Collection[StoredMeasure]) -> None:
    for measure in measures:
        row = run(
            session,
            "SELECT MIN(v.period) FROM area_value v JOIN area_measure m ON m.measure_id = v.measure_id "  # noqa: S608
            "JOIN area_delivery d ON d.delivery_id = v.delivery_id "
            f"WHERE v.measure_id = ? AND {SEALED.format(v='v')}",
            (measure.measure_id,),
        ).scalar()
        if row:
            raise GateNotMet(
                "LC589",
                f"'{measure.name}' was loaded sealed from {row} on and cannot be read before a plan that names it is "
                "locked",
                "lifecourse plan lock PLAN",
            )


def _series(session: Session, measure: StoredMeasure, known_on: dt.date | None) -> pl.DataFrame:
    columns = "a.code, v.period, v.value, v.missing, v.definition, v.complete, d.source, d.data_until"
    joined = (
        "JOIN area a ON a.area_id = v.area_id JOIN area_delivery d ON d.delivery_id = v.delivery_id "
        "WHERE v.measure_id = ?"
    )
    places: tuple[int | str, ...] = (measure.measure_id,)
    statement = f"SELECT {columns} FROM area_value v {joined}"  # noqa: S608 - fixed texts
    if known_on:
        on = known_on.isoformat()
        statement += (
            " AND SUBSTR(d.loaded_at, 1, 10) <= ? UNION ALL "  # noqa: S608 - fixed texts
            f"SELECT {columns} FROM area_value_history v {joined} AND SUBSTR(v.recorded_from, 1, 10) <= ? "
            "AND SUBSTR(v.recorded_to, 1, 10) > ?"
        )
        places = (measure.measure_id, on, measure.measure_id, on, on)
    schema = {name: kind for name, kind in SERIES.items() if name != "measure"}
    frame = read_frame(session, statement, places, schema).sort("area", "period")
    return frame.select(pl.lit(measure.name).alias("measure"), *schema)


def mapping_path(project: Project, name: str) -> Path:
    """Where the mapping of an area source is kept."""
    return project.areas / f"{name}.toml"


def mapping_names(project: Project) -> list[str]:
    """The area sources of a project, by their files."""
    return sorted(path.stem for path in project.areas.glob("*.toml"))


def load_area_mapping(project: Project, name: str) -> tuple[AreaMapping, str]:
    """An area mapping and the fingerprint of its file."""
    known = mapping_names(project)
    if name not in known:
        raise CohortError(
            "LC582",
            f"there is no area source '{name}'.{did_you_mean(name, known)}",
            f"Area sources: {', '.join(known) or 'none yet'}. Add one: lifecourse areas add SOURCE --from FILE "
            "--areas COLLECTION",
        )
    path = mapping_path(project, name)
    mapping = read_area_mapping(read_toml(path, CohortError, name=project.shown(path)))
    refuse_other_name(project, path, mapping.id)
    return mapping, sha256_of(path)


def save_area_mapping(project: Project, name: str, text: str, *, write: bool) -> str:
    """Write a new mapping file and return its path as shown; an existing one is never overwritten."""
    path = mapping_path(project, name)
    if path.exists():
        raise CohortError(
            "LC581",
            f"there is an area source '{name}' already",
            f"Edit {project.shown(path)}, or choose another name.",
        )
    if write:
        write_atomically(path, text)
    return project.shown(path)
