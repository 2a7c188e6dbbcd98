"""The features together, on both stores: rights, linkage, lives, erasure, backups, keys and the vault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cohorts.backups.restoring import restore
from cohorts.backups.store import LEFT_OUT, back_up
from cohorts.custody.marks import suspect
from cohorts.custody.rotation import rotate_hub_key
from cohorts.custody.token_store import all_tokens
from cohorts.custody.vault_store import open_vault
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linking.decisions import decide_pair
from cohorts.linking.marks import mark_of
from cohorts.linking.pairs import Side
from cohorts.linking.register import forbid_pairs
from cohorts.linking.report import quality_report
from cohorts.linking.review_list import decisions_of, reviews_of
from cohorts.linking.store import linkage_table
from cohorts.lives.derive_store import derive_all
from cohorts.requests.actions import Order, change, erase
from cohorts.requests.person_tables import OWNED, TableShape, table_shapes
from cohorts.store import find_cohort, read_wide
from tests.cohorts.linking import crn
from tests.cohorts.lives import rows
from tests.cohorts.loading import nhs, pnc
from tests.cohorts.rightful import count, named, numbers_of, withdrawn
from tests.cohorts.test_backup import elsewhere
from tests.cohorts.woven import (
    PEOPLE,
    PROBATION_HEAD,
    RELEASE_HEAD,
    bring,
    link,
    make_bare,
    make_woven,
    probation,
    release,
    releases,
    who,
)
from workspace.database import reading, writing
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.statements import run

# Tables that hold nothing about a person: why.
IMPERSONAL = {
    "audit_entry": "actions by ids of requests, runs and files; counts are rounded",
    "coverage": "what a delivery tells of, by delivery",
    "counter": "the last number of each kind of id",
    "cohort": "definitions",
    "delivery": "files as fingerprints and counts",
    "variable": "names, kinds and the labels of categories",
    "wave": "the waves of a cohort",
    "holding": "which delivery brought which variable",
    "link_run": "settings and shares over everybody",
    "key_mark": "ids of keys",
    "key_list": "where lists of keys are",
    "area_collection": "places",
    "area_delivery": "files as fingerprints and counts",
    "area": "places",
    "area_measure": "names and kinds of series",
    "area_break": "from when a series is counted in another way",
    "area_value": "counts and rates of places by period",
    "area_value_history": "the same before it was corrected",
    "row_release": "which columns went to whom, and rounded how many people; never who",
    "seal": "the id of the seal key",
    "rights_request": "codes and days; nothing says who asked",
    "rights_change": "counts",
    "tombstone": "a number that is never given again, and why: kept on purpose",
    "pending_erasure": "facts of a receipt",
    "owner": "which project the store is of",
    "plan_lock": "fingerprints of plans",
    "register_note": "what was noted about evaluations",
    "success_figure": "figures of areas and periods",
    "delivery_event": "projects, actions and voices; of stories a title and a place, never their words",
    "saved_result": "results as released, so that documents can be made again",
    "gate_cell": "counts of released cells, with sketches under a key that do not list who is in them",
    "gate_approval": "who looked at what before it left: names of staff, not of people followed",
    "gate_release": "files that left, as fingerprints",
    "gate_key": "the key of the sketches",
    "plan_version": "later texts of plans",
    "evaluation": "results over many people",
    "evaluation_footing": "results over many people",
    "difference_statement": "what changed between two results: for the custodian",
}
# Rows about people by way of marks of their tokens: emptied by cohorts/linking/traces.py.
BY_MARK = {"cannot_link": ("mark", "other_mark"), "review_mark": ("mark",)}
SOMEBODY = 5


@pytest.fixture(autouse=True)
def _key_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))


@pytest.fixture
def woven(tmp_path: Path, database_url: str) -> tuple[Project, Path, Path]:
    """A project that uses everything, its vault, and the custodian's identity."""
    return make_woven(tmp_path)


def shapes(project: Project) -> list[TableShape]:
    with reading(project) as session:
        return table_shapes(session)


def values(project: Project, name: str, wave: str = "12-months") -> dict[int, float | None]:
    """A variable by participant number."""
    with reading(project) as session:
        cohort = find_cohort(session, "leavers").cohort_id
        frame = read_wide(session, cohort, [(name, wave)])
    return dict(frame.select("participant", f"{name}@{wave}").iter_rows())


def number(project: Project, i: int) -> int:
    return numbers_of(project, nhs(i))[0]


def marks_about(project: Project, numbers: list[int]) -> dict[str, set[bytes]]:
    """Every mark these people's tokens have, by purpose."""
    key = load_key(project)
    with reading(project) as session:
        held = all_tokens(session).filter(pl.col("participant_id").is_in(numbers))
    return {
        purpose: {mark_of(k, t, key, purpose) for k, t in held.select("kind", "token").iter_rows()}
        for purpose in ("forbid", "review")
    }


def ask_about(project: Project) -> None:
    """One open question: a record of 6's name with another forename, which nobody holds."""
    stranger = probation(60).replace(who(60), who(6).replace("Ottoline", "Oswin"))
    link(project, releases(), [probation(i, with_nhs=i % 2 == 0) for i in range(PEOPLE)] + [stranger])


def test_every_table_is_emptied_of_a_person_or_holds_nothing_about_one(
    woven: tuple[Project, Path, Path],
) -> None:
    for shape in shapes(woven[0]):
        known = bool(shape.people) + (shape.name in IMPERSONAL) + (shape.name in BY_MARK)
        assert known == 1, f"{shape.name}: does it hold anything about a person?"
    assert set(OWNED) <= set(BY_MARK)


def test_after_an_erasure_nothing_of_the_person_is_in_any_table(woven: tuple[Project, Path, Path]) -> None:
    project, vault, custodian = woven
    forbid_pairs(
        project, [(nhs(SOMEBODY), nhs(70)), (nhs(71), nhs(SOMEBODY))], (Side("nhs-number"),) * 2, "other"
    )
    forbid_pairs(project, [(nhs(8), nhs(9))], (Side("nhs-number"),) * 2, "other")
    gone, other = number(project, SOMEBODY), number(project, 8)
    mother = numbers_of(project, nhs(801))
    with writing(project) as session:
        run(
            session,
            "INSERT INTO identity_event (event_id, at, actor, kind, participant_id, other_id, reason, affected) "
            "VALUES (900, '2026-01-01', 'x', 'review', ?, ?, 'sibling', '')",
            (other, gone),
        )
        run(
            session,
            "INSERT INTO review_pair (review_id, run_id, kind, participant_id, other_id, pattern, weight_band, why) "
            "VALUES ('REV-900', 'LNK-001', 'merge', ?, ?, '{}', '', '')",
            (other, gone),
        )
    marks = marks_about(project, [gone])
    with writing(project) as session:
        run(
            session,
            "INSERT INTO review_mark (mark, review_id) VALUES (?, 'REV-900')",
            (min(marks["review"]),),
        )
    done = erase(project, named(project, nhs(SOMEBODY)), Order("erasure"), vault=(vault, custodian))
    assert done.receipt is not None
    assert "taken out" in done.receipt.vault
    assert nhs(SOMEBODY) not in open_vault(project, vault, custodian)["identifier"].to_list()
    assert crn(SOMEBODY) not in open_vault(project, vault, custodian)["identifier"].to_list()
    assert nhs(8) in open_vault(project, vault, custodian)["identifier"].to_list()
    for shape in shapes(project):
        for column in shape.people:
            assert count(project, shape.name, f"{column} IN ({gone}, {mother[0]})") == 0, shape.name
    with reading(project) as session:
        left = {bytes(c) for row in run(session, "SELECT mark, other_mark FROM cannot_link") for c in row}
        asked = {bytes(row[0]) for row in run(session, "SELECT mark FROM review_mark")}
    assert len(left) == 2
    assert not (left & marks["forbid"]) | (asked & marks["review"])
    assert count(project, "tombstone", f"number IN ({gone}, {mother[0]})") == 2


def test_an_erasure_says_that_a_vault_was_not_opened(woven: tuple[Project, Path, Path]) -> None:
    project, vault, custodian = woven
    done = erase(project, named(project, nhs(SOMEBODY)), Order("erasure"))
    assert done.receipt is not None
    assert "may still hold the person" in done.receipt.vault
    assert nhs(SOMEBODY) in open_vault(project, vault, custodian)["identifier"].to_list()
    again = erase(project, named(project, nhs(SOMEBODY)), Order("erasure"), vault=(vault, custodian))
    assert again.receipt is not None
    assert nhs(SOMEBODY) not in open_vault(project, vault, custodian)["identifier"].to_list()


def test_people_withdrawn_from_linkage_are_not_linked_not_asked_about_and_not_counted(
    tmp_path: Path, database_url: str
) -> None:
    project, _, _ = make_bare(tmp_path)
    bring(project, "releases", [RELEASE_HEAD, *releases()])
    withdrawn(project, 2, scope="linkage")
    withdrawn(project, 3, scope="use")
    others = [probation(i, with_nhs=i % 2 == 0) for i in range(PEOPLE)]
    done = link(project, releases(), others)
    assert (done.people, done.linked, done.not_enrolled) == (PEOPLE - 2, PEOPLE - 2, 0)
    barred = [number(project, 2), number(project, 3)]
    assert count(project, "link", f"participant_id IN ({barred[0]}, {barred[1]})") == 0
    assert numbers_of(project, crn(2), crn(3), kind="crn") == []
    payload, _ = quality_report(project, "leavers", [])
    assert payload["groups"][0]["enrolled"] == 20  # 22, rounded to five
    change(project, "RGT-001", "lift")
    assert link(project, releases(), others).linked == PEOPLE - 1  # known by an NHS number, so not fresh
    assert numbers_of(project, crn(2), kind="crn") == [barred[0]]


def two_of_one(project: Project) -> str:
    """Somebody enrolled once by PNC and once by NHS number, whom one probation record fits; the question's number."""
    first = release(40, nhs="", own="")
    second = release(40, pnc="", own="")
    bring(project, "releases", [RELEASE_HEAD, first])
    link(project, [*releases(), first], [probation(40)])
    bring(project, "releases", [RELEASE_HEAD, second])
    for day, record in (("2021-07-01", 1), ("2021-08-01", 2)):
        bring(project, "offences", rows("offences", (40, "P", day, "V", record)))
    link(project, [*releases(), first], [probation(40, with_nhs=True)])
    asked = [one for one in reviews_of(project, "leavers", everything=False) if one.kind == "merge"]
    return asked[0].review_id


def test_two_made_one_are_one_in_every_table(woven: tuple[Project, Path, Path]) -> None:
    project, _, _ = woven
    review = two_of_one(project)
    with reading(project) as session:
        kept, gone = run(
            session, "SELECT participant_id, other_id FROM review_pair WHERE review_id = ?", (review,)
        ).one()
    withdraw_number = max(kept, gone)
    with writing(project) as session:
        run(
            session,
            "INSERT INTO rights_request (request_id, kind, scope, clock_started, complex, paused_days, search_scope, "
            "note) VALUES ('RGT-900', 'restriction', 'future-collection', '2026-01-01', 0, 0, '', '')",
        )
        run(
            session,
            "INSERT INTO person_scope (participant_id, scope, request_id, since) "
            "VALUES (?, 'future-collection', 'RGT-900', '2026-01-01')",
            (withdraw_number,),
        )
    assert decide_pair(project, "leavers", review, same=True, reason="same-record").effect == "merge"
    for shape in shapes(project):
        for column in shape.people:
            if shape.name not in ("participant", "person_key", "identity_event"):
                assert count(project, shape.name, f"{column} = {gone}") == 0, shape.name
    assert count(project, "person_scope", f"participant_id = {kept}") == 1
    assert numbers_of(project, nhs(40)) == numbers_of(project, pnc(40), kind="pnc-id") == [kept]
    assert count(project, "event", f"participant_id = {kept} AND kind = 'proven-offence'") == 2
    assert gone not in values(project, "reoffences_12m")
    assert decisions_of(project, "leavers")[-1][2:4] == ("merge", review)
    erase(project, named(project, pnc(40), kind="pnc-id"), Order("erasure"))
    assert count(project, "participant", f"participant_id IN ({kept}, {gone})") == 0
    assert count(project, "tombstone", f"number IN ({kept}, {gone})") == 2


def test_derived_variables_stay_right_through_withdrawal_lift_and_erasure(
    woven: tuple[Project, Path, Path],
) -> None:
    project, _, _ = woven
    people = [number(project, i) for i in range(6)]
    family = values(project, "family", "release")
    assert family[people[0]] == family[people[1]] == family[people[2]] != family[people[3]]
    assert family[people[3]] == family[people[4]]
    withdrawn(project, 4, scope="use")
    with writing(project) as session:
        cohort = find_cohort(session, "leavers")
        before = run(session, "SELECT count(*) FROM delivery").scalar()
        assert (
            derive_all(session, cohort).changed,
            run(session, "SELECT count(*) FROM delivery").scalar(),
        ) == (
            0,
            before,
        )
    assert people[4] not in values(project, "family", "release")
    bring(project, "offences", rows("offences", (4, "P", "2021-09-01", "V", 7)))
    assert values(project, "reoffences_12m")[people[0]] == 1
    change(project, "RGT-001", "lift")
    assert values(project, "reoffences_12m")[people[4]] == 2
    again = values(project, "family", "release")
    assert again[people[3]] == again[people[4]]
    erase(project, named(project, nhs(800)), Order("erasure"))
    parted = values(project, "family", "release")
    assert len({parted[people[i]] for i in range(3)}) == 3


def everything(project: Project) -> dict[str, list[str]]:
    """Every row of every table that a backup keeps, tokens plain."""
    found: dict[str, list[str]] = {}
    left_out = (LEFT_OUT - {"cannot_link"}) | {"audit_entry"}
    with writing(project) as session:
        for shape in table_shapes(session):
            if shape.name == "pseudonym":
                found[shape.name] = sorted(repr(row) for row in all_tokens(session).rows())
            elif shape.name not in left_out:
                rows = run(session, f"SELECT {', '.join(shape.names)} FROM {shape.name}")
                plain = [tuple(bytes(c) if isinstance(c, memoryview) else c for c in row) for row in rows]
                found[shape.name] = sorted(repr(row) for row in plain)
    return found


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    project, _, _ = make_woven(tmp_path)
    two_of_one(project)
    forbid_pairs(
        project, [(nhs(1), nhs(2)), (nhs(SOMEBODY), nhs(3))], (Side("nhs-number"),) * 2, "court-order"
    )
    withdrawn(project, 6, scope="use")
    with writing(project) as session:
        suspect(session, "a-key-of-before", "a test", also_known=["a-key-of-before"])
    return project


def test_a_backup_of_everything_comes_back_the_same_in_either_store(
    in_file: Project, tmp_path: Path, empty_database: str
) -> None:
    before = everything(in_file)
    assert all(
        before[name]
        for name in ("review_mark", "cannot_link", "link", "relation", "key_mark", "local_id_holder")
    )
    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    server = replace(in_file, settings=replace(in_file.settings, database_url=empty_database))
    restore(server, done.file, None, None)
    assert everything(server) == before
    gone = erase(in_file, named(in_file, nhs(40)), Order("erasure"))
    erase(in_file, named(in_file, nhs(SOMEBODY)), Order("erasure"))
    assert gone.receipt is not None
    again = elsewhere(in_file)
    restore(again, done.file, None, None)
    assert count(again, "cannot_link") == 1
    reviews = count(again, "review_mark", "review_id NOT IN (SELECT review_id FROM review_pair)")
    assert (reviews, numbers_of(again, nhs(40))) == (0, [])


def test_marks_follow_a_change_of_key(tmp_path: Path, database_url: str) -> None:
    project, vault, custodian = make_bare(tmp_path)
    bring(project, "releases", [RELEASE_HEAD, *(release(i) for i in range(PEOPLE))], vault)
    sides = (Side("nhs-number"),) * 2
    forbid_pairs(project, [(nhs(8), nhs(9))], sides, "adoption")
    rotate_hub_key(project, [], "a new phase", "", (vault, custodian))
    assert forbid_pairs(project, [(nhs(9), nhs(8))], sides, "adoption") == 0  # known under the new key
    forbid_pairs(project, [(nhs(8), nhs(77))], sides, "adoption")  # 77 is in no file
    with pytest.raises(GateNotMet, match="LC848"):
        rotate_hub_key(project, [], "again", "", (vault, custodian))
    assert count(project, "cannot_link") == 2
    done = rotate_hub_key(project, [], "again", "", (vault, custodian), forget_register=True)
    assert (done.lost.register, count(project, "cannot_link")) == (1, 1)


def test_a_linkage_under_a_suspected_key_is_refused(tmp_path: Path, database_url: str) -> None:
    project, _, _ = make_bare(tmp_path)
    bring(project, "releases", [RELEASE_HEAD, *releases()])
    with writing(project) as session:
        suspect(session, load_key(project).key_id, "a laptop was lost")
    with pytest.raises(GateNotMet, match="LC847"):
        link(project, releases(), [probation(1)])


def test_a_second_local_id_is_refused_within_an_organisation_and_taken_from_another(
    woven: tuple[Project, Path, Path],
) -> None:
    project, _, _ = woven
    assert count(project, "local_id_holder", f"participant_id = {number(project, 1)}") == 2
    with pytest.raises(CohortError, match="LC832"):
        bring(project, "probation", [PROBATION_HEAD, probation(1, own="PB9999")])
    with pytest.raises(CohortError, match="LC832"):
        bring(project, "releases", [RELEASE_HEAD, release(0, own="PR9999")])


def test_the_linkage_table_leaves_nobody_out_who_may_be_used(woven: tuple[Project, Path, Path]) -> None:
    project, _, _ = woven
    with reading(project) as session:
        table = linkage_table(session, find_cohort(session, "leavers").cohort_id)
    assert table.height == PEOPLE
    assert table["linked"].all()
