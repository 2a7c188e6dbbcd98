"""What an agreement permits, on which day, and what two sources' agreements say about joining them."""

from __future__ import annotations

import datetime as dt

import pytest

from cohorts.agreements.agreement import Agreement
from cohorts.agreements.permission import (
    Held,
    bearer,
    coverage_faults,
    joining_faults,
    lapses_soon,
    review_faults,
    standing,
    standing_for_use,
    strictest_profile,
)
from cohorts.errors import CohortError
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from tests.cohorts.agreements import agreement
from tests.cohorts.loading import PEOPLE
from workspace.settings import DisclosureProfile
from workspace.toml_source import parse_toml

DAY = dt.date(2026, 6, 1)


def people() -> SourceMapping:
    return read_mapping(parse_toml(PEOPLE, "people.toml", CohortError))


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (dt.date(2026, 1, 9), "starts on 2026-01-10"),
        (dt.date(2026, 1, 10), ""),
        (dt.date(2026, 12, 31), ""),
        (dt.date(2027, 1, 1), "has lapsed: its last day was 2026-12-31"),
    ],
)
def test_an_agreement_is_in_force_from_its_first_to_the_end_of_its_last_day(on: dt.date, said: str) -> None:
    assert standing(agreement(), on) == said


def test_an_agreement_that_nobody_has_signed_is_not_in_force() -> None:
    assert standing(agreement(signed=None), DAY) == "is not signed"
    assert standing(agreement(signed=dt.date(2026, 7, 1)), DAY) == "is to be signed on 2026-07-01"


def test_a_suspended_agreement_permits_nothing_from_that_day_on() -> None:
    paused = agreement(suspended=DAY, use_until=dt.date(2030, 1, 1))
    assert standing(paused, DAY) == standing_for_use(paused, DAY) == "has been suspended since 2026-06-01"
    assert standing(paused, DAY - dt.timedelta(days=1)) == ""


def test_data_may_be_used_beyond_the_last_day_where_that_is_agreed() -> None:
    longer = agreement(use_until=dt.date(2027, 6, 30))
    assert standing(longer, dt.date(2027, 6, 30)) == "has lapsed: its last day was 2026-12-31"
    assert standing_for_use(longer, dt.date(2027, 6, 30)) == ""
    said = "has lapsed: its data could be used until 2027-06-30"
    assert standing_for_use(longer, dt.date(2027, 7, 1)) == said
    assert standing_for_use(agreement(), dt.date(2027, 1, 1)) == standing(agreement(), dt.date(2027, 1, 1))
    days = [(dt.date(2027, 4, 30), False), (dt.date(2027, 5, 1), True), (dt.date(2027, 7, 1), False)]
    assert [lapses_soon(longer, day) for day, _ in days] == [soon for _, soon in days]


def test_an_agreement_lapses_soon_for_sixty_days() -> None:
    last = dt.date(2026, 12, 31)
    days = [60, 61, 0, -1]
    assert [lapses_soon(agreement(), last - dt.timedelta(days=n)) for n in days] == [True, False, True, False]


def test_a_mapping_within_its_agreement_has_no_fault_and_each_field_beyond_it_has_one() -> None:
    assert coverage_faults(agreement(), people(), "") == []
    faults = coverage_faults(agreement(fields=("identifiers", "aid")), people(), "sources/people.toml")
    assert [(f.code, f.where) for f in faults] == [("LC875", "sources/people.toml")] * 2
    assert "'index_date'" in faults[0].problem
    assert "'area'" in faults[1].problem


def test_a_source_that_is_not_the_agreements_is_one_fault() -> None:
    faults = coverage_faults(agreement(sources=("peoples",), fields=()), people(), "")
    assert len(faults) == 1
    assert "Did you mean 'peoples'?" in faults[0].problem


def joined(mine: Agreement | None, held: Held, *others: Agreement) -> list[str]:
    found = joining_faults("people", mine, [held], {a.id: a for a in others}, DAY)
    return [fault.code for fault in found]


def test_sources_are_joined_only_where_both_agreements_allow_it() -> None:
    plain, closed = Held("police", ""), Held("police", "law")
    law = agreement(id="law", sources=("police",))
    assert joined(agreement(), plain) == ["LC876"]
    assert joined(agreement(linkages=("police",)), plain) == []
    assert joined(agreement(sources=("people", "police")), plain) == []
    assert joined(None, plain) == []
    assert joined(None, closed, law) == ["LC876"]
    assert joined(agreement(linkages=("police",)), closed, law) == ["LC876"]
    assert (
        joined(agreement(linkages=("police",)), closed, agreement(id="law", sources=("police", "people")))
        == []
    )


def test_a_source_is_always_joined_with_its_own_earlier_deliveries() -> None:
    assert joined(agreement(), Held("people", "gone")) == []


def test_data_whose_agreement_is_gone_are_joined_with_nothing() -> None:
    assert joined(None, Held("police", "gone")) == ["LC873"]


def test_data_are_governed_by_the_agreement_in_force_that_supersedes_theirs() -> None:
    old = agreement(id="old", expires=dt.date(2026, 2, 1))
    middle = agreement(id="middle", supersedes="old", expires=dt.date(2026, 3, 1))
    new = agreement(id="new", supersedes="middle")
    held = Held("people", "old")
    known = {a.id: a for a in (old, middle, new)}
    assert bearer(known, held, DAY) == new
    assert bearer({"old": old, "middle": middle}, held, DAY) == old
    assert (
        bearer({"new": agreement(id="new", supersedes="old", sources=("x",)), "old": old}, held, DAY) == old
    )
    assert bearer({}, held, DAY) is None
    rings = {
        "old": agreement(id="old", supersedes="b", signed=None),
        "b": agreement(id="b", supersedes="old", signed=None),
    }
    assert bearer(rings, held, DAY) == rings["old"]


def test_the_strictest_profile_is_the_largest_of_each_number() -> None:
    project = DisclosureProfile(10, 5)
    assert strictest_profile(project, []) == project
    both = [agreement(threshold=20), agreement(rounding=10, threshold=12)]
    assert strictest_profile(project, both) == DisclosureProfile(20, 10)


def test_a_review_is_overdue_from_the_day_after() -> None:
    assert review_faults(agreement(), DAY, "") == []
    assert review_faults(agreement(review_by=DAY), DAY, "") == []
    assert [f.code for f in review_faults(agreement(review_by=DAY), DAY + dt.timedelta(days=1), "")] == [
        "LC879"
    ]
