"""Time off the clock: while somebody is in custody nothing is at risk of happening at liberty (pure).

The day of reception is the first in custody, the day of release the first at liberty. An event on the day of reception
is what led to it and counts as the last at liberty; on any other day in custody it is none at liberty.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cohorts.lives.spells import cut_to, days_of, joined_up


def stretches_away(
    spells: pl.DataFrame, windows: pl.DataFrame, kind: str, states: Collection[str] = ()
) -> pl.DataFrame:
    """Each person's time in spells of a kind within their window, as disjoint intervals, earliest first.

    Parameters
    ----------
    spells : pl.DataFrame
        participant, kind, state, begin, stop (null: still open).
    windows : pl.DataFrame
        participant, begin, stop; one a person.
    states : collection of str
        Only spells in these states; in any of them by default.
    """
    chosen = spells.filter(pl.col("kind") == kind)
    if states:
        chosen = chosen.filter(pl.col("state").is_in(list(states)))
    return joined_up(cut_to(chosen.select("participant", "begin", "stop"), windows))


def while_free(events: pl.DataFrame, away: pl.DataFrame) -> pl.DataFrame:
    """The events (participant, day, …) that did not come while a person was away, the day they went apart."""
    before = away.select("participant", gone="begin", back="stop").sort("gone")
    last = events.sort("day").join_asof(
        before, left_on="day", right_on="gone", by="participant",
        strategy="backward", allow_exact_matches=False, check_sortedness=False,
    )  # fmt: skip
    return last.filter(pl.col("back").is_null() | (pl.col("day") >= pl.col("back"))).drop("gone", "back")


def days_off(until: pl.DataFrame, away: pl.DataFrame) -> pl.DataFrame:
    """Days away from ``begin`` to before ``stop`` of each person: participant, value (Float64)."""
    windows = until.select("participant", "begin", "stop")
    days = days_of(cut_to(away, windows), windows)
    return days.select("participant", pl.col("days").cast(pl.Float64).alias("value"))
