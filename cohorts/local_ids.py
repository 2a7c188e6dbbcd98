"""Whose local ids a participant holds. A local id is one organisation's own: each of several may have given one.

A second one of the *same* organisation is as suspicious as a second NHS number, so it is noted whose each is.
"""

from __future__ import annotations

import polars as pl
from sqlmodel import Session

from workspace.statements import insert_frame, run

LOCAL = "local-id"


def holders_in(session: Session, namespace: str) -> pl.Series:
    """The participants who hold a local id of one organisation."""
    rows = run(session, "SELECT participant_id FROM local_id_holder WHERE namespace = ?", (namespace,))
    return pl.Series("participant_id", [row[0] for row in rows], dtype=pl.Int64)


def holders_bound(session: Session, namespace: str, holders: pl.Series) -> pl.Series:
    """Those of some participants with local ids who may get no other of this organisation.

    They hold one of its own, or one of which it is not known whose it is: it came before this was noted.
    """
    rows = run(
        session, "SELECT DISTINCT participant_id FROM local_id_holder WHERE namespace <> ?", (namespace,)
    )
    elsewhere = pl.Series("participant_id", [row[0] for row in rows], dtype=pl.Int64)
    own = holders_in(session, namespace)
    return holders.filter(holders.is_in(own.implode()) | ~holders.is_in(elsewhere.implode()))


def note_holders(session: Session, namespace: str, participants: pl.Series) -> None:
    """Note that these participants hold a local id of an organisation."""
    new = participants.unique().sort().to_frame("participant_id")
    new = new.filter(~pl.col("participant_id").is_in(holders_in(session, namespace).implode()))
    insert_frame(
        session, "local_id_holder", new.select(pl.lit(namespace).alias("namespace"), "participant_id")
    )


def forget_holder(session: Session, namespace: str, participant_id: int) -> None:
    """A participant holds no local id of an organisation any more."""
    statement = "DELETE FROM local_id_holder WHERE namespace = ? AND participant_id = ?"
    run(session, statement, (namespace, participant_id))


def share_an_organisation(session: Session, one: int, other: int) -> bool:
    """Say whether one organisation gave both participants a local id."""
    both = run(
        session,
        "SELECT count(*) FROM local_id_holder a JOIN local_id_holder b ON a.namespace = b.namespace "
        "WHERE a.participant_id = ? AND b.participant_id = ?",
        (one, other),
    ).scalar()
    return bool(both)
