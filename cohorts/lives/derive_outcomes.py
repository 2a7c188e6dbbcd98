"""Variables out of lives: events within a window, days to the first, time in a state, dose (pure).

Every function gives, for everybody, a value or the reason why there is none. "No record" becomes zero only where
a record would have been seen on every day of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from cohorts.lives.at_liberty import days_at_liberty
from cohorts.lives.definition import Derived, LifeDefinition, SpellKind, competing_name, off_clock_name
from cohorts.lives.families import families_of
from cohorts.lives.observability import (
    BEFORE_DATA,
    NO_SOURCE,
    NOT_OBSERVED,
    Cover,
    observed_in,
    observed_in_all,
    why_not,
)
from cohorts.lives.off_clock import days_off, stretches_away, while_free
from cohorts.lives.spells import time_in_states
from cohorts.lives.windows import months_after, windows_of

NOTHING_PLANNED = "not applicable"
MINUTES_BLANK = "not known"
MID_MONTH = 14  # an event known to its month counts as on the 15th
Values = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Lives:
    """Everything known of a cohort's people, by participant number.

    Attributes
    ----------
    people : pl.DataFrame
        participant, index_date.
    spells : pl.DataFrame
        participant, kind, state, begin, stop (null: still open).
    events : pl.DataFrame
        participant, kind, day, date_precision, category.
    sessions : pl.DataFrame
        participant, intervention, day, attended (1, 0 or null), planned_minutes, minutes, fidelity.
    relations : pl.DataFrame
        participant, relation, other.
    covers : mapping
        For (table, kind), when it would have been seen. What is not in it has no source.
    """

    people: pl.DataFrame = field(repr=False)
    spells: pl.DataFrame = field(repr=False)
    events: pl.DataFrame = field(repr=False)
    sessions: pl.DataFrame = field(repr=False)
    relations: pl.DataFrame = field(repr=False)
    covers: Mapping[tuple[str, str], Cover] = field(repr=False)

    def cover(self, table: str, kind: str) -> Cover:
        """When this kind would have been seen."""
        return self.covers.get((table, kind), Cover(None, None))

    def dated(self) -> pl.DataFrame:
        """Events with the day they count as."""
        month = pl.col("date_precision") == "month"
        day = pl.when(month).then(pl.col("day").dt.offset_by(f"{MID_MONTH}d")).otherwise("day")
        return self.events.with_columns(day.alias("day"))


def needs_of(item: Derived) -> tuple[tuple[str, str], ...]:
    """What a variable is made of: (table, kind)."""
    events = [("event", kind) for kind in item.events]
    rivals = [("spell" if ":" in named else "event", named.partition(":")[0]) for named in item.competing]
    spells = [("spell", item.spell)] if item.spell else []
    sessions = [("exposure", item.intervention)] if item.intervention else []
    relations = [("relation", kind) for kind in item.relations]
    return tuple(dict.fromkeys((*events, *spells, *sessions, *relations, *rivals)))


def derive(item: Derived, lives: Lives, life: LifeDefinition, held: pl.DataFrame) -> Values:
    """The variables of one declaration: for each name participant, value (Float64), missing (String).

    ``held`` are the values of that name held so far (participant, value); only families look at them.
    """
    if item.kind == "family":
        kept = lives.relations.filter(pl.col("relation").is_in(list(item.relations)))
        return {item.name: _complete(families_of(lives.people, kept, held))}
    return _MAKERS[item.kind](item, lives, life)


def _complete(frame: pl.DataFrame, reasons: pl.DataFrame | None = None) -> pl.DataFrame:
    """A value, or else a reason, never both; in the order of participants."""
    if reasons is not None:
        frame = frame.join(reasons, on="participant", how="left")
    elif "missing" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("missing"))
    value = pl.when(pl.col("missing").is_null()).then(pl.col("value").cast(pl.Float64))
    return frame.select("participant", value.alias("value"), "missing").sort("participant")


def _windows(item: Derived, lives: Lives) -> pl.DataFrame:
    return windows_of(lives.people, item.from_months, item.to_months)


def _ends(lives: Lives, life: LifeDefinition) -> pl.DataFrame:
    """The day after which nothing can follow: participant, day."""
    last = lives.dated().filter(pl.col("kind").is_in(list(life.terminal)))
    return last.group_by("participant").agg(pl.col("day").min()).sort("participant")


def _chosen(item: Derived, lives: Lives, windows: pl.DataFrame) -> pl.DataFrame:
    """The events that count, within each person's window: participant, day, begin."""
    found = lives.dated().filter(pl.col("kind").is_in(list(item.events)))
    if item.categories:
        found = found.filter(pl.col("category").is_in(list(item.categories)))
    return _within(found, windows)


def _within(found: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    joined = found.join(windows, on="participant")
    return joined.filter((pl.col("day") >= pl.col("begin")) & (pl.col("day") < pl.col("stop")))


def _event_covers(item: Derived, lives: Lives) -> list[Cover]:
    return [lives.cover("event", kind) for kind in item.events]


def _unjudged(item: Derived, lives: Lives, life: LifeDefinition, windows: pl.DataFrame) -> pl.DataFrame:
    covers = _event_covers(item, lives)
    observed = observed_in_all(windows, covers, _ends(lives, life))
    return why_not(windows, observed, covers, item.waiting_months)


def _event_count(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    windows = _windows(item, lives)
    counted = _chosen(item, lives, windows).group_by("participant").agg(pl.len().alias("value"))
    everyone = windows.select("participant").join(counted, on="participant", how="left")
    frame = everyone.with_columns(pl.col("value").fill_null(0))
    return {item.name: _complete(frame, _unjudged(item, lives, life, windows))}


def _event_within(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    windows = _windows(item, lives)
    reasons = _unjudged(item, lives, life, windows)
    first = _firsts(item, lives, windows)
    frame = first.select("participant", pl.col("event").is_not_null().alias("value"))
    return {item.name: _complete(frame, reasons), **_rivals(item, lives, first, reasons)}


def _firsts(
    item: Derived, lives: Lives, windows: pl.DataFrame, away: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The first day of the event and of each competing one in the window: participant, begin, event, rival:….

    Of somebody who is away no event counts but one on the day they went (``away``: participant, begin, stop).
    """
    chosen = _chosen(item, lives, windows)
    days = {"event": chosen if away is None else while_free(chosen, away)}
    days |= {f"rival:{named}": _within(_rival_days(named, lives), windows) for named in item.competing}
    frame = windows
    for name, found in days.items():
        earliest = found.group_by("participant").agg(pl.col("day").min().alias(name))
        frame = frame.join(earliest, on="participant", how="left", maintain_order="left")
    return frame


def _rival_days(named: str, lives: Lives) -> pl.DataFrame:
    kind, _, state = named.partition(":")
    if not state:
        return lives.dated().filter(pl.col("kind") == kind).select("participant", "day")
    begun = lives.spells.filter((pl.col("kind") == kind) & (pl.col("state") == state))
    return begun.select("participant", day="begin")


def _earliest_rival(item: Derived) -> pl.Expr:
    rivals = [pl.col(f"rival:{named}") for named in item.competing]
    return pl.min_horizontal(rivals) if rivals else pl.lit(None, dtype=pl.Date)


def _rivals(item: Derived, lives: Lives, first: pl.DataFrame, reasons: pl.DataFrame) -> Values:
    """For each competing event, whether it came before the event and before the others."""
    found = {}
    for place, named in enumerate(item.competing):
        day = pl.col(f"rival:{named}")
        ahead = [pl.col(f"rival:{other}") for other in item.competing[:place]]
        wins = day.is_not_null() & (day == _earliest_rival(item))
        wins &= pl.col("event").is_null() | (day < pl.col("event"))
        for other in ahead:  # on one day, the one named first
            wins &= other.is_null() | (other != day)
        frame = first.select("participant", wins.fill_null(value=False).alias("value"))
        table = "spell" if ":" in named else "event"
        known = lives.cover(table, named.partition(":")[0]).data_until is not None
        why = reasons if known else reasons.with_columns(pl.lit(NO_SOURCE).alias("missing"))
        found[competing_name(item, named)] = _complete(frame, why)
    return found


def _days_to_event(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    """Days from the window's first day to the event, to a competing one, or to the end of unbroken sight.

    Somebody who goes out of sight is censored on that day. Sight ends where records are not complete yet: the
    waiting months before the end of the data. With a spell, sight is of both, and its days until then are told apart.
    """
    windows = _windows(item, lives)
    covers = [records_complete(cover, item.waiting_months) for cover in _event_covers(item, lives)]
    covers += [lives.cover("spell", item.spell)] if item.spell else []
    away = stretches_away(lives.spells, windows, item.spell, item.states) if item.spell else None
    observed = observed_in_all(windows, covers, _ends(lives, life))
    sight = observed.join(windows.select("participant", "begin"), on=["participant", "begin"])
    first = _firsts(item, lives, windows, away).join(
        sight.select("participant", sight_ends="stop"), on="participant", how="left", maintain_order="left"
    )
    first = first.with_columns(
        pl.when(pl.col(name) < pl.col("sight_ends")).then(name).alias(name)
        for name in ("event", *(f"rival:{named}" for named in item.competing))
    )
    ended = pl.min_horizontal("event", _earliest_rival(item), "sight_ends")
    reasons = first.select("participant", _blind(covers).alias("missing"))
    came = pl.col("event").is_not_null() & (pl.col("event") == ended)
    days = first.select("participant", (ended - pl.col("begin")).dt.total_days().alias("value"))
    event = first.select("participant", came.alias("value"))
    off = (
        {}
        if away is None
        else {off_clock_name(item): days_off(first.with_columns(ended.alias("stop")), away)}
    )
    return {
        item.name: _complete(days, reasons),
        f"{item.name}_event": _complete(event, reasons),
        **{name: _complete(frame, reasons) for name, frame in off.items()},
        **_rivals(item, lives, first, reasons),
    }


def _blind(covers: list[Cover]) -> pl.Expr:
    """Why nobody could see the first day of the window, or null where it was seen."""
    if any(cover.data_until is None for cover in covers):
        return pl.lit(NO_SOURCE)
    begins = [cover.data_from for cover in covers if cover.data_from]
    early = pl.col("begin") < pl.lit(max(begins, default=None), dtype=pl.Date)
    why = pl.when(early).then(pl.lit(BEFORE_DATA)).otherwise(pl.lit(NOT_OBSERVED))
    return pl.when(pl.col("sight_ends").is_null()).then(why)


def records_complete(cover: Cover, months: float) -> Cover:
    """A cover that ends where its records were complete: so many months before the end of the data."""
    if cover.data_until is None or not months:
        return cover
    until = pl.Series([cover.data_until]).to_frame("day").select(months_after(pl.col("day"), -months)).item()
    return replace(cover, data_until=until)


def _spells_of(kind: str, lives: Lives, cover: Cover) -> pl.DataFrame:
    """Spells of a kind; one that is open is known to last as long as the data."""
    last = months_after(pl.lit(cover.data_until, dtype=pl.Date), 0).dt.offset_by("1d")
    return lives.spells.filter(pl.col("kind") == kind).with_columns(pl.col("stop").fill_null(last))


def _time_in_state(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    windows, cover = _windows(item, lives), lives.cover("spell", item.spell)
    kind = life.spell(item.spell) or SpellKind(item.spell, item.states)
    times = time_in_states(
        windows,
        _spells_of(item.spell, lives, cover),
        observed_in(windows, cover),
        kind.states,
        kind.otherwise,
    )
    spent = times.filter(pl.col("state").is_in(list(item.states)))
    found = spent.group_by("participant").agg(pl.col("days").sum().alias("value"))
    frame = windows.select("participant").join(found, on="participant", how="left")
    # Time out of sight is a state, "unknown", and no reason for there being no value.
    reasons = why_not(windows, windows, [cover], item.waiting_months)
    return {item.name: _complete(frame.with_columns(pl.col("value").fill_null(0)), reasons)}


def _at_liberty(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    windows, cover = _windows(item, lives), lives.cover("spell", item.spell)
    ends = _ends(lives, life)
    spells = _spells_of(item.spell, lives, cover)
    if item.states:
        spells = spells.filter(pl.col("state").is_in(list(item.states)))
    gone = ends.select("participant", begin="day", stop=pl.lit(None, dtype=pl.Date))
    away = pl.concat([spells.select("participant", "begin", "stop"), gone])
    observed = observed_in_all(windows, [cover], ends)
    reasons = why_not(windows, observed, [cover], item.waiting_months)
    return {item.name: _complete(days_at_liberty(windows, away), reasons)}


def _dose(item: Derived, lives: Lives, life: LifeDefinition) -> Values:
    windows = _windows(item, lives)
    cover = lives.cover("exposure", item.intervention)
    sessions = lives.sessions.filter(pl.col("intervention") == item.intervention)
    found = _within(sessions, windows).group_by("participant").agg(*_SUMS.values())
    frame = windows.join(found, on="participant", how="left", maintain_order="left")
    frame = frame.with_columns(
        pl.col("planned", "attended", "blank", "minutes", "minutes_planned").fill_null(0)
    )
    why = why_not(windows, observed_in(windows, cover), [cover], item.waiting_months)
    value, doubt = _DOSES["share" if item.kind == "share-attended" else item.of]
    frame = frame.join(why, on="participant", how="left", maintain_order="left")
    return {
        item.name: _complete(frame.select("participant", value.alias("value"), pl.coalesce("missing", doubt)))
    }


_WENT = pl.col("attended") == 1
_SUMS: dict[str, pl.Expr] = {
    "planned": pl.len().alias("planned"),
    "attended": _WENT.fill_null(value=False).sum().alias("attended"),
    "blank": (_WENT & pl.col("minutes").is_null()).fill_null(value=False).sum().alias("blank"),
    "minutes": pl.col("minutes").filter(_WENT).sum().alias("minutes"),
    "minutes_planned": pl.col("planned_minutes").sum().alias("minutes_planned"),
    "fidelity": pl.col("fidelity").mean().alias("fidelity"),
    "first": pl.col("day").filter(_WENT).min().alias("first"),
    "last": pl.col("day").filter(_WENT).max().alias("last"),
}
_NEVER = pl.lit(None, dtype=pl.String)
_NOT_PLANNED = pl.when(pl.col("planned") == 0).then(pl.lit(NOTHING_PLANNED)).alias("missing")
_NOT_ATTENDED = pl.when(pl.col("attended") == 0).then(pl.lit(NOTHING_PLANNED)).alias("missing")
_DOSES: dict[str, tuple[pl.Expr, pl.Expr]] = {
    "sessions-planned": (pl.col("planned"), _NEVER),
    "sessions-attended": (pl.col("attended"), _NEVER),
    "minutes-planned": (pl.col("minutes_planned"), _NEVER),
    "minutes": (pl.col("minutes"), pl.when(pl.col("blank") > 0).then(pl.lit(MINUTES_BLANK))),
    "fidelity": (pl.col("fidelity"), pl.when(pl.col("fidelity").is_null()).then(pl.lit(MINUTES_BLANK))),
    "first-session": ((pl.col("first") - pl.col("begin")).dt.total_days(), _NOT_ATTENDED),
    "last-session": ((pl.col("last") - pl.col("begin")).dt.total_days(), _NOT_ATTENDED),
    "share": (pl.col("attended") / pl.col("planned"), _NOT_PLANNED),
}
_MAKERS: dict[str, Callable[[Derived, Lives, LifeDefinition], Values]] = {
    "event-count": _event_count,
    "event-within": _event_within,
    "days-to-event": _days_to_event,
    "time-in-state": _time_in_state,
    "days-at-liberty": _at_liberty,
    "dose": _dose,
    "share-attended": _dose,
}
