"""What goes in comes out: loading is all or nothing, repeatable, and keeps nobody's identifiers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.errors import CohortError
from cohorts.store import (
    data_until,
    find_cohort,
    flow_facts,
    list_variables,
    observed_counts,
    read_wide,
    totals,
)
from tests.cohorts.loading import load, make_project, nhs, people_rows, pnc
from workspace.database import database_path, reading
from workspace.errors import GateNotMet, WorkspaceError
from workspace.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project on the embedded file, then one on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def wide(project: Project, *columns: tuple[str, str]) -> pl.DataFrame:
    with reading(project) as session:
        return read_wide(session, find_cohort(session, "leavers").cohort_id, columns)


def held(project: Project) -> tuple[int, int, int]:
    with reading(project) as session:
        return totals(session)


def test_a_file_becomes_people_enrolments_and_values(project: Project) -> None:
    done = load(project, "people", people_rows(40))
    assert done.result is not None
    assert (done.result.people, done.result.new_people, done.result.observations) == (40, 40, 80)
    frame = wide(project, ("aid", "release"), ("area", "release"))
    assert frame.height == 40
    assert frame["aid@release"].sum() == 20
    assert frame["index_date"].null_count() == 0


def test_loading_the_same_file_again_changes_nothing(project: Project) -> None:
    load(project, "people", people_rows(30))
    before = held(project)
    again = load(project, "people", people_rows(30))
    assert again.result is None
    assert held(project) == before


def test_a_newer_file_with_the_same_people_doubles_nobody(project: Project) -> None:
    load(project, "people", people_rows(30))
    done = load(project, "people", people_rows(35))
    assert done.result is not None
    assert (done.result.new_people, done.result.unchanged, done.result.observations) == (5, 60, 10)
    assert held(project)[0] == 35


def test_people_are_found_by_any_shared_identifier(project: Project) -> None:
    load(project, "people", people_rows(30))
    rows = ["pnc,arrests", *(f"{pnc(i)},{i % 3}" for i in range(30))]
    done = load(project, "outcomes", rows)
    assert done.result is not None
    assert done.result.people == 30
    assert wide(project, ("arrests", "12-months"))["arrests@12-months"].null_count() == 0


def test_strangers_in_an_outcome_file_leave_no_trace(project: Project) -> None:
    load(project, "people", people_rows(30))
    before = held(project)
    done = load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},1" for i in range(100, 140))])
    assert done.result is not None
    assert (done.result.people, done.result.unknown_people) == (0, 40)
    assert held(project)[:2] == before[:2]


def test_values_that_differ_are_refused_unless_replaced(project: Project) -> None:
    load(project, "people", people_rows(30))
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},1" for i in range(30))])
    corrected = ["pnc,arrests", *(f"{pnc(i)},{2 if i < 12 else 1}" for i in range(30))]
    with pytest.raises(CohortError) as caught:
        load(project, "outcomes", corrected)
    assert caught.value.code == "LC858"
    assert wide(project, ("arrests", "12-months"))["arrests@12-months"].sum() == 30
    done = load(project, "outcomes", corrected, replace=True)
    assert done.result is not None
    assert (done.result.replaced, done.result.unchanged) == (12, 18)
    assert wide(project, ("arrests", "12-months"))["arrests@12-months"].sum() == 42


def test_a_blank_is_filled_by_a_later_file_and_never_takes_a_value_away(project: Project) -> None:
    load(project, "people", people_rows(30))
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},{'' if i < 12 else 1}" for i in range(30))])
    assert wide(project, ("arrests", "12-months"))["arrests@12-months"].null_count() == 12
    done = load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},{2 if i < 12 else ''}" for i in range(30))])
    assert done.result is not None
    assert (done.result.replaced, done.result.unchanged) == (12, 18)
    assert wide(project, ("arrests", "12-months"))["arrests@12-months"].sum() == 42


def test_a_wave_may_be_sealed_in_one_file_and_seen_in_another(project: Project) -> None:
    load(project, "people", people_rows(30))
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},1" for i in range(15))], sealed=True)
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},1" for i in range(15, 30))])
    with reading(project) as session:
        (arrests,) = [
            v
            for v in list_variables(session, find_cohort(session, "leavers").cohort_id)
            if v.name == "arrests"
        ]
    assert arrests.sealed_waves == arrests.seen_waves == ("12-months",)


def test_two_people_already_held_are_never_joined_by_a_file(project: Project) -> None:
    load(project, "people", people_rows(30))
    crossed = ["nhs,pnc,out,aid,area", f"{nhs(1)},{pnc(2)},02/03/2022,1,north"]
    before = held(project)
    with pytest.raises(CohortError) as caught:
        load(project, "people", crossed)
    assert caught.value.code == "LC832"
    assert held(project) == before


def test_a_second_index_date_for_a_person_is_refused(project: Project) -> None:
    load(project, "people", people_rows(30))
    moved = ["nhs,pnc,out,aid,area", f"{nhs(0)},{pnc(0)},09/09/2022,0,north"]
    with pytest.raises(CohortError) as caught:
        load(project, "people", moved)
    assert caught.value.code == "LC835"


def test_categories_keep_their_codes_when_a_later_file_brings_new_ones(project: Project) -> None:
    load(project, "people", people_rows(20))
    rows = people_rows(40, areas=("east", "south"))
    load(project, "people", [rows[0], *rows[21:]])
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        area = next(v for v in list_variables(session, cohort.cohort_id) if v.name == "area")
        frame = read_wide(session, cohort.cohort_id, [("area", "release")])
    assert area.labels == ("north", "south", "east")
    counts = frame.group_by("area@release").len().sort("area@release")["len"].to_list()
    assert counts == [10, 20, 10]


def test_sealed_values_cannot_be_read_but_can_be_counted(project: Project) -> None:
    load(project, "people", people_rows(30))
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},{i}" for i in range(30))], sealed=True)
    with pytest.raises(GateNotMet) as caught:
        wide(project, ("arrests", "12-months"))
    assert caught.value.code == "LC859"
    with reading(project) as session:
        cohort = find_cohort(session, "leavers").cohort_id
        assert ("arrests", "12-months", 30) in observed_counts(session, cohort)
        assert data_until(session, cohort, "arrests", "12-months") is not None
        assert flow_facts(session, cohort).enrolled == 30


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on the embedded file."""
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def test_nobody_gets_a_second_identifier_of_one_kind(project: Project) -> None:
    load(project, "people", people_rows(30))
    before = held(project)
    renewed = ["nhs,pnc,out,aid,area", f"{nhs(77)},{pnc(2)},03/03/2022,0,north"]
    with pytest.raises(CohortError) as caught:
        load(project, "people", renewed)
    assert caught.value.code == "LC832"
    assert held(project) == before


def test_no_identifier_is_in_the_bytes_of_the_database(embedded: Project) -> None:
    project = embedded
    load(project, "people", people_rows(60))
    raw = database_path(project).read_bytes()
    for i in range(60):
        assert nhs(i).encode() not in raw
        assert pnc(i).encode() not in raw
        assert pnc(i)[2:].encode() not in raw


def test_a_failure_in_the_middle_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    load(project, "people", people_rows(30))
    before = held(project)

    def broken(*_: object, **__: object) -> None:
        raise WorkspaceError("LC110", "the disk is full")

    monkeypatch.setattr("cohorts.actions.record", broken)
    with pytest.raises(WorkspaceError):
        load(project, "people", people_rows(90))
    assert held(project) == before


def test_row_order_changes_neither_people_nor_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = []
    for name in ("straight", "turned"):
        monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / f"{name}.key"))
        project = make_project(tmp_path / name)
        rows = people_rows(50)
        body = rows[1:] if name == "straight" else rows[:0:-1]
        load(project, "people", [rows[0], *body])
        frames.append(wide(project, ("aid", "release"), ("area", "release")).drop("participant"))
    assert frames[0].sort(frames[0].columns).equals(frames[1].sort(frames[1].columns))


def test_another_key_is_refused_once_people_are_held(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohorts.keys import create_key

    load(project, "people", people_rows(30))
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "second.key"))
    create_key(project)
    with pytest.raises(GateNotMet) as caught:
        load(project, "people", people_rows(31))
    assert caught.value.code == "LC842"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=25))
def test_the_store_reads_back_what_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    root = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECOURSE_KEY_FILE", str(root / "test.key"))
        project = make_project(root)
        load(project, "people", people_rows(len(values)))
        load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},{value!r}" for i, value in enumerate(values))])
        back = wide(project, ("arrests", "12-months"))["arrests@12-months"].to_list()
    assert sorted(back) == sorted(values)
