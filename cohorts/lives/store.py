"""Spells, events, exposures, observability and relations into the store and out of it.

Rows are never overwritten: one that is corrected is closed, and the store can be read as it was on a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
from sqlmodel import Session

from cohorts.errors import CohortError
from cohorts.lives.derive_outcomes import Lives
from cohorts.lives.merge import CONTENTS, KEYS, disputed, merge, numbered
from cohorts.lives.observability import Cover, Span, span_of_all
from cohorts.lives.reading import SCHEMAS, LifeRows
from cohorts.lives.relations_store import with_others
from cohorts.lives.spells import overlaps
from cohorts.partner_files.mapping import SourceMapping
from cohorts.requests.store import people_not_to_use
from cohorts.store import StoredCohort, enrolments
from workspace.clock import now
from workspace.errors import Fault, did_you_mean
from workspace.statements import insert_frame, run, run_many

LIFE_TABLES = tuple(SCHEMAS)
SHOWN = 5
KINDS = {"id": pl.Int64, "participant_id": pl.Int64, "other_id": pl.Int64}


def save_life(
    session: Session,
    cohort: StoredCohort,
    mapping: SourceMapping,
    life: LifeRows,
    placed: pl.DataFrame,
    delivery_id: int,
    key_id: str,
    *,
    replace: bool,
) -> tuple[tuple[str, int], ...]:
    """Store what a file says about lives, in the caller's transaction; how many rows each table got.

    Raises
    ------
    CohortError
        ``LC865``: the cohort does not declare a kind; ``LC866``: spells overlap that may not; ``LC867``: rows
        differ from those held, or from each other.
    """
    if not mapping.life:
        return ()
    refuse_undeclared(cohort, mapping)
    at = now()
    covers = pl.DataFrame(mapping.life.covers, schema=["about", "kind"], orient="row")
    until = mapping.data_until.isoformat() if mapping.data_until else None
    since = mapping.data_from.isoformat() if mapping.data_from else None
    insert_frame(
        session,
        "coverage",
        covers.select(
            pl.lit(delivery_id).alias("delivery_id"),
            "about",
            "kind",
            pl.lit(since, dtype=pl.String).alias("data_from"),
            pl.lit(until, dtype=pl.String).alias("data_until"),
        ),
    )
    counts = []
    for table in LIFE_TABLES:
        if table not in life.tables:
            continue
        rows = life.held(table).join(placed.select("person", "participant_id"), on="person").drop("person")
        if table == "relation":
            rows = with_others(session, rows, key_id, mapping.namespace)
        counts.append(
            (table, _write(session, cohort, mapping, table, rows, delivery_id, at, replace=replace))
        )
    _refuse_overlaps(session, cohort, mapping, life, placed)
    return tuple(counts)


def refuse_undeclared(cohort: StoredCohort, mapping: SourceMapping) -> None:
    """Refuse kinds of spells and events, and states, that the cohort's template does not declare."""
    life, faults = cohort.definition.life, []
    spells = [spell.kind for spell in life.spells]
    events = [event.kind for event in life.events]
    wanted = [("spell", item.kind, spells) for item in mapping.life.spells]
    wanted += [("event", word, events) for item in mapping.life.events for word in item.kind.words]
    wanted += [
        ("event or spell", k, spells + events) for item in mapping.life.observability for k in item.sees
    ]
    for item in mapping.life.spells:
        held = life.spell(item.kind)
        wanted += [(f"state of spell '{item.kind}'", w, list(held.states)) for w in item.state.words if held]
    for what, word, known in wanted:
        if word not in known:
            hint = f"Declared: {', '.join(known) or 'none'}. lifecourse cohort show {cohort.definition.name}"
            said = f"the cohort declares no {what} '{word}'.{did_you_mean(word, known)}"
            faults.append(Fault("LC865", mapping.id, said, hint))
    if faults:
        raise CohortError.gather(dict.fromkeys(faults))


def _write(
    session: Session,
    cohort: StoredCohort,
    mapping: SourceMapping,
    table: str,
    rows: pl.DataFrame,
    delivery_id: int,
    at: str,
    *,
    replace: bool,
) -> int:
    texts = [name for name, kind in rows.schema.items() if kind == pl.Date]
    rows = rows.with_columns(pl.col(name).cast(pl.String) for name in texts)
    _refuse_contradictions(disputed(table, rows), table, mapping)
    rows = numbered(table, rows)
    held = _current(session, cohort.cohort_id, table, mapping.id)
    found = merge(table, rows, held, replace=replace)
    _refuse_contradictions(found.contradicted, table, mapping)
    close_rows(session, table, found.closed, at)
    first = run(session, f"SELECT COALESCE(MAX({table}_id), 0) + 1 FROM {table}").scalar()  # noqa: S608
    names = ("participant_id", *KEYS[table], *CONTENTS[table])
    ordered = found.added.sort("participant_id", *KEYS[table], nulls_last=True)
    insert_frame(
        session,
        table,
        ordered.select(
            pl.int_range(first, first + ordered.height, dtype=pl.Int64).alias(f"{table}_id"),
            *names,
            pl.lit(delivery_id).alias("delivery_id"),
            pl.lit(at).alias("recorded_from"),
        ),
    )
    return ordered.height


def close_rows(session: Session, table: str, ids: pl.Series, at: str) -> None:
    """Rows that hold no longer: they stay, with the time until which they were believed."""
    if ids.len():
        statement = f"UPDATE {table} SET recorded_to = ? WHERE {table}_id = ?"  # noqa: S608 - our own tables
        run_many(session, statement, [(at, number) for number in ids.to_list()])


def _refuse_contradictions(rows: pl.DataFrame, table: str, mapping: SourceMapping) -> None:
    if rows.height:
        raise CohortError(
            "LC867",
            f"{_rows_words(rows)}: another record of the same {table} says something else",
            "If the file is a correction, load it with --replace; else ask the partner. Nothing was loaded.",
            where=mapping.id,
        )


def _rows_words(rows: pl.DataFrame) -> str:
    """``rows 3, 17 and 4 more``: as the lines of the file are counted."""
    lines = rows["line"].drop_nulls().unique().sort().to_list()
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return f"row{'s' if len(lines) != 1 else ''} {', '.join(map(str, lines[:SHOWN]))}{more}"


def _current(session: Session, cohort_id: str, table: str, source: str) -> pl.DataFrame:
    names = ("participant_id", *KEYS[table], *CONTENTS[table])
    schema = {"id": pl.Int64, **{name: _kind(table, name) for name in names}}
    rows = run(
        session,
        f"SELECT t.{table}_id, {', '.join(f't.{name}' for name in names)} "  # noqa: S608 - names come from our code
        f"FROM {table} t JOIN delivery d ON d.delivery_id = t.delivery_id "
        "WHERE t.recorded_to IS NULL AND d.cohort_id = ? AND d.source = ?",
        (cohort_id, source),
    )
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _kind(table: str, name: str) -> pl.DataType | type[pl.DataType]:
    kind = KINDS.get(name, SCHEMAS[table].get(name, pl.String))
    return pl.String if kind == pl.Date else kind


def _refuse_overlaps(
    session: Session, cohort: StoredCohort, mapping: SourceMapping, life: LifeRows, placed: pl.DataFrame
) -> None:
    """Within one source, spells of an exclusive kind may not overlap; between sources the order of states decides."""
    exclusive = [spell.kind for spell in cohort.definition.life.spells if spell.exclusive]
    told = {item.kind for item in mapping.life.spells} & set(exclusive)
    if not told:
        return
    rows = life.held("spell").join(placed.select("person", "participant_id"), on="person")
    held = _current(session, cohort.cohort_id, "spell", mapping.id)
    held = held.join(rows.select("participant_id").unique(), on="participant_id", how="semi")
    held = held.with_columns(
        pl.col("start_date").str.to_date().alias("begin"), pl.col("end_date").str.to_date().alias("stop")
    )
    lines = rows.select("participant_id", "kind", "state", "line", begin="start_date")
    for kind in sorted(told):
        spells = held.filter(pl.col("kind") == kind).rename({"participant_id": "participant"})
        crossing = overlaps(spells).rename({"participant": "participant_id"})
        if crossing.height:
            named = crossing.join(lines, on=["participant_id", "kind", "state", "begin"], how="left")
            raise CohortError(
                "LC866",
                f"{_rows_words(named)}: a spell of kind '{kind}' begins before the person's last one has ended",
                "States of this kind exclude each other: correct the dates. Nothing was loaded.",
                where=mapping.id,
            )


def read_lives(session: Session, cohort: StoredCohort, known_on: dt.date | None = None) -> Lives:
    """Everything known of a cohort's lives, now or as it was known at the end of a day."""
    cohort_id = cohort.cohort_id
    people = enrolments(session, cohort_id).select(
        pl.col("participant_id").alias("participant"), pl.col("index_date").str.to_date()
    )
    spell = _read(session, cohort_id, "spell", ("kind", "state", "start_date", "end_date"), known_on)
    event = _read(session, cohort_id, "event", ("kind", "event_date", "date_precision", "category"), known_on)
    session_columns = ("intervention", "session_date", "attended", "planned_minutes", "minutes", "fidelity")
    sessions = _read(session, cohort_id, "exposure", session_columns, known_on)
    relations = _read(session, cohort_id, "relation", ("relation", "other_id"), known_on)
    barred = people_not_to_use(session).implode()
    relations = relations.filter(~pl.col("participant").is_in(barred) & ~pl.col("other_id").is_in(barred))
    seen = _read(session, cohort_id, "observability", ("sees", "start_date", "end_date", "reason"), known_on)
    return Lives(
        people,
        spell.rename({"start_date": "begin", "end_date": "stop"}),
        event.rename({"event_date": "day"}),
        sessions.rename({"session_date": "day"}),
        relations.rename({"other_id": "other"}),
        _covers(session, cohort_id, seen, known_on),
    )


def _read(
    session: Session, cohort_id: str, table: str, names: Sequence[str], known_on: dt.date | None
) -> pl.DataFrame:
    rule, extra = ("t.recorded_to IS NULL", ())
    if known_on:
        rule = "SUBSTR(t.recorded_from, 1, 10) <= ? AND (t.recorded_to IS NULL OR SUBSTR(t.recorded_to, 1, 10) > ?)"
        extra = (known_on.isoformat(),) * 2  # type: ignore[assignment]
    rows = run(
        session,
        f"SELECT t.participant_id, {', '.join(f't.{name}' for name in names)} FROM {table} t "  # noqa: S608
        "JOIN delivery d ON d.delivery_id = t.delivery_id "
        f"WHERE {rule} AND d.cohort_id = ? ORDER BY t.participant_id, t.{table}_id",
        (*extra, cohort_id),
    )
    schema = {"participant": pl.Int64, **{name: _kind(table, name) for name in names}}
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    dates = [name for name in names if SCHEMAS[table].get(name) == pl.Date]
    return frame.with_columns(pl.col(name).str.to_date() for name in dates)


def _covers(
    session: Session, cohort_id: str, seen: pl.DataFrame, known_on: dt.date | None
) -> dict[tuple[str, str], Cover]:
    """For each kind, when all its sources would have seen it; a source that names no end is taken up to its load."""
    rows = run(
        session,
        "SELECT c.about, c.kind, d.source, c.data_from, COALESCE(c.data_until, SUBSTR(d.loaded_at, 1, 10)) "
        "FROM coverage c JOIN delivery d ON d.delivery_id = c.delivery_id "
        "WHERE d.cohort_id = ? AND (? = '' OR SUBSTR(d.loaded_at, 1, 10) <= ?) ORDER BY c.delivery_id",
        (cohort_id, *((known_on.isoformat() if known_on else "",) * 2)),
    )
    spans: dict[tuple[str, str], list[Span]] = {}
    for about, kind, source, since, until in rows:
        span = Span(source, dt.date.fromisoformat(since) if since else None, dt.date.fromisoformat(until))
        spans.setdefault((about, kind), []).append(span)
    told = {kind for about, kind in spans if about == "observability"}
    covers = {}
    for (about, kind), found in spans.items():
        own = seen.filter(pl.col("sees") == kind).select(
            "participant", "reason", begin="start_date", stop="end_date"
        )
        covers[about, kind] = Cover(*span_of_all(found), own if kind in told else None)
    return covers
