"""Two participants made one, and one taken apart: the rows of every table about people follow.

Tables are found in the database itself, so that no new one is forgotten. What needs more than a new number
(identifiers, values that say the same, records of lives, links) is looked after first.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlmodel import Session

from cohorts.custody.token_store import move_tokens, tokens_held
from cohorts.errors import CohortError
from cohorts.lives.merge import CONTENTS, KEYS
from cohorts.lives.spells import overlaps
from cohorts.lives.store import LIFE_TABLES
from cohorts.local_ids import share_an_organisation
from cohorts.partner_files.mapping import NOT_RECORDED
from cohorts.requests.person_tables import TableShape, table_shapes
from cohorts.requests.store import note_change
from cohorts.store import DERIVED, list_cohorts
from workspace.clock import now
from workspace.statements import run, run_many

# What stays under the old number: that there was such a participant, what happened to it, and its data key, with
# which a backup from before opens.
STAYING = frozenset({"participant", "pseudonym", "person_key", "identity_event"})
# Values the cohort works out itself: they are no contradiction, and are derived again.
_OWN = "delivery_id IN (SELECT delivery_id FROM delivery WHERE source = ?)"


def merge_people(session: Session, kept: int, gone: int) -> None:
    """Make two participants one: everything of the second goes to the first.

    Raises
    ------
    CohortError
        ``LC888``: they contradict each other; nothing is changed then.
    """
    run(session, f"DELETE FROM observation WHERE participant_id = ? AND {_OWN}", (gone, DERIVED))  # noqa: S608
    _drop_blanks(session, kept, gone)
    _refuse_contradictions(session, kept, gone)
    move_tokens(session, gone, kept)
    for table in LIFE_TABLES:
        _join_lives(session, table, kept, gone)
    _refuse_overlaps(session, kept, gone)
    _join_links(session, kept, gone)
    for shape in table_shapes(session):
        if shape.people and shape.name not in STAYING:
            _move_rows(session, shape, kept, gone)
    _tidy_pairs(session, kept)
    run(session, "UPDATE participant SET state = 'merged' WHERE participant_id = ?", (gone,))
    note_change(session, "merge", 1)


def split_person(session: Session, participant_id: int, source: str, cohort_id: str) -> None:
    """Take from a participant everything the deliveries of a source brought: it is somebody else's."""
    deliveries = "SELECT delivery_id FROM delivery WHERE cohort_id = ? AND source = ?"
    for shape in table_shapes(session):
        if "participant_id" in shape.names and "delivery_id" in shape.names:
            run(
                session,
                f"DELETE FROM {shape.name} WHERE participant_id = ? AND delivery_id IN ({deliveries})",  # noqa: S608
                (participant_id, cohort_id, source),
            )
    note_change(session, "split", 1)


def _move_rows(session: Session, shape: TableShape, kept: int, gone: int) -> None:
    """Give rows the new number. A row that the other has already is dropped: both say the same."""
    for column in shape.people:
        if column not in shape.key:
            run(session, f"UPDATE {shape.name} SET {column} = ? WHERE {column} = ?", (kept, gone))  # noqa: S608
            continue
        rest = [name for name in shape.key if name != column]
        same = "".join(f" AND o.{name} = {shape.name}.{name}" for name in rest)
        run(
            session,
            f"UPDATE {shape.name} SET {column} = ? WHERE {column} = ? AND NOT EXISTS "  # noqa: S608 - our own names
            f"(SELECT 1 FROM {shape.name} o WHERE o.{column} = ?{same})",
            (kept, gone, kept),
        )
        run(session, f"DELETE FROM {shape.name} WHERE {column} = ?", (gone,))  # noqa: S608


def _drop_blanks(session: Session, kept: int, gone: int) -> None:
    """Where one has a value and the other a blank cell, the value counts."""
    for one, other in ((kept, gone), (gone, kept)):
        run(
            session,
            "DELETE FROM observation WHERE participant_id = ? AND missing = ? AND EXISTS (SELECT 1 FROM observation o "
            "WHERE o.participant_id = ? AND o.variable_id = observation.variable_id "
            "AND o.wave_id = observation.wave_id AND COALESCE(o.missing, '') <> ?)",
            (one, NOT_RECORDED, other, NOT_RECORDED),
        )


def _refuse_contradictions(session: Session, kept: int, gone: int) -> None:
    held = tokens_held(session, pl.Series([kept, gone], dtype=pl.Int64))
    kinds = (
        held.filter(pl.col("kind") != "local-id").group_by("kind").agg(pl.col("participant_id").n_unique())
    )
    dates = run(
        session,
        "SELECT COUNT(*) FROM enrolment a JOIN enrolment b ON a.cohort_id = b.cohort_id "
        "AND a.index_date <> b.index_date WHERE a.participant_id = ? AND b.participant_id = ?",
        (kept, gone),
    ).scalar()
    values = run(
        session,
        "SELECT COUNT(*) FROM observation a JOIN observation b ON a.variable_id = b.variable_id AND "
        "a.wave_id = b.wave_id WHERE a.participant_id = ? AND b.participant_id = ? AND "
        "(COALESCE(a.value, 0) <> COALESCE(b.value, 0) OR COALESCE(a.missing, '') <> COALESCE(b.missing, ''))",
        (kept, gone),
    ).scalar()
    if kinds.filter(pl.col("participant_id") > 1).height or share_an_organisation(session, kept, gone):
        raise _refusal("both hold an identifier of the same kind")
    if dates:
        raise _refusal("they were enrolled with different dates")
    if values:
        raise _refusal("they have different values at the same wave")


def _refusal(why: str) -> CohortError:
    return CohortError(
        "LC888",
        f"these two participants cannot be made one: {why}",
        "Ask the partner which is right; then load it.",
    )


def _join_lives(session: Session, table: str, kept: int, gone: int) -> None:
    """Records of lives of one source: like events are numbered on, the same record twice is closed once."""
    names = [name for name in (*KEYS[table], *CONTENTS[table]) if name != "nth"]
    mine, theirs = (_current(session, table, names, number) for number in (kept, gone))
    if "nth" in KEYS[table]:
        _number_on(session, table, [name for name in KEYS[table] if name != "nth"], mine, theirs)
        return
    key = ["source", *KEYS[table]]
    both = theirs.join(mine, on=key, how="inner", suffix="_kept", nulls_equal=True)
    for name in CONTENTS[table]:
        if both.filter(pl.col(name).ne_missing(pl.col(f"{name}_kept"))).height:
            raise _refusal(f"their records of a {table} differ")
    close = f"UPDATE {table} SET recorded_to = ? WHERE {table}_id = ?"  # noqa: S608 - our own tables
    if both.height:
        run_many(session, close, [(now(), number) for number in both["id"]])


def _number_on(
    session: Session, table: str, key: list[str], mine: pl.DataFrame, theirs: pl.DataFrame
) -> None:
    """The same kind of event on the same day stays two events, as it would in one file."""
    taken = mine.group_by("source", *key).agg(pl.col("nth").max().alias("before"))
    moved = theirs.join(taken, on=["source", *key], how="inner", nulls_equal=True)
    rows = moved.select(pl.col("nth") + pl.col("before"), "id").rows()
    if rows:
        run_many(session, f"UPDATE {table} SET nth = ? WHERE {table}_id = ?", rows)  # noqa: S608


def _current(session: Session, table: str, names: Iterable[str], number: int) -> pl.DataFrame:
    numbered = "nth" in KEYS[table]
    columns = [*names, "nth"] if numbered else list(names)
    rows = run(
        session,
        f"SELECT t.{table}_id, d.cohort_id || ' ' || d.source, {', '.join(f't.{name}' for name in columns)} "  # noqa: S608
        f"FROM {table} t JOIN delivery d ON d.delivery_id = t.delivery_id "
        f"WHERE t.recorded_to IS NULL AND t.participant_id = ? ORDER BY t.{table}_id",
        (number,),
    )
    held = [tuple(row) for row in rows]
    schema = {"id": pl.Int64, "source": pl.String} | {name: _kind(name) for name in columns}
    return pl.DataFrame(held, schema=schema, orient="row")


def _kind(name: str) -> type[pl.DataType]:
    if name in ("nth", "other_id", "attended"):
        return pl.Int64
    return pl.Float64 if name in ("planned_minutes", "minutes", "fidelity") else pl.String


def _refuse_overlaps(session: Session, kept: int, gone: int) -> None:
    """States that exclude each other cannot be one person's at one time, by one source."""
    exclusive = {
        (cohort.cohort_id, spell.kind)
        for cohort in list_cohorts(session)
        for spell in cohort.definition.life.spells
        if spell.exclusive
    }
    names = ("kind", "state", "start_date", "end_date")
    held = pl.concat([_current(session, "spell", names, number) for number in (kept, gone)])
    held = held.with_columns(
        pl.col("start_date").str.to_date().alias("begin"),
        pl.col("end_date").str.to_date().alias("stop"),
        pl.lit(kept, dtype=pl.Int64).alias("participant"),
        pl.col("source").str.split(" ").list.first().alias("cohort"),
    )
    for (cohort, kind, _), spells in held.group_by("cohort", "kind", "source"):
        if (cohort, kind) in exclusive and overlaps(spells).height:
            raise _refusal("they were in states that exclude each other at the same time")


def _join_links(session: Session, kept: int, gone: int) -> None:
    """In a run that speaks of both, the participant who is linked counts; the identifiers brought are added up."""
    rows = run(
        session,
        "SELECT a.run_id, a.linked, b.linked, a.kinds, b.kinds FROM link a JOIN link b ON b.run_id = a.run_id "
        "WHERE a.participant_id = ? AND b.participant_id = ?",
        (kept, gone),
    ).fetchall()
    for run_id, mine, theirs, ours, brought in rows:
        loser = kept if theirs and not mine else gone
        run(session, "DELETE FROM link WHERE run_id = ? AND participant_id = ?", (run_id, loser))
        kinds = ",".join(sorted({kind for kind in f"{ours},{brought}".split(",") if kind}))
        run(
            session,
            "UPDATE link SET kinds = ? WHERE run_id = ? AND participant_id IN (?, ?)",
            (kinds, run_id, kept, gone),
        )


def _tidy_pairs(session: Session, kept: int) -> None:
    """Nobody is related to themselves, nobody is asked whether they are one, and no relation is told twice."""
    alone = "SELECT review_id FROM review_pair WHERE participant_id = other_id AND decision IS NULL"
    run(session, f"DELETE FROM review_mark WHERE review_id IN ({alone})")  # noqa: S608 - our own words
    run(session, "DELETE FROM review_pair WHERE participant_id = other_id AND decision IS NULL")
    run(session, "DELETE FROM relation WHERE participant_id = other_id")
    run(
        session,
        "UPDATE relation SET recorded_to = ? WHERE other_id = ? AND recorded_to IS NULL AND EXISTS (SELECT 1 "
        "FROM relation o JOIN delivery p ON p.delivery_id = o.delivery_id, delivery d "
        "WHERE d.delivery_id = relation.delivery_id AND p.cohort_id = d.cohort_id AND p.source = d.source "
        "AND o.participant_id = relation.participant_id AND o.other_id = relation.other_id "
        "AND o.relation = relation.relation AND o.recorded_to IS NULL AND o.relation_id < relation.relation_id)",
        (now(), kept),
    )
