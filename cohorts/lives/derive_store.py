"""Derived variables as values in the store, renewed whenever what they are made of changes.

They are kept like a delivery of the cohort's own, so that reading, sealing, data cut-offs and follow-up treat
them as any other variable. A variable is sealed if anything it is made of was loaded sealed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlmodel import Session

from cohorts.deliveries import (
    Coded,
    FileStamp,
    add_delivery,
    held_values,
    variable_number,
    write_observations,
)
from cohorts.errors import CohortError
from cohorts.lives.definition import Derived, names_of, off_clock_name
from cohorts.lives.derive_outcomes import Lives, derive, needs_of
from cohorts.lives.store import read_lives
from cohorts.partner_files.mapping import SourceMapping
from cohorts.store import DERIVED, StoredCohort, list_cohorts, wave_rows
from workspace.statements import insert_frame, run

KINDS = {"event-within": "binary", "family": "number"}
UNITS = {
    "days-to-event": "days",
    "time-in-state": "days",
    "days-at-liberty": "days",
    "event-count": "events",
    "family": "family",
}


@dataclass(frozen=True, slots=True)
class DerivedCount:
    """One derived variable after deriving: exact counts, never shown as they are."""

    name: str
    wave: str
    values: int
    missing: tuple[tuple[str, int], ...]
    sealed: bool


@dataclass(frozen=True, slots=True)
class Deriving:
    """What deriving did: the variables there are, those that wait for a source, and how many values moved."""

    variables: tuple[DerivedCount, ...]
    waiting: tuple[str, ...]
    added: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a variable rests on: was any of it sealed, could all of it be seen, and up to when do the data run."""

    sealed: bool
    seen: bool
    until: dt.date | None


def derive_all(session: Session, cohort: StoredCohort) -> Deriving:
    """Derive every variable the cohort declares, in the caller's transaction. Doing it again changes nothing.

    Raises
    ------
    CohortError
        ``LC869``: the cohort declares none.
    """
    items = cohort.definition.life.derived
    if not items:
        raise CohortError(
            "LC869",
            f"cohort '{cohort.definition.name}' declares no derived variables",
            "Add [[derived]] to its template, or make the cohort from a template that has some.",
        )
    lives = read_lives(session, cohort)
    sealings = _sealings(session, cohort.cohort_id)
    waves = {row.name: row.wave_id for row in wave_rows(session, cohort.cohort_id)}
    counts: list[DerivedCount] = []
    groups: dict[_Basis, list[Coded]] = {}
    waiting = []
    for item in items:
        if not all(need in sealings for need in _main_needs(item)):
            waiting += list(names_of(item))
            continue
        basis = _basis(item, lives, sealings)
        values = derive(item, lives, cohort.definition.life, _held_family(session, cohort, item))
        for name, frame in values.items():
            place = _place(session, cohort, item, name), waves[item.wave]
            groups.setdefault(basis, []).append(_coded(frame, *place))
            counts.append(_count(name, item.wave, frame, sealed=basis.sealed))
    added, changed = 0, 0
    for basis, blocks in groups.items():
        new, moved = _keep(session, cohort, basis, blocks)
        added, changed = added + new, changed + moved
    return Deriving(tuple(counts), tuple(waiting), added, changed)


def renew_derived(session: Session, cohort: StoredCohort, mapping: SourceMapping) -> None:
    """After a load that brought people or lives: derive again, so that no variable lags behind its sources.

    It also means that whoever locks a plan is told honestly whether the outcome could be known.
    """
    if cohort.definition.life.derived and (mapping.life or mapping.enrols):
        derive_all(session, cohort)


def renew_all(session: Session) -> None:
    """Derive again for every cohort: after somebody left, came back, was made one with another or was taken apart."""
    for cohort in list_cohorts(session):
        if cohort.definition.life.derived:
            derive_all(session, cohort)


def _main_needs(item: Derived) -> tuple[tuple[str, str], ...]:
    """Competing events may lack a source: their own variable then says so."""
    return needs_of(replace(item, competing=()))


def _sealings(session: Session, cohort_id: str) -> dict[tuple[str, str], set[bool]]:
    """For each (table, kind) whether deliveries of it were sealed."""
    rows = run(
        session,
        "SELECT c.about, c.kind, d.sealed, d.data_until FROM coverage c "
        "JOIN delivery d ON d.delivery_id = c.delivery_id WHERE d.cohort_id = ?",
        (cohort_id,),
    )
    found: dict[tuple[str, str], set[bool]] = {}
    for about, kind, sealed, until in rows:
        found.setdefault((about, kind), set()).add(bool(sealed))
        if until is None:  # no cut-off can be named for what rests on it
            found.setdefault(("open", f"{about}:{kind}"), set()).add(True)
    return found


def _basis(item: Derived, lives: Lives, sealings: dict[tuple[str, str], set[bool]]) -> _Basis:
    needs = [need for need in needs_of(item) if need in sealings]
    watched = [("observability", kind) for _, kind in needs if ("observability", kind) in sealings]
    flags = [sealings[need] for need in (*needs, *watched)]
    untils = [lives.cover(*need).data_until for need in needs]
    open_ended = any(("open", f"{about}:{kind}") in sealings for about, kind in needs)
    named = [until for until in untils if until is not None]
    until = None if open_ended or not named or item.kind == "family" else min(named)
    return _Basis(any(True in found for found in flags), all(False in found for found in flags), until)


def _held_family(session: Session, cohort: StoredCohort, item: Derived) -> pl.DataFrame:
    rows: Iterable[Sequence[object]] = ()
    if item.kind == "family":
        rows = run(
            session,
            "SELECT o.participant_id, o.value FROM observation o JOIN variable v ON v.variable_id = o.variable_id "
            "WHERE v.cohort_id = ? AND v.name = ?",
            (cohort.cohort_id, item.name),
        )
    schema = {"participant": pl.Int64, "value": pl.Float64}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _place(session: Session, cohort: StoredCohort, item: Derived, name: str) -> int:
    own = name == item.name or (bool(item.spell) and name == off_clock_name(item))
    kind = KINDS.get(item.kind, "number") if own else "binary"
    unit = (item.of if item.kind == "dose" else UNITS.get(item.kind, "")) if own else ""
    return variable_number(session, cohort, name, kind, unit, {})[0]


def _coded(frame: pl.DataFrame, variable_id: int, wave_id: int) -> Coded:
    ordered = frame.select(
        pl.col("participant").alias("participant_id"), "value", pl.col("missing").cast(pl.String)
    ).sort("participant_id")
    return Coded(variable_id, wave_id, ordered)


def _count(name: str, wave: str, frame: pl.DataFrame, *, sealed: bool) -> DerivedCount:
    reasons = frame.drop_nulls("missing").group_by("missing").len().sort("missing")
    values = frame.height - frame["missing"].is_not_null().sum()
    return DerivedCount(name, wave, int(values), tuple((str(r), int(n)) for r, n in reasons.rows()), sealed)


def _keep(session: Session, cohort: StoredCohort, basis: _Basis, coded: list[Coded]) -> tuple[int, int]:
    """Write the values of one basis; nothing at all when neither they nor their basis moved."""
    schema = {"variable_id": pl.Int64, "wave_id": pl.Int64}
    places = pl.DataFrame(
        sorted((block.variable_id, block.wave_id) for block in coded), schema=schema, orient="row"
    )
    before = _holdings(session, places)
    flags = {basis.sealed, not basis.seen} | {sealed for _, _, _, sealed, _ in before}
    same_basis = len(before) == len(flags) * places.height and all(row[4] == basis.until for row in before)
    # Values of people who may not be used stay as they are; they are renewed when the people come back.
    here = pl.concat([block.frame["participant_id"] for block in coded]).unique()
    usable = pl.col("participant_id").is_in(here.implode())
    if same_basis and all(
        block.frame.equals(
            held_values(session, block.variable_id, block.wave_id).filter(usable), null_equal=True
        )
        for block in coded
    ):
        return 0, 0
    for variable_id, wave_id, delivery_id, _, _ in before:
        run(
            session,
            "DELETE FROM holding WHERE delivery_id = ? AND variable_id = ? AND wave_id = ?",
            (delivery_id, variable_id, wave_id),
        )
    moved = (0, 0)
    for sealed in sorted(flags, key=lambda flag: flag != basis.sealed):
        delivery_id = _add(session, cohort, basis.until, coded, sealed=sealed)
        insert_frame(session, "holding", places.select(pl.lit(delivery_id).alias("delivery_id"), pl.all()))
        if sealed == basis.sealed:  # the other one only remembers that earlier values could be seen
            new, _, changed = write_observations(session, coded, delivery_id, replace=True)
            moved = (new, changed)
    return moved


def _holdings(session: Session, places: pl.DataFrame) -> list[tuple[int, int, int, bool, dt.date | None]]:
    found: list[tuple[int, int, int, bool, dt.date | None]] = []
    for variable_id, wave_id in places.iter_rows():
        rows = run(
            session,
            "SELECT h.variable_id, h.wave_id, h.delivery_id, d.sealed, d.data_until FROM holding h "
            "JOIN delivery d ON d.delivery_id = h.delivery_id WHERE h.variable_id = ? AND h.wave_id = ?",
            (variable_id, wave_id),
        )
        found += [(v, w, d, bool(s), dt.date.fromisoformat(u) if u else None) for v, w, d, s, u in rows]
    return found


def _add(
    session: Session, cohort: StoredCohort, until: dt.date | None, coded: list[Coded], *, sealed: bool
) -> int:
    newest = run(session, "SELECT COALESCE(MAX(delivery_id), 0) FROM delivery").scalar()
    stamp = FileStamp(_sha256(f"{DERIVED} {newest} {sealed}"), _sha256(cohort.definition.as_json()), "")
    people = pl.concat([block.frame["participant_id"] for block in coded]).n_unique()
    return add_delivery(session, cohort, (DERIVED, until), (people, people, people, 0), stamp, sealed=sealed)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
