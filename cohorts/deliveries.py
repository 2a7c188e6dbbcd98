"""How an accepted delivery goes into the store: people, enrolments, values; all of it or none.

Bulk rows go through one writer, a hundred rows a statement, sorted by the key they are stored under.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl
from sqlmodel import Session, func, select

from cohorts.errors import CohortError
from cohorts.intake import Intake
from cohorts.records import Delivery, Participant, Variable
from cohorts.source_file import SourceMapping
from cohorts.store import StoredCohort, enrolments, now, today, wave_rows
from workspace.errors import did_you_mean

BLOCK = 100


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What identifies a delivery: the fingerprints of the file and of the mapping it was read with."""

    file_sha256: str
    mapping_sha256: str
    key_id: str


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did."""

    people: int
    new_people: int
    unknown_people: int
    observations: int
    unchanged: int
    replaced: int


def insert_rows(
    session: Session, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows quickly: multi-row statements with flattened parameters, in the caller's transaction."""
    if not rows:
        return
    connection = session.connection()
    one = "(" + ",".join("?" * len(columns)) + ")"
    head = f"INSERT INTO {table} ({','.join(columns)}) VALUES "  # noqa: S608 - names come from this file
    full = len(rows) // BLOCK * BLOCK
    if full:
        blocks = [tuple(chain.from_iterable(rows[i : i + BLOCK])) for i in range(0, full, BLOCK)]
        connection.exec_driver_sql(head + ",".join([one] * BLOCK), blocks)
    if rows[full:]:
        connection.exec_driver_sql(head + one, list(rows[full:]))


def is_loaded(session: Session, cohort_id: str, source: str, stamp: FileStamp) -> bool:
    """Say whether this very file was loaded under this very mapping before."""
    found = session.exec(
        select(Delivery.delivery_id).where(
            Delivery.cohort_id == cohort_id,
            Delivery.source == source,
            Delivery.file_sha256 == stamp.file_sha256,
            Delivery.mapping_sha256 == stamp.mapping_sha256,
        )
    ).first()
    return found is not None


def save_intake(
    session: Session,
    cohort: StoredCohort,
    mapping: SourceMapping,
    intake: Intake,
    stamp: FileStamp,
    *,
    sealed: bool,
    replace: bool,
) -> LoadResult:
    """Store one accepted delivery. Everything happens in the caller's transaction: all of it or none."""
    known = _match_people(session, intake.people, mapping)
    placed, new_people, unknown = _place_people(session, intake.people, known, mapping, stamp.key_id)
    if mapping.enrols:
        _enrol(session, cohort.cohort_id, placed)
    else:
        before = placed.height
        placed = _only_enrolled(session, cohort.cohort_id, placed)
        unknown += before - placed.height
    delivery_id = _add_delivery(session, cohort, mapping, intake, stamp, placed.height, unknown, sealed)
    coded = _coded(session, cohort, mapping, intake, placed)
    stored, unchanged, replaced = _write_observations(session, coded, delivery_id, replace=replace)
    held = coded.select("variable_id", "wave_id").unique().sort("variable_id", "wave_id")
    insert_rows(
        session,
        "holding",
        ("delivery_id", "variable_id", "wave_id"),
        [(delivery_id, *pair) for pair in held.iter_rows()],
    )
    return LoadResult(placed.height, new_people, unknown, stored, unchanged, replaced)


def _token_columns(people: pl.DataFrame) -> list[str]:
    return [name for name in people.columns if name not in ("person", "index_date")]


def _match_people(session: Session, people: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
    """Which persons of the file are known: columns person, participant_id."""
    connection = session.connection()
    connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS incoming (kind TEXT, token BLOB, person "
        "INTEGER, PRIMARY KEY (kind, token)) WITHOUT ROWID"
    )
    connection.exec_driver_sql("DELETE FROM temp.incoming")
    for kind in _token_columns(people):
        held = people.filter(pl.col(kind).is_not_null()).sort(kind)
        rows = [(kind, token, person) for token, person in zip(held[kind], held["person"], strict=True)]
        insert_rows(session, "temp.incoming", ("kind", "token", "person"), rows)
    found = connection.exec_driver_sql(
        "SELECT DISTINCT i.person, p.participant_id FROM temp.incoming i JOIN pseudonym p USING (kind, token)"
    ).fetchall()
    known = pl.DataFrame(
        [tuple(row) for row in found], schema={"person": pl.UInt32, "participant_id": pl.Int64}, orient="row"
    )
    doubled = known.group_by("person").len().filter(pl.col("len") > 1).height
    if doubled:
        raise CohortError(
            "LC832",
            (
                f"{doubled} people in the file carry identifiers that belong to two different "
                "people already held"
            ),
            "Ask the partner which identifier is right; nothing was loaded.",
            where=mapping.id,
        )
    return known


def _place_people(
    session: Session, people: pl.DataFrame, known: pl.DataFrame, mapping: SourceMapping, key_id: str
) -> tuple[pl.DataFrame, int, int]:
    """Give every person a participant number: known ones theirs, new ones the next in token order."""
    placed = people.join(known, on="person", how="left").sort("person")
    fresh = placed.filter(pl.col("participant_id").is_null())
    if not mapping.enrols:
        return placed.filter(pl.col("participant_id").is_not_null()), 0, fresh.height
    start = (session.exec(select(func.max(Participant.participant_id))).first() or 0) + 1
    numbered = fresh.with_columns(
        pl.int_range(start, start + fresh.height, dtype=pl.Int64).alias("participant_id")
    )
    added = today()
    insert_rows(
        session,
        "participant",
        ("participant_id", "state", "added"),
        [(number, "active", added) for number in numbered["participant_id"]],
    )
    placed = pl.concat([placed.filter(pl.col("participant_id").is_not_null()), numbered])
    for kind in _token_columns(people):
        _add_tokens(session, placed, kind, key_id)
    return placed, numbered.height, 0


def _add_tokens(session: Session, placed: pl.DataFrame, kind: str, key_id: str) -> None:
    held = placed.filter(pl.col(kind).is_not_null()).select(kind, "participant_id").sort(kind)
    connection = session.connection()
    old = connection.exec_driver_sql(
        "SELECT i.token FROM temp.incoming i JOIN pseudonym p USING (kind, token) WHERE i.kind = ?", (kind,)
    ).fetchall()
    known = {row[0] for row in old}
    rows = [
        (kind, token, number, key_id)
        for token, number in zip(held[kind], held["participant_id"], strict=True)
        if token not in known
    ]
    insert_rows(session, "pseudonym", ("kind", "token", "participant_id", "key_id"), rows)


def _enrol(session: Session, cohort_id: str, placed: pl.DataFrame) -> None:
    """Enrol the placed people. A second, different index date for one participant is refused."""
    wanted = (
        placed.select("participant_id", pl.col("index_date").cast(pl.String)).unique().sort("participant_id")
    )
    held = enrolments(session, cohort_id)
    both = wanted.join(held, on="participant_id", how="inner", suffix="_held")
    moved = both.filter(pl.col("index_date") != pl.col("index_date_held")).height
    doubled = wanted.height - wanted["participant_id"].n_unique()
    if moved or doubled:
        raise CohortError(
            "LC835",
            f"{moved + doubled} people have an index date that differs from the one already held",
            "One person enters a cohort once; correct the file.",
        )
    new = wanted.join(held, on="participant_id", how="anti")
    rows = [(cohort_id, number, date) for number, date in new.iter_rows()]
    insert_rows(session, "enrolment", ("cohort_id", "participant_id", "index_date"), rows)


def _only_enrolled(session: Session, cohort_id: str, placed: pl.DataFrame) -> pl.DataFrame:
    return placed.join(
        enrolments(session, cohort_id).select("participant_id"), on="participant_id", how="semi"
    )


def _add_delivery(
    session: Session,
    cohort: StoredCohort,
    mapping: SourceMapping,
    intake: Intake,
    stamp: FileStamp,
    people: int,
    unknown: int,
    sealed: bool,
) -> int:
    delivery = Delivery(
        delivery_id=(session.exec(select(func.max(Delivery.delivery_id))).first() or 0) + 1,
        cohort_id=cohort.cohort_id,
        source=mapping.id,
        file_sha256=stamp.file_sha256,
        mapping_sha256=stamp.mapping_sha256,
        key_id=stamp.key_id,
        rows=intake.report.rows,
        accepted=intake.report.accepted_rows,
        people=people,
        unknown_people=unknown,
        sealed=int(sealed),
        data_until=mapping.data_until.isoformat() if mapping.data_until else None,
        loaded_at=now(),
    )
    session.add(delivery)
    session.flush()
    return delivery.delivery_id


def _coded(
    session: Session, cohort: StoredCohort, mapping: SourceMapping, intake: Intake, placed: pl.DataFrame
) -> pl.DataFrame:
    """Replace names by numbers: variable_id, wave_id, participant_id, value, missing; sorted by the key."""
    variables = {
        variable.name: _variable_id(
            session, cohort, variable.name, variable.kind, variable.unit, intake.categories
        )
        for variable in mapping.variables
    }
    waves = {row.name: row.wave_id for row in wave_rows(session, cohort.cohort_id)}
    strange = sorted(set(intake.observations["wave"].unique()) - set(waves))
    if strange:
        raise CohortError(
            "LC853",
            (
                f"the mapping names the wave '{strange[0]}', which cohort "
                f"'{cohort.definition.name}' does not have.{did_you_mean(strange[0], waves)}"
            ),
            f"Its waves: {', '.join(waves)}.",
            where=mapping.id,
        )
    frame = intake.observations.join(placed.select("person", "participant_id"), on="person", how="inner")
    frame = _recoded(frame, {name: recode for name, (_, recode) in variables.items() if recode})
    return (
        frame.with_columns(
            pl.col("variable")
            .replace_strict({n: i for n, (i, _) in variables.items()}, return_dtype=pl.Int64)
            .alias("variable_id"),
            pl.col("wave").replace_strict(waves, return_dtype=pl.Int64).alias("wave_id"),
        )
        .select("variable_id", "wave_id", "participant_id", "value", "missing")
        .unique()
        .sort("variable_id", "wave_id", "participant_id")
    )


def _recoded(frame: pl.DataFrame, recodes: dict[str, dict[float, float]]) -> pl.DataFrame:
    """Bring this file's category codes to the codes already held for the variable."""
    for name, recode in recodes.items():
        renewed = pl.col("value").replace_strict(recode, default=None, return_dtype=pl.Float64)
        frame = frame.with_columns(
            pl.when(pl.col("variable") == name).then(renewed).otherwise(pl.col("value")).alias("value")
        )
    return frame


def _variable_id(
    session: Session,
    cohort: StoredCohort,
    name: str,
    kind: str,
    unit: str,
    categories: dict[str, tuple[str, ...]],
) -> tuple[int, dict[float, float]]:
    """The number of a variable, made when new, and how this file's category codes map to the held ones."""
    labels = categories.get(name, ())
    row = session.exec(
        select(Variable).where(Variable.cohort_id == cohort.cohort_id, Variable.name == name)
    ).first()
    if row is None:
        number = (session.exec(select(func.max(Variable.variable_id))).first() or 0) + 1
        session.add(
            Variable(
                variable_id=number,
                cohort_id=cohort.cohort_id,
                name=name,
                kind=kind,
                unit=unit,
                labels=json.dumps(labels, ensure_ascii=False),
            )
        )
        session.flush()
        return number, {}
    if row.kind != kind:
        raise CohortError(
            "LC860",
            f"variable '{name}' was '{row.kind}' in earlier files and is '{kind}' in this mapping",
            "Keep the kind, or choose another name.",
        )
    held = list(json.loads(row.labels))
    if list(labels) == held or not labels:
        return row.variable_id, {}
    merged = held + [label for label in labels if label not in held]
    row.labels = json.dumps(merged, ensure_ascii=False)
    session.add(row)
    session.flush()
    return row.variable_id, {float(i): float(merged.index(label)) for i, label in enumerate(labels)}


def _write_observations(
    session: Session, coded: pl.DataFrame, delivery_id: int, *, replace: bool
) -> tuple[int, int, int]:
    """Write what is new, pass over what is the same, and refuse (or replace) what differs."""
    _refuse_doubles(coded)
    held = _held(session, coded)
    both = coded.join(held, on=["variable_id", "wave_id", "participant_id"], how="inner", suffix="_held")
    differs = ~(
        pl.col("value").eq_missing(pl.col("value_held"))
        & pl.col("missing").eq_missing(pl.col("missing_held"))
    )
    changed = both.filter(differs)
    if changed.height and not replace:
        raise CohortError(
            "LC858",
            f"{changed.height} values differ from those already held",
            "If the file is a correction, load it with --replace.",
        )
    if changed.height:
        session.connection().exec_driver_sql(
            (
                "UPDATE observation SET value = ?, missing = ?, delivery_id = ? WHERE "
                "variable_id = ? AND wave_id = ? AND participant_id = ?"
            ),
            [
                (v, m, delivery_id, a, b, c)
                for a, b, c, v, m in changed.select(
                    "variable_id", "wave_id", "participant_id", "value", "missing"
                ).iter_rows()
            ],
        )
    new = coded.join(held, on=["variable_id", "wave_id", "participant_id"], how="anti")
    new = new.with_columns(pl.lit(delivery_id).alias("delivery_id")).sort(
        "variable_id", "wave_id", "participant_id"
    )
    insert_rows(session, "observation", new.columns, new.rows())
    return new.height, both.height - changed.height, changed.height


def _refuse_doubles(coded: pl.DataFrame) -> None:
    doubled = coded.height - coded.select("variable_id", "wave_id", "participant_id").n_unique()
    if doubled:
        raise CohortError(
            "LC833",
            f"{doubled} values of one person, variable and wave contradict each other",
            "Correct the file; nothing was loaded.",
        )


def _held(session: Session, coded: pl.DataFrame) -> pl.DataFrame:
    schema = {
        "variable_id": pl.Int64,
        "wave_id": pl.Int64,
        "participant_id": pl.Int64,
        "value": pl.Float64,
        "missing": pl.String,
    }
    rows: list[tuple[Any, ...]] = []
    for variable_id, wave_id in (
        coded.select("variable_id", "wave_id").unique().sort("variable_id", "wave_id").iter_rows()
    ):
        found = session.connection().exec_driver_sql(
            (
                "SELECT variable_id, wave_id, participant_id, value, missing FROM observation "
                "WHERE variable_id = ? AND wave_id = ?"
            ),
            (variable_id, wave_id),
        )
        rows += [tuple(row) for row in found]
    return pl.DataFrame(rows, schema=schema, orient="row")
