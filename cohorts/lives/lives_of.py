"""Counts about lives out of the store: sessions planned and delivered, burden, who was seen last where, the flow.

Sealed events, spells and sessions are not counted at all: that somebody has a record would already tell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.lives.burden import BurdenFound, judge_burden
from cohorts.lives.store import read_lives
from cohorts.lives.windows import due_on, months_after
from cohorts.store import DERIVED, StoredCohort, list_variables, wave_rows
from workspace.statements import run

NOTHING_CAME = "nothing came"
NEVER = "never seen"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One intervention: people with a planned session, sessions planned and attended, minutes. None: sealed."""

    intervention: str
    people: int
    planned: int
    attended: int
    not_known: int
    minutes_planned: float
    minutes: float
    fidelity: float | None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class WaveFlow:
    """One wave: people due by a day, how many were seen, why the others were lost, and how many are not due yet.

    Due are those whose window has closed. ``open_now`` are those whose window is open: to be seen now, not yet lost.
    """

    wave: str
    until: dt.date
    due: int
    seen: int
    lost: tuple[tuple[str, int], ...]
    not_yet_due: int
    open_now: int = 0


@dataclass(frozen=True, slots=True)
class LastSeen:
    """How many people were seen last at which wave, and in which state they are by the newest record."""

    waves: tuple[tuple[str, int], ...]
    states: tuple[tuple[str, str, int], ...]


def sealed_kinds(session: Session, cohort_id: str) -> set[tuple[str, str]]:
    """(table, kind) of which any delivery was sealed."""
    rows = run(
        session,
        "SELECT DISTINCT c.about, c.kind FROM coverage c JOIN delivery d ON d.delivery_id = c.delivery_id "
        "WHERE d.cohort_id = ? AND d.sealed = 1",
        (cohort_id,),
    )
    return {(str(about), str(kind)) for about, kind in rows}


def deliveries_of(session: Session, cohort: StoredCohort) -> list[Delivered]:
    """Sessions planned and delivered, by intervention."""
    sessions = read_lives(session, cohort).sessions
    sealed = {kind for about, kind in sealed_kinds(session, cohort.cohort_id) if about == "exposure"}
    found = []
    for name in sessions["intervention"].unique().sort().to_list():
        if name in sealed:
            found.append(Delivered(name, 0, 0, 0, 0, 0.0, 0.0, None, sealed=True))
            continue
        mine = sessions.filter(pl.col("intervention") == name)
        went = mine.filter(pl.col("attended") == 1)
        fidelity = went["fidelity"].mean()
        found.append(
            Delivered(
                name,
                mine["participant"].n_unique(),
                mine.height,
                went.height,
                mine["attended"].null_count(),
                float(mine["planned_minutes"].sum()),
                float(went["minutes"].sum()),
                fidelity if isinstance(fidelity, float) else None,
            )
        )
    return found


def burdens_of(session: Session, cohort: StoredCohort) -> list[BurdenFound]:
    """Every limit the cohort declares, held against what is planned and what was collected."""
    definition = cohort.definition
    if not definition.life.burdens:
        return []
    variables = list_variables(session, cohort.cohort_id)
    planned = {(window.measure.replace("-", "_"), window.wave) for window in definition.measures}
    planned |= {(variable.name, wave) for variable in variables for wave in variable.waves}
    rows = run(
        session,
        "SELECT o.participant_id, v.name, w.name FROM observation o "
        "JOIN variable v ON v.variable_id = o.variable_id JOIN wave w ON w.wave_id = o.wave_id "
        "WHERE v.cohort_id = ? AND o.missing IS NULL",
        (cohort.cohort_id,),
    )
    schema = {"participant": pl.Int64, "variable": pl.String, "wave": pl.String}
    asked = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    months = {wave.name: wave.months for wave in definition.waves}
    return [judge_burden(burden, planned, asked, months) for burden in definition.life.burdens]


def _seen(session: Session, cohort: StoredCohort, *, without: str = "") -> pl.DataFrame:
    """Everybody enrolled at every wave: participant, index_date, state, wave_id, values, reason.

    Observations are gathered before they are joined: SQLite would hold every person against all of them.
    """
    rows = run(
        session,
        "SELECT e.participant_id, e.index_date, p.state, o.wave_id, COALESCE(o.n, 0), o.reason "
        "FROM enrolment e JOIN participant p ON p.participant_id = e.participant_id "
        "LEFT JOIN (SELECT o.participant_id, o.wave_id, COUNT(o.value) AS n, MIN(o.missing) AS reason "
        "FROM observation o JOIN variable v ON v.variable_id = o.variable_id "
        "JOIN delivery d ON d.delivery_id = o.delivery_id WHERE v.cohort_id = ? AND d.source <> ? "
        "GROUP BY o.participant_id, o.wave_id) o ON o.participant_id = e.participant_id WHERE e.cohort_id = ?",
        (cohort.cohort_id, without, cohort.cohort_id),
    )
    schema = {
        "participant": pl.Int64, "index_date": pl.String, "state": pl.String, "wave_id": pl.Int64,
        "values": pl.Int64, "reason": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    return frame.with_columns(pl.col("index_date").str.to_date())


def wave_flow(session: Session, cohort: StoredCohort, today: dt.date) -> list[WaveFlow]:
    """Each wave from due to seen, with the reasons why people were lost."""
    seen, cut_offs = _seen(session, cohort), _cut_offs(session, cohort.cohort_id)
    people = seen.select("participant", "index_date", "state").unique()
    found = []
    for wave in wave_rows(session, cohort.cohort_id):
        declared = cohort.definition.wave(wave.name)
        year, opens, closes = (
            (declared.school_year, declared.opens, declared.closes) if declared else ("", 0.0, 0.0)
        )
        until = cut_offs.get(wave.wave_id, today)
        here = seen.filter(pl.col("wave_id") == wave.wave_id).select("participant", "values", "reason")
        everyone = people.join(here, on="participant", how="left").with_columns(
            due_on(pl.col("index_date"), wave.months, year).alias("due")
        )
        due = everyone.filter(months_after(pl.col("due"), closes) <= until)
        opened = everyone.filter(months_after(pl.col("due"), -opens) <= until).height - due.height
        got = due.filter(pl.col("values") > 0).height
        lost = due.filter(pl.col("values").fill_null(0) == 0)
        why = pl.when(pl.col("state") != "active").then("state").otherwise("reason").fill_null(NOTHING_CAME)
        reasons = lost.group_by(why.alias("why")).len().sort("why").rows()
        found.append(
            WaveFlow(
                wave.name,
                until,
                due.height,
                got,
                tuple(reasons),
                everyone.height - due.height - opened,
                opened,
            )
        )
    return found


def _cut_offs(session: Session, cohort_id: str) -> Mapping[int, dt.date]:
    """For each wave, the last day that any of its sources covers."""
    rows = run(
        session,
        "SELECT h.wave_id, MAX(d.data_until) FROM holding h JOIN delivery d ON d.delivery_id = h.delivery_id "
        "WHERE d.cohort_id = ? GROUP BY h.wave_id",
        (cohort_id,),
    )
    return {int(wave): dt.date.fromisoformat(until) for wave, until in rows if until}


def last_seen(session: Session, cohort: StoredCohort) -> LastSeen:
    """At which wave people were seen last, and their state by the newest spell of each kind that is not sealed."""
    names = {row.wave_id: row.name for row in wave_rows(session, cohort.cohort_id)}
    seen = _seen(session, cohort, without=DERIVED)
    order = {number: place for place, number in enumerate(names)}
    ranked = seen.with_columns(
        pl.when(pl.col("values") > 0)
        .then(pl.col("wave_id").replace_strict(order, default=None, return_dtype=pl.Int64))
        .alias("place")
    )
    last = ranked.group_by("participant").agg(pl.col("place").max())
    counts = dict(last.group_by("place").len().rows())
    waves = [(name, counts.get(place, 0)) for place, name in enumerate(names.values())]
    if counts.get(None):
        waves.append((NEVER, counts[None]))
    return LastSeen(tuple(waves), _states(session, cohort))


def _states(session: Session, cohort: StoredCohort) -> tuple[tuple[str, str, int], ...]:
    lives = read_lives(session, cohort)
    sealed = {kind for about, kind in sealed_kinds(session, cohort.cohort_id) if about == "spell"}
    found = []
    for declared in cohort.definition.life.spells:
        if declared.kind in sealed or ("spell", declared.kind) not in lives.covers:
            continue
        newest = (
            lives.spells.filter(pl.col("kind") == declared.kind)
            .sort("participant", "begin", "state")
            .group_by("participant", maintain_order=True)
            .agg(pl.col("state").last(), pl.col("stop").last())
        )
        state = pl.when(pl.col("stop").is_null()).then("state").otherwise(pl.lit(declared.otherwise))
        people = lives.people.join(newest.with_columns(state.alias("state")), on="participant", how="left")
        counted = people.group_by(pl.col("state").fill_null(declared.otherwise)).len().sort("state")
        found += [(declared.kind, str(name), int(n)) for name, n in counted.rows()]
    return tuple(found)


def linked_to(session: Session, cohort_id: str) -> list[tuple[str, int]]:
    """How many enrolled people each source has at least one value or reason of."""
    rows = run(
        session,
        "SELECT d.source, COUNT(DISTINCT o.participant_id) FROM observation o "
        "JOIN delivery d ON d.delivery_id = o.delivery_id JOIN enrolment e ON e.participant_id = o.participant_id "
        "AND e.cohort_id = d.cohort_id WHERE d.cohort_id = ? AND d.source <> ? GROUP BY d.source ORDER BY d.source",
        (cohort_id, DERIVED),
    )
    return [(str(source), int(n)) for source, n in rows]
