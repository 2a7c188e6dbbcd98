"""The only room that reads and writes pseudonym tokens: who holds which, and adding new ones.

In the database tokens are sealed (see ``seal.py``); callers give and get them plain.
"""

from __future__ import annotations

import polars as pl
from sqlmodel import Session, select

from cohorts.custody.seal import SealKey, seal_tokens, unseal_tokens, unwrap_keys, wrap_keys
from cohorts.custody.seal_store import fitting_seal, make_seal, sealed_under, set_seal
from cohorts.records import Pseudonym
from workspace.project import Project
from workspace.statements import insert_frame, is_embedded, read_frame, run

NOT_TOKENS = ("person", "participant_id", "index_date")
_SEAL = "cohorts.custody.seal"
_COLUMNS = {"kind": pl.String, "token": pl.Binary, "participant_id": pl.Int64, "key_id": pl.String}


def open_seal(session: Session) -> SealKey:
    """The seal key of the session's store; a store that has none yet takes one, and its tokens are sealed."""
    seal = session.info.get(_SEAL)
    if not isinstance(seal, SealKey):
        project: Project = session.info["project"]
        current = sealed_under(session)
        seal = fitting_seal(project, current) if current else make_seal(project)
        if not current:
            reseal(session, None, seal)
        session.info[_SEAL] = seal
    return seal


def reseal(session: Session, old: SealKey | None, new: SealKey) -> None:
    """Bring every token and every person's data key under a new seal, in the caller's transaction.

    ``old`` is ``None`` for a store whose tokens were never sealed.
    """
    held = _held_tokens(session, old)
    run(session, "DELETE FROM pseudonym")
    _insert_sealed(session, held, new)
    rows = run(session, "SELECT participant_id, wrapped FROM person_key ORDER BY participant_id").fetchall()
    if rows and old is not None:
        keys = unwrap_keys(pl.Series("wrapped", [bytes(row[1]) for row in rows], dtype=pl.Binary), old)
        run(session, "DELETE FROM person_key")
        store_person_keys(session, pl.Series("participant_id", [row[0] for row in rows]), keys, new)
    set_seal(session, new)
    session.info[_SEAL] = new


def store_person_keys(session: Session, numbers: pl.Series, keys: pl.Series, seal: SealKey) -> None:
    """Keep the data keys of these participants, wrapped."""
    wrapped = wrap_keys(keys, seal).alias("wrapped")
    insert_frame(session, "person_key", pl.DataFrame([numbers.alias("participant_id"), wrapped]))


def read_person_keys(session: Session) -> pl.DataFrame:
    """Everybody's data key: columns participant_id, key; in the order of the numbers."""
    rows = run(session, "SELECT participant_id, wrapped FROM person_key ORDER BY participant_id").fetchall()
    wrapped = pl.Series("key", [bytes(row[1]) for row in rows], dtype=pl.Binary)
    numbers = pl.Series("participant_id", [row[0] for row in rows], dtype=pl.Int64)
    return pl.DataFrame([numbers, unwrap_keys(wrapped, open_seal(session))])


def _held_tokens(session: Session, seal: SealKey | None) -> pl.DataFrame:
    rows = run(session, "SELECT kind, token, participant_id, key_id FROM pseudonym").fetchall()
    plain = [(row[0], bytes(row[1]), row[2], row[3]) for row in rows]
    frame = pl.DataFrame(plain, schema=_COLUMNS, orient="row")
    return frame if seal is None else frame.with_columns(unseal_tokens(frame["token"], seal))


def _insert_sealed(session: Session, rows: pl.DataFrame, seal: SealKey) -> None:
    sealed = rows.select("kind", seal_tokens(rows["token"], seal), "participant_id", "key_id")
    insert_frame(session, "pseudonym", sealed.sort("kind", "token"))


def all_tokens(session: Session) -> pl.DataFrame:
    """Every token, plain: columns kind, token, participant_id, key_id. For backups."""
    return _held_tokens(session, open_seal(session))


def token_columns(people: pl.DataFrame) -> list[str]:
    """The columns of a table of people that hold tokens: one a kind of identifier."""
    return [name for name in people.columns if name not in NOT_TOKENS]


def in_sealed_order(session: Session, people: pl.DataFrame) -> pl.DataFrame:
    """People in the order of their sealed tokens, in which they are numbered.

    In the order of plain tokens a number would bracket a token between its neighbours', also when the token
    itself was erased; the order of sealed ones dies with the seal key.
    """
    first = people.select(pl.coalesce(token_columns(people)).alias("token")).to_series()
    return people.with_columns(seal_tokens(first, open_seal(session)).alias("~")).sort("~").drop("~")


def find_holders(session: Session, people: pl.DataFrame) -> pl.DataFrame:
    """Which participants hold any token of each person: columns person, participant_id; several are possible.

    Looks through the temporary table ``incoming``, which :func:`known_tokens` reads again.
    """
    seal = open_seal(session)
    blob = "BLOB" if is_embedded(session) else "BYTEA"
    clustered = " WITHOUT ROWID" if is_embedded(session) else ""
    columns = f"kind TEXT, token {blob}, person INTEGER, PRIMARY KEY (kind, token)"
    run(session, f"CREATE TEMP TABLE IF NOT EXISTS incoming ({columns}){clustered}")
    run(session, "DELETE FROM incoming")
    for kind in token_columns(people):
        held = people.filter(pl.col(kind).is_not_null())
        sealed = held.select(seal_tokens(held[kind], seal).alias("token"), "person").sort("token")
        insert_frame(session, "incoming", sealed.select(pl.lit(kind).alias("kind"), "token", "person"))
    statement = "SELECT i.person, p.participant_id FROM incoming i JOIN pseudonym p USING (kind, token)"
    return read_frame(session, statement, (), {"person": pl.UInt32, "participant_id": pl.Int64}).unique()


def known_tokens(session: Session, kind: str) -> pl.DataFrame:
    """Those tokens of one kind among the incoming ones that somebody holds already: column token."""
    statement = "SELECT p.token FROM incoming i JOIN pseudonym p USING (kind, token) WHERE i.kind = ?"
    sealed = read_frame(session, statement, (kind,), {"token": pl.Binary})["token"]
    return unseal_tokens(sealed, open_seal(session)).to_frame()


def holders_of_kind(session: Session, kind: str) -> pl.Series:
    """The numbers of all participants who hold a token of one kind."""
    statement = "SELECT participant_id FROM pseudonym WHERE kind = ?"
    return read_frame(session, statement, (kind,), {"participant_id": pl.Int64})["participant_id"]


def add_tokens(session: Session, rows: pl.DataFrame) -> None:
    """Store tokens: columns kind, token, participant_id, key_id."""
    _insert_sealed(session, rows, open_seal(session))


def token_key_ids(session: Session) -> list[str]:
    """The ids of the keys under which tokens are held."""
    return [str(key) for key in session.exec(select(Pseudonym.key_id).distinct()).all()]


def retoken(session: Session, pairs: pl.DataFrame, key_id: str) -> tuple[int, int]:
    """Replace tokens: columns kind, old, new. Returns how many were replaced and how many held ones were not.

    Nothing is replaced unless every token held is covered.
    """
    held = all_tokens(session).rename({"token": "old"}).drop("key_id")
    renewed = held.join(pairs, on=["kind", "old"], how="inner")
    left = held.height - renewed.height
    if left or held.is_empty():
        return 0, left
    run(session, "DELETE FROM pseudonym")
    fresh = renewed.select(
        "kind", pl.col("new").alias("token"), "participant_id", pl.lit(key_id).alias("key_id")
    )
    add_tokens(session, fresh)
    return fresh.height, 0


def tokens_of(session: Session, participant_id: int) -> pl.DataFrame:
    """The tokens of one participant, plain: columns kind, token."""
    held = all_tokens(session)
    return held.filter(pl.col("participant_id") == participant_id).select("kind", "token")


def holders_of(session: Session, tokens: pl.DataFrame) -> list[int]:
    """Who holds any of a few tokens: columns kind, token."""
    found: set[int] = set()
    sealed = tokens.with_columns(seal_tokens(tokens["token"], open_seal(session)).alias("token"))
    for kind, token in sealed.select("kind", "token").iter_rows():
        statement = "SELECT participant_id FROM pseudonym WHERE kind = ? AND token = ?"
        found |= {int(row[0]) for row in run(session, statement, (kind, token))}
    return sorted(found)


def stolen_tokens(session: Session) -> list[bytes]:
    """Every token as it stands in the store: what a thief of it sees. For ``lifecourse attack`` alone."""
    return [bytes(row[0]) for row in run(session, "SELECT token FROM pseudonym")]


def tokens_held(session: Session, participants: pl.Series) -> pl.DataFrame:
    """Every token of some participants, plain: columns kind, token, participant_id."""
    held = all_tokens(session).sort("kind", "token")
    return held.filter(pl.col("participant_id").is_in(participants.implode())).drop("key_id")


def drop_tokens(session: Session, tokens: pl.DataFrame) -> None:
    """Take tokens away: columns kind, token. The link that brought them was wrong."""
    sealed = tokens.with_columns(seal_tokens(tokens["token"], open_seal(session)).alias("token"))
    for kind, token in sealed.select("kind", "token").iter_rows():
        run(session, "DELETE FROM pseudonym WHERE kind = ? AND token = ?", (kind, token))


def move_tokens(session: Session, giver: int, taker: int) -> None:
    """Hand all tokens of one participant to another: both are one person."""
    run(session, "UPDATE pseudonym SET participant_id = ? WHERE participant_id = ?", (taker, giver))
