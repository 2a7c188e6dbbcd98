"""How an accepted delivery goes into the store: people, enrolments, values; all of it or none.

Rows are sorted by the key they are stored under before they are written.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlmodel import Session, func, select

from cohorts.errors import CohortError
from cohorts.history_store import keep_history
from cohorts.intake import Intake
from cohorts.life_store import save_life
from cohorts.mapping import NOT_RECORDED
from cohorts.placement import enrol, match_people, only_enrolled, place_people
from cohorts.records import Delivery, Variable
from cohorts.relations_store import activate_related
from cohorts.rights_store import people_not_to_collect
from cohorts.source_file import SourceMapping
from cohorts.store import StoredCohort, wave_rows
from workspace.clock import now
from workspace.errors import did_you_mean
from workspace.statements import insert_frame, run, run_many

KEY = ("variable_id", "wave_id", "participant_id")


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What identifies a delivery: the fingerprints of the file and of the mapping it was read with.

    Beside them stand the agreement it came under and its version, where the mapping names one.
    """

    file_sha256: str
    mapping_sha256: str
    key_id: str
    agreement: str | None = None
    agreement_version: str | None = None


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did."""

    people: int
    new_people: int
    unknown_people: int
    observations: int
    unchanged: int
    replaced: int
    lives: tuple[tuple[str, int], ...] = ()
    withdrawn: int = 0


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
    known = match_people(session, intake.people, mapping)
    barred = known.filter(pl.col("participant_id").is_in(people_not_to_collect(session).implode()))
    people = intake.people.join(barred, on="person", how="anti", maintain_order="left")
    placed, new_people, unknown = place_people(session, people, known, mapping, stamp.key_id)
    if mapping.enrols:
        enrol(session, cohort.cohort_id, placed)
        activate_related(session)
    else:
        before = placed.height
        placed = only_enrolled(session, cohort.cohort_id, placed)
        unknown += before - placed.height
    counts = (intake.report.rows, intake.report.accepted_rows, placed.height, unknown)
    origin = (mapping.id, mapping.data_until)
    delivery_id = add_delivery(session, cohort, origin, counts, stamp, sealed=sealed)
    coded = _coded(session, cohort, mapping, intake, placed)
    stored, unchanged, replaced = write_observations(session, coded, delivery_id, replace=replace)
    lives = save_life(
        session, cohort, mapping, intake.life, placed, delivery_id, stamp.key_id, replace=replace
    )
    held = coded.select("variable_id", "wave_id").unique().sort("variable_id", "wave_id")
    insert_frame(
        session, "holding", held.select(pl.lit(delivery_id).alias("delivery_id"), "variable_id", "wave_id")
    )
    return LoadResult(
        placed.height, new_people, unknown, stored, unchanged, replaced, lives, withdrawn=barred.height
    )


def add_delivery(
    session: Session,
    cohort: StoredCohort,
    origin: tuple[str, dt.date | None],
    counts: tuple[int, int, int, int],
    stamp: FileStamp,
    *,
    sealed: bool,
) -> int:
    """Enter a delivery: its source and data cut-off, and its counts of rows, accepted rows, people, unknown people."""
    source, until = origin
    rows, accepted, people, unknown = counts
    delivery = Delivery(
        delivery_id=(session.exec(select(func.max(Delivery.delivery_id))).first() or 0) + 1,
        cohort_id=cohort.cohort_id,
        source=source,
        file_sha256=stamp.file_sha256,
        mapping_sha256=stamp.mapping_sha256,
        key_id=stamp.key_id,
        rows=rows,
        accepted=accepted,
        people=people,
        unknown_people=unknown,
        sealed=int(sealed),
        data_until=until.isoformat() if until else None,
        loaded_at=now(),
        agreement=stamp.agreement,
        agreement_version=stamp.agreement_version,
    )
    session.add(delivery)
    session.flush()
    return delivery.delivery_id


def _coded(
    session: Session, cohort: StoredCohort, mapping: SourceMapping, intake: Intake, placed: pl.DataFrame
) -> pl.DataFrame:
    """Replace names by numbers: variable_id, wave_id, participant_id, value, missing; sorted by the key."""
    variables = {
        variable.name: variable_number(
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
            .replace_strict({n: i for n, (i, _) in variables.items()}, default=None, return_dtype=pl.Int64)
            .cast(pl.Int64, strict=False)  # a source without variables leaves no numbers to put in
            .alias("variable_id"),
            pl.col("wave").replace_strict(waves, return_dtype=pl.Int64).alias("wave_id"),
        )
        .select("variable_id", "wave_id", "participant_id", "value", "missing")
        .unique()
        .sort(KEY)
    )


def _recoded(frame: pl.DataFrame, recodes: dict[str, dict[float, float]]) -> pl.DataFrame:
    """Bring this file's category codes to the codes already held for the variable."""
    for name, recode in recodes.items():
        renewed = pl.col("value").replace_strict(recode, default=None, return_dtype=pl.Float64)
        frame = frame.with_columns(
            pl.when(pl.col("variable") == name).then(renewed).otherwise(pl.col("value")).alias("value")
        )
    return frame


def variable_number(
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


def write_observations(
    session: Session, coded: pl.DataFrame, delivery_id: int, *, replace: bool
) -> tuple[int, int, int]:
    """Write what is new, pass over what is the same, and refuse (or replace) what differs."""
    _refuse_doubles(coded)
    held = held_values(session, coded)
    both = coded.join(held, on=KEY, how="inner", suffix="_held")
    differs = ~(
        pl.col("value").eq_missing(pl.col("value_held"))
        & pl.col("missing").eq_missing(pl.col("missing_held"))
    )
    # A blank says nothing: it never takes a value away, and a value that comes later fills it.
    blank_now, blank_before = (
        (pl.col(name) == NOT_RECORDED).fill_null(value=False) for name in ("missing", "missing_held")
    )
    changed = both.filter(differs & ~blank_now)
    if changed.filter(~blank_before).height and not replace:
        raise CohortError(
            "LC858",
            f"{changed.filter(~blank_before).height} values differ from those already held",
            "If the file is a correction, load it with --replace.",
        )
    if changed.height:
        keep_history(session, changed.select(KEY))
        renewed = changed.with_columns(pl.lit(delivery_id).alias("by")).select("value", "missing", "by", *KEY)
        run_many(
            session,
            "UPDATE observation SET value = ?, missing = ?, delivery_id = ? "
            "WHERE variable_id = ? AND wave_id = ? AND participant_id = ?",
            renewed.rows(),
        )
    new = (
        coded.join(held, on=KEY, how="anti").with_columns(pl.lit(delivery_id).alias("delivery_id")).sort(KEY)
    )
    insert_frame(session, "observation", new)
    return new.height, both.height - changed.height, changed.height


def _refuse_doubles(coded: pl.DataFrame) -> None:
    doubled = coded.height - coded.select(KEY).n_unique()
    if doubled:
        raise CohortError(
            "LC833",
            f"{doubled} values of one person, variable and wave contradict each other",
            "Correct the file; nothing was loaded.",
        )


def held_values(session: Session, coded: pl.DataFrame) -> pl.DataFrame:
    """The values held of the variables and waves in a frame, sorted by their key."""
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
        found = run(
            session,
            "SELECT variable_id, wave_id, participant_id, value, missing FROM observation "
            "WHERE variable_id = ? AND wave_id = ?",
            (variable_id, wave_id),
        )
        rows += [tuple(row) for row in found]
    return pl.DataFrame(rows, schema=schema, orient="row").sort(KEY)
