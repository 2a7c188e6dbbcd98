"""How an accepted delivery goes into the store: people, enrolments, values; all of it or none.

Rows are sorted by the key they are stored under before they are written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl
from sqlmodel import Session, func, select

from cohorts.errors import CohortError
from cohorts.intake import Intake
from cohorts.lives.history_store import keep_history
from cohorts.lives.relations_store import activate_related
from cohorts.lives.store import save_life
from cohorts.partner_files.mapping import NOT_RECORDED
from cohorts.partner_files.observations import Block
from cohorts.partner_files.source_file import SourceMapping
from cohorts.placement import enrol, match_people, only_enrolled, place_people
from cohorts.records import Delivery, Variable
from cohorts.requests.store import people_not_to_collect
from cohorts.store import StoredCohort, wave_rows
from workspace.clock import now
from workspace.errors import did_you_mean
from workspace.statements import insert_frame, noted, read_frame, run_many

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
    held: list[tuple[int, int]] = []
    coded = _coded(session, cohort, mapping, intake, placed, held)
    stored, unchanged, replaced = write_observations(session, coded, delivery_id, replace=replace)
    lives = save_life(
        session, cohort, mapping, intake.life, placed, delivery_id, stamp.key_id, replace=replace
    )
    holding = pl.DataFrame(held, schema={"variable_id": pl.Int64, "wave_id": pl.Int64}, orient="row")
    insert_frame(session, "holding", holding.with_columns(pl.lit(delivery_id).alias("delivery_id")))
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


@dataclass(frozen=True, slots=True)
class Coded:
    """A block under the numbers of the store: ``frame`` holds participant_id, value, missing, sorted by the first."""

    variable_id: int
    wave_id: int
    frame: pl.DataFrame = field(repr=False)


def _coded(
    session: Session,
    cohort: StoredCohort,
    mapping: SourceMapping,
    intake: Intake,
    placed: pl.DataFrame,
    held: list[tuple[int, int]],
) -> Iterator[Coded]:
    """Replace names by numbers, a block at a time; blocks without a placed person are left out.

    In the order of the store's key; the variable and wave of each block that is given out goes into ``held``.
    """
    variables = {
        variable.name: variable_number(
            session, cohort, variable.name, variable.kind, variable.unit, intake.categories
        )
        for variable in mapping.variables
    }
    waves = {row.name: row.wave_id for row in wave_rows(session, cohort.cohort_id)}
    strange = sorted({wave for _, wave in intake.names} - set(waves))
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
    numbers = _numbers(intake.people.height, placed)
    twice = placed["participant_id"].is_duplicated().any()
    keyed = [(variables[name][0], waves[wave], name, wave) for name, wave in intake.names]
    for variable_id, wave_id, name, wave in sorted(keyed):
        frame = _numbered(intake.block(name, wave), numbers, variables[name][1])
        if twice:
            frame = frame.unique().sort("participant_id")
        if frame.height:
            held.append((variable_id, wave_id))
            yield Coded(variable_id, wave_id, frame)


def _numbers(people: int, placed: pl.DataFrame) -> pl.Series:
    """The participant number of each person of the file, null where the person is not placed."""
    persons = pl.DataFrame({"person": pl.int_range(people, dtype=pl.UInt32, eager=True)})
    found = persons.join(
        placed.select("person", "participant_id"), on="person", how="left", maintain_order="left"
    )
    return found["participant_id"]


def _numbered(block: Block, numbers: pl.Series, recode: dict[float, float]) -> pl.DataFrame:
    """A block by participant, its category codes brought to those already held for the variable."""
    value = block.value
    if recode:
        value = value.replace_strict(recode, default=None, return_dtype=pl.Float64)
    participant = numbers.gather(block.person).alias("participant_id")
    frame = pl.DataFrame([participant, value.alias("value"), block.missing.alias("missing")])
    if participant.null_count():
        frame = frame.filter(pl.col("participant_id").is_not_null())
    return frame if frame["participant_id"].is_sorted() else frame.sort("participant_id")


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


@dataclass(frozen=True, slots=True)
class _Change:
    """What a block changes: new rows, rows whose value is renewed, and how many are as they were."""

    block: Coded
    new: pl.DataFrame = field(repr=False)
    renewed: pl.DataFrame = field(repr=False)
    unchanged: int
    contradicted: int


def write_observations(
    session: Session, coded: Iterable[Coded], delivery_id: int, *, replace: bool
) -> tuple[int, int, int]:
    """Write what is new, pass over what is the same, and refuse (or replace) what differs."""
    stored = unchanged = renewed = contradicted = doubled = 0
    for block in coded:  # one at a time: what is refused in the end is taken back with its transaction
        doubled += block.frame.height - block.frame["participant_id"].n_unique()
        if doubled:
            continue
        change = _compared(session, block)
        contradicted += change.contradicted
        if contradicted and not replace:
            continue
        _write(session, change, delivery_id)
        stored, unchanged = stored + change.new.height, unchanged + change.unchanged
        renewed += change.renewed.height
    _refuse_doubles(doubled)
    if contradicted and not replace:
        raise CohortError(
            "LC858",
            f"{contradicted} values differ from those already held",
            "If the file is a correction, load it with --replace.",
        )
    return stored, unchanged, renewed


def _compared(session: Session, block: Coded) -> _Change:
    """Hold a block against what is stored of its variable and wave, which for a new wave is nothing."""
    held = held_values(session, block.variable_id, block.wave_id)
    if held.is_empty():
        return _Change(block, block.frame, block.frame.clear(), 0, 0)
    held = held.with_columns(pl.col("missing").cast(block.frame.schema["missing"]))
    both = block.frame.join(held, on="participant_id", how="inner", suffix="_held")
    differs = ~(
        pl.col("value").eq_missing(pl.col("value_held"))
        & pl.col("missing").eq_missing(pl.col("missing_held"))
    )
    # A blank says nothing: it never takes a value away, and a value that comes later fills it.
    blank_now, blank_before = (
        (pl.col(name) == NOT_RECORDED).fill_null(value=False) for name in ("missing", "missing_held")
    )
    changed = both.filter(differs & ~blank_now)
    new = block.frame.join(held, on="participant_id", how="anti", maintain_order="left")
    return _Change(
        block,
        new,
        changed.select("participant_id", "value", "missing"),
        both.height - changed.height,
        changed.filter(~blank_before).height,
    )


def _write(session: Session, change: _Change, delivery_id: int) -> None:
    numbers = {
        "variable_id": change.block.variable_id, "wave_id": change.block.wave_id, "delivery_id": delivery_id
    }  # fmt: skip
    keyed = [pl.lit(number).alias(name) for name, number in numbers.items()]
    if change.renewed.height:
        renewed = change.renewed.with_columns(keyed)
        keep_history(session, renewed.select(KEY))
        with noted(session, "observation", renewed):
            run_many(
                session,
                "UPDATE observation SET value = ?, missing = ?, delivery_id = ? "
                "WHERE variable_id = ? AND wave_id = ? AND participant_id = ?",
                renewed.select("value", "missing", "delivery_id", *KEY).rows(),
            )
    insert_frame(session, "observation", change.new.with_columns(keyed))


def _refuse_doubles(doubled: int) -> None:
    if doubled:
        raise CohortError(
            "LC833",
            f"{doubled} values of one person, variable and wave contradict each other",
            "Correct the file; nothing was loaded.",
        )


def held_values(session: Session, variable_id: int, wave_id: int) -> pl.DataFrame:
    """The values held of one variable at one wave: participant_id, value, missing; in the order of the numbers."""
    return read_frame(
        session,
        "SELECT participant_id, value, missing FROM observation WHERE variable_id = ? AND wave_id = ? "
        "ORDER BY participant_id",
        (variable_id, wave_id),
        {"participant_id": pl.Int64, "value": pl.Float64, "missing": pl.String},
    )
