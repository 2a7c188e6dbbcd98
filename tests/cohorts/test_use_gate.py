"""What is held under an agreement is read only as it allows, on both stores."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from cohorts.agreements.permission import USES
from cohorts.agreements.use_gate import permit_deriving, permit_use, refusals
from cohorts.store import find_cohort
from tests.cohorts.agreements import keep, name_it
from tests.cohorts.lives import SOURCES, rows
from tests.cohorts.loading import load, make_project, people_rows, pnc
from workspace.clock import today as current_date
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import Project
from workspace.settings import DisclosureProfile, read_settings

TODAY = current_date()
YESTERDAY = (TODAY - dt.timedelta(days=1)).isoformat()
ARRESTS = ["pnc,arrests", *(f"{pnc(i)},{i % 3}" for i in range(40))]
AID, COUNT = ("aid", "release"), ("arrests", "12-months")
LAPSED: dict[str, Any] = {"sources": '["outcomes"]', "linkages": '["people"]'}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """People without an agreement, their arrests under one; on the embedded file, then on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    made = make_project(tmp_path)
    keep(made, **LAPSED)
    name_it(made, "outcomes")
    load(made, "people", people_rows(40))
    load(made, "outcomes", ARRESTS)
    return made


def codes(
    project: Project, purpose: str = "evaluation", columns: set[tuple[str, str]] | None = None
) -> list[str]:
    with reading(project) as session:
        return [f.code for f in refusals(session, project, find_cohort(session, "leavers"), purpose, columns)]


def said(project: Project, purpose: str = "evaluation") -> str:
    with reading(project) as session, pytest.raises(GateNotMet) as error:
        permit_use(session, project, find_cohort(session, "leavers"), purpose)
    assert error.value.exit_code == 4
    return str(error.value)


def test_what_is_read_decides_not_what_is_held(project: Project) -> None:
    keep(project, days=-1, **LAPSED)
    assert codes(project, columns={AID}) == []
    assert codes(project, columns={AID, COUNT}) == ["LC874"]
    assert codes(project) == ["LC874"]
    assert codes(project, columns=set()) == []


def test_a_refusal_names_the_agreement_the_source_the_use_and_the_day(project: Project) -> None:
    keep(project, days=-1, **LAPSED)
    message = said(project)
    assert "data of source 'outcomes' may not be used for evaluation" in message
    assert f"agreement 'shared' has lapsed: its last day was {YESTERDAY}" in message
    assert "agreements/shared.toml" in message
    keep(project, suspended=YESTERDAY, **LAPSED)
    assert f"has been suspended since {YESTERDAY}" in said(project)
    keep(project, starts=(TODAY + dt.timedelta(days=3)).isoformat(), **LAPSED)
    assert "starts on" in said(project)


def test_loads_stop_at_the_last_day_and_use_at_its_own(project: Project) -> None:
    keep(project, days=-1, use_until=TODAY.isoformat(), **LAPSED)
    assert codes(project) == []
    with pytest.raises(GateNotMet) as error:
        load(project, "outcomes", [*ARRESTS, f"{pnc(41)},1"])
    assert error.value.code == "LC874"
    keep(project, days=-5, use_until=YESTERDAY, **LAPSED)
    assert f"has lapsed: its data could be used until {YESTERDAY}" in said(project)


def test_an_agreement_in_force_that_supersedes_comes_before_one_that_only_allows_use(
    project: Project,
) -> None:
    keep(project, days=-1, use_until=TODAY.isoformat(), extra="threshold = 20", **LAPSED)
    keep(project, "renewed", extra='threshold = 30\nsupersedes = "shared"', **LAPSED)
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        assert permit_use(session, project, cohort, "evaluation") == DisclosureProfile(30, 5)
    keep(project, "renewed", days=-2, extra='threshold = 30\nsupersedes = "shared"', **LAPSED)
    with reading(project) as session:
        assert permit_use(session, project, cohort, "evaluation") == DisclosureProfile(20, 5)


@pytest.mark.parametrize(
    ("named", "allowed"),
    [
        ("evaluation", {"evaluation", "row-level release", "follow-up"}),
        ("linkage", {"linkage"}),
        ("synthetic data", {"synthetic data"}),
        ("operational", {"follow-up"}),
    ],
)
def test_an_agreement_that_names_purposes_allows_no_others(
    named: str, allowed: set[str], project: Project
) -> None:
    keep(project, purposes=f'["{named}"]', **LAPSED)
    always = {"derived variables", "security"}
    assert {purpose for purpose in USES if not codes(project, purpose)} == allowed | always
    refused = next(iter({"evaluation", "linkage"} - allowed))
    assert f"'shared' is for other purposes ({named})" in said(project, refused)


def test_a_field_or_a_source_taken_out_of_an_agreement_is_not_read_any_more(project: Project) -> None:
    keep(project, fields='["identifiers"]', **LAPSED)
    assert "does not name the field 'arrests'" in said(project)
    assert codes(project, columns={AID}) == []
    keep(project, sources='["others"]', linkages='["people"]')
    assert "agreement 'shared' does not name the source" in said(project)


def test_sources_that_may_not_be_joined_any_more_are_not_read_together(project: Project) -> None:
    keep(project, sources='["outcomes"]')
    assert codes(project, columns={COUNT}) == ["LC876"]  # who is enrolled comes from the other source
    assert "'outcomes' and of 'people' may not be read together" in said(project)
    assert codes(project, columns={AID}) == []


def test_an_agreement_that_is_gone_or_broken_lets_nothing_be_read(project: Project) -> None:
    path = project.agreements / "shared.toml"
    path.write_text("[agreement\n", encoding="utf-8")
    assert codes(project) == ["LC873"]
    path.unlink()
    assert codes(project) == ["LC873"]


def test_data_loaded_before_their_source_named_an_agreement_come_under_it(project: Project) -> None:
    keep(project, "prison", days=-1, linkages='["outcomes"]')
    assert codes(project, columns={AID}) == []
    name_it(project, "people", "prison")
    assert codes(project, columns={AID}) == ["LC874"]


def test_where_agreements_are_required_data_without_one_are_not_used(project: Project) -> None:
    path = project.root / "lifecourse.toml"
    path.write_text(path.read_text("utf-8").replace('agreements = "optional"', 'agreements = "required"'))
    strict = Project(project.root, read_settings(path))
    assert codes(strict) == ["LC877"]
    assert codes(project) == []


def test_a_derived_variable_comes_under_the_agreements_of_what_it_is_made_of(project: Project) -> None:
    for name in ("custody", "offences"):
        write_atomically(project.sources / f"{name}.toml", SOURCES[name])
        name_it(project, name, "police")
    facts: dict[str, Any] = {
        "sources": '["custody", "offences"]', "linkages": '["people", "outcomes"]',
        "fields": '["identifiers", "spell:custody", "event:arrest", "event:proven-offence", "event:death"]',
    }  # fmt: skip
    keep(project, "police", **facts)
    keep(project, sources='["outcomes"]', linkages='["people", "custody", "offences"]')
    load(project, "custody", rows("custody", (1, "RC", "2022-05-01", "2022-06-01", "LDS")))
    load(project, "offences", rows("offences", *((i, "P", "2022-07-01", "V", i) for i in range(12))))
    within, at_liberty = ("reoffended_12m", "12-months"), ("days_at_liberty_12m", "12-months")
    assert codes(project, columns={within, at_liberty}) == []
    keep(project, "police", days=-1, **facts)
    # Reoffending is of offences, with recalls competing; days at liberty are of custody alone.
    assert codes(project, columns={within}) == ["LC874", "LC874"]
    assert codes(project, columns={at_liberty}) == ["LC874"]
    assert codes(project, columns={AID}) == []
    keep(project, "police", **facts | {"fields": facts["fields"].replace('"spell:custody", ', "")})
    assert codes(project, columns={at_liberty}) == ["LC875"]
    with reading(project) as session, pytest.raises(GateNotMet):
        permit_deriving(session, project, find_cohort(session, "leavers"))
