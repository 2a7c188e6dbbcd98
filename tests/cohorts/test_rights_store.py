"""Whoever withdrew is out of every count and frame, is not joined, and nothing more is stored of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from cohorts.actions import flow_of
from cohorts.errors import CohortError
from cohorts.following.store import fillings_of, follow_up_of, turnouts_of
from cohorts.requests.actions import Order, change, open_new, requests_of
from cohorts.requests.store import changes_since, people_not_to_collect, people_not_to_link
from cohorts.store import find_cohort, flow_facts, observed_counts, read_wide
from tests.cohorts.loading import load, make_project, nhs, people_rows, pnc
from tests.cohorts.rightful import count, erased, full, named, numbers_of, withdrawn
from workspace.audit import read_log, verify
from workspace.database import reading
from workspace.project import Project

TODAY = dt.date(2026, 6, 1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """Sixty people on the embedded file, then on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return full(make_project(tmp_path))


def seen(project: Project) -> dict[str, int]:
    """How many people each way of looking shows."""
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        stands = follow_up_of(session, cohort, TODAY)
        return {
            "frame": read_wide(session, cohort.cohort_id, [("arrests", "12-months")]).height,
            "flow": flow_facts(session, cohort.cohort_id).enrolled,
            "observed": min(n for _, _, n in observed_counts(session, cohort.cohort_id)),
            "followed": min(row.everybody.due + row.everybody.not_yet_due for row in stands),
            "filled": min(f.values + sum(n for _, n in f.missing) for f in fillings_of(session, cohort)),
            "enrolled": min(t.enrolled for t in turnouts_of(session, cohort)),
        }


@pytest.mark.parametrize(
    ("kind", "scope"), [("withdrawal", "use"), ("objection", "use"), ("restriction", "linkage")]
)
def test_people_who_may_not_be_used_are_in_no_count_and_no_frame(
    project: Project, kind: str, scope: str
) -> None:
    assert set(seen(project).values()) == {60}
    withdrawn(project, 3, 4, scope=scope, kind=kind)
    assert set(seen(project).values()) == {58}
    steps = dict(flow_of(project, "leavers")[2])
    assert (steps["enrolled"], steps["withdrawn or restricted"], steps["eligible"]) == (60, 2, 58)
    assert count(project, "observation") == 180  # kept, not used


def test_linkage_and_collection_are_scopes_of_their_own(project: Project) -> None:
    withdrawn(project, 1, scope="linkage")
    withdrawn(project, 2, scope="future-collection")
    one, two = numbers_of(project, nhs(1)), numbers_of(project, nhs(2))
    with reading(project) as session:
        assert people_not_to_link(session).to_list() == one
        assert people_not_to_collect(session).to_list() == two
    assert set(seen(project).values()) == {60}


def test_a_load_stores_nothing_of_people_who_withdrew_from_collection(project: Project) -> None:
    withdrawn(project, 5, scope="future-collection")
    rows = [
        "nhs,pnc,out,aid,area",
        *(f"{nhs(i)},{pnc(i)},{1 + i % 28:02d}/03/2022,{1 - i % 2},north" for i in range(4, 7)),
    ]
    done = load(project, "people", rows, replace=True)
    assert done.result is not None
    assert (done.result.people, done.result.withdrawn, done.result.replaced) == (2, 1, 2)
    number = numbers_of(project, nhs(5))[0]
    assert count(project, "observation", f"participant_id = {number} AND delivery_id = 3") == 0


def test_a_withdrawn_person_is_not_enrolled_twice_nor_given_new_identifiers(project: Project) -> None:
    withdrawn(project, 5)
    load(project, "people", people_rows(61))
    assert count(project, "enrolment") == 61
    assert count(project, "participant") == 61


def test_a_lift_brings_people_back_where_no_other_request_holds_them(project: Project) -> None:
    first, second = withdrawn(project, 7, scope="use"), withdrawn(project, 7, 8, scope="use")
    change(project, second, "lift")
    assert seen(project)["frame"] == 59
    change(project, first, "lift")
    assert set(seen(project).values()) == {60}
    with reading(project) as session:
        assert changes_since(session, 0) == [("lift", 3), ("withdrawal", 3)]


def test_a_withdrawal_of_somebody_who_is_not_held_changes_nobody(project: Project) -> None:
    request = withdrawn(project, 4_000)
    assert set(seen(project).values()) == {60}
    assert [r.decision for r, _ in requests_of(project)] == ["granted"]
    assert count(project, "person_scope", f"request_id = '{request}'") == 0


def test_numbers_of_erased_people_are_never_given_again(project: Project) -> None:
    greatest = count(project, "participant")
    newest = next(i for i in range(60) if numbers_of(project, nhs(i)) == [greatest])
    erased(project, newest)
    load(project, "people", people_rows(62))
    # the erased person came again in the partner's file: a new person to us, with a new number
    assert numbers_of(project, *(nhs(i) for i in (newest, 60, 61))) == [
        greatest + 1,
        greatest + 2,
        greatest + 3,
    ]


def test_requests_are_kept_with_codes_and_clocks_and_nothing_of_the_person(project: Project) -> None:
    request = open_new(project, Order("access", received=TODAY), is_complex=True)
    change(project, request, "pause")
    change(project, request, "resume")
    change(project, request, "refused", exemption="cannot-identify")
    (kept, clock), *_ = requests_of(project)
    assert (kept.decision, kept.exemption, clock.due) == ("refused", "cannot-identify", dt.date(2026, 9, 1))
    assert verify(read_log(project)).first_bad is None
    for step in ("pause", "granted"):
        with pytest.raises(CohortError, match="LC895"):
            change(project, request, step)


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("nhs-number", "9990000019", "LC896"),
        ("nhs-number", "0000000000", "LC896"),
        ("shoe-size", "9990000018", "LC897"),
        ("local-id", "A1", "LC893"),
    ],
)
def test_identifiers_that_cannot_be_right_are_refused_and_never_repeated(
    project: Project, kind: str, typed: str, code: str
) -> None:
    with pytest.raises(CohortError) as error:
        named(project, typed, kind=kind)
    assert error.value.code == code
    assert typed not in str(error.value.faults)


@pytest.mark.parametrize(
    "order",
    [{"kind": "wish"}, {"kind": "erasure", "scope": "some"}, {"kind": "erasure", "reason": "he asked"}],
)
def test_free_text_is_no_code(order: dict[str, Any]) -> None:
    with pytest.raises(CohortError, match="LC897"):
        Order(**order)
