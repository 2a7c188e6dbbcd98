"""Time in states: small tables worked out by hand, and what must hold of any table."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.lives.at_liberty import days_at_liberty
from cohorts.lives.spells import common, days_of, joined_up, no_intervals, overlaps, time_in_states
from cohorts.lives.windows import WINDOW, due_on, months_after, windows_of

START = dt.date(2020, 2, 1)
STATES = ("recall", "remand", "sentenced")
Row = tuple[int, int, int]


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def intervals(*rows: Row) -> pl.DataFrame:
    """Person, first day, first day after: days counted from 1 February 2020."""
    return pl.DataFrame([(p, day(a), day(b)) for p, a, b in rows], schema=WINDOW, orient="row")


def spells(*rows: tuple[int, int, int, str]) -> pl.DataFrame:
    times = intervals(*((p, a, b) for p, a, b, _ in rows))
    return times.with_columns(pl.Series("state", [state for *_, state in rows], dtype=pl.String))


def days_in(states: pl.DataFrame) -> dict[tuple[int, str], int]:
    return {(person, state): days for person, state, days in states.rows()}


def test_overlapping_and_adjoining_intervals_become_one() -> None:
    found = joined_up(intervals((1, 5, 9), (1, 0, 3), (1, 3, 4), (1, 6, 7), (2, 2, 3)))
    assert found.equals(intervals((1, 0, 4), (1, 5, 9), (2, 2, 3)))


def test_common_time_is_what_both_hold() -> None:
    assert common(intervals((1, 0, 10), (2, 0, 5)), intervals((1, 8, 20), (1, 2, 3))).equals(
        intervals((1, 2, 3), (1, 8, 10))
    )


def test_days_count_once_and_people_without_any_have_none() -> None:
    people = pl.DataFrame({"participant": [2, 1]})
    found = days_of(intervals((1, 0, 4), (1, 2, 6)), people)
    assert found.rows() == [(2, 0), (1, 6)]


def test_the_state_named_first_counts_where_two_overlap_and_the_rest_is_known_or_not() -> None:
    # 30 days; recall 5-10, remand 8-15: 5 days of recall, 5 of remand; seen until day 20, so 10 days unknown.
    window = intervals((1, 0, 30))
    found = time_in_states(
        window,
        spells((1, 8, 15, "remand"), (1, 5, 10, "recall")),
        intervals((1, 0, 20)),
        STATES,
        "at-liberty",
    )
    assert days_in(found) == {
        (1, "recall"): 5, (1, "remand"): 5, (1, "at-liberty"): 10, (1, "unknown"): 10,
    }  # fmt: skip


def test_without_any_record_the_whole_window_is_unknown_or_the_other_state() -> None:
    window = intervals((1, 0, 30))
    none = no_intervals().with_columns(pl.lit("x").alias("state"))
    assert days_in(time_in_states(window, none, no_intervals(), STATES)) == {(1, "unknown"): 30}
    assert days_in(time_in_states(window, none, window, STATES, "free")) == {(1, "free"): 30}


def test_days_at_liberty_over_a_leap_year() -> None:
    people = pl.DataFrame({"participant": [1], "index_date": [dt.date(2020, 2, 29)]})
    window = windows_of(people, 0, 12)
    assert window["stop"].to_list() == [dt.date(2021, 2, 28)]
    inside = pl.DataFrame([(1, dt.date(2020, 12, 30), dt.date(2021, 3, 5))], schema=WINDOW, orient="row")
    # 365 days from 29 February 2020 to 27 February 2021; from 30 December on, 60 of them are in custody.
    assert days_at_liberty(window, inside)["value"].to_list() == [305.0]
    assert days_at_liberty(window, no_intervals())["value"].to_list() == [365.0]


def test_overlaps_name_the_later_spell_and_an_open_one_lasts_for_ever() -> None:
    held = intervals((1, 0, 5), (1, 5, 9), (1, 8, 12), (2, 0, 3), (2, 7, 9))
    open_one = (pl.col("participant") == 2) & (pl.col("begin") == day(0))
    held = held.with_columns(pl.when(~open_one).then("stop").alias("stop"))
    assert overlaps(held).select("participant", "begin").rows() == [(1, day(8)), (2, day(7))]


@pytest.mark.parametrize(
    ("birth", "due"),
    [
        (dt.date(2018, 8, 31), dt.date(2023, 7, 31)),
        (dt.date(2018, 9, 1), dt.date(2024, 7, 31)),
        (dt.date(2019, 1, 15), dt.date(2024, 7, 31)),
    ],
)
def test_reception_ends_in_the_july_after_the_fifth_birthday_year(birth: dt.date, due: dt.date) -> None:
    frame = pl.DataFrame({"birth": [birth]})
    assert frame.select(due_on(pl.col("birth"), 60, "reception")).item() == due
    assert frame.select(due_on(pl.col("birth"), 12)).item() == birth.replace(year=birth.year + 1)


def test_part_months_are_days() -> None:
    frame = pl.DataFrame({"day": [dt.date(2021, 1, 31)]})
    assert frame.select(months_after(pl.col("day"), 1.5)).item() == dt.date(2021, 3, 15)
    assert frame.select(months_after(pl.col("day"), -0.5)).item() == dt.date(2021, 1, 16)


spans = st.tuples(st.integers(1, 3), st.integers(-20, 60), st.integers(1, 40), st.sampled_from(STATES)).map(
    lambda item: (item[0], item[1], item[1] + item[2], item[3])
)
many = st.lists(spans, max_size=12)
sights = st.lists(spans, max_size=5)
WINDOWS = intervals((1, 0, 40), (2, 10, 11), (3, -5, 30))
LENGTHS = {1: 40, 2: 1, 3: 35}


def seen(rows: list[tuple[int, int, int, str]]) -> pl.DataFrame:
    return intervals(*((p, a, b) for p, a, b, _ in rows))


@settings(max_examples=60, deadline=None)
@given(many, sights)
def test_time_in_all_states_sums_to_follow_up(
    rows: list[tuple[int, int, int, str]], sight: list[tuple[int, int, int, str]]
) -> None:
    found = time_in_states(WINDOWS, spells(*rows), seen(sight), STATES, "elsewhere")
    totals = dict(found.group_by("participant").agg(pl.col("days").sum()).rows())
    assert totals == LENGTHS


@settings(max_examples=60, deadline=None)
@given(many, sights, st.randoms(use_true_random=False), st.integers(1, 39))
def test_order_of_rows_and_cutting_a_spell_in_two_change_nothing(
    rows: list[tuple[int, int, int, str]], sight: list[tuple[int, int, int, str]], chance: object, at: int
) -> None:
    cut = []
    for person, first, after, state in rows:
        middle = first + at
        halves = [(person, first, middle, state), (person, middle, after, state)] if middle < after else []
        cut += halves or [(person, first, after, state)]
    chance.shuffle(cut)  # type: ignore[attr-defined]
    before = time_in_states(WINDOWS, spells(*rows), seen(sight), STATES)
    assert time_in_states(WINDOWS, spells(*cut), seen(sight), STATES).equals(before)
    assert days_at_liberty(WINDOWS, seen(cut)).equals(days_at_liberty(WINDOWS, seen(rows)))


@settings(max_examples=60, deadline=None)
@given(many)
def test_days_at_liberty_and_days_in_custody_make_up_the_window(
    rows: list[tuple[int, int, int, str]],
) -> None:
    held = time_in_states(WINDOWS, spells(*rows), WINDOWS, STATES, "free")
    free = dict(held.filter(pl.col("state") == "free").select("participant", "days").rows())
    found = dict(days_at_liberty(WINDOWS, seen(rows)).rows())
    assert found == {person: float(free.get(person, 0)) for person in LENGTHS}
