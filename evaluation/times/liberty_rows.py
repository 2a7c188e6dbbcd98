"""Rows of time at risk out of a cohort's lives: one for each stretch at liberty and in sight, up to each event (pure).

Times are days since the index date. The day of reception is the first in custody, the day of release the first at
liberty. An event on the day somebody went into custody, or died, is the last thing before it. An event on the first day
of a stretch is taken at half a day, since nobody has been at risk for no time; several on one day are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohorts.lives.derive_outcomes import Lives, records_complete
from cohorts.lives.observability import observed_in_all
from cohorts.lives.off_clock import stretches_away
from cohorts.lives.spells import common, cut_to
from cohorts.lives.windows import windows_of
from evaluation.times.drawn import Drawn

HALF_A_DAY = 0.5
ROWS = {
    "participant": pl.Int64, "start": pl.Float64, "stop": pl.Float64, "event": pl.Float64, "ended": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LibertyRows:
    """``rows``: participant, start, stop, event, ended, by person and time. ``inside``: in sight, and never free."""

    rows: pl.DataFrame
    inside: pl.DataFrame

    def __repr__(self) -> str:
        """Never the data."""
        return f"LibertyRows({self.rows.height} rows)"


def liberty_rows(drawn: Drawn, lives: Lives, terminal: tuple[str, ...]) -> LibertyRows:
    """The rows of everybody in ``lives.people``; whoever was never at liberty and in sight has none.

    Parameters
    ----------
    terminal : tuple of str
        The cohort's kinds of events after which nothing follows; ``drawn.ending`` counts among them.
    """
    windows = windows_of(lives.people, 0, drawn.within_months)
    ends = _first_day(lives, windows, {*terminal, drawn.ending})
    sight = _sight(drawn, lives, windows)
    last = windows.join(ends, on="participant", how="left", maintain_order="left")
    watched = cut_to(sight, last.with_columns(stop=pl.min_horizontal("stop", "day")))
    away = stretches_away(lives.spells, windows, drawn.spell, drawn.states)
    free = common(watched, outside(away, windows))
    events = _events(drawn, lives, sight, free)
    inside = watched.select("participant").unique().join(free, on="participant", how="anti")
    rows = _rows(windows, free, events)
    if drawn.ending:
        rows = _with_end(rows, _seen_end(drawn, lives, windows, ends, sight))
    ordered = rows.select(list(ROWS)).sort("participant", "start")
    return LibertyRows(ordered, inside.sort("participant"))


def outside(inner: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """The parts of each person's window that lie in none of their intervals, which are disjoint and lie within it."""
    opens = [windows.select("participant", day="begin"), inner.select("participant", day="stop")]
    shuts = [inner.select("participant", day="begin"), windows.select("participant", day="stop")]
    begin, stop = (pl.concat(days).sort("participant", "day") for days in (opens, shuts))
    return begin.select("participant", begin="day").with_columns(stop=stop["day"]).filter(
        pl.col("begin") < pl.col("stop")
    )  # fmt: skip


def _first_day(lives: Lives, windows: pl.DataFrame, kinds: set[str]) -> pl.DataFrame:
    """The first day of any of these kinds: participant, day."""
    found = lives.dated().filter(pl.col("kind").is_in(sorted(kinds)))
    own = found.join(windows, on="participant", how="semi")
    return own.group_by("participant").agg(pl.col("day").min()).sort("participant")


def _sight(drawn: Drawn, lives: Lives, windows: pl.DataFrame) -> pl.DataFrame:
    """When events and custody would both have been seen, and the records of events are complete."""
    covers = [records_complete(lives.cover("event", kind), drawn.waiting_months) for kind in drawn.events]
    covers += [lives.cover("spell", drawn.spell)] if drawn.spell else []
    nobody = pl.DataFrame(schema={"participant": pl.Int64, "day": pl.Date})
    return observed_in_all(windows, covers, nobody)


def _within(
    days: pl.DataFrame, stretches: pl.DataFrame, named: tuple[str, str], *, last: bool
) -> pl.DataFrame:
    """The days that lie in a stretch, with its begin and stop under these names; its day after too, if ``last``."""
    begin, stop = named
    of = stretches.select("participant", pl.col("begin").alias(begin), pl.col("stop").alias(stop)).sort(begin)
    found = days.sort("day").join_asof(
        of, left_on="day", right_on=begin, by="participant", coalesce=False, check_sortedness=False
    )
    return found.filter(pl.col("day") <= pl.col(stop) if last else pl.col("day") < pl.col(stop))


def _events(drawn: Drawn, lives: Lives, sight: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    """The days with an event at liberty or on the way out of it: participant, day, begin (of the stretch)."""
    found = lives.dated().filter(pl.col("kind").is_in(list(drawn.events)))
    if drawn.categories:
        found = found.filter(pl.col("category").is_in(list(drawn.categories)))
    days = found.select("participant", "day").unique()
    seen = _within(days, sight, ("seen_from", "seen_to"), last=False).select("participant", "day")
    return _within(seen, free, ("begin", "stop"), last=True).select("participant", "day", "begin")


def _rows(windows: pl.DataFrame, free: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Each stretch cut at its events."""
    index = windows.select("participant", index="begin")
    first_day = HALF_A_DAY * (pl.col("day") == pl.col("begin")).cast(pl.Float64)
    cuts = [
        events.with_columns(more=first_day, event=pl.lit(1.0)),
        free.select("participant", "begin", day="stop", more=pl.lit(0.0), event=pl.lit(0.0)),
    ]
    whole = pl.concat([cut.select("participant", "begin", "day", "more", "event") for cut in cuts])
    since = [
        (pl.col(day) - pl.col("index")).dt.total_days().cast(pl.Float64).alias(name)
        for day, name in (("begin", "opens"), ("day", "stop"))
    ]
    timed = whole.join(index, on="participant").with_columns(since)
    timed = timed.with_columns(pl.col("stop") + pl.col("more"))
    ordered = (
        timed.group_by("participant", "opens", "stop")
        .agg(pl.col("event").max())
        .sort("participant", "opens", "stop")
    )
    start = pl.col("stop").shift(1).over("participant", "opens").fill_null(pl.col("opens"))
    return ordered.with_columns(start.alias("start"), pl.lit(0.0).alias("ended"))


def _seen_end(
    drawn: Drawn, lives: Lives, windows: pl.DataFrame, ends: pl.DataFrame, sight: pl.DataFrame
) -> pl.DataFrame:
    """Whose watching the end itself ended, with the day since which they were in sight: participant, since (days)."""
    own = _first_day(lives, windows, {drawn.ending})
    first = own.join(ends, on=["participant", "day"], how="semi").join(windows, on="participant")
    inside = first.filter(pl.col("day") < pl.col("stop")).select("participant", "day", index="begin")
    found = _within(inside, sight, ("seen_from", "seen_to"), last=True)
    since = (pl.col("seen_from") - pl.col("index")).dt.total_days().cast(pl.Float64)
    return found.select("participant", since.alias("since"))


def _with_end(rows: pl.DataFrame, ended: pl.DataFrame) -> pl.DataFrame:
    """The end, at the end of the last row; where that row has an event, it is cut in half and the end comes after."""
    marked = rows.join(ended, on="participant", how="left").with_columns(
        last=(pl.col("stop") == pl.col("stop").max().over("participant"))
        & (pl.col("opens") >= pl.col("since")).fill_null(value=False)
    )
    both = pl.col("last") & (pl.col("event") == 1)
    half = (pl.col("start") + pl.col("stop")) / 2
    kept = marked.with_columns(
        pl.when(both).then(half).otherwise("stop").alias("stop"),
        (pl.col("last") & ~both).cast(pl.Float64).alias("ended"),
    )
    after = marked.filter(both).with_columns(start=half, event=pl.lit(0.0), ended=pl.lit(1.0))
    return pl.concat([kept, after])
