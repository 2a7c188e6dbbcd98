"""The delivery log: quality over time under the disclosure profile, and changed layouts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cohorts.delivery_log import check_source
from cohorts.errors import CohortError
from cohorts.partner_files.source_file import read_mapping
from cohorts.quality import DeliveryFacts, LayoutChange, layout_change, quality_of
from tests.cohorts.agreements import keep, name_it
from tests.cohorts.loading import PEOPLE, load, make_project, people_rows
from workspace.clock import today as current_date
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.toml_source import parse_toml

PROFILE = DisclosureProfile(10, 5)
DAY = dt.date(2026, 3, 11)
HEADINGS = ("nhs", "pnc", "out", "aid", "area")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project on the embedded file, then one on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def facts(rows: int, accepted: int, values: int, missing: int, until: dt.date | None = None) -> DeliveryFacts:
    return DeliveryFacts("people", DAY, rows, accepted, values, missing, until, "")


def test_shares_are_worked_out_from_published_counts() -> None:
    found = quality_of(facts(203, 151, 402, 98, dt.date(2026, 3, 1)), PROFILE)
    assert (found.rows, found.accepted_share, found.missing_share) == (205, 0.73, 0.25)
    assert found.late_days == 10


@pytest.mark.parametrize(
    ("rows", "accepted", "share"),
    [(9, 9, None), (200, 191, None), (200, 9, None), (200, 200, 1.0), (200, 0, 0.0), (0, 0, None)],
)
def test_a_share_of_few_or_of_all_but_few_is_withheld(rows: int, accepted: int, share: float | None) -> None:
    assert quality_of(facts(rows, accepted, 0, 0), PROFILE).accepted_share == share


def test_a_source_without_a_cut_off_is_never_late() -> None:
    assert quality_of(facts(50, 50, 50, 0), PROFILE).late_days is None


def test_added_and_removed_columns_are_told_and_strange_files_are_not_quoted() -> None:
    mapping = read_mapping(parse_toml(PEOPLE, "people.toml", CohortError))
    assert layout_change(HEADINGS, mapping, "x.csv") == LayoutChange((), ())
    assert layout_change((*HEADINGS[:-1], "ward"), mapping, "x.csv") == LayoutChange(("ward",), ("area",))
    with pytest.raises(CohortError) as error:
        layout_change(("Vlimtroskar", "Quilbrax"), mapping, "x.csv")
    assert error.value.code == "LC811"
    assert "Vlimtroskar" not in str(error.value)


def test_the_log_holds_every_delivery_of_a_source_with_its_agreement(project: Project) -> None:
    keep(project)
    load(project, "people", people_rows(40))
    name_it(project, "people")
    load(project, "people", people_rows(80))
    log, change = check_source(project, "people", None)
    assert change is None
    assert [(d.rows, d.accepted_share, d.missing_share, d.agreement) for d in log] == [
        (40, 1.0, 0.0, ""),
        (80, 1.0, 0.0, "shared 1"),
    ]
    assert {d.late_days for d in log} == {(current_date() - dt.date(2024, 12, 31)).days}
    assert check_source(project, "", None)[0] == log


def test_the_log_is_shown_under_the_strictest_profile(project: Project) -> None:
    keep(project, extra="threshold = 50")
    name_it(project, "people")
    load(project, "people", people_rows(40))
    assert [(d.rows, d.accepted_share) for d in check_source(project, "people", None)[0]] == [(None, None)]


def test_a_new_file_is_compared_with_the_mapping(project: Project) -> None:
    file = project.inbox / "new.csv"
    file.write_text("nhs,pnc,out,aid,ward\n1,2,3,4,5\n", encoding="utf-8")
    assert check_source(project, "people", file) == ([], LayoutChange(("ward",), ("area",)))
    with pytest.raises(CohortError) as error:
        check_source(project, "", file)
    assert error.value.code == "LC803"
    file.write_text("9990000018,01/02/2003,7\n9990000026,01/02/2004,8\n", encoding="utf-8")
    with pytest.raises(CohortError) as error:
        check_source(project, "people", file)
    assert "9990000018" not in str(error.value)
