"""The only room that reads and writes pseudonym tokens: who holds which, and adding new ones."""

from __future__ import annotations

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


def retoken(session: Session, pairs: pl.DataFrame, key_id: str) -> tuple[int, int]:
    """Replace tokens: columns kind, old, new. Returns how many were replaced and how many held ones were not.

    Nothing is replaced unless every token held is covered.
    """
    rows = run(session, "SELECT kind, token, participant_id FROM pseudonym").fetchall()
    held = pl.DataFrame(
        [(str(kind), bytes(token), int(number)) for kind, token, number in rows],
        schema={"kind": pl.String, "old": pl.Binary, "participant_id": pl.Int64},
        orient="row",
    )
    renewed = held.join(pairs, on=["kind", "old"], how="inner")
    left = held.height - renewed.height
    if left or held.is_empty():
        return 0, left
    run(session, "DELETE FROM pseudonym")
    fresh = renewed.select(
        "kind", pl.col("new").alias("token"), "participant_id", pl.lit(key_id).alias("key_id")
    )
    add_tokens(session, fresh.sort("kind", "token"))
    return fresh.height, 0


def tokens_of(session: Session, participant_id: int) -> pl.DataFrame:
    """The tokens of one participant: columns kind, token."""
    rows = run(
        session, "SELECT kind, token FROM pseudonym WHERE participant_id = ?", (participant_id,)
    ).fetchall()
    return pl.DataFrame(
        [(str(kind), bytes(token)) for kind, token in rows],
        schema={"kind": pl.String, "token": pl.Binary},
        orient="row",
    )


def holders_of(session: Session, tokens: pl.DataFrame) -> list[int]:
    """Who holds any of a few tokens: columns kind, token."""
    found: set[int] = set()
    for kind, token in tokens.select("kind", "token").iter_rows():
        statement = "SELECT participant_id FROM pseudonym WHERE kind = ? AND token = ?"
        found |= {int(row[0]) for row in run(session, statement, (kind, token))}
    return sorted(found)


def stolen_tokens(session: Session) -> list[bytes]:
    """Every token as it stands in the store: what a thief of it sees. For ``lifecourse attack`` alone."""
    return [bytes(row[0]) for row in run(session, "SELECT token FROM pseudonym")]
