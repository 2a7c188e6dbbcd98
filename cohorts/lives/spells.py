"""Stretches of time: cut to a window, joined, intersected, and how long each person was in each state (pure).

An interval frame has columns participant, begin, stop; stop is the first day after. Rows may come in any order
and may overlap; a stretch cut in two adjoining ones is the same stretch.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohorts.lives.definition import UNKNOWN
from cohorts.lives.windows import WINDOW


def no_intervals() -> pl.DataFrame:
    """An empty interval frame."""
    return pl.DataFrame(schema=WINDOW)


def cut_to(intervals: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """The parts of intervals that lie in each person's window; a blank begin or stop is open on that side."""
    joined = intervals.join(windows.select("participant", opens="begin", closes="stop"), on="participant")
    return (
        joined.with_columns(
            pl.max_horizontal("begin", "opens").alias("begin"),
            pl.min_horizontal("stop", "closes").alias("stop"),
        )
        .filter(pl.col("begin") < pl.col("stop"))
        .drop("opens", "closes")
    )


def joined_up(intervals: pl.DataFrame) -> pl.DataFrame:
    """Each person's intervals as disjoint ones, earliest first: overlapping and adjoining ones become one."""
    ordered = intervals.select(list(WINDOW)).sort("participant", "begin", "stop")
    if ordered["participant"].n_unique() == ordered.height:  # the common case, and the slow part saved
        return ordered
    reach = pl.col("stop").cum_max().shift(1).over("participant")
    block = (pl.col("begin") > reach).fill_null(value=True).cum_sum()
    return (
        ordered.with_columns(block.alias("block"))
        .group_by("participant", "block")
        .agg(pl.col("begin").min(), pl.col("stop").max())
        .sort("participant", "begin")
        .select(list(WINDOW))
    )


def common(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The time that two interval frames share, as disjoint intervals."""
    return joined_up(cut_to(joined_up(one), joined_up(other)))


def days_of(intervals: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Days each person spent in any of the intervals, counted once: columns participant, days (Int64)."""
    length = (pl.col("stop") - pl.col("begin")).dt.total_days()
    found = joined_up(intervals).group_by("participant").agg(length.sum().alias("days"))
    whole = people.select("participant").join(found, on="participant", how="left", maintain_order="left")
    return whole.with_columns(pl.col("days").fill_null(0))


def overlaps(spells: pl.DataFrame) -> pl.DataFrame:
    """Those spells of one kind that begin before an earlier one of the same person has ended.

    Columns participant, begin, stop (null: open) and any others, which are kept.
    """
    far = pl.col("stop").fill_null(pl.date(9999, 12, 31))
    ordered = spells.with_columns(far.alias("far")).sort("participant", "begin", "far")
    reach = pl.col("far").cum_max().shift(1).over("participant")
    return ordered.filter((pl.col("begin") < reach).fill_null(value=False)).drop("far")


def time_in_states(
    windows: pl.DataFrame,
    spells: pl.DataFrame,
    observed: pl.DataFrame,
    states: Sequence[str],
    otherwise: str = UNKNOWN,
) -> pl.DataFrame:
    """Days in each state in each person's window. Over all states they sum to the window's length.

    Parameters
    ----------
    windows : pl.DataFrame
        One window a person.
    spells : pl.DataFrame
        Intervals with a column ``state``.
    observed : pl.DataFrame
        Intervals in which a spell would have been known: time in none of them is ``unknown``.
    states : sequence of str
        Which state counts where two overlap: the one named first.
    otherwise : str
        The state of observed time in no spell.

    Returns
    -------
    pl.DataFrame
        participant, state, days (Int64); states of no days are left out.
    """
    rank = {state: place for place, state in enumerate(states)}
    inside = cut_to(spells, windows).select(
        *WINDOW, pl.col("state").replace_strict(rank, default=None, return_dtype=pl.Int64).alias("rank")
    )
    seen = cut_to(observed, windows).select(*WINDOW, pl.lit(len(states)).cast(pl.Int64).alias("rank"))
    parts = pl.concat([inside.drop_nulls("rank"), seen])
    pieces = _pieces(windows, parts)
    covering = pieces.join(parts.rename({"begin": "from", "stop": "to"}), on="participant")
    covering = covering.filter((pl.col("from") <= pl.col("begin")) & (pl.col("to") >= pl.col("stop")))
    first = covering.group_by("participant", "begin").agg(pl.col("rank").min())
    named = dict(enumerate([*states, otherwise]))
    state = pl.col("rank").replace_strict(named, default=None, return_dtype=pl.String).fill_null(UNKNOWN)
    return (
        pieces.join(first, on=["participant", "begin"], how="left")
        .with_columns(state.alias("state"), (pl.col("stop") - pl.col("begin")).dt.total_days().alias("days"))
        .group_by("participant", "state")
        .agg(pl.col("days").sum())
        .sort("participant", "state")
    )


def _pieces(windows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Each window cut at every day on which anything begins or stops."""
    edges = [
        frame.select("participant", day=side) for frame in (windows, parts) for side in ("begin", "stop")
    ]
    cuts = pl.concat(edges).unique().sort("participant", "day")
    return (
        cuts.select(
            "participant",
            pl.col("day").alias("begin"),
            pl.col("day").shift(-1).over("participant").alias("stop"),
        )
        .drop_nulls("stop")
        .filter(pl.col("begin") < pl.col("stop"))
    )
