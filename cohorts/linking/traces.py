"""What the linkage knows of a person beyond their number: marks of their tokens. Found and removed at an erasure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.linking.marks import Purpose, mark_of
from cohorts.pseudonyms import PseudonymKey
from cohorts.requests.person_tables import STEP
from workspace.statements import run, run_many


def forget_in_linkage(
    session: Session, numbers: Sequence[int], tokens: pl.DataFrame, key: PseudonymKey
) -> dict[str, int]:
    """Delete the reviews and the entries of the do-not-link register that are about these people.

    Parameters
    ----------
    numbers : sequence of int
        Their participant numbers.
    tokens : pl.DataFrame
        Their tokens, plain: columns kind, token. The marks are worked out from them, so this comes before the
        tokens go.

    Returns
    -------
    dict of str to int
        How many rows of which table went.
    """
    asked = _reviews_of_numbers(session, numbers) | _reviews_of_marks(session, _marks(tokens, key, "review"))
    forbidden = _marks(tokens, key, "forbid")
    return {
        "review_mark": _delete(session, "review_mark", "review_id", asked),
        "review_pair": _delete(session, "review_pair", "review_id", asked),
        "cannot_link": sum(
            _delete(session, "cannot_link", column, forbidden) for column in ("mark", "other_mark")
        ),
    }


@dataclass(frozen=True, slots=True)
class Lost:
    """What a change of key could not bring over: entries of the register, and decisions that two are not one."""

    register: int = 0
    decisions: int = 0

    def __bool__(self) -> bool:
        return bool(self.register or self.decisions)


def renew_marks(session: Session, pairs: pl.DataFrame, old: PseudonymKey, new: PseudonymKey) -> Lost:
    """For a change of key: bring the reviews and the do-not-link register under the new one.

    Parameters
    ----------
    pairs : pl.DataFrame
        Tokens under both keys: columns kind, old, new.

    Returns
    -------
    Lost
        Entries of the register, and decisions that a pair is not one person, that could not be brought over. They
        are gone.
    """
    return Lost(
        _renew_register(session, _under_both(pairs, old, new, "forbid")),
        _renew_reviews(session, _under_both(pairs, old, new, "review")),
    )


def _under_both(
    pairs: pl.DataFrame, old: PseudonymKey, new: PseudonymKey, purpose: Purpose
) -> dict[bytes, bytes]:
    rows = pairs.select("kind", "old", "new").iter_rows()
    return {mark_of(kind, a, old, purpose): mark_of(kind, b, new, purpose) for kind, a, b in rows}


def _renew_register(session: Session, renewed: dict[bytes, bytes]) -> int:
    names = "mark, other_mark, reason, added_by, added_at"
    held = [tuple(row) for row in run(session, f"SELECT {names} FROM cannot_link")]  # noqa: S608 - our own names
    run(session, "DELETE FROM cannot_link")
    kept = [
        (*sorted((renewed[bytes(row[0])], renewed[bytes(row[1])])), *row[2:])
        for row in held
        if bytes(row[0]) in renewed and bytes(row[1]) in renewed
    ]
    if kept:
        run_many(session, f"INSERT INTO cannot_link ({names}) VALUES (?, ?, ?, ?, ?)", kept)  # noqa: S608
    return len(held) - len(kept)


def _renew_reviews(session: Session, renewed: dict[bytes, bytes]) -> int:
    held = [(bytes(row[0]), str(row[1])) for row in run(session, "SELECT mark, review_id FROM review_mark")]
    run(session, "DELETE FROM review_mark")
    kept = [(renewed[mark], review) for mark, review in held if mark in renewed]
    if kept:
        run_many(session, "INSERT INTO review_mark (mark, review_id) VALUES (?, ?)", kept)
    apart = {
        str(row[0]) for row in run(session, "SELECT review_id FROM review_pair WHERE decision = 'different'")
    }
    return len((apart & {review for _, review in held}) - {review for _, review in kept})


def merged_into(session: Session, numbers: Sequence[int]) -> list[int]:
    """These numbers, and those of participants who were found to be the same people and made one with them."""
    known, fresh = set(numbers), set(numbers)
    while fresh:
        rows = _chosen(
            session, "SELECT other_id FROM identity_event WHERE kind = 'merge' AND participant_id IN", fresh
        )
        fresh = {int(str(row[0])) for row in rows} - known
        known |= fresh
    return sorted(known)


def _marks(tokens: pl.DataFrame, key: PseudonymKey, purpose: Purpose) -> set[bytes]:
    pairs = tokens.select("kind", "token").unique().iter_rows()
    return {mark_of(kind, token, key, purpose) for kind, token in pairs}


def _reviews_of_numbers(session: Session, numbers: Sequence[int]) -> set[str]:
    columns = ("participant_id", "other_id")
    found = (_chosen(session, f"SELECT review_id FROM review_pair WHERE {c} IN", numbers) for c in columns)  # noqa: S608
    return {str(row[0]) for rows in found for row in rows}


def _reviews_of_marks(session: Session, marks: Iterable[bytes]) -> set[str]:
    rows = _chosen(session, "SELECT review_id FROM review_mark WHERE mark IN", marks)
    return {str(row[0]) for row in rows}


def _chosen(session: Session, statement: str, values: Iterable[object]) -> list[tuple[object, ...]]:
    """Rows of a statement that ends in IN, a part of the values at a time."""
    wanted, found = list(values), []
    for start in range(0, len(wanted), STEP):
        some = tuple(wanted[start : start + STEP])
        rows = run(session, f"{statement} ({','.join('?' * len(some))})", some)
        found += [tuple(row) for row in rows]
    return found


def _delete(session: Session, table: str, column: str, values: Iterable[object]) -> int:
    wanted, deleted = list(values), 0
    for start in range(0, len(wanted), STEP):
        some = tuple(wanted[start : start + STEP])
        marks = ",".join("?" * len(some))
        deleted += int(run(session, f"DELETE FROM {table} WHERE {column} IN ({marks})", some).rowcount)  # noqa: S608
    return deleted
