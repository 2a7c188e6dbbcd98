"""Who the people of a delivery are: known ones found by any shared token, new ones numbered, enrolments kept.

Part of the store's writing side: it runs inside the transaction of ``deliveries.save_intake``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import polars as pl
from sqlmodel import Session, func, select

from cohorts.errors import CohortError
from cohorts.records import Participant
from cohorts.source_file import SourceMapping
from cohorts.store import enrolments, today

BLOCK = 100


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


def _token_columns(people: pl.DataFrame) -> list[str]:
    return [name for name in people.columns if name not in ("person", "index_date")]


def match_people(session: Session, people: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
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


def place_people(
    session: Session, people: pl.DataFrame, known: pl.DataFrame, mapping: SourceMapping, key_id: str
) -> tuple[pl.DataFrame, int, int]:
    """Give every person a participant number: known ones theirs, new ones the next in token order."""
    placed = people.join(known, on="person", how="left").sort("person")
    fresh = placed.filter(pl.col("participant_id").is_null())
    if not mapping.enrols:
        placed = placed.filter(pl.col("participant_id").is_not_null())
        for kind in _token_columns(people):
            _add_tokens(session, placed, kind, key_id)
        return placed, 0, fresh.height
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


def enrol(session: Session, cohort_id: str, placed: pl.DataFrame) -> None:
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


def only_enrolled(session: Session, cohort_id: str, placed: pl.DataFrame) -> pl.DataFrame:
    """Keep the people who are in the cohort: nothing is stored of anybody else."""
    return placed.join(
        enrolments(session, cohort_id).select("participant_id"), on="participant_id", how="semi"
    )
