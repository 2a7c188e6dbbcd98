"""Spells, events and sessions from a partner's file to variables a plan can name, on both databases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.actions import Loaded
from cohorts.errors import CohortError
from cohorts.lives.derive_store import derive_all
from cohorts.lives.store import read_lives
from cohorts.store import data_until, find_cohort, list_variables, read_wide
from tests.cohorts.lives import SOURCES, rows, write_sources
from tests.cohorts.loading import load, make_project, pnc
from workspace.database import reading, writing
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project with every mapping, and three people: 0 released on a leap day, 1 and 2 on 1 March 2021."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    made = make_project(tmp_path)
    write_sources(made)
    take(made, "releases", (0, "2020-02-29", 1), (1, "2021-03-01", 0), (2, "2021-03-01", 1))
    return made


def take(project: Project, source: str, *body: tuple[object, ...], **options: bool) -> Loaded:
    return load(project, source, rows(source, *body), **options)


def column(project: Project, name: str, wave: str, *, unsealed: bool = False) -> dict[dt.date, list[Any]]:
    """Values, or reasons, by index date."""
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        frame = read_wide(session, cohort.cohort_id, [(name, wave)], unsealed=unsealed)
    found: dict[dt.date, list[Any]] = {}
    for _, index, value, missing in frame.sort("index_date", f"{name}@{wave}", nulls_last=True).rows():
        found.setdefault(index, []).append(missing if value is None else value)
    return {index: sorted(items, key=str) for index, items in found.items()}


LEAP, MARCH = dt.date(2020, 2, 29), dt.date(2021, 3, 1)


def test_days_in_custody_are_taken_from_follow_up_once_however_spells_overlap(project: Project) -> None:
    # Person 0: 29 Feb 2020 to 27 Feb 2021 are 365 days. Recall 1 to 31 May (31 days before release on 1 June) and
    # a remand from 20 May to 10 June: together 1 May to 9 June, 40 days.
    take(
        project,
        "custody",
        (0, "S", "2018-01-01", "2020-02-29", "LDS"),
        (0, "RC", "2020-05-01", "2020-06-01", "LDS"),
        (0, "R", "2020-05-20", "2020-06-10", "HUL"),
        (1, "S", "2019-01-01", "2021-03-01", "LDS"),
        (1, "R", "2022-02-28", "", "LDS"),
        (2, "X", "2021-04-01", "2021-05-01", "LDS"),
    )
    assert column(project, "days_at_liberty_12m", "12-months") == {LEAP: [325.0], MARCH: [364.0, 365.0]}
    assert column(project, "days_recalled_12m", "12-months") == {LEAP: [31.0], MARCH: [0.0, 0.0]}


def test_an_event_on_the_anniversary_is_after_the_window_and_one_on_the_index_day_within(
    project: Project,
) -> None:
    take(
        project,
        "offences",
        (0, "P", "2021-02-28", "V", 1),
        (1, "P", "2021-03-01", "V", 2),
        (2, "P", "2022-02-28", "O", 3),
    )
    assert column(project, "reoffended_12m", "12-months") == {LEAP: [0.0], MARCH: [1.0, 1.0]}
    assert column(project, "reoffences_12m", "12-months") == {LEAP: [0.0], MARCH: [1.0, 1.0]}


def test_nobody_is_free_of_offences_before_the_records_are_complete(project: Project) -> None:
    # 12 + 6 months after 1 March 2021 is 1 September 2022: the data end the day before.
    text = SOURCES["offences"].replace("2023-12-31", "2022-08-31")
    write_atomically(project.sources / "offences.toml", text)
    take(project, "offences", (1, "P", "2021-06-01", "V", 1))
    assert column(project, "reoffended_12m", "12-months") == {
        LEAP: [0.0],
        MARCH: ["follow-up not over", "follow-up not over"],
    }
    assert column(project, "arrests_12m", "12-months") == {LEAP: [0.0], MARCH: [0.0, 0.0]}


def test_no_record_is_zero_only_while_somebody_could_be_seen(project: Project) -> None:
    take(project, "offences", (0, "A", "2020-05-01", "V", 1), (1, "A", "2021-04-01", "V", 2))
    assert column(project, "arrests_12m", "12-months") == {LEAP: [1.0], MARCH: [0.0, 1.0]}
    take(project, "sight", (0, "2015-01-01", "", ""), (1, "2015-01-01", "2021-09-01", "E"))
    assert column(project, "arrests_12m", "12-months") == {LEAP: [1.0], MARCH: ["emigrated", "not observed"]}
    # Until the day on which they went out of sight they count: 1 March to 1 April, and nothing is known of person 2.
    assert column(project, "days_to_arrest", "12-months") == {LEAP: [62.0], MARCH: [31.0, "not observed"]}
    assert column(project, "days_to_arrest_event", "12-months") == {LEAP: [1.0], MARCH: [1.0, "not observed"]}


def test_whoever_goes_out_of_sight_or_dies_is_counted_up_to_that_day(project: Project) -> None:
    take(project, "custody", (2, "RC", "2021-03-11", "2021-04-11", "LDS"))
    take(project, "offences", (1, "D", "2021-03-31", "", 1), (2, "A", "2021-03-21", "V", 2))
    assert column(project, "days_to_arrest", "12-months") == {LEAP: [365.0], MARCH: [10.0, 30.0]}
    assert column(project, "days_to_arrest_event", "12-months") == {LEAP: [0.0], MARCH: [0.0, 0.0]}
    assert column(project, "days_to_arrest_recall", "12-months") == {LEAP: [0.0], MARCH: [0.0, 1.0]}
    assert column(project, "days_to_arrest_death", "12-months") == {LEAP: [0.0], MARCH: [0.0, 1.0]}
    # Death is reported apart; the day of death and all later ones are not at liberty: 30 of 365 remain.
    assert column(project, "arrests_12m", "12-months") == {LEAP: [0.0], MARCH: [0.0, 1.0]}
    assert column(project, "days_at_liberty_12m", "12-months") == {LEAP: [365.0], MARCH: [30.0, 334.0]}


def test_derived_variables_are_sealed_when_what_they_are_made_of_is(project: Project) -> None:
    take(project, "custody", (0, "S", "2018-01-01", "2020-02-29", "LDS"))
    take(project, "offences", (1, "P", "2021-03-01", "V", 2), sealed=True)
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        known = {v.name: v for v in list_variables(session, cohort.cohort_id)}
        until = data_until(session, cohort.cohort_id, "reoffended_12m", "12-months")
    sealed = known["reoffended_12m"]
    assert (sealed.sealed_waves, sealed.seen_waves) == (("12-months",), ())
    assert known["days_at_liberty_12m"].sealed_waves == ()
    assert (sealed.kind, until) == ("binary", dt.date(2023, 12, 31))
    with pytest.raises(GateNotMet) as caught:
        column(project, "reoffended_12m", "12-months")
    assert caught.value.code == "LC859"
    assert column(project, "reoffended_12m", "12-months", unsealed=True)[MARCH] == [0.0, 1.0]


def test_what_could_be_seen_once_stays_seen_when_later_files_are_sealed(project: Project) -> None:
    take(project, "offences", (1, "A", "2021-03-05", "V", 2))
    take(project, "offences", (1, "A", "2021-03-05", "V", 2), (2, "A", "2021-03-07", "V", 3), sealed=True)
    with reading(project) as session:
        known = {v.name: v for v in list_variables(session, find_cohort(session, "leavers").cohort_id)}
    found = known["arrests_12m"]
    assert (found.sealed_waves, found.seen_waves) == (("12-months",), ("12-months",))


def test_deriving_again_changes_nothing_and_a_second_delivery_moves_the_cut_off(project: Project) -> None:
    take(project, "offences", (1, "A", "2021-03-05", "V", 2))
    with writing(project) as session:
        cohort = find_cohort(session, "leavers")
        again = derive_all(session, cohort)
        assert (again.added, again.changed) == (0, 0)
        assert "days_at_liberty_12m" in again.waiting
    text = SOURCES["offences"].replace("2023-12-31", "2024-06-30")
    write_atomically(project.sources / "offences.toml", text)
    take(project, "offences", (1, "A", "2021-03-05", "V", 2))
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        assert data_until(session, cohort.cohort_id, "arrests_12m", "12-months") == dt.date(2024, 6, 30)


def test_an_open_spell_that_ends_is_renewed_and_the_earlier_record_can_still_be_read(
    project: Project,
) -> None:
    take(project, "custody", (1, "R", "2021-05-01", "", "LDS"))
    done = take(project, "custody", (1, "R", "2021-05-01", "2021-05-11", "LDS"))
    assert done.result
    assert done.result.lives == (("spell", 1),)
    assert column(project, "days_at_liberty_12m", "12-months")[MARCH] == [355.0, 365.0]
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        assert read_lives(session, cohort).spells.height == 1
        assert read_lives(session, cohort, dt.date(2000, 1, 1)).spells.height == 0
        stored = session.connection().exec_driver_sql("SELECT COUNT(*), COUNT(recorded_to) FROM spell").one()
    assert tuple(stored) == (2, 1)


def test_another_end_is_refused_unless_the_file_is_a_correction(project: Project) -> None:
    take(
        project,
        "custody",
        (1, "R", "2021-05-01", "2021-05-21", "LDS"),
        (2, "R", "2021-05-01", "2021-05-02", "LDS"),
    )
    with pytest.raises(CohortError) as caught:
        take(project, "custody", (1, "R", "2021-05-01", "2021-05-11", "LDS"))
    assert caught.value.code == "LC867"
    assert "row 2:" in str(caught.value)
    take(project, "custody", (1, "R", "2021-05-02", "2021-05-11", "LDS"), replace=True)
    assert column(project, "days_at_liberty_12m", "12-months")[MARCH] == [356.0, 364.0]


def test_like_events_are_counted_each_and_only_once_however_often_they_come(project: Project) -> None:
    body = [(1, "A", "2021-03-05", "V", 7), (1, "A", "2021-03-05", "V", 8), (1, "A", "2021-03-06", "O", 9)]
    take(project, "offences", *body)
    take(project, "offences", *body, (2, "A", "2021-03-05", "V", 10))
    assert column(project, "arrests_12m", "12-months")[MARCH] == [1.0, 3.0]


@pytest.mark.parametrize(
    ("source", "row", "code", "heading"),
    [
        ("custody", (1, "S", "2021-05-01", "2021-04-30", "LDS"), "LC862", "left"),
        ("custody", (1, "S", "", "2021-04-30", "LDS"), "LC863", "in"),
        ("custody", (1, "", "2021-04-30", "", "LDS"), "LC863", "status"),
        ("custody", (1, "Q", "2021-04-30", "", "LDS"), "LC829", "status"),
        ("custody", (1, "S", "2024-01-01", "", "LDS"), "LC864", "in"),
        ("offences", (1, "A", "31/12/2021", "V", 1), "LC824", "day"),
        ("offences", (1, "A", "2014-12-31", "V", 1), "LC864", "day"),
        ("offences", (1, "A", "", "V", 1), "LC863", "day"),
        ("sessions", (1, "", "1", "60", "60", "", "F"), "LC863", "day"),
        ("sessions", (1, "2021-05-01", "maybe", "60", "60", "", "F"), "LC828", "came"),
        ("sessions", (1, "2021-05-01", "1", "60", "-5", "", "F"), "LC827", "minutes"),
    ],
)
def test_impossible_rows_are_named_by_column_and_rule(
    project: Project, source: str, row: tuple[object, ...], code: str, heading: str
) -> None:
    with pytest.raises(CohortError) as caught:
        take(project, source, row)
    assert caught.value.code == code
    assert f"column '{heading}', row 2:" in str(caught.value)


def test_kinds_the_cohort_does_not_declare_are_refused(project: Project) -> None:
    text = SOURCES["custody"].replace('"custody"\nstate', '"custdy"\nstate').replace('"recall"', '"recal"')
    write_atomically(project.sources / "custody.toml", text)
    with pytest.raises(CohortError) as caught:
        take(project, "custody", (1, "S", "2021-05-01", "", "LDS"))
    assert [fault.code for fault in caught.value.faults] == ["LC865"]
    write_atomically(project.sources / "custody.toml", SOURCES["custody"].replace('"recall"', '"recal"'))
    with pytest.raises(CohortError, match="recal") as caught:
        take(project, "custody", (1, "S", "2021-05-01", "", "LDS"))
    assert caught.value.code == "LC865"


def test_values_and_lives_can_be_read_as_they_were_known_on_a_day(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(day: str) -> None:
        for room in ("deliveries", "lives.history_store", "lives.store"):
            monkeypatch.setattr(f"cohorts.{room}.now", lambda: f"{day}T12:00:00+00:00")

    def known(name: str, wave: str, day: int) -> list[Any]:
        with reading(project) as session:
            cohort = find_cohort(session, "leavers").cohort_id
            on = dt.date(2030, 1, day)
            frame = read_wide(session, cohort, [(name, wave)], known_on=on).filter(
                pl.col("index_date") == LEAP
            )
        return frame[f"{name}@{wave}"].to_list()

    at("2030-01-05")
    load(project, "outcomes", ["pnc,arrests", f"{pnc(0)},3"])
    take(project, "custody", (0, "R", "2020-05-01", "2020-05-11", "LDS"))
    at("2030-01-10")
    load(project, "outcomes", ["pnc,arrests", f"{pnc(0)},4"], replace=True)
    take(project, "custody", (0, "R", "2020-05-01", "2020-05-21", "LDS"), replace=True)
    assert [known("arrests", "12-months", day) for day in (4, 5, 9, 10)] == [[None], [3.0], [3.0], [4.0]]
    liberty = [known("days_at_liberty_12m", "12-months", day) for day in (4, 5, 9, 10)]
    assert liberty == [[None], [355.0], [355.0], [345.0]]
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        ends = [
            read_lives(session, cohort, dt.date(2030, 1, day)).spells["stop"].to_list() for day in (4, 9, 10)
        ]
    assert ends == [[], [dt.date(2020, 5, 11)], [dt.date(2020, 5, 21)]]
