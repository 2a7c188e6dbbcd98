"""The store of the cohort floor: cohorts, variables and frames out of it (what goes in: ``deliveries.py``)."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import polars as pl
from sqlmodel import Session, col, func, select

from cohorts.definition import CohortDefinition, read_definition
from cohorts.errors import CohortError
from cohorts.lives.history_store import values_known_on
from cohorts.partner_files.source_file import SourceMapping, read_mapping
from cohorts.records import (
    CohortRecord,
    Delivery,
    Enrolment,
    Observation,
    Participant,
    Variable,
    WaveRecord,
)
from cohorts.requests.store import IN_USE, out_of_use
from workspace.clock import today
from workspace.damage import refuse_damaged
from workspace.database import next_id
from workspace.errors import GateNotMet, did_you_mean
from workspace.files import sha256_of, write_atomically
from workspace.project import Project
from workspace.statements import read_frame, read_numbers, run
from workspace.toml_source import parse_toml, read_toml

DERIVED = (
    "(derived)"  # the source of what a cohort works out itself, under the agreements of what it is made of
)


@dataclass(frozen=True, slots=True)
class StoredCohort:
    """A cohort as the database holds it."""

    cohort_id: str
    definition: CohortDefinition
    created: str


@dataclass(frozen=True, slots=True)
class StoredVariable:
    """A variable of a cohort, the waves it was observed at, and which of them are sealed or could be seen.

    A wave is sealed when any delivery of it was, and seen when any was not; it may be both.
    """

    name: str
    kind: str
    unit: str
    labels: tuple[str, ...]
    waves: tuple[str, ...]
    sealed_waves: tuple[str, ...]
    seen_waves: tuple[str, ...]


def add_cohort(session: Session, definition: CohortDefinition) -> str:
    """Store a new cohort and its waves; return its id."""
    if session.exec(select(CohortRecord).where(CohortRecord.name == definition.name)).first():
        raise CohortError("LC851", f"there is a cohort '{definition.name}' already", "lifecourse cohort list")
    cohort_id = next_id(session, "COH")
    session.add(
        CohortRecord(
            cohort_id=cohort_id,
            name=definition.name,
            definition=definition.as_json(),
            created=today().isoformat(),
        )
    )
    session.flush()
    first = (session.exec(select(func.max(WaveRecord.wave_id))).first() or 0) + 1
    for number, wave in enumerate(definition.waves, start=first):
        session.add(WaveRecord(wave_id=number, cohort_id=cohort_id, name=wave.name, months=wave.months))
    session.flush()
    return cohort_id


def list_cohorts(session: Session) -> list[StoredCohort]:
    """All cohorts, oldest first."""
    rows = session.exec(select(CohortRecord).order_by(col(CohortRecord.cohort_id))).all()
    return [StoredCohort(r.cohort_id, CohortDefinition.from_json(r.definition), r.created) for r in rows]


def find_cohort(session: Session, name: str) -> StoredCohort:
    """A cohort by its name or id."""
    known = list_cohorts(session)
    for cohort in known:
        if name in (cohort.definition.name, cohort.cohort_id):
            return cohort
    near = did_you_mean(name, [cohort.definition.name for cohort in known])
    raise CohortError(
        "LC850",
        f"there is no cohort '{name}'.{near}",
        "lifecourse cohort list, or: lifecourse cohort new NAME --template …",
    )


def wave_rows(session: Session, cohort_id: str) -> Sequence[WaveRecord]:
    """The waves of a cohort, earliest first."""
    return session.exec(
        select(WaveRecord).where(WaveRecord.cohort_id == cohort_id).order_by(col(WaveRecord.months))
    ).all()


def enrolments(session: Session, cohort_id: str, *, everybody: bool = False) -> pl.DataFrame:
    """Who is enrolled and may be used, and from when: columns participant_id, index_date (text).

    ``everybody`` adds those who are withdrawn or restricted: to keep enrolments right, never to use them.
    """
    usable = "" if everybody else f" AND {IN_USE.format('')}"
    return read_frame(
        session,
        f"SELECT participant_id, index_date FROM enrolment WHERE cohort_id = ?{usable} "  # noqa: S608
        "ORDER BY participant_id",
        (cohort_id,),
        {"participant_id": pl.Int64, "index_date": pl.String},
    )


def list_variables(session: Session, cohort_id: str) -> list[StoredVariable]:
    """The variables of a cohort, the waves they were observed at, and which of those are sealed."""
    waves = {row.wave_id: row.name for row in wave_rows(session, cohort_id)}
    order = {name: i for i, name in enumerate(waves.values())}
    held: dict[int, dict[str, set[bool]]] = {}
    rows = run(
        session,
        "SELECT h.variable_id, h.wave_id, d.sealed FROM holding h JOIN delivery d USING (delivery_id) "
        "WHERE d.cohort_id = ?",
        (cohort_id,),
    )
    for variable_id, wave_id, sealed in rows:
        held.setdefault(variable_id, {}).setdefault(waves[wave_id], set()).add(bool(sealed))
    found = select(Variable).where(Variable.cohort_id == cohort_id).order_by(col(Variable.variable_id))
    variables = []
    for v in session.exec(found).all():
        at = held.get(v.variable_id, {})
        names = sorted(at, key=lambda name: order[name])
        sealed_at, seen_at = (tuple(n for n in names if flag in at[n]) for flag in (True, False))
        labels = tuple(json.loads(v.labels))
        variables.append(StoredVariable(v.name, v.kind, v.unit, labels, tuple(names), sealed_at, seen_at))
    return variables


def read_wide(
    session: Session,
    cohort_id: str,
    columns: Iterable[tuple[str, str]],
    *,
    unsealed: bool = False,
    known_on: dt.date | None = None,
) -> pl.DataFrame:
    """One row a participant: participant, index_date, and for each (variable, wave) a column ``variable@wave``.

    Beside each column stands ``variable@wave!`` with the reason where there is no value. Sealed values are
    refused unless ``unsealed`` says that a locked plan is being run. ``known_on`` gives the values as they were
    known at the end of that day, before any later correction.
    """
    frame = (
        enrolments(session, cohort_id)
        .rename({"participant_id": "participant"})
        .with_columns(pl.col("index_date").str.to_date())
    )
    known, asked = {v.name: v for v in list_variables(session, cohort_id)}, list(columns)
    if unsealed and any(wave in known[name].sealed_waves for name, wave in asked):
        refuse_damaged(session, "observation")
    for name, wave in asked:
        variable = known[name]
        if not unsealed:
            refuse_sealed(variable, wave)
        frame = _beside(frame, _column(session, cohort_id, name, wave, known_on))
    return frame


def refuse_sealed(variable: StoredVariable, wave: str) -> None:
    """Refuse to read a variable at a wave at which any of it is sealed."""
    if wave in variable.sealed_waves:
        raise GateNotMet(
            "LC859",
            (
                f"'{variable.name}' at wave '{wave}' was loaded sealed and cannot be read before a plan "
                "that names it is locked"
            ),
            "lifecourse plan lock PLAN",
        )


def _column(session: Session, cohort_id: str, name: str, wave: str, known_on: dt.date | None) -> pl.DataFrame:
    """The values of one variable at one wave, and the reasons, of which there are few, read by themselves."""
    variable = "SELECT variable_id FROM variable WHERE cohort_id = ? AND name = ?"
    variable_id = run(session, variable, (cohort_id, name)).scalar()
    placed = "SELECT wave_id FROM wave WHERE cohort_id = ? AND name = ?"
    place = (variable_id, run(session, placed, (cohort_id, wave)).scalar())
    label = f"{name}@{wave}"
    schema = {"participant": pl.Int64, label: pl.Float64, f"{label}!": pl.String}
    if known_on:
        return pl.DataFrame(values_known_on(session, *place, known_on), schema=schema, orient="row")
    where = "FROM observation WHERE variable_id = ? AND wave_id = ?"
    values = read_numbers(
        session,
        f"SELECT participant_id, value {where} AND value IS NOT NULL",
        place,
        ("participant", label),
    )
    reasons = {"participant": pl.Int64, f"{label}!": pl.String}
    missing = read_frame(
        session, f"SELECT participant_id, missing {where} AND missing IS NOT NULL", place, reasons
    )
    none = values.with_columns(pl.lit(None, dtype=pl.String).alias(f"{label}!"))
    return none if missing.is_empty() else pl.concat([none, missing], how="diagonal")


def _beside(frame: pl.DataFrame, column: pl.DataFrame) -> pl.DataFrame:
    """A table of participants with a further column of theirs; where it is about all of them it is just put beside."""
    if column["participant"].equals(frame["participant"]):
        return frame.with_columns(column.drop("participant").get_columns())
    return frame.join(column, on="participant", how="left", maintain_order="left")


def data_until(session: Session, cohort_id: str, name: str, wave: str) -> dt.date | None:
    """Up to when the sources of a variable at a wave would have seen events: the earliest of their cut-offs."""
    row = run(
        session,
        "SELECT MIN(COALESCE(d.data_until, '0001-01-01')) FROM holding h JOIN "
        "delivery d USING (delivery_id) "
        "WHERE h.variable_id = (SELECT variable_id FROM variable WHERE cohort_id = ? AND name = ?) "
        "AND h.wave_id = (SELECT wave_id FROM wave WHERE cohort_id = ? AND name = ?)",
        (cohort_id, name, cohort_id, wave),
    ).scalar()
    if not row or row == "0001-01-01":
        return None
    return dt.date.fromisoformat(str(row))


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """How many people each delivery brought, how many are enrolled and may be used, and how many may not."""

    deliveries: tuple[tuple[str, int, int, int, int, bool], ...]
    enrolled: int
    out_of_use: int = 0


def flow_facts(session: Session, cohort_id: str) -> FlowFacts:
    """Counts for ``cohort flow``: per delivery source, rows, accepted, people, not in the cohort, sealed."""
    rows = session.exec(
        select(Delivery)
        .where(Delivery.cohort_id == cohort_id, Delivery.source != DERIVED)
        .order_by(col(Delivery.delivery_id))
    ).all()
    enrolled = session.exec(
        select(func.count()).select_from(Enrolment).where(Enrolment.cohort_id == cohort_id)
    ).one()
    unused = out_of_use(session, cohort_id)
    facts = tuple((r.source, r.rows, r.accepted, r.people, r.unknown_people, bool(r.sealed)) for r in rows)
    return FlowFacts(facts, int(enrolled) - unused, unused)


def observed_counts(session: Session, cohort_id: str) -> list[tuple[str, str, int]]:
    """How many participants have a value, by variable and wave. Counts only: sealed values stay unread."""
    rows = run(
        session,
        "SELECT v.name, w.name, COUNT(o.value) FROM observation o JOIN "  # noqa: S608
        "variable v USING (variable_id) JOIN wave w USING (wave_id) "
        f"WHERE v.cohort_id = ? AND {IN_USE.format('o.')} "
        "GROUP BY v.variable_id, v.name, w.name, w.months ORDER BY w.months, v.variable_id",
        (cohort_id,),
    )
    return [(str(name), str(wave), int(count)) for name, wave, count in rows]


def totals(session: Session) -> tuple[int, int, int]:
    """Participants, observations and deliveries held."""
    counts = [
        int(session.exec(select(func.count()).select_from(table)).one())
        for table in (Participant, Observation, Delivery)
    ]
    own = session.exec(select(func.count()).select_from(Delivery).where(Delivery.source == DERIVED)).one()
    return counts[0], counts[1], counts[2] - int(own)


def template_names() -> list[str]:
    """The built-in cohort templates."""
    folder = resources.files("cohorts") / "templates"
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def load_template(template: str, name: str, title: str, eligible: str | None) -> CohortDefinition:
    """A cohort definition from a built-in template, or from a TOML file of the same shape."""
    path = Path(template)
    if path.suffix == ".toml":
        return read_definition(read_toml(path, CohortError), name, title, eligible)
    known = template_names()
    if template not in known:
        near = did_you_mean(template, known)
        raise CohortError(
            "LC852",
            f"there is no template '{template}'.{near}",
            f"Templates: {', '.join(known)}; or a .toml file.",
        )
    text = (resources.files("cohorts") / "templates" / f"{template}.toml").read_text(encoding="utf-8")
    return read_definition(parse_toml(text, f"{template}.toml", CohortError), name, title, eligible)


def mapping_path(project: Project, name: str) -> Path:
    """Where the mapping of a source is kept."""
    return project.sources / f"{name}.toml"


def load_mapping(project: Project, name: str) -> tuple[SourceMapping, str]:
    """A source mapping and the fingerprint of its file."""
    path = mapping_path(project, name)
    known = sorted(file.stem for file in project.sources.glob("*.toml"))
    if name not in known:
        raise CohortError(
            "LC854",
            f"there is no source '{name}'.{did_you_mean(name, known)}",
            (
                f"Sources: {', '.join(known) or 'none yet'}. Add one: lifecourse source add "
                "NAME --from FILE --cohort COHORT"
            ),
        )
    mapping = read_mapping(read_toml(path, CohortError, name=project.shown(path)))
    refuse_other_name(project, path, mapping.id)
    return mapping, sha256_of(path)


def refuse_other_name(project: Project, path: Path, source_id: str) -> None:
    """Refuse a source file whose name is not the id it states."""
    if source_id != path.stem:
        raise CohortError(
            "LC803",
            f"the source's id is '{source_id}' but its file is called '{path.name}'",
            "Give both the same name.",
            where=project.shown(path),
        )


def declared_variables(project: Project, cohort: str) -> set[str]:
    """Variables that the sources of a cohort promise, loaded or not; a mapping that cannot be read promises none."""
    names: set[str] = set()
    for path in sorted(project.sources.glob("*.toml")):
        with contextlib.suppress(CohortError):
            mapping = read_mapping(read_toml(path, CohortError))
            if mapping.cohort == cohort:
                names |= {variable.name for variable in mapping.variables}
    return names


def approached_of(project: Project, cohort: str) -> list[tuple[str, int]]:
    """How many people were asked to join a cohort and why some did not, added up over its sources."""
    counts: dict[str, int] = {}
    for path in sorted(project.sources.glob("*.toml")):
        with contextlib.suppress(CohortError):
            mapping = read_mapping(read_toml(path, CohortError))
            for step, n in mapping.approached.items() if mapping.cohort == cohort else ():
                counts[step] = counts.get(step, 0) + n
    return list(counts.items())


def save_mapping(project: Project, name: str, text: str) -> Path:
    """Write a new mapping file; an existing one is never overwritten."""
    path = mapping_path(project, name)
    if path.exists():
        raise CohortError(
            "LC855",
            f"there is a source '{name}' already",
            f"Edit {project.shown(path)}, or choose another name.",
        )
    write_atomically(path, text)
    return path
