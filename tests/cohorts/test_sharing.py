"""The gate every load passes, on both stores, and what the store remembers of the agreement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import select

from cohorts.actions import inspect_file
from cohorts.agreements.permission import bearer_for_use
from cohorts.agreements.sharing import (
    add_agreement,
    check_agreements,
    held_sources,
    load_agreement,
    load_agreements,
    outlook,
    readable_agreements,
    shown_profile,
)
from cohorts.agreements.use_gate import permit_use
from cohorts.agreements.views import health_readings, status_lines
from cohorts.errors import CohortError
from cohorts.records import Delivery
from cohorts.store import find_cohort, totals
from tests.cohorts.agreements import keep, name_it
from tests.cohorts.loading import load, make_project, people_rows, pnc
from workspace.clock import today as current_date
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile, read_settings

TODAY = current_date()
ARRESTS = ["pnc,arrests", *(f"{pnc(i)},{i % 3}" for i in range(40))]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project on the embedded file, then one on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def refused(project: Project, source: str = "people") -> GateNotMet:
    """A load that must be refused, and leave nothing behind."""
    with reading(project) as session:
        before = totals(session)
    with pytest.raises(GateNotMet) as error:
        load(project, source, people_rows(40) if source == "people" else ARRESTS)
    with reading(project) as session:
        assert totals(session) == before
    assert error.value.exit_code == 4
    return error.value


def demanding(project: Project) -> Project:
    path = project.root / "lifecourse.toml"
    path.write_text(path.read_text("utf-8").replace('agreements = "optional"', 'agreements = "required"'))
    return Project(project.root, read_settings(path))


def test_a_load_under_an_agreement_in_force_remembers_its_id_and_version(project: Project) -> None:
    keep(project)
    name_it(project, "people")
    load(project, "people", people_rows(40))
    with reading(project) as session:
        row = session.exec(select(Delivery)).one()
        assert (row.agreement, row.agreement_version) == ("shared", "1")
        assert [(h.source, h.agreement) for h in held_sources(session)] == [("people", "shared")]


def test_a_load_without_an_agreement_remembers_none(project: Project) -> None:
    load(project, "people", people_rows(40))
    with reading(project) as session:
        row = session.exec(select(Delivery)).one()
        assert (row.agreement, row.agreement_version) == (None, None)


@pytest.mark.parametrize(
    ("days", "lines", "said"),
    [
        (-1, {}, f"its last day was {(TODAY - dt.timedelta(days=1)).isoformat()}"),
        (9, {"signed": ""}, "is not signed"),
        (9, {"starts": (TODAY + dt.timedelta(days=2)).isoformat()}, "starts on"),
    ],
)
def test_a_load_is_refused_when_the_agreement_is_not_in_force(
    days: int, lines: dict[str, str], said: str, project: Project
) -> None:
    keep(project, days=days, **lines)
    name_it(project, "people")
    error = refused(project)
    assert error.code == "LC874"
    assert said in str(error)
    assert error.faults[0].where == "agreements/shared.toml"


def test_an_agreement_may_still_be_used_on_its_last_day(project: Project) -> None:
    keep(project, days=0)
    name_it(project, "people")
    assert load(project, "people", people_rows(40)).written


def test_a_load_is_refused_when_the_agreement_is_missing(project: Project) -> None:
    name_it(project, "people", "nowhere")
    assert refused(project).code == "LC873"


def test_a_load_is_refused_when_the_source_or_a_field_is_not_covered(project: Project) -> None:
    keep(project, sources='["others"]')
    name_it(project, "people")
    assert refused(project).code == "LC875"
    keep(project, fields='["identifiers", "aid"]')
    assert ["'index_date'" in f.problem or "'area'" in f.problem for f in refused(project).faults] == [
        True,
        True,
    ]


def test_inspecting_a_file_passes_the_same_gate(project: Project) -> None:
    keep(project, days=-1)
    name_it(project, "people")
    with pytest.raises(GateNotMet):
        inspect_file(project, "people", project.inbox / "not-even-there.csv")


def test_a_project_that_requires_agreements_refuses_a_source_without_one(project: Project) -> None:
    strict = demanding(project)
    assert refused(strict).code == "LC877"
    with pytest.raises(GateNotMet):
        inspect_file(strict, "people", strict.inbox / "not-even-there.csv")
    keep(project)
    name_it(project, "people")
    assert load(strict, "people", people_rows(40)).written


def test_a_source_is_not_joined_with_one_its_agreement_does_not_name(project: Project) -> None:
    load(project, "people", people_rows(40))
    keep(project, sources='["outcomes"]')
    name_it(project, "outcomes")
    error = refused(project, "outcomes")
    assert error.code == "LC876"
    assert "'people'" in str(error)
    keep(project, sources='["outcomes"]', linkages='["people"]')
    assert load(project, "outcomes", ARRESTS).written


def test_data_held_under_an_agreement_keep_other_sources_out(project: Project) -> None:
    keep(project)
    name_it(project, "people")
    load(project, "people", people_rows(40))
    assert refused(project, "outcomes").code == "LC876"
    (project.agreements / "shared.toml").unlink()
    assert refused(project, "outcomes").code == "LC873"


def over(project: Project) -> list[str]:
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        permit_use(session, project, cohort, "evaluation")
        known = readable_agreements(project)
        held = [bearer_for_use(known, one, TODAY) for one in held_sources(session)]
        return [agreement.id for agreement in held if agreement]


def test_data_are_not_analysed_once_their_agreement_has_lapsed_or_is_gone(project: Project) -> None:
    keep(project, extra="threshold = 20")
    name_it(project, "people")
    load(project, "people", people_rows(40))
    assert over(project) == ["shared"]
    with reading(project) as session:
        assert shown_profile(session, project) == DisclosureProfile(20, 5)
    keep(project, days=-1)
    with pytest.raises(GateNotMet) as error:
        over(project)
    assert error.value.code == "LC874"
    keep(project, "renewed", extra='supersedes = "shared"')
    assert over(project) == ["renewed"]
    for path in project.agreements.glob("*.toml"):
        path.unlink()
    with pytest.raises(GateNotMet) as error:
        over(project)
    assert error.value.code == "LC873"


def codes(project: Project, name: str = "") -> list[str]:
    return [fault.code for fault in check_agreements(project, name, TODAY)]


def test_a_check_names_everything_that_is_wrong(project: Project) -> None:
    assert codes(project) == []
    keep(project)
    assert codes(project) == ["LC877"]
    name_it(project, "people")
    assert codes(project, "shared") == []
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    keep(project, days=-1, fields='["identifiers", "index_date", "aid"]', extra=f"review_by = {yesterday}")
    assert codes(project) == ["LC874", "LC879", "LC875"]
    with pytest.raises(CohortError) as error:
        check_agreements(project, "shred", TODAY)
    assert (error.value.code, "'shared'" in str(error.value)) == ("LC873", True)


def test_a_lapsed_agreement_that_was_renewed_is_no_fault(project: Project) -> None:
    keep(project, "old", days=-1)
    keep(project, "new", extra='supersedes = "old"')
    name_it(project, "people", "new")
    assert "LC874" not in codes(project)


def test_the_faults_of_every_file_are_gathered_and_a_wrong_file_name_is_one(project: Project) -> None:
    keep(project, "one", id='"two"')
    keep(project, "three", gateway='"x"\nfoo = 1')
    with pytest.raises(CohortError) as error:
        load_agreements(project)
    assert sorted(f.where.split(":")[0] for f in error.value.faults) == [
        "agreements/one.toml", "agreements/three.toml", "agreements/three.toml",
    ]  # fmt: skip


def test_a_first_agreement_names_what_the_mapping_keeps_and_is_never_written_over(project: Project) -> None:
    assert add_agreement(project, "police", "Police", ["outcomes", "outcomes"]) == "agreements/police.toml"
    found = load_agreement(project, "police")
    assert found.sources == ("outcomes",)
    assert found.fields == ("identifiers", "index_date", "arrests")
    with pytest.raises(CohortError) as error:
        add_agreement(project, "police", "Police", ["outcomes"])
    assert error.value.code == "LC878"


def told(project: Project) -> tuple[list[str], list[str]]:
    found = outlook(project)
    return [line.text for line in status_lines(found)], [r.result for r in health_readings(found)]


def test_status_and_doctor_tell_of_agreements_that_lapse_within_sixty_days(project: Project) -> None:
    assert told(project) == ([], [])
    keep(project, days=61)
    assert told(project) == (["1 of 1 in force"], ["pass"])
    keep(project, days=60)
    assert told(project) == (["1 of 1 in force; within 60 days lapses: shared"], ["warn"])
    keep(project, days=-1)
    assert told(project) == (["0 of 1 in force"], ["warn"])
    (project.agreements / "shared.toml").write_text("[agreement")
    assert told(project) == (["0 of 1 in force"], ["fail"])
