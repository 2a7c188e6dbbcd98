"""The other person of a relation, found by token; one who is not held yet is kept as a number that links families."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlmodel import Session, func, select

from cohorts.custody.token_store import add_tokens, find_holders
from cohorts.local_ids import LOCAL, note_holders
from cohorts.records import Participant
from cohorts.requests.store import last_erased, people_not_to_collect
from workspace.clock import today
from workspace.statements import insert_frame, run


def with_others(session: Session, rows: pl.DataFrame, key_id: str, namespace: str) -> pl.DataFrame:
    """Rows of relations with ``other_id`` in place of the token; nobody is related to themselves.

    Someone who is in no file of their own gets a participant number and this one token, and is enrolled in
    nothing: without them two children of one mother could not be seen to be siblings.
    """
    found = []
    for kind in rows["kind"].unique().sort().to_list():
        mine = rows.filter(pl.col("kind") == kind)
        tokens = mine.select(pl.col("token").alias(kind)).unique().sort(kind)
        tokens = tokens.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), kind)
        known = find_holders(session, tokens)
        placed = tokens.join(known, on="person", how="left")
        fresh = placed.filter(pl.col("participant_id").is_null())
        newest = session.exec(select(func.max(Participant.participant_id))).first() or 0
        start = max(newest, last_erased(session)) + 1
        numbers = pl.int_range(start, start + fresh.height, dtype=pl.Int64)
        fresh = fresh.with_columns(numbers.alias("participant_id"))
        insert_frame(
            session,
            "participant",
            fresh.select(
                "participant_id", pl.lit("related").alias("state"), pl.lit(today().isoformat()).alias("added")
            ),
        )
        add_tokens(
            session,
            fresh.select(
                pl.lit(kind).alias("kind"),
                pl.col(kind).alias("token"),
                "participant_id",
                pl.lit(key_id).alias("key_id"),
            ),
        )
        if kind == LOCAL:
            note_holders(session, namespace, fresh["participant_id"])
        whole = pl.concat([placed.filter(pl.col("participant_id").is_not_null()), fresh])
        others = whole.select(pl.col(kind).alias("token"), pl.col("participant_id").alias("other_id"))
        found.append(mine.join(others, on="token"))
    empty = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("other_id")).clear()
    joined = pl.concat([empty, *found]).drop("token", "kind")
    barred = people_not_to_collect(session)
    return joined.filter(
        (pl.col("other_id") != pl.col("participant_id")) & ~pl.col("other_id").is_in(barred.implode())
    )


def relatives_of(session: Session, numbers: Sequence[int]) -> list[int]:
    """Whom these people are said to be related to, and who is in no file of their own."""
    found: set[int] = set()
    for number in numbers:
        rows = run(
            session,
            "SELECT DISTINCT r.other_id FROM relation r JOIN participant p ON p.participant_id = r.other_id "
            "WHERE r.participant_id = ? AND p.state = 'related'",
            (number,),
        )
        found |= {int(row[0]) for row in rows}
    return sorted(found - set(numbers))


def relatives_left_over(session: Session, numbers: Sequence[int]) -> list[int]:
    """Those of some relatives to whom nobody is related any more: there is no reason left to hold them."""
    known = "SELECT count(*) FROM relation WHERE other_id = ? OR participant_id = ?"
    return [number for number in numbers if not run(session, known, (number, number)).scalar()]


def activate_related(session: Session) -> None:
    """Somebody known only as a relative who is enrolled now is a participant like any other."""
    run(
        session,
        "UPDATE participant SET state = 'active' WHERE state = 'related' "
        "AND participant_id IN (SELECT participant_id FROM enrolment)",
    )
