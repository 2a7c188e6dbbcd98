"""Following people up: who is due, seen and overdue, on both databases, and nothing sealed is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cohorts.errors import CohortError
from cohorts.follow_up import FollowUp, Standing
from cohorts.following.completeness import Freshness, Spread, Turnout
from cohorts.following.store import fillings_of, follow_up_of, sources_of, turnouts_of
from cohorts.store import find_cohort
from tests.cohorts.loading import OUTCOMES, load, make_project, people_rows, pnc
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import Project

TODAY = dt.date(2026, 1, 1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project on the embedded file, then one on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def outcome_rows(people: range, *, blank: range = range(0)) -> list[str]:
    """An outcome file; the people in ``blank`` have an empty cell."""
    return ["pnc,arrests", *(f"{pnc(i)},{'' if i in blank else i % 3}" for i in people)]


def followed(project: Project, arm: str = "") -> dict[str, FollowUp]:
    with reading(project) as session:
        rows = follow_up_of(session, find_cohort(session, "leavers"), TODAY, arm)
    return {f"{row.variable}@{row.wave}": row for row in rows}


def test_people_due_are_seen_missing_for_a_reason_or_overdue(project: Project) -> None:
    load(project, "people", people_rows(60))
    load(project, "outcomes", outcome_rows(range(50), blank=range(12)))
    row = followed(project)["arrests@12-months"]
    assert row.everybody == Standing(60, 38, (("not recorded", 12),), 0)
    assert (row.everybody.lost, row.everybody.overdue) == (22, 10)
    assert (row.until, row.cut_off_named) == (dt.date(2024, 12, 31), True)


def test_whoever_was_not_followed_for_long_enough_at_the_cut_off_is_not_yet_due(project: Project) -> None:
    # Released from the 1st to the 28th of March 2022: a cut-off on 10 March 2023 leaves days 11 to 28 for later.
    text = OUTCOMES.replace("2024-12-31", "2023-03-10")
    write_atomically(project.sources / "outcomes.toml", text)
    load(project, "people", people_rows(56))
    load(project, "outcomes", outcome_rows(range(56)))
    everybody = followed(project)["arrests@12-months"].everybody
    assert (everybody.due, everybody.seen, everybody.not_yet_due, everybody.overdue) == (20, 20, 36, 0)


def test_today_is_taken_where_a_source_names_no_cut_off(project: Project) -> None:
    text = OUTCOMES.replace("data_until = 2024-12-31\n", "")
    write_atomically(project.sources / "outcomes.toml", text)
    load(project, "people", people_rows(30))
    load(project, "outcomes", outcome_rows(range(30)))
    row = followed(project)["arrests@12-months"]
    assert (row.until, row.cut_off_named, row.everybody.due) == (TODAY, False, 30)


def test_sealed_outcomes_are_counted_by_arm(project: Project) -> None:
    load(project, "people", people_rows(60))
    load(project, "outcomes", outcome_rows(range(40), blank=range(0, 24, 2)), sealed=True)
    rows = followed(project, "aid")
    arms = dict(rows["arrests@12-months"].arms)
    # Even numbers have no aid: 12 of their 20 in the file are blank, and 10 of each arm are not in the file.
    assert arms["treated"] == Standing(30, 20, (), 0)
    assert arms["comparison"] == Standing(30, 8, (("not recorded", 12),), 0)
    assert arms["not known"] == Standing(0, 0, (), 0)
    assert rows["aid@release"].arms == ()
    assert rows == followed(project, "aid@release")


def test_a_sealed_arm_is_refused(project: Project) -> None:
    load(project, "people", people_rows(40), sealed=True)
    with pytest.raises(GateNotMet) as caught:
        followed(project, "aid")
    assert caught.value.code == "LC859"


@pytest.mark.parametrize("arm", ["nothing", "area", "aid@12-months"])
def test_a_variable_that_is_no_arm_is_refused(project: Project, arm: str) -> None:
    load(project, "people", people_rows(40))
    with pytest.raises(CohortError) as caught:
        followed(project, arm)
    assert caught.value.code == "LC861"


def test_an_arm_seen_at_several_waves_needs_its_wave(project: Project) -> None:
    load(project, "people", people_rows(40))
    later = OUTCOMES.replace('"arrests"', '"aid"').replace('"number"\nminimum = 0', '"binary"')
    write_atomically(project.sources / "outcomes.toml", later)
    load(project, "outcomes", ["pnc,aid", *(f"{pnc(i)},1" for i in range(40))])
    with pytest.raises(CohortError) as caught:
        followed(project, "aid")
    assert caught.value.code == "LC861"
    assert followed(project, "aid@release")


def test_values_are_counted_at_their_ends_and_sealed_ones_are_not(project: Project) -> None:
    load(project, "people", people_rows(60))
    load(project, "outcomes", outcome_rows(range(50), blank=range(12)))
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        found = {filling.variable: filling for filling in fillings_of(session, cohort)}
    assert found["area"].spread == Spread(2, 30, 30)
    arrests = found["arrests"]  # the numbers 0, 1, 2 in turn for people 12 to 49
    assert (arrests.values, arrests.people, arrests.missing) == (38, 50, (("not recorded", 12),))
    assert arrests.spread == Spread(3, 13, 12)


def test_of_sealed_values_only_their_number_is_known(project: Project) -> None:
    load(project, "people", people_rows(40))
    load(project, "outcomes", outcome_rows(range(40)), sealed=True)
    with reading(project) as session:
        found = fillings_of(session, find_cohort(session, "leavers"))
    assert [(f.values, f.spread) for f in found if f.variable == "arrests"] == [(40, None)]


def test_waves_and_sources_are_counted(project: Project) -> None:
    load(project, "people", people_rows(60))
    load(project, "outcomes", outcome_rows(range(30)))
    load(project, "outcomes", outcome_rows(range(30, 50)))
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        turnouts = {turnout.wave: turnout for turnout in turnouts_of(session, cohort)}
        sources = sources_of(session, cohort)
    assert turnouts["release"] == Turnout("release", 60, 0, loaded=True)
    assert turnouts["12-months"] == Turnout("12-months", 60, 10, loaded=True)
    assert turnouts["24-months"] == Turnout("24-months", 60, 60, loaded=False)
    until = dt.date(2024, 12, 31)
    assert sources == [Freshness("outcomes", 2, until), Freshness("people", 1, until)]


def test_an_empty_cohort_has_nothing_to_show(project: Project) -> None:
    assert followed(project) == {}
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        assert fillings_of(session, cohort) == []
        assert sources_of(session, cohort) == []
