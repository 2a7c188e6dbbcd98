"""Rows of time at liberty out of lives worked out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.lives.derive_outcomes import Lives
from cohorts.lives.observability import Cover
from evaluation.times.drawn import Drawn
from evaluation.times.liberty_rows import LibertyRows, liberty_rows
from tests.cohorts.test_derive_outcomes import SEEN, UNTIL, after, frame, lives

ARRESTS = Drawn(("arrest",), 12, spell="custody")
DEATH = replace(ARRESTS, ending="death")


def known(people: int = 1, **tables: Any) -> Lives:
    covers = {("event", "death"): Cover(None, UNTIL)} | tables.pop("covers", {})
    tables["events"] = [(who, kind, after(day), "day", "violence") for who, kind, day in tables["events"]]
    tables["spells"] = [
        (who, "custody", "remand", after(begin), None if stop is None else after(stop))
        for who, begin, stop in tables.get("spells", [])
    ]
    return lives(people, covers=covers, **tables)


def rows(found: LibertyRows, *, ended: bool = False) -> list[tuple[Any, ...]]:
    return found.rows.select(found.rows.columns[: 5 if ended else 4]).rows()


def test_a_year_with_custody_is_cut_at_events_reception_and_release() -> None:
    told = known(
        3,
        spells=[(1, 40, 60), (1, 50, 70), (1, 200, None), (3, -3, 10)],
        events=[
            (1, "arrest", 30),
            (1, "arrest", 40),
            (1, "arrest", 65),
            (1, "arrest", 70),
            (1, "arrest", 70),
        ],
    )
    assert rows(liberty_rows(ARRESTS, told, ("death",))) == [
        (1, 0.0, 30.0, 1.0),
        (1, 30.0, 40.0, 1.0),  # the day of reception: what led to it; the arrest on day 65 was in custody
        (1, 70.0, 70.5, 1.0),  # two on the day of release are one occasion, at half a day
        (1, 70.5, 200.0, 0.0),  # the open spell lasts to the end
        (2, 0.0, 365.0, 0.0),
        (3, 10.0, 365.0, 0.0),
    ]


def test_without_a_spell_nothing_is_off_the_clock_and_categories_choose() -> None:
    told = known(1, spells=[(1, 40, 60)], events=[(1, "arrest", 0), (1, "arrest", 50)])
    free = Drawn(("arrest",), 6)
    assert rows(liberty_rows(free, told, ())) == [
        (1, 0.0, 0.5, 1.0), (1, 0.5, 50.0, 1.0), (1, 50.0, 184.0, 0.0),
    ]  # fmt: skip
    assert rows(liberty_rows(replace(free, categories=("theft",)), told, ())) == [(1, 0.0, 184.0, 0.0)]
    assert rows(liberty_rows(replace(ARRESTS, states=("recall",)), told, ()))[0] == (1, 0.0, 0.5, 1.0)


def test_out_of_sight_is_a_gap_and_what_happened_in_it_is_not_counted() -> None:
    seen = frame([(1, None, after(50), "moved"), (1, after(60), None, None)], SEEN)
    told = known(
        2,
        events=[(1, "arrest", 50), (1, "arrest", 55), (1, "arrest", 60), (1, "arrest", 365)],
        covers={("event", "arrest"): Cover(after(-10), UNTIL, seen)},
    )
    # Person 2 is in no list of who could be seen: no rows, and not because of custody.
    found = liberty_rows(ARRESTS, told, ())
    assert rows(found) == [(1, 0.0, 50.0, 0.0), (1, 60.0, 60.5, 1.0), (1, 60.5, 365.0, 0.0)]
    assert found.inside.height == 0


def test_sight_ends_where_records_are_not_complete_or_custody_is_not_known() -> None:
    until = dt.date(2021, 10, 31)
    events = [(1, "arrest", 61), (1, "arrest", 62)]
    told = known(1, events=events, covers={("event", "arrest"): Cover(None, until)})
    waiting = replace(ARRESTS, waiting_months=6)
    # Six months before the end of October is 30 April, the sixty-first day: an arrest on the next is not seen.
    assert rows(liberty_rows(waiting, told, ())) == [(1, 0.0, 61.0, 0.0)]
    blind = known(1, events=events, covers={("spell", "custody"): Cover(None, after(61))})
    assert rows(liberty_rows(ARRESTS, blind, ())) == [(1, 0.0, 61.0, 1.0), (1, 61.0, 62.0, 0.0)]


def test_a_death_ends_the_last_row_at_liberty_or_in_custody() -> None:
    told = known(
        5,
        spells=[(2, 90, None), (5, 0, None)],
        events=[
            (1, "death", 100), (1, "arrest", 100), (1, "arrest", 120),  # both on one day: the arrest half way
            (2, "death", 120),  # in custody: counted when they went in
            (3, "death", 365),  # the window is over
            (4, "death", 30), (5, "death", 30),
        ],
    )  # fmt: skip
    found = liberty_rows(DEATH, told, ("death",))
    assert rows(found, ended=True) == [
        (1, 0.0, 50.0, 1.0, 0.0), (1, 50.0, 100.0, 0.0, 1.0), (2, 0.0, 90.0, 0.0, 1.0),
        (3, 0.0, 365.0, 0.0, 0.0), (4, 0.0, 30.0, 0.0, 1.0),
    ]  # fmt: skip
    assert found.inside["participant"].to_list() == [5]
    unnamed = liberty_rows(ARRESTS, told, ("death",))
    assert rows(unnamed, ended=True)[0] == (1, 0.0, 100.0, 1.0, 0.0)
    assert unnamed.rows["ended"].sum() == 0


def test_a_death_long_after_sight_was_lost_ends_nothing() -> None:
    seen = frame([(1, None, after(50), "moved"), (2, None, after(50), "died")], SEEN)
    told = known(
        2,
        events=[(1, "death", 90), (2, "death", 50)],
        covers={("event", "arrest"): Cover(None, UNTIL, seen)},
    )
    assert rows(liberty_rows(DEATH, told, ("death",)), ended=True) == [
        (1, 0.0, 50.0, 0.0, 0.0), (2, 0.0, 50.0, 0.0, 1.0),
    ]  # fmt: skip


DAYS = st.integers(-30, 400)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), DAYS, st.integers(1, 90)), max_size=8),
    st.lists(st.tuples(st.integers(1, 3), st.just("arrest"), DAYS), max_size=12),
)
def test_time_at_risk_is_the_days_of_the_window_outside_custody(
    stays: list[tuple[int, int, int]], events: list[tuple[int, str, int]]
) -> None:
    spells = [(who, begin, begin + days) for who, begin, days in stays]
    found = liberty_rows(ARRESTS, known(3, spells=spells, events=events), ())
    for who in (1, 2, 3):
        inside = {day for one, begin, stop in spells if one == who for day in range(begin, stop)}
        mine = found.rows.filter(pl.col("participant") == who)
        assert float((mine["stop"] - mine["start"]).sum()) == len(set(range(365)) - inside)
        assert (mine["stop"] > mine["start"]).all()
        assert bool((mine["start"].shift(-1) >= mine["stop"]).all())
        days = {day for one, _, day in events if one == who and 0 <= day < 365}
        free = {day for day in days if day not in inside or (day - 1 >= 0 and day - 1 not in inside)}
        assert mine["event"].sum() == len(free)


@pytest.mark.parametrize("blank", [{"events": []}])
def test_nobody_and_nothing_make_no_rows(blank: dict[str, Any]) -> None:
    told = replace(known(1, **blank), people=lives(0).people)
    assert liberty_rows(DEATH, told, ("death",)).rows.height == 0
