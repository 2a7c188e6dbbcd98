"""Derived variables on lives worked out by hand: doses, months, categories, sight, states, families."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from cohorts.lives.definition import Derived, EventKind, LifeDefinition, SpellKind
from cohorts.lives.derive_outcomes import Lives, derive
from cohorts.lives.families import families_of
from cohorts.lives.observability import Cover, Span, span_of_all

INDEX = dt.date(2021, 3, 1)
UNTIL = dt.date(2023, 12, 31)
LIFE = LifeDefinition(
    (SpellKind("place", ("excluded", "on-roll")), SpellKind("custody", ("remand",), otherwise="at-liberty")),
    (EventKind("arrest"), EventKind("referral"), EventKind("death", terminal=True)),
)
EVENT = {
    "participant": pl.Int64,
    "kind": pl.String,
    "day": pl.Date,
    "date_precision": pl.String,
    "category": pl.String,
}
SESSION = {
    "participant": pl.Int64, "intervention": pl.String, "day": pl.Date, "attended": pl.Int64,
    "planned_minutes": pl.Float64, "minutes": pl.Float64, "fidelity": pl.Float64,
}  # fmt: skip
SPELL = {"participant": pl.Int64, "kind": pl.String, "state": pl.String, "begin": pl.Date, "stop": pl.Date}
SEEN = {"participant": pl.Int64, "begin": pl.Date, "stop": pl.Date, "reason": pl.String}
NOBODY = pl.DataFrame(schema={"participant": pl.Int64, "value": pl.Float64})


def frame(rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def after(days: int) -> dt.date:
    return INDEX + dt.timedelta(days=days)


def lives(people: int = 1, **tables: Any) -> Lives:
    """People 1, 2, … with one index date; every kind seen until the end of 2023."""
    kinds = [
        ("event", "arrest"),
        ("event", "referral"),
        ("spell", "place"),
        ("spell", "custody"),
        ("exposure", "club"),
    ]
    return Lives(
        frame([(i, INDEX) for i in range(1, people + 1)], {"participant": pl.Int64, "index_date": pl.Date}),
        frame(tables.get("spells", []), SPELL),
        frame(tables.get("events", []), EVENT),
        frame(tables.get("sessions", []), SESSION),
        frame(
            tables.get("relations", []), {"participant": pl.Int64, "relation": pl.String, "other": pl.Int64}
        ),
        dict.fromkeys(kinds, Cover(None, UNTIL)) | tables.get("covers", {}),
    )


def values(item: Derived, known: Lives, name: str = "") -> list[Any]:
    made = derive(item, known, LIFE, NOBODY)[name or item.name]
    return [missing if value is None else value for _, value, missing in made.rows()]


def dose(of: str, known: Lives) -> list[Any]:
    kind = "share-attended" if of == "share" else "dose"
    return values(Derived("d", kind, "w", to_months=12, intervention="club", of=of), known)


SESSIONS = [
    (1, "club", after(0), 1, 60.0, 50.0, 4.0),
    (1, "club", after(7), 0, 60.0, None, None),
    (1, "club", after(14), 1, 60.0, 40.0, 5.0),
    (1, "club", after(365), 1, 60.0, 40.0, 5.0),
    (1, "other", after(14), 1, 60.0, 40.0, 5.0),
    (2, "club", after(3), 1, 60.0, None, None),
    (2, "club", after(4), None, None, None, None),
]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("sessions-planned", [3.0, 2.0, 0.0]),
        ("sessions-attended", [2.0, 1.0, 0.0]),
        ("minutes-planned", [180.0, 60.0, 0.0]),
        ("minutes", [90.0, "not known", 0.0]),
        ("fidelity", [4.5, "not known", "not known"]),
        ("first-session", [0.0, 3.0, "not applicable"]),
        ("last-session", [14.0, 3.0, "not applicable"]),
        ("share", [pytest.approx(2 / 3), 0.5, "not applicable"]),
    ],
)
def test_doses_count_the_sessions_of_the_window_that_were_attended(of: str, expected: list[Any]) -> None:
    assert dose(of, lives(3, sessions=SESSIONS)) == expected


def test_a_dose_is_not_known_before_the_window_is_over() -> None:
    short = {("exposure", "club"): Cover(None, after(200))}
    assert dose("minutes", lives(1, sessions=SESSIONS[:1], covers=short)) == ["follow-up not over"]
    assert dose("minutes", lives(1, covers={("exposure", "club"): Cover(None, None)})) == ["no source yet"]


def arrests(**more: Any) -> Derived:
    return replace(Derived("arrests", "event-count", "w", to_months=12, events=("arrest",)), **more)


def test_an_event_known_to_its_month_counts_as_on_the_fifteenth() -> None:
    events = [
        (1, "arrest", dt.date(2021, 3, 1), "month", None),
        (1, "arrest", dt.date(2021, 2, 1), "month", None),
        (2, "arrest", dt.date(2022, 2, 1), "month", None),
        (2, "arrest", dt.date(2022, 3, 1), "month", None),
    ]
    assert values(arrests(), lives(2, events=events)) == [1.0, 1.0]


def test_only_the_categories_named_count_and_a_window_may_lie_before_the_index_date() -> None:
    events = [
        (1, "arrest", after(5), "day", "violence"), (1, "arrest", after(6), "day", "other"),
        (1, "arrest", after(7), "day", None), (1, "arrest", after(-1), "day", "violence"),
    ]  # fmt: skip
    assert values(arrests(categories=("violence",)), lives(1, events=events)) == [1.0]
    before = arrests(from_months=-12.0, to_months=0.0)
    assert values(before, lives(1, events=events)) == [1.0]
    late = {("event", "arrest"): Cover(after(-100), UNTIL)}
    assert values(before, lives(1, events=events, covers=late)) == ["before the data begin"]


def test_two_kinds_must_both_have_been_seen() -> None:
    both = arrests(events=("arrest", "referral"))
    seen = frame([(1, None, after(100), "emigrated")], SEEN)
    assert values(both, lives(1)) == [0.0]
    covers = {("event", "referral"): Cover(None, UNTIL, seen)}
    assert values(both, lives(1, covers=covers)) == ["emigrated"]
    assert values(arrests(), lives(1, covers=covers)) == [0.0]


def test_after_death_it_is_known_that_nothing_followed() -> None:
    seen = frame([(1, None, after(100), "died"), (2, None, after(90), "died")], SEEN)
    events = [(1, "death", after(100), "day", None), (2, "death", after(100), "day", None)]
    covers = {("event", "arrest"): Cover(None, UNTIL, seen)}
    # Person 2 was out of sight for ten days before dying: nobody knows what happened then.
    assert values(arrests(), lives(2, events=events, covers=covers)) == [0.0, "died"]


def test_a_gap_in_sight_censors_days_to_an_event_and_hides_later_ones() -> None:
    item = Derived("days", "days-to-event", "w", to_months=12, events=("arrest",))
    seen = frame([(1, None, after(50), "moved"), (1, after(60), None, None), (2, after(5), None, None)], SEEN)
    covers = {("event", "arrest"): Cover(None, UNTIL, seen)}
    known = lives(2, events=[(1, "arrest", after(70), "day", None)], covers=covers)
    assert values(item, known) == [50.0, "not observed"]
    assert values(item, known, "days_event") == [0.0, "not observed"]


def test_days_to_an_event_end_where_records_are_not_complete_yet() -> None:
    item = Derived("days", "days-to-event", "w", to_months=12, waiting_months=6, events=("arrest",))
    short = {("event", "arrest"): Cover(None, dt.date(2021, 10, 31))}
    # Six months before the end of October is the end of April: 1 March to 30 April are 61 days.
    known = lives(1, events=[(1, "arrest", dt.date(2021, 5, 1), "day", None)], covers=short)
    assert (values(item, known), values(item, known, "days_event")) == ([61.0], [0.0])


def test_of_two_competing_events_on_one_day_the_one_named_first_counts() -> None:
    rivals = ("referral", "custody:remand")
    item = Derived("hit", "event-within", "w", to_months=12, events=("arrest",), competing=rivals)
    known = lives(
        2,
        events=[(1, "referral", after(9), "day", None), (2, "arrest", after(9), "day", None)],
        spells=[(1, "custody", "remand", after(9), None), (2, "custody", "remand", after(10), None)],
    )
    assert values(item, known) == [0.0, 1.0]
    assert values(item, known, "hit_referral") == [1.0, 0.0]
    assert values(item, known, "hit_remand") == [0.0, 0.0]


def test_unknown_is_a_state_of_its_own_and_all_states_make_up_the_year() -> None:
    spells = [
        (1, "place", "on-roll", after(-50), after(100)),
        (1, "place", "excluded", after(90), after(120)),
    ]
    known = lives(2, spells=spells)

    def days(*states: str) -> list[Any]:
        return values(Derived("d", "time-in-state", "w", to_months=12, spell="place", states=states), known)

    assert (days("on-roll"), days("excluded"), days("unknown")) == ([90.0, 0.0], [30.0, 0.0], [245.0, 365.0])
    assert days("on-roll", "excluded", "unknown") == [365.0, 365.0]


def test_sources_of_one_kind_must_all_have_seen_and_deliveries_add_up() -> None:
    day = dt.date
    spans = [
        Span("a", day(2020, 1, 1), day(2021, 12, 31)), Span("a", day(2022, 1, 1), day(2023, 12, 31)),
        Span("b", None, day(2023, 6, 30)),
    ]  # fmt: skip
    assert span_of_all(spans) == (day(2020, 1, 1), day(2023, 6, 30))
    assert span_of_all([]) == (None, None)


def test_siblings_share_a_family_through_a_mother_who_is_not_followed() -> None:
    people = pl.DataFrame({"participant": [1, 2, 3, 4]})
    related = pl.DataFrame({"participant": [1, 3, 4], "other": [9, 9, 2]})
    assert families_of(people, related, NOBODY).rows() == [(1, 1.0), (2, 2.0), (3, 1.0), (4, 2.0)]


def test_families_keep_their_numbers_when_people_join_and_when_two_become_one() -> None:
    held = frame([(1, 1.0), (2, 2.0), (3, 3.0)], {"participant": pl.Int64, "value": pl.Float64})
    people = pl.DataFrame({"participant": [1, 2, 3, 4, 5]})
    related = pl.DataFrame({"participant": [2, 5], "other": [3, 1]})
    assert families_of(people, related, held).rows() == [(1, 1.0), (2, 2.0), (3, 2.0), (4, 4.0), (5, 1.0)]
    apart = frame([(1, 1.0), (2, 1.0)], {"participant": pl.Int64, "value": pl.Float64})
    alone = families_of(pl.DataFrame({"participant": [1, 2]}), related.clear(), apart)
    assert alone.rows() == [(1, 1.0), (2, 2.0)]


OFF = Derived(
    "days", "days-to-event", "w", to_months=12, events=("arrest",), spell="custody", competing=("death",)
)


def test_days_in_custody_before_the_event_stand_beside_the_days_to_it() -> None:
    spells = [
        (1, "custody", "remand", after(10), after(30)),
        (1, "custody", "remand", after(20), after(40)),  # overlaps: those days are taken once
        (1, "custody", "remand", after(100), None),  # from the day of the arrest on: not before it
        (2, "custody", "remand", after(-5), after(7)),  # only the days of the window
        (3, "custody", "remand", after(350), None),
        (4, "place", "excluded", after(10), after(30)),  # another kind of spell
    ]
    events = [
        (1, "arrest", after(15), "day", None),  # while in custody: not at liberty
        (1, "arrest", after(100), "day", None),  # the day of reception: what led to it
        (2, "arrest", after(7), "day", None),  # the day of release
    ]
    known = lives(4, spells=spells, events=events)
    assert values(OFF, known) == [100.0, 7.0, 365.0, 365.0]
    assert values(OFF, known, "days_event") == [1.0, 1.0, 0.0, 0.0]
    assert values(OFF, known, "days_off_clock") == [30.0, 7.0, 15.0, 0.0]


def test_a_death_ends_both_the_days_and_the_custody_among_them() -> None:
    spells = [(1, "custody", "remand", after(50), None)]
    events = [(1, "death", after(60), "day", None), (1, "arrest", after(55), "day", None)]
    known = lives(1, spells=spells, events=events)
    assert values(OFF, known) == [60.0]
    assert values(OFF, known, "days_death") == ["no source yet"]
    seen = lives(1, spells=spells, events=events, covers={("event", "death"): Cover(None, UNTIL)})
    assert (values(OFF, seen, "days_event"), values(OFF, seen, "days_death")) == ([0.0], [1.0])
    assert values(OFF, seen, "days_off_clock") == [10.0]


def test_days_end_where_custody_could_not_be_seen_any_more() -> None:
    short = {("spell", "custody"): Cover(None, after(99))}
    events = [(1, "arrest", after(120), "day", None)]
    known = lives(2, events=events, spells=[(2, "custody", "remand", after(90), None)], covers=short)
    assert values(OFF, known) == [100.0, 100.0]
    assert values(OFF, known, "days_event") == [0.0, 0.0]
    assert values(OFF, known, "days_off_clock") == [0.0, 10.0]
    blind = lives(1, events=events, covers={("spell", "custody"): Cover(None, None)})
    assert values(OFF, blind, "days_off_clock") == ["no source yet"]


def test_a_recall_ends_the_days_before_it_goes_off_the_clock_and_states_choose() -> None:
    life = replace(OFF, competing=(), states=("remand",))
    spells = [
        (1, "custody", "recall", after(10), after(20)),
        (1, "custody", "remand", after(30), after(33)),
    ]
    assert values(life, lives(1, spells=spells), "days_off_clock") == [3.0]
    assert values(OFF, lives(1, spells=spells), "days_off_clock") == [13.0]
    recalled = replace(OFF, competing=("custody:recall",))
    assert values(recalled, lives(1, spells=spells)) == [10.0]
    assert values(recalled, lives(1, spells=spells), "days_off_clock") == [0.0]
    assert values(recalled, lives(1, spells=spells), "days_recall") == [1.0]
