"""Who the people of a delivery are: known ones found by any shared token, new ones numbered, enrolments kept.

Part of the store's writing side: it runs inside the transaction of ``deliveries.save_intake``.
"""

from __future__ import annotations

import polars as pl
from sqlmodel import Session, func, select

from cohorts.custody.token_store import (
    add_tokens,
    find_holders,
    holders_of_kind,
    in_sealed_order,
    known_tokens,
    token_columns,
)
from cohorts.errors import CohortError
from cohorts.local_ids import LOCAL, holders_bound, note_holders
from cohorts.partner_files.source_file import SourceMapping
from cohorts.records import Participant
from cohorts.requests.store import last_erased
from cohorts.store import enrolments
from workspace.clock import today
from workspace.statements import insert_frame, read_frame


def match_people(session: Session, people: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
    """Which persons of the file are known: columns person, participant_id."""
    if session.exec(select(func.max(Participant.participant_id))).first() is None:
        return pl.DataFrame(schema={"person": pl.UInt32, "participant_id": pl.Int64})
    known = find_holders(session, people)
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


def place_people(
    session: Session, people: pl.DataFrame, known: pl.DataFrame, mapping: SourceMapping, key_id: str
) -> tuple[pl.DataFrame, int, int]:
    """Give every person a participant number: known ones theirs, new ones the next in token order."""
    placed = people.join(known, on="person", how="left").sort("person")
    fresh = placed.filter(pl.col("participant_id").is_null())
    if not mapping.enrols:
        placed = placed.filter(pl.col("participant_id").is_not_null())
        _keep_tokens(session, placed, placed.clear(), token_columns(people), key_id, mapping.namespace)
        return placed, 0, fresh.height
    fresh = in_sealed_order(session, fresh)
    start = (
        max(session.exec(select(func.max(Participant.participant_id))).first() or 0, last_erased(session)) + 1
    )
    numbered = fresh.with_columns(
        pl.int_range(start, start + fresh.height, dtype=pl.Int64).alias("participant_id")
    )
    fresh_rows = numbered.select(
        "participant_id", pl.lit("active").alias("state"), pl.lit(today().isoformat()).alias("added")
    )
    insert_frame(session, "participant", fresh_rows)
    placed = pl.concat([placed.filter(pl.col("participant_id").is_not_null()), numbered])
    before = placed.filter(pl.col("person").is_in(known["person"].implode()))
    _keep_tokens(session, before, numbered, token_columns(people), key_id, mapping.namespace)
    return placed, numbered.height, 0


def _keep_tokens(
    session: Session,
    known: pl.DataFrame,
    fresh: pl.DataFrame,
    kinds: list[str],
    key_id: str,
    namespace: str,
) -> None:
    """Keep the tokens that are new: all those of new people, and of known ones those of another kind.

    Known people were found by a token that is held; with one kind of identifier they have no other.
    """
    for kind in kinds:
        if known.height and (kind == LOCAL or len(kinds) > 1):
            _add_tokens(session, pl.concat([known, fresh]), kind, key_id, namespace)
            continue
        _store_tokens(session, fresh, kind, key_id)
        if kind == LOCAL:
            note_holders(session, namespace, fresh.filter(pl.col(kind).is_not_null())["participant_id"])


def _store_tokens(session: Session, people: pl.DataFrame, kind: str, key_id: str) -> None:
    held = people.filter(pl.col(kind).is_not_null()).select(pl.col(kind).alias("token"), "participant_id")
    constant = (pl.lit(kind).alias("kind"), pl.lit(key_id).alias("key_id"))
    add_tokens(session, held.sort("token").with_columns(constant))


def _add_tokens(session: Session, placed: pl.DataFrame, kind: str, key_id: str, namespace: str) -> None:
    """Keep the tokens that are new. Nobody gets a second identifier of a kind: that is for people to decide.

    A local id is a kind of its own for every organisation.
    """
    held = placed.filter(pl.col(kind).is_not_null()).select(pl.col(kind).alias("token"), "participant_id")
    new = held.join(known_tokens(session, kind), on="token", how="anti").unique().sort("token")
    if new.is_empty():
        if kind == LOCAL:
            note_holders(session, namespace, held["participant_id"])
        return
    have = holders_of_kind(session, kind)
    if kind == LOCAL:
        have = holders_bound(session, namespace, have)
    again = pl.col("participant_id").is_in(have.implode())
    second = new.filter(again | pl.col("participant_id").is_duplicated()).height
    if second:
        raise CohortError(
            "LC832",
            f"{second} people come with a second {kind} beside the one already held",
            "A new number can mean an adoption or a child at risk: ask the partner; nothing was loaded.",
        )
    add_tokens(
        session,
        new.select(pl.lit(kind).alias("kind"), "token", "participant_id", pl.lit(key_id).alias("key_id")),
    )
    if kind == LOCAL:
        note_holders(session, namespace, held["participant_id"])


def enrol(session: Session, cohort_id: str, placed: pl.DataFrame) -> None:
    """Enrol the placed people. A second, different index date for one participant is refused."""
    wanted = (
        placed.select("participant_id", pl.col("index_date").cast(pl.String)).unique().sort("participant_id")
    )
    held = enrolments(session, cohort_id, everybody=True)
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
    insert_frame(
        session, "enrolment", new.select(pl.lit(cohort_id).alias("cohort_id"), "participant_id", "index_date")
    )


def only_enrolled(session: Session, cohort_id: str, placed: pl.DataFrame) -> pl.DataFrame:
    """Keep the people who are in the cohort: nothing is stored of anybody else."""
    statement = "SELECT participant_id FROM enrolment WHERE cohort_id = ?"
    enrolled = read_frame(session, statement, (cohort_id,), {"participant_id": pl.Int64})
    return placed.join(enrolled, on="participant_id", how="semi")
