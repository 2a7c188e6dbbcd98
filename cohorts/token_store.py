"""The only room that reads and writes pseudonym tokens: who holds which, and adding new ones."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlmodel import Session, select

from cohorts.records import Pseudonym
from workspace.statements import insert_frame, is_embedded, run

NOT_TOKENS = ("person", "index_date")


def token_columns(people: pl.DataFrame) -> list[str]:
    """The columns of a table of people that hold tokens: one a kind of identifier."""
    return [name for name in people.columns if name not in NOT_TOKENS]


def find_holders(session: Session, people: pl.DataFrame) -> pl.DataFrame:
    """Which participants hold any token of each person: columns person, participant_id; several are possible.

    Looks through the temporary table ``incoming``, which :func:`known_tokens` reads again.
    """
    blob = "BLOB" if is_embedded(session) else "BYTEA"
    columns = f"kind TEXT, token {blob}, person INTEGER, PRIMARY KEY (kind, token)"
    run(session, f"CREATE TEMP TABLE IF NOT EXISTS incoming ({columns})")
    run(session, "DELETE FROM incoming")
    for kind in token_columns(people):
        held = people.filter(pl.col(kind).is_not_null()).sort(kind)
        insert_frame(
            session,
            "incoming",
            held.select(pl.lit(kind).alias("kind"), pl.col(kind).alias("token"), "person"),
        )
    found = run(
        session,
        "SELECT DISTINCT i.person, p.participant_id FROM incoming i JOIN pseudonym p USING (kind, token)",
    ).fetchall()
    return pl.DataFrame(
        [tuple(row) for row in found], schema={"person": pl.UInt32, "participant_id": pl.Int64}, orient="row"
    )


def known_tokens(session: Session, kind: str) -> pl.DataFrame:
    """Those tokens of one kind among the incoming ones that somebody holds already: column token."""
    statement = "SELECT p.token FROM incoming i JOIN pseudonym p USING (kind, token) WHERE i.kind = ?"
    found = [bytes(row[0]) for row in run(session, statement, (kind,))]
    return pl.Series("token", found, dtype=pl.Binary).to_frame()


def holders_of_kind(session: Session, kind: str) -> pl.Series:
    """The numbers of all participants who hold a token of one kind."""
    rows = run(session, "SELECT participant_id FROM pseudonym WHERE kind = ?", (kind,))
    return pl.Series("participant_id", [row[0] for row in rows], dtype=pl.Int64)


def add_tokens(session: Session, rows: pl.DataFrame) -> None:
    """Store tokens: columns kind, token, participant_id, key_id; sorted by kind and token."""
    insert_frame(session, "pseudonym", rows.select("kind", "token", "participant_id", "key_id"))


def token_key_ids(session: Session) -> list[str]:
    """The ids of the keys under which tokens are held."""
    return [str(key) for key in session.exec(select(Pseudonym.key_id).distinct()).all()]


def tokens_held(session: Session, participants: pl.Series) -> pl.DataFrame:
    """Every token of some participants: columns kind, token, participant_id."""
    rows = run(session, "SELECT kind, token, participant_id FROM pseudonym ORDER BY kind, token")
    found = pl.DataFrame(
        [(str(kind), bytes(token), int(number)) for kind, token, number in rows],
        schema={"kind": pl.String, "token": pl.Binary, "participant_id": pl.Int64},
        orient="row",
    )
    return found.filter(pl.col("participant_id").is_in(participants.implode()))


def remove_tokens(session: Session, participant_id: int, kinds: Sequence[str]) -> None:
    """Take tokens of some kinds from a participant: the link that brought them was wrong."""
    for kind in kinds:
        run(session, "DELETE FROM pseudonym WHERE participant_id = ? AND kind = ?", (participant_id, kind))


def move_tokens(session: Session, giver: int, taker: int) -> None:
    """Hand all tokens of one participant to another: both are one person."""
    run(session, "UPDATE pseudonym SET participant_id = ? WHERE participant_id = ?", (taker, giver))
