"""Days at liberty: the days of a follow-up less those in custody, of whatever sort (pure)."""

from __future__ import annotations

import polars as pl

from cohorts.lives.spells import cut_to, days_of


def days_at_liberty(windows: pl.DataFrame, custody: pl.DataFrame) -> pl.DataFrame:
    """Days of each window outside custody: participant, value (Float64).

    Spells that overlap, such as a recall during a remand, take a day away once. The day of release counts as at
    liberty, the day of reception as in custody. A spell without an end lasts to the end of the window.

    Parameters
    ----------
    windows : pl.DataFrame
        participant, begin, stop; one window a person.
    custody : pl.DataFrame
        participant, begin, stop; any number of intervals a person, in any order.
    """
    inside = days_of(cut_to(custody, windows), windows)["days"]
    whole = (pl.col("stop") - pl.col("begin")).dt.total_days()
    return windows.select("participant", (whole - inside).cast(pl.Float64).alias("value"))
