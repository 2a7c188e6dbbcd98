"""Values as they were before they were corrected: kept when they change, read as they were known on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from sqlmodel import Session

from workspace.clock import now
from workspace.statements import noted, run, run_many


def keep_history(session: Session, slots: pl.DataFrame) -> None:
    """Keep the values that are about to change: columns variable_id, wave_id, participant_id."""
    at = now()
    statement = (
        "INSERT INTO observation_history (variable_id, wave_id, participant_id, delivery_id, value, missing, "
        "recorded_from, recorded_to) SELECT o.variable_id, o.wave_id, o.participant_id, o.delivery_id, o.value, "
        "o.missing, d.loaded_at, ? FROM observation o JOIN delivery d ON d.delivery_id = o.delivery_id "
        "WHERE o.variable_id = ? AND o.wave_id = ? AND o.participant_id = ?"
    )
    with noted(session, "observation_history", slots):  # the delivery was looked for when the value came
        run_many(session, statement, [(at, *row) for row in slots.iter_rows()])


def values_known_on(
    session: Session, variable_id: int, wave_id: int, day: dt.date
) -> list[tuple[int, float | None, str | None]]:
    """The values of a variable at a wave as they were known at the end of a day: participant, value, reason."""
    on = day.isoformat()
    slot: tuple[Any, ...] = (variable_id, wave_id)
    rows = run(
        session,
        "SELECT o.participant_id, o.value, o.missing FROM observation o "
        "JOIN delivery d ON d.delivery_id = o.delivery_id "
        "WHERE o.variable_id = ? AND o.wave_id = ? AND SUBSTR(d.loaded_at, 1, 10) <= ? "
        "UNION ALL SELECT h.participant_id, h.value, h.missing FROM observation_history h "
        "WHERE h.variable_id = ? AND h.wave_id = ? AND SUBSTR(h.recorded_from, 1, 10) <= ? "
        "AND SUBSTR(h.recorded_to, 1, 10) > ?",
        (*slot, on, *slot, on, on),
    )
    return [(int(person), value, missing) for person, value, missing in rows]
