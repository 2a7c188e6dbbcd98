"""Sessions planned and delivered, burden, flow, last seen, families: counted on both databases, never where sealed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from cohorts.agreements.permission import fields_of
from cohorts.errors import CohortError
from cohorts.lives.burden import judge_burden, most_within
from cohorts.lives.definition import Burden
from cohorts.lives.lives_of import (
    Delivered,
    WaveFlow,
    burdens_of,
    deliveries_of,
    last_seen,
    linked_to,
    wave_flow,
)
from cohorts.partner_files.source_file import read_mapping
from cohorts.store import approached_of, find_cohort, list_variables, read_wide
from tests.cohorts.lives import SOURCES, rows, write_sources
from tests.cohorts.loading import load, make_project, nhs
from workspace.database import reading
from workspace.files import write_atomically
from workspace.project import Project
from workspace.toml_source import parse_toml

TODAY = dt.date(2024, 1, 1)
SCALES = """[source]
id = "scales"
title = "Scales"
cohort = "leavers"
dates = "yyyy-mm-dd"
[[identifier]]
column = "pnc"
kind = "pnc-id"
"""
VARIABLE = '[[variable]]\ncolumn = "{c}"\nname = "trauma"\nkind = "number"\nwave = "{w}"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """Four people released on 1 March 2021, 2022, 2023 and 2023."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    made = make_project(tmp_path)
    write_sources(made)
    days = ("2021-03-01", "2022-03-01", "2023-03-01", "2023-03-01")
    load(made, "releases", rows("releases", *((i, day, i % 2) for i, day in enumerate(days))))
    return made


def test_sessions_planned_and_delivered_are_counted_by_intervention(project: Project) -> None:
    body = [
        (0, "2021-03-05", 1, 60, 30, 4, "F"), (0, "2021-03-12", 0, 60, "", "", "P"),
        (1, "2022-03-05", 1, 60, 60, 5, "F"), (1, "2022-03-06", "", 60, "", "", "F"),
    ]  # fmt: skip
    load(project, "sessions", rows("sessions", *body))
    with reading(project) as session:
        found = deliveries_of(session, find_cohort(session, "leavers"))
    assert found == [Delivered("mentoring", 2, 4, 2, 1, 240.0, 90.0, 4.5)]


def test_of_sealed_sessions_and_states_nothing_is_counted(project: Project) -> None:
    load(project, "sessions", rows("sessions", (0, "2021-03-05", 1, 60, 30, 4, "F")), sealed=True)
    load(project, "custody", rows("custody", (0, "RC", "2021-05-01", "", "LDS")), sealed=True)
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        assert deliveries_of(session, cohort) == [
            Delivered("mentoring", 0, 0, 0, 0, 0.0, 0.0, None, sealed=True)
        ]
        assert last_seen(session, cohort).states == ()


def test_the_flow_says_who_was_due_seen_and_lost_and_why(project: Project) -> None:
    load(project, "outcomes", ["pnc,arrests", rows("releases", (0, ""))[1].split(",")[0] + ",2"])
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        flow = {row.wave: row for row in wave_flow(session, cohort, TODAY)}
        linked, seen = linked_to(session, cohort.cohort_id), last_seen(session, cohort)
    # The outcomes run to the end of 2024, so everybody's twelve months are due; nothing was loaded for 24 months.
    assert flow["12-months"] == WaveFlow("12-months", dt.date(2024, 12, 31), 4, 1, (("nothing came", 3),), 0)
    # At the start of 2024 the window of two years has closed for the first; that of the second opens on 1 January.
    assert flow["24-months"] == WaveFlow("24-months", TODAY, 1, 0, (("nothing came", 1),), 2, 1)
    assert linked == [("outcomes", 1), ("releases", 4)]
    assert dict(seen.waves) == {"release": 3, "6-months": 0, "12-months": 1, "24-months": 0}


def test_the_newest_spell_says_where_people_are(project: Project) -> None:
    body = [
        (0, "S", "2020-01-01", "2021-03-01", "LDS"), (0, "RC", "2021-06-01", "", "LDS"),
        (1, "S", "2020-01-01", "2022-03-01", "LDS"),
    ]  # fmt: skip
    load(project, "custody", rows("custody", *body))
    with reading(project) as session:
        states = last_seen(session, find_cohort(session, "leavers")).states
    assert states == (("custody", "at-liberty", 3), ("custody", "recall", 1))


def test_a_third_trauma_scale_within_a_year_is_noticed(project: Project) -> None:
    waves = ("release", "6-months", "12-months")
    text = SCALES + "".join(VARIABLE.format(c=f"t{i}", w=w) for i, w in enumerate(waves))
    write_atomically(project.sources / "scales.toml", text)
    people = [row.split(",")[0] for row in rows("releases", (0, ""), (1, ""))[1:]]
    load(project, "scales", ["pnc,t0,t1,t2", f"{people[0]},5,6,7", f"{people[1]},5,,7"])
    with reading(project) as session:
        found = burdens_of(session, find_cohort(session, "leavers"))[0]
    assert (found.planned, found.people_over, found.is_over) == (3, 1, True)


def test_scales_asked_together_count_each() -> None:
    assert most_within([0, 6, 12, 13], 12) == 3
    assert most_within([], 12) == 0
    burden = Burden("b", ("a-scale", "c"), 2, 6)
    asked = pl.DataFrame(
        {
            "participant": [1, 1, 1, 2, 2],
            "variable": ["a_scale", "c", "a_scale", "a_scale", "z"],
            "wave": list("ppqpp"),
        }
    )
    found = judge_burden(burden, [("a_scale", "p"), ("c", "p")], asked, {"p": 0.0, "q": 6.0})
    assert (found.planned, found.people_over, found.is_over) == (2, 1, True)


def test_who_was_asked_to_join_is_told_by_the_source(project: Project) -> None:
    more = '[approached]\npeople = 9\nnot_enrolled = { "refused" = 5 }\n'
    path = project.sources / "releases.toml"
    path.unlink()
    write_atomically(path, SOURCES["releases"] + more)
    assert approached_of(project, "leavers") == [("approached", 9), ("not enrolled: refused", 5)]
    with pytest.raises(CohortError, match="not_enrolled"):
        read_mapping(parse_toml(SOURCES["releases"] + more.replace("= 5", '= "5"'), "x.toml", CohortError))


def test_an_agreement_must_name_spells_events_and_sessions() -> None:
    named = {
        name: fields_of(read_mapping(parse_toml(text, name, CohortError))) for name, text in SOURCES.items()
    }
    assert named["custody"] == ("identifiers", "spell:custody")
    assert named["offences"] == ("identifiers", "event:arrest", "event:proven-offence", "event:death")
    assert named["sessions"] == ("identifiers", "exposure:mentoring")


BIRTHS = """[source]
id = "births"
title = "Births"
cohort = "babies"
enrols = true
dates = "yyyy-mm-dd"
wave = "birth"
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[index_date]]
column = "born"
[[variable]]
column = "weight"
name = "weight"
kind = "number"
[[relation]]
relation = "mother"
column = "mother"
kind = "nhs-number"
"""


def test_siblings_form_a_family_that_a_plan_can_name_as_its_cluster(project: Project) -> None:
    from cohorts.actions import new_cohort

    new_cohort(project, "babies", "early-years", "", "")
    write_atomically(project.sources / "births.toml", BIRTHS)
    body = [(20, 30), (21, 30), (22, 31), (23, None)]
    lines = [f"{nhs(i)},2020-0{1 + n}-01,3,{nhs(m) if m else ''}" for n, (i, m) in enumerate(body)]
    load(project, "births", ["nhs,born,weight,mother", *lines])
    later = f"{nhs(24)},2023-01-01,3,{nhs(31)}"
    load(project, "births", ["nhs,born,weight,mother", later])
    with reading(project) as session:
        cohort = find_cohort(session, "babies")
        frame = read_wide(session, cohort.cohort_id, [("family", "birth")]).sort("index_date")
        kinds = {v.name: (v.kind, v.seen_waves) for v in list_variables(session, cohort.cohort_id)}
        states = session.connection().exec_driver_sql("SELECT state FROM participant").fetchall()
    first, second, third, alone, fifth = frame["family@birth"].to_list()
    assert first == second
    assert third == fifth
    assert len({first, third, alone}) == 3
    assert kinds["family"] == ("number", ("birth",))
    # Two mothers are known as relatives only: they are in no cohort, and no file of theirs was loaded.
    assert sorted(state for (state,) in states).count("related") == 2
    with pytest.raises(CohortError, match="column 'mother', row 2"):
        load(project, "births", ["nhs,born,weight,mother", f"{nhs(25)},2023-01-01,3,9990000001"])
