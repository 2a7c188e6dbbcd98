"""When a source could have seen anything: only there does "no record" mean that nothing happened (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cohorts.lives.spells import common, cut_to, days_of, joined_up
from cohorts.lives.windows import WINDOW, months_after
from workspace.days import days_after

NOT_OVER = "follow-up not over"
BEFORE_DATA = "before the data begin"
NOT_OBSERVED = "not observed"
NO_SOURCE = "no source yet"


@dataclass(frozen=True, slots=True)
class Span:
    """What one source covers of one kind: the first and the last day on which it would have seen it."""

    source: str
    data_from: dt.date | None
    data_until: dt.date


def span_of_all(spans: Iterable[Span]) -> tuple[dt.date | None, dt.date | None]:
    """The days that every source covers: a source's deliveries add up, several sources must all have seen.

    Both ends are None where there is no source at all.
    """
    known = list(spans)
    begins, ends = [], []
    for source in sorted({span.source for span in known}):
        own = [span for span in known if span.source == source]
        named = [span.data_from for span in own if span.data_from]
        if len(named) == len(own):
            begins.append(min(named))
        ends.append(max(span.data_until for span in own))
    return (max(begins) if begins else None), (min(ends) if ends else None)


@dataclass(frozen=True, slots=True)
class Cover:
    """All that is known of when one kind could have been seen.

    ``personal`` are the intervals of each person (participant, begin, stop, reason), or None where no source
    tells them: then everybody is taken to be observed for as long as the sources' data run.
    """

    data_from: dt.date | None
    data_until: dt.date | None
    personal: pl.DataFrame | None = None


def observed_in(windows: pl.DataFrame, cover: Cover) -> pl.DataFrame:
    """The parts of each window in which this kind would have been seen."""
    if cover.data_until is None:
        return pl.DataFrame(schema=WINDOW)
    stop = days_after(cover.data_until, 1)
    whole = windows.select(
        "participant",
        pl.lit(cover.data_from, dtype=pl.Date).alias("begin"),
        pl.lit(stop, dtype=pl.Date).alias("stop"),
    )
    inside = cut_to(whole, windows)
    if cover.personal is None:
        return joined_up(inside)
    own = cut_to(cover.personal.select(list(WINDOW)), windows)
    return common(inside, own)


def observed_in_all(windows: pl.DataFrame, covers: Iterable[Cover], ends: pl.DataFrame) -> pl.DataFrame:
    """The parts of each window in which all these kinds would have been seen.

    ``ends`` has the day, a person at most once, after which nothing can follow (participant, day): from then on
    it is known that nothing happened.
    """
    found = joined_up(windows)
    for cover in covers:
        found = common(found, observed_in(windows, cover))
    after = cut_to(ends.select("participant", begin="day", stop=pl.lit(None, dtype=pl.Date)), windows)
    return joined_up(pl.concat([found, after.select(list(WINDOW))]))


def why_not(
    windows: pl.DataFrame, observed: pl.DataFrame, covers: Iterable[Cover], waiting_months: float
) -> pl.DataFrame:
    """Why a person's window cannot be judged: participant, missing (null: every day of it was observed).

    The first that holds: no source, follow-up and waiting time not over, data that begin later, the reason for
    which the person was out of sight, or that it is not known.
    """
    known = list(covers)
    untils = [cover.data_until for cover in known]
    whole = (pl.col("stop") - pl.col("begin")).dt.total_days()
    seen = days_of(observed, windows)["days"]
    reasons = [pl.when(pl.lit(None in untils)).then(pl.lit(NO_SOURCE))]
    ends = [until for until in untils if until]
    if ends:
        over = months_after(pl.col("stop"), waiting_months) <= pl.lit(min(ends))
        reasons.append(pl.when(~over).then(pl.lit(NOT_OVER)))
    begins = [cover.data_from for cover in known if cover.data_from]
    if begins:
        reasons.append(pl.when(pl.col("begin") < pl.lit(max(begins))).then(pl.lit(BEFORE_DATA)))
    told = pl.coalesce("told", pl.lit(NOT_OBSERVED))
    missing = pl.coalesce(*reasons, pl.when(pl.col("seen") < whole).then(told))
    return (
        windows.with_columns(seen.alias("seen"))
        .join(_told(windows, known), on="participant", how="left", maintain_order="left")
        .select("participant", missing.alias("missing"))
    )


def _told(windows: pl.DataFrame, covers: Iterable[Cover]) -> pl.DataFrame:
    """The reason given for the end of the last stretch of each person that ends within the window."""
    parts = [cover.personal for cover in covers if cover.personal is not None]
    if not parts:
        return pl.DataFrame(schema={"participant": pl.Int64, "told": pl.String})
    told = (
        pl.concat(parts)
        .drop_nulls(["stop", "reason"])
        .join(windows.select("participant", closes="stop"), on="participant")
    )
    told = told.filter(pl.col("stop") < pl.col("closes")).sort("participant", "stop", "reason")
    return told.group_by("participant", maintain_order=True).agg(pl.col("reason").last().alias("told"))
